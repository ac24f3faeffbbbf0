/** Reads a FAT file system inside a disk image with mtools (`image@@offset`, mtools(1)). */
import { readFile } from 'node:fs/promises';
import { posix } from 'node:path';
import { IngotError, OUR_FAULT } from '../errors.ts';
import { temporaryFolder } from '../host/files.ts';
import { run } from '../host/run.ts';
import type { Entry, FileSystem } from './file-system.ts';

/** mtools' own sanity checks refuse images without a drive geometry. */
const env = { MTOOLS_SKIP_CHECK: '1' };

export const openVfat = (image: string, start: number): FileSystem => {
  const drive = `${image}@@${start}`;
  let tree: Promise<readonly string[]> | undefined;
  const paths = () => {
    tree ??= run('mdir', ['-b', '-/', '-a', '-i', drive, '::/'], { env, allow: [1] }).then(({ stdout }) =>
      stdout
        .split('\n')
        .filter((line) => line.startsWith('::/'))
        .map((line) => line.slice(2)),
    );
    return tree;
  };
  const read = async (path: string): Promise<Buffer> => {
    await using temporary = await temporaryFolder('ingot-mtools-');
    const copy = posix.join(temporary.path, 'file');
    await run('mcopy', ['-n', '-i', drive, `::${path}`, copy], { env });
    return await readFile(copy);
  };
  return {
    read,
    async list(path) {
      const prefix = path === '/' ? '/' : `${path.replace(/\/$/, '')}/`;
      const all = await paths();
      if (path !== '/' && !all.includes(prefix)) return undefined;
      const inside = all.filter((other) => other.startsWith(prefix) && /^[^/]+\/?$/.test(other.slice(prefix.length)));
      return Promise.all(inside.map(async (other) => entryOf(other, read)));
    },
    async readLink(path) {
      throw new IngotError('capture.no-such-file', `${path} cannot be a link: FAT has none`, { hint: OUR_FAULT });
    },
  };
};

const entryOf = async (path: string, read: (path: string) => Promise<Buffer>): Promise<Entry> => {
  const name = posix.basename(path);
  if (path.endsWith('/')) return { name, type: 'folder', size: 0 };
  return { name, type: 'file', size: (await read(path)).length };
};
