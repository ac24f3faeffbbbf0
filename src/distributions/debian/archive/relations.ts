/** Package relation fields (Debian Policy 7.1): `a (>= 1) | b, c:any`. */
import type { PackageEntry } from './package-index.ts';

/** One list of alternatives per relation; versions, architectures and qualifiers are left out. */
export const parseRelations = (field: string | undefined): string[][] =>
  (field ?? '')
    .split(',')
    .map((group) =>
      group
        .split('|')
        .map((word) => /^\s*([a-z0-9][a-z0-9+.-]*)/.exec(word)?.[1])
        .filter((name): name is string => name !== undefined),
    )
    .filter((group) => group.length > 0);

/** Who satisfies what inside one set of packages. */
export interface Graph {
  /** The packages of the set that satisfy a field of `name`, the first alternative that is there. */
  needs(name: string, field: 'depends' | 'pre-depends'): readonly string[];
  /** `names` and all that they depend on, themselves included. */
  closure(names: Iterable<string>): Set<string>;
}

export const buildGraph = (packages: readonly PackageEntry[]): Graph => {
  const byName = new Map(packages.map((entry) => [entry.name, entry]));
  const provider = new Map<string, string>();
  for (const entry of packages) {
    for (const name of parseRelations(entry.fields.get('provides')).flat()) {
      if (!provider.has(name)) provider.set(name, entry.name);
    }
  }
  const satisfier = (name: string) => (byName.has(name) ? name : provider.get(name));
  const needs = (name: string, field: 'depends' | 'pre-depends'): string[] =>
    parseRelations(byName.get(name)?.fields.get(field)).flatMap((group) => {
      const found = group.map(satisfier).find((candidate) => candidate !== undefined);
      return found === undefined || found === name ? [] : [found];
    });
  const closure = (names: Iterable<string>): Set<string> => {
    const found = new Set<string>();
    const open = [...names];
    for (let name = open.pop(); name !== undefined; name = open.pop()) {
      if (found.has(name) || !byName.has(name)) continue;
      found.add(name);
      open.push(...needs(name, 'pre-depends'), ...needs(name, 'depends'));
    }
    return found;
  };
  return { needs, closure };
};
