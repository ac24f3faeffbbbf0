/** An install ISO from a path or a URL, taken only when it is what its digest says. */
import { mkdir, rm, stat } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { IngotError, OUR_FAULT } from '../errors.ts';
import type { ProvenDigest } from '../formats/checksum-lines.ts';
import { digestFile } from '../host/digest.ts';
import { type FileRef, fileRef, publish } from '../host/files.ts';
import { ifThere, isThere } from '../host/if-there.ts';
import { acquireLock } from '../host/lock.ts';
import { readVolume } from '../media/iso/iso9660.ts';
import type { Proof } from '../recipe/sums-schema.ts';
import { type DownloadOptions, download } from './download.ts';

/** An ISO, and one digest that it has to have. */
export interface ProvenIso extends Pick<Proof, 'sha256' | 'sha512'> {
  readonly iso: string;
}

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
export const fetchIso = async (origin: ProvenIso, options: FetchIsoOptions): Promise<FileRef> => {
  const expected = expectedOf(origin);
  if (!/^https?:\/\//.test(origin.iso)) {
    const path = isAbsolute(origin.iso) ? origin.iso : join(options.folder, origin.iso);
    return checkedIso(path, expected, options.signal);
  }
  await mkdir(options.store, { recursive: true });
  const final = join(options.store, `${expected.digest}.iso`);
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

const expectedOf = ({ sha256, sha512 }: ProvenIso): ProvenDigest => {
  if (sha256 !== undefined) return { algorithm: 'sha256', digest: sha256.toLowerCase() };
  if (sha512 !== undefined) return { algorithm: 'sha512', digest: sha512.toLowerCase() };
  throw new IngotError('origin.no-digest', 'nothing says which ISO is the right one', { hint: OUR_FAULT });
};

const checkedOrThrownOut = async (
  path: string,
  expected: ProvenDigest,
  signal: AbortSignal | undefined,
): Promise<FileRef> => {
  try {
    return await checkedIso(path, expected, signal);
  } catch (error) {
    if (error instanceof IngotError && error.code !== 'interrupted') await rm(path, { force: true });
    throw error;
  }
};

const checkedIso = async (
  path: string,
  { algorithm, digest }: ProvenDigest,
  signal: AbortSignal | undefined,
): Promise<FileRef> => {
  if (!(await ifThere(stat(path)))?.isFile()) {
    throw new IngotError('origin.iso-missing', 'there is no such ISO', {
      where: path,
      hint: 'origin.iso is a path beside the recipe, or an https URL.',
    });
  }
  await readVolume(path);
  const ref = await fileRef(path, signal);
  const found = algorithm === 'sha256' ? ref.sha256 : await digestFile(path, algorithm, signal);
  if (found === digest) return ref;
  throw new IngotError('origin.digest-mismatch', 'the ISO is not the one that the recipe or its sums name', {
    where: path,
    detail: `expected ${digest}\nfound    ${found}`,
    hint: 'Compare with the sums that its publisher signed. If the recipe is wrong, correct it; a mirror that is being updated is right again later.',
  });
};
