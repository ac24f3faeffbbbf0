/** Extended attributes of an inode, in itself and in the block that it names (the kernel's ext4 documentation, "Extended Attributes"). */
import type { Area } from '../disk/cached-disk.ts';
import type { Inode } from './inode.ts';
import type { Superblock } from './superblock.ts';

/** By the number that stands for it. */
export const PREFIXES: Readonly<Record<number, string>> = {
  0: '',
  1: 'user.',
  2: 'system.posix_acl_access',
  3: 'system.posix_acl_default',
  4: 'trusted.',
  6: 'security.',
  7: 'system.',
  8: 'system.richacl',
};
const BLOCK_HEADER = 32;
const ENTRY = 16;

/** The values by name. One that is kept in an inode of its own is left empty. */
export const attributesOf = async (
  area: Area,
  { blockSize }: Superblock,
  inode: Pick<Inode, 'ownAttributes' | 'attributeBlock'>,
): Promise<ReadonlyMap<string, Buffer>> => {
  const found = new Map<string, Buffer>();
  collect(inode.ownAttributes, 0, found);
  if (inode.attributeBlock !== 0)
    collect(await area.read(inode.attributeBlock * blockSize, blockSize), BLOCK_HEADER, found);
  return found;
};

const collect = (bytes: Buffer, begin: number, found: Map<string, Buffer>): void => {
  for (let at = begin; at + ENTRY <= bytes.length && bytes.readUInt32LE(at) !== 0; ) {
    const [length, index] = [bytes.readUInt8(at), bytes.readUInt8(at + 1)];
    const value = bytes.readUInt16LE(at + 2);
    const inOther = bytes.readUInt32LE(at + 4) !== 0;
    const name = `${PREFIXES[index] ?? `${index}.`}${bytes.toString('utf8', at + ENTRY, at + ENTRY + length)}`;
    found.set(name, inOther ? Buffer.alloc(0) : Buffer.from(bytes.subarray(value, value + bytes.readUInt32LE(at + 8))));
    at += ENTRY + Math.ceil(length / 4) * 4;
  }
};
