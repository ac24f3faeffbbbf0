/** Where the content of an inode lies: extents, the older lists of blocks, or in the inode itself. */
import type { Area } from '../disk/cached-disk.ts';
import { attributesOf } from './attributes.ts';
import type { Inode } from './inode.ts';
import { damaged, type Superblock } from './superblock.ts';

/** Blocks of the file and of the file system. What is in no run is a hole. */
interface BlockRun {
  readonly at: number;
  readonly block: number;
  readonly count: number;
}

const EXTENT_MAGIC = 0xf30a;
const DEEPEST = 5;
/** A longer extent is allocated but not written: it reads as zeros. */
const LONGEST_WRITTEN = 32_768;

async function* extentRuns(area: Area, blockSize: number, node: Buffer, depth = 0): AsyncGenerator<BlockRun> {
  if (node.readUInt16LE(0) !== EXTENT_MAGIC || depth > DEEPEST) throw damaged('a list of extents is not valid');
  const [entries, level] = [node.readUInt16LE(2), node.readUInt16LE(6)];
  for (let at = 12; at < 12 + entries * 12 && at + 12 <= node.length; at += 12) {
    if (level > 0) {
      const block = node.readUInt32LE(at + 4) + node.readUInt16LE(at + 8) * 2 ** 32;
      yield* extentRuns(area, blockSize, await area.read(block * blockSize, blockSize), depth + 1);
      continue;
    }
    const count = node.readUInt16LE(at + 4);
    const block = node.readUInt32LE(at + 8) + node.readUInt16LE(at + 6) * 2 ** 32;
    if (count <= LONGEST_WRITTEN) yield { at: node.readUInt32LE(at), block, count };
  }
}

/** About where the content begins, in blocks of the file system: for reading many files in the order of the disk. */
export const placeOf = ({ isInline, hasExtents, block }: Inode): number => {
  if (isInline) return 0;
  return block.readUInt32LE(hasExtents ? (block.readUInt16LE(6) === 0 ? 20 : 16) : 0);
};

const DIRECT = 12;

/** ext2 and ext3: twelve blocks, then blocks of block numbers, one to three levels deep. */
async function* listedRuns(area: Area, blockSize: number, list: Buffer, blocks: number): AsyncGenerator<BlockRun> {
  const perBlock = blockSize / 4;
  async function* below(block: number, at: number, level: number): AsyncGenerator<BlockRun> {
    if (block === 0 || at >= blocks) return;
    if (level === 0) return yield { at, block, count: 1 };
    const numbers = await area.read(block * blockSize, blockSize);
    const span = perBlock ** (level - 1);
    for (let nth = 0; nth < perBlock && at + nth * span < blocks; nth++)
      yield* below(numbers.readUInt32LE(nth * 4), at + nth * span, level - 1);
  }
  for (let nth = 0; nth < DIRECT; nth++) yield* below(list.readUInt32LE(nth * 4), nth, 0);
  let at = DIRECT;
  for (const level of [1, 2, 3]) {
    yield* below(list.readUInt32LE((DIRECT + level - 1) * 4), at, level);
    at += perBlock ** level;
  }
}

const MOST_AT_ONCE = 2 ** 20;
const ZEROS = Buffer.alloc(2 ** 16);

function* zeros(count: number): Generator<Buffer> {
  for (let left = count; left > 0; left -= ZEROS.length) yield ZEROS.subarray(0, Math.min(left, ZEROS.length));
}

/** The bytes of a file or folder in pieces, holes as zeros. Each piece is valid until the next one is asked for. */
export async function* contentOf(area: Area, superblock: Superblock, inode: Inode): AsyncGenerator<Buffer> {
  const { blockSize } = superblock;
  if (inode.isInline) {
    const rest = (await attributesOf(area, superblock, inode)).get('system.data') ?? Buffer.alloc(0);
    yield Buffer.concat([inode.block, rest]).subarray(0, inode.size);
    return;
  }
  const blocks = Math.ceil(inode.size / blockSize);
  const runs = inode.hasExtents
    ? extentRuns(area, blockSize, inode.block)
    : listedRuns(area, blockSize, inode.block, blocks);
  let done = 0;
  for await (const { at, block, count } of runs) {
    const begin = at * blockSize;
    if (begin < done) throw damaged('extents of a file overlap');
    if (begin >= inode.size) break;
    yield* zeros(begin - done);
    const end = Math.min(inode.size, begin + count * blockSize);
    for (done = begin; done < end; ) {
      const length = Math.min(MOST_AT_ONCE, end - done);
      const piece = await area.read(block * blockSize + done - begin, length);
      if (piece.length < length) throw damaged('a file lies beyond the end of the disk');
      yield piece;
      done += length;
    }
  }
  yield* zeros(inode.size - done);
}
