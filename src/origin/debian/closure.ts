/**
 * The exact set of packages that a request needs, resolved by apt itself over the checked indexes of all suites, from
 * an empty system.
 */
import { IngotError } from '../../errors.ts';
import { run } from '../../host/run.ts';
import { suggest } from '../../recipe/suggest.ts';
import { type Apt, type AptContext, aptGetArguments, outputOf } from './apt.ts';
import type { PackageEntry, PackageIndex } from './packages.ts';
import type { Request } from './request.ts';
import { unsolvable } from './unsolvable.ts';

/** What debootstrap takes: essential, required and important packages of the release itself, and apt. */
export const basePackages = (index: PackageIndex, suite: string, leftOut: readonly string[]): string[] => {
  const found = index.matching(suite, /^(?:Priority:\s*(?:required|important)|Essential:\s*yes)\s*$/m);
  return [...new Set(['apt', ...found])].filter((name) => !leftOut.includes(name)).sort();
};

/** Those of the base system that nothing can take the place of. */
export const requiredPackages = (index: PackageIndex, suite: string): string[] => [
  'apt',
  ...index.matching(suite, /^(?:Priority:\s*required|Essential:\s*yes)\s*$/m),
];

/** Throws `origin.no-such-package` that names all that are unknown, each with what may have been meant. */
export const checkNames = (requests: readonly Request[], index: PackageIndex): void => {
  const lines = requests
    .filter(({ name }) => index.find(name).length === 0 && index.providers(name).length === 0)
    .map(({ name, where }) => {
      const meant = suggest(name, index.names());
      return `${name} (${where})${meant === undefined ? '' : `: did you mean ${meant}?`}`;
    });
  if (lines.length === 0) return;
  throw new IngotError('origin.no-such-package', `not in the archive: ${lines.join('; ')}`, {
    where: requests.find(({ name }) => lines[0]?.startsWith(`${name} `))?.where,
    detail: lines.join('\n'),
    hint: 'Only component main is on the medium. Packages of other repositories, and .debs of your own, are added with `media.packages`.',
  });
};

const INSTALL = /^Inst (\S+) \((\S+) /;

/**
 * What `apt-get install` would install; `leftOut` are packages it may not choose. Throws `origin.unsolvable` that says who wants what when
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
  const names = [...asked, ...refused.map((name) => `${name}-`)].sort();
  const options = ['-o', `Dir::State::lists=${apt.paths.checkedLists}/`, '--no-install-recommends', '-y', '-s'];
  const args = aptGetArguments(apt.paths, [...options, 'install', ...names]);
  const result = await run('apt-get', args, { allow: [100], signal: context.signal });
  if (result.exitCode !== 0) throw unsolvable(outputOf(result), { index, requests, leftOut: refused });
  return result.stdout.split('\n').flatMap((line) => {
    const [, name, version] = INSTALL.exec(line) ?? [];
    return name && version ? [entryOf(index, name, version)] : [];
  });
};

const entryOf = (index: PackageIndex, qualified: string, version: string): PackageEntry => {
  const name = qualified.replace(/:(amd64|all)$/, '');
  const entry = index.exact(name, version);
  if (entry) return entry;
  throw new IngotError('origin.not-signed', `apt chose ${name} ${version}, which no checked index has`, {
    hint: 'This is a defect of Ingot; please report it with the list of packages.',
  });
};
