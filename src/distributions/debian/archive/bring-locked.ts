/**
 * Files that a lock names by digest, brought into the store: from the mirror, then from a mirror that keeps old files. What
 * cannot be had is told all at once, since whoever has to look for it looks once.
 */
import { IngotError } from '../../../errors.ts';
import type { BlobStore } from '../../../origin/blobs.ts';
import type { AptContext } from './apt.ts';
import { type BaseOf, fetchPackages, mirrorBases, type Wanted } from './fetch-packages.ts';
import type { Mirrors } from './find-mirrors.ts';
import type { Release } from './releases.ts';
import { debianRelease } from './releases.ts';

export interface LockedFileOf extends Wanted {
  /** How a person calls it. */
  readonly title: string;
  /** Another place below the archive's base, where it may be as well. */
  readonly otherwise?: string;
}

export interface BringOptions extends AptContext {
  readonly archive: { readonly release: { readonly number: string } };
  readonly mirrors: Mirrors;
  readonly snapshots: Partial<Mirrors['urls']>;
  readonly store: BlobStore;
  /** The lock, for errors. */
  readonly where: string;
}

/** Throws `lock.cannot-be-had` with all that no source has, and `host.no-space`. */
export const bringLocked = async (files: readonly LockedFileOf[], options: BringOptions): Promise<void> => {
  const { store, where } = options;
  const release = debianRelease(options.archive.release.number);
  const absent: LockedFileOf[] = [];
  for (const file of files) if (!(await store.has(file))) absent.push(file);
  let missing: readonly LockedFileOf[] = absent;
  const reasons: string[] = [];
  for (const { title, baseOf } of sourcesOf(options, release)) {
    if (missing.length === 0) return;
    const tried = await tryFrom(missing, baseOf, options);
    missing = tried.missing;
    if (tried.why !== undefined) reasons.push(`${title}: ${tried.why}`);
    else if (missing.length > 0) reasons.push(`${title}: does not have them`);
  }
  if (missing.length === 0) return;
  throw new IngotError('lock.cannot-be-had', `${missing.length} of the files that the lock names cannot be had`, {
    where,
    detail: [...missing.map(({ title, sha256 }) => `${title}  sha256 ${sha256}`), ...reasons].join('\n'),
    hint: 'A bundle of that time has them (`ingot build --bundle`), or a mirror that keeps old files (`origin.snapshot`); `ingot lock --update` takes what is there today.',
  });
};

const sourcesOf = (
  { mirrors, snapshots }: BringOptions,
  release: Release,
): { readonly title: string; readonly baseOf: BaseOf }[] => {
  const { mirror, security = mirror } = snapshots;
  const all = [{ title: 'the mirror', baseOf: mirrorBases({ mirrors, release }) }];
  if (mirror === undefined || security === undefined) return all;
  const urls = { mirror: mirror.replace(/\/+$/, ''), security: security.replace(/\/+$/, '') };
  return [...all, { title: 'the snapshot', baseOf: mirrorBases({ mirrors: { ...mirrors, urls }, release }) }];
};

interface Tried {
  readonly missing: readonly LockedFileOf[];
  /** Why the source gave none of them. */
  readonly why?: string;
}

/** A source that cannot be reached, or that gives other bytes, is told of: the next one may have what is wanted. */
const tryFrom = async (wanted: readonly LockedFileOf[], baseOf: BaseOf, options: BringOptions): Promise<Tried> => {
  try {
    const { missing } = await fetchPackages(wanted, options.store, baseOf, { ...options, tolerateMissing: true });
    const others = missing.flatMap((one) => (one.otherwise === undefined ? [] : [{ ...one, filename: one.otherwise }]));
    if (others.length > 0)
      await fetchPackages(others, options.store, baseOf, { ...options, tolerateMissing: true }).catch(unlessPassing);
    return { missing: await absentOf(missing, options.store) };
  } catch (error) {
    return { missing: await absentOf(wanted, options.store), why: unlessPassing(error).message };
  }
};

const absentOf = async (files: readonly LockedFileOf[], store: BlobStore): Promise<LockedFileOf[]> => {
  const absent: LockedFileOf[] = [];
  for (const file of files) if (!(await store.has(file))) absent.push(file);
  return absent;
};

/** What a source lacks is no end; a full disk or an interruption is. */
const unlessPassing = (error: unknown): IngotError => {
  if (error instanceof IngotError && /^origin\./.test(error.code)) return error;
  throw error;
};
