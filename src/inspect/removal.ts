/** What goes with a package: those that cannot be without it, and those that nothing would need any more. */
import type { PackageRecord, Relation } from './package-database.ts';
import type { PackageGraph } from './package-graph.ts';

export interface Removal {
  /** Packages that would have to go too, in the order in which they lose what they need. */
  readonly breaks: readonly string[];
  /** Of these and the package itself: those that every system has. */
  readonly essential: readonly string[];
  /** Packages that came for others, and that apt's autoremove would take then. */
  readonly unneeded: readonly string[];
  /** Of the package and all of these, as the database states it, bytes. */
  readonly size: number;
}

export const removalOf = (graph: PackageGraph, name: string): Removal => {
  const gone = new Set([name]);
  const lost = (relation: Relation) => {
    const there = graph.satisfiers(relation);
    return there.length > 0 && there.every((one) => gone.has(one));
  };
  for (let before = 0; before < gone.size; ) {
    before = gone.size;
    for (const one of graph.packages.values()) {
      if (gone.has(one.name)) continue;
      if (
        one.relations.some(
          (relation) => (relation.kind === 'depends' || relation.kind === 'pre-depends') && lost(relation),
        )
      )
        gone.add(one.name);
    }
  }
  const before = neededIn(graph, new Set());
  const after = neededIn(graph, gone);
  const unneeded = [...graph.packages.keys()].filter((one) => before.has(one) && !after.has(one) && !gone.has(one));
  const all = [...gone, ...unneeded].flatMap((one) => graph.packages.get(one) ?? []);
  return {
    breaks: [...gone].slice(1),
    essential: [...gone].filter((one) => graph.packages.get(one)?.essential),
    unneeded: unneeded.sort(),
    size: all.reduce((sum, { size }) => sum + size, 0),
  };
};

/** What apt's autoremove would take; `strictly`: of what is only recommended or suggested, too. */
export const unneededIn = (graph: PackageGraph, isKept: (name: string) => boolean, strictly: boolean): string[] => {
  const needed = neededIn(graph, new Set(), { isKept, strictly });
  return [...graph.packages.keys()].filter((name) => !needed.has(name));
};

interface NeededOptions {
  /** Kept although nobody asked for it. */
  readonly isKept?: (name: string) => boolean;
  readonly strictly?: boolean;
}

/** All that packages which are there for themselves need, recommend or suggest: what apt keeps (apt.conf(5), APT::AutoRemove). */
const neededIn = (
  graph: PackageGraph,
  gone: ReadonlySet<string>,
  { isKept = () => false, strictly = false }: NeededOptions = {},
): Set<string> => {
  const isRoot = ({ name, manual, essential }: PackageRecord) =>
    (manual || essential || isKept(name)) && !gone.has(name);
  const counts = ({ kind }: Relation) => !strictly || kind === 'depends' || kind === 'pre-depends';
  const open = [...graph.packages.values()].filter(isRoot).map(({ name }) => name);
  const needed = new Set<string>();
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (needed.has(name)) continue;
    needed.add(name);
    const relations = graph.packages.get(name)?.relations ?? [];
    open.push(
      ...relations
        .filter(counts)
        .flatMap(graph.satisfiers)
        .filter((one) => !gone.has(one)),
    );
  }
  return needed;
};
