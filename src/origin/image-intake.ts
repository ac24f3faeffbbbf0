/**
 * Takes in a disk image as somebody publishes it: whatever its format and packing, the result is a qcow2 that stands alone.
 * QEMU opens it only after its headers were looked at, and never guesses what it is.
 */
import { mkdir, rename, stat, statfs } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { IngotError, throwIfInterrupted } from '../errors.ts';
import { compressionOf, LONGEST_MAGIC } from '../formats/compression/compression.ts';
import { type Expandable, expandFile } from '../formats/compression/expand-file.ts';
import type { DiskFormatName } from '../formats/disk-images/disk-image.ts';
import { firstBytes, syncPath, temporaryFolder } from '../host/files.ts';
import { makeFolders } from '../host/folders.ts';
import { ifThere } from '../host/if-there.ts';
import { run } from '../host/run.ts';
import type { IntakeFormat } from '../recipe/schema/origin-schema.ts';
import { differs, formatOfName, type NamedImage, readImageName, requireFileName } from '../recipe/values/image-name.ts';
import type { Reporter } from '../report.ts';
import { linkOrCopy } from './blobs.ts';
import { takeFromOva, takeFromTar } from './image-archive.ts';
import { checkWhole, convertImage } from './image-convert.ts';
import { checkHeaders } from './image-headers.ts';

export interface IntakeOptions {
  /** As the recipe has it; the name of the file says it when absent. */
  readonly format?: IntakeFormat | undefined;
  /** Takes the result, `image.qcow2`. */
  readonly folder: string;
  /** The published name of the file, where it lies under another one (by its digest, in the store). */
  readonly name?: string | undefined;
  /** The file is the store's: nobody writes into it, so a link will do for a copy. */
  readonly isOwn?: boolean;
  readonly reporter: Reporter;
  readonly signal?: AbortSignal | undefined;
  /** Bytes that are left free on the file system of `folder`. */
  readonly leftFree?: number;
}

export interface TakenImage {
  readonly path: string;
  readonly format: 'qcow2';
  /** What a guest sees, bytes. */
  readonly virtualSize: number;
  /** What was published: the disk's format, and how it was packed. */
  readonly from: {
    readonly format: DiskFormatName;
    readonly compression?: Expandable;
    readonly container?: 'tar' | 'ova';
  };
}

const LEFT_FREE = 2 ** 30;

/** Leaves nothing in the folder when it throws, and the file as it was. Errors: `origin.image-…`, `media.compression`. */
export const takeImage = async (given: string, options: IntakeOptions): Promise<TakenImage> => {
  const { folder, format, reporter, signal } = options;
  requireFileName(given);
  const path = resolve(given);
  const named = readImageName(options.name ?? path, format);
  await requireFile(path);
  await makeFolders(folder);
  await using work = await temporaryFolder('.intake-', folder);
  const disk = await unpacked(path, named, { ...options, work: work.path });
  throwIfInterrupted(signal);
  const { virtualSize, isPlain } = await checkHeaders(disk.path, disk.format);
  // Without a format there has been an error.
  const known = disk.format ?? 'raw';
  await checkWhole(disk.path, known, { signal });
  const made = join(work.path, 'made.qcow2');
  if (!isPlain) await convertImage(disk.path, known, made, { reporter, signal, most: await roomIn(options) });
  else if (disk.path !== path) await rename(disk.path, made);
  else if (options.isOwn) await linkOrCopy(path, made);
  else await run('cp', ['--reflink=auto', '--sparse=auto', '--no-target-directory', '--', path, made], { signal });
  await syncPath(made);
  const final = join(folder, 'image.qcow2');
  await rename(made, final);
  const { compression, container } = named;
  const packing = {
    ...(compression === undefined ? {} : { compression }),
    ...(container === undefined ? {} : { container }),
  };
  return { path: final, format: 'qcow2', virtualSize, from: { format: known, ...packing } };
};

interface Unpacking extends IntakeOptions {
  readonly work: string;
}

interface Disk {
  readonly path: string;
  readonly format: DiskFormatName | undefined;
}

const unpacked = async (path: string, named: NamedImage, options: Unpacking): Promise<Disk> => {
  const { container, compression, format } = named;
  const file = compression === undefined ? path : await expanded(path, compression, options, 'expanded');
  if (container === undefined) return { path: file, format };
  const folder = join(options.work, 'archive');
  await mkdir(folder);
  const limits = { folder, most: await roomIn(options), signal: options.signal };
  if (container === 'tar') return withFormat(await takeFromTar(file, limits), format);
  const disk = await takeFromOva(file, limits);
  if (disk.compression === 'identity') return withFormat(disk.path, format);
  const inner = await expanded(disk.path, 'gzip', options, 'disk');
  return { path: inner, format: format ?? formatOfName(disk.path.replace(/\.gz$/i, '')) };
};

const withFormat = (path: string, format: DiskFormatName | undefined): Disk => {
  const said = formatOfName(path);
  if (format !== undefined && said !== undefined && said !== format)
    throw differs(basename(path), `its name says ${said}, the recipe ${format}`);
  return { path, format: format ?? said };
};

const expanded = async (path: string, compression: Expandable, options: Unpacking, name: string): Promise<string> => {
  const found = compressionOf(await firstBytes(path, LONGEST_MAGIC));
  if (found !== compression)
    throw differs(path, `it is named ${compression}, and its content is ${found ?? 'not compressed'}`);
  const { reporter, signal } = options;
  const { size } = await stat(path);
  const to = join(options.work, name);
  const onProgress = (done: number): void => reporter.progress(done, size, 'bytes');
  await expandFile(path, compression, to, { most: await roomIn(options), signal, onProgress });
  return to;
};

const roomIn = async ({ folder, leftFree = LEFT_FREE }: IntakeOptions): Promise<number> => {
  const { bavail, bsize } = await statfs(folder);
  return Math.max(0, bavail * bsize - leftFree);
};

const requireFile = async (path: string): Promise<void> => {
  if ((await ifThere(stat(path)))?.isFile()) return;
  throw new IngotError('origin.image-missing', 'there is no such image', {
    where: path,
    hint: 'The image is a file: a path beside the recipe, or what was fetched from its URL.',
  });
};
