/** Keeps `md5sum.txt` of a medium right while files come and change. */
import { open } from 'node:fs/promises';
import { digestExtents, digestFile } from './digest.ts';
import { BLOCK_SIZE, openMedium } from './iso9660.ts';
import { md5, parseSums, updateSums } from './md5sums.ts';
import { type Medium, readMediumText } from './medium.ts';
import type { MediumFile } from './staging.ts';

export const SUMS = '/md5sum.txt';

/** The files, and with them the renewed list when the medium has one. */
export const renewSums = async (medium: Medium, files: readonly MediumFile[]): Promise<readonly MediumFile[]> => {
  if (!medium.files.has(SUMS)) return files;
  const sums = new Map<string, string>();
  for (const file of files) {
    sums.set(file.path, 'from' in file ? await digestFile(file.from, 'md5') : md5(file.content));
  }
  return [...files, { path: SUMS, content: updateSums(await readMediumText(medium, SUMS), sums) }];
};

/**
 * Mastering writes addresses into boot images (boot-info-table, bytes 8 to 63 of isolinux.bin), so their sums are
 * known only afterwards. A sum has always the same length: the list is changed in its place.
 */
export const renewBootImageSums = async (medium: Medium, signal?: AbortSignal): Promise<void> => {
  const [list] = medium.files.get(SUMS) ?? [];
  const patched = medium.boot.elTorito.filter(({ options }) => options.some((option) => option.includes('boot-info')));
  if (list === undefined || patched.length === 0) return;
  const text = await readMediumText(medium, SUMS);
  const listed = parseSums(text);
  const sums = new Map<string, string>();
  await using file = await openMedium(medium.iso);
  for (const { path } of patched) {
    const extents = path === undefined ? undefined : medium.files.get(path);
    if (path === undefined || extents === undefined || !listed.has(path)) continue;
    sums.set(path, await digestExtents(file, extents, 'md5', signal));
  }
  if (sums.size === 0) return;
  await using writable = await open(medium.iso, 'r+');
  await writable.write(updateSums(text, sums), list.lba * BLOCK_SIZE);
};
