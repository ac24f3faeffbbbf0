/** What a rebuilt ext4 file system keeps of the one before it. */
import type { Superblock } from '../ext4/superblock.ts';
import { cannotRebuild } from '../ext4-write/cannot-rebuild.ts';
import type { Ext4Shape } from '../ext4-write/skeleton.ts';

/** has_journal, ext_attr, resize_inode, dir_index, orphan_file; filetype, extent, 64bit, flex_bg, csum_seed; sparse_super, large_file, huge_file, gdt_csum, dir_nlink, extra_isize, metadata_csum. */
const KNOWN = [
  0x4 | 0x8 | 0x10 | 0x20 | 0x1000,
  0x2 | 0x40 | 0x80 | 0x200 | 0x2000,
  0x1 | 0x2 | 0x8 | 0x10 | 0x20 | 0x40 | 0x400,
] as const;
const NAMES = ['compatible', 'incompatible', 'read-only'];
const EXTENTS = 0x40;

/** Throws `capture.cannot-rebuild` for one that is not clean, or has something that ours would not have. */
export const shapeOf = (superblock: Superblock, where: string): Ext4Shape => {
  const { blockSize, blocks, inodes, reservedBlocks, label, defaultMountOptions, onError, features } = superblock;
  if (!superblock.clean) throw cannotRebuild(`${where} was not unmounted`);
  if ((features[1] & EXTENTS) === 0) throw cannotRebuild(`${where} is ext2 or ext3; only ext4 is rebuilt`);
  const unknown = features.flatMap((bits, nth) => {
    const other = bits & ~(KNOWN[nth] ?? 0);
    return other === 0 ? [] : [`${NAMES[nth]} 0x${other.toString(16)}`];
  });
  if (unknown.length > 0) throw cannotRebuild(`${where} has features that are not rebuilt`, unknown.join(', '));
  return { blockSize, blocks, inodes, reservedBlocks, label, defaultMountOptions, onError };
};
