/** From a recipe to a lock: indexes fetched and checked, the closure resolved, the installer's parts found. */
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { IngotError } from '../../errors.ts';
import { sha256, temporaryFolder, writeFileWhole } from '../../host/files.ts';
import type { Recipe } from '../../recipe/schema.ts';
import type { BlobStore } from '../blobs.ts';
import { type Apt, type AptContext, openApt, updateIndexes } from './apt.ts';
import { basePackages, type Request, resolveClosure } from './closure.ts';
import { fetchPackages } from './fetch.ts';
import { LEFT_OUT, requestedPackages } from './implied.ts';
import { unpackInstaller } from './installer-images.ts';
import { byName, type Lock, type LockedPackage, lockPackage, lockSchema, lockText, type StandIn } from './lock.ts';
import { lockDebs } from './lock-debs.ts';
import type { Mirrors } from './mirror.ts';
import type { PackageEntry } from './packages.ts';
import { debianRelease } from './releases.ts';
import { checkSuites, type Indexes, readIndexes } from './suites.ts';

/** What the installer needs beside Debian's initrd; `components.ts` knows it. */
export interface ComponentChoice {
  readonly udebs: readonly string[];
  readonly standIns: readonly StandIn[];
  /** Ordinary packages from which stand-ins take files. */
  readonly debs: readonly string[];
}

export interface InstallerComponents {
  /** Every udeb that would be used if the mirror had it. */
  candidates(kernelRelease: string): readonly string[];
  choose(available: ReadonlySet<string>, kernelRelease: string): ComponentChoice;
  /** Changes when another choice could come out. */
  readonly digest: string;
}

export interface ResolveOptions extends AptContext {
  readonly recipe: Recipe;
  readonly mirrors: Mirrors;
  readonly store: BlobStore;
  /** Kept between builds: the indexes and locks of the last time. */
  readonly stateFolder: string;
  readonly components: InstallerComponents;
}

/** Boot loaders for the medium itself, BIOS and UEFI. */
const MEDIUM_PACKAGES = ['isolinux', 'syslinux-common', 'shim-signed', 'grub-efi-amd64-signed'];

/**
 * Resolves what the medium needs. Errors: `origin.mirror-unreachable`, `origin.bad-signature`,
 * `origin.digest-mismatch`, `origin.no-such-package`, `origin.unsolvable`, `origin.stand-ins-needed`.
 */
export const resolveDebian = async (options: ResolveOptions): Promise<Lock> => {
  const { recipe, mirrors, stateFolder, reporter } = options;
  const release = debianRelease(recipe.os.release);
  await mkdir(stateFolder, { recursive: true });
  await using work = await temporaryFolder('.apt-', stateFolder);
  const apt = await openApt(work.path, release, mirrors);
  reporter.phase('indexes');
  await updateIndexes(apt, join(stateFolder, `lists-${sha256(JSON.stringify(mirrors.urls)).slice(0, 16)}`), options);
  const suites = await checkSuites(apt, options);
  const known = join(stateFolder, 'locks', `${requestDigest(options, apt, suites.suites)}.json`);
  const lock =
    (await readLock(known, options.store)) ??
    (await newLock(options, apt, await readIndexes(apt, suites, options.store, options)));
  await writeFileWhole(known, lockText(lock));
  refuseStandIns(recipe, lock.standIns);
  return lock;
};

const requestDigest = (
  { recipe, components }: ResolveOptions,
  apt: Apt,
  suites: readonly { readonly verified: { readonly inRelease: { readonly sha256: string } } }[],
): string =>
  sha256(
    JSON.stringify([
      apt.keyringDigest,
      components.digest,
      LEFT_OUT,
      requestedPackages(recipe),
      suites.map(({ verified }) => verified.inRelease.sha256),
    ]),
  );

/** An earlier lock for the same request and the same indexes, when the indexes are still in the store. */
const readLock = async (path: string, store: BlobStore): Promise<Lock | undefined> => {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const lock = lockSchema.safeParse(JSON.parse(text));
  if (!lock.success) return undefined;
  const files = lock.data.suites.flatMap(({ inRelease, indexes }) => [inRelease, ...indexes]);
  const there = await Promise.all(files.map((file) => store.has(file)));
  return there.includes(false) ? undefined : lock.data;
};

const newLock = async (options: ResolveOptions, apt: Apt, indexes: Indexes): Promise<Lock> => {
  const { recipe, reporter } = options;
  const { release } = apt;
  reporter.phase('resolving');
  const asked = requestedPackages(recipe);
  const leftOut = LEFT_OUT.map(({ name }) => name);
  const base = basePackages(indexes.packages, release.codename, leftOut).map(asRequest('the base system'));
  const context = { ...options, leftOut };
  const installed = [...base, ...asked.install];
  const install = await resolveClosure(apt, indexes.packages, installed, context);
  const more = asked.extra.length > 0 ? [...installed, ...asked.extra] : [];
  const all = more.length > 0 ? await resolveClosure(apt, indexes.packages, more, context) : install;
  reporter.phase('installer components');
  const components = await findComponents(options, apt, indexes);
  return {
    format: 1,
    release: { number: release.number, codename: release.codename, arch: 'amd64' },
    suites: indexes.locked,
    debs: lockDebs(indexes.packages, { install, all, manual: new Set(installed.map(({ name }) => name)) }),
    ...components,
  };
};

const asRequest =
  (where: string) =>
  (name: string): Request => ({ name, where });

/** Looks which udebs the mirror really has: an index may name files that are gone. */
const findComponents = async (
  options: ResolveOptions,
  apt: Apt,
  indexes: Indexes,
): Promise<Pick<Lock, 'udebs' | 'parts' | 'standIns'>> => {
  const { store, components } = options;
  const installer = await resolveParts(options, apt, indexes, [apt.release.installerPackage]);
  await fetchPackages(installer, store, apt, options);
  const [image] = installer;
  if (image === undefined) throw new IngotError('origin.installer-missing', 'the archive has no installer images');
  await using folder = await temporaryFolder('.installer-', options.stateFolder);
  const { kernelRelease } = await unpackInstaller(store.path(image), apt.release.number, folder.path, options.signal);
  const candidates = components
    .candidates(kernelRelease)
    .flatMap((name) => indexes.udebs.find(name).slice(-1))
    .map(lockPackage);
  const { missing } = await fetchPackages(candidates, store, apt, { ...options, tolerateMissing: true });
  const gone = new Set(missing.map(({ name }) => name));
  const available = candidates.filter(({ name }) => !gone.has(name));
  const choice = components.choose(new Set(available.map(({ name }) => name)), kernelRelease);
  const parts = await resolveParts(options, apt, indexes, [...MEDIUM_PACKAGES, ...choice.debs]);
  return {
    udebs: available.filter(({ name }) => choice.udebs.includes(name)).sort(byName),
    parts: [...installer, ...parts].sort(byName),
    standIns: [...choice.standIns].sort(byName),
  };
};

/** The packages themselves, in the version that apt would install, without what they depend on. */
const resolveParts = async (
  options: ResolveOptions,
  apt: Apt,
  indexes: Indexes,
  names: readonly string[],
): Promise<LockedPackage[]> => {
  const resolved = await resolveClosure(apt, indexes.packages, names.map(asRequest('the medium')), options);
  return resolved.filter((entry: PackageEntry) => names.includes(entry.name)).map(lockPackage);
};

const refuseStandIns = (recipe: Recipe, standIns: readonly StandIn[]): void => {
  const allowed = 'standIns' in recipe.origin && recipe.origin.standIns === 'allow';
  if (standIns.length === 0 || allowed) return;
  throw new IngotError('origin.stand-ins-needed', 'the mirror lacks components of the installer', {
    where: 'origin.standIns',
    detail: standIns.map(({ name, reason }) => `${name}: ${reason}`).join('\n'),
    hint: 'Use a complete mirror, or let components of Ingot stand in for these: origin.standIns: allow',
  });
};
