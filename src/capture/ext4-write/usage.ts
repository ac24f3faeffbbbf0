/**
 * What of an ext4 file system says what is used (the kernel's ext4 documentation, "Global Structures"): bitmaps, group descriptors and
 * superblocks, written again once files are in it.
 */
import type { FileHandle } from 'node:fs/promises';
import { crc32c, crc32cOfNumber } from '../../formats/crc32c.ts';
import type { FreeRun } from './allocator.ts';
import { bitsOf, clear, countBits, has } from './bits.ts';
import { type Ext4Shape, readAt, type Skeleton } from './skeleton.ts';

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
