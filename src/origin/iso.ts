/** An install ISO from a path or a URL, taken only when it is what its SHA-256 says. */
import { mkdir, rm, stat } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { IngotError } from '../errors.ts';
import { type FileRef, fileRef, publish } from '../host/files.ts';
import { ifThere, isThere } from '../host/if-there.ts';
import { acquireLock } from '../host/lock.ts';
import { readVolume } from '../media/iso/iso9660.ts';
import type { IsoOrigin } from '../recipe/origin-schema.ts';
import { type DownloadOptions, download } from './download.ts';

export interface FetchIsoOptions extends DownloadOptions {
  /** The recipe's folder, to which a path is relative. */
  readonly folder: string;
  /** Where downloads are kept, by digest. */
  readonly store: string;
}

/**
 * The ISO as a checked file: the one at the path itself, or the downloaded one in the store. The recipe allows https
 * only; http works here because the digest decides, not the way. A file with a wrong digest is not kept. Errors:
 * `origin.iso-missing`, `media.not-an-iso`, `media.truncated`, `origin.digest-mismatch`, `origin.download-failed`.
 */
export const fetchIso = async (origin: IsoOrigin, options: FetchIsoOptions): Promise<FileRef> => {
  const expected = origin.sha256.toLowerCase();
  if (!/^https?:\/\//.test(origin.iso)) {
    const path = isAbsolute(origin.iso) ? origin.iso : join(options.folder, origin.iso);
    return checkedIso(path, expected, options.signal);
  }
  await mkdir(options.store, { recursive: true });
  const final = join(options.store, `${expected}.iso`);
  if (await isThere(final)) return checkedOrThrownOut(final, expected, options.signal);
  const purpose = `the download of ${origin.iso}`;
  const lock = { wait: true, purpose, ...(options.signal ? { signal: options.signal } : {}) };
  await using _ = await acquireLock(`${final}.lock`, lock);
  // Another build may have brought it while this one waited.
  if (await isThere(final)) return await checkedOrThrownOut(final, expected, options.signal);
  const part = `${final}.part`;
  await download(origin.iso, part, options);
  const file = await checkedOrThrownOut(part, expected, options.signal);
  await publish(part, final);
  return { ...file, path: final };
};

const checkedOrThrownOut = async (path: string, sha256: string, signal: AbortSignal | undefined): Promise<FileRef> => {
  try {
    return await checkedIso(path, sha256, signal);
  } catch (error) {
    if (error instanceof IngotError && error.code !== 'interrupted') await rm(path, { force: true });
    throw error;
  }
};

const checkedIso = async (path: string, sha256: string, signal: AbortSignal | undefined): Promise<FileRef> => {
  const found = await ifThere(stat(path));
  if (!found?.isFile()) {
    throw new IngotError('origin.iso-missing', 'there is no such ISO', {
      where: path,
      hint: 'origin.iso is a path beside the recipe, or an https URL.',
    });
  }
  await readVolume(path);
  const ref = await fileRef(path, signal);
  if (ref.sha256 === sha256) return ref;
  throw new IngotError('origin.digest-mismatch', 'the ISO is not the one that origin.sha256 names', {
    where: path,
    detail: `expected ${sha256}\nfound    ${ref.sha256}`,
    hint: 'Compare with the sums that its publisher signed. If the recipe is wrong, correct origin.sha256.',
  });
};
