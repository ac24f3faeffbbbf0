/** Package relation fields (Debian Policy 7.1): `a (>= 1) | b, c:any`. */
import { compareDpkg } from '../../../formats/packages/versions/dpkg.ts';
import type { PackageEntry } from './package-index.ts';

/** One list of alternatives per relation; versions, architectures and qualifiers are left out. */
export const parseRelations = (field: string | undefined): string[][] =>
  withVersions(field).map((group) => group.map(({ name }) => name));

interface Relation {
  readonly name: string;
  /** `>=`, `1.0`; undefined where any version will do. */
  readonly version: { readonly operator: string; readonly version: string } | undefined;
}

const RELATION = /^\s*([a-z0-9][a-z0-9+.-]*)(?::[a-z0-9-]+)?\s*(?:\(\s*(<<|<=|=|>=|>>)\s*([^\s)]+)\s*\))?/;

const withVersions = (field: string | undefined): Relation[][] =>
  (field ?? '')
    .split(',')
    .map((group) =>
      group.split('|').flatMap((word): Relation[] => {
        const [, name, operator, version] = RELATION.exec(word) ?? [];
        if (name === undefined) return [];
        return [{ name, version: operator && version ? { operator, version } : undefined }];
      }),
    )
    .filter((group) => group.length > 0);

const HOLDS: Readonly<Record<string, (order: number) => boolean>> = {
  '<<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '=': (order) => order === 0,
  '>=': (order) => order >= 0,
  '>>': (order) => order > 0,
};

/** What packages of a set depend on, and no package of it is or provides: `web needs libweb (>= 1.2)`. */
export const unmetIn = (packages: readonly PackageEntry[]): string[] => {
  const there = new Map<string, (string | undefined)[]>();
  const add = (name: string, version: string | undefined) => there.set(name, [...(there.get(name) ?? []), version]);
  for (const { name, version, fields } of packages) {
    add(name, version);
    for (const one of withVersions(fields.get('provides')).flat()) add(one.name, one.version?.version);
  }
  // A virtual package without a version satisfies no relation that names one (Policy 7.5).
  const isMet = ({ name, version }: Relation): boolean =>
    (there.get(name) ?? []).some(
      (have) =>
        version === undefined ||
        (have !== undefined && HOLDS[version.operator]?.(compareDpkg(have, version.version)) === true),
    );
  return packages.flatMap(({ name, fields }) =>
    [...withVersions(fields.get('pre-depends')), ...withVersions(fields.get('depends'))]
      .filter((group) => !group.some(isMet))
      .map((group) => `${name} needs ${group.map(shown).join(' or ')}`),
  );
};

const shown = ({ name, version }: Relation): string =>
  version === undefined ? name : `${name} (${version.operator} ${version.version})`;

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
