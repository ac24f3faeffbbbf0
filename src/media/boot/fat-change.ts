/** An EFI image with some files changed or added: in its place while there is room, otherwise made again, larger. */
import { rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path/posix';
import { IngotError } from '../../errors.ts';
import { run } from '../../host/run.ts';
import {
  type EfiFile,
  environmentOf,
  type FatImage,
  listFat,
  MTOOLS,
  makeEfiImage,
  parentsOf,
  putFatFile,
  readFat,
} from './efi-image.ts';
import { fatVolume } from './fat-volume.ts';

interface Work {
  /** For what mtools needs as files. */
  readonly folder: string;
  readonly epoch: number;
  readonly signal: AbortSignal | undefined;
}

/** Path in the image to its new content. */
export type FatChanges = ReadonlyMap<string, Uint8Array>;

/** Changes the image where it lies. Throws `media.efi-full` where it has no room. */
export const changeFat = async (image: FatImage, changes: FatChanges, work: Work): Promise<void> => {
  const { folder, epoch, signal } = work;
  const folders = new Set((await listFat(image, { signal })).flatMap((path) => parentsOf(path.toLowerCase())));
  for (const [path, content] of changes) {
    const from = join(folder, 'efi-file');
    await writeFile(from, content);
    try {
      for (const parent of parentsOf(path)) {
        if (folders.has(parent.toLowerCase())) continue;
        await makeFolder(image, parent, work);
        folders.add(parent.toLowerCase());
      }
      await putFatFile(image, path, from, epoch, { signal });
    } catch (cause) {
      if (!(cause instanceof IngotError) || !FULL.test(cause.detail ?? '')) throw cause;
      throw new IngotError('media.efi-full', `the EFI image has no room for ${path}`, {
        where: image.path,
        detail: cause.detail,
        hint: 'An image that is a file, or the last partition of a medium, is made larger by a remaster.',
        cause,
      });
    }
  }
};

const FULL = /disk full|no free (cluster|slot)|no space/i;

const makeFolder = async (image: FatImage, path: string, { epoch, signal }: Work): Promise<void> => {
  const drive = image.offset ? `${image.path}@@${image.offset}` : image.path;
  await run('mmd', ['-i', drive, `::${path}`], { signal, env: environmentOf(epoch), hint: MTOOLS });
};

/** The same for an image in a file of its own, which may become larger. */
export const changeFatFile = async (path: string, changes: FatChanges, work: Work): Promise<void> => {
  const copy = join(work.folder, `${basename(path)}.tried`);
  await run('cp', ['--reflink=auto', path, copy], { signal: work.signal });
  try {
    await changeFat({ path: copy }, changes, work);
  } catch (error) {
    if (!(error instanceof IngotError) || error.code !== 'media.efi-full') throw error;
    await makeLarger(path, copy, changes, work);
  }
  await rename(copy, path);
};

/** With the volume's name and serial number, by which boot loaders find it. */
const makeLarger = async (path: string, output: string, changes: FatChanges, work: Work): Promise<void> => {
  const { folder, epoch, signal } = work;
  const contents = new Map<string, Uint8Array>();
  for (const file of (await listFat({ path }, { signal })).sort())
    contents.set(file, await readFat({ path }, file, { signal }));
  for (const [file, content] of changes) {
    const same = [...contents.keys()].find((other) => other.toLowerCase() === file.toLowerCase());
    contents.set(same ?? file, content);
  }
  const files: EfiFile[] = [];
  for (const [file, content] of contents) {
    const from = join(folder, `efi-file-${files.length}`);
    await writeFile(from, content);
    files.push({ path: file, from, size: (await stat(from)).size });
  }
  // mkfs.fat makes no image where a file already exists.
  await rm(output);
  await makeEfiImage(output, files, epoch, { signal, volume: await fatVolume({ path }) });
};
