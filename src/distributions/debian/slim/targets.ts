/** Which packages have to go: those that the recipe names, and those of the strips; and which may not. */
import { IngotError } from '../../../errors.ts';
import { suggest } from '../../../suggest.ts';
import type { AptPlan } from './apt-plan.ts';
import type { InstalledPackages } from './installed.ts';
import { generalKernels, oldKernels } from './kernels.ts';
import { pathPattern } from './path-patterns.ts';
import type { StripUnit } from './strip.ts';

/** Names that stay, each with why. */
type Kept = ReadonlyMap<string, string>;

interface Guest {
  readonly installed: InstalledPackages;
  readonly kept: Kept;
  /** Names that apt has heard of. */
  readonly known: ReadonlySet<string>;
}

/** Lists are shared by several recipes: what is not there is reported, and is no error. Throws `guest.slim-protected`. */
export const askedRemovals = (
  remove: readonly string[],
  { installed, kept, known }: Guest,
): { readonly names: string[]; readonly notes: string[] } => {
  const wrong = remove.filter((name) => kept.has(name));
  if (wrong.length > 0)
    throw new IngotError('guest.slim-protected', `slim.remove names what has to stay: ${wrong.join(', ')}`, {
      where: 'slim.remove',
      detail: reasons(wrong, kept),
      hint: 'Take it out of slim.remove.',
    });
  const notes = remove
    .filter((name) => !installed.has(name))
    .map((name) => {
      const nearest = known.has(name) ? undefined : suggest(name, installed.keys());
      const meant = nearest === undefined ? '' : `; did you mean ${nearest}?`;
      return `slim.remove: ${name} is ${known.has(name) ? 'not installed' : 'no package that this system knows'}${meant}`;
    });
  return { names: remove.filter((name) => installed.has(name)), notes };
};

/** A strip leaves what is needed where it is, and says so. */
export const strippedPackages = (
  units: readonly StripUnit[],
  { installed, kept, kernel }: Pick<Guest, 'installed' | 'kept'> & { readonly kernel: string },
): { readonly names: string[]; readonly lines: string[] } => {
  const found = units.map((unit) => ({ unit, all: packagesOf(unit, installed.keys(), kernel) }));
  return {
    names: [...new Set(found.flatMap(({ all }) => all))].filter((name) => !kept.has(name)),
    lines: found.flatMap(({ unit, all }) =>
      all.filter((name) => kept.has(name)).map((name) => `${unit.name}: ${name} stays: ${kept.get(name)}`),
    ),
  };
};

/** The packages that a strip is about, by name; only apt knows those that nobody needs. */
export const packagesOf = ({ work }: Pick<StripUnit, 'work'>, names: Iterable<string>, kernel: string): string[] => {
  switch (work.kind) {
    case 'packages': {
      const patterns = work.names.map(pathPattern);
      return [...names].filter((name) => patterns.some((pattern) => pattern.test(name)));
    }
    case 'old-kernels':
      return oldKernels(names, kernel);
    case 'cloud-kernel':
      return generalKernels(names);
    case 'files':
    case 'unneeded':
      return [];
  }
};

/** The error of a plan that takes what has to stay: each name is tried alone, to find the one that does it. */
export const wouldTakeNeeded = async (
  names: readonly string[],
  kept: Kept,
  simulate: (name: string) => Promise<AptPlan>,
): Promise<IngotError> => {
  const details: string[] = [];
  for (const name of names) {
    const needed = (await simulate(name)).removed.filter((one) => kept.has(one));
    if (needed.length > 0) details.push(`${name} would take with it:`, reasons(needed, kept, '  '));
  }
  return new IngotError('guest.slim-protected', 'slim would also remove what has to stay', {
    where: 'slim',
    detail: details.join('\n') || 'no name does so alone, only all of them together',
    hint: 'Take these names out of slim.remove, or the strip that has them out of slim.strip.',
  });
};

const reasons = (names: readonly string[], kept: Kept, indent = ''): string =>
  names.map((name) => `${indent}${name}: ${kept.get(name)}`).join('\n');
