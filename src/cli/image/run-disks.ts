/** The disks that a run's *install* and *configure* left in the store. */
import { join } from 'node:path';
import { z } from 'zod';
import { IngotError } from '../../errors.ts';
import { findRun } from '../../pipeline/runs.ts';
import { readEntry } from '../../pipeline/store.ts';
import { readRunStages } from '../run/folder.ts';

const STAGES = ['install', 'configure'] as const;

const result = z.object({ disk: z.object({ path: z.string() }) });

/** Throws `usage.no-such-run`, or `store.no-disk` when the run did not get that far, or its result has been removed since. */
export const disksOfRun = async (store: string, wanted: string | undefined): Promise<readonly [string, string]> => {
  const run = await findRun(store, wanted);
  const keys = await readRunStages(run);
  const disks = STAGES.map(async (stage) => {
    const key = keys.get(stage);
    const stored = key === undefined ? undefined : await readEntry(join(store, 'stages', stage, key));
    const parsed = result.safeParse(stored?.out);
    if (parsed.success) return parsed.data.disk.path;
    throw new IngotError('store.no-disk', `the disk of the stage ${stage} is not in the store`, {
      where: run.folder,
      hint:
        key === undefined
          ? 'The run did not get that far. `ingot show --list` shows the others.'
          : 'It was removed from the store; `ingot build` makes it again.',
    });
  });
  const [installed = '', configured = ''] = await Promise.all(disks);
  return [installed, configured];
};
