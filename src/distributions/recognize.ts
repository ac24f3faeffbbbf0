/** Which system a file is about, an install ISO or a disk image, by what is in it: for who writes a recipe for it. */
import { readForeignSystem } from '../adopt/foreign-system.ts';
import { requireUsable } from '../adopt/require-usable.ts';
import { openImage } from '../capture/open-image.ts';
import { IngotError } from '../errors.ts';
import { isIso } from '../formats/disk-images/iso-identifier.ts';
import { identify } from '../media/identity/identify.ts';
import { readMedium } from '../media/iso/medium.ts';
import { menuEntries, readBootMenus } from '../media/menus/boot-menus.ts';
import type { Family, Recipe } from '../recipe/schema.ts';
import { familyOf, osRelease } from './family-of.ts';
import { distributionOf } from './find.ts';
import { refused } from './find-image.ts';

export interface Recognized {
  readonly kind: 'iso' | 'image';
  readonly os: Pick<Recipe['os'], 'family' | 'release'>;
  /** Of an image: what it is, as `origin.format` has it, and what starts it. */
  readonly image?: { readonly format: string; readonly firmware: 'bios' | 'uefi' };
}

/**
 * Throws `recipe.unsupported` for a system that Ingot does not know, what reading an ISO or an image throws, and
 * `origin.image-…` for an image that a build cannot begin with.
 */
export const recognize = async (file: string, signal: AbortSignal): Promise<Recognized> =>
  (await isIso(file)) ? ofIso(file, signal) : ofImage(file, signal);

const ofIso = async (file: string, signal: AbortSignal): Promise<Recognized> => {
  const medium = await readMedium(file, signal);
  const entries = [...menuEntries(await readBootMenus(medium, signal)).values()].flat();
  const { distribution, diskInfo } = await identify(medium, entries);
  const release = distribution?.release.split('.')[0] ?? '';
  for (const family of ['debian', 'redhat', 'fedora'] as const) {
    const known = (await distributionOf({ os: { family } })).medium.knownBy({ family, release, arch: 'amd64' });
    if (distribution && known.distribution.test(distribution.name)) return { kind: 'iso', os: { family, release } };
  }
  const name = distribution && `${distribution.name} ${distribution.release}`;
  throw unknown(file, diskInfo ?? name ?? 'nothing on it says what it installs');
};

const ofImage = async (file: string, signal: AbortSignal): Promise<Recognized> => {
  await using image = await openImage(file, signal);
  const told = await osRelease(image.files);
  const family: Family | undefined = familyOf(told);
  if (family === undefined) throw unknown(file, told.get('PRETTY_NAME') ?? 'it has no os-release');
  const os = { family, release: told.get('VERSION_ID')?.split('.')[0] ?? '', arch: 'amd64' } as const;
  const { adoption, releases } = (await distributionOf({ os })).image;
  // Of the family, and yet another system: Ubuntu says that it is like Debian.
  const isThis = adoption !== undefined && releases.includes(os.release) && (await adoption()).isThis(told, os);
  if (!isThis && told.get('ID') === family) return await refused({ os });
  if (!isThis) throw unknown(file, told.get('PRETTY_NAME'));
  const system = await readForeignSystem(image.files);
  const firmware = system.firmware[0] ?? 'bios';
  requireUsable(system, { image: file, recipe: { os, machine: { firmware } }, grows: true });
  return { kind: 'image', os: { family, release: os.release }, image: { format: image.disk.format, firmware } };
};

const unknown = (where: string, detail: string | undefined): IngotError =>
  new IngotError('recipe.unsupported', 'Ingot makes no images or media of this system', {
    where,
    detail,
    hint: 'The table in README.md has what it can make today.',
  });
