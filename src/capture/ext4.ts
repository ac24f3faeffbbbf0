/** Reads an ext4 file system inside a disk image with debugfs (debugfs(8), e2fsprogs), without root and read-only. */
import { constants } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { posix } from 'node:path';
import { IngotError, OUR_FAULT } from '../errors.ts';
import { temporaryFolder } from '../host/files.ts';
import { run } from '../host/run.ts';
import type { Entry, FileSystem } from './file-system.ts';

/** The most bytes of a file that is read; the files that are checked are far smaller. */
const LARGEST = 64 * 2 ** 20;

interface Inode extends Entry {
  readonly inode: number;
}

const ROOT_INODE = 2;

export interface Ext4 extends FileSystem {
  /** The file that a byte of the file system (offset in bytes) belongs to, when there is one. */
  pathAt(offset: number): Promise<string | undefined>;
  header(): Promise<Ext4Header>;
  /** Where the parts of a file are, in bytes of the file and of the file system; undefined for one without extents. */
  runs(path: string): Promise<readonly Ext4Run[] | undefined>;
  /** The same of the journal, when nothing in it is left to be done; its first block describes it. */
  finishedJournal(): Promise<readonly Ext4Run[] | undefined>;
}

export interface Ext4Run {
  readonly at: number;
  readonly offset: number;
  readonly length: number;
}

export interface Ext4Header {
  readonly clean: boolean;
  /** Files that were removed while open: their blocks are freed only at the next mount. */
  readonly hasOrphans: boolean;
  readonly blockSize: number;
  readonly blocks: number;
  readonly freeBlocks: number;
  /** `start`: the block where what is left to be done begins; 0 when nothing is. */
  readonly journal?: { readonly inode: number; readonly start: number };
}

/** `image?offset=N` is understood by all of e2fsprogs (unix_io.c). */
export const openExt4 = (image: string, start: number): Ext4 => {
  const device = `${image}?offset=${start}`;
  const folders = new Map<number, readonly Inode[]>();

  const listInode = async (inode: number): Promise<readonly Inode[]> => {
    const known = folders.get(inode);
    if (known) return known;
    const { stdout } = await debugfs(device, `ls -p <${inode}>`);
    const entries = stdout.split('\n').flatMap(parseEntry);
    folders.set(inode, entries);
    return entries;
  };

  type Place = Pick<Inode, 'inode' | 'type' | 'size'>;
  const find = async (path: string): Promise<Place | undefined> => {
    let here: Place = { inode: ROOT_INODE, type: 'folder', size: 0 };
    for (const name of path.split('/').filter((part) => part !== '')) {
      if (here.type !== 'folder') return undefined;
      const next: Inode | undefined = (await listInode(here.inode)).find((entry) => entry.name === name);
      if (next === undefined) return undefined;
      here = next;
    }
    return here;
  };

  const read = async (path: string): Promise<Buffer> => {
    const found = await find(path);
    if (found === undefined) throw noSuchFile(path);
    if (found.size > LARGEST)
      throw new IngotError('capture.file-too-large', `${path} on the disk is too large to be read`, {
        detail: `${found.size} bytes`,
        hint: 'Something has filled it in the guest; find out what, and remove it in a step.',
      });
    await using temporary = await temporaryFolder('ingot-debugfs-');
    const copy = posix.join(temporary.path, 'file');
    await debugfs(device, `cat <${found.inode}>`, copy);
    return await readFile(copy);
  };

  const runsOfInode = async (inode: number): Promise<readonly Ext4Run[] | undefined> => {
    const { blockSize } = await readHeader(device);
    const { stdout, stderr } = await debugfs(device, `dump_extents <${inode}>`);
    if (/does not use extent/.test(stdout + stderr)) return undefined;
    return stdout.split('\n').flatMap((line) => parseExtent(line, blockSize));
  };

  return {
    read,
    async list(path) {
      const found = await find(path);
      return found?.type === 'folder' ? listInode(found.inode) : undefined;
    },
    async readLink(path) {
      const found = await find(path);
      if (found === undefined) throw noSuchFile(path);
      const { stdout } = await debugfs(device, `stat <${found.inode}>`);
      // Up to 59 bytes are kept in the inode itself (ext4(5), "fast" symbolic links); longer ones are data.
      return /^Fast link dest: "(.*)"$/m.exec(stdout)?.[1] ?? (await read(path)).toString();
    },
    async pathAt(offset) {
      const block = Math.floor(offset / (await readHeader(device)).blockSize);
      const owner = await debugfs(device, `icheck ${block}`);
      const inode = new RegExp(`^${block}\\s+(\\d+)$`, 'm').exec(owner.stdout)?.[1];
      if (inode === undefined) return undefined;
      const names = await debugfs(device, `ncheck ${inode}`);
      const name = new RegExp(`^${inode}\\s+(/.*)$`, 'm').exec(names.stdout)?.[1];
      return name?.replace(/^\/+/, '/') ?? `inode ${inode}, which has no name`;
    },
    header: () => readHeader(device),
    async runs(path) {
      const found = await find(path);
      return found?.type === 'file' ? runsOfInode(found.inode) : undefined;
    },
    async finishedJournal() {
      const { clean, journal } = await readHeader(device);
      return clean && journal?.start === 0 ? runsOfInode(journal.inode) : undefined;
    },
  };
};

/** ` 0/ 0   1/  3     0 -  2047   34816 -  36863   2048 Uninit`: level, entry, logical and physical blocks, length. */
const noSuchFile = (path: string) =>
  new IngotError('capture.no-such-file', `there is no ${path} on the disk`, { hint: OUR_FAULT });

const parseExtent = (line: string, blockSize: number): Ext4Run[] => {
  const [, level, depth, logical, , physical, , length] =
    /^\s*(\d+)\/\s*(\d+)\s+\d+\/\s*\d+\s+(\d+)\s*-\s*(\d+)\s+(\d+)\s*-\s*(\d+)\s+(\d+)/.exec(line) ?? [];
  if (level === undefined || level !== depth) return [];
  const bytes = (blocks = '0') => Number(blocks) * blockSize;
  return [{ at: bytes(logical), offset: bytes(physical), length: bytes(length) }];
};

const debugfs = (device: string, request: string, outputFile?: string) =>
  run('debugfs', ['-R', request, device], outputFile === undefined ? {} : { outputFile });

/** `/inode/mode/uid/gid/name/size/`, mode in octal with the type bits of stat(2). */
const parseEntry = (line: string): Inode[] => {
  const [, inode, mode, uid, gid, name, size] = /^\/(\d+)\/(\d+)\/(\d+)\/(\d+)\/([^/]+)\/(\d*)\/$/.exec(line) ?? [];
  if (name === undefined || name === '.' || name === '..' || inode === '0') return [];
  const bits = Number.parseInt(mode ?? '0', 8);
  return [
    {
      inode: Number(inode),
      name,
      type: TYPES.get(bits & S_IFMT) ?? 'other',
      mode: bits & 0o7777,
      uid: Number(uid),
      gid: Number(gid),
      size: Number(size === '' ? 0 : size),
    },
  ];
};

const { S_IFMT, S_IFREG, S_IFDIR, S_IFLNK } = constants;
const TYPES = new Map<number, Entry['type']>([
  [S_IFREG, 'file'],
  [S_IFDIR, 'folder'],
  [S_IFLNK, 'link'],
]);

const readHeader = async (device: string): Promise<Ext4Header> => {
  const { stdout } = await run('dumpe2fs', ['-h', device]);
  const value = (name: string) => new RegExp(`^${name}:\\s+(.*)$`, 'm').exec(stdout)?.[1] ?? '';
  const state = value('Filesystem state');
  const [inode, first] = [value('Journal inode'), value('Journal start')];
  return {
    ...(inode === '' || first === '' ? {} : { journal: { inode: Number(inode), start: Number(first) } }),
    clean: state === 'clean' && !/needs_recovery/.test(value('Filesystem features')),
    hasOrphans: value('First orphan inode') !== '' || /orphan_present/.test(value('Filesystem features')),
    blockSize: Number(value('Block size')),
    blocks: Number(value('Block count')),
    freeBlocks: Number(value('Free blocks')),
  };
};
