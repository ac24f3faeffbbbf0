/** Reads an image's inventory: packages with what they depend on, and the files of nobody. */
import { posix } from 'node:path';
import { fileDigests } from '../capture/file-digests.ts';
import type { FileNode, FileTree } from '../capture/file-tree.ts';
import { packageUrl } from '../formats/packages/package-url.ts';
import { causesIn } from '../inspect/causes.ts';
import type { PackageDatabase, PackageRecord } from '../inspect/package-database.ts';
import type { Subject } from '../inspect/subject.ts';
import { INVENTORY_FORMAT, type Inventory, type InventoryPackage } from './inventory.ts';
import type { Licences, LicenceText } from './licence.ts';

/** What only a family knows of its packages. */
export interface PackageKnowledge {
  readonly licences: (of: PackageRecord) => Promise<Licences | undefined>;
  /** SHA-256 of the archive that a package came in, where the image still says it. */
  readonly archive: (of: PackageRecord) => string | undefined;
}

interface Taken extends Pick<Subject, 'tree' | 'osRelease'> {
  readonly database: PackageDatabase;
  readonly knowledge: PackageKnowledge;
  readonly signal?: AbortSignal | undefined;
}

export const takeInventory = async ({ tree, osRelease, database, knowledge, signal }: Taken): Promise<Inventory> => {
  const system = systemOf(osRelease);
  const urls = new Map(
    database.packages.map((one) => [one, packageUrl({ kind: database.kind, ...one }, system)] as const),
  );
  const needs = dependencies(database.packages);
  const texts = new Map<string, LicenceText>();
  const packages: InventoryPackage[] = [];
  for (const one of database.packages) {
    const { name, version, architecture, source, sourceVersion, maintainer, homepage } = one;
    const sha256 = knowledge.archive(one);
    const licences = await knowledge.licences(one);
    for (const text of licences?.texts ?? []) texts.set(text.id, text);
    const purls = needs(one).flatMap((other) => urls.get(other) ?? []);
    packages.push({
      kind: database.kind,
      ...{ name, version, architecture, source, sourceVersion },
      purl: urls.get(one) ?? '',
      ...(maintainer === undefined ? {} : { supplier: maintainer }),
      ...(homepage !== undefined && isAddress(homepage) ? { homepage } : {}),
      ...(sha256 === undefined ? {} : { sha256 }),
      licences: [...(licences?.statements ?? [])],
      isRoot: one.manual || one.essential,
      dependsOn: [...new Set(purls)].sort(),
    });
  }
  return {
    format: INVENTORY_FORMAT,
    system,
    packages: uniqueBy(packages, ({ purl }) => purl),
    files: await filesOfNobody(tree, database, signal),
    licenceTexts: uniqueBy([...texts.values()], ({ id }) => id),
  };
};

/** Packages have had a sentence there. */
const isAddress = (text: string): boolean => /^[!-~]+$/.test(text) && URL.canParse(text);

const systemOf = (osRelease: Subject['osRelease']): Inventory['system'] => {
  const id = osRelease.get('ID') ?? 'linux';
  const version = osRelease.get('VERSION_ID') ?? osRelease.get('VERSION_CODENAME');
  const name = osRelease.get('PRETTY_NAME') ?? osRelease.get('NAME') ?? id;
  return { id, ...(version === undefined ? {} : { version }), name };
};

/** Installed packages that one depends on; several of one name (architectures, kernels) count for those of the same architecture. */
const dependencies = (packages: readonly PackageRecord[]): ((of: PackageRecord) => readonly PackageRecord[]) => {
  const providers = new Map<string, PackageRecord[]>();
  for (const one of packages)
    for (const name of new Set([one.name, ...one.provides])) providers.set(name, [...(providers.get(name) ?? []), one]);
  const fitting = (name: string, { architecture }: PackageRecord): readonly PackageRecord[] => {
    const found = providers.get(name) ?? [];
    const same = found.filter((one) => one.architecture === architecture || NEUTRAL.has(one.architecture));
    return same.length > 0 ? same : found;
  };
  return (one) =>
    one.relations
      .filter(({ kind }) => kind === 'depends' || kind === 'pre-depends')
      .flatMap(({ anyOf }) => anyOf.flatMap((name) => fitting(name, one)))
      .filter((other) => other !== one);
};

const NEUTRAL = new Set(['all', 'noarch']);

const filesOfNobody = async (
  tree: FileTree,
  database: PackageDatabase,
  signal: AbortSignal | undefined,
): Promise<Inventory['files']> => {
  const causes = causesIn(tree, database);
  const files = [...tree.values()].filter((node) => node.type === 'file' && causes.of(node).kind === 'unknown');
  const digests = await fileDigests(
    files.filter((node) => isForAll(tree, node)),
    signal,
  );
  return files
    .map(({ path, size }) => {
      const sha256 = digests.get(path);
      return { path, size, ...(sha256 === undefined ? {} : { sha256 }) };
    })
    .sort((one, other) => (one.path < other.path ? -1 : 1));
};

/** Whether everybody can read it, through all its folders. FAT has no modes: what is on it is for starting the machine. */
const isForAll = (tree: FileTree, { path, mode }: Pick<FileNode, 'path' | 'mode'>): boolean => {
  if (mode !== undefined && (mode & 0o004) === 0) return false;
  for (let folder = posix.dirname(path); folder !== '/'; folder = posix.dirname(folder))
    if (((tree.get(folder)?.mode ?? 0o001) & 0o001) === 0) return false;
  return true;
};

const uniqueBy = <T>(items: readonly T[], keyOf: (item: T) => string): T[] =>
  [...new Map(items.map((item) => [keyOf(item), item]))]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([, item]) => item);
