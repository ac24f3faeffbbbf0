/** Which ways to boot reach the unattended entry, and why the others do not. */
import { IngotError } from '../../errors.ts';
import { type BootPath, PATH_WORDS } from '../boot/boot-paths.ts';
import { type BootMenus, systemdMenu } from '../menus/boot-menus.ts';
import { ENTRY_ID } from '../menus/entry.ts';
import { grubEntries } from '../menus/grub.ts';
import { syslinuxEntries } from '../menus/unattend-syslinux.ts';
import type { MenuRef, Way } from './way.ts';

export interface UnattendedWay extends Pick<Way, 'path' | 'door' | 'loader' | 'isOther'> {
  /** Why its loader does not reach the entry; undefined where it does. */
  readonly problem: string | undefined;
}

export type BootFirmware = 'bios' | 'uefi';

export const firmwareOfWay = ({ path }: { readonly path: BootPath }): BootFirmware =>
  path.startsWith('uefi') ? 'uefi' : 'bios';

export const unattendedWays = (menus: BootMenus): UnattendedWay[] =>
  menus.ways.map(({ path, door, loader, isOther, menus: refs, problems }) => {
    const without = refs.find((ref) => !hasEntry(menus, ref));
    const [problem = without && `${shown(without)} has no unattended entry`] = problems;
    return { path, door, loader, isOther, problem: problem ?? (refs.length === 0 ? 'it comes to no menu' : undefined) };
  });

const hasEntry = (menus: BootMenus, ref: MenuRef): boolean => {
  const filesOf = (lba: number | undefined) =>
    lba === undefined ? menus.files : menus.images.find((image) => image.lba === lba)?.files;
  const ids = (): readonly { readonly id: string }[] => {
    if (ref.kind === 'isolinux') return syslinuxEntries(menus.files, ref.root);
    if (ref.kind === 'grub') return grubEntries(filesOf(ref.holder.image)?.get(ref.holder.path) ?? '');
    const image = menus.images.find(({ lba }) => lba === ref.image);
    return image === undefined ? [] : systemdMenu(image).flatMap(([, entries]) => entries);
  };
  return ids().some(({ id }) => id === ENTRY_ID);
};

const shown = (ref: MenuRef): string => {
  if (ref.kind === 'isolinux') return ref.root.main;
  return ref.kind === 'grub' ? ref.holder.path : '/loader/entries';
};

/** `UEFI from USB (partition 2, rEFInd): it is not followed to its menu` */
export const problemText = ({ path, door, loader, problem }: UnattendedWay): string =>
  `${PATH_WORDS[path]} (${door}, ${loader}): ${problem ?? ''}`;

/**
 * Throws `media.not-unattended` for a way that would start without the entry, unless `enough` is another firmware, or the
 * way is for a processor of another kind; ways that are not refused are returned, to be reported.
 */
export const requireUnattended = (
  iso: string,
  menus: BootMenus,
  enough?: BootFirmware | undefined,
): UnattendedWay[] => {
  const ways = unattendedWays(menus);
  const failing = ways.filter(({ problem }) => problem !== undefined);
  const isNeeded = (way: UnattendedWay): boolean =>
    !way.isOther && (enough === undefined || firmwareOfWay(way) === enough);
  const refused = failing.filter(isNeeded);
  const isReached = ways.some((way) => way.problem === undefined && isNeeded(way));
  if (refused.length === 0 && (isReached || ways.length === 0)) return failing;
  const told = refused.length === 0 ? failing : refused;
  throw new IngotError(
    'media.not-unattended',
    `the medium would not start unattended by ${[...new Set(told.map(({ path }) => PATH_WORDS[path]))].join(', ')}`,
    {
      where: iso,
      detail: told.map(problemText).join('\n'),
      hint: 'Where one firmware is enough, name it in the recipe: `media.firmware: bios` or `uefi`. docs/media.md says which loaders are followed.',
    },
  );
};
