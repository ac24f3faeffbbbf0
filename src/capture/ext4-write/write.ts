/**
 * Files into an ext4 file system, without root and always in the same way: inodes are numbered in the order of the nodes, blocks are
 * taken from the first free one on, folders before the content of files. The same nodes give the same bytes.
 */
import type { FileHandle } from 'node:fs/promises';
import { throwIfInterrupted } from '../../errors.ts';
import { cachedArea } from '../disk/cached-disk.ts';
import { readInode } from '../ext4/inode.ts';
import { readSuperblock } from '../ext4/superblock.ts';
import { attributeBytes, sealAttributeBlock } from './attribute-bytes.ts';
import { BlockSink } from './block-sink.ts';
import { blocksOf } from './blocks.ts';
import { cannotRebuild } from './cannot-rebuild.ts';
import { ExtentList, extentTree } from './extents.ts';
import { folderBytes } from './folder-bytes.ts';
import { ATTRIBUTE_ROOM, EXTENTS_FLAG, INODE_SIZE, inodeBytes, inodeSeed } from './inode-bytes.ts';
import type { WriteNode } from './node.ts';
import {
  type Ext4Identity,
  type Ext4Shape,
  type Ext4Target,
  type FreeRun,
  makeSkeleton,
  readAt,
  readSkeleton,
  type Skeleton,
  writeUsage,
} from './skeleton.ts';

const ROOT = 2;
const LOST_AND_FOUND = 11;
const FAST_LINK = 60;
const LOST_AND_FOUND_SIZE = 16_384;

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
  const free = joined([...skeleton.free, ...made]);
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

interface Context {
  readonly skeleton: Skeleton;
  readonly numbers: ReadonlyMap<WriteNode, number>;
  readonly links: ReadonlyMap<WriteNode, number>;
  readonly allocator: Allocator;
  readonly sink: BlockSink;
  readonly signal: AbortSignal | undefined;
}

const numberOf = ({ numbers }: Pick<Context, 'numbers'>, node: WriteNode): number => {
  const number = numbers.get(node);
  if (number === undefined) throw new Error('an entry of a folder is not among the nodes');
  return number;
};

/** Free blocks from the first one on. */
class Allocator {
  readonly taken: { first: number; count: number }[] = [];
  readonly #free: readonly FreeRun[];
  #nth = 0;
  #used = 0;

  constructor(free: readonly FreeRun[]) {
    this.#free = free;
  }

  next(): number {
    const run = this.#free[this.#nth];
    if (run === undefined) throw cannotRebuild('the file system has not enough room for its files');
    const block = run.first + this.#used;
    if (this.#used === 0) this.taken.push({ first: block, count: 0 });
    this.#used += 1;
    const last = this.taken.at(-1);
    if (last) last.count += 1;
    if (this.#used === run.count) [this.#nth, this.#used] = [this.#nth + 1, 0];
    return block;
  }
}

/** How many names each inode has; folders have one in themselves, and one in each folder that they hold. */
const linksOf = (nodes: readonly WriteNode[]): ReadonlyMap<WriteNode, number> => {
  const links = new Map<WriteNode, number>();
  const add = (node: WriteNode, count = 1) => void links.set(node, (links.get(node) ?? 0) + count);
  for (const node of nodes) {
    if (node.body.type !== 'folder') continue;
    add(node);
    add(node.body.parent ?? node);
    for (const entry of node.body.entries) if (entry.node.body.type !== 'folder') add(entry.node);
  }
  // The name in the folder above: the root has none, and its own `..` was counted.
  for (const node of nodes) if (node.body.type === 'folder' && node.body.parent !== undefined) add(node);
  return links;
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

const joined = (runs: readonly FreeRun[]): FreeRun[] => {
  const all: { first: number; count: number }[] = [];
  for (const { first, count } of runs.toSorted((one, other) => one.first - other.first)) {
    const last = all.at(-1);
    if (last && last.first + last.count === first) last.count += count;
    else all.push({ first, count });
  }
  return all;
};

const writeNode = async (
  node: WriteNode,
  number: number,
  { skeleton: { blockSize, seed: fsSeed }, numbers, links, allocator, sink, signal }: Context,
): Promise<Buffer> => {
  const seed = inodeSeed(fsSeed, number);
  const list = new ExtentList();
  let own = 0;
  const allocate = (): number => {
    own += 1;
    return allocator.next();
  };
  const put = async (at: number, bytes: Uint8Array): Promise<void> => {
    const block = allocate();
    list.add(at, block);
    await sink.put(block, bytes);
  };
  const { body } = node;
  const fields: { size: number; block: Buffer; extents: boolean } = { size: 0, block: Buffer.alloc(60), extents: true };
  if (body.type === 'file') {
    fields.size = body.size;
    let read = 0;
    for await (const { at, bytes, isHole } of blocksOf(body.content(), blockSize)) {
      if (at % 4096 === 0) throwIfInterrupted(signal);
      if (!isHole || body.isWhole) await put(at, bytes);
      read = at + 1;
    }
    if (read !== Math.ceil(body.size / blockSize)) throw new Error('a file is not as long as was said');
  } else if (body.type === 'folder') {
    const names = [
      { name: Buffer.from('.'), node },
      { name: Buffer.from('..'), node: body.parent ?? node },
      ...body.entries,
    ].map(({ name, node }) => ({ name, inode: numberOf({ numbers }, node), mode: node.mode }));
    // Where e2fsck puts what it finds has room from the beginning.
    const least = body.parent && isLostAndFound(node, body.parent) ? LOST_AND_FOUND_SIZE / blockSize : 1;
    const blocks = folderBytes(names, { blockSize, seed, least });
    for (const [at, bytes] of blocks.entries()) await put(at, bytes);
    fields.size = blocks.length * blockSize;
  } else if (body.type === 'link') {
    fields.size = body.target.length;
    fields.extents = body.target.length >= FAST_LINK;
    if (fields.extents) await put(0, Buffer.concat([body.target], blockSize));
    else body.target.copy(fields.block);
  } else {
    fields.extents = false;
    body.device.copy(fields.block);
  }
  if (fields.extents) {
    const tree = extentTree(list.extents, { blockSize, seed, allocate });
    fields.block = tree.root;
    for (const { number, bytes } of tree.blocks) await sink.put(number, bytes);
  }
  const attributes = attributeBytes(node.attributes, { room: ATTRIBUTE_ROOM, blockSize });
  const attributeBlock = attributes.block === undefined ? 0 : allocate();
  if (attributes.block !== undefined) {
    sealAttributeBlock(attributes.block, attributeBlock, fsSeed);
    await sink.put(attributeBlock, attributes.block);
  }
  return inodeBytes(
    {
      ...node,
      size: fields.size,
      links: links.get(node) ?? 0,
      flags: node.flags | (fields.extents ? EXTENTS_FLAG : 0),
      sectors: (own * blockSize) / 512,
      block: fields.block,
      attributeBlock,
      ownAttributes: attributes.own,
    },
    seed,
  );
};

const isLostAndFound = (node: WriteNode, parent: WriteNode): boolean =>
  parent.body.type === 'folder' &&
  parent.body.parent === undefined &&
  parent.body.entries.some((entry) => entry.node === node && entry.name.toString() === 'lost+found');

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
