/** Keeps the lists of sums of a medium (`md5sum.txt`, `.treeinfo`) right while files come and change. */
import { open } from 'node:fs/promises';
import { type Algorithm, digestFile } from '../../host/digest.ts';
import { digestExtents } from '../iso/iso-digest.ts';
import { BLOCK_SIZE, openMedium } from '../iso/iso9660.ts';
import { type Medium, readMediumText } from '../iso/medium.ts';
import type { MediumFile } from '../staging.ts';
import { md5, parseSums, updateSums } from './md5sums.ts';
import { TREEINFO, treeSums, updateTreeSums } from './treeinfo.ts';

export const SUMS = '/md5sum.txt';

/** The files, and with them the renewed list when the medium has one. */
export const renewSums = async (
  medium: Medium,
  files: readonly MediumFile[],
  gone: ReadonlySet<string>,
): Promise<readonly MediumFile[]> => {
  if (!medium.files.has(SUMS)) return files;
  const sums = new Map<string, string>();
  for (const file of files) {
    sums.set(file.path, 'from' in file ? await digestFile(file.from, 'md5') : md5(file.content));
  }
  return [...files, { path: SUMS, content: updateSums(await readMediumText(medium, SUMS), sums, gone) }];
};

/**
 * Mastering writes addresses into boot images (boot-info-table, bytes 8 to 63 of isolinux.bin), so their sums are
 * known only afterwards. A sum has always the same length: the lists are changed in their places.
 */
export const renewBootImageSums = async (medium: Medium, signal?: AbortSignal): Promise<void> => {
  const patched = medium.boot.elTorito.flatMap(({ options, path }) =>
    path !== undefined && options.some((option) => option.includes('boot-info')) ? [path] : [],
  );
  const sumOf = sumReader(medium, signal);
  await changeInPlace(medium, TREEINFO, async (text) => {
    const sums = new Map<string, string>();
    for (const [path, { algorithm }] of treeSums(text))
      if (patched.includes(path)) sums.set(path, await sumOf(path, algorithm));
    return updateTreeSums(text, sums);
  });
  // It can have a line for the other list.
  await changeInPlace(medium, SUMS, async (text) => {
    const sums = new Map<string, string>();
    for (const path of parseSums(text).keys())
      if (patched.includes(path) || path === TREEINFO) sums.set(path, await sumOf(path, 'md5'));
    return updateSums(text, sums);
  });
};

const sumReader =
  (medium: Medium, signal: AbortSignal | undefined) =>
  async (path: string, algorithm: Algorithm): Promise<string> => {
    await using file = await openMedium(medium.iso);
    return await digestExtents(file, medium.files.get(path) ?? [], algorithm, signal);
  };

const changeInPlace = async (
  medium: Medium,
  path: string,
  change: (text: string) => Promise<string>,
): Promise<void> => {
  const [extent] = medium.files.get(path) ?? [];
  if (extent === undefined) return;
  const before = await readMediumText(medium, path);
  const after = await change(before);
  if (after === before) return;
  await using writable = await open(medium.iso, 'r+');
  await writable.write(after, extent.lba * BLOCK_SIZE);
};
