/**
 * Whether a lock has all that its build needs. One from which a line was lost, by hand or in a merge, would otherwise fail
 * in the middle of an installation.
 */
import { IngotError } from '../../../errors.ts';
import type { BlobStore } from '../../../origin/blobs.ts';
import type { LockedArchive, LockedRequest } from '../../../recipe/schema/lock-schema.ts';
import { nameOfWish } from '../../../recipe/values/package-wish.ts';
import { keepInstaller } from '../medium/installer-images.ts';
import { type InstallerComponents, MEDIUM_PACKAGES } from '../medium/installer-parts.ts';
import { installedComponents } from '../medium/installer-status.ts';
import { requiredPackages } from './closure.ts';
import { notSigned, type SignedIndexes } from './locked-indexes.ts';
import type { PackageEntry } from './package-index.ts';
import { parseRelations, unmetIn } from './relations.ts';
import { debianRelease } from './releases.ts';

export interface WholeOptions {
  readonly indexes: SignedIndexes;
  readonly request: LockedRequest | undefined;
  readonly components: InstallerComponents;
  /** Has all that the lock names. */
  readonly store: BlobStore;
  readonly where: string;
  readonly signal?: AbortSignal | undefined;
}

/** Throws `lock.incomplete` with all that is missing, `lock.not-signed` for a kernel or initrd that is not its package's. */
export const requireWhole = async (archive: LockedArchive, options: WholeOptions): Promise<void> => {
  const missing = [...missingPackages(archive, options), ...(await missingOfInstaller(archive, options))];
  if (missing.length === 0) return;
  throw new IngotError('lock.incomplete', `the lock lacks what its build needs: ${missing[0]}${others(missing)}`, {
    where: options.where,
    detail: missing.join('\n'),
    hint: 'Lines of it are lost, or it was merged from two: take it from version control again, or write it with `ingot lock`.',
  });
};

const others = ({ length }: readonly string[]): string => (length > 1 ? `, and ${length - 1} more` : '');

const missingPackages = (archive: LockedArchive, { indexes: { packages }, request }: WholeOptions): string[] => {
  const installed = archive.packages
    .filter(({ stage }) => stage !== undefined)
    .map(({ name, version }) => packages.exact(name, version))
    .filter((entry): entry is PackageEntry => entry !== undefined);
  const names = new Set(installed.map(({ name }) => name));
  const provided = new Set(installed.flatMap(({ fields }) => parseRelations(fields.get('provides')).flat()));
  const asked = (request?.install ?? []).map(nameOfWish);
  const onMedium = new Set(archive.packages.map(({ name }) => name));
  const leftOut = new Set(request?.leftOut);
  const required = requiredPackages(packages, archive.release.codename).filter((name) => !leftOut.has(name));
  return [
    ...unmetIn(installed),
    ...asked.filter((name) => !names.has(name) && !provided.has(name)).map((name) => `the recipe asks for ${name}`),
    ...(request?.onMedium ?? [])
      .map(nameOfWish)
      .filter((name) => !onMedium.has(name) && !provided.has(name))
      .map((name) => `the recipe wants ${name} on the medium`),
    ...required.filter((name) => !names.has(name)).map((name) => `every system needs ${name}`),
  ];
};

/** The same choice as when the lock was written, out of what it has. */
const missingOfInstaller = async (
  { release, installer, parts, udebs, standIns, standInChoice }: LockedArchive,
  { indexes, components, store, where, signal }: WholeOptions,
): Promise<string[]> => {
  const { installerPackage, number } = debianRelease(release.number);
  const part = parts.find(({ name }) => name === installerPackage);
  const lacking = (names: readonly string[]) =>
    names.filter((name) => !parts.some((one) => one.name === name)).map((name) => `the medium is made with ${name}`);
  if (part === undefined) return lacking([installerPackage, ...MEDIUM_PACKAGES]);
  const images = await keepInstaller(await store.checked(part, installerPackage), number, store, signal);
  const isTheirs = (['kernel', 'initrd'] as const).every((image) => images[image].sha256 === installer[image].sha256);
  if (!isTheirs || images.kernelRelease !== installer.kernelRelease)
    throw notSigned("another kernel or initrd of the installer than its package's", where);
  const installed = await installedComponents(store.path(images.initrd));
  const { kernelRelease } = images;
  const plan = components.plan({ kernelRelease, udebs: indexes.udebs, installed, standIns: standInChoice });
  const there = new Set(udebs.map(({ name }) => name));
  const choice = plan.choose(there);
  const known = new Set(standIns.map(({ name }) => name));
  return [
    ...lacking([...MEDIUM_PACKAGES, ...choice.debs]),
    ...choice.udebs.filter((name) => !there.has(name)).map((name) => `the installer needs ${name}`),
    ...choice.standIns.filter(({ name }) => !known.has(name)).map(({ name }) => `the installer needs ${name}`),
  ];
};
