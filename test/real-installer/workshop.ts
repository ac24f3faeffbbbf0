/**
 * Where a complete installer is put together: Debian's apt in a folder of its own over the release's signed indexes,
 * and the files that were fetched, by their content. The mirror is the one that the host's apt names.
 */
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import {
  APT_HELPER,
  type Apt,
  type AptContext,
  openApt,
  outputOf,
  updateIndexes,
} from '../../src/distributions/debian/archive/apt.ts';
import { aptError } from '../../src/distributions/debian/archive/apt-error.ts';
import { resolveClosure } from '../../src/distributions/debian/archive/closure.ts';
import { fetchPackages } from '../../src/distributions/debian/archive/fetch-packages.ts';
import { findMirrors, type Mirrors } from '../../src/distributions/debian/archive/find-mirrors.ts';
import type { PackageEntry, PackageIndex } from '../../src/distributions/debian/archive/package-index.ts';
import { debianRelease, type Release } from '../../src/distributions/debian/archive/releases.ts';
import { requestsFor } from '../../src/distributions/debian/archive/request.ts';
import { checkSuites, readIndexes } from '../../src/distributions/debian/archive/suites.ts';
import type { VerifiedSuite } from '../../src/distributions/debian/archive/verify-signature.ts';
import { temporaryFolder } from '../../src/host/files.ts';
import { run } from '../../src/host/run.ts';
import { type BlobStore, openBlobs } from '../../src/origin/blobs.ts';
import { silentReporter } from '../../src/report.ts';
import { Incomplete } from './incomplete.ts';

export type ReleaseNumber = '12' | '13';

export interface Options {
  /** The cache: kept between runs, shared by both releases. */
  readonly folder: string;
  readonly signal?: AbortSignal | undefined;
  /** A line on what is being done. */
  readonly tell?: (line: string) => void;
}

export interface Workshop extends AsyncDisposable {
  readonly cache: string;
  readonly release: Release;
  readonly mirrors: Mirrors;
  readonly blobs: BlobStore;
  readonly apt: Apt;
  /** Ordinary packages of the release itself, without updates: what debian-cd puts on a medium. */
  readonly debs: PackageIndex;
  readonly suite: VerifiedSuite;
  readonly context: AptContext;
  readonly tell: (line: string) => void;
}

export const openWorkshop = async (number: ReleaseNumber, options: Options): Promise<Workshop> => {
  const { folder, signal, tell = () => {} } = options;
  // apt takes a relative folder for one in its own.
  const cache = resolve(folder);
  await mkdir(cache, { recursive: true });
  const known = debianRelease(number);
  // The udeb index is read apart (udeb-index.ts): apt refuses all when one index does not fit.
  const release = { ...known, suites: [{ name: known.codename, archive: 'mirror' as const, components: ['main'] }] };
  const mirrors = await findMirrors({}, known);
  const context: AptContext = { reporter: silentReporter, signal };
  const blobs = openBlobs(join(cache, 'blobs'));
  const work = await temporaryFolder('.apt-', cache);
  try {
    tell(`indexes of ${known.codename}`);
    const apt = await openApt(work.path, release, mirrors);
    await updateIndexes(apt, join(cache, 'lists'), context);
    const suites = await checkSuites(apt, context);
    const { packages } = await readIndexes(apt, suites, blobs, context);
    const [suite] = suites;
    if (suite === undefined) throw new Incomplete(known.codename, [{ name: known.codename, why: 'no suite' }]);
    const dispose = () => work[Symbol.asyncDispose]();
    return {
      ...{ cache, release, mirrors, blobs, apt, context, tell },
      ...{ debs: packages, suite: suite.verified, [Symbol.asyncDispose]: dispose },
    };
  } catch (error) {
    await work[Symbol.asyncDispose]();
    throw error;
  }
};

/** What apt would install of these, without what they depend on. Throws `Incomplete` for what is not in the index. */
export const candidates = async (workshop: Workshop, names: readonly string[]): Promise<PackageEntry[]> => {
  const { apt, debs, context } = workshop;
  const unknown = names.filter((name) => debs.find(name).length === 0);
  if (unknown.length > 0)
    throw new Incomplete(
      'a complete installer',
      unknown.map((name) => ({ name, why: `the index of ${workshop.release.codename} has none` })),
    );
  const resolved = await resolveClosure(apt, debs, requestsFor(names, 'the installer'), context);
  return resolved.filter(({ name }) => names.includes(name));
};

/** Paths of ordinary packages by name. Throws `Incomplete` for those that the mirror names and does not have. */
export const fetchDebs = async (
  { blobs, mirrors, context, tell }: Workshop,
  entries: readonly PackageEntry[],
): Promise<ReadonlyMap<string, string>> => {
  if (entries.length > 20) tell(`${entries.length} packages`);
  const tolerant = { ...context, tolerateMissing: true };
  const { missing } = await fetchPackages(entries, blobs, () => mirrors.urls.mirror, tolerant);
  if (missing.length > 0)
    throw new Incomplete(
      'a complete installer',
      missing.map(({ name, version }) => ({ name, why: `${version} is in the index, but not on the mirror` })),
    );
  return new Map(entries.map((entry) => [entry.name, blobs.path(entry)]));
};

/** A file below the archive's base, `path` without a slash in front. Throws `Incomplete` when the mirror lacks it. */
export const fetchFile = async (
  { mirrors, context }: Workshop,
  path: string,
  to: string,
  sha256?: string,
): Promise<void> => {
  const file = [`${mirrors.urls.mirror}/${path}`, to, ...(sha256 === undefined ? [] : [`SHA256:${sha256}`])];
  const options = ['-o', 'APT::Sandbox::User=root', '-o', 'Acquire::Retries=2'];
  const result = await run(APT_HELPER, [...options, 'download-file', ...file], {
    allow: [100],
    signal: context.signal,
  });
  if (result.exitCode === 0) return;
  const error = aptError(outputOf(result), `fetch ${path}`, path);
  throw error.code === 'origin.not-on-mirror'
    ? new Incomplete('a complete installer', [{ name: path, why: 'not on the mirror' }])
    : error;
};
