/** Whether an install ISO is the one that a recipe is about. */
import { IngotError } from '../errors.ts';
import { type Identity, identify } from './identity/identify.ts';
import { type Medium, readMedium } from './iso/medium.ts';
import { menuEntries, readBootMenus, requireMenus } from './menus/boot-menus.ts';

/** How a medium of a system is recognized. */
export interface MediumOf {
  /** For messages: `Debian 12`. */
  readonly title: string;
  readonly distribution: RegExp;
  /** The first number of the release. */
  readonly release: string;
  /** As its media call the architecture. */
  readonly arch: string;
  /** Set where answers are only for this installer, whoever made the medium. */
  readonly installer?: Identity['installer'];
}

/** What a medium that does not say its architecture, or is for several, says. */
const ANY_ARCH = ['multi-arch', 'unknown'];

/** Throws `media.other-system`, or what reading a medium throws. */
export const requireFitting = async (iso: string, wanted: MediumOf, signal?: AbortSignal): Promise<Medium> => {
  const medium = await readMedium(iso, signal);
  const menus = await readBootMenus(medium, signal);
  requireMenus(medium, menus);
  const identity = await identify(medium, [...menuEntries(menus).values()].flat());
  if (fits(identity, wanted)) return medium;
  const { distribution, diskInfo } = identity;
  const found = distribution && `${distribution.name} ${distribution.release} ${distribution.arch}`;
  throw new IngotError('media.other-system', `the ISO is not ${wanted.title}`, {
    where: iso,
    detail: diskInfo ?? found ?? `its installer: ${identity.installer}`,
    hint: 'origin.iso and os have to be about the same system.',
  });
};

/** A medium that the user has made may not name its distribution. */
const fits = (identity: Identity, wanted: MediumOf): boolean => {
  if (wanted.installer !== undefined && identity.installer !== wanted.installer) return false;
  if (identity.distribution === undefined) return true;
  const { name, release, arch } = identity.distribution;
  return (
    wanted.distribution.test(name) &&
    release.split('.')[0] === wanted.release &&
    [wanted.arch, ...ANY_ARCH].includes(arch)
  );
};
