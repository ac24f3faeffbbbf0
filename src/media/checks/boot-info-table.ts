/**
 * The boot-info-table of a boot image: where it lies, how long it is and a sum of it, in bytes 8 to 63, from which
 * ISOLINUX and GRUB find the rest of themselves (mkisofs(8), "-boot-info-table").
 */
import type { FileHandle } from 'node:fs/promises';
import { BLOCK_SIZE, openMedium, readAt } from '../iso/iso9660.ts';
import { type Medium, readMediumFile } from '../iso/medium.ts';

/** The sum is taken of what follows the table. */
const TABLE_END = 64;
const LARGEST_IMAGE = 4 * 2 ** 20;

/** Path of a boot image to what is wrong with its table, or undefined; images without a table are left out. */
export const checkBootInfo = async (medium: Medium): Promise<Map<string, string | undefined>> => {
  const results = new Map<string, string | undefined>();
  await using file = await openMedium(medium.iso);
  for (const { platform, emulation, path, lba } of medium.boot.elTorito) {
    if (platform !== 'BIOS' || emulation !== 'none' || path === undefined) continue;
    const [extent] = medium.files.get(path) ?? [];
    if (extent === undefined || extent.size > LARGEST_IMAGE || extent.size < TABLE_END) continue;
    const image = await readMediumFile(medium, path);
    if (await isVolumeDescriptor(file, image.readUInt32LE(8))) results.set(path, problemOf(image, lba));
    // ISOLINUX does not work without one; other images need none.
    else if (/isolinux\.bin$/i.test(path)) results.set(path, 'it has none');
  }
  return results;
};

/** Block 16; or a copy of it, for a partition that begins later (`-partition_offset`). */
const isVolumeDescriptor = async (file: FileHandle, block: number): Promise<boolean> =>
  (await readAt(file, block * BLOCK_SIZE, 6)).toString('latin1') === '\x01CD001';

const problemOf = (image: Buffer, lba: number): string | undefined => {
  if (image.readUInt32LE(12) !== lba) return `says block ${image.readUInt32LE(12)}, lies at block ${lba}`;
  const stated = image.readUInt32LE(16);
  // Some makers round up to whole blocks.
  if (stated !== image.length && stated !== Math.ceil(image.length / BLOCK_SIZE) * BLOCK_SIZE)
    return `says ${stated} bytes, has ${image.length}`;
  return image.readUInt32LE(20) === sumOf(image) ? undefined : 'its sum is wrong';
};

/** All 32-bit words, the last one filled with zeros. */
const sumOf = (image: Buffer): number => {
  const padded = Buffer.concat([image, Buffer.alloc((4 - (image.length % 4)) % 4)]);
  let sum = 0;
  for (let at = TABLE_END; at < padded.length; at += 4) sum = (sum + padded.readUInt32LE(at)) >>> 0;
  return sum;
};
