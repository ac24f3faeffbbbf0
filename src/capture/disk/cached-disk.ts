/** A part of a disk, read in large pieces that are kept for a while: parts of a file system that belong together lie near each other. */
import type { Disk } from './disk.ts';

export interface Area {
  /** Bytes of the area; what lies beyond the disk's end is missing. Not to be changed. */
  read(offset: number, length: number): Promise<Buffer>;
}

const PIECE = 2 ** 19;
/** 8 MiB: with more, what was read before is kept for nothing, since files are read in the order of the disk. */
const MOST_PIECES = 16;

export const cachedArea = (disk: Pick<Disk, 'read'>, start: number): Area => {
  const kept = new Map<number, Promise<Buffer>>();
  const piece = (number: number): Promise<Buffer> => {
    const found = kept.get(number) ?? disk.read(start + number * PIECE, PIECE);
    kept.delete(number);
    kept.set(number, found);
    if (kept.size > MOST_PIECES)
      for (const oldest of kept.keys()) {
        kept.delete(oldest);
        break;
      }
    return found;
  };
  return {
    async read(offset, length) {
      const first = Math.floor(offset / PIECE);
      const within = offset - first * PIECE;
      if (within + length <= PIECE) return (await piece(first)).subarray(within, within + length);
      return disk.read(start + offset, length);
    },
  };
};
