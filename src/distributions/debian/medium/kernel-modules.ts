/** The module indexes (modules.dep.bin and its friends, depmod(8)) over the modules of all parts of an initrd. */
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Content, CpioEntry } from '../../../formats/archives/cpio.ts';
import { run } from '../../../host/run.ts';

const INDEXES = ['modules.dep.bin', 'modules.alias.bin', 'modules.symbols.bin', 'modules.softdep', 'modules.devname'];
/** What depmod reads besides the modules. */
const INPUTS = /\/(?:[^/]+\.ko(?:\.[a-z]+)?|modules\.(?:order|builtin|builtin\.modinfo))$/;

const rootOf = (kernelRelease: string): string => `lib/modules/${kernelRelease}/`;

/** Debian 13's initrd has its modules in /usr/lib, and /lib is a link to it; the udebs' are in /lib. */
const unmerged = (path: string): string => path.replace(/^usr\/(?=lib\/)/, '');

/** Whether depmod wants to see the file of this path. */
export const isModuleInput = (path: string, kernelRelease: string): boolean =>
  unmerged(path).startsWith(rootOf(kernelRelease)) && INPUTS.test(path);

/** Puts a file below `folder` where depmod finds it; of two with one path the later one counts. */
export const placeModule = async (
  folder: string,
  { path, content }: { readonly path: string; readonly content: Content },
): Promise<void> => {
  const to = join(folder, unmerged(path));
  await mkdir(dirname(to), { recursive: true });
  if (typeof content === 'object' && 'file' in content) await copyFile(content.file, to);
  else await writeFile(to, content);
};

/**
 * Entries with the indexes for `lib/modules/RELEASE` of what lies below `folder`. Modules that an index does not list
 * are never loaded, whatever lies in the installer's folder.
 */
export const moduleIndexes = async (
  folder: string,
  kernelRelease: string,
  signal?: AbortSignal,
): Promise<CpioEntry[]> => {
  await mkdir(join(folder, rootOf(kernelRelease)), { recursive: true });
  await run('depmod', ['--basedir', folder, kernelRelease], { signal, hint: 'Install kmod.' });
  return await Promise.all(
    INDEXES.map(async (name) => ({
      type: 'file' as const,
      path: `${rootOf(kernelRelease)}${name}`,
      mode: 0o644,
      content: await readFile(join(folder, rootOf(kernelRelease), name)),
    })),
  );
};
