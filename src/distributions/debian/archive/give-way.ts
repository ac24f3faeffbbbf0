/**
 * What nobody asked for gives way to what somebody asked for: packages that the answers imply, and those of the base system
 * that are not required. apt is first asked for everything; only where that cannot be installed together, what the recipe names is
 * resolved by itself, and the archive says which package takes the place of which. This also covers what a package of the recipe
 * brings along.
 */
import { IngotError } from '../../../errors.ts';
import type { Apt, AptContext } from './apt.ts';
import { resolveClosure } from './closure.ts';
import { doSameWork, exclusion } from './exclusion.ts';
import type { PackageEntry, PackageIndex } from './package-index.ts';
import type { Request } from './request.ts';

export interface Wishes {
  /** Of the recipe; always installed. */
  readonly asked: readonly Request[];
  /** Essential, required. */
  readonly required: readonly Request[];
  /** Implied ones, and important ones of the base system. */
  readonly yielding: readonly Request[];
  /** Packages that do not give way, though nobody asked for them. */
  readonly staying: ReadonlySet<string>;
  /** Those that give way even when nothing does their work. */
  readonly optional: ReadonlySet<string>;
  /** Not to be chosen, unless what is asked for needs it. */
  readonly leftOut: readonly string[];
}

export interface Settled {
  readonly packages: readonly PackageEntry[];
  /** What was asked for in the end. */
  readonly requests: readonly Request[];
  readonly leftOut: readonly string[];
  readonly gaveWay: readonly { readonly name: string; readonly to: string }[];
}

/** Throws `origin.no-such-package`, and `origin.unsolvable` when the packages still cannot be installed together. */
export const settle = async (apt: Apt, index: PackageIndex, wishes: Wishes, context: AptContext): Promise<Settled> => {
  const { asked, required, yielding, staying, optional, leftOut } = wishes;
  const resolve = (requests: readonly Request[], without: readonly string[]) =>
    resolveClosure(apt, index, requests, { ...context, leftOut: without });
  const all = [...required, ...yielding, ...asked];
  const first = await attempt(resolve(all, leftOut));
  if (!(first instanceof IngotError)) return { packages: first, requests: all, leftOut, gaveWay: [] };

  const own = [...required, ...asked];
  const strict = await attempt(resolve(own, leftOut));
  const chosen = strict instanceof IngotError ? await resolve(own, []) : strict;
  const names = new Set(chosen.map(({ name }) => name));
  const gaveWay = yielding
    .filter(({ name }) => !staying.has(name) && !names.has(name))
    .flatMap(({ name }) => {
      const entry = index.find(name)[0];
      const takes = (other: PackageEntry) => entry && (optional.has(name) || doSameWork(entry, other));
      const to = entry && chosen.find((other) => exclusion(entry, other) !== undefined && takes(other));
      return to === undefined ? [] : [{ name, to: to.name }];
    });
  const needed = leftOut.filter((name) => names.has(name));
  if (gaveWay.length === 0 && needed.length === 0) throw first;
  const gone = new Set(gaveWay.map(({ name }) => name));
  const requests = all.filter(({ name }) => !gone.has(name));
  const rest = leftOut.filter((name) => !names.has(name));
  return { packages: await resolve(requests, rest), requests, leftOut: rest, gaveWay };
};

/**
 * What lies on the medium besides what is installed. Packages that exclude each other may lie there together: a configure step
 * installs one of them in place of another.
 */
export const beside = async (
  apt: Apt,
  index: PackageIndex,
  { requests, leftOut, packages }: Settled,
  extra: readonly Request[],
  context: AptContext,
): Promise<readonly PackageEntry[]> => {
  if (extra.length === 0) return packages;
  const resolve = (wanted: readonly Request[], without: readonly string[]) =>
    resolveClosure(apt, index, wanted, { ...context, leftOut: without });
  const together = await attempt(resolve([...requests, ...extra], leftOut));
  if (!(together instanceof IngotError)) return together;
  const found = [...packages];
  for (const one of extra) {
    const fitting = await attempt(resolve([...requests, one], leftOut));
    found.push(...(fitting instanceof IngotError ? await resolve([one], []) : fitting));
  }
  return found;
};

const attempt = (resolving: Promise<PackageEntry[]>): Promise<PackageEntry[] | IngotError> =>
  resolving.catch((error: unknown) => {
    if (error instanceof IngotError && error.code === 'origin.unsolvable') return error;
    throw error;
  });
