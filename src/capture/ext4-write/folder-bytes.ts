/** The blocks of a folder (the kernel's ext4 documentation, "Directory Entries"): names in order, packed, with a checksum at the end of each. */
import { constants } from 'node:fs';
import { crc32c } from '../../formats/crc32c.ts';

export interface NumberedName {
  readonly name: Buffer;
  readonly inode: number;
  readonly mode: number;
}

const HEAD = 8;
const TAIL = 12;
const TAIL_TYPE = 0xde;

const { S_IFMT, S_IFREG, S_IFDIR, S_IFLNK, S_IFCHR, S_IFBLK, S_IFIFO, S_IFSOCK } = constants;
const TYPES = new Map<number, number>([
  [S_IFREG, 1],
  [S_IFDIR, 2],
  [S_IFCHR, 3],
  [S_IFBLK, 4],
  [S_IFIFO, 5],
  [S_IFSOCK, 6],
  [S_IFLNK, 7],
]);

const lengthOf = ({ name }: Pick<NumberedName, 'name'>): number => Math.ceil((HEAD + name.length) / 4) * 4;

/** How many names go into each block. */
const divided = (names: readonly NumberedName[], blockSize: number): NumberedName[][] => {
  const blocks: NumberedName[][] = [[]];
  let left = blockSize - TAIL;
  for (const one of names) {
    if (lengthOf(one) > left) {
      blocks.push([]);
      left = blockSize - TAIL;
    }
    blocks.at(-1)?.push(one);
    left -= lengthOf(one);
  }
  return blocks;
};

/** `least`: so many blocks at least, the last ones without names. `seed`: of the inode. */
export const folderBytes = (
  names: readonly NumberedName[],
  { blockSize, seed, least }: { readonly blockSize: number; readonly seed: number; readonly least: number },
): Buffer[] => {
  const blocks = divided(names, blockSize);
  while (blocks.length < least) blocks.push([]);
  return blocks.map((inside) => {
    const bytes = Buffer.alloc(blockSize);
    const end = blockSize - TAIL;
    let at = 0;
    for (const [nth, one] of inside.entries()) {
      const length = nth === inside.length - 1 ? end - at : lengthOf(one);
      bytes.writeUInt32LE(one.inode, at);
      bytes.writeUInt16LE(length, at + 4);
      bytes.writeUInt8(one.name.length, at + 6);
      bytes.writeUInt8(TYPES.get(one.mode & S_IFMT) ?? 0, at + 7);
      one.name.copy(bytes, at + HEAD);
      at += length;
    }
    if (inside.length === 0) bytes.writeUInt16LE(end, 4);
    bytes.writeUInt16LE(TAIL, end + 4);
    bytes.writeUInt8(TAIL_TYPE, end + 7);
    bytes.writeUInt32LE(crc32c(seed, bytes.subarray(0, end)), end + 8);
    return bytes;
  });
};
