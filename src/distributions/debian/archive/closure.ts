/**
 * The exact set of packages that a request needs, resolved by apt itself over the checked indexes of all suites, from
 * an empty system.
 */
import { IngotError } from '../../../errors.ts';
import { type RunResult, run } from '../../../host/run.ts';
import { aptWord, fitsVersion, withoutRepeated } from '../../../recipe/values/package-wish.ts';
import { suggest } from '../../../suggest.ts';
import { type Apt, type AptContext, aptGetArguments, outputOf } from './apt.ts';
import type { PackageEntry, PackageIndex } from './package-index.ts';
import type { Request } from './request.ts';
import { unsolvable } from './unsolvable.ts';

/** What debootstrap takes: essential, required and important packages of the release itself, and apt. */
export const basePackages = (index: PackageIndex, suite: string, leftOut: readonly string[]): string[] => {
  const found = index.matching(suite, /^(?:Priority:\s*(?:required|important)|Essential:\s*yes)\s*$/m);
  return [...new Set(['apt', ...found])].filter((name) => !leftOut.includes(name)).sort();
};

/** Those of the base system that nothing can replace. */
export const requiredPackages = (index: PackageIndex, suite: string): string[] => [
  'apt',
  ...index.matching(suite, /^(?:Priority:\s*required|Essential:\s*yes)\s*$/m),
];

/**
 * Throws `origin.no-such-package` that names all that are unknown, each with what may have been meant, and
 * `origin.no-such-version` for those that are only there in other versions or suites.
 */
export const checkNames = (requests: readonly Request[], index: PackageIndex): void => {
  const lines = requests
    .filter(({ name }) => index.find(name).length === 0 && index.providers(name).length === 0)
    .map(({ name, where }) => {
      const meant = suggest(name, index.names());
      return `${name} (${where})${meant === undefined ? '' : `: did you mean ${meant}?`}`;
    });
  if (lines.length === 0) {
    checkVersions(requests, index);
    return;
  }
  throw new IngotError('origin.no-such-package', `not in the archive: ${lines.join('; ')}`, {
    where: requests.find(({ name }) => lines[0]?.startsWith(`${name} `))?.where,
    detail: lines.join('\n'),
    hint: 'Only component main is on the medium. Packages of other repositories, and .debs of your own, are added with `media.packages`.',
  });
};

const checkVersions = (requests: readonly Request[], index: PackageIndex): void => {
  const wrong = requests
    .filter(({ version, suite }) => version !== undefined || suite !== undefined)
    .flatMap((request) => {
      const there = index.find(request.name);
      const fits = there.some(
        ({ version, suite }) =>
          (request.version === undefined || fitsVersion(version, request.version)) &&
          (request.suite === undefined || suite === request.suite),
      );
      if (fits) return [];
      const known = there.map(({ version, suite }) => `${version} (${suite})`).join(', ');
      return [{ ...request, known: known === '' ? 'a virtual package, which has no versions' : known }];
    });
  const [first] = wrong;
  if (first === undefined) return;
  throw new IngotError('origin.no-such-version', `not in the archive: ${wrong.map(aptWord).join(', ')}`, {
    where: first.where,
    detail: wrong.map(({ name, known }) => `${name} is there as ${known}`).join('\n'),
    hint: 'Write the whole version, or a pattern: NAME=1.22.*. Other repositories are added with `media.packages`.',
  });
};

const INSTALL = /^Inst (\S+) \((\S+) /;

/**
 * What `apt-get install` would install; `leftOut` are packages it may not choose. Throws `origin.unsolvable`, which says who wants what, when
 * the requests do not go together.
 */
export const resolveClosure = async (
  apt: Apt,
  index: PackageIndex,
  requests: readonly Request[],
  context: AptContext & { readonly leftOut?: readonly string[] },
): Promise<PackageEntry[]> => {
  checkNames(requests, index);
  const asked = new Set(requests.map(({ name }) => name));
  const refused = (context.leftOut ?? []).filter((name) => !asked.has(name) && index.find(name).length > 0);
  const words = new Set(withoutRepeated(requests).map(aptWord));
  const suites = [...new Set(requests.flatMap(({ suite }) => suite ?? []))];
  for (;;) {
    const result = await simulate(apt, words, refused, context);
    if (result.exitCode === 0) return installedBy(result.stdout, index);
    const more = neededOf(outputOf(result), suites, index).filter((word) => !words.has(word));
    if (more.length === 0) throw unsolvable(outputOf(result), { index, requests, leftOut: refused });
    for (const word of more) words.add(word);
  }
};

const simulate = (
  apt: Apt,
  words: ReadonlySet<string>,
  refused: readonly string[],
  { signal }: AptContext,
): Promise<RunResult> => {
  const names = [...words, ...refused.map((name) => `${name}-`)].sort();
  const options = ['-o', `Dir::State::lists=${apt.paths.checkedLists}/`, '--no-install-recommends', '-y', '-s'];
  const args = aptGetArguments(apt.paths, [...options, 'install', ...names]);
  return run('apt-get', args, { allow: [100], signal });
};

/**
 * What a package of a suite needs from that suite as well: apt takes each dependency from the release, and then says that it is
 * too old.
 */
const neededOf = (output: string, suites: readonly string[], index: PackageIndex): string[] =>
  [...output.matchAll(/Depends: (\S+)(?: \([^)]*\))? but (?:\S+ is|it is not) (?:going )?to be installed/g)].flatMap(
    ([, name = '']) => {
      const suite = suites.find((one) => index.find(name).some((entry) => entry.suite === one));
      return suite === undefined ? [] : [`${name}/${suite}`];
    },
  );

const installedBy = (output: string, index: PackageIndex): PackageEntry[] =>
  output.split('\n').flatMap((line) => {
    const [, name, version] = INSTALL.exec(line) ?? [];
    return name && version ? [entryOf(index, name, version)] : [];
  });

const entryOf = (index: PackageIndex, qualified: string, version: string): PackageEntry => {
  const name = qualified.replace(/:(amd64|all)$/, '');
  const entry = index.exact(name, version);
  if (entry) return entry;
  throw new IngotError('origin.not-signed', `apt chose ${name} ${version}, which no checked index has`, {
    hint: 'This is a defect of Ingot; please report it with the list of packages.',
  });
};
