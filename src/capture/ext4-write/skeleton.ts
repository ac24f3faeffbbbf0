/** An empty ext4 file system by mke2fs(8), in its place on the disk. Nothing random or of the clock is in it. */
import { type FileHandle, open, rm } from 'node:fs/promises';
import { devNull } from 'node:os';
import { crc32c } from '../../formats/crc32c.ts';
import { temporaryName } from '../../host/files.ts';
import { run } from '../../host/run.ts';
import { freeExtents } from '../free-extents.ts';
import { dataExtents } from '../search.ts';
import type { FreeRun } from './allocator.ts';
import { INODE_SIZE } from './inode-bytes.ts';

export interface Ext4Target {
  readonly disk: FileHandle;
  /** Of the same file. */
  readonly path: string;
  /** Bytes of the disk. */
  readonly start: number;
}

export interface Ext4Identity {
  readonly uuid: string;
  /** Of the hashes of names. */
  readonly hashSeed: string;
  /** Seconds since the epoch: when it was made, in its own words. */
  readonly time: number;
}

/** What the file system before it was like. */
export interface Ext4Shape {
  readonly blockSize: number;
  readonly blocks: number;
  readonly inodes: number;
  readonly reservedBlocks: number;
  readonly label: string;
  /** Options of mount(8) that hold without being named, and what an error does, as numbers of the superblock. */
  readonly defaultMountOptions: number;
  readonly onError: number;
}

/** What the kernels and boot loaders of all supported releases read. */
export const FEATURES =
  'none,has_journal,ext_attr,resize_inode,dir_index,filetype,extent,64bit,flex_bg,sparse_super,large_file,huge_file,dir_nlink,extra_isize,metadata_csum';

export const mke2fsArguments = (
  path: string,
  { blockSize, blocks, inodes, label }: Ext4Shape,
  { uuid, hashSeed }: Ext4Identity,
): string[] => [
  ...['-q', '-F', '-t', 'ext4', '-b', String(blockSize), '-I', String(INODE_SIZE), '-N', String(inodes)],
  ...['-O', FEATURES, '-U', uuid, '-m', '0', '-L', label],
  ...['-E', `hash_seed=${hashSeed},root_owner=0:0,lazy_itable_init=0,lazy_journal_init=0,nodiscard`],
  path,
  `${blocks * (blockSize / 1024)}k`,
];

export interface Skeleton {
  readonly blockSize: number;
  readonly firstBlock: number;
  readonly blocks: number;
  readonly inodes: number;
  /** Where checksums of this file system begin. */
  readonly seed: number;
  readonly groups: readonly Group[];
  readonly free: readonly FreeRun[];
  readonly blocksPerGroup: number;
  readonly inodesPerGroup: number;
  /** Bytes of the disk. */
  readonly start: number;
}

export interface Group {
  readonly blockBitmap: number;
  readonly inodeBitmap: number;
  readonly inodeTable: number;
  readonly descriptor: Buffer;
}

const DESCRIPTOR = 64;
const PIECE = 2 ** 20;

/** It is made beside the disk: mke2fs reserves room for the zeros that it writes, which a sparse disk need not have. */
export const makeSkeleton = async (
  { disk, path, start }: Ext4Target,
  shape: Ext4Shape,
  identity: Ext4Identity,
  signal?: AbortSignal,
): Promise<void> => {
  const apart = temporaryName(path);
  try {
    await run('mke2fs', mke2fsArguments(apart, shape, identity), {
      signal,
      // The host's own defaults are not asked.
      env: { E2FSPROGS_FAKE_TIME: String(identity.time), MKE2FS_CONFIG: devNull },
      hint: 'mke2fs is in the package e2fsprogs.',
    });
    await using made = await open(apart);
    for (const { start: from, length } of await dataExtents(apart))
      for (let at = from; at < from + length; at += PIECE) {
        const bytes = await readAt(made, at, Math.min(PIECE, from + length - at));
        await disk.write(bytes, 0, bytes.length, start + at);
      }
  } finally {
    await rm(apart, { force: true });
  }
};

export const readSkeleton = async (disk: FileHandle, path: string, start: number): Promise<Skeleton> => {
  const superblock = await readAt(disk, start + 1024, 1024);
  const blockSize = 1024 << superblock.readUInt32LE(0x18);
  const firstBlock = superblock.readUInt32LE(0x14);
  const blocks = superblock.readUInt32LE(0x4) + superblock.readUInt32LE(0x150) * 2 ** 32;
  const [blocksPerGroup, inodesPerGroup] = [superblock.readUInt32LE(0x20), superblock.readUInt32LE(0x28)];
  const count = Math.ceil((blocks - firstBlock) / blocksPerGroup);
  const table = await readAt(disk, start + (firstBlock + 1) * blockSize, count * DESCRIPTOR);
  const groups = Array.from({ length: count }, (_, nth): Group => {
    const descriptor = table.subarray(nth * DESCRIPTOR, (nth + 1) * DESCRIPTOR);
    const block = (low: number, high: number) => descriptor.readUInt32LE(low) + descriptor.readUInt32LE(high) * 2 ** 32;
    return { blockBitmap: block(0x0, 0x20), inodeBitmap: block(0x4, 0x24), inodeTable: block(0x8, 0x28), descriptor };
  });
  return {
    blockSize,
    firstBlock,
    blocks,
    inodes: superblock.readUInt32LE(0x0),
    seed: crc32c(0xffffffff, superblock.subarray(0x68, 0x78)),
    groups,
    free: (await freeExtents(path, start)).map(({ start, length }) => ({
      first: start / blockSize,
      count: length / blockSize,
    })),
    blocksPerGroup,
    inodesPerGroup,
    start,
  };
};

export const readAt = async (disk: FileHandle, offset: number, length: number): Promise<Buffer> =>
  (await disk.read(Buffer.alloc(length), 0, length, offset)).buffer;
