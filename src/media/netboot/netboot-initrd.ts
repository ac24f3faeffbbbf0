/**
 * One initrd of several archives, which the kernel unpacks one after the other: the installer's, the answers, and the
 * medium's files below /cdrom. Written file by file: media are too large to hold in memory.
 */
import { type FileHandle, open } from 'node:fs/promises';
import { throwIfInterrupted } from '../../errors.ts';
import { type CpioEntry, cpioArchive } from '../../formats/archives/cpio.ts';
import { ByteSource, type Pieces } from '../../formats/byte-source.ts';
import { expand } from '../../formats/compression/compression.ts';
import type { Reporter } from '../../report.ts';
import { type Medium, mediumSizeOf, readMediumFile } from '../iso/medium.ts';

interface Options {
  readonly output: string;
  /** Paths on the medium; they are not needed below /cdrom once more. */
  readonly kernel: string;
  readonly initrds: readonly string[];
  /** The part of each that goes into the initrd. */
  readonly read: (path: string) => Pieces;
  /** Further files that must not be below /cdrom. */
  readonly leaveOut: (path: string) => boolean;
  readonly reporter: Reporter;
  readonly signal: AbortSignal | undefined;
}

/** A mount point is what tells the installer that its medium is there (`/proc/mounts`). */
const HOOK = `#!/bin/sh
mount -o bind /cdrom /cdrom
`;
/** Before the answers are read: S30initrd-preseed. */
const HOOK_PATH = 'lib/debian-installer-startup.d/S09ingot-medium';

/** Boot loaders and their menus: nothing of an installation reads them. */
const BOOT_ONLY = /^\/(isolinux|boot|EFI|efi)(\/|$)|^\/boot\.cat$/;

/** Returns what is unpacked, in bytes. */
export const writeNetbootInitrd = async (medium: Medium, options: Options): Promise<number> => {
  const { output, kernel, initrds, read, leaveOut, reporter, signal } = options;
  await using file = await open(output, 'wx');
  const archive = { mtime: medium.volume.created };
  let unpacked = 0;
  for (const path of initrds) {
    unpacked += await unpackedSize(read(path));
    await appendArchive(file, read(path));
  }
  await appendArchive(
    file,
    cpioArchive([{ type: 'file', path: HOOK_PATH, mode: 0o755, content: HOOK }, ...tree(medium, leaveOut)], archive),
  );
  const skipped = new Set([kernel, ...initrds]);
  const isWanted = (path: string) => !skipped.has(path) && !BOOT_ONLY.test(path) && !leaveOut(path);
  const wanted = [...medium.files].filter(([path]) => isWanted(path)).sort(byPath);
  const total = wanted.reduce((sum, [, extents]) => sum + mediumSizeOf(extents), 0);
  let done = 0;
  for (const [path, extents] of wanted) {
    throwIfInterrupted(signal);
    const content = await readMediumFile(medium, path);
    await appendArchive(file, cpioArchive([{ type: 'file', path: below(path), mode: 0o444, content }], archive));
    done += mediumSizeOf(extents);
    reporter.progress(done, total, 'bytes');
  }
  return unpacked + total;
};

const byPath = ([one]: readonly [string, unknown], [other]: readonly [string, unknown]): number =>
  one < other ? -1 : 1;

const below = (path: string): string => `cdrom${path}`;

const ALIGNMENT = 512;

/** The kernel passes over zeros between archives. */
export const appendArchive = async (file: FileHandle, content: Pieces): Promise<void> => {
  let size = 0;
  for await (const piece of content) {
    await file.writeFile(piece);
    size += piece.length;
  }
  await file.writeFile(new Uint8Array((ALIGNMENT - (size % ALIGNMENT)) % ALIGNMENT));
};

/** Folders and symbolic links; `others` has them as `ls -l` would show them. */
const tree = (medium: Medium, leaveOut: (path: string) => boolean): CpioEntry[] => [
  { type: 'directory', path: 'cdrom', mode: 0o755 },
  ...[...medium.others].flatMap(([path, shown]): CpioEntry[] => {
    if (path === '/' || BOOT_ONLY.test(path) || leaveOut(path)) return [];
    if (shown.startsWith('d')) return [{ type: 'directory', path: below(path), mode: 0o755 }];
    const [, target] = /-> '(.*)'$/s.exec(shown) ?? [];
    return target === undefined ? [] : [{ type: 'symlink', path: below(path), target }];
  }),
];

export const unpackedSize = async (archives: Pieces): Promise<number> => {
  await using source = new ByteSource(archives);
  let size = 0;
  while (await source.skipZeros()) for await (const piece of expand(source)) size += piece.length;
  return size;
};
