/**
 * A store that begins with what another one knows of the archive, and with nothing that a machine made: what was chosen from it stays
 * chosen, and need not be fetched twice.
 */
import { join } from 'node:path';
import { makeFolders } from '../host/folders.ts';
import { isThere } from '../host/if-there.ts';
import { run } from '../host/run.ts';

/** Stages whose results are choices; the packages that were chosen, by their digests. */
const CHOICES = [
  'stages/resolve',
  'stages/packages',
  'stages/fetch',
  'stages/obtain',
  'shared/packages',
  'shared/isos',
];

export const seedStore = async (store: string, from: string): Promise<void> => {
  for (const folder of CHOICES) {
    if (!(await isThere(join(from, folder)))) continue;
    const parent = join(store, folder.split('/')[0] ?? '');
    await makeFolders(parent, 0o700);
    await run('cp', ['-a', '--reflink=auto', join(from, folder), parent]);
  }
};
