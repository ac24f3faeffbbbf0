/** A medium as the copy that grows: the file system shares its blocks where it can, and the kernel copies where not. */
import { stat } from 'node:fs/promises';
import { run } from '../../host/run.ts';
import type { Reporter } from '../../report.ts';
import { BLOCK_SIZE } from './iso9660.ts';
import type { Medium } from './medium.ts';
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
/** Milliseconds. */
const PROGRESS_INTERVAL = 200;

/** Throws `host.no-space`. */
export const copyIso = async (
  iso: string,
  output: string,
  {
    size,
    reporter,
    signal,
  }: { readonly size: number; readonly reporter: Reporter; readonly signal?: AbortSignal | undefined },
): Promise<void> => {
  const timer = setInterval(async () => {
    const copied = await stat(output).catch(() => undefined);
    if (copied) reporter.progress(copied.size, size, 'bytes');
  }, PROGRESS_INTERVAL);
  try {
    // Its mode is the new file's own: an original is often read-only.
    const args = ['--reflink=auto', '--no-preserve=mode', '--', iso, output];
    await namingFullDisk({ output, size, signal }, [], () => run('cp', args, { signal }));
  } finally {
    clearInterval(timer);
  }
};
