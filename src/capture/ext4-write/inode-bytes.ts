/** An inode of 256 bytes (the kernel's ext4 documentation, "Index Nodes"). Whatever tells when or in which order it was made is fixed. */
import { crc32c, crc32cOfNumber } from '../../formats/crc32c.ts';

export const INODE_SIZE = 256;
/** How many of the fixed fields after the first 128 bytes there are. */
const EXTRA = 32;
const FIXED = 128 + EXTRA;
export const ATTRIBUTE_ROOM = INODE_SIZE - FIXED;
export const EXTENTS_FLAG = 0x80000;
/** As ext4 does with a folder that has more of them. */
const MOST_LINKS = 65_000;

export interface InodeFields {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly links: number;
  readonly time: number;
  readonly flags: number;
  /** Of 512 bytes, as ext4 counts what a file takes. */
  readonly sectors: number;
  /** 60 bytes. */
  readonly block: Buffer;
  readonly attributeBlock: number;
  readonly ownAttributes: Buffer;
}

/** Generation 0 for all. */
export const inodeSeed = (seed: number, number: number): number => crc32cOfNumber(crc32cOfNumber(seed, number), 0);

export const inodeBytes = (fields: InodeFields, seedOfInode: number): Buffer => {
  const bytes = Buffer.alloc(INODE_SIZE);
  const { mode, uid, gid, size, links, time, flags, sectors } = fields;
  bytes.writeUInt16LE(mode, 0x0);
  bytes.writeUInt16LE(uid & 0xffff, 0x2);
  bytes.writeUInt32LE(size % 2 ** 32, 0x4);
  for (const at of [0x8, 0xc, 0x10, 0x90]) bytes.writeInt32LE(time | 0, at);
  const later = Math.floor((time + 2 ** 31) / 2 ** 32) & 3;
  for (const at of [0x84, 0x88, 0x8c, 0x94]) bytes.writeUInt32LE(later, at);
  bytes.writeUInt16LE(gid & 0xffff, 0x18);
  bytes.writeUInt16LE(links > MOST_LINKS ? 1 : links, 0x1a);
  bytes.writeUInt32LE(sectors % 2 ** 32, 0x1c);
  bytes.writeUInt16LE(Math.floor(sectors / 2 ** 32), 0x74);
  bytes.writeUInt32LE(flags >>> 0, 0x20);
  fields.block.copy(bytes, 0x28);
  bytes.writeUInt32LE(fields.attributeBlock % 2 ** 32, 0x68);
  bytes.writeUInt16LE(Math.floor(fields.attributeBlock / 2 ** 32), 0x76);
  bytes.writeUInt32LE(Math.floor(size / 2 ** 32), 0x6c);
  bytes.writeUInt16LE(uid >>> 16, 0x78);
  bytes.writeUInt16LE(gid >>> 16, 0x7a);
  bytes.writeUInt16LE(EXTRA, 0x80);
  fields.ownAttributes.copy(bytes, FIXED);
  const sum = crc32c(seedOfInode, bytes);
  bytes.writeUInt16LE(sum & 0xffff, 0x7c);
  bytes.writeUInt16LE(sum >>> 16, 0x82);
  return bytes;
};
