/**
 * Writes zeros over the free blocks of a captured disk's file systems, and over journals that need no replay: those have
 * old copies of folders, with the names of files that are long gone. fstrim in the guest hands back whole clusters of the
 * build's disk only; in a cluster that is partly in use, removed files would stay.
 */
import { open } from 'node:fs/promises';
import { throwIfInterrupted } from '../errors.ts';
import { freeExtents } from './free-extents.ts';
import type { GuestFiles } from './guest-files.ts';
import { type DataExtent, dataExtents } from './search.ts';

const ZEROS = Buffer.alloc(1 << 20);

/** Writes into the image; returns how many bytes were not zero before. */
export const scrubFreeBlocks = async ({ image, mounts }: GuestFiles, signal?: AbortSignal): Promise<number> => {
  const extents = await dataExtents(image);
  const free: DataExtent[] = [];
  for (const { ext4, partition } of mounts) {
    if (ext4 === undefined) continue;
    for (const { start, length } of await freeExtents(image, partition.start)) {
      free.push({ start: partition.start + start, length });
    }
    const { blockSize } = await ext4.header();
    for (const { at, offset, length } of (await ext4.finishedJournal()) ?? []) {
      const kept = at === 0 ? blockSize : 0;
      free.push({ start: partition.start + offset + kept, length: length - kept });
    }
  }
  let scrubbed = 0;
  const handle = await open(image, 'r+');
  try {
    const buffer = Buffer.allocUnsafe(ZEROS.length);
    for (const { start, length } of intersect(free, extents)) {
      throwIfInterrupted(signal);
      for (let at = start; at < start + length; at += ZEROS.length) {
        const size = Math.min(ZEROS.length, start + length - at);
        await handle.read(buffer, 0, size, at);
        if (buffer.compare(ZEROS, 0, size, 0, size) === 0) continue;
        await handle.write(ZEROS, 0, size, at);
        scrubbed += size;
      }
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
  return scrubbed;
};

/** Both sorted by start, neither overlapping itself. */
const intersect = (one: readonly DataExtent[], other: readonly DataExtent[]): DataExtent[] => {
  const first = one.toSorted((a, b) => a.start - b.start);
  const both: DataExtent[] = [];
  let index = 0;
  for (const { start, length } of first) {
    const end = start + length;
    while (index > 0 && (other[index - 1]?.start ?? 0) > start) index -= 1;
    while (index < other.length) {
      const extent = other[index];
      if (extent === undefined || extent.start >= end) break;
      const from = Math.max(start, extent.start);
      const to = Math.min(end, extent.start + extent.length);
      if (from < to) both.push({ start: from, length: to - from });
      if (extent.start + extent.length > end) break;
      index += 1;
    }
  }
  return both;
};
