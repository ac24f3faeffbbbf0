/** The list of a file's blocks as a tree of extents (the kernel's ext4 documentation, "Extent Tree"). */
import { crc32c } from '../../formats/crc32c.ts';

export interface Extent {
  /** In blocks: of the file and of the file system. */
  readonly at: number;
  readonly block: number;
  readonly count: number;
}

const MAGIC = 0xf30a;
const SIZE = 12;
/** The most blocks in one. */
const LONGEST = 32_768;
const IN_INODE = 4;

/** Grows by blocks in the order of the file. */
export class ExtentList {
  readonly extents: { at: number; block: number; count: number }[] = [];

  add(at: number, block: number): void {
    const last = this.extents.at(-1);
    if (last && last.at + last.count === at && last.block + last.count === block && last.count < LONGEST)
      last.count += 1;
    else this.extents.push({ at, block, count: 1 });
  }
}

export interface ExtentTree {
  /** 60 bytes. */
  readonly root: Buffer;
  readonly blocks: readonly { readonly number: number; readonly bytes: Buffer }[];
}

export interface TreePlace {
  readonly blockSize: number;
  /** Of the inode, for checksums. */
  readonly seed: number;
  readonly allocate: () => number;
}

export const extentTree = (extents: readonly Extent[], { blockSize, seed, allocate }: TreePlace): ExtentTree => {
  const perBlock = Math.floor((blockSize - SIZE) / SIZE);
  const blocks: { number: number; bytes: Buffer }[] = [];
  let depth = 0;
  let entries = extents.map(leaf);
  while (entries.length > IN_INODE) {
    const above: Entry[] = [];
    for (let first = 0; first < entries.length; first += perBlock) {
      const bytes = node(entries.slice(first, first + perBlock), depth, perBlock, Buffer.alloc(blockSize));
      const tail = SIZE + perBlock * SIZE;
      bytes.writeUInt32LE(crc32c(seed, bytes.subarray(0, tail)), tail);
      const number = allocate();
      blocks.push({ number, bytes });
      above.push(index(entries[first]?.at ?? 0, number));
    }
    entries = above;
    depth += 1;
  }
  return { root: node(entries, depth, IN_INODE, Buffer.alloc(60)), blocks };
};

interface Entry {
  readonly at: number;
  readonly bytes: Buffer;
}

const leaf = ({ at, block, count }: Extent): Entry => {
  const bytes = Buffer.alloc(SIZE);
  bytes.writeUInt32LE(at);
  bytes.writeUInt16LE(count, 4);
  bytes.writeUInt16LE(Math.floor(block / 2 ** 32), 6);
  bytes.writeUInt32LE(block % 2 ** 32, 8);
  return { at, bytes };
};

const index = (at: number, block: number): Entry => {
  const bytes = Buffer.alloc(SIZE);
  bytes.writeUInt32LE(at);
  bytes.writeUInt32LE(block % 2 ** 32, 4);
  bytes.writeUInt16LE(Math.floor(block / 2 ** 32), 8);
  return { at, bytes };
};

const node = (entries: readonly Entry[], depth: number, most: number, into: Buffer): Buffer => {
  into.writeUInt16LE(MAGIC);
  into.writeUInt16LE(entries.length, 2);
  into.writeUInt16LE(most, 4);
  into.writeUInt16LE(depth, 6);
  for (const [nth, { bytes }] of entries.entries()) bytes.copy(into, SIZE + nth * SIZE);
  return into;
};
