/** An ISO that has nothing but packages: what a guest's apt takes for a medium of Debian's. */
import { constants, copyFile, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { FileRef } from '../host/files.ts';
import { writeIso } from './iso/write-iso.ts';
import { answersVolumeArgs } from './iso/xorriso-args.ts';

interface VolumeOptions {
  /** Takes a copy of the files, for as long as this lasts. */
  readonly folder: string;
  readonly output: string;
  readonly signal: AbortSignal;
}

const LABEL = 'PACKAGES';
/** 1980-01-01: same files, same bytes, on whatever day. */
const EPOCH = 315_532_800;
/** By this file a medium is known. */
const INFO = { path: '.disk/info', text: 'Packages of a recipe\n' };

export const writePackagesVolume = async (
  files: readonly { readonly to: string; readonly file: FileRef }[],
  { folder, output, signal }: VolumeOptions,
): Promise<void> => {
  const tree = join(folder, 'tree');
  for (const { to, file } of files) {
    await mkdir(dirname(join(tree, to)), { recursive: true });
    await copyFile(file.path, join(tree, to), constants.COPYFILE_FICLONE);
  }
  await mkdir(dirname(join(tree, INFO.path)), { recursive: true });
  await writeFile(join(tree, INFO.path), INFO.text);
  const size = files.reduce((sum, { file }) => sum + file.size, 0);
  const args = answersVolumeArgs({ output, label: LABEL, epoch: EPOCH, folder: tree });
  await writeIso(args, { output, epoch: EPOCH, size, signal });
};
