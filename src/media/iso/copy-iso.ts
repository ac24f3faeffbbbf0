/**
 * A medium as a copy that grows: of shared blocks where the file system has them, otherwise of its frame alone, with
 * holes for the bulk. What is new is put behind it.
 */
import { open } from 'node:fs/promises';
import { between, bulkOf, type Span } from './bulk.ts';
import { BLOCK_SIZE, openMedium } from './iso9660.ts';
import type { Medium } from './medium.ts';
import { copySpan } from './pass-through.ts';
import { shareBlocks } from './shared-blocks.ts';
import { namingFullDisk } from './write-iso.ts';

/**
 * Whether what is new can be put behind a copy, with which it has `size` bytes. Nothing may lie there: media of Fedora and
 * Ubuntu have their EFI image behind the file system. And xorriso (1.5.4) counts in 32 bits where it goes on.
 */
export const canGrow = ({ boot, volume }: Medium, size: number): boolean => {
  if (size > LARGEST) return false;
  const end = volume.volumeSize / SECTOR;
  const partitions = [...boot.mbr, ...boot.gpt, ...boot.apm];
  return (
    boot.elTorito.every(({ path, lba }) => path !== undefined && (lba * BLOCK_SIZE) / SECTOR < end) &&
    partitions.every(({ start }) => start < end)
  );
};

const SECTOR = 512;
/** 4 GiB, with room for directories and padding. */
const LARGEST = 2 ** 32 - 2 ** 26;

export interface Begun {
  /** All of it is there; its blocks are the original's until something is written over them. */
  readonly isShared: boolean;
  /** What it has holes for; `passThrough` fills them. */
  readonly bulk: readonly Span[];
}

/** Makes `output`. Throws `host.no-space`. */
export const beginCopy = async (medium: Medium, output: string, signal?: AbortSignal): Promise<Begun> => {
  if (await shareBlocks(medium.iso, output, signal)) return { isShared: true, bulk: [] };
  const bulk = bulkOf(medium);
  const { fileSize: size } = medium.volume;
  await namingFullDisk({ output, size, signal }, [], async () => {
    await using from = await openMedium(medium.iso);
    await using to = await open(output, 'w');
    await to.truncate(size);
    for (const span of between(bulk, size)) await copySpan(from, to, span, { iso: medium.iso, signal });
  });
  return { isShared: false, bulk };
};
