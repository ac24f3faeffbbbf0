/** Finds the boot menus of a medium: those that its files are, and those inside its EFI image. */
import { basename, dirname, resolve } from 'node:path/posix';
import { IngotError, throwIfInterrupted } from '../../errors.ts';
import { type FatImage, listFat, readFat } from '../boot/efi-image.ts';
import { BLOCK_SIZE } from '../iso/iso9660.ts';
import { type Medium, readMediumFile, sizeOf } from '../iso/medium.ts';
import { decodeMenu } from './encoding.ts';
import type { MenuEntry } from './entry.ts';
import { parseSyslinux } from './syslinux.ts';
import { grubMenuEntries } from './unattend-grub.ts';
import { syslinuxEntries } from './unattend-syslinux.ts';
import type { MenuFiles } from './unattended.ts';

export interface BootMenus {
  /** Where ISOLINUX starts to read; absent when the medium does not boot by it. */
  readonly isolinux: string | undefined;
  /** All menu files of the medium, and those of the EFI image by their path there. */
  readonly files: MenuFiles;
  readonly efi: EfiMenus | undefined;
}

export interface EfiMenus {
  /** Path on the medium; absent when the image lies behind the file system, in a partition of its own. */
  readonly path: string | undefined;
  /** In blocks of the medium. */
  readonly lba: number;
  readonly files: MenuFiles;
}

/** In the order in which ISOLINUX looks for them (core/fs/iso9660/iso9660.c, core/elflink/load_env32.c). */
const ISOLINUX_PLACES = ['/boot/isolinux/', '/isolinux/', '/boot/syslinux/', '/syslinux/', '/'].flatMap((folder) => [
  `${folder}isolinux.cfg`,
  `${folder}syslinux.cfg`,
]);

const LARGEST_MENU = 2 ** 20;

export const readBootMenus = async (medium: Medium, signal?: AbortSignal): Promise<BootMenus> => {
  const files = new Map<string, string>();
  for (const [path, extents] of medium.files) {
    if (!/\.(cfg|conf)$/i.test(path) || sizeOf(extents) > LARGEST_MENU || /^\/(pool|dists)\//.test(path)) continue;
    throwIfInterrupted(signal);
    files.set(path, decodeMenu(await readMediumFile(medium, path)));
  }
  const places = isolinuxPlaces(medium);
  const isolinux = places.map((place) => findPath(files, place)).find((path) => path !== undefined);
  const begin = isolinux === undefined ? undefined : handedOn(files, isolinux);
  return { isolinux: begin, files, efi: await readEfiMenus(medium, signal) };
};

const findPath = (files: MenuFiles, wanted: string): string | undefined =>
  [...files.keys()].find((path) => path.toLowerCase() === wanted.toLowerCase());

/**
 * A menu whose only entry goes on with another file (CONFIG file folder) is not one that anybody sees. Followed once:
 * ISOLINUX itself would start anew for ever where two such files name each other.
 */
const handedOn = (files: MenuFiles, main: string): string => {
  const { entries, directives } = parseSyslinux(files.get(main) ?? '');
  const [file, folder] = directives.find(({ name }) => name === 'config')?.value.split(/\s+/) ?? [];
  if (entries.length !== 1 || file === undefined || folder === undefined) return main;
  const next = findPath(files, resolve(dirname(main), file));
  return next !== undefined && resolve(dirname(main), folder) === dirname(next) ? next : main;
};

/** SUSE's media have it elsewhere, and an isolinux.bin that is told so: beside itself. */
const isolinuxPlaces = ({ boot }: Medium): string[] => {
  const images = boot.elTorito.flatMap(({ platform, path }) =>
    platform === 'BIOS' && path !== undefined ? [path] : [],
  );
  const beside = images.filter((path) => /isolinux\.bin$/i.test(path)).map((path) => `${dirname(path)}/isolinux.cfg`);
  return [...ISOLINUX_PLACES, ...beside.map((path) => path.toLowerCase())];
};

const readEfiMenus = async (medium: Medium, signal: AbortSignal | undefined): Promise<BootMenus['efi']> => {
  const [first] = medium.boot.elTorito.filter(({ platform }) => platform === 'UEFI');
  const image = medium.boot.elTorito.find(({ platform, path }) => platform === 'UEFI' && path !== undefined) ?? first;
  if (image === undefined) return undefined;
  const fat: FatImage = { path: medium.iso, offset: image.lba * BLOCK_SIZE };
  const paths = (await listFat(fat, { signal })).filter((path) => /\.(cfg|conf)$/i.test(path));
  const files = new Map<string, string>();
  for (const path of paths) files.set(path, decodeMenu(await readFat(fat, path, { signal })));
  return { path: image.path, lba: image.lba, files };
};

/** How a file in the EFI image is called: `/images/efiboot.img:/EFI/BOOT/grub.cfg`. */
export const inEfiImage = ({ path, lba }: Pick<EfiMenus, 'path' | 'lba'>, file: string): string =>
  `${path ?? `EFI image at block ${lba}`}:${file}`;

/** Every menu with its entries, by the file in which they stand; those in the EFI image as `image:/path`. */
export const menuEntries = (menus: BootMenus): ReadonlyMap<string, readonly MenuEntry[]> => {
  const isolinux = menus.isolinux;
  return new Map<string, readonly MenuEntry[]>([
    ...(isolinux === undefined ? [] : [[isolinux, syslinuxEntries(menus.files, isolinux)] as const]),
    ...grubMenuEntries(menus.files),
    ...(menus.efi === undefined ? [] : efiEntries(menus.efi)),
  ]);
};

const efiEntries = (efi: EfiMenus) =>
  [...grubMenuEntries(efi.files)].map(([path, entries]) => [inEfiImage(efi, path), entries] as const);

/** Throws `media.no-boot-loader` or `media.no-boot-menu`. */
export const requireMenus = ({ boot, iso }: Medium, menus: BootMenus): void => {
  if (boot.elTorito.length === 0 && !boot.systemArea.includes('MBR'))
    throw new IngotError('media.no-boot-loader', `${basename(iso)} does not boot: it has no boot loader`, {
      where: iso,
      hint: 'Is it the ISO of an installer? Some distributions have ISOs with packages alone.',
    });
  for (const entries of menuEntries(menus).values()) if (entries.some(({ kernel }) => kernel !== undefined)) return;
  throw new IngotError('media.no-boot-menu', `${basename(iso)} has no boot menu that starts a kernel`, {
    where: iso,
    hint: `Menus are looked for in ${[...new Set(ISOLINUX_PLACES.map(dirname))].join(', ')} and in every grub.cfg.`,
  });
};
