/** What has to be added to a medium: apt says what the packages need, and what of it the medium does not have. */
import { IngotError } from '../../../errors.ts';
import { run } from '../../../host/run.ts';
import { fitsVersion, type PackageWish } from '../../../recipe/values/package-wish.ts';
import { suggest } from '../../../suggest.ts';
import { type AptContext, aptGetArguments, outputOf } from '../archive/apt.ts';
import { aptError } from '../archive/apt-error.ts';
import type { PackageIndex } from '../archive/package-index.ts';
import { aptAttempts, type ExtraApt } from './apt-with-sources.ts';
import type { Ground, KnownVersion } from './ground.ts';

/**
 * Which version a package of a repository means: the newest one there, or the one that is there already when that is equally
 * new. Throws `origin.no-such-package` or `origin.no-such-version`.
 */
export const newestOf = async (
  index: PackageIndex,
  ground: Pick<Ground, 'find'>,
  { name, version }: PackageWish,
  where: string,
): Promise<KnownVersion> => {
  const all = index.find(name);
  if (all.length === 0) throw noSuchPackage(index, name, where);
  const isMeant = (entry: KnownVersion) => version === undefined || fitsVersion(entry.version, version);
  const [first, ...more] = all.filter(isMeant);
  if (first === undefined)
    throw new IngotError('origin.no-such-version', `the repository has no ${name} ${version}`, {
      where,
      detail: `It has ${all.map((entry) => entry.version).join(', ')}`,
      hint: 'Write the whole version, or a pattern: NAME=5.*.',
    });
  let newest: KnownVersion = first;
  // What is there comes last, and wins when both versions are equal.
  for (const entry of [...more, ...ground.find(name).filter(isMeant)])
    if (!(await isNewer(newest.version, entry.version))) newest = entry;
  return newest;
};

const noSuchPackage = (index: PackageIndex, name: string, where: string): IngotError => {
  const meant = suggest(name, index.names());
  return new IngotError('origin.no-such-package', `the repository has no package ${name}`, {
    where,
    hint: meant === undefined ? 'Check its suite and components.' : `Did you mean \`${meant}\`?`,
  });
};

const isNewer = async (version: string, than: string): Promise<boolean> => {
  const result = await run('dpkg', ['--compare-versions', version, 'gt', than], { allow: [1] });
  return result.exitCode === 0;
};

/** `NAME=VERSION`. */
export const exactly = ({ name, version }: Pick<KnownVersion, 'name' | 'version'>): string => `${name}=${version}`;

const INSTALL = /^Inst (\S+) (?:\[\S+\] )?\((\S+) /;

/**
 * `NAME=VERSION` of these packages and of all that they depend on beyond what is there, without recommendations.
 * What the medium has is taken where it is new enough. Throws `origin.unsolvable` that says what is missing, for which
 * package; `places` are the addresses where it was looked for.
 */
export const addedClosureOf = async (
  apt: ExtraApt,
  requests: readonly string[],
  places: readonly string[],
  { signal }: AptContext,
): Promise<string[]> => {
  const fixed = ['--no-install-recommends', '-y', '-s'];
  let output = '';
  for (const options of aptAttempts(apt)) {
    const args = aptGetArguments(apt.paths, [...fixed, ...options, 'install', ...requests]);
    const result = await run('apt-get', args, { allow: [100], signal });
    if (result.exitCode === 0) return result.stdout.split('\n').flatMap(installed);
    output = outputOf(result);
  }
  throw unsolvable(output, apt, places);
};

const installed = (line: string): string[] => {
  const [, name, version] = INSTALL.exec(line) ?? [];
  return name && version ? [exactly({ name: name.replace(/:(amd64|all)$/, ''), version })] : [];
};

const unsolvable = (output: string, { isInstalled }: ExtraApt, places: readonly string[]): IngotError => {
  const lines = output.split('\n');
  const reasons = lines
    .map((line) => line.trim())
    .filter((line) => /(Depends|Conflicts|Breaks): /.test(line) || /^E: (Unable|Package|Version)/.test(line));
  if (reasons.length === 0) return aptError(output, 'resolve the packages');
  const excluding = reasons.filter((reason) => /(Conflicts|Breaks): /.test(reason));
  const needing = reasons.some((reason) => /Depends: .* but it is not (going|installable)/.test(reason));
  const what =
    excluding.length > 0 && !needing
      ? `exclude each other: ${excluding.slice(0, 2).join('; ')}`
      : 'need what cannot be found';
  return new IngotError('origin.unsolvable', `the packages for the ${isInstalled ? 'image' : 'medium'} ${what}`, {
    where: isInstalled ? 'answers.packages, media.packages' : 'media.packages',
    detail: [...reasons.slice(0, 12), 'Looked for:', ...places.map((place) => `  ${place}`)].join('\n'),
    hint: 'Name a repository that has it, with `packages: []` when only dependencies should come from it. Where a newer version of a dependency is the obstacle, ask for the package in the suite that has the newer one.',
  });
};
