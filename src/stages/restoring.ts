/** Which checkpoint *configure* goes on from, and what becomes of one that cannot be brought back to life. */
import { mkdir, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../errors.ts';
import { placeBehind } from '../guest/steps.ts';
import type { StageContext } from '../pipeline/stage.ts';
import type { Recipe } from '../recipe/schema.ts';
import type { Checkpoint, Checkpoints } from './checkpoints.ts';

/** Nothing of the recipe has run: the checkpoint could not be brought back to life. */
export class NotRestored extends Error {}

/** What goes wrong before the recipe's own steps is the checkpoint's fault. */
export const asRestoring = async <T>(
  work: Promise<T>,
  start: Checkpoint | undefined,
  signal: AbortSignal,
): Promise<T> => {
  try {
    return await work;
  } catch (error) {
    if (start === undefined || signal.aborted) throw error;
    throw new NotRestored(messageOf(error), { cause: error });
  }
};

/** From the newest checkpoint that can be restored, else from the first boot. */
export const fromNewest = async <T>(
  recipe: Recipe,
  checkpoints: Checkpoints,
  { runFolder, reporter }: Pick<StageContext, 'runFolder' | 'reporter'>,
  work: (start: Checkpoint | undefined) => Promise<T>,
): Promise<{ readonly result: T; readonly start: Checkpoint | undefined }> => {
  for (;;) {
    const start = recipe.machine.checkpoints ? await checkpoints.newest() : undefined;
    const other = start || !recipe.machine.checkpoints ? undefined : await checkpoints.differences();
    if (other !== undefined)
      reporter.note(`checkpoints are passed over, since they do not fit this machine: other ${other}`);
    try {
      return { result: await work(start), start };
    } catch (error) {
      if (!start || !(error instanceof NotRestored)) throw error;
      const place = placeBehind(recipe.configure, start.steps);
      await checkpoints.remove(start);
      const evidence = `${NOT_RESTORED}${start.steps}`;
      await setAside(runFolder, evidence);
      reporter.note(
        `the checkpoint behind ${place} cannot be restored (${error.message}); it was removed, see ${evidence}/ in the run folder`,
      );
    }
  }
};

const NOT_RESTORED = 'not-restored-';

/** The next try writes its logs and pictures under the same names. */
const setAside = async (folder: string, name: string): Promise<void> => {
  const files = await readdir(folder).catch(() => []);
  await mkdir(join(folder, name), { recursive: true });
  for (const file of files) {
    if (!file.startsWith(NOT_RESTORED)) await rename(join(folder, file), join(folder, name, file));
  }
};
