/** What *test* is given in a build: the captured image, and the recipe's tests with all files that they name. */
import { basename } from 'node:path';
import { compileTests } from '../../checks/compiled.ts';
import type { TestReport } from '../../checks/report/report.ts';
import { IngotError, OUR_FAULT } from '../../errors.ts';
import type { LoadedRecipe } from '../../recipe/load.ts';
import type { Tests } from '../../recipe/schema/tests-schema.ts';
import type { Captured } from '../capture/captured.ts';
import type { ObtainedImage } from '../origin/obtain-stage.ts';
import { requirePassed } from './passed.ts';
import type { TestInput } from './test-work.ts';

/** What the command line says of images that do not pass. */
export interface HowTested {
  readonly deliversFailed?: boolean;
  readonly keepsDisks?: boolean;
}

interface Made {
  readonly captured: Captured;
  /** What a thin image is a layer over. */
  readonly below: ObtainedImage | undefined;
  readonly how: HowTested;
}

export const testInput = async (
  { recipe, folder, secrets }: LoadedRecipe,
  tests: Tests,
  { captured, below, how }: Made,
): Promise<TestInput> => {
  const image = captured.images.find(({ format }) => format === 'qcow2') ?? captured.images[0];
  if (image === undefined) throw new IngotError('tests.no-image', 'no image was captured', { hint: OUR_FAULT });
  const { file, format } = image;
  return {
    image: {
      path: file.path,
      file,
      format,
      digest: file.sha256,
      sha256: file.sha256,
      title: basename(file.path),
      below: below && { path: below.image.path, format: below.format },
    },
    tests: await compileTests(tests, folder),
    accelerator: recipe.machine.accelerator,
    firmware: recipe.machine.firmware,
    isStatic: false,
    toleratesFailures: how.deliversFailed === true,
    keepsDisks: how.keepsDisks === true,
    redact: (text) => secrets.redact(text),
  };
};

/** A result that was tolerated once lies in the store, and does not pass another time. */
export const requireTested = (
  report: TestReport | undefined,
  { deliversFailed = false }: HowTested,
): TestReport | undefined => {
  if (report !== undefined && !deliversFailed) requirePassed(report);
  return report;
};
