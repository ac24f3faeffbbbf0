/**
 * The signed indexes that are at hand where no mirror can be reached: those that apt fetched the last time, or those of the lock
 * that a build keeps to, whichever are newer. What they have is true, and what came later is not in them: so they are of a day.
 */
import type { InstalledPackage } from '../../../capture/installed-packages.ts';
import { IngotError } from '../../../errors.ts';
import type { BlobStore } from '../../../origin/blobs.ts';
import type { LockedArchive } from '../../../recipe/schema/lock-schema.ts';
import type { Apt, AptContext } from '../archive/apt.ts';
import { readLockedIndexes } from '../archive/locked-indexes.ts';
import { debianRelease, type Release } from '../archive/releases.ts';
import { type CheckedSuite, checkSuites } from '../archive/suites.ts';
import { type ReadIndexes, readListed } from './listed-indexes.ts';

type LockedSuites = LockedArchive['suites'];

export interface Kept extends ReadIndexes {
  /** When the security suite was signed: it changes with each update. */
  readonly asOf: string;
}

export interface AtHand {
  readonly locked: LockedSuites;
  readonly installed: readonly Pick<InstalledPackage, 'name' | 'version'>[];
  /** The caller's own. */
  readonly work: string;
  readonly store: BlobStore;
}

/**
 * Undefined where they are not there for all that the system follows; a lock may lack a component or suite from which nothing is
 * installed. Throws what reading damaged ones throws.
 */
export const keptIndexes = async (
  apt: Apt,
  { locked, installed, work, store }: AtHand,
  context: AptContext,
): Promise<Kept | undefined> => {
  const listed = await suitesOfLists(apt, context);
  const ofLists = dateOf(
    apt.release,
    (listed ?? []).map(({ verified: { name, release } }) => ({ name, date: release.date.toISOString() })),
  );
  const ofLock = (await isThere(locked, apt.release, store)) ? dateOf(apt.release, locked) : undefined;
  if (ofLock !== undefined && (ofLists === undefined || ofLock > ofLists)) {
    const { keys } = apt.mirrors;
    // What the installer is made of is no package of a system.
    const suites = locked.map((suite) => ({ ...suite, installerIndexes: [] }));
    const from = { suites, keys, store, where: store.folder, signal: context.signal };
    const { packages } = await readLockedIndexes(from, work);
    const knowsAll = () => installed.every(({ name, version }) => packages.exact(name, version) !== undefined);
    if (isComplete(apt.release, hasIn(locked)) || knowsAll())
      return { packages, suites: locked.map(({ name, date }) => ({ name, date })), asOf: ofLock };
  }
  if (listed === undefined || ofLists === undefined) return undefined;
  return { ...(await readListed(apt, listed, context)), asOf: ofLists };
};

/** With each component of each suite: one that is missing would make its packages look like somebody else's. */
const suitesOfLists = async (apt: Apt, context: AptContext): Promise<CheckedSuite[] | undefined> => {
  try {
    const suites = await checkSuites(apt, context);
    const has = (name: string, component: string) =>
      suites.some(
        ({ verified, targets }) => verified.name === name && targets.some((one) => one.component === component),
      );
    return isComplete(apt.release, has) ? suites : undefined;
  } catch (error) {
    if (error instanceof IngotError && error.code === 'origin.not-on-mirror') return undefined;
    throw error;
  }
};

const hasIn =
  (locked: LockedSuites) =>
  (name: string, component: string): boolean =>
    locked.some((suite) => suite.name === name && suite.indexes.some(({ path }) => path.startsWith(`${component}/`)));

/** With a security suite, as whose day they count. */
const isThere = async (locked: LockedSuites, release: Release, store: BlobStore): Promise<boolean> => {
  const own = debianRelease(release.number).suites.map(({ name }) => name);
  const files = locked.flatMap(({ inRelease, indexes }) => [inRelease, ...indexes]);
  const there = await Promise.all(files.map((file) => store.has(file)));
  return own.every((name) => hasIn(locked)(name, 'main')) && !there.includes(false);
};

const isComplete = ({ suites }: Release, has: (suite: string, component: string) => boolean): boolean =>
  suites.every(({ name, components }) => components.every((component) => has(name, component)));

const dateOf = ({ suites }: Release, read: readonly { readonly name: string; readonly date: string }[]) =>
  read
    .filter(({ name }) => suites.some((suite) => suite.name === name && suite.archive === 'security'))
    .map(({ date }) => date)
    .toSorted()
    .at(-1);
