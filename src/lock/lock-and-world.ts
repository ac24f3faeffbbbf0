/** Where a lock and the world differ, as far as this host knows without asking anybody: for `ingot explain`. */
import { indexFiles, packageFiles } from '../distributions/debian/archive/locked-archive.ts';
import { openBlobs } from '../origin/blobs.ts';
import type { MadeInputs } from '../plan/inputs-list.ts';
import type { LoadedRecipe } from '../recipe/load.ts';
import type { LockedBuild } from '../recipe/schema/lock-schema.ts';
import { changeLine, lockChanges } from './changes.ts';
import { misfits } from './fit.ts';
import { lockedBuild } from './make-lock.ts';

export interface World {
  /** The store's folder for packages. */
  readonly packages: string;
  /** What the first stages have made in this store without the lock; undefined when they have not run. */
  readonly made: MadeInputs | undefined;
}

const MOST = 20;

/** Lines for people; the first says whether the lock fits the recipe. */
export const lockAndWorld = async (
  loaded: LoadedRecipe,
  build: LockedBuild,
  { packages, made }: World,
): Promise<string[]> => {
  const found = await misfits(loaded, build);
  const lines = found.map(({ where, message }) => `differs: ${where}: ${message}`);
  if (made !== undefined) {
    const changes = lockChanges(build, await lockedBuild(loaded, made)).filter(({ kind }) => !TOLD.has(kind));
    lines.push(...changes.slice(0, MOST).map((change) => `without it: ${changeLine(change).trim()}`));
    if (changes.length > MOST) lines.push(`without it: ${changes.length - MOST} more changes`);
  }
  const absent = await absentFrom(packages, build);
  if (absent > 0) lines.push(`to fetch: ${absent} of its files are not in this store`);
  return [found.length === 0 ? 'fits the recipe' : 'does not fit the recipe: --locked would stop', ...lines];
};

/** Told by the comparison with the recipe. */
const TOLD: ReadonlySet<string> = new Set(['file', 'request']);

const absentFrom = async (folder: string, { archive }: LockedBuild): Promise<number> => {
  if (archive === undefined) return 0;
  const store = openBlobs(folder);
  const there = await Promise.all([...indexFiles(archive), ...packageFiles(archive)].map((file) => store.has(file)));
  return there.filter((one) => !one).length;
};
