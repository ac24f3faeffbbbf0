/** The module indexes (modules.dep.bin and its friends, depmod(8)) over the modules of all parts of an initrd. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { temporaryFolder } from '../../host/files.ts';
import { run } from '../../host/run.ts';
import type { CpioEntry } from '../../media/initrd/cpio.ts';

const INDEXES = ['modules.dep.bin', 'modules.alias.bin', 'modules.symbols.bin', 'modules.softdep', 'modules.devname'];
/** What depmod reads beside the modules. */
const INPUTS = /\/(?:[^/]+\.ko(?:\.[a-z]+)?|modules\.(?:order|builtin|builtin\.modinfo))$/;

/**
 * Entries with the indexes for `lib/modules/RELEASE` of these archives taken together. Modules that an index does not
 * list are never loaded, whatever lies in the folder.
 */
export const moduleIndexes = async (
  entries: readonly CpioEntry[],
  kernelRelease: string,
  signal?: AbortSignal,
): Promise<CpioEntry[]> => {
  const root = `lib/modules/${kernelRelease}/`;
  await using folder = await temporaryFolder('ingot-modules-');
  for (const entry of entries) {
    if (entry.type !== 'file' || !entry.path.startsWith(root) || !INPUTS.test(entry.path)) continue;
    const path = join(folder.path, entry.path);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, entry.content);
  }
  await run('depmod', ['--basedir', folder.path, kernelRelease], {
    env: { PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` },
    signal,
    hint: 'Install kmod.',
  });
  return await Promise.all(
    INDEXES.map(async (name) => ({
      type: 'file' as const,
      path: `${root}${name}`,
      mode: 0o644,
      content: await readFile(join(folder.path, root, name)),
    })),
  );
};
