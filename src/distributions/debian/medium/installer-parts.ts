/**
 * What the installer itself is made of: Debian's images, its udebs as far as the mirror really has them, stand-ins for
 * the others, and the packages from which the host takes boot loaders and files.
 */
import { IngotError } from '../../../errors.ts';
import type { BlobStore } from '../../../origin/blobs.ts';
import type { StandInChoice } from '../../../recipe/schema/origin-schema.ts';
import type { Recipe } from '../../../recipe/schema.ts';
import type { Apt, AptContext } from '../archive/apt.ts';
import { resolveClosure } from '../archive/closure.ts';
import { fetchPackages, mirrorBases } from '../archive/fetch-packages.ts';
import { byName, type Lock, type LockedPackage, lockPackage, type StandIn } from '../archive/package-lock.ts';
import { requestsFor } from '../archive/request.ts';
import type { Indexes } from '../archive/suites.ts';
import type { ComponentPlan, ComponentsContext } from './components.ts';
import { ANOTHER_MIRROR, keepInstaller } from './installer-images.ts';
import { installedComponents } from './installer-status.ts';

/** What the installer needs besides Debian's initrd. */
export interface InstallerComponents {
  plan(context: ComponentsContext): ComponentPlan;
  /** Of the stand-ins and of the table that chooses them. */
  readonly digest: string;
}

/** Boot loaders for the medium itself, BIOS and UEFI. */
export const MEDIUM_PACKAGES = ['isolinux', 'syslinux-common', 'shim-signed', 'grub-efi-amd64-signed'];

interface PartsContext extends AptContext {
  readonly store: BlobStore;
  readonly components: InstallerComponents;
  readonly standIns: StandInChoice;
}

/** Finds which udebs the mirror really has, by fetching them: an index may name files that are gone. */
export const findInstallerParts = async (
  context: PartsContext,
  apt: Apt,
  indexes: Indexes,
): Promise<Pick<Lock, 'installer' | 'udebs' | 'parts' | 'standIns'>> => {
  const { store, components, standIns } = context;
  const installer = await resolveParts(context, apt, indexes, [apt.release.installerPackage]);
  await fetchPackages(installer, store, mirrorBases(apt), context);
  const [image] = installer;
  if (image === undefined)
    throw new IngotError('origin.installer-missing', 'the archive has no installer images', { hint: ANOTHER_MIRROR });
  const images = await keepInstaller(store.path(image), apt.release.number, store, context.signal);
  const { kernelRelease } = images;
  const installed = await installedComponents(store.path(images.initrd));
  const plan = components.plan({ kernelRelease, udebs: indexes.udebs, installed, standIns });
  const candidates = plan.candidates.map(lockPackage);
  const { missing } = await fetchPackages(candidates, store, mirrorBases(apt), { ...context, tolerateMissing: true });
  const gone = new Set(missing.map(({ name }) => name));
  const available = new Map(candidates.filter(({ name }) => !gone.has(name)).map((udeb) => [udeb.name, udeb]));
  const choice = plan.choose(new Set(available.keys()));
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
    hint: 'Nothing can stand in for it. Use another mirror; a mirror that is being updated may have it again soon.',
  });
};

/** Throws `origin.stand-ins-needed`, which lists them, where the recipe forbids stand-ins. */
export const refuseStandIns = ({ origin }: Recipe, standIns: readonly StandIn[]): void => {
  const isForbidden = 'standIns' in origin && origin.standIns === 'never';
  if (standIns.length === 0 || !isForbidden) return;
  throw new IngotError('origin.stand-ins-needed', 'the mirror lacks components of the installer', {
    where: 'origin.standIns',
    detail: standIns.map(({ name, reason }) => `${name}: ${reason}`).join('\n'),
    hint: 'Use a complete mirror, or let components of Ingot stand in for these: origin.standIns: where-missing',
  });
};
