/** Whether and where new files can be put after a copy of a medium, and what has to follow them again. */
import { type FileHandle, open } from 'node:fs/promises';
import { type Appended, hasHfs, partitionAt, partitionsOf, SECTOR } from './appended.ts';
import { BLOCK_SIZE, readDescriptors } from './iso9660.ts';
import type { Medium } from './medium.ts';

export interface Growth {
  /** The block at which xorriso goes on: nothing from there on is in the way. */
  readonly end: number;
  /** A partition after the file system, to be appended again. */
  readonly appended?: Appended;
}

/** With a partition after it: there libisofs (1.5.4) counts bytes in 32 bits. With room for directories and padding. */
const LARGEST_WITH_PARTITION = 2 ** 32 - 2 ** 26;

/**
 * For a medium that will have about `size` bytes. Undefined where something lies after the file system that cannot be
 * appended again: such a medium is written as a whole.
 */
export const growthOf = (medium: Medium, size: number): Growth | undefined => {
  const { boot, files, volume } = medium;
  const hidden = boot.elTorito.filter(({ path }) => path === undefined);
  const [image] = hidden;
  const end = image?.lba ?? volume.volumeSize / BLOCK_SIZE;
  const behind = partitionsOf(boot).filter(({ start }) => start * SECTOR >= end * BLOCK_SIZE);
  const isInTheWay = [...files.values()]
    .flat()
    .some((extent) => extent.lba * BLOCK_SIZE + extent.size > end * BLOCK_SIZE);
  if (isInTheWay || hidden.length > 1 || hasHfs(boot)) return undefined;
  if (image === undefined) return behind.length === 0 ? { end } : undefined;
  // xorriso gets a new image for UEFI in place of the last one.
  if (image.platform !== 'UEFI' || image !== boot.elTorito.at(-1) || size > LARGEST_WITH_PARTITION) return undefined;
  const appended = behind.length === 1 ? partitionAt(medium, end) : undefined;
  return appended && { end, appended };
};

/** Where the stated size stands in a volume descriptor (ECMA-119, 8.4.8), and their first block. */
const STATED_SIZE = 80;
const DESCRIPTORS = 16;

/** In the primary descriptor: that is where xorriso goes on. */
export const stateSize = async (iso: string, blocks: number): Promise<void> => {
  await using file = await open(iso, 'r+');
  await writeSize(file, 0, blocks);
};

const writeSize = async (file: FileHandle, descriptor: number, blocks: number): Promise<void> => {
  // In both orders of bytes (ECMA-119, 7.3.3).
  const both = Buffer.alloc(8);
  both.writeUInt32LE(blocks, 0);
  both.writeUInt32BE(blocks, 4);
  await file.write(both, 0, both.length, (DESCRIPTORS + descriptor) * BLOCK_SIZE + STATED_SIZE);
};

/** xorriso (1.5.4) states the size of what it has gone on after in 32 bits, counted in bytes. */
const COUNTED = 2 ** 32 / BLOCK_SIZE;
/** Primary, and supplementary as of Joliet. */
const WITH_SIZE: readonly unknown[] = [1, 2];

/** Corrects the stated sizes of a medium that has grown: they must not be smaller than the start of the new part. */
export const mendStatedSizes = async (iso: string, { end }: Growth): Promise<void> => {
  await using file = await open(iso, 'r+');
  for (const [index, descriptor] of (await readDescriptors(file)).entries()) {
    const stated = descriptor.readUInt32LE(STATED_SIZE);
    if (!WITH_SIZE.includes(descriptor[0]) || stated >= end) continue;
    await writeSize(file, index, stated + Math.ceil((end - stated) / COUNTED) * COUNTED);
  }
};
