/** The FAT file system that UEFI boots from, made and changed by mkfs.fat and mtools, so that no root is needed. */
import { readFile, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path/posix';
import { IngotError } from '../../errors.ts';
import { temporaryFolder } from '../../host/files.ts';
import { type RunOptions, run } from '../../host/run.ts';

/** `path@@offset` is how mtools names a file system inside a file; `offset` in bytes. */
export interface FatImage {
  readonly path: string;
  readonly offset?: number;
}

const drive = ({ path, offset = 0 }: FatImage): string => (offset === 0 ? path : `${path}@@${offset}`);

/** mtools stamps what it makes with SOURCE_DATE_EPOCH; its geometry checks are for floppy disks. */
export const environmentOf = (epoch: number) => ({ SOURCE_DATE_EPOCH: String(epoch), MTOOLS_SKIP_CHECK: '1' });

type Signal = Pick<RunOptions, 'signal'>;

/** How a boot loader that searches for a FAT file system recognizes it. */
export interface FatVolume {
  /** Eight hex digits. */
  readonly serial: string;
  readonly label: string;
  readonly isFat32: boolean;
}

export interface EfiFile {
  /** In the image: `/EFI/BOOT/BOOTX64.EFI`. */
  readonly path: string;
  /** On the host. Its time stamp is set to the epoch. */
  readonly from: string;
  readonly size: number;
}

const CLUSTER = 2048;
const ROOM = 128 * 1024;

/** A new image with these files, no larger than it has to be. The same files and epoch give the same bytes. */
export const makeEfiImage = async (
  output: string,
  files: readonly EfiFile[],
  epoch: number,
  { volume, ...options }: Signal & { readonly volume?: FatVolume | undefined } = {},
) => {
  const content = files.reduce((sum, { size }) => sum + Math.ceil(size / CLUSTER) * CLUSTER, 0);
  const blocks = Math.ceil((content * 1.01 + ROOM) / CLUSTER) * (CLUSTER / 1024);
  const { serial, label, isFat32 } = volume ?? { serial: serialOf(epoch), label: 'EFI', isFat32: false };
  const name = label === '' ? [] : ['-n', label];
  const size = isFat32 ? ['-F', '32', '-s', '1'] : ['-s', '4'];
  const format = ['-C', '--invariant', '-i', serial, ...name, ...size, output, String(blocks)];
  await run('mkfs.fat', format, {
    ...options,
    env: environmentOf(epoch),
    hint: 'mkfs.fat is in the package dosfstools.',
  });
  const folders = [...new Set(files.flatMap(({ path }) => parentsOf(path)))].sort();
  const env = environmentOf(epoch);
  await run('mmd', ['-i', output, ...folders.map((folder) => `::${folder}`)], { ...options, env, hint: MTOOLS });
  for (const file of files) await putFatFile({ path: output }, file.path, file.from, epoch, options);
};

export const MTOOLS = 'mcopy, mmd and mdir are in the package mtools.';

/** The volume serial number, made from the date as mkfs.fat would, but from the given one. */
const serialOf = (epoch: number): string => (epoch >>> 0).toString(16).padStart(8, '0');

/** `/EFI/BOOT/X` to `/EFI`, `/EFI/BOOT`. */
export const parentsOf = (path: string): string[] => {
  const parent = dirname(path);
  return parent === '/' ? [] : [...parentsOf(parent), parent];
};

/** Puts or replaces a file; the folder has to be there. */
export const putFatFile = async (image: FatImage, path: string, from: string, epoch: number, options: Signal = {}) => {
  await utimes(from, epoch, epoch);
  const args = ['-o', '-m', '-i', drive(image), from, `::${path}`];
  await run('mcopy', args, { ...options, env: environmentOf(epoch), hint: MTOOLS });
};

/** A file system with a loop keeps mtools busy for ever. */
const READ_TIMEOUT = 60_000;

const reading = async (image: FatImage, command: string, args: readonly string[], options: RunOptions) => {
  try {
    return await run(command, args, { ...options, env: environmentOf(0), hint: MTOOLS, timeout: READ_TIMEOUT });
  } catch (error) {
    if (!(error instanceof IngotError) || !/command-(failed|timeout)/.test(error.code)) throw error;
    // What mdir says of a file system with nothing in it.
    if (error.detail?.includes('File "::" not found')) return { stdout: '' };
    throw new IngotError('media.efi-image', 'the EFI image is not a FAT file system that can be read', {
      where: drive(image),
      detail: error.detail,
      hint: 'Download the ISO again, and compare its SHA-256 with the published one.',
      cause: error,
    });
  }
};

/** All files of an image, with absolute paths. Throws `media.efi-image`. */
export const listFat = async (image: FatImage, options: Signal = {}): Promise<string[]> => {
  const { stdout } = await reading(image, 'mdir', ['-b', '-/', '-a', '-i', drive(image), '::'], options);
  return stdout
    .split('\n')
    .map((line) => line.trim().replace(/^::/, ''))
    .filter((path) => path.startsWith('/') && !path.endsWith('/'));
};

/** A file of an image. Throws `media.efi-image`. */
export const readFat = async (image: FatImage, path: string, options: Signal = {}): Promise<Buffer> => {
  await using folder = await temporaryFolder();
  const output = join(folder.path, 'file');
  await reading(image, 'mcopy', ['-i', drive(image), `::${path}`, output], options);
  return await readFile(output);
};
