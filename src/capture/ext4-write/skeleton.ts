/**
 * An empty ext4 file system by mke2fs(8), in its place on the disk, and what of it is written again once files are in it: bitmaps,
 * group descriptors and superblocks (the kernel's ext4 documentation, "Global Structures"). Nothing random or of the clock is in it.
 */
import { type FileHandle, open, rm } from 'node:fs/promises';
import { devNull } from 'node:os';
import { crc32c, crc32cOfNumber } from '../../formats/crc32c.ts';
import { temporaryName } from '../../host/files.ts';
import { run } from '../../host/run.ts';
import { freeExtents } from '../free-extents.ts';
import { dataExtents } from '../search.ts';
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

export interface FreeRun {
  readonly first: number;
  readonly count: number;
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

/** What is used now. */
export interface Usage {
  /** Blocks that were free, and those of them that are not any more, in runs. */
  readonly free: readonly FreeRun[];
  readonly taken: readonly FreeRun[];
  /** The last number of an inode; all before it are used. */
  readonly lastInode: number;
  /** Folders by the group of their inode; the two that mke2fs has made among them. */
  readonly folders: ReadonlyMap<number, number>;
  readonly shape: Ext4Shape;
}

const [INODES_UNUSED, BLOCKS_UNUSED] = [1, 2];

/** Bitmaps, descriptors and superblocks, with all copies of them. */
export const writeUsage = async (disk: FileHandle, skeleton: Skeleton, usage: Usage): Promise<void> => {
  const { groups, blockSize, start, firstBlock, seed, inodesPerGroup } = skeleton;
  const isFree = bitsOf(skeleton.blocks, usage.free);
  for (const { first, count } of usage.taken) for (let at = 0; at < count; at++) clear(isFree, first + at);
  for (const [nth, group] of groups.entries()) {
    const blocks = blockBitmap(skeleton, nth, isFree);
    const used = Math.max(0, Math.min(inodesPerGroup, usage.lastInode - nth * inodesPerGroup));
    const inodes = Buffer.alloc(blockSize, 0xff);
    for (let bit = used; bit < inodesPerGroup; bit++) clear(inodes, bit);
    const { descriptor } = group;
    const half = (low: number, high: number, value: number) => {
      descriptor.writeUInt16LE(value & 0xffff, low);
      descriptor.writeUInt16LE((value >>> 16) & 0xffff, high);
    };
    half(0xc, 0x2c, blocks.free);
    half(0xe, 0x2e, inodesPerGroup - used);
    half(0x10, 0x30, usage.folders.get(nth) ?? 0);
    half(0x1c, 0x32, inodesPerGroup - used);
    // Every bitmap is written out, so that a group needs no first use.
    descriptor.writeUInt16LE(descriptor.readUInt16LE(0x12) & ~(INODES_UNUSED | BLOCKS_UNUSED), 0x12);
    half(0x18, 0x38, crc32c(seed, blocks.bytes.subarray(0, skeleton.blocksPerGroup / 8)));
    half(0x1a, 0x3a, crc32c(seed, inodes.subarray(0, inodesPerGroup / 8)));
    descriptor.writeUInt16LE(0, 0x1e);
    descriptor.writeUInt16LE(crc32c(crc32cOfNumber(seed, nth), descriptor) & 0xffff, 0x1e);
    await disk.write(blocks.bytes, 0, blockSize, start + group.blockBitmap * blockSize);
    await disk.write(inodes, 0, blockSize, start + group.inodeBitmap * blockSize);
  }
  const table = Buffer.concat(groups.map(({ descriptor }) => descriptor));
  const free = countBits(isFree);
  for (const nth of groups.keys()) {
    if (!hasSuperblock(nth)) continue;
    const block = firstBlock + nth * skeleton.blocksPerGroup;
    const at = start + (nth === 0 ? 1024 : block * blockSize);
    const superblock = await readAt(disk, at, 1024);
    wide(superblock, [0xc, 0x158], free);
    wide(superblock, [0x8, 0x154], usage.shape.reservedBlocks);
    superblock.writeUInt32LE(skeleton.inodes - usage.lastInode, 0x10);
    superblock.writeUInt32LE(usage.shape.defaultMountOptions, 0x100);
    superblock.writeUInt16LE(usage.shape.onError, 0x3c);
    // How much was ever written.
    superblock.writeBigUInt64LE(0n, 0x178);
    superblock.writeUInt32LE(crc32c(0xffffffff, superblock.subarray(0, 0x3fc)), 0x3fc);
    await disk.write(superblock, 0, superblock.length, at);
    await disk.write(table, 0, table.length, start + (block + 1) * blockSize);
  }
};

/** The first one, and the powers of 3, 5 and 7 (sparse_super). */
const hasSuperblock = (group: number): boolean => {
  if (group <= 1) return true;
  return [3, 5, 7].some((base) => {
    let power = base;
    while (power < group) power *= base;
    return power === group;
  });
};

const wide = (bytes: Buffer, [low, high]: readonly [number, number], value: number): void => {
  bytes.writeUInt32LE(value % 2 ** 32, low);
  bytes.writeUInt32LE(Math.floor(value / 2 ** 32), high);
};

const set = (bits: Buffer, at: number): void =>
  void bits.writeUInt8(bits.readUInt8(at >>> 3) | (1 << (at & 7)), at >>> 3);
const clear = (bits: Buffer, at: number): void =>
  void bits.writeUInt8(bits.readUInt8(at >>> 3) & ~(1 << (at & 7)), at >>> 3);
const has = (bits: Buffer, at: number): boolean => (bits.readUInt8(at >>> 3) & (1 << (at & 7))) !== 0;

const bitsOf = (size: number, runs: readonly FreeRun[]): Buffer => {
  const bits = Buffer.alloc(Math.ceil(size / 8));
  for (const { first, count } of runs) for (let at = first; at < first + count; at++) set(bits, at);
  return bits;
};

const countBits = (bits: Buffer): number => {
  let count = 0;
  for (let byte of bits) for (; byte !== 0; byte &= byte - 1) count += 1;
  return count;
};

/** What lies after the last block counts as used. */
const blockBitmap = (skeleton: Skeleton, group: number, isFree: Buffer): { bytes: Buffer; free: number } => {
  const bytes = Buffer.alloc(skeleton.blockSize, 0xff);
  const first = skeleton.firstBlock + group * skeleton.blocksPerGroup;
  const count = Math.min(skeleton.blocksPerGroup, skeleton.blocks - first);
  let free = 0;
  for (let at = 0; at < count; at++) {
    if (!has(isFree, first + at)) continue;
    clear(bytes, at);
    free += 1;
  }
  return { bytes, free };
};
