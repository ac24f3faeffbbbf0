/** From a recipe to a lock: indexes fetched and checked, the closure resolved, the installer's parts found. */
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256, temporaryFolder, writeFileWhole } from '../../../host/files.ts';
import { ifThere } from '../../../host/if-there.ts';
import type { BlobStore } from '../../../origin/blobs.ts';
import type { StandInChoice } from '../../../recipe/schema/origin-schema.ts';
import type { Recipe } from '../../../recipe/schema.ts';
import { furtherSuites } from '../../../recipe/values/package-wish.ts';
import { debianComponents } from '../medium/components.ts';
import { findInstallerParts, type InstallerComponents, refuseStandIns } from '../medium/installer-parts.ts';
import { type Apt, type AptContext, openApt, updateIndexes } from './apt.ts';
import { basePackages, requiredPackages } from './closure.ts';
import type { Mirrors } from './find-mirrors.ts';
import { beside, settle } from './give-way.ts';
import { askedFor, impliedRequests, leftOut, OPTIONAL, requestedPackages, STAYING } from './implied.ts';
import { lockDebs } from './lock-debs.ts';
import { NEWEST, requireNotOlder } from './newest-seen.ts';
import { LOCK_FORMAT, type Lock, lockText, parseLock } from './package-lock.ts';
import { debianRelease, type Release, withSuites } from './releases.ts';
import { requestsFor } from './request.ts';
import { servedRelease } from './served-release.ts';
import { type CheckedSuite, checkSuites, type Indexes, readIndexes } from './suites.ts';
import { recommendedBy } from './tasks.ts';

export interface ResolveOptions extends AptContext {
  readonly recipe: Recipe;
  readonly mirrors: Mirrors;
  readonly store: BlobStore;
  /** Kept between builds: the indexes and locks of the last time. */
  readonly stateFolder: string;
  /** Indexes older than the newest ones that were seen are taken. */
  readonly allowOlder?: boolean | undefined;
  /** `debianComponents(…)` of the recipe's release when absent. */
  readonly components?: InstallerComponents;
}

/**
 * Resolves what the medium needs. Errors: `origin.mirror-unreachable`, `origin.bad-signature`,
 * `origin.digest-mismatch`, `origin.index-older`, `origin.no-such-package`, `origin.no-such-version`, `origin.unsolvable`, `origin.stand-ins-needed`.
 */
export const resolveDebian = async (options: ResolveOptions): Promise<Lock> => {
  const { recipe, mirrors, store, stateFolder, reporter, components = debianComponents(recipe.os.release) } = options;
  await mkdir(stateFolder, { recursive: true });
  await using work = await temporaryFolder('.apt-', stateFolder);
  const apt = await openApt(work.path, releaseOf(recipe), mirrors);
  reporter.phase('indexes');
  // With a newer index at hand apt would not take an older one.
  const lists = options.allowOlder === true ? work.path : stateFolder;
  const seed = join(lists, `lists-${sha256(JSON.stringify(mirrors.urls)).slice(0, 16)}`);
  await updateIndexes(apt, seed, options);
  const suites = await checkSuites(apt, options);
  await refuseOlder(apt, suites, options);
  const known = join(stateFolder, 'locks', `${requestDigest(recipe, components, apt, suites)}.json`);
  const earlier = await readLock(known, store);
  const lock =
    earlier ?? (await newLock({ ...options, components }, apt, await readIndexes(apt, suites, store, options)));
  if (earlier === undefined) await writeFileWhole(known, lockText(lock));
  refuseStandIns(recipe, lock.standIns);
  return lock;
};

/** A mirror answers for the archive: what one has shown counts for all. */
const refuseOlder = async (apt: Apt, suites: readonly CheckedSuite[], options: ResolveOptions): Promise<void> => {
  const { stateFolder, allowOlder = false, reporter } = options;
  for (const { verified } of suites) {
    const { name } = verified;
    const { signers, release } = (await servedRelease(apt, name, options)) ?? verified;
    const archive = apt.release.suites.find((suite) => suite.name === name)?.archive ?? 'mirror';
    const note = await requireNotOlder(
      { archive: `debian ${archive}`, suite: name, date: release.date, signers, where: apt.mirrors.urls[archive] },
      { folder: join(stateFolder, NEWEST), allowOlder },
    );
    if (note !== undefined) reporter.note(note);
  }
};

const releaseOf = ({ os, origin, answers }: Recipe): Release => {
  const words = [...answers.packages, ...('assemble' in origin ? origin.packages : [])];
  return withSuites(debianRelease(os.release), furtherSuites(words));
};

const requestDigest = (
  recipe: Recipe,
  components: InstallerComponents,
  apt: Apt,
  suites: readonly CheckedSuite[],
): string =>
  sha256(
    JSON.stringify([
      apt.keyringDigest,
      components.digest,
      standInsOf(recipe),
      leftOut(recipe),
      requestedPackages(recipe),
      suites.map(({ verified }) => verified.inRelease.sha256),
    ]),
  );

const standInsOf = ({ origin }: Recipe): StandInChoice => ('standIns' in origin ? origin.standIns : 'where-missing');

/** An earlier lock for the same request and the same indexes, when it is whole and the indexes are still in the store. */
const readLock = async (path: string, store: BlobStore): Promise<Lock | undefined> => {
  const text = await ifThere(readFile(path, 'utf8'));
  const lock = text === undefined ? undefined : parseLock(text);
  if (lock === undefined) return undefined;
  const files = lock.suites.flatMap(({ inRelease, indexes, installerIndexes }) => [
    inRelease,
    ...indexes,
    ...installerIndexes,
  ]);
  const there = await Promise.all(files.map((file) => store.has(file)));
  return there.includes(false) ? undefined : lock;
};

type Resolution = ResolveOptions & { readonly components: InstallerComponents };

const newLock = async (options: Resolution, apt: Apt, indexes: Indexes): Promise<Lock> => {
  const { number, codename } = apt.release;
  options.reporter.phase('resolving');
  const { recipe, reporter } = options;
  const without = leftOut(recipe).map(({ name }) => name);
  const required = requiredPackages(indexes.packages, codename);
  const important = basePackages(indexes.packages, codename, without).filter((name) => !required.includes(name));
  const wishes = {
    asked: [...askedFor(recipe), ...recommendedBy(recipe.answers.tasks, indexes.packages)],
    required: requestsFor(required, 'the base system'),
    yielding: [...requestsFor(important, 'the base system'), ...impliedRequests(recipe)],
    staying: STAYING,
    optional: OPTIONAL,
    leftOut: without,
  };
  const settled = await settle(apt, indexes.packages, wishes, options);
  for (const { name, to } of settled.gaveWay) reporter.note(`${name} gives way to ${to}`);
  const all = await beside(apt, indexes.packages, settled, requestedPackages(recipe).extra, options);
  const manual = new Set(settled.requests.map(({ name }) => name));
  options.reporter.phase('installer components');
  return {
    format: LOCK_FORMAT,
    release: { number, codename, arch: 'amd64' },
    suites: indexes.locked,
    debs: lockDebs(indexes.packages, { install: settled.packages, all, manual }),
    components: options.components.digest,
    standInChoice: standInsOf(options.recipe),
    ...(await findInstallerParts({ ...options, standIns: standInsOf(options.recipe) }, apt, indexes)),
  };
};
