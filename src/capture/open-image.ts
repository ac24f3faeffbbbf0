/**
 * The files of the system in a disk image of any format. Nothing is written to it, and no copy of it is made: what reads
 * partitions (sfdisk, blkid) needs a raw file, and gets one that has only those parts.
 */
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { IngotError, retold, throwIfInterrupted } from '../errors.ts';
import { temporaryFolder } from '../host/files.ts';
import { type Disk, openDisk } from './disk/disk.ts';
import { openExt4Tree } from './ext4/tree.ts';
import { openFat } from './fat.ts';
import { type GuestFiles, guestFilesOf } from './guest-files.ts';
import { readPartitions } from './partitions.ts';

export interface OpenImage extends AsyncDisposable {
  readonly disk: Omit<Disk, typeof Symbol.asyncDispose>;
  readonly files: GuestFiles;
}

/** Throws what `openDisk` and `guestFilesOf` throw, `capture.no-partition-table`, and `capture.file-system`. */
export const openImage = async (image: string, signal?: AbortSignal): Promise<OpenImage> => {
  await using opened = new AsyncDisposableStack();
  const disk = opened.use(await openDisk(image, signal));
  const frame = disk.format === 'raw' ? image : await frameOf(disk, opened, signal);
  const table = await readPartitions(frame).catch((error: unknown) => {
    throw forImages(error, image);
  });
  const files = await guestFilesOf(frame, table, {
    async ext4({ start }) {
      const tree = await openExt4Tree(disk, start);
      return { files: tree, tree };
    },
    fat: async ({ start }) => ({ files: await openFat(disk, start) }),
  }).catch((error: unknown) => {
    throw forImages(error, image);
  });
  const kept = opened.move();
  return { disk, files, [Symbol.asyncDispose]: () => kept.disposeAsync() };
};

const HINTS: Readonly<Record<string, string>> = {
  'capture.no-partition-table': 'Only disks with a GPT or an MBR are read.',
  'capture.no-system':
    'Only ext2, ext3 and ext4 on plain partitions are read: no XFS, no btrfs, no LVM, nothing encrypted.',
};

/** Errors that speak of a captured disk, in words for any image. */
const forImages = (error: unknown, image: string): unknown => {
  if (!(error instanceof IngotError)) return error;
  const hint = HINTS[error.code];
  const message = error.message.replace('the captured disk', 'the image');
  return hint === undefined ? retold(error, { where: image }) : retold(error, { where: image, hint, message });
};

/** The size of partition tables and of file systems' first blocks, with room to spare: btrfs has its mark at 64 KiB. */
const HEAD = 2 ** 20;
const PIECE = 2 ** 20;
const ZEROS = Buffer.alloc(PIECE);

/** A sparse file as long as the disk, with its first and last mebibyte, and the first one of each partition. */
const frameOf = async (disk: Disk, opened: AsyncDisposableStack, signal?: AbortSignal): Promise<string> => {
  const folder = opened.use(await temporaryFolder('ingot-image-'));
  const path = join(folder.path, 'frame.raw');
  await using file = await open(path, 'w');
  await file.truncate(disk.size);
  const last = Math.max(0, disk.size - HEAD);
  await copy(
    disk,
    path,
    [
      { start: 0, size: HEAD },
      { start: last, size: HEAD },
    ],
    signal,
  );
  const table = await readPartitions(path).catch((error: unknown) => {
    throw forImages(error, disk.image);
  });
  await copy(
    disk,
    path,
    table.partitions.map(({ start }) => ({ start, size: HEAD })),
    signal,
  );
  return path;
};

/** Zeros stay holes. */
const copy = async (
  disk: Disk,
  path: string,
  parts: readonly { readonly start: number; readonly size: number }[],
  signal?: AbortSignal,
) => {
  await using file = await open(path, 'r+');
  for (const { start, size } of parts) {
    const end = Math.min(start + size, disk.size);
    for (let at = start; at < end; at += PIECE) {
      throwIfInterrupted(signal);
      const bytes = await disk.read(at, Math.min(PIECE, end - at));
      if (bytes.compare(ZEROS, 0, bytes.length) !== 0) await file.write(bytes, 0, bytes.length, at);
    }
  }
};
