/** What is different between two images, and why: the shape of `ingot diff --json`, which docs/inspect.md states. */
import { type Account, accountFacts } from './accounts.ts';
import { type Causes, causesIn } from './causes.ts';
import { type FileChange, fileChanges } from './file-changes.ts';
import type { PackageDatabase, PackageRecord } from './package-database.ts';
import type { Subject } from './subject.ts';
import { type EnabledUnit, unitFacts } from './units.ts';

/** Raised when a field is taken away or means something else; new ones may come at any time. */
export const DIFFERENCE_VERSION = 1;

/**
 * `package`: its package came, went, or has another version. `altered`: a package has it, in the same version on both sides, and it
 * is no configuration. `configuration`: a conffile, or a file below /etc. `generated`: a rule of a closed list knows what makes it, or
 * dpkg is told to leave it out.
 */
export type ChangeCause =
  | { readonly kind: 'package' | 'altered'; readonly package: string }
  | { readonly kind: 'configuration'; readonly package?: string }
  | { readonly kind: 'generated'; readonly reason: string }
  | { readonly kind: 'unknown' };

export interface CausedChange extends FileChange {
  readonly cause: ChangeCause;
}

interface PackageId {
  readonly name: string;
  readonly architecture: string;
}

export interface PackageChanges {
  readonly added: readonly (PackageId & { readonly version: string; readonly size: number })[];
  readonly removed: readonly (PackageId & { readonly version: string; readonly size: number })[];
  readonly changed: readonly (PackageId & { readonly before: string; readonly after: string })[];
}

export interface AccountChange {
  readonly name: string;
  readonly change: 'added' | 'removed' | 'changed';
  /** `password none → set`; empty unless it is changed. */
  readonly what: readonly string[];
}

export interface Difference {
  readonly version: typeof DIFFERENCE_VERSION;
  readonly before: string;
  readonly after: string;
  /** Undefined unless the packages of both can be read. */
  readonly packages: PackageChanges | undefined;
  readonly files: readonly CausedChange[];
  readonly units: { readonly added: readonly EnabledUnit[]; readonly removed: readonly EnabledUnit[] };
  readonly accounts: readonly AccountChange[];
  /** What all files take, bytes. */
  readonly size: { readonly before: number; readonly after: number };
}

export const difference = async (before: Subject, after: Subject, signal?: AbortSignal): Promise<Difference> => {
  const both = [before, after] as const;
  const causes = both.map(({ tree, database }) => causesIn(tree, database));
  const packages = before.database && after.database && packageChanges(before.database, after.database);
  const touched = new Set(
    packages && [...packages.added, ...packages.removed, ...packages.changed].map(({ name }) => name),
  );
  const changes = await fileChanges(before.tree, after.tree, signal);
  const [unitsBefore, unitsAfter] = await Promise.all([unitFacts(before), unitFacts(after)]);
  const [accountsBefore, accountsAfter] = await Promise.all([accountFacts(before.files), accountFacts(after.files)]);
  return {
    version: DIFFERENCE_VERSION,
    before: before.disk.image,
    after: after.disk.image,
    packages,
    files: changes.map((change) => ({ ...change, cause: causeOf(change, both, causes, touched) })),
    units: {
      added: without(unitsAfter.enabled, unitsBefore.enabled),
      removed: without(unitsBefore.enabled, unitsAfter.enabled),
    },
    accounts: accountChanges(accountsBefore, accountsAfter),
    size: { before: sizeOf(before), after: sizeOf(after) },
  };
};

/** Packages, units and accounts are made of files. */
export const isSame = ({ files }: Difference): boolean => files.length === 0;

/** From the side where the file is; from the newer one when it is on both. */
const causeOf = (
  { path, change }: FileChange,
  both: readonly Subject[],
  causes: readonly Causes[],
  touched: ReadonlySet<string>,
): ChangeCause => {
  const side = change === 'removed' ? 0 : 1;
  const node = both[side]?.tree.get(path);
  const cause = node && causes[side]?.of(node);
  if (cause?.kind === 'package') {
    const own = cause.packages.find(({ name }) => touched.has(name));
    if (own) return { kind: 'package', package: own.name };
    const leftOutBy = change === 'removed' ? both[1]?.database?.leftOutBy?.(path) : undefined;
    if (leftOutBy) return { kind: 'generated', reason: `left out, as ${leftOutBy} says` };
    const [first] = cause.packages;
    const name = first?.name ?? '';
    return first?.configuration.includes(path)
      ? { kind: 'configuration', package: name }
      : { kind: 'altered', package: name };
  }
  if (cause?.kind === 'generated') return cause;
  return path.startsWith('/etc/') ? { kind: 'configuration' } : { kind: 'unknown' };
};

const packageChanges = (before: PackageDatabase, after: PackageDatabase): PackageChanges => {
  const key = ({ name, architecture }: PackageId) => `${name}:${architecture}`;
  const [then, now] = [before, after].map(({ packages }) => new Map(packages.map((one) => [key(one), one])));
  const only = (these: readonly PackageRecord[], others: ReadonlyMap<string, PackageRecord> | undefined) =>
    these
      .filter((one) => !others?.has(key(one)))
      .map(({ name, architecture, version, size }) => ({ name, architecture, version, size }));
  const changed = after.packages.flatMap((one) => {
    const old = then?.get(key(one));
    const { name, architecture, version } = one;
    return old === undefined || old.version === version
      ? []
      : [{ name, architecture, before: old.version, after: version }];
  });
  return { added: only(after.packages, then), removed: only(before.packages, now), changed };
};

const without = (units: readonly EnabledUnit[], others: readonly EnabledUnit[]): EnabledUnit[] => {
  const known = new Set(others.map(({ unit }) => unit));
  return units.filter(({ unit }) => !known.has(unit));
};

type Accounts = Awaited<ReturnType<typeof accountFacts>>;

const accountChanges = (before: Accounts, after: Accounts): AccountChange[] => {
  const [then, now] = [new Set(before.names), new Set(after.names)];
  const logins = new Map(before.logins.map((one) => [one.name, one]));
  return [
    ...after.names.filter((name) => !then.has(name)).map((name) => ({ name, change: 'added' as const, what: [] })),
    ...before.names.filter((name) => !now.has(name)).map((name) => ({ name, change: 'removed' as const, what: [] })),
    ...after.logins.flatMap((account) => {
      const old = logins.get(account.name);
      const what = old === undefined ? (then.has(account.name) ? ['may log in now'] : []) : changesOf(old, account);
      return what.length === 0 ? [] : [{ name: account.name, change: 'changed' as const, what }];
    }),
    ...before.logins
      .filter(({ name }) => now.has(name) && !after.logins.some((one) => one.name === name))
      .map(({ name }) => ({ name, change: 'changed' as const, what: ['may not log in any more'] })),
  ];
};

const changesOf = (before: Account, after: Account): string[] => {
  const facts = ({ password, method, shell, home, uid, groups, expires, keys }: Account): Record<string, string> => ({
    password: [password, ...(method === undefined ? [] : [method])].join(' '),
    shell,
    home,
    uid: String(uid),
    groups: groups.join(','),
    expires: expires ?? 'never',
    keys: keys.map(({ fingerprint }) => fingerprint).join(',') || 'none',
  });
  const [then, now] = [facts(before), facts(after)];
  return Object.keys(now).flatMap((name) => (then[name] === now[name] ? [] : [`${name} ${then[name]} → ${now[name]}`]));
};

const sizeOf = ({ tree }: Subject): number => {
  const sizes = new Map([...tree.values()].map(({ identity, allocated }) => [identity, allocated]));
  return [...sizes.values()].reduce((sum, one) => sum + one, 0);
};
