/** Decides after which steps the running machine is saved, and keeps track of its layers. */
import { publicKeysOf } from '../../access/access.ts';
import { messageOf } from '../../errors.ts';
import { placeAfter } from '../../guest/steps.ts';
import type { FileRef } from '../../host/files.ts';
import type { Machine } from '../../machine/machine.ts';
import type { StageContext } from '../../pipeline/stage.ts';
import type { ConfigureWork } from './configure-work.ts';
import { usesSecret } from './step-key.ts';

export interface Saver {
  /** The overlay that the guest writes to now. */
  readonly disk: string;
  /** A layer whose checkpoint did not get into the store, and the one over it, which names it by its place there. */
  readonly unpublished: Unpublished | undefined;
  /** Those of checkpoints that are below it, the oldest first. */
  readonly saved: readonly FileRef[];
  /**
   * Saves the machine after `done` steps where that is wanted. A failure is a note: the build does not need it. `flush` has the guest
   * write to its disk what it has in memory: the disk alone says then what the steps have changed.
   */
  save(machine: Machine, done: number, flush: () => Promise<unknown>): Promise<void>;
}

export interface Unpublished {
  readonly layer: string;
  readonly over: string;
}

export const createSaver = (work: ConfigureWork, { reporter, signal }: StageContext): Saver => {
  const { loaded, checkpoints, keys, start } = work;
  const steps = loaded.recipe.configure;
  const buildKeys = [...(start?.buildKeys ?? []), ...publicKeysOf(keys)];
  let disk = work.disk;
  let below: readonly FileRef[] = start?.layers ?? [];
  /** A layer that is not in the store: nothing can be put on top of it there. */
  let isOff = false;
  let unpublished: Unpublished | undefined;
  let cost = 0;
  let since = performance.now();

  const isWanted = (done: number): boolean => {
    if (isOff) return false;
    if (done === 0) return true;
    const asked = steps[done - 1]?.checkpoint;
    if (asked !== undefined) return asked;
    if (steps.slice(0, done).some((step) => usesSecret(step, loaded))) return false;
    return performance.now() - since > cost;
  };

  const leaveOff = (layer: string): void => {
    isOff = true;
    if (disk !== layer) unpublished = { layer, over: disk };
  };

  return {
    get disk() {
      return disk;
    },
    get unpublished() {
      return unpublished;
    },
    get saved() {
      return below;
    },
    async save(machine, done, flush) {
      if (!isWanted(done)) return;
      const started = performance.now();
      const layer = disk;
      try {
        await flush();
        const saved = await checkpoints.save(machine, { steps: done, disk, below, buildKeys }, (next) => {
          disk = next;
        });
        if (!saved) return leaveOff(layer);
        below = saved.layers;
        cost = performance.now() - started;
        reporter.line(`checkpoint after ${placeAfter(steps, done)} saved in ${(cost / 1000).toFixed(1)} s`);
      } catch (error) {
        if (signal.aborted) throw error;
        leaveOff(layer);
        reporter.note(`no checkpoint after ${placeAfter(steps, done)}: ${messageOf(error)}`);
      }
      since = performance.now();
    },
  };
};
