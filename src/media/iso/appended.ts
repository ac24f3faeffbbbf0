/** A partition after the file system of a medium: as a rule UEFI's boot image, which has to be put there again. */
import { partitionBoots } from '../boot/boot-paths.ts';
import type { BulkSpan } from './bulk.ts';
import { BLOCK_SIZE } from './iso9660.ts';
import type { Medium } from './medium.ts';
import type { AppendedPartition } from './xorriso-args.ts';
import type { BootReport, ReportedPartition } from './xorriso-report.ts';

export const SECTOR = 512;

/** In bytes. */
export interface Appended extends AppendedPartition, BulkSpan {}

/** The same as the file that it will be. */
export interface AppendedFile extends Appended {
  readonly from: string;
}

/** The partition that begins there; undefined where there is none, or it is cut. */
export const partitionAt = ({ boot, volume }: Medium, lba: number): Appended | undefined => {
  const begins = ({ start }: ReportedPartition): boolean => start * SECTOR === lba * BLOCK_SIZE;
  // When it is in both tables, it was appended with its type in the MBR.
  const inMbr = boot.mbr.find((one) => begins(one) && one.type !== PROTECTIVE);
  const partition = inMbr ?? partitionsOf(boot).find(begins);
  if (partition === undefined) return undefined;
  const { number, type, blocks } = partition;
  const [at, length] = [lba * BLOCK_SIZE, blocks * SECTOR];
  if (at + length > volume.fileSize) return undefined;
  const isGpt = inMbr === undefined && boot.gpt.length > 0;
  const isProtected = isGpt && boot.systemArea.includes('isohybrid') && boot.mbr.some((one) => one.type === PROTECTIVE);
  const isBootImage = boot.elTorito.some((image) => image.path === undefined && image.lba === lba);
  return { number, type, at, length, isGpt, isProtected, isBootImage };
};

const PROTECTIVE = '0xee';

/** The one EFI partition after all files; undefined where there is none, or several. */
export const partitionBehind = (medium: Medium): Appended | undefined => {
  const { boot, files } = medium;
  const ends = [...files.values()].flat().map(({ lba, size }) => lba * BLOCK_SIZE + size);
  const end = ends.reduce((most, one) => Math.max(most, one), 0);
  const behind = [...boot.gpt, ...boot.mbr].filter(
    (one) => partitionBoots(one) !== undefined && one.path === undefined && !isFiller(one) && one.start * SECTOR >= end,
  );
  const starts = new Set(behind.map(({ start }) => start));
  const images = boot.elTorito.flatMap(({ path, lba }) => (path === undefined ? [lba * (BLOCK_SIZE / SECTOR)] : []));
  for (const start of images) if (start * SECTOR >= end) starts.add(start);
  const [start] = starts;
  return start === undefined || starts.size > 1 ? undefined : partitionAt(medium, (start * SECTOR) / BLOCK_SIZE);
};

/** Those of the GPT where there is one: its MBR protects it. Those that xorriso fills gaps with hold nothing. */
export const partitionsOf = ({ gpt, mbr, apm }: BootReport): readonly ReportedPartition[] => [
  ...(gpt.length > 0 ? gpt.filter((partition) => !isFiller(partition)) : mbr),
  ...apm,
];

/** xorriso fills gaps of a GPT with partitions (`Gap1`) that hold nothing; whether there is a gap depends on sizes. */
export const isFiller = ({ name, path }: ReportedPartition): boolean =>
  path === undefined && /^Gap\d*$/.test(name ?? '');

/** A second file system over the same files, for Macs. */
export const hfsPartition = ({ apm, gpt }: BootReport): ReportedPartition | undefined =>
  apm.find(({ type, path }) => type === 'Apple_HFS' && path === undefined) ??
  gpt.find(({ type, path }) => type === HFS && path === undefined);

export const hasHfs = (boot: BootReport): boolean => hfsPartition(boot) !== undefined;

const HFS = '005346480000aa11aa1100306543ecac';
