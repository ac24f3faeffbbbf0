/** The signed indexes that a lock names, out of the store: checked as they were when they came, and no mirror is asked. */
import { join } from 'node:path';
import { IngotError } from '../../../errors.ts';
import { run } from '../../../host/run.ts';
import type { BlobStore } from '../../../origin/blobs.ts';
import { writeKeyring } from '../../../origin/keyring.ts';
import type { LockedArchive } from '../../../recipe/schema/lock-schema.ts';
import { APT_HELPER } from './apt.ts';
import type { IndexFile } from './index-file.ts';
import { buildPackageIndex, type PackageIndex } from './package-index.ts';
import { type VerifiedSuite, verifyIndex, verifySuite } from './verify-signature.ts';

/** Below a suite's folder: `main/debian-installer/binary-amd64/Packages.xz`. */
const INSTALLER_INDEX = '/debian-installer/';

export interface LockedIndexes {
  readonly suites: LockedArchive['suites'];
  /** Key files or armored keys. */
  readonly keys: readonly string[];
  readonly store: BlobStore;
  /** The lock, for an error. */
  readonly where: string;
  readonly signal?: AbortSignal | undefined;
}

export interface SignedIndexes {
  readonly packages: PackageIndex;
  /** Of the installer's components. */
  readonly udebs: PackageIndex;
}

/**
 * By the archive's keys, and each index by its InRelease. The indexes read files below `folder`, the caller's own, for as long as
 * they are used. Throws `lock.not-signed`, `origin.bad-signature`, `origin.digest-mismatch`.
 */
export const readLockedIndexes = async (
  { suites, keys, store, where, signal }: LockedIndexes,
  folder: string,
): Promise<SignedIndexes> => {
  const keyring = join(folder, 'locked-keyring.gpg');
  await writeKeyring(keys, keyring);
  const debs: IndexFile[] = [];
  const udebs: IndexFile[] = [];
  for (const suite of suites) {
    const { name, inRelease, indexes, installerIndexes } = suite;
    const file = await store.checked(inRelease, `${name}/InRelease`);
    // What the lock pins was good when it was written: a key that has expired since says nothing against it.
    const verified = await verifySuite(name, file, keyring, signal, { late: true });
    requireSaid(suite, verified, where);
    for (const { path, ...identity } of [...indexes, ...installerIndexes]) {
      const files = path.includes(INSTALLER_INDEX) ? udebs : debs;
      const at = await store.checked(identity, `${name}/${path}`);
      const signed = await verifyIndex(verified, path, at, signal);
      if (signed.sha256 !== identity.sha256) throw notSigned(`${path} of ${name}`, where);
      const outputFile = join(folder, `${debs.length + udebs.length}_Packages`);
      const named = join(folder, `${debs.length + udebs.length}${/\.\w+$/.exec(path)?.[0] ?? ''}`);
      await store.place(identity, named, path);
      await run(APT_HELPER, ['cat-file', named], { outputFile, signal });
      files.push({ suite: name, path: outputFile });
    }
  }
  return { packages: buildPackageIndex(debs), udebs: buildPackageIndex(udebs) };
};

/**
 * Date and keys are stated of what is built, so they have to be those of the signature. Of keys that this host lacks only is known
 * how many there are.
 */
const requireSaid = (
  { name, date, signers }: LockedArchive['suites'][number],
  { release, signers: found, unchecked }: VerifiedSuite,
  where: string,
): void => {
  const others = signers.filter((one) => !found.includes(one));
  const isSigned = others.length < signers.length && others.length <= unchecked;
  if (!isSigned) throw notSigned(`${name}, signed by ${signers.join(' and ') || 'nobody'}`, where);
  if (release.date.getTime() !== Date.parse(date)) throw notSigned(`${name} of ${date.slice(0, 10)}`, where);
};

export const notSigned = (what: string, where: string): IngotError =>
  new IngotError('lock.not-signed', `the lock names ${what}, and the signed indexes that it names do not have it so`, {
    where,
    hint: 'The lock was changed by hand, or merged from two: take it from version control again, or write it with `ingot lock`.',
  });
