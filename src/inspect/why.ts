/** Why a package is installed: chains that lead to it from what somebody asked for, or what every system has. */
import { IngotError } from '../errors.ts';
import { editDistance, suggest } from '../suggest.ts';
import type { PackageRecord, RelationKind } from './package-database.ts';
import type { PackageGraph } from './package-graph.ts';
import { type Removal, removalOf } from './removal.ts';

export interface Chain {
  /** The package that the chain begins with is there for itself. */
  readonly because: 'manual' | 'essential';
  readonly from: string;
  /** From there to the package: each needs the next one. Empty for the package itself. */
  readonly steps: readonly { readonly kind: RelationKind; readonly name: string }[];
}

export interface Why {
  readonly package: Pick<PackageRecord, 'name' | 'version' | 'architecture' | 'size'>;
  /** The shortest first, at equal length those without recommendations; one for each package that a chain begins with. */
  readonly chains: readonly Chain[];
  readonly removal: Removal;
}

/** Throws `usage.no-such-package` with the nearest names. */
export const whyInstalled = (graph: PackageGraph, name: string): Why => {
  const found = graph.packages.get(name);
  if (found === undefined) throw noSuchPackage(graph, name);
  const { version, architecture, size } = found;
  return {
    package: { name, version, architecture, size },
    chains: chainsTo(graph, name),
    removal: removalOf(graph, name),
  };
};

interface Open {
  readonly name: string;
  readonly steps: Chain['steps'];
}

/**
 * Backwards, level by level. A chain ends at the first package that is there for itself: what lies further up would say nothing
 * new.
 */
const chainsTo = (graph: PackageGraph, name: string): Chain[] => {
  const chains: Chain[] = [];
  const seen = new Set([name]);
  let level: readonly Open[] = [{ name, steps: [] }];
  while (level.length > 0) {
    const next = new Map<string, Open>();
    for (const { name: here, steps } of level) {
      const because = reasonOf(graph.packages.get(here));
      if (because !== undefined) chains.push({ because, from: here, steps });
      if (because !== undefined && here !== name) continue;
      for (const { name: needer, kind } of graph.neededBy(here)) {
        const open = { name: needer, steps: [{ kind, name: here }, ...steps] };
        const known = next.get(needer);
        if (!seen.has(needer) && (known === undefined || weakSteps(open) < weakSteps(known))) next.set(needer, open);
      }
    }
    for (const one of next.keys()) seen.add(one);
    level = [...next.values()];
  }
  return chains.sort(
    (one, other) =>
      one.steps.length - other.steps.length || weakSteps(one) - weakSteps(other) || (one.from < other.from ? -1 : 1),
  );
};

const weakSteps = ({ steps }: Pick<Chain, 'steps'>): number => steps.filter(({ kind }) => kind === 'recommends').length;

const reasonOf = (found: PackageRecord | undefined): Chain['because'] | undefined =>
  found?.essential ? 'essential' : found?.manual ? 'manual' : undefined;

const MOST_NAMES = 5;

const noSuchPackage = ({ packages }: PackageGraph, name: string): IngotError => {
  const names = [...packages.keys()];
  const providers = [...packages.values()].filter(({ provides }) => provides.includes(name)).map((one) => one.name);
  const nearest = suggest(name, names);
  const close = [
    ...(nearest === undefined ? [] : [nearest]),
    ...names.filter((one) => one.includes(name) || editDistance(one, name) <= 2),
  ];
  const meant = [...new Set(close)].slice(0, MOST_NAMES);
  return new IngotError('usage.no-such-package', `${name} is not installed in this image`, {
    hint:
      providers.length > 0
        ? `It is provided by ${providers.join(', ')}: ask for that.`
        : meant.length > 0
          ? `Did you mean ${meant.join(', ')}?`
          : '`ingot inspect IMAGE --json` lists all packages.',
  });
};
