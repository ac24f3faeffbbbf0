/**
 * An ext4 file system read from the bytes of a disk, as fast as they come: debugfs (../ext4.ts) takes a process for each question,
 * and needs a raw image.
 */
import { constants } from 'node:fs';
import { IngotError, OUR_FAULT } from '../../errors.ts';
import { cachedArea } from '../disk/cached-disk.ts';
import type { Disk } from '../disk/disk.ts';
import type { Entry, FileSystem } from '../file-system.ts';
import { attributesOf } from './attributes.ts';
import { contentOf } from './blocks.ts';
import { type Name, namesIn } from './folder.ts';
import { type Inode, readInode } from './inode.ts';
import { damaged, readSuperblock, type Superblock } from './superblock.ts';

export interface Ext4Tree extends FileSystem {
  readonly superblock: Superblock;
  readonly root: () => Promise<Inode>;
  /** Without following a link; undefined where there is none. */
  readonly find: (path: string) => Promise<Inode | undefined>;
  /** In the order of their inodes, which is the order of their bytes on the disk. */
  readonly below: (folder: Inode) => Promise<readonly { readonly name: string; readonly inode: Inode }[]>;
  /** By the number of an inode, so that a walk through the whole tree need not keep them all. */
  readonly content: (inode: number) => AsyncGenerator<Buffer>;
  readonly target: (inode: Inode) => Promise<string>;
  readonly attributes: (inode: Inode) => Promise<ReadonlyMap<string, Buffer>>;
}

const ROOT = 2;
/** The most bytes of a file that is read, or of a list of names; the files that are checked are far smaller. */
const LARGEST = 64 * 2 ** 20;
/** A link shorter than that is kept in its inode. */
const FAST_LINK = 60;

const { S_IFMT, S_IFREG, S_IFDIR, S_IFLNK } = constants;
const TYPES = new Map<number, Entry['type']>([
  [S_IFREG, 'file'],
  [S_IFDIR, 'folder'],
  [S_IFLNK, 'link'],
]);
export const typeOf = ({ mode }: Pick<Inode, 'mode'>): Entry['type'] => TYPES.get(mode & S_IFMT) ?? 'other';

/** `start`: byte of the disk where the file system begins. Throws `capture.file-system`. */
export const openExt4Tree = async (disk: Pick<Disk, 'read'>, start: number): Promise<Ext4Tree> => {
  const area = cachedArea(disk, start);
  const superblock = await readSuperblock(area);
  const folders = new Map<number, readonly Name[]>();
  const lists = new Map<number, Promise<ReadonlyMap<string, Inode>>>();
  const inodeOf = (number: number) => readInode(area, superblock, number);
  const whole = async (inode: Inode): Promise<Buffer> =>
    Buffer.concat(await Array.fromAsync(contentOf(area, superblock, inode), (piece) => Buffer.from(piece)));

  const names = async (folder: Inode): Promise<readonly Name[]> => {
    const known = folders.get(folder.number);
    if (known) return known;
    if (folder.size > LARGEST) throw damaged('a folder is too large');
    const found = namesIn(await whole(folder), superblock, folder.isInline);
    folders.set(folder.number, found);
    return found;
  };
  const list = (folder: Inode): Promise<ReadonlyMap<string, Inode>> => {
    const known =
      lists.get(folder.number) ?? below(folder).then((read) => new Map(read.map(({ name, inode }) => [name, inode])));
    lists.set(folder.number, known);
    return known;
  };
  const find = async (path: string): Promise<Inode | undefined> => {
    let here: Inode | undefined = await inodeOf(ROOT);
    for (const name of path.split('/').filter((part) => part !== '')) {
      if (here === undefined || typeOf(here) !== 'folder') return undefined;
      here = (await list(here)).get(name);
    }
    return here;
  };
  const found = async (path: string): Promise<Inode> => {
    const inode = await find(path);
    if (inode) return inode;
    throw new IngotError('capture.no-such-file', `there is no ${path} on the disk`, { hint: OUR_FAULT });
  };
  const target = async (inode: Inode): Promise<string> => {
    // Without blocks, its text is in the place where they would be listed.
    if (!inode.isInline && inode.size < FAST_LINK && !inode.hasExtents)
      return inode.block.toString('utf8', 0, inode.size);
    return (await whole(inode)).toString('utf8');
  };
  const below: Ext4Tree['below'] = async (folder) => {
    const sorted = (await names(folder)).toSorted((one, other) => one.inode - other.inode);
    const read: { name: string; inode: Inode }[] = [];
    for (const { name, inode } of sorted) read.push({ name, inode: await inodeOf(inode) });
    return read;
  };
  return {
    superblock,
    root: () => inodeOf(ROOT),
    find,
    below,
    async *content(number) {
      yield* contentOf(area, superblock, await inodeOf(number));
    },
    target,
    attributes: (inode) => attributesOf(area, superblock, inode),
    async list(path) {
      const folder = await find(path);
      if (folder === undefined || typeOf(folder) !== 'folder') return undefined;
      return [...(await list(folder))].map(([name, inode]) => entryOf(name, inode));
    },
    async read(path) {
      const inode = await found(path);
      if (inode.size > LARGEST) {
        throw new IngotError('capture.file-too-large', `${path} on the disk is too large to be read`, {
          detail: `${inode.size} bytes`,
          hint: 'Something has filled it in the guest; find out what, and remove it in a step.',
        });
      }
      return whole(inode);
    },
    readLink: async (path) => target(await found(path)),
  };
};

const entryOf = (name: string, inode: Inode): Entry => ({
  name,
  type: typeOf(inode),
  mode: inode.mode & 0o7777,
  uid: inode.uid,
  gid: inode.gid,
  size: inode.size,
});
