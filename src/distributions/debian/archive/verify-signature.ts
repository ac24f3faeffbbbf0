/**
 * The chain of trust, walked on the host and apart from apt: the keyring signs InRelease, InRelease has the digest of
 * each index, an index has the digest of each package. debian-installer itself checks nothing that comes from a
 * medium, so what is not checked here is not checked at all.
 */
import { IngotError } from '../../../errors.ts';
import { fileRef } from '../../../host/files.ts';
import { type BlobIdentity, checkIdentity } from '../../../origin/blobs.ts';
import { checkClearsigned, checkDetached, type Verification } from '../../../origin/gpgv.ts';
import { parseReleaseFile, type ReleaseFile } from './release-file.ts';

/** The signed text and nothing around it, with the fingerprints of the primary keys whose signature holds. */
export interface Signed {
  readonly text: string;
  readonly signers: readonly string[];
  /** How many more signatures there are, by keys that the keyring does not have. */
  readonly unchecked: number;
}

/**
 * Checks a clearsigned file with gpgv(1). One good signature is enough, as for apt: the archive signs with keys of
 * several releases and an older keyring does not know all. A bad one is never accepted. Throws
 * `origin.bad-signature`.
 */
export const verifyClearsigned = async (
  path: string,
  keyring: string,
  signal?: AbortSignal,
  when: Lateness = {},
): Promise<Signed> => signed(path, await checkClearsigned({ path, keyring, signal }), when);

/** `late`: the file is pinned by its digest, so that a signature counts whose key has expired since it was made. */
export interface Lateness {
  readonly late?: boolean;
}

/** The same for a file with a detached signature. */
export const verifyDetached = async (
  path: string,
  signature: string,
  keyring: string,
  signal?: AbortSignal,
): Promise<Signed> => signed(path, await checkDetached({ path, signature, keyring, signal }));

const signed = (
  path: string,
  { signatures, text, isClean, said }: Verification,
  { late = false }: Lateness = {},
): Signed => {
  const good = signatures.filter(({ state }) => state === 'good' || (late && state === 'key-expired'));
  const signers = good.flatMap(({ valid }) => (valid === undefined ? [] : [valid.primary]));
  const isBad = signatures.some(({ state }) => state === 'bad') || signers.length < good.length;
  if (text !== undefined && isClean && !isBad && good.length > 0)
    return { text, signers, unchecked: signatures.filter(({ state }) => state === 'unchecked').length };
  throw new IngotError('origin.bad-signature', "the archive's signature is not valid", {
    where: path,
    detail: said,
    hint: 'Check origin.mirror, and that origin.keyring holds the key that signs this archive.',
  });
};

export interface VerifiedSuite {
  readonly name: string;
  readonly release: ReleaseFile;
  readonly signers: readonly string[];
  readonly unchecked: number;
  readonly inRelease: { readonly file: string } & BlobIdentity;
}

/** Checks a suite's InRelease, and that it is the suite that was asked for. */
export const verifySuite = async (
  name: string,
  file: string,
  keyring: string,
  signal?: AbortSignal,
  when: Lateness = {},
): Promise<VerifiedSuite> => {
  const { text, signers, unchecked } = await verifyClearsigned(file, keyring, signal, when);
  const release = parseReleaseFile(text, file);
  if (release.codename !== name && release.suite !== name) {
    throw new IngotError('origin.wrong-suite', `the mirror gives ${release.codename ?? 'another suite'} for ${name}`, {
      where: file,
      hint: 'Check origin.mirror and origin.securityMirror.',
    });
  }
  const { size, sha256 } = await fileRef(file, signal);
  return { name, release, signers, unchecked, inRelease: { file, size, sha256 } };
};

/** Checks an index that belongs to a suite; `path` is below the suite's folder. Returns its identity. */
export const verifyIndex = async (
  suite: VerifiedSuite,
  path: string,
  file: string,
  signal?: AbortSignal,
): Promise<BlobIdentity> => {
  const expected = suite.release.files.get(path);
  if (expected === undefined) {
    throw new IngotError('origin.release-invalid', `${suite.name} does not sign ${path}`, {
      where: suite.inRelease.file,
      hint: 'The mirror must offer its Packages index with xz.',
    });
  }
  await checkIdentity(file, expected, `${suite.name}/${path}`, signal);
  return expected;
};
