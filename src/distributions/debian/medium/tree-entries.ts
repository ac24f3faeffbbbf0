/** Folders on the host as entries of a cpio archive, the same for the same content whoever unpacked or checked it out. */
import type { Dirent } from 'node:fs';
import { open, readdir, readlink, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type { Content, CpioEntry, HostFile } from '../../../formats/archives/cpio.ts';

/**
 * All below `folder`, as `prefix`/…. Folders are 0755; a file is 0755 when its owner may execute it or it begins with
 * `#!` (a checkout or a package may have lost the bit), otherwise 0644. Sockets, devices and the like are left out.
 */
export const treeEntries = async (folder: string, prefix = ''): Promise<CpioEntry<HostFile>[]> => {
  const entries: CpioEntry<HostFile>[] = [];
  const items = await readdir(folder, { withFileTypes: true });
  for (const item of items.sort(byName)) {
    const path = join(folder, item.name);
    const name = join(prefix, item.name);
    if (item.isDirectory()) {
      entries.push({ type: 'directory', path: name, mode: 0o755 }, ...(await treeEntries(path, name)));
    } else if (item.isSymbolicLink()) {
      entries.push({ type: 'symlink', path: name, target: await readlink(path) });
    } else if (item.isFile()) {
      entries.push(await fileEntry(path, name));
    }
  }
  return entries;
};

/** A file system lists names as it likes. */
const byName = (a: Dirent, b: Dirent): number => (a.name < b.name ? -1 : 1);

/** One file; a link is followed, as long as it stays in its own folder's tree. */
export const fileEntry = async (path: string, name: string): Promise<CpioEntry<HostFile>> => {
  const file = await realpath(path);
  await using handle = await open(file);
  const { mode } = await handle.stat();
  const start = await handle.read(Buffer.alloc(2), 0, 2, 0);
  const executable = (mode & 0o100) !== 0 || start.buffer.toString('latin1') === '#!';
  return { type: 'file', path: name, mode: executable ? 0o755 : 0o644, content: { file } };
};

/** Later entries replace earlier ones of the same name; folders are named once. */
export const overlaid = (...layers: readonly (readonly CpioEntry<Content>[])[]): CpioEntry<Content>[] => [
  ...new Map(layers.flat().map((entry) => [entry.path, entry])).values(),
];
