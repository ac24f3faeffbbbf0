/** From what a recipe adds to a medium to the packages that lie in its additional repository, fetched and checked. */
import { IngotError } from '../../../errors.ts';
import { temporaryFolder } from '../../../host/files.ts';
import type { BlobStore } from '../../../origin/blobs.ts';
import { withoutUrlSecrets } from '../../../recipe/secrets/url-secrets.ts';
import { nameOfWish, wishOf } from '../../../recipe/values/package-wish.ts';
import type { AptContext } from '../archive/apt.ts';
import { fetchPackages } from '../archive/fetch-packages.ts';
import type { SeenOptions } from '../archive/newest-seen.ts';
import type { PackageIndex } from '../archive/package-index.ts';
import { addedClosureOf, exactly, newestOf } from './added-closure.ts';
import { openExtraApt, type RepositorySource } from './apt-with-sources.ts';
import { type ExtraPackage, entryOf, packageOfCandidate } from './candidates.ts';
import type { Ground, KnownVersion } from './ground.ts';
import { repositoryIndexes } from './indexes.ts';
import { type LocalDeb, readDeb } from './local-debs.ts';

export interface WantedDeb {
  readonly where: string;
  readonly path: string;
  readonly install: boolean;
}

export interface WantedRepository extends RepositorySource {
  readonly packages: readonly string[];
  readonly install: boolean;
}

export interface ExtraOptions extends AptContext {
  /** `work`: a folder for what is unpacked. */
  readonly ground: (work: string) => Promise<Ground>;
  readonly arch: string;
  readonly debs: readonly WantedDeb[];
  readonly repositories: readonly WantedRepository[];
  /** Packages to be installed from whichever repository has them, in apt's words. */
  readonly names?: readonly string[];
  readonly store: BlobStore;
  /** The caller's own; a folder in it holds apt's state for as long as this lasts. */
  readonly folder: string;
  /** Where apt's files of the last time are kept. */
  readonly lists?: string | undefined;
  /** Where the newest index of each repository is remembered. */
  readonly seen?: SeenOptions | undefined;
}

export interface SignedRepository {
  readonly url: string;
  readonly suite: string;
  /** Fingerprints of the primary keys whose signature holds. */
  readonly signers: readonly string[];
  /** Of the signed index, ISO 8601. */
  readonly date: string;
}

export interface Extra {
  /** In their order, and who signed their indexes. */
  readonly repositories: readonly SignedRepository[];
  /** By name. */
  readonly packages: readonly ExtraPackage[];
  /** `NAME=VERSION` that the installer installs. */
  readonly install: readonly string[];
  /** Asked for, and there already. */
  readonly there: readonly string[];
  /** Packages that are added in another version than the one that is there: the versions there, by name. */
  readonly elsewhere: ReadonlyMap<string, readonly string[]>;
}

/**
 * Throws `media.deb-damaged`, `media.deb-architecture`, `media.deb-versions`, `media.deb-differs`,
 * `origin.no-such-package`, `origin.unsolvable`, what `repositoryIndexes` throws, `origin.digest-mismatch`.
 */
export const resolveExtra = async (options: ExtraOptions): Promise<Extra> => {
  const { arch, repositories, names = [], store, folder, reporter, signal } = options;
  await using work = await temporaryFolder('.apt-', folder);
  reporter.phase('packages that are there');
  const ground = await options.ground(work.path);
  const debs: LocalDeb[] = [];
  for (const { path, where } of options.debs) debs.push(await readDeb(path, arch, where, signal));
  requireSingle(debs, ground);
  reporter.phase('indexes');
  const local = { ground, debs: debs.map(({ text }) => `${text}\n\n`).join('') };
  const apt = await openExtraApt(work.path, repositories, local);
  const signed = await repositoryIndexes(apt, repositories, options);
  const indexes = signed.map(({ packages }) => packages);
  reporter.phase('resolving');
  const asked = await requestsOf(options, debs, indexes, ground);
  const places = [ground.title, ...repositories.map(({ url, suite }) => `${url} ${suite}`)];
  const requests = [...new Set([...asked.map(({ request }) => request), ...names])];
  const closure = await addedClosureOf(apt, requests, places, options);
  const chosen = closure.filter((one) => !has(ground, one));
  const found = chosen.map((one) => entryOf(one, debs, indexes, repositories));
  reporter.phase('packages');
  const remote = found.flatMap((one) => ('base' in one ? [{ ...one.entry, base: one.base }] : []));
  await fetchPackages(remote, store, ({ base }) => base, options);
  const packages: ExtraPackage[] = [];
  for (const one of found) packages.push(await packageOfCandidate(one, store));
  return {
    repositories: signed.map(({ signers, date }, nth) => {
      const { url = '', suite = '' } = repositories[nth] ?? {};
      return { url: withoutUrlSecrets(url), suite, signers, date };
    }),
    packages: packages.sort((a, b) => (a.filename < b.filename ? -1 : 1)),
    install: [
      ...new Set([
        ...asked.filter(({ install }) => install).map(({ request }) => request),
        ...closure.filter((one) => names.some((word) => nameOfWish(word) === nameOfWish(one))),
      ]),
    ].sort(),
    there: asked.map(({ request }) => request).filter((request) => has(ground, request)),
    elsewhere: new Map(packages.map(({ name }) => [name, ground.find(name).map(({ version }) => version)])),
  };
};

const has = (ground: Ground, request: string): boolean => knownAs(ground, request) !== undefined;

const knownAs = (ground: Ground, request: string): KnownVersion | undefined => {
  const [name = '', version = ''] = request.split('=');
  return ground.find(name).find((one) => one.version === version);
};

/** A repository has a package in one version, and one version is one file. */
const requireSingle = (debs: readonly LocalDeb[], ground: Ground): void => {
  const byName = new Map<string, LocalDeb>();
  for (const deb of debs) {
    const other = byName.get(deb.name);
    if (other !== undefined && other.sha256 !== deb.sha256) {
      throw new IngotError('media.deb-versions', `two .debs are the package ${deb.name}`, {
        where: 'media.packages',
        detail: [other, deb].map(({ path, version }) => `${version}  ${path}`).join('\n'),
        hint: 'Name only the one that should be on the medium.',
      });
    }
    byName.set(deb.name, deb);
    const there = knownAs(ground, exactly(deb));
    if (there?.sha256 === undefined || there.sha256 === deb.sha256) continue;
    throw new IngotError('media.deb-differs', `${ground.title} has another ${deb.name} ${deb.version}`, {
      where: deb.path,
      detail: `there          ${there.sha256}\nin the recipe  ${deb.sha256}`,
      hint: 'Give yours a version of its own, such as one that ends in +local1.',
    });
  }
};

interface Asked {
  readonly request: string;
  readonly install: boolean;
}

const requestsOf = async (
  options: ExtraOptions,
  debs: readonly LocalDeb[],
  indexes: readonly PackageIndex[],
  ground: Ground,
): Promise<Asked[]> => {
  const asked = debs.map((deb, index) => ({ request: exactly(deb), install: options.debs[index]?.install ?? true }));
  for (const [index, { packages, install, where }] of options.repositories.entries()) {
    const known = indexes[index];
    if (known === undefined) continue;
    for (const word of packages)
      asked.push({ request: exactly(await newestOf(known, ground, wishOf(word), where)), install });
  }
  return asked;
};
