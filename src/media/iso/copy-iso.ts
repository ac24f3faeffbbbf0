/** A medium as the copy that grows: the file system shares its blocks where it can, and the kernel copies where not. */
import { stat } from 'node:fs/promises';
import { run } from '../../host/run.ts';
import type { Reporter } from '../../report.ts';
import { BLOCK_SIZE } from './iso9660.ts';
import type { Medium } from './medium.ts';
import { namingFullDisk } from './write-iso.ts';

/**
 * Whether what is new can be put behind a copy: nothing may lie there. Media of Fedora and Ubuntu have their EFI image
 * behind the file system.
 */
export const canGrow = ({ boot, volume }: Medium): boolean => {
  const end = volume.volumeSize / SECTOR;
  const partitions = [...boot.mbr, ...boot.gpt, ...boot.apm];
  return (
    boot.elTorito.every(({ path, lba }) => path !== undefined && (lba * BLOCK_SIZE) / SECTOR < end) &&
    partitions.every(({ start }) => start < end)
  );
};

const SECTOR = 512;
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
