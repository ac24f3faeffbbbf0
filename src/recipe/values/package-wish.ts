/**
 * A package as a recipe asks for it: by its name, or as apt writes it, with a version that may be a pattern
 * (`nginx=1.22.*`) or with the suite that it has to come from (`cockpit/bookworm-backports`).
 */
import { DEBIAN_RELEASES } from './debian-releases.ts';

export interface PackageWish {
  readonly name: string;
  /** May have `*` and `?`. */
  readonly version?: string;
  readonly suite?: string;
}

/** Debian Policy 5.6.7 and 5.6.12 for names and versions, apt-get(8) for the rest. */
const DEBIAN = /^[a-z0-9][a-z0-9+.-]*[a-z0-9+.](=[A-Za-z0-9.+:~*?-]+|\/[a-z0-9][a-z0-9.-]*)?$/;

export const isDebianWish = (word: string): boolean => DEBIAN.test(word);

export const wishOf = (word: string): PackageWish => {
  const [, name = word, version, suite] = /^([^=/]+)(?:=(.+)|\/(.+))?$/.exec(word) ?? [];
  return { name, ...(version === undefined ? {} : { version }), ...(suite === undefined ? {} : { suite }) };
};

export const nameOfWish = (word: string): string => wishOf(word).name;

/** As apt-get takes it. */
export const aptWord = ({ name, version, suite }: PackageWish): string =>
  version !== undefined ? `${name}=${version}` : suite !== undefined ? `${name}/${suite}` : name;

/** As dnf and Anaconda's %packages take it: `nginx-1.22.*`. */
export const dnfWord = ({ name, version }: PackageWish): string =>
  version === undefined ? name : `${name}-${version}`;

/** Whether a version fits a pattern, as apt reads it: fnmatch(3) over the whole of it. */
export const fitsVersion = (version: string, pattern: string): boolean => {
  const source = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`).test(version);
};

/** When a package is asked for by name and also with a version, the version counts. */
export const withoutRepeated = <Wish extends PackageWish>(wishes: readonly Wish[]): Wish[] => {
  const chosen = new Set(wishes.filter((wish) => aptWord(wish) !== wish.name).map(({ name }) => name));
  return wishes.filter((wish) => aptWord(wish) !== wish.name || !chosen.has(wish.name));
};

/** The suites of a Debian release that a package may be asked for from, the release itself and its updates first. */
export const wishableSuites = (release: string): readonly string[] => {
  const codename = DEBIAN_RELEASES[release];
  if (codename === undefined) return [];
  return ['', '-updates', '-security', ...FURTHER].map((end) => `${codename}${end}`);
};

/** No system follows them by itself; they lie on the same mirrors. */
const FURTHER = ['-backports', '-backports-sloppy', '-proposed-updates'];

/** Suites to fetch for these words, besides the ones that a system follows anyway. */
export const furtherSuites = (words: readonly string[]): readonly string[] => [
  ...new Set(
    words
      .map((word) => wishOf(word).suite)
      .filter((suite) => suite !== undefined)
      .filter((suite) => FURTHER.some((end) => suite.endsWith(end))),
  ),
];
