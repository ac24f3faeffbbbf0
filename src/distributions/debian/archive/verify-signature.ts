/**
 * The chain of trust, walked on the host and apart from apt: the keyring signs InRelease, InRelease has the digest of
 * each index, an index has the digest of each package. debian-installer itself checks nothing that comes from a
 * medium, so what is not checked here is not checked at all.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { IngotError } from '../../../errors.ts';
import { fileRef, temporaryFolder } from '../../../host/files.ts';
import { run } from '../../../host/run.ts';
import { type BlobIdentity, checkIdentity } from '../../../origin/blobs.ts';
import { parseReleaseFile, type ReleaseFile } from './release-file.ts';

/** The signed text and nothing around it, with the fingerprints of the primary keys whose signature holds. */
export interface Signed {
  readonly text: string;
  readonly signers: readonly string[];
}

/**
 * Checks a clearsigned file with gpgv(1). One good signature is enough, as for apt: the archive signs with keys of
 * several releases and an older keyring does not know all. A bad one is never accepted. Throws
 * `origin.bad-signature`.
 */
export const verifyClearsigned = async (path: string, keyring: string, signal?: AbortSignal): Promise<Signed> => {
  await using folder = await temporaryFolder();
  const output = join(folder.path, 'signed');
  const signers = await gpgv(['--output', output, path], { path, keyring, home: folder.path, signal });
  return { text: await readFile(output, 'utf8'), signers };
};

/** The same for a file whose signature lies beside it. */
export const verifyDetached = async (
  path: string,
  signature: string,
  keyring: string,
  signal?: AbortSignal,
): Promise<Signed> => {
  await using folder = await temporaryFolder();
  const signers = await gpgv([signature, path], { path, keyring, home: folder.path, signal });
  return { text: await readFile(path, 'utf8'), signers };
};

interface Verification {
  readonly path: string;
  readonly keyring: string;
  readonly home: string;
  readonly signal: AbortSignal | undefined;
}

/** The signers. */
const gpgv = async (args: readonly string[], { path, keyring, home, signal }: Verification): Promise<string[]> => {
  const result = await run('gpgv', ['--status-fd', '1', '--keyring', keyring, ...args], {
    allow: [1, 2],
    env: { GNUPGHOME: home },
    signal,
    hint: 'Install gpgv.',
  });
  const status = result.stdout.split('\n').map((line) => line.replace('[GNUPG:] ', '').split(' '));
  const has = (...names: string[]) => status.some(([name]) => name !== undefined && names.includes(name));
  const signers = status.filter(([name]) => name === 'VALIDSIG').map((words) => words.at(-1) ?? '');
  const good = status.filter(([name]) => name === 'GOODSIG').length;
  if (has('BADSIG') || good === 0 || signers.length < good) {
    throw new IngotError('origin.bad-signature', "the archive's signature is not valid", {
      where: path,
      detail: result.stderr,
      hint: 'Check origin.mirror, and that origin.keyring holds the key that signs this archive.',
    });
  }
  return signers;
};

export interface VerifiedSuite {
  readonly name: string;
  readonly release: ReleaseFile;
  readonly signers: readonly string[];
  readonly inRelease: { readonly file: string } & BlobIdentity;
}

/** Checks a suite's InRelease, and that it is the suite that was asked for. */
export const verifySuite = async (
  name: string,
  file: string,
  keyring: string,
  signal?: AbortSignal,
): Promise<VerifiedSuite> => {
  const { text, signers } = await verifyClearsigned(file, keyring, signal);
  const release = parseReleaseFile(text, file);
  if (release.codename !== name && release.suite !== name) {
    throw new IngotError('origin.wrong-suite', `the mirror gives ${release.codename ?? 'another suite'} for ${name}`, {
      where: file,
      hint: 'Check origin.mirror and origin.securityMirror.',
    });
  }
  const { size, sha256 } = await fileRef(file, signal);
  return { name, release, signers, inRelease: { file, size, sha256 } };
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
