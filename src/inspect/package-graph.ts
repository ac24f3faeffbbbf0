/** Who needs whom among the installed packages, as apt sees it: names, alternatives, and what packages provide. */
import type { PackageDatabase, PackageRecord, Relation, RelationKind } from './package-database.ts';

export interface Need {
  readonly name: string;
  readonly kind: RelationKind;
}

export interface PackageGraph {
  /** By name; of one that is installed for several architectures, the first. */
  readonly packages: ReadonlyMap<string, PackageRecord>;
  /** Installed packages that satisfy a relation. */
  readonly satisfiers: (relation: Relation) => readonly string[];
  /** Who needs a package, with the strongest relation of each. */
  readonly neededBy: (name: string) => readonly Need[];
}

export const packageGraph = ({ packages }: Pick<PackageDatabase, 'packages'>): PackageGraph => {
  const byName = new Map<string, PackageRecord>();
  const providers = new Map<string, string[]>();
  for (const one of packages) {
    if (byName.has(one.name)) continue;
    byName.set(one.name, one);
    for (const name of one.provides) providers.set(name, [...(providers.get(name) ?? []), one.name]);
  }
  const satisfiers = ({ anyOf }: Relation): string[] => [
    ...new Set(anyOf.flatMap((name) => [...(byName.has(name) ? [name] : []), ...(providers.get(name) ?? [])])),
  ];
  const needs = new Map<string, Map<string, RelationKind>>();
  for (const { name, relations } of byName.values()) {
    for (const relation of relations) {
      const { kind } = relation;
      if (kind === 'suggests') continue;
      for (const satisfier of satisfiers(relation)) {
        if (satisfier === name) continue;
        const known = needs.get(satisfier) ?? new Map<string, RelationKind>();
        needs.set(satisfier, known.set(name, stronger(known.get(name), kind)));
      }
    }
  }
  return {
    packages: byName,
    satisfiers,
    neededBy: (name) =>
      [...(needs.get(name) ?? [])]
        .map(([name, kind]) => ({ name, kind }))
        .sort((one, other) => STRENGTH[one.kind] - STRENGTH[other.kind] || (one.name < other.name ? -1 : 1)),
  };
};

const STRENGTH: Readonly<Record<RelationKind, number>> = { 'pre-depends': 0, depends: 1, recommends: 2 };

const stronger = (one: RelationKind | undefined, other: RelationKind): RelationKind =>
  one !== undefined && STRENGTH[one] <= STRENGTH[other] ? one : other;
