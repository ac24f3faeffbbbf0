/** From the build's disk layers to images: qemu-img(1) with several coroutines, each image checked afterwards. */
import { open, rename, rm, stat } from 'node:fs/promises';
import { z } from 'zod';
import { IngotError } from '../errors.ts';
import type { DiskFormatName } from '../formats/disk-images/disk-image.ts';
import { temporaryName } from '../host/files.ts';
import { run } from '../host/run.ts';
import type { CaptureFormat } from '../recipe/schema.ts';
import type { Reporter } from '../report.ts';
import { IMAGE_FORMATS } from './formats.ts';

export interface ConvertOptions {
  readonly reporter: Reporter;
  readonly signal?: AbortSignal | undefined;
  /** In which order pieces are written; `as it comes` when absent: quicker, and never the same twice. */
  readonly order?: WriteOrder;
}

export type WriteOrder = 'as it comes' | 'of the disk';

export interface Image {
  readonly path: string;
  readonly format: CaptureFormat;
  /** What a guest sees, bytes. */
  readonly virtualSize: number;
  /** Length of the file, bytes. */
  readonly fileSize: number;
  /** What it takes on the disk, bytes: a raw image is sparse. */
  readonly diskSize: number;
}

const COROUTINES = '16';

export const convertArguments = (
  source: { readonly path: string; readonly format: DiskFormatName },
  target: { readonly path: string; readonly format: CaptureFormat },
  order: WriteOrder = 'as it comes',
): string[] => [
  'convert',
  '-p',
  ...(order === 'as it comes' ? ['-W'] : []),
  ...['-m', COROUTINES],
  ...['-f', source.format],
  ...['-O', IMAGE_FORMATS[target.format].format],
  ...IMAGE_FORMATS[target.format].write,
  source.path,
  target.path,
];

/** Writes a flat image from a disk with all its backing files. Throws `host.command-failed` or `capture.image-damaged`. */
export const convert = async (
  source: { readonly path: string; readonly format: DiskFormatName },
  target: { readonly path: string; readonly format: CaptureFormat },
  { reporter, signal, order }: ConvertOptions,
): Promise<Image> => {
  const temporary = temporaryName(target.path);
  try {
    await run('qemu-img', convertArguments(source, { ...target, path: temporary }, order), {
      signal,
      onLine: (line) => {
        const percent = /\((\d+(?:\.\d+)?)\/100%\)/.exec(line)?.[1];
        if (percent !== undefined) reporter.progress(Number(percent), 100, 'percent');
      },
    });
    await checkImage(temporary, target.format, signal);
    await syncFile(temporary);
    await rename(temporary, target.path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  return describeImage(target.path, target.format);
};

const syncFile = async (path: string): Promise<void> => {
  const handle = await open(path, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
};

const AGAIN = '`ingot build --from capture` makes the images again from the finished disk.';

/** `qemu-img info --output=json` (QEMU's qapi/block-core.json, ImageInfo). */
const info = z.object({
  'virtual-size': z.number(),
  'backing-filename': z.string().optional(),
  'format-specific': z.object({ data: z.record(z.string(), z.unknown()).optional() }).optional(),
});

export const describeImage = async (path: string, format: CaptureFormat): Promise<Image> => {
  const { stdout } = await run('qemu-img', ['info', '--output=json', '-f', format, path]);
  const { 'virtual-size': virtualSize, 'backing-filename': backing } = info.parse(JSON.parse(stdout));
  if (backing !== undefined) {
    throw new IngotError('capture.image-damaged', `the image still needs ${backing}`, { where: path, hint: AGAIN });
  }
  const { size, blocks } = await stat(path);
  return { path, format, virtualSize, fileSize: size, diskSize: blocks * 512 };
};

/** `qemu-img check`; a raw image has no structure that could be wrong. */
export const checkImage = async (path: string, format: CaptureFormat, signal?: AbortSignal): Promise<void> => {
  if (!IMAGE_FORMATS[format].isChecked) return;
  await run('qemu-img', ['check', '-q', '-f', format, path], { signal }).catch((cause: unknown) => {
    if (!(cause instanceof IngotError) || cause.code !== 'host.command-failed') throw cause;
    throw new IngotError('capture.image-damaged', 'qemu-img check finds errors in the image', {
      where: path,
      detail: cause.detail,
      hint: `Is the host’s disk in order? See dmesg. ${AGAIN}`,
      cause,
    });
  });
};
