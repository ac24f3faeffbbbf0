/** The partitions of a raw disk image and what is in them, read with sfdisk and blkid; nothing is mounted. */
import { z } from 'zod';
import { IngotError } from '../errors.ts';
import { run } from '../host/run.ts';

export interface Partition {
  readonly number: number;
  /** Bytes. */
  readonly start: number;
  readonly size: number;
  /** GPT type GUID in upper case, or the MBR type in hex. */
  readonly type: string;
  /** `ext4`, `vfat`, `swap`, …; absent when blkid sees nothing. */
  readonly content?: string;
  /** UUID of the file system or swap area. */
  readonly uuid?: string;
  readonly partitionUuid?: string;
}

export interface PartitionTable {
  readonly label: 'gpt' | 'dos';
  readonly partitions: readonly Partition[];
}

/** The Discoverable Partitions Specification and the UEFI specification, 5.3.3. */
export const PARTITION_TYPES = {
  biosBoot: '21686148-6449-6E6F-744E-656564454649',
  esp: 'C12A7328-F81F-11D2-BA4B-00A0C93EC93B',
  rootAmd64: '4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709',
} as const;

/** `sfdisk --json` (sfdisk(8)). */
const sfdiskOutput = z.object({
  partitiontable: z.object({
    label: z.enum(['gpt', 'dos']),
    sectorsize: z.number().default(512),
    partitions: z
      .array(
        z.object({
          node: z.string(),
          start: z.number(),
          size: z.number(),
          type: z.string(),
          uuid: z.string().optional(),
        }),
      )
      .default([]),
  }),
});

/** Throws `capture.no-partition-table` when the image has none. */
export const readPartitions = async (image: string): Promise<PartitionTable> => {
  const { stdout } = await run('sfdisk', ['--json', image]).catch((cause: unknown) => {
    if (!(cause instanceof IngotError) || cause.code !== 'host.command-failed') throw cause;
    throw new IngotError('capture.no-partition-table', 'the captured disk has no partition table', {
      where: image,
      hint: 'Does a step write to the disk itself (dd, wipefs, sgdisk)? `ingot shell` starts the machine to look.',
      cause,
    });
  });
  const { label, sectorsize, partitions } = sfdiskOutput.parse(JSON.parse(stdout)).partitiontable;
  const found = partitions.map(async ({ node, start, size, type, uuid }): Promise<Partition> => {
    const place = { start: start * sectorsize, size: size * sectorsize };
    return {
      number: Number(/\d+$/.exec(node)?.[0] ?? 0),
      ...place,
      type: type.toUpperCase(),
      ...(uuid === undefined ? {} : { partitionUuid: uuid.toLowerCase() }),
      ...(await probe(image, place)),
    };
  });
  return { label, partitions: await Promise.all(found) };
};

const NOTHING_FOUND = 2;

const probe = async (image: string, { start, size }: { start: number; size: number }) => {
  const place = ['--offset', String(start), '--size', String(size)];
  const { stdout } = await run('blkid', ['--probe', ...place, '--output', 'export', image], { allow: [NOTHING_FOUND] });
  const value = (name: string) => new RegExp(`^${name}=(.*)$`, 'm').exec(stdout)?.[1];
  const [content, uuid] = [value('TYPE'), value('UUID')];
  return { ...(content === undefined ? {} : { content }), ...(uuid === undefined ? {} : { uuid }) };
};
