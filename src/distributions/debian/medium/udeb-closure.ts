/**
 * What an installer's component needs: the closure of Depends and Provides over the udeb index. The installer itself
 * follows no dependency of what is preloaded: a missing library is only noticed when a program ends at once.
 */
import type { PackageEntry, PackageIndex } from '../archive/package-index.ts';
import { parseRelations } from '../archive/relations.ts';

export interface ClosureContext {
  readonly index: PackageIndex;
  /** Udebs of another kernel's modules are passed over. */
  readonly kernelRelease: string;
  /** What is there already, virtual names included. */
  readonly has: ReadonlySet<string>;
}

export interface UdebClosure {
  readonly udebs: readonly PackageEntry[];
  /** What no index has, with the udeb that needs it (absent for what was asked for by name). */
  readonly missing: readonly { readonly name: string; readonly neededBy?: string }[];
}

/** `wanted` and all that they depend on, without what is there. The same index gives the same closure. */
export const udebClosure = (wanted: readonly string[], context: ClosureContext): UdebClosure => {
  const { index, has } = context;
  const chosen = new Map<string, PackageEntry>();
  const provided = new Set<string>();
  const missing = new Map<string, { readonly name: string; readonly neededBy?: string }>();
  const isThere = (name: string): boolean => has.has(name) || chosen.has(name) || provided.has(name);
  const entryOf = (name: string): PackageEntry | undefined =>
    index.find(name).findLast((entry) => fitsKernel(entry, context));
  const providerOf = (name: string): PackageEntry | undefined =>
    index
      .providers(name)
      .flatMap((provider) => entryOf(provider) ?? [])
      .sort(byPriority)[0];
  const open: { readonly name: string; readonly neededBy?: string }[] = wanted.map((name) => ({ name }));
  const take = (entry: PackageEntry): void => {
    chosen.set(entry.name, entry);
    for (const name of parseRelations(entry.fields.get('provides')).flat()) provided.add(name);
    for (const group of dependencies(entry)) {
      if (group.some(isThere)) continue;
      const found = group.find((name) => entryOf(name) ?? providerOf(name)) ?? group[0];
      if (found !== undefined) open.push({ name: found, neededBy: entry.name });
    }
  };
  for (let next = open.shift(); next !== undefined; next = open.shift()) {
    if (isThere(next.name)) continue;
    const entry = entryOf(next.name) ?? providerOf(next.name);
    if (entry === undefined) missing.set(next.name, next);
    else if (!chosen.has(entry.name)) take(entry);
  }
  return { udebs: [...chosen.values()], missing: [...missing.values()] };
};

const dependencies = (entry: PackageEntry): string[][] => [
  ...parseRelations(entry.fields.get('pre-depends')),
  ...parseRelations(entry.fields.get('depends')),
];

const fitsKernel = (entry: PackageEntry, { kernelRelease }: ClosureContext): boolean => {
  const kernel = entry.fields.get('kernel-version');
  return kernel === undefined || kernel === kernelRelease;
};

const PRIORITIES = ['required', 'important', 'standard', 'optional', 'extra'];

/** Of several that provide the same, the one that a complete medium would load by itself. */
const byPriority = (one: PackageEntry, other: PackageEntry): number =>
  rank(one) - rank(other) || (one.name < other.name ? -1 : 1);

const rank = (entry: PackageEntry): number => {
  const found = PRIORITIES.indexOf(entry.fields.get('priority') ?? '');
  return found < 0 ? PRIORITIES.length : found;
};
