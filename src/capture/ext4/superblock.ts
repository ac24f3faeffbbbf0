/** The superblock and the group descriptors of ext2, ext3 and ext4 (Linux' Documentation/filesystems/ext4, "Super Block"). */
import { IngotError } from '../../errors.ts';
import type { Area } from '../disk/cached-disk.ts';

export interface Superblock {
  readonly blockSize: number;
  readonly blocks: number;
  readonly freeBlocks: number;
  readonly inodes: number;
  readonly inodeSize: number;
  readonly inodesPerGroup: number;
  /** Nothing is left to be done at the next mount: neither in the journal nor for files that were removed while open. */
  readonly clean: boolean;
  readonly reservedBlocks: number;
  /** As the superblock has them: features (compatible, incompatible, read-only), options of a mount, what an error does. */
  readonly features: readonly [number, number, number];
  readonly defaultMountOptions: number;
  readonly onError: number;
  readonly label: string;
  readonly hasFileTypes: boolean;
  /** i_blocks may count blocks instead of sectors. */
  readonly hasHugeFiles: boolean;
  /** Where the table of a group's inodes begins, bytes of the file system. */
  readonly inodeTable: (group: number) => Promise<number>;
}

const MAGIC = 0xef53;
const INCOMPATIBLE = {
  compression: 0x1,
  fileType: 0x2,
  recover: 0x4,
  journalDevice: 0x8,
  metaGroups: 0x10,
  wide: 0x80,
  dirData: 0x1000,
  encrypted: 0x10000,
};
const UNREADABLE =
  INCOMPATIBLE.compression | INCOMPATIBLE.journalDevice | INCOMPATIBLE.dirData | INCOMPATIBLE.encrypted;
const READ_ONLY = { sparse: 0x1, hugeFile: 0x8, orphanPresent: 0x10000 };
const SPARSE_2 = 0x200;

/** Throws `capture.file-system` for what is not one, or has a feature that is not read here. */
export const readSuperblock = async (area: Area): Promise<Superblock> => {
  const bytes = await area.read(1024, 1024);
  if (bytes.length < 1024 || bytes.readUInt16LE(0x38) !== MAGIC) throw damaged('it has no superblock');
  const old = bytes.readUInt32LE(0x4c) === 0;
  const feature = (at: number) => (old ? 0 : bytes.readUInt32LE(at));
  const [compatible, incompatible, readOnly] = [feature(0x5c), feature(0x60), feature(0x64)];
  if ((incompatible & UNREADABLE) !== 0)
    throw damaged(`features 0x${incompatible.toString(16)} are not all known here`);
  const wide = (incompatible & INCOMPATIBLE.wide) !== 0;
  const joined = (low: number, high: number) =>
    bytes.readUInt32LE(low) + (wide ? bytes.readUInt32LE(high) * 2 ** 32 : 0);
  const blockSize = 1024 << bytes.readUInt32LE(0x18);
  const descriptorSize = wide ? bytes.readUInt16LE(0xfe) : 32;
  const [firstBlock, blocksPerGroup] = [bytes.readUInt32LE(0x14), bytes.readUInt32LE(0x20)];
  // With clusters the first group begins at block 0 even where blocks are as small as what comes before the superblock.
  const superblockBlock = blockSize === 1024 ? 1 : 0;
  const perBlock = blockSize / descriptorSize;
  const firstMeta =
    (incompatible & INCOMPATIBLE.metaGroups) !== 0 ? bytes.readUInt32LE(0x104) : Number.POSITIVE_INFINITY;
  const backups = [bytes.readUInt32LE(0x24c), bytes.readUInt32LE(0x250)];
  const hasSuperblock = (group: number): boolean => {
    if (group === 0) return true;
    if ((compatible & SPARSE_2) !== 0) return backups.includes(group);
    return (readOnly & READ_ONLY.sparse) === 0 || group === 1 || [3, 5, 7].some((base) => isPower(group, base));
  };
  /** With meta groups each block of descriptors lies in the first of the groups that it describes. */
  const descriptorBlock = (nth: number): number => {
    if (nth < firstMeta) return superblockBlock + 1 + nth;
    const group = nth * perBlock;
    const first = Math.max(group * blocksPerGroup + firstBlock, superblockBlock);
    return first + (hasSuperblock(group) ? 1 : 0);
  };
  if (!(blockSize <= 65_536 && perBlock >= 1 && blocksPerGroup > 0)) throw damaged('its superblock makes no sense');
  return {
    blockSize,
    blocks: joined(0x4, 0x150),
    freeBlocks: joined(0xc, 0x158),
    inodes: bytes.readUInt32LE(0x0),
    inodeSize: old ? 128 : bytes.readUInt16LE(0x58),
    inodesPerGroup: bytes.readUInt32LE(0x28),
    clean:
      (bytes.readUInt16LE(0x3a) & 1) === 1 &&
      (incompatible & INCOMPATIBLE.recover) === 0 &&
      (readOnly & READ_ONLY.orphanPresent) === 0 &&
      bytes.readUInt32LE(0xe8) === 0,
    reservedBlocks: joined(0x8, 0x154),
    features: [compatible, incompatible, readOnly],
    defaultMountOptions: old ? 0 : bytes.readUInt32LE(0x100),
    onError: bytes.readUInt16LE(0x3c),
    label: bytes.toString('utf8', 0x78, 0x88).replace(/\0.*$/s, ''),
    hasFileTypes: (incompatible & INCOMPATIBLE.fileType) !== 0,
    hasHugeFiles: (readOnly & READ_ONLY.hugeFile) !== 0,
    async inodeTable(group) {
      const at = descriptorBlock(Math.floor(group / perBlock)) * blockSize + (group % perBlock) * descriptorSize;
      const descriptor = await area.read(at, descriptorSize);
      if (descriptor.length < descriptorSize) throw damaged(`group ${group} lies beyond the end of the disk`);
      const high = descriptorSize >= 64 ? descriptor.readUInt32LE(0x28) : 0;
      return (descriptor.readUInt32LE(0x8) + high * 2 ** 32) * blockSize;
    },
  };
};

const isPower = (number: number, base: number): boolean => {
  let power = base;
  while (power < number) power *= base;
  return power === number;
};

export const damaged = (why: string): IngotError =>
  new IngotError('capture.file-system', 'a file system of the image cannot be read', {
    detail: why,
    hint: '`e2fsck -fn` on a raw copy of it says whether it is in order.',
  });
