/**
 * The list of packages as a recipe's lock has it, and back. What a signed index says of a package (its stanza) is not in
 * the lock: it is read again from the very same index, whose signature is checked again, so that a lock which was changed
 * by hand cannot bring in what the archive never signed.
 */
import { join } from 'node:path';
import { IngotError } from '../../../errors.ts';
import { temporaryFolder } from '../../../host/files.ts';
import { run } from '../../../host/run.ts';
import type { BlobStore } from '../../../origin/blobs.ts';
import type { LockedArchive } from '../../../recipe/schema/lock-schema.ts';
import { APT_HELPER, type AptContext } from './apt.ts';
import { bringLocked, type LockedFileOf } from './bring-locked.ts';
import type { Mirrors } from './find-mirrors.ts';
import { writeKeyring } from './keyring.ts';
import { buildPackageIndex, type PackageIndex } from './package-index.ts';
import { LOCK_FORMAT, type Lock, type LockedDeb, type LockedPackage } from './package-lock.ts';
import { verifyIndex, verifySuite } from './verify-signature.ts';

type Listed = LockedArchive['udebs'][number];

export const archiveOf = (lock: Lock): LockedArchive => ({
  release: lock.release,
  standInChoice: lock.standInChoice,
  components: lock.components,
  suites: lock.suites,
  installer: lock.installer,
  standIns: lock.standIns,
  packages: lock.debs.map((deb) => ({
    ...listed(deb),
    ...(deb.install ?? {}),
    ...(deb.alsoAt.length === 0 ? {} : { alsoAt: deb.alsoAt }),
  })),
  udebs: lock.udebs.map(listed),
  parts: lock.parts.map(listed),
});

const listed = ({ name, version, arch, suite, filename, size, sha256 }: LockedPackage): Listed => ({
  name,
  version,
  arch,
  suite,
  file: filename,
  size,
  sha256,
});

const unlisted = ({ name, version, arch, suite, file, size, sha256 }: Listed): LockedPackage => ({
  name,
  version,
  arch,
  suite,
  filename: file,
  size,
  sha256,
});

/** InRelease and the indexes of all suites, as files of the archive. */
export const indexFiles = ({ suites }: Pick<LockedArchive, 'suites'>): LockedFileOf[] =>
  suites.flatMap(({ name, inRelease, indexes }) => [
    { suite: name, title: `InRelease of ${name}`, filename: `dists/${name}/InRelease`, ...inRelease },
    ...indexes.map(({ path, ...identity }) => ({
      suite: name,
      title: `${path} of ${name}`,
      // Archives keep older indexes under their digests for a while (Acquire-By-Hash).
      filename: `dists/${name}/${path.slice(0, path.lastIndexOf('/'))}/by-hash/SHA256/${identity.sha256}`,
      otherwise: `dists/${name}/${path}`,
      ...identity,
    })),
  ]);

export const packageFiles = ({
  packages,
  udebs,
  parts,
}: Pick<LockedArchive, 'packages' | 'udebs' | 'parts'>): LockedFileOf[] =>
  [...packages, ...udebs, ...parts].map(({ name, version, file, suite, size, sha256 }) => ({
    suite,
    title: `${name} ${version}`,
    filename: file,
    size,
    sha256,
  }));

export interface FrozenOptions extends AptContext {
  readonly archive: LockedArchive;
  readonly mirrors: Mirrors;
  readonly snapshots: Partial<Mirrors['urls']>;
  readonly store: BlobStore;
  /** The caller's own. */
  readonly folder: string;
  readonly where: string;
}

/**
 * The lock of the archive that the recipe's lock names, with all files that it needs in the store. Throws `lock.cannot-be-had`,
 * `lock.not-signed`, `origin.bad-signature`, `origin.digest-mismatch`.
 */
export const frozenLock = async (options: FrozenOptions): Promise<Lock> => {
  const { archive, where } = options;
  options.reporter.phase('locked packages');
  await bringLocked([...indexFiles(archive), ...packageFiles(archive)], options);
  await using work = await temporaryFolder('.frozen-', options.folder);
  const index = await checkedIndexes(options, work.path);
  return {
    format: LOCK_FORMAT,
    release: archive.release,
    suites: archive.suites,
    debs: archive.packages.map((one) => lockedDeb(one, index, where)),
    udebs: archive.udebs.map(unlisted),
    installer: archive.installer,
    parts: archive.parts.map(unlisted),
    standInChoice: archive.standInChoice,
    standIns: archive.standIns,
    components: archive.components,
  };
};

/** Checked as they were when they came: by the archive's keys, and each index by its InRelease. */
const checkedIndexes = async (
  { archive, mirrors, store, signal, where }: FrozenOptions,
  folder: string,
): Promise<PackageIndex> => {
  const keyring = join(folder, 'keyring.gpg');
  await writeKeyring(mirrors.keys, keyring);
  const files: { suite: string; path: string }[] = [];
  for (const { name, inRelease, indexes } of archive.suites) {
    const file = await store.checked(inRelease, `${name}/InRelease`);
    // What the lock pins was good when it was written: a key that has expired since says nothing against it.
    const verified = await verifySuite(name, file, keyring, signal, { late: true });
    for (const { path, ...identity } of indexes) {
      const at = await store.checked(identity, `${name}/${path}`);
      const signed = await verifyIndex(verified, path, at, signal);
      if (signed.sha256 !== identity.sha256) throw notSigned(`${path} of ${name}`, where);
      const outputFile = join(folder, `${files.length}_Packages`);
      const named = join(folder, `${files.length}${/\.\w+$/.exec(path)?.[0] ?? ''}`);
      await store.place(identity, named, path);
      await run(APT_HELPER, ['cat-file', named], { outputFile, signal });
      files.push({ suite: name, path: outputFile });
    }
  }
  return buildPackageIndex(files);
};

const lockedDeb = (one: LockedArchive['packages'][number], index: PackageIndex, where: string): LockedDeb => {
  const { stage, mark, alsoAt = [] } = one;
  const entry = index
    .find(one.name)
    .find(({ version, sha256, suite }) => version === one.version && sha256 === one.sha256 && suite === one.suite);
  if (entry === undefined || entry.filename !== one.file || entry.size !== one.size || entry.arch !== one.arch)
    throw notSigned(`${one.name} ${one.version}`, where);
  return {
    ...unlisted(one),
    alsoAt,
    stanza: entry.text,
    ...(stage === undefined || mark === undefined ? {} : { install: { stage, mark } }),
  };
};

const notSigned = (what: string, where: string): IngotError =>
  new IngotError('lock.not-signed', `the lock names ${what}, and the signed indexes that it names do not have it so`, {
    where,
    hint: 'The lock was changed by hand, or merged from two: take it from version control again, or write it with `ingot lock`.',
  });
