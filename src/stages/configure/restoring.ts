/** Which checkpoint *configure* goes on from, and what happens to one that cannot be restored. */
import { mkdir, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../../errors.ts';
import { placeAfter } from '../../guest/steps.ts';
import { ifThere } from '../../host/if-there.ts';
import { UNFINISHED } from '../../pipeline/runs.ts';
import type { StageContext } from '../../pipeline/stage.ts';
import type { Recipe } from '../../recipe/schema.ts';
import { isHostFault } from '../host-fault.ts';
import type { Checkpoint, Checkpoints } from './checkpoints.ts';

/** Nothing of the recipe has run: the checkpoint could not be restored. */
export class NotRestored extends Error {}

/** What goes wrong before the recipe's own steps is the checkpoint's fault, unless it is the host's. */
export const asRestoring = async <T>(
  work: Promise<T>,
  start: Checkpoint | undefined,
  signal: AbortSignal,
): Promise<T> => {
  try {
    return await work;
  } catch (error) {
    if (start === undefined || signal.aborted || isHostFault(error)) throw error;
    throw new NotRestored(messageOf(error), { cause: error });
  }
};

type Context = Pick<StageContext, 'runFolder' | 'reporter' | 'signal'>;

/**
 * From the newest checkpoint that can be restored, else from the first boot. Those that could not are removed once
 * another start has come further: until then the host may be the cause.
 */
export const fromNewest = async <T>(
  recipe: Recipe,
  checkpoints: Checkpoints,
  context: Context,
  work: (start: Checkpoint | undefined) => Promise<T>,
): Promise<{ readonly result: T; readonly start: Checkpoint | undefined }> => {
  const { runFolder, reporter, signal } = context;
  const suspects: Checkpoint[] = [];
  const removeSuspects = async () => {
    for (const one of suspects) {
      await checkpoints.remove(one);
      reporter.note(`the checkpoint after ${placeAfter(recipe.configure, one.steps)} was removed`);
    }
  };
  for (;;) {
    const start = recipe.machine.checkpoints ? await checkpoints.newest(suspects) : undefined;
    const isFirst = start === undefined && suspects.length === 0 && recipe.machine.checkpoints;
    const other = isFirst ? await checkpoints.differences() : undefined;
    if (other !== undefined)
      reporter.note(`checkpoints are not used, since they do not fit this machine: other ${other}`);
    try {
      const result = await work(start);
      await removeSuspects();
      return { result, start };
    } catch (error) {
      if (!start || !(error instanceof NotRestored)) {
        if (!signal.aborted && !isHostFault(error)) await removeSuspects();
        throw error;
      }
      suspects.push(start);
      const evidence = `${NOT_RESTORED}${start.steps}`;
      await setAside(runFolder, evidence);
      reporter.note(
        `the checkpoint after ${placeAfter(recipe.configure, start.steps)} cannot be restored (${error.message}): see ${evidence}/ in the run folder`,
      );
    }
  }
};

const NOT_RESTORED = 'not-restored-';

/** The next try writes its logs and pictures under the same names; what it works on stays where it is. */
const setAside = async (folder: string, name: string): Promise<void> => {
  const files = (await ifThere(readdir(folder))) ?? [];
  await mkdir(join(folder, name), { recursive: true });
  for (const file of files) {
    if (!file.startsWith(NOT_RESTORED) && file !== UNFINISHED)
      await rename(join(folder, file), join(folder, name, file));
  }
};
