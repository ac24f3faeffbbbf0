/** Fetches and checks the indexes of all suites, and keeps their bytes for the medium. */
import { IngotError } from '../../../errors.ts';
import type { BlobStore } from '../../../origin/blobs.ts';
import { type Apt, type AptContext, acceptIndex, acceptInRelease, type IndexTarget, indexTargets } from './apt.ts';
import { NOT_ON_MIRROR } from './apt-error.ts';
import type { IndexFile } from './index-file.ts';
import { buildPackageIndex, type PackageIndex } from './package-index.ts';
import type { Lock } from './package-lock.ts';
import { expiryNote } from './release-file.ts';
import { type VerifiedSuite, verifyIndex, verifySuite } from './verify-signature.ts';

const INSTALLER_COMPONENT = 'main/debian-installer';

export interface CheckedSuite {
  readonly verified: VerifiedSuite;
  readonly targets: readonly IndexTarget[];
}

/** Checks the signature of each suite. What it signs is read later, when it is needed. */
export const checkSuites = async (apt: Apt, context: AptContext): Promise<CheckedSuite[]> => {
  const targets = await indexTargets(apt, context);
  const suites: CheckedSuite[] = [];
  for (const { name, archive } of apt.release.suites) {
    const own = targets.filter((target) => target.suite === name);
    const file = own[0]?.inRelease;
    if (file === undefined) {
      throw new IngotError('origin.not-on-mirror', `the mirror has no index of ${name}`, {
        where: apt.mirrors.urls[archive],
        hint: NOT_ON_MIRROR,
      });
    }
    const verified = await verifySuite(name, file, apt.paths.keyring, context.signal);
    const note = expiryNote(name, verified.release);
    if (note !== undefined) context.reporter.note(note);
    await acceptInRelease(apt, file);
    suites.push({ verified, targets: own });
  }
  return suites;
};

type NamedIndex = Lock['suites'][number]['indexes'][number];

export interface Indexes {
  readonly packages: PackageIndex;
  readonly udebs: PackageIndex;
  readonly locked: Lock['suites'];
}

/** Checks each index against its suite, unpacks it for apt, and puts InRelease and the index into the store. */
export const readIndexes = async (
  apt: Apt,
  suites: readonly CheckedSuite[],
  store: BlobStore,
  context: AptContext,
): Promise<Indexes> => {
  const debs: IndexFile[] = [];
  const udebs: IndexFile[] = [];
  const locked: Lock['suites'] = [];
  for (const { verified, targets } of suites) {
    const { name, inRelease, release, signers } = verified;
    const indexes: NamedIndex[] = [];
    const installerIndexes: NamedIndex[] = [];
    for (const target of targets) {
      const path = `${target.metaKey}${/\.\w+$/.exec(target.file)?.[0] ?? ''}`;
      const identity = await verifyIndex(verified, path, target.file, context.signal);
      const isInstaller = target.component === INSTALLER_COMPONENT;
      const unpacked = await acceptIndex(apt, target.file, context);
      (isInstaller ? udebs : debs).push({ suite: name, path: unpacked });
      await store.keep(target.file, identity, `${name}/${path}`);
      (isInstaller ? installerIndexes : indexes).push({ path, ...identity });
    }
    const { size, sha256 } = inRelease;
    await store.keep(inRelease.file, { size, sha256 }, `${name}/InRelease`);
    const date = release.date.toISOString();
    locked.push({ name, date, signers: [...signers], inRelease: { size, sha256 }, indexes, installerIndexes });
  }
  return { packages: buildPackageIndex(debs), udebs: buildPackageIndex(udebs), locked };
};
