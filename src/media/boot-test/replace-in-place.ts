/**
 * Files of an ISO replaced where they lie, without writing the medium again: boot structures, partitions and all other
 * files keep their blocks. A file that outgrows its own blocks moves into unused ones between the others.
 */
import { type FileHandle, open } from 'node:fs/promises';
import { basename } from 'node:path/posix';
import { IngotError } from '../../errors.ts';
import { BLOCK_SIZE, readAt } from '../iso/iso9660.ts';
import type { Medium } from '../iso/medium.ts';
import { type RecordPlace, recordPlaces } from './directory-places.ts';

/** Changes `medium.iso`. Throws `media.no-room` when a file has outgrown its blocks and the medium has no free ones. */
export const replaceInPlace = async (medium: Medium, contents: ReadonlyMap<string, Buffer>): Promise<void> => {
  await using file = await open(medium.iso, 'r+');
  const bases = [...new Set([0, medium.boot.partitionOffset])];
  const places = await recordPlaces(file, bases);
  const used = usedRanges(medium, places);
  for (const [path, content] of contents) {
    const [extent] = medium.files.get(path) ?? [];
    if (extent === undefined) continue;
    const fits = content.length <= blocksOf(extent.size) * BLOCK_SIZE && extent.size > 0;
    const lba = fits ? extent.lba : await unusedBlocks(file, medium, used, blocksOf(content.length));
    if (lba === undefined) throw noRoom(medium, path);
    used.push({ from: lba, to: lba + blocksOf(content.length) });
    await file.write(padded(content), 0, undefined, lba * BLOCK_SIZE);
    for (const place of places) {
      if (!place.isDirectory && place.lba === extent.lba && place.size === extent.size)
        await writePlace(file, place, lba, content.length);
    }
  }
};

interface Range {
  readonly from: number;
  readonly to: number;
}

const blocksOf = (size: number): number => Math.ceil(size / BLOCK_SIZE);

const padded = (content: Buffer): Buffer => Buffer.concat([content], blocksOf(content.length) * BLOCK_SIZE);

/** Both byte orders of extent and size (ECMA-119, 9.1.3 and 9.1.4). */
const writePlace = async (file: FileHandle, { at, base }: RecordPlace, lba: number, size: number): Promise<void> => {
  const fields = Buffer.alloc(16);
  fields.writeUInt32LE(lba - base, 0);
  fields.writeUInt32BE(lba - base, 4);
  fields.writeUInt32LE(size, 8);
  fields.writeUInt32BE(size, 12);
  await file.write(fields, 0, fields.length, at + 2);
};

/** Volume descriptors and what lies before them. */
const HEAD = 64;
/** GPT's backup: 33 sectors at the end. */
const TAIL = 32;

const usedRanges = ({ boot, volume, files }: Medium, places: readonly RecordPlace[]): Range[] => {
  const total = blocksOf(volume.fileSize);
  const partitions = [...boot.mbr, ...boot.gpt, ...boot.apm].map(({ start, blocks }) => ({
    from: Math.floor(start / 4),
    to: Math.ceil((start + blocks) / 4),
  }));
  return [
    { from: 0, to: HEAD },
    { from: total - TAIL, to: total },
    ...[...files.values()].flat().map(({ lba, size }) => ({ from: lba, to: lba + blocksOf(size) })),
    ...places.map(({ lba, size }) => ({ from: lba, to: lba + blocksOf(size) })),
    ...boot.elTorito.map(({ lba }) => ({ from: lba, to: lba + 2 })),
    // What begins after the file system's head is another file system; one that holds this one begins before.
    ...partitions.filter(({ from }) => from > HEAD),
  ];
};

/** Padding, most of the time: blocks of zeros that nothing points to. The last ones that are large enough. */
const unusedBlocks = async (
  file: FileHandle,
  { volume }: Medium,
  used: readonly Range[],
  count: number,
): Promise<number | undefined> => {
  let end = blocksOf(volume.volumeSize);
  for (const { from, to } of used.toSorted((a, b) => b.to - a.to)) {
    const lba = await zeroBlocks(file, Math.max(to, 0), end, count);
    if (lba !== undefined) return lba;
    end = Math.min(end, from);
  }
  return undefined;
};

/** Enough for any padding; a hole of gigabytes is not read to its beginning. */
const LONGEST_LOOK = 4096;

const zeroBlocks = async (file: FileHandle, from: number, to: number, count: number): Promise<number | undefined> => {
  if (to - from < count) return undefined;
  const first = Math.max(from, to - LONGEST_LOOK);
  const bytes = await readAt(file, first * BLOCK_SIZE, (to - first) * BLOCK_SIZE);
  let run = 0;
  for (let block = Math.floor(bytes.length / BLOCK_SIZE) - 1; block >= 0; block--) {
    const isZero = bytes.subarray(block * BLOCK_SIZE, (block + 1) * BLOCK_SIZE).every((byte) => byte === 0);
    run = isZero ? run + 1 : 0;
    if (run === count) return first + block;
  }
  return undefined;
};

const noRoom = ({ iso }: Medium, path: string): IngotError =>
  new IngotError('media.no-room', `${basename(path)} no longer fits into its place, and the medium has no room left`, {
    where: `${iso}: ${path}`,
    hint: 'Media are written with some padding at their end; this one has none.',
  });
