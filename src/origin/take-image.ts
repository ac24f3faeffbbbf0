/** A disk image as its publisher gives it, taken only when it is what its SHA-256 says, as a plain qcow2. */
import { link, mkdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { IngotError } from '../errors.ts';
import { diskFormatOf } from '../formats/disk-image.ts';
import { type FileRef, fileRef } from '../host/files.ts';
import { ifThere } from '../host/if-there.ts';
import { run } from '../host/run.ts';

/** Placeholder until the intake is merged. */
export const takeImage = async (
  path: string,
  options: { readonly sha256: string | undefined; readonly folder: string; readonly signal: AbortSignal },
): Promise<FileRef> => {
  const found = await ifThere(stat(path));
  if (!found?.isFile())
    throw new IngotError('origin.image-missing', 'there is no such image', {
      where: path,
      hint: 'origin.image is a path beside the recipe, or an https URL.',
    });
  const published = await fileRef(path, options.signal);
  if (options.sha256 !== undefined && published.sha256 !== options.sha256)
    throw new IngotError('origin.digest-mismatch', 'the image is not the one that origin.sha256 names', {
      where: path,
      detail: `expected ${options.sha256}\nfound    ${published.sha256}`,
      hint: 'Compare with the sums that its publisher signed. If the recipe is wrong, correct origin.sha256.',
    });
  const format = await diskFormatOf(path);
  if (format === undefined)
    throw new IngotError('origin.image-format', 'the file is no disk image', { where: path, hint: 'Name its format.' });
  const target = join(options.folder, 'image.qcow2');
  await mkdir(options.folder, { recursive: true });
  if (format === 'qcow2') {
    await rm(target, { force: true });
    await link(path, target).catch(() => run('cp', ['--reflink=auto', path, target], { signal: options.signal }));
  } else await run('qemu-img', ['convert', '-f', format, '-O', 'qcow2', path, target], { signal: options.signal });
  return fileRef(target, options.signal);
};
