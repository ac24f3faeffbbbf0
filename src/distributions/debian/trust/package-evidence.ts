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
import type { IndexFiles, SignedIndex } from './signed-index.ts';
import type { VouchedPackages } from './vouched.ts';

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
  /** Undefined where an index of the archive lists it. */
  readonly by: string | undefined;
  readonly sha256: string;
  /** A file whose digest was checked. */
  readonly path: string;
}

export interface WithoutEvidence {
  readonly installed: InstalledPackage;
  readonly why: string;
  /** Nobody who is believed says what it is. */
  readonly isUnlisted?: true;
}

export interface PackageEvidence {
  readonly held: readonly HeldPackage[];
  /** Installed packages without evidence, each with why. */
  readonly without: readonly WithoutEvidence[];
  readonly found: readonly Judged[];
}

interface Sources {
  readonly index: SignedIndex;
  readonly vouched: VouchedPackages;
  /** The package store of a build. */
  readonly store: string | undefined;
  /** The .debs of a folder. */
  readonly debs: readonly string[];
  readonly signal?: AbortSignal | undefined;
}

/** What a package has to be, and where that may be found. */
interface Candidate {
  readonly sha256: string;
  readonly by: string | undefined;
  readonly paths: () => Promise<readonly string[]>;
}

export const packageEvidence = async (
  installed: readonly InstalledPackage[],
  { index, vouched, store, debs, signal }: Sources,
): Promise<PackageEvidence> => {
  const held: HeldPackage[] = [];
  const without: WithoutEvidence[] = [];
  const found: Judged[] = [];
  const blobs = store === undefined ? undefined : openBlobs(store);
  const inFolder = await debsBySize(debs);
  for (const one of installed) {
    const ownDebs = debs.filter((path) => isCalled(path, one));
    const signed = index.find(one.name, one.version, one.architecture);
    const others = vouched.find(one);
    // What the archive lists is what a package of that version is, whoever says otherwise.
    const agreeing = others.filter(
      (other) => signed.length === 0 || signed.some(({ sha256 }) => sha256 === other.sha256),
    );
    const candidates: Candidate[] = [
      ...signed.map((listed) => ({
        sha256: listed.sha256,
        by: undefined,
        paths: async () => [
          ...(blobs ? [blobs.path(listed)] : []),
          ...(inFolder.get(listed.size) ?? []),
          ...[(await vouched.onMedium(listed.sha256)) ?? []].flat(),
        ],
      })),
      ...agreeing.map(({ sha256, by, file }) => ({
        sha256,
        by: signed.length === 0 ? by : undefined,
        paths: async () => [(await file()) ?? (await vouched.onMedium(sha256)) ?? [], ownDebs].flat(),
      })),
    ];
    if (candidates.length === 0) {
      without.push({ installed: one, why: 'no signed index lists this version', isUnlisted: true });
      continue;
    }
    if (agreeing.length < others.length)
      found.push(otherThanListed(one, others.find((each) => !agreeing.includes(each))?.by));
    const { match, mismatched } = await matched(candidates, debs, signal);
    found.push(...mismatched.map((path) => notSigned(one, path)));
    if (match !== undefined) {
      held.push({ installed: one, ...match });
      continue;
    }
    const [other] = ownDebs;
    if (other !== undefined && !mismatched.includes(other)) found.push(notSigned(one, other));
    const hasOne = mismatched.length > 0 || other !== undefined;
    without.push({ installed: one, why: hasOne ? 'its .deb is another one' : 'its .deb is not there' });
  }
  return { held, without, found };
};

/** The first file that is a candidate; `mismatched` have its place and are not it. Folders may have more that are as long. */
const matched = async (
  candidates: readonly Candidate[],
  debs: readonly string[],
  signal: AbortSignal | undefined,
): Promise<{ readonly match?: Omit<HeldPackage, 'installed'>; readonly mismatched: readonly string[] }> => {
  const mismatched: string[] = [];
  for (const { sha256, by, paths } of candidates)
    for (const path of await paths()) {
      if (!(await isThere(path))) continue;
      if ((await sha256File(path, signal)) === sha256) return { match: { by, sha256, path }, mismatched };
      if (!debs.includes(path)) mismatched.push(path);
    }
  return { mismatched };
};

const otherThanListed = ({ name, version }: InstalledPackage, by = ''): Judged => ({
  rule: 'trust/package',
  verdict: 'fails',
  message: `${name} ${version} was taken from ${by}, and the archive lists another .deb as this version`,
  where: name,
  hint: 'Two different packages have one version: give your own a version of its own, or find out who changed it.',
});

const notSigned = ({ name, version }: InstalledPackage, path: string): Judged => ({
  rule: 'trust/package',
  verdict: 'fails',
  message: `the .deb of ${name} ${version} is not the one that was signed, or that the build took`,
  where: path,
  hint: 'It was changed or exchanged. Fetch it again from where it came.',
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
