/**
 * The disks on the way to the one of *configure*: a checkpoint that is still kept tells what its steps have changed from what the others
 * have. Checkpoints are pruned at any time, so each is looked for, and the steps of one that is gone are told with those of the next.
 */
import { dirname, join } from 'node:path';
import { stepName } from '../../guest/steps.ts';
import { sha256File } from '../../host/files.ts';
import { isThere } from '../../host/if-there.ts';
import type { ConfigureStep } from '../../recipe/schema/configure-schema.ts';
import type { DiskState } from './trust-input.ts';

/** A disk to be read, and what led to it. */
export interface StepState {
  readonly path: string;
  readonly by: string;
}

export const stepStates = async ({ disk, by, configured }: DiskState, signal?: AbortSignal): Promise<StepState[]> => {
  if (configured === undefined) return [{ path: disk.path, by }];
  const { name, steps, kept } = configured;
  const stages = dirname(dirname(dirname(disk.path)));
  const found: (StepState & { readonly done: number })[] = [];
  for (const { done, place, digest } of kept) {
    const path = join(stages, place);
    if (!(await isThere(path)) || (await sha256File(path, signal)) !== digest) continue;
    found.push({ path, by: `${name}: ${ledTo(steps, found.at(-1)?.done, done)}`, done });
  }
  const last = found.at(-1);
  if (last === undefined) return [{ path: disk.path, by }];
  const rest = last.done < steps.length ? `${ledTo(steps, last.done, steps.length)}, or ${AFTER}` : AFTER;
  return [...found.map(({ path, by: led }) => ({ path, by: led })), { path: disk.path, by: `${name}: ${rest}` }];
};

/** What *configure* does after the last step. */
const AFTER = 'slimming and sealing';

/** What was done after the checkpoint with `before` steps, up to the one with `done`. */
const ledTo = (steps: readonly ConfigureStep[], before: number | undefined, done: number): string => {
  if (done === 0) return 'the first boot';
  const first = before ?? 0;
  const step = steps[done - 1];
  const told =
    done - first === 1 && step !== undefined ? `step ${done}, "${stepName(step)}"` : `steps ${first + 1} to ${done}`;
  return before === undefined ? `the first boot, or ${told}` : told;
};
