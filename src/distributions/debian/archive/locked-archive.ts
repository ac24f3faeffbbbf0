/**
 * The list of packages as a recipe's lock has it, and back. What a signed index says of a package (its stanza) is not in
 * the lock: it is read again from the very same index, whose signature is checked again, so that a lock which was changed
 * by hand cannot bring in what the archive never signed. So are the components of the installer (udebs), and its kernel and
 * initrd come out of their signed package again.
 */
import { IngotError } from '../../../errors.ts';
import { temporaryFolder } from '../../../host/files.ts';
import type { BlobStore } from '../../../origin/blobs.ts';
import type { LockedArchive, LockedRequest } from '../../../recipe/schema/lock-schema.ts';
import type { InstallerComponents } from '../medium/installer-parts.ts';
import type { AptContext } from './apt.ts';
import { bringLocked, type LockedFileOf } from './bring-locked.ts';
import type { Mirrors } from './find-mirrors.ts';
import { notSigned, readLockedIndexes } from './locked-indexes.ts';
import { requireWhole } from './locked-whole.ts';
import type { PackageEntry, PackageIndex } from './package-index.ts';
import { LOCK_FORMAT, type Lock, type LockedDeb, type LockedPackage } from './package-lock.ts';

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
  suites.flatMap(({ name, inRelease, indexes, installerIndexes }) => [
    { suite: name, title: `InRelease of ${name}`, filename: `dists/${name}/InRelease`, ...inRelease },
    ...[...indexes, ...installerIndexes].map(({ path, ...identity }) => ({
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
  /** What the recipe asks for, as the lock has it. */
  readonly request: LockedRequest | undefined;
  readonly components: InstallerComponents;
  readonly mirrors: Mirrors;
  readonly snapshots: Partial<Mirrors['urls']>;
  readonly store: BlobStore;
  /** The caller's own. */
  readonly folder: string;
  readonly where: string;
}

/**
 * The lock of the archive that the recipe's lock names, with all files that it needs in the store. Throws `lock.cannot-be-had`,
 * `lock.not-signed`, `lock.incomplete`, `origin.bad-signature`, `origin.digest-mismatch`.
 */
export const frozenLock = async (options: FrozenOptions): Promise<Lock> => {
  const { archive, where } = options;
  options.reporter.phase('locked packages');
  const lacking = await bringLocked([...indexFiles(archive), ...packageFiles(archive)], options).then(
    () => undefined,
    (error: unknown) => {
      if (error instanceof IngotError && error.code === 'lock.cannot-be-had') return error;
      throw error;
    },
  );
  // Where the indexes are there, they tell first whether the archive ever had what cannot be had.
  if (lacking !== undefined && !(await haveAll(indexFiles(archive), options.store))) throw lacking;
  await using work = await temporaryFolder('.frozen-', options.folder);
  const { suites } = archive;
  const { mirrors, store, signal } = options;
  const indexes = await readLockedIndexes({ suites, keys: mirrors.keys, store, where, signal }, work.path);
  const debs = archive.packages.map((one) => lockedDeb(one, indexes.packages, where));
  for (const one of archive.parts) signedEntry(one, indexes.packages, where);
  for (const one of archive.udebs) signedEntry(one, indexes.udebs, where);
  if (lacking !== undefined) throw lacking;
  await requireWhole(archive, { ...options, indexes });
  return {
    format: LOCK_FORMAT,
    release: archive.release,
    suites: archive.suites,
    debs,
    udebs: archive.udebs.map(unlisted),
    installer: archive.installer,
    parts: archive.parts.map(unlisted),
    standInChoice: archive.standInChoice,
    standIns: archive.standIns,
    components: archive.components,
  };
};

const haveAll = async (files: readonly LockedFileOf[], store: BlobStore): Promise<boolean> =>
  !(await Promise.all(files.map((file) => store.has(file)))).includes(false);

/** What the signed index says of it. */
const signedEntry = (one: Listed, index: PackageIndex, where: string): PackageEntry => {
  const entry = index
    .find(one.name)
    .find(({ version, sha256, suite }) => version === one.version && sha256 === one.sha256 && suite === one.suite);
  if (entry === undefined || entry.filename !== one.file || entry.size !== one.size || entry.arch !== one.arch)
    throw notSigned(`${one.name} ${one.version}`, where);
  return entry;
};

const lockedDeb = (one: LockedArchive['packages'][number], index: PackageIndex, where: string): LockedDeb => {
  const { stage, mark, alsoAt = [] } = one;
  return {
    ...unlisted(one),
    alsoAt,
    stanza: signedEntry(one, index, where).text,
    ...(stage === undefined || mark === undefined ? {} : { install: { stage, mark } }),
  };
};
