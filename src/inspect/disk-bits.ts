/** Where the bytes of two disks differ, whatever the formats of their images: by partition, and by file where that can be told. */
import type { Disk } from '../capture/disk/disk.ts';
import { openExt4 } from '../capture/ext4.ts';
import type { Partition } from '../capture/partitions.ts';
import { throwIfInterrupted } from '../errors.ts';

export interface DifferentBlock {
  /** Of the disk, bytes. */
  readonly offset: number;
  /** `partition 3`, `partition table or boot code`. */
  readonly where: string;
  /** The file that has it, of an ext4 file system in a raw image. */
  readonly file?: string;
}

export interface DifferentBits {
  /** Blocks of 4 KiB. */
  readonly count: number;
  /** The first ones, one for each file. */
  readonly examples: readonly DifferentBlock[];
}

type ReadDisk = Pick<Disk, 'read' | 'size' | 'image' | 'format'>;

const PIECE = 2 ** 20;
const BLOCK = 4096;
const MOST_LOOKED_AT = 200;
const MOST_EXAMPLES = 20;

export const differentBits = async (
  before: ReadDisk,
  after: ReadDisk,
  partitions: readonly Partition[],
  signal?: AbortSignal,
): Promise<DifferentBits> => {
  const offsets: number[] = [];
  let count = 0;
  const size = Math.max(before.size, after.size);
  for (let at = 0; at < size; at += PIECE) {
    throwIfInterrupted(signal);
    const length = Math.min(PIECE, size - at);
    const [one, other] = await Promise.all([before.read(at, length), after.read(at, length)]);
    if (one.equals(other)) continue;
    for (let within = 0; within < length; within += BLOCK) {
      if (one.subarray(within, within + BLOCK).equals(other.subarray(within, within + BLOCK))) continue;
      count += 1;
      if (offsets.length < MOST_LOOKED_AT) offsets.push(at + within);
    }
  }
  return { count, examples: await examplesOf(before, offsets, partitions) };
};

const examplesOf = async (
  disk: ReadDisk,
  offsets: readonly number[],
  partitions: readonly Partition[],
): Promise<DifferentBlock[]> => {
  const found = new Map<string, DifferentBlock>();
  for (const offset of offsets) {
    if (found.size === MOST_EXAMPLES) break;
    const inside = partitions.find(({ start, size }) => offset >= start && offset < start + size);
    const where = inside === undefined ? 'partition table or boot code' : `partition ${inside.number}`;
    const canTell = inside?.content === 'ext4' && disk.format === 'raw';
    const file = canTell ? await openExt4(disk.image, inside.start).pathAt(offset - inside.start) : undefined;
    const key = `${where} ${file ?? ''}`;
    if (!found.has(key)) found.set(key, { offset, where, ...(file === undefined ? {} : { file }) });
  }
  return [...found.values()];
};
