/** Entries of a folder. An index of names (htree) is stored in entries that name no inode, so every folder can be read as a list. */
import { fileName } from '../file-names.ts';
import { damaged, type Superblock } from './superblock.ts';

export interface Name {
  readonly name: string;
  readonly inode: number;
}

const HEAD = 8;

/**
 * `bytes` is the whole folder; one that is kept in its inode begins with the number of the folder above. A name that is there twice
 * would be one file for a kernel and another one for us, so such a folder is damaged.
 */
export const namesIn = (bytes: Buffer, superblock: Superblock, isInline: boolean): Name[] => {
  const found = listed(bytes, superblock, isInline);
  if (new Set(found.map(({ name }) => name)).size < found.length) throw damaged('a folder has one name twice');
  return found;
};

const listed = (bytes: Buffer, { blockSize, hasFileTypes }: Superblock, isInline: boolean): Name[] => {
  if (!isInline) {
    const found: Name[] = [];
    for (let at = 0; at < bytes.length; at += blockSize)
      collect(bytes.subarray(at, at + blockSize), hasFileTypes, found);
    return found;
  }
  const found: Name[] = [];
  const inInode = 60;
  collect(bytes.subarray(4, inInode), hasFileTypes, found);
  collect(bytes.subarray(inInode), hasFileTypes, found);
  return found;
};

const collect = (block: Buffer, hasFileTypes: boolean, found: Name[]): void => {
  for (let at = 0; at + HEAD <= block.length; ) {
    const inode = block.readUInt32LE(at);
    const stated = block.readUInt16LE(at + 4);
    // A block of 64 KiB is longer than its length field can say.
    const length = stated === 0xffff || stated === 0 ? block.length - at : stated & ~3;
    const size = hasFileTypes ? block.readUInt8(at + 6) : block.readUInt16LE(at + 6);
    if (length < HEAD || at + length > block.length || HEAD + size > length)
      throw damaged('an entry of a folder makes no sense');
    const name = fileName(block.subarray(at + HEAD, at + HEAD + size));
    if (inode !== 0 && name === undefined) throw damaged('a folder has a name that is none');
    if (inode !== 0 && name !== undefined && name !== '.' && name !== '..') found.push({ name, inode });
    at += length;
  }
};
