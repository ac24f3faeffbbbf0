/**
 * Where the directory records of a medium lie that point to its files: in the primary tree, in Joliet's, and in the
 * second set of trees of media whose first partition begins after block 0. A boot loader may read any of them.
 */
import type { FileHandle } from 'node:fs/promises';
import { BLOCK_SIZE, readAt } from '../iso/iso9660.ts';

/** A record at byte `at`; its block numbers count from block `base`. `lba` counts from 0. */
export interface RecordPlace {
  readonly at: number;
  readonly base: number;
  readonly lba: number;
  readonly isDirectory: boolean;
  readonly size: number;
}

const FIRST_DESCRIPTOR = 16;
const MOST_DESCRIPTORS = 32;
const [PRIMARY, SUPPLEMENTARY] = [1, 2];

/** `bases`: the blocks at which volumes begin: 0, and the partition's. The medium has been found to be sound before. */
export const recordPlaces = async (file: FileHandle, bases: readonly number[]): Promise<RecordPlace[]> => {
  const places: RecordPlace[] = [];
  const seen = new Set<number>();
  for (const base of bases) {
    for (let nth = 0; nth < MOST_DESCRIPTORS; nth++) {
      const at = (base + FIRST_DESCRIPTOR + nth) * BLOCK_SIZE;
      const descriptor = await readAt(file, at, BLOCK_SIZE);
      if (descriptor.toString('latin1', 1, 6) !== 'CD001') break;
      if (descriptor[0] !== PRIMARY && descriptor[0] !== SUPPLEMENTARY) continue;
      await visit(file, placeOf(descriptor.subarray(156), at + 156, base), places, seen);
    }
  }
  return places;
};

const placeOf = (record: Buffer, at: number, base: number): RecordPlace => ({
  at,
  base,
  lba: record.readUInt32LE(2) + base,
  size: record.readUInt32LE(10),
  isDirectory: ((record[25] ?? 0) & 2) !== 0,
});

const visit = async (file: FileHandle, directory: RecordPlace, places: RecordPlace[], seen: Set<number>) => {
  if (seen.has(directory.lba)) return;
  seen.add(directory.lba);
  places.push(directory);
  const bytes = await readAt(file, directory.lba * BLOCK_SIZE, directory.size);
  for (let at = 0; at + 34 <= bytes.length; ) {
    const length = bytes[at] ?? 0;
    if (length < 34) {
      at = (Math.floor(at / BLOCK_SIZE) + 1) * BLOCK_SIZE;
      continue;
    }
    const place = placeOf(bytes.subarray(at), directory.lba * BLOCK_SIZE + at, directory.base);
    if (place.isDirectory) await visit(file, place, places, seen);
    else places.push(place);
    at += length;
  }
};
