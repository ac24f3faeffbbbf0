/** What one inode is made of: content, names, target or device; then the tree of its blocks and its attributes. */
import { throwIfInterrupted } from '../../errors.ts';
import type { Allocator } from './allocator.ts';
import { attributeBytes, sealAttributeBlock } from './attribute-bytes.ts';
import type { BlockSink } from './block-sink.ts';
import { blocksOf } from './blocks.ts';
import { ExtentList, extentTree } from './extents.ts';
import { folderBytes } from './folder-bytes.ts';
import { ATTRIBUTE_ROOM, EXTENTS_FLAG, inodeBytes, inodeSeed } from './inode-bytes.ts';
import type { Body, WriteNode } from './node.ts';
import type { Skeleton } from './skeleton.ts';

const FAST_LINK = 60;
const LOST_AND_FOUND_SIZE = 16_384;

export interface Context {
  readonly skeleton: Skeleton;
  readonly numbers: ReadonlyMap<WriteNode, number>;
  readonly links: ReadonlyMap<WriteNode, number>;
  readonly allocator: Allocator;
  readonly sink: BlockSink;
  readonly signal: AbortSignal | undefined;
}

export const numberOf = ({ numbers }: Pick<Context, 'numbers'>, node: WriteNode): number => {
  const number = numbers.get(node);
  if (number === undefined) throw new Error('an entry of a folder is not among the nodes');
  return number;
};

/** One node: its blocks go to the disk, its inode is returned. */
export const writeNode = async (
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
  const fields = await writeBody(node, { blockSize, seed, numbers, signal, put });
  let { block } = fields;
  if (fields.extents) {
    const tree = extentTree(list.extents, { blockSize, seed, allocate });
    block = tree.root;
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
      block,
      attributeBlock,
      ownAttributes: attributes.own,
    },
    seed,
  );
};

interface BodyPlace extends Pick<Context, 'numbers' | 'signal'> {
  readonly blockSize: number;
  /** Of the inode. */
  readonly seed: number;
  /** `at`: in blocks of the file. */
  readonly put: (at: number, bytes: Uint8Array) => Promise<void>;
}

interface Written {
  readonly size: number;
  /** What the inode has in place of a list of blocks. */
  readonly block: Buffer;
  /** Whether there is a list of blocks. */
  readonly extents: boolean;
}

const writeBody = async (node: WriteNode, place: BodyPlace): Promise<Written> => {
  const { body } = node;
  const { blockSize, put } = place;
  const block = Buffer.alloc(60);
  switch (body.type) {
    case 'file':
      await writeContent(body, place);
      return { size: body.size, block, extents: true };
    case 'folder':
      return { size: await writeNames(node, body, place), block, extents: true };
    case 'link': {
      const isLong = body.target.length >= FAST_LINK;
      if (isLong) await put(0, Buffer.concat([body.target], blockSize));
      else body.target.copy(block);
      return { size: body.target.length, block, extents: isLong };
    }
    case 'special':
      body.device.copy(block);
      return { size: 0, block, extents: false };
  }
};

type BodyOf<T extends Body['type']> = Extract<Body, { readonly type: T }>;

const writeContent = async (
  { size, content, isWhole }: BodyOf<'file'>,
  { blockSize, signal, put }: BodyPlace,
): Promise<void> => {
  let read = 0;
  for await (const { at, bytes, isHole } of blocksOf(content(), blockSize)) {
    if (at % 4096 === 0) throwIfInterrupted(signal);
    if (!isHole || isWhole) await put(at, bytes);
    read = at + 1;
  }
  if (read !== Math.ceil(size / blockSize)) throw new Error('a file is not as long as was said');
};

/** Returns the size of the folder. */
const writeNames = async (
  node: WriteNode,
  { entries, parent }: BodyOf<'folder'>,
  { blockSize, seed, numbers, put }: BodyPlace,
): Promise<number> => {
  const all = [{ name: Buffer.from('.'), node }, { name: Buffer.from('..'), node: parent ?? node }, ...entries];
  const names = all.map(({ name, node }) => ({ name, inode: numberOf({ numbers }, node), mode: node.mode }));
  // Where e2fsck puts what it finds has room from the beginning.
  const least = parent && isLostAndFound(node, parent) ? LOST_AND_FOUND_SIZE / blockSize : 1;
  const blocks = folderBytes(names, { blockSize, seed, least });
  for (const [at, bytes] of blocks.entries()) await put(at, bytes);
  return blocks.length * blockSize;
};

const isLostAndFound = (node: WriteNode, parent: WriteNode): boolean =>
  parent.body.type === 'folder' &&
  parent.body.parent === undefined &&
  parent.body.entries.some((entry) => entry.node === node && entry.name.toString() === 'lost+found');
