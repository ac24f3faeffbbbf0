/**
 * Files into an ext4 file system, without root and always in the same way: inodes are numbered in the order of the nodes, blocks are
 * taken from the first free one on, folders before the content of files. The same nodes give the same bytes.
 */
import type { FileHandle } from 'node:fs/promises';
import { throwIfInterrupted } from '../../errors.ts';
import { cachedArea } from '../disk/cached-disk.ts';
import { readInode } from '../ext4/inode.ts';
import { readSuperblock } from '../ext4/superblock.ts';
import { Allocator, type FreeRun, joinedRuns } from './allocator.ts';
import { BlockSink } from './block-sink.ts';
import { cannotRebuild } from './cannot-rebuild.ts';
import { INODE_SIZE } from './inode-bytes.ts';
import { linksOf } from './links.ts';
import type { WriteNode } from './node.ts';
import {
  type Ext4Identity,
  type Ext4Shape,
  type Ext4Target,
  makeSkeleton,
  readAt,
  readSkeleton,
  type Skeleton,
} from './skeleton.ts';
import { writeUsage } from './usage.ts';
import { type Context, numberOf, writeNode } from './write-node.ts';

const ROOT = 2;
const LOST_AND_FOUND = 11;

/** `nodes`: the root first, lost+found second where there is one, then each inode once. Throws `capture.cannot-rebuild`. */
export const writeExt4 = async (
  target: Ext4Target,
  nodes: readonly WriteNode[],
  { shape, identity }: { readonly shape: Ext4Shape; readonly identity: Ext4Identity },
  signal?: AbortSignal,
): Promise<void> => {
  const { disk, path, start } = target;
  await makeSkeleton(target, shape, identity, signal);
  const skeleton = await readSkeleton(disk, path, start);
  const numbers = new Map(nodes.map((node, nth) => [node, nth === 0 ? ROOT : LOST_AND_FOUND - 1 + nth]));
  const lastInode = LOST_AND_FOUND - 2 + nodes.length;
  if (lastInode > skeleton.inodes) throw cannotRebuild('the file system has more files than inodes');
  // The folders that mke2fs has made are written again with the others.
  const made = await madeFolders(disk, start);
  const free = joinedRuns([...skeleton.free, ...made]);
  const allocator = new Allocator(free);
  const sink = new BlockSink(disk, start, skeleton.blockSize);
  const context: Context = { skeleton, numbers, links: linksOf(nodes), allocator, sink, signal };
  const inodes = new Map<number, Buffer>();
  const isFolder = ({ body }: WriteNode) => body.type === 'folder';
  for (const node of [...nodes.filter(isFolder), ...nodes.filter((node) => !isFolder(node))]) {
    throwIfInterrupted(signal);
    const number = numberOf(context, node);
    inodes.set(number, await writeNode(node, number, context));
  }
  await sink.flush();
  await writeInodes(disk, skeleton, inodes);
  const folders = new Map<number, number>();
  for (const node of nodes.filter(isFolder)) {
    const group = Math.floor((numberOf(context, node) - 1) / skeleton.inodesPerGroup);
    folders.set(group, (folders.get(group) ?? 0) + 1);
  }
  await writeUsage(disk, skeleton, { free, taken: allocator.taken, lastInode, folders, shape });
};

const madeFolders = async (disk: FileHandle, start: number): Promise<readonly FreeRun[]> => {
  const area = cachedArea({ read: (offset, length) => readAt(disk, offset, length) }, start);
  const superblock = await readSuperblock(area);
  return Promise.all(
    [ROOT, LOST_AND_FOUND].map(async (number) => {
      const { block } = await readInode(area, superblock, number);
      if (block.readUInt16LE(2) !== 1) throw new Error('mke2fs has made a folder of several parts');
      return { first: block.readUInt32LE(20), count: block.readUInt16LE(16) };
    }),
  );
};

const writeInodes = async (
  disk: FileHandle,
  { groups, inodesPerGroup, blockSize, start }: Skeleton,
  inodes: ReadonlyMap<number, Buffer>,
): Promise<void> => {
  for (const [nth, { inodeTable }] of groups.entries()) {
    const first = nth * inodesPerGroup + 1;
    const own = Array.from({ length: inodesPerGroup }, (_, at) => inodes.get(first + at));
    const last = own.findLastIndex((bytes) => bytes !== undefined);
    if (last === -1) continue;
    const at = start + inodeTable * blockSize;
    const table = await readAt(disk, at, (last + 1) * INODE_SIZE);
    if (nth === 0 && last < LOST_AND_FOUND - 1)
      await disk.write(Buffer.alloc(INODE_SIZE), 0, INODE_SIZE, at + (LOST_AND_FOUND - 1) * INODE_SIZE);
    for (const [place, bytes] of own.entries()) bytes?.copy(table, place * INODE_SIZE);
    await disk.write(table, 0, table.length, at);
  }
};
