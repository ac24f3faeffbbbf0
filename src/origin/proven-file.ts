/** What a build starts from, from a path or a URL, taken only when it is what its digest says. */
import { rm, stat } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { IngotError, OUR_FAULT } from '../errors.ts';
import type { ProvenDigest } from '../formats/signatures/checksum-lines.ts';
import { digestFile } from '../host/digest.ts';
import { type FileRef, fileRef, publish } from '../host/files.ts';
import { makeFolders } from '../host/folders.ts';
import { ifThere, isThere } from '../host/if-there.ts';
import { acquireLock } from '../host/lock.ts';
import type { Proof } from '../recipe/schema/sums-schema.ts';
import { type DownloadOptions, download } from './download.ts';

/** One digest of a file, or none, where a file of this host is trusted as it is. */
export type Digests = Pick<Proof, 'sha256' | 'sha512'>;

/** What kind of file it is, for names and messages. */
export interface OriginFile {
  readonly title: string;
  /** The recipe's field that names it. */
  readonly field: string;
  /** The error where there is none. */
  readonly missing: (path: string) => IngotError;
  readonly extension: string;
  /** Throws for what is of another kind, before a digest is made of it. */
  readonly look?: (path: string) => Promise<unknown>;
}

export interface ObtainOptions extends DownloadOptions {
  /** The recipe's folder, to which a path is relative. */
  readonly folder: string;
  /** Where downloads are kept, by digest. */
  readonly store: string;
}

/**
 * The checked file: the one at the path itself, or the downloaded one in the store. The recipe allows https only; http works
 * here because the digest decides, not the connection. A file with a wrong digest is not kept. Errors: the kind's own for one that is
 * missing or something else, `origin.digest-mismatch`, `origin.download-failed`.
 */
export const obtainFile = async (
  kind: OriginFile,
  address: string,
  digests: Digests,
  options: ObtainOptions,
): Promise<FileRef> => {
  const expected = expectedOf(digests);
  if (!/^https?:\/\//.test(address)) {
    const path = isAbsolute(address) ? address : join(options.folder, address);
    return checked(kind, path, expected, options.signal);
  }
  if (expected === undefined)
    throw new IngotError('origin.no-digest', `nothing says which ${kind.title} is the right one`, { hint: OUR_FAULT });
  await makeFolders(options.store);
  const final = join(options.store, `${expected.digest}.${kind.extension}`);
  if (await isThere(final)) return checkedOrThrownOut(kind, final, expected, options.signal);
  const purpose = `the download of ${address}`;
  const lock = { wait: true, purpose, ...(options.signal ? { signal: options.signal } : {}) };
  await using _ = await acquireLock(`${final}.lock`, lock);
  // Another build may have fetched it while this one waited.
  if (await isThere(final)) return await checkedOrThrownOut(kind, final, expected, options.signal);
  const part = `${final}.part`;
  await download(address, part, { field: kind.field, ...options });
  const file = await checkedOrThrownOut(kind, part, expected, options.signal);
  await publish(part, final);
  return { ...file, path: final };
};

const expectedOf = ({ sha256, sha512 }: Digests): ProvenDigest | undefined => {
  if (sha256 !== undefined) return { algorithm: 'sha256', digest: sha256.toLowerCase() };
  return sha512 === undefined ? undefined : { algorithm: 'sha512', digest: sha512.toLowerCase() };
};

const checkedOrThrownOut = async (
  kind: OriginFile,
  path: string,
  expected: ProvenDigest,
  signal: AbortSignal | undefined,
): Promise<FileRef> => {
  try {
    return await checked(kind, path, expected, signal);
  } catch (error) {
    if (error instanceof IngotError && error.code !== 'interrupted') await rm(path, { force: true });
    throw error;
  }
};

const checked = async (
  { title, missing, look }: OriginFile,
  path: string,
  expected: ProvenDigest | undefined,
  signal: AbortSignal | undefined,
): Promise<FileRef> => {
  if (!(await ifThere(stat(path)))?.isFile()) throw missing(path);
  await look?.(path);
  const ref = await fileRef(path, signal);
  if (expected === undefined) return ref;
  const { algorithm, digest } = expected;
  const found = algorithm === 'sha256' ? ref.sha256 : await digestFile(path, algorithm, signal);
  if (found === digest) return ref;
  throw new IngotError('origin.digest-mismatch', `the ${title} is not the one that the recipe or its sums name`, {
    where: path,
    detail: `expected ${digest}\nfound    ${found}`,
    hint: 'Compare with the sums that its publisher signed. If the recipe is wrong, correct it; a mirror that is being updated is right again later.',
  });
};
