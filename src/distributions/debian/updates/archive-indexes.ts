/** The signed package indexes of a release outside of a build: as they are today, or those at hand where no mirror can be reached. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { InstalledPackage } from '../../../capture/installed-packages.ts';
import { IngotError } from '../../../errors.ts';
import { sha256 } from '../../../host/files.ts';
import type { BlobStore } from '../../../origin/blobs.ts';
import type { KeptIndexes, UpdateWish } from '../../../vulns/updates.ts';
import { type AptContext, openApt, updateIndexes } from '../archive/apt.ts';
import { fetchPackages, mirrorBases } from '../archive/fetch-packages.ts';
import { findMirrors } from '../archive/find-mirrors.ts';
import type { PackageEntry } from '../archive/package-index.ts';
import { debianRelease, type Release } from '../archive/releases.ts';
import { keptIndexes } from './kept-indexes.ts';
import { listedIndexes, type ReadIndexes } from './listed-indexes.ts';

export interface ArchiveIndexes extends ReadIndexes {
  readonly release: Release;
  readonly kept: KeptIndexes | undefined;
  /** The file of a package; undefined where it is not at hand and cannot be fetched. */
  readonly fetched: (entry: PackageEntry) => Promise<string | undefined>;
}

interface Place {
  readonly installed: readonly InstalledPackage[];
  /** The caller's own. */
  readonly work: string;
  /** Kept. */
  readonly state: string;
  readonly store: BlobStore;
}

/** The indexes at hand are used then, and said to be. */
const OUT_OF_REACH: ReadonlySet<string> = new Set(['origin.mirror-unreachable', 'origin.mirror-failed']);

/** Throws what `openApt`, `updateIndexes` and `checkSuites` throw. */
export const readArchive = async (
  wish: UpdateWish,
  { installed, work, state, store }: Place,
  context: AptContext,
): Promise<ArchiveIndexes> => {
  const release = followed(debianRelease(wish.release), wish);
  const mirrors = wish.frozen ?? (await findMirrors(wish, release));
  const apt = await openApt(work, release, mirrors);
  const seed = join(state, `lists-${sha256(JSON.stringify(mirrors.urls)).slice(0, 16)}`);
  await mkdir(seed, { recursive: true });
  const at = (entry: PackageEntry): Promise<string> => store.checked(entry, entry.filename);
  try {
    await updateIndexes(apt, seed, context);
  } catch (error) {
    if (!(error instanceof IngotError) || !OUT_OF_REACH.has(error.code)) throw error;
    const found = await keptIndexes(apt, { locked: wish.locked ?? [], installed, work, store }, context);
    if (found === undefined) throw error;
    const kept = { asOf: found.asOf, because: error.message };
    return { ...found, release, kept, fetched: async (entry) => ((await store.has(entry)) ? at(entry) : undefined) };
  }
  const fetched = async (entry: PackageEntry): Promise<string> => {
    await fetchPackages([entry], store, mirrorBases(apt), context);
    return at(entry);
  };
  return { ...(await listedIndexes(apt, context)), release, kept: undefined, fetched };
};

/** Without the installer's own packages, which no system has. */
const followed = (release: Release, { components, suites }: UpdateWish): Release => {
  const wanted = [...new Set(['main', ...components])];
  const further = suites.map((name) => ({ name, archive: 'mirror' as const, components: wanted }));
  return { ...release, suites: [...release.suites.map((suite) => ({ ...suite, components: wanted })), ...further] };
};
