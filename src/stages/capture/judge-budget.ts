/** Whether the captured image is as small as the recipe says. */
import { stat } from 'node:fs/promises';
import { openSubject } from '../../distributions/open-subject.ts';
import { keptBudget, type Measured } from '../../inspect/budget.ts';
import { causesIn } from '../../inspect/causes.ts';
import { sizeReasons } from '../../inspect/size.ts';
import type { Slim } from '../../recipe/schema.ts';
import type { CapturedImage } from './captured.ts';

interface Judged {
  /** The disk as a raw file. */
  readonly raw: string;
  readonly images: readonly CapturedImage[];
  /** How many there are. */
  readonly packages: number;
  readonly signal: AbortSignal;
}

/** How it is kept, in a line. Throws `capture.over-budget`. */
export const judgeBudget = async (
  { budget, strip }: Slim,
  { raw, images, packages, signal }: Judged,
): Promise<string> => {
  await using subject = await openSubject(raw, signal);
  const reasons = sizeReasons(subject.tree, causesIn(subject.tree, subject.database));
  const measured: Measured = {
    image: await imageSize(images),
    packages,
    installed: reasons.reduce((sum, { size }) => sum + size, 0),
  };
  const savings = (await subject.savings()).filter((one) => !strip.some((name) => name === one.strip));
  return keptBudget(budget, measured, { reasons, savings });
};

/** Of the qcow2 one where there is one, else of the first. A hole takes nothing. */
const imageSize = async (images: readonly CapturedImage[]): Promise<number> => {
  const image = images.find(({ format }) => format === 'qcow2') ?? images[0];
  if (image === undefined) return 0;
  const { size, blocks } = await stat(image.file.path);
  return image.format === 'raw' ? Math.min(size, blocks * 512) : size;
};
