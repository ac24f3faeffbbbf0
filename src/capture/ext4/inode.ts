/** Inodes of ext4: what stat(2) shows, where the content is, extended attributes (ext4(5); the kernel's ext4 documentation). */
import type { Area } from '../disk/cached-disk.ts';
import { damaged, type Superblock } from './superblock.ts';

export interface Inode {
  readonly number: number;
  /** With the type bits of stat(2). */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly links: number;
  /** What its blocks take, bytes. */
  readonly allocated: number;
  /** Seconds since the epoch. */
  readonly modified: number;
  /** Those of chattr(1), and what ext4 itself notes there. */
  readonly flags: number;
  readonly isInline: boolean;
  readonly hasExtents: boolean;
  /** The 60 bytes of i_block. */
  readonly block: Buffer;
  /** Of a block with extended attributes, 0 when there is none. */
  readonly attributeBlock: number;
  /** Extended attributes in the inode itself, after their magic number; empty when there are none. */
  readonly ownAttributes: Buffer;
}

const [EXTENTS, HUGE, INLINE] = [0x80000, 0x40000, 0x10000000];
const NONE = Buffer.alloc(0);
const ATTRIBUTES_MAGIC = 0xea020000;

export const readInode = async (area: Area, superblock: Superblock, number: number): Promise<Inode> => {
  const { inodes, inodeSize, inodesPerGroup, blockSize, hasHugeFiles } = superblock;
  if (number < 1 || number > inodes) throw damaged(`inode ${number} does not exist`);
  const table = await superblock.inodeTable(Math.floor((number - 1) / inodesPerGroup));
  const bytes = await area.read(table + ((number - 1) % inodesPerGroup) * inodeSize, inodeSize);
  if (bytes.length < inodeSize) throw damaged(`inode ${number} lies beyond the end of the disk`);
  const flags = bytes.readUInt32LE(0x20);
  const blocks = bytes.readUInt32LE(0x1c) + (hasHugeFiles ? bytes.readUInt16LE(0x74) * 2 ** 32 : 0);
  const extra = inodeSize > 128 ? bytes.readUInt16LE(0x80) : 0;
  const attributesAt = 128 + extra;
  const hasOwn = extra > 0 && attributesAt + 4 <= inodeSize && bytes.readUInt32LE(attributesAt) === ATTRIBUTES_MAGIC;
  return {
    number,
    mode: bytes.readUInt16LE(0x0),
    uid: bytes.readUInt16LE(0x2) + bytes.readUInt16LE(0x78) * 2 ** 16,
    gid: bytes.readUInt16LE(0x18) + bytes.readUInt16LE(0x7a) * 2 ** 16,
    size: bytes.readUInt32LE(0x4) + bytes.readUInt32LE(0x6c) * 2 ** 32,
    links: bytes.readUInt16LE(0x1a),
    allocated: blocks * (hasHugeFiles && (flags & HUGE) !== 0 ? blockSize : 512),
    modified: bytes.readInt32LE(0x10) + (extra >= 12 ? (bytes.readUInt32LE(0x88) & 3) * 2 ** 32 : 0),
    flags,
    isInline: (flags & INLINE) !== 0,
    hasExtents: (flags & EXTENTS) !== 0,
    block: Buffer.from(bytes.subarray(0x28, 0x64)),
    attributeBlock: bytes.readUInt32LE(0x68) + bytes.readUInt16LE(0x76) * 2 ** 32,
    ownAttributes: hasOwn ? Buffer.from(bytes.subarray(attributesAt + 4)) : NONE,
  };
};
