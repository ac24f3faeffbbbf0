/** Ingot's own hooks (`installer/hooks/`), for every debian-installer: they go into the initrd with the answer file. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CpioEntry } from '../../../formats/archives/cpio.ts';
import { installerFolder } from './components.ts';
import { treeEntries } from './tree-entries.ts';

export const installerHooks = async (): Promise<CpioEntry[]> => {
  const entries = await treeEntries(join(installerFolder(), 'hooks'));
  const wanted = entries.filter(({ type, path }) => type !== 'directory' && path.includes('/'));
  return await Promise.all(
    wanted.map(async (entry) =>
      entry.type === 'file' ? { ...entry, content: await readFile(entry.content.file) } : entry,
    ),
  );
};
