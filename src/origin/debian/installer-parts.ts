/**
 * What the installer itself is made of: Debian's images, its udebs as far as the mirror really has them, stand-ins for
 * the others, and the packages from which the host takes boot loaders and files.
 */
import { IngotError } from '../../errors.ts';
import type { Recipe } from '../../recipe/schema.ts';
import type { BlobStore } from '../blobs.ts';
import type { Apt, AptContext } from './apt.ts';
import { requestsFor, resolveClosure } from './closure.ts';
import type { ComponentChoice } from './components.ts';
import { fetchPackages, mirrorBases } from './fetch.ts';
import { keepInstaller } from './installer-images.ts';
import { byName, type Lock, type LockedPackage, lockPackage, type StandIn } from './lock.ts';
import type { Indexes } from './suites.ts';

/** What the installer needs beside Debian's initrd. */
export interface InstallerComponents {
  /** Every udeb that would be used if the mirror had it. */
  candidates(kernelRelease: string): readonly string[];
  choose(available: ReadonlySet<string>, kernelRelease: string): ComponentChoice;
  /** Of the stand-ins and of the table that chooses them. */
  readonly digest: string;
}

/** Boot loaders for the medium itself, BIOS and UEFI. */
export const MEDIUM_PACKAGES = ['isolinux', 'syslinux-common', 'shim-signed', 'grub-efi-amd64-signed'];

interface PartsContext extends AptContext {
  readonly store: BlobStore;
  readonly components: InstallerComponents;
}

/** Looks which udebs the mirror really has, by fetching them: an index may name files that are gone. */
export const findInstallerParts = async (
  context: PartsContext,
  apt: Apt,
  indexes: Indexes,
): Promise<Pick<Lock, 'installer' | 'udebs' | 'parts' | 'standIns'>> => {
  const { store, components } = context;
  const installer = await resolveParts(context, apt, indexes, [apt.release.installerPackage]);
  await fetchPackages(installer, store, mirrorBases(apt), context);
  const [image] = installer;
  if (image === undefined) throw new IngotError('origin.installer-missing', 'the archive has no installer images');
  const images = await keepInstaller(store.path(image), apt.release.number, store, context.signal);
  const { kernelRelease } = images;
  const candidates = components
    .candidates(kernelRelease)
    .flatMap((name) => indexes.udebs.find(name).slice(-1))
    .map(lockPackage);
  const { missing } = await fetchPackages(candidates, store, mirrorBases(apt), { ...context, tolerateMissing: true });
  const gone = new Set(missing.map(({ name }) => name));
  const available = new Map(candidates.filter(({ name }) => !gone.has(name)).map((udeb) => [udeb.name, udeb]));
  const choice = components.choose(new Set(available.keys()), kernelRelease);
  const parts = await resolveParts(context, apt, indexes, [...MEDIUM_PACKAGES, ...choice.debs]);
  return {
    installer: images,
    udebs: choice.udebs.map((name) => available.get(name) ?? refuseMissing(name)).sort(byName),
    parts: [...installer, ...parts].sort(byName),
    standIns: [...choice.standIns].sort(byName),
  };
};

/** The packages themselves, in the version that apt would install, without what they depend on. */
const resolveParts = async (
  context: AptContext,
  apt: Apt,
  indexes: Indexes,
  names: readonly string[],
): Promise<LockedPackage[]> => {
  const resolved = await resolveClosure(apt, indexes.packages, requestsFor(names, 'the medium'), context);
  return resolved.filter((entry) => names.includes(entry.name)).map(lockPackage);
};

const refuseMissing = (name: string): never => {
  throw new IngotError('origin.component-missing', `the mirror does not have the installer component ${name}`, {
    where: 'origin.mirror',
    hint: 'Nothing can stand in for it. Use another mirror; one that is being updated may have it again soon.',
  });
};

/** Throws `origin.stand-ins-needed`, which lists them, unless the recipe allows stand-ins. */
export const refuseStandIns = (recipe: Recipe, standIns: readonly StandIn[]): void => {
  const allowed = 'standIns' in recipe.origin && recipe.origin.standIns === 'allow';
  if (standIns.length === 0 || allowed) return;
  throw new IngotError('origin.stand-ins-needed', 'the mirror lacks components of the installer', {
    where: 'origin.standIns',
    detail: standIns.map(({ name, reason }) => `${name}: ${reason}`).join('\n'),
    hint: 'Use a complete mirror, or let components of Ingot stand in for these: origin.standIns: allow',
  });
};
