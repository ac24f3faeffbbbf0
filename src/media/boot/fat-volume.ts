/** The names of a FAT file system: for boot loaders that search for it, and for the larger one that replaces it. */
import { open } from 'node:fs/promises';
import type { FatImage, FatVolume } from './efi-image.ts';

/** FAT12 and FAT16 have serial number and label here, FAT32 has them further on (Microsoft's FAT specification, 3). */
const [SMALL, LARGE] = [39, 67];

/** Undefined where there is not even a first sector. */
export const fatVolume = async ({ path, offset = 0 }: FatImage): Promise<FatVolume | undefined> => {
  await using file = await open(path, 'r');
  const sector = Buffer.alloc(512);
  if ((await file.read(sector, 0, sector.length, offset)).bytesRead < sector.length) return undefined;
  const isFat32 = sector.readUInt16LE(22) === 0;
  const at = isFat32 ? LARGE : SMALL;
  const serial = sector.readUInt32LE(at).toString(16).padStart(8, '0');
  return { serial, label: sector.toString('latin1', at + 4, at + 15).trim(), isFat32 };
};
