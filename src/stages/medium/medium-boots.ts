/** That a medium boots, by every way that it claims: tried in machines before it is delivered. */
import { join } from 'node:path';
import type { StageContext } from '../../pipeline/stage.ts';
import type { LoadedRecipe } from '../../recipe/load.ts';
import { acceleratorOf, roomFor } from '../machines.ts';

/** Throws `media.boot-test-failed`; what the machines showed is in the run folder. */
export const requireBootable = async (iso: string, { recipe }: LoadedRecipe, context: StageContext): Promise<void> => {
  const { bootTest } = await import('../../media/boot-test/boot-test.ts');
  const { requireBoots } = await import('../../media/boot-test/result.ts');
  const { TEST_PATHS } = await import('../../media/boot-test/test-paths.ts');
  const { TEST_MACHINE } = await import('../../media/boot-test/start.ts');
  const { reporter, signal, runFolder } = context;
  const accelerator = await acceleratorOf(recipe, context);
  const evidence = join(runFolder, 'boot-test');
  using _room = await roomFor(TEST_MACHINE, context);
  // By the other firmware it need not.
  const { firmware } = recipe.media;
  const paths = firmware && TEST_PATHS.filter((path) => path.startsWith(firmware));
  requireBoots(await bootTest(iso, { accelerator, paths, evidence, reporter, signal }), evidence);
};
