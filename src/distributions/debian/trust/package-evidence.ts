/**
 * The signed packages of an image: for each that its database calls installed, the .deb whose digest a verified index lists. What
 * cannot be had is said, by name; what is there but is not what was signed is a fault.
 */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { InstalledPackage } from '../../../capture/installed-packages.ts';
import { sha256File } from '../../../host/files.ts';
import { isThere } from '../../../host/if-there.ts';
import type { Judged } from '../../../judgement.ts';
import { openBlobs } from '../../../origin/blobs.ts';
import type { Lock } from '../archive/package-lock.ts';
import type { IndexFiles, SignedIndex, SignedPackage } from './signed-index.ts';

/** Where packages and indexes may be; none of it is believed before it was checked. */
export interface Places {
  /** The package store of a build, with what its lock names. */
  readonly store?: { readonly folder: string; readonly lock: Lock } | undefined;
  /** A folder with .debs, Packages and InRelease files, at any depth. */
  readonly folder?: string | undefined;
}

export interface FoundFiles extends IndexFiles {
  /** The .debs of a folder. */
  readonly debs: readonly string[];
}

/** Files of the store that are not there are left out: whoever needs them says so. */
export const findFiles = async ({ store, folder }: Places): Promise<FoundFiles> => {
  const found = folder === undefined ? { releases: [], indexes: [], debs: [] } : await filesBelow(folder);
  if (store === undefined) return found;
  const blobs = openBlobs(store.folder);
  const here = async (identities: readonly { readonly size: number; readonly sha256: string }[]) => {
    const paths: string[] = [];
    for (const identity of identities) if (await isThere(blobs.path(identity))) paths.push(blobs.path(identity));
    return paths;
  };
  const { suites } = store.lock;
  return {
    releases: [...(await here(suites.map(({ inRelease }) => inRelease))), ...found.releases],
    indexes: [...(await here(suites.flatMap(({ indexes }) => indexes))), ...found.indexes],
    debs: found.debs,
  };
};

const filesBelow = async (folder: string): Promise<FoundFiles> => {
  const items = await readdir(folder, { withFileTypes: true, recursive: true });
  const paths = items
    .filter((item) => item.isFile())
    .map((item) => join(item.parentPath, item.name))
    .sort();
  const named = (pattern: RegExp) => paths.filter((path) => pattern.test(path));
  return {
    releases: named(/[/_]InRelease$/),
    indexes: named(/[/_]Packages(\.(gz|xz|zst))?$/),
    debs: named(/\.deb$/),
  };
};

export interface HeldPackage {
  readonly installed: InstalledPackage;
  readonly signed: SignedPackage;
  readonly sha256: string;
  /** A file whose digest was checked. */
  readonly path: string;
}

export interface PackageEvidence {
  readonly held: readonly HeldPackage[];
  /** Installed packages without evidence, each with why. */
  readonly without: readonly { readonly installed: InstalledPackage; readonly why: string }[];
  readonly found: readonly Judged[];
}

export const packageEvidence = async (
  installed: readonly InstalledPackage[],
  index: SignedIndex,
  { store }: Places,
  debs: readonly string[],
  signal?: AbortSignal,
): Promise<PackageEvidence> => {
  const held: HeldPackage[] = [];
  const without: { installed: InstalledPackage; why: string }[] = [];
  const found: Judged[] = [];
  const blobs = store && openBlobs(store.folder);
  const inFolder = await debsBySize(debs);
  for (const one of installed) {
    const { name, version, architecture } = one;
    const signed = index.find(name, version, architecture);
    if (signed.length === 0) {
      without.push({ installed: one, why: 'no signed index lists this version' });
      continue;
    }
    let match: HeldPackage | undefined;
    for (const candidate of signed) {
      const paths = [...(blobs ? [blobs.path(candidate)] : []), ...(inFolder.get(candidate.size) ?? [])];
      for (const path of paths) {
        if (match !== undefined || !(await isThere(path))) continue;
        const sha256 = await sha256File(path, signal);
        if (sha256 === candidate.sha256) match = { installed: one, signed: candidate, sha256, path };
        else if (path === blobs?.path(candidate)) found.push(notSigned(one, path));
      }
    }
    const other = debs.find((path) => match === undefined && isCalled(path, one));
    if (match !== undefined) held.push(match);
    else {
      if (other !== undefined) found.push(notSigned(one, other));
      without.push({ installed: one, why: other === undefined ? 'its .deb is not there' : 'its .deb is another one' });
    }
  }
  return { held, without, found };
};

const notSigned = ({ name, version }: InstalledPackage, path: string): Judged => ({
  rule: 'trust/package',
  verdict: 'fails',
  message: `the .deb of ${name} ${version} is not the one that the archive's index lists`,
  where: path,
  hint: 'It was changed or exchanged. Fetch it again from the archive.',
});

/** `openssl_3.0.22-1~deb12u2_amd64.deb`, as apt and mirrors write it: without the epoch, or with its colon as %3a. */
const isCalled = (path: string, { name, version, architecture }: InstalledPackage): boolean => {
  const versions = [version.replace(/^\d+:/, ''), version.replace(':', '%3a'), version];
  return versions.some((text) => path.endsWith(`/${name}_${text}_${architecture}.deb`));
};

const debsBySize = async (paths: readonly string[]): Promise<ReadonlyMap<number, readonly string[]>> => {
  const found = new Map<number, string[]>();
  for (const path of paths) {
    const size = (await stat(path)).size;
    found.set(size, [...(found.get(size) ?? []), path]);
  }
  return found;
};
