/** What lies in the store: its results with their sizes, whether they are whole, and what may go. */
import { lstat, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { throwIfInterrupted } from '../errors.ts';
import { sha256File } from '../host/files.ts';
import { ifThere } from '../host/if-there.ts';
import { filesOf } from './result-files.ts';
import { UNFINISHED } from './runs.ts';
import { readEntry, SECRETS_MARK } from './store.ts';

export interface StoredEntry {
  readonly stage: string;
  readonly digest: string;
  readonly folder: string;
  /** What it takes on the disk, bytes; holes do not count. */
  readonly size: number;
  /** Milliseconds since the epoch. */
  readonly made: number;
  readonly used: number;
  readonly holdsSecrets: boolean;
}

/** All results, those used last first. */
export const listEntries = async (store: string): Promise<StoredEntry[]> => {
  const stages = join(store, 'stages');
  const entries: StoredEntry[] = [];
  for (const stage of await namesIn(stages)) {
    for (const digest of await namesIn(join(stages, stage))) {
      const folder = join(stages, stage, digest);
      const info = await ifThere(lstat(join(folder, 'result.json')));
      if (!info) continue;
      const { mtimeMs: used } = (await ifThere(lstat(join(folder, 'key.json')))) ?? info;
      const mark = await ifThere(lstat(join(folder, SECRETS_MARK)));
      const size = await sizeOf(folder);
      const holdsSecrets = mark !== undefined || ONCE_UNMARKED.has(stage);
      entries.push({ stage, digest, folder, size, made: info.mtimeMs, used, holdsSecrets });
    }
  }
  return entries.sort((a, b) => b.used - a.used);
};

/** Stages whose results can hold secrets; older results of them are not marked. */
const ONCE_UNMARKED: ReadonlySet<string> = new Set(['capture']);

const namesIn = async (folder: string): Promise<string[]> => (await ifThere(readdir(folder))) ?? [];

/** What a file or folder takes on the disk, bytes. */
export const sizeOf = async (path: string): Promise<number> => {
  const info = await ifThere(lstat(path));
  if (!info) return 0;
  if (!info.isDirectory()) return info.blocks * 512;
  const sizes = await Promise.all((await namesIn(path)).map((name) => sizeOf(join(path, name))));
  return sizes.reduce((sum, size) => sum + size, info.blocks * 512);
};

/** The files of a result that are not what was stored, each with why; `concerns` chooses among them. */
export const damageOf = async (
  entry: Pick<StoredEntry, 'folder'>,
  signal?: AbortSignal,
  concerns: (path: string) => boolean = () => true,
): Promise<string[]> => {
  const stored = await readEntry(entry.folder, { checkFiles: false });
  if (!stored) return ['result.json: cannot be read'];
  const damage: string[] = [];
  for (const { path, size, sha256 } of filesOf(stored.out)) {
    throwIfInterrupted(signal);
    if (!concerns(path)) continue;
    const info = await ifThere(lstat(path));
    if (!info) damage.push(`${path}: is not there`);
    else if (info.size !== size) damage.push(`${path}: has ${info.size} bytes instead of ${size}`);
    else if ((await sha256File(path, signal)) !== sha256) damage.push(`${path}: has another content`);
  }
  return damage;
};

export interface PruneRules {
  /** Of each stage, this many stay, those used last. */
  readonly keepLast?: number | undefined;
  /** Milliseconds without use. */
  readonly olderThan?: number | undefined;
  /** Bytes that all results together may take. */
  readonly maxSize?: number | undefined;
}

/** The entries that the rules do not keep; one rule is enough. `entries` are in the order of `listEntries`. */
export const toPrune = (entries: readonly StoredEntry[], rules: PruneRules, now = Date.now()): StoredEntry[] => {
  const { keepLast, olderThan, maxSize } = rules;
  const kept = new Map<string, number>();
  let total = 0;
  return entries.filter((entry) => {
    const nth = (kept.get(entry.stage) ?? 0) + 1;
    const goes =
      (keepLast !== undefined && nth > keepLast) ||
      (olderThan !== undefined && now - entry.used > olderThan) ||
      (maxSize !== undefined && total + entry.size > maxSize);
    if (goes) return true;
    kept.set(entry.stage, nth);
    total += entry.size;
    return false;
  });
};

/** Packages and ISOs, named by their digests, that no JSON file of `entries` names; with their bytes on the disk. */
export const unnamedFiles = async (
  store: string,
  entries: readonly Pick<StoredEntry, 'folder'>[],
): Promise<{ readonly folder: string; readonly size: number }[]> => {
  const named = new Set<string>();
  for (const { folder } of entries) {
    for (const name of (await namesIn(folder)).filter((file) => file.endsWith('.json'))) {
      const text = await readFile(join(folder, name), 'utf8');
      for (const [digest] of text.matchAll(/\b(?:[0-9a-f]{64}|[0-9a-f]{128})\b/g)) named.add(digest);
    }
  }
  const unnamed: { folder: string; size: number }[] = [];
  for (const kind of ['packages', 'isos', 'images']) {
    const items = (await ifThere(readdir(join(store, 'shared', kind), { withFileTypes: true, recursive: true }))) ?? [];
    for (const item of items) {
      const path = join(item.parentPath, item.name);
      if (item.isFile() && !named.has(item.name.replace(/\..*$/, '')))
        unnamed.push({ folder: path, size: await sizeOf(path) });
    }
  }
  return unnamed;
};

/** Renames it first, so that a half-removed result is never found. One that is gone already is no error. */
export const removeEntry = async ({ folder }: Pick<StoredEntry, 'folder'>): Promise<void> => {
  const going = `${folder}.removed`;
  await rm(going, { recursive: true, force: true });
  await rename(folder, going).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
  await rm(going, { recursive: true, force: true });
};

/** Folders of unfinished files that failed builds left, with their bytes: the disks among them are large. */
export const unfinishedFiles = async (store: string): Promise<{ readonly folder: string; readonly size: number }[]> => {
  const runs = join(store, 'runs');
  const found: { folder: string; size: number }[] = [];
  for (const run of await namesIn(runs)) {
    for (const stage of await namesIn(join(runs, run))) {
      const folder = join(runs, run, stage, UNFINISHED);
      const size = await sizeOf(folder);
      if (size > 0) found.push({ folder, size });
    }
  }
  return found;
};
