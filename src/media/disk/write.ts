/** Writes a medium to a disk and reads it back: what the disk returns is compared, not what the kernel remembers. */
import { constants, type FileHandle, open } from 'node:fs/promises';
import { IngotError, messageOf, throwIfInterrupted } from '../../errors.ts';
import { run } from '../../host/run.ts';
import type { Reporter } from '../../report.ts';
import { openMedium, readAt, readVolume } from '../iso/iso9660.ts';
import type { BlockDevice } from './device.ts';

export interface WriteOptions {
  readonly reporter: Reporter;
  readonly signal?: AbortSignal | undefined;
}

const PIECE = 4 * 2 ** 20;

/**
 * Throws `media.device-busy` when somebody has the disk open, `media.write-failed` with the place, and
 * `media.write-differs` when other content comes back.
 */
export const writeMedium = async (
  iso: string,
  device: BlockDevice,
  { reporter, signal }: WriteOptions,
): Promise<void> => {
  const { fileSize } = await readVolume(iso);
  await using from = await openMedium(iso);
  reporter.phase('write');
  {
    await using to = await openExclusively(device);
    for (let at = 0; at < fileSize; at += PIECE) {
      throwIfInterrupted(signal);
      const piece = await readAt(from, at, Math.min(PIECE, fileSize - at));
      await writeWhole(to, piece, at, device);
      // Otherwise all of it waits in memory, and the end takes minutes without progress.
      if (at % (16 * PIECE) === 0) await to.datasync();
      reporter.progress(Math.min(at + PIECE, fileSize), fileSize, 'bytes');
    }
    await to.sync();
  }
  await run('blockdev', ['--flushbufs', device.path], { signal, hint: 'blockdev is in the package util-linux.' });
  reporter.phase('read back');
  await using back = await open(device.path, 'r');
  for (let at = 0; at < fileSize; at += PIECE) {
    throwIfInterrupted(signal);
    const length = Math.min(PIECE, fileSize - at);
    const [wanted, found] = await Promise.all([readAt(from, at, length), readAt(back, at, length)]);
    if (!wanted.equals(found)) throw differs(device, at + firstDifference(wanted, found));
    reporter.progress(at + length, fileSize, 'bytes');
  }
  // The kernel may look at the new partitions only when the disk is plugged in again.
  await run('blockdev', ['--rereadpt', device.path], { allow: [0, 1] });
};

/** O_EXCL on a block device fails while it is mounted or otherwise taken (open(2)). */
const openExclusively = async ({ path }: BlockDevice): Promise<FileHandle> => {
  try {
    return await open(path, constants.O_WRONLY | constants.O_EXCL);
  } catch (cause) {
    const isBusy = cause instanceof Error && 'code' in cause && cause.code === 'EBUSY';
    if (!isBusy) throw cause;
    throw new IngotError('media.device-busy', 'the disk is in use', {
      where: path,
      hint: `Is it the right disk? \`lsblk ${path}\` and \`fuser -v ${path}\` show what uses it; end that first.`,
      cause,
    });
  }
};

const writeWhole = async (to: FileHandle, piece: Buffer, at: number, { path }: BlockDevice): Promise<void> => {
  try {
    for (let done = 0; done < piece.length; ) {
      const { bytesWritten } = await to.write(piece, done, piece.length - done, at + done);
      done += bytesWritten;
    }
  } catch (cause) {
    throw new IngotError('media.write-failed', `it cannot be written at byte ${at}: ${messageOf(cause)}`, {
      where: path,
      hint: 'The disk does not boot now. Is it in order? See dmesg.',
      cause,
    });
  }
};

const differs = ({ path }: BlockDevice, at: number): IngotError =>
  new IngotError('media.write-differs', `the disk returns other data than was written, from byte ${at}`, {
    where: path,
    hint: 'The disk is not in order, or not as large as it says. Use another one.',
  });

const firstDifference = (one: Buffer, other: Buffer): number => {
  const at = one.findIndex((byte, index) => byte !== other[index]);
  return at < 0 ? one.length : at;
};
