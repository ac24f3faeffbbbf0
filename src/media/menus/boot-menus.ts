/** Finds the boot menus of a medium: among its files and inside its EFI images, and which loader reaches which. */
import { basename, dirname } from 'node:path/posix';
import { IngotError, throwIfInterrupted } from '../../errors.ts';
import { PATH_WORDS, partitionBoots } from '../boot/boot-paths.ts';
import { type FatImage, listFat, readFat } from '../boot/efi-image.ts';
import { BLOCK_SIZE } from '../iso/iso9660.ts';
import { type Medium, mediumSizeOf, readMediumFile } from '../iso/medium.ts';
import { followIsolinux } from '../loaders/isolinux-way.ts';
import type { MenuRef, Way } from '../loaders/way.ts';
import { waysOf } from '../loaders/ways.ts';
import { decodeMenu } from './encoding.ts';
import type { MenuEntry } from './entry.ts';
import type { EfiMenus, FoundMenus } from './found-menus.ts';
import { grubEntries } from './grub.ts';
import { systemdEntries } from './systemd-boot.ts';
import { grubMenuEntries } from './unattend-grub.ts';
import { syslinuxEntries } from './unattend-syslinux.ts';
import type { MenuFiles } from './unattended.ts';

export interface BootMenus extends FoundMenus {
  /** Every way to boot that the medium has, with its loader and the menus that the loader reaches. */
  readonly ways: readonly Way[];
}

/** In the order in which ISOLINUX looks for them (core/fs/iso9660/iso9660.c, core/elflink/load_env32.c). */
const ISOLINUX_PLACES = ['/boot/isolinux/', '/isolinux/', '/boot/syslinux/', '/syslinux/', '/'].flatMap((folder) => [
  `${folder}isolinux.cfg`,
  `${folder}syslinux.cfg`,
]);

const LARGEST_MENU = 2 ** 20;

/** Throws `media.efi-image` for an image of the boot catalog that is no file system. */
export const readBootMenus = async (medium: Medium, signal?: AbortSignal): Promise<BootMenus> => {
  const files = new Map<string, string>();
  for (const [path, extents] of medium.files) {
    if (!/\.(cfg|conf)$/i.test(path) || mediumSizeOf(extents) > LARGEST_MENU || /^\/(pool|dists)\//.test(path))
      continue;
    throwIfInterrupted(signal);
    files.set(path, decodeMenu(await readMediumFile(medium, path)));
  }
  await addNamed(medium, files, signal);
  const places = isolinuxPlaces(medium);
  const main = places.map((place) => findPath(files, place)).find((path) => path !== undefined);
  const isolinuxFirst = main === undefined ? undefined : { main, folder: dirname(main) };
  const isolinux = isolinuxFirst === undefined ? [] : followIsolinux(files, isolinuxFirst).menus;
  const found = { isolinuxFirst, isolinux, files, images: await readImages(medium, signal) };
  return { ...found, ways: await waysOf(medium, found, signal) };
};

/** A menu that another one leads to can have any name: `CONFIG menu.lst`. */
const addNamed = async (medium: Medium, files: Map<string, string>, signal: AbortSignal | undefined): Promise<void> => {
  const looked = new Set<string>();
  for (const text of files.values()) {
    // Iterating a map also visits what is added meanwhile.
    for (const [, named = ''] of text.matchAll(HANDS_ON)) looked.add(basename(named).toLowerCase());
    for (const [path, extents] of medium.files) {
      if (files.has(path) || mediumSizeOf(extents) > LARGEST_MENU || !looked.has(basename(path).toLowerCase()))
        continue;
      throwIfInterrupted(signal);
      const bytes = await readMediumFile(medium, path);
      if (!bytes.includes(0)) files.set(path, decodeMenu(bytes));
    }
  }
};

const HANDS_ON =
  /^\s*(?:config|include|menu\s+include|source|\.|configfile|normal|(?:ui|default|kernel|com32|append)\s+\S*\.c32)\s+["']?([^\s"';]+)/gim;

const findPath = (files: MenuFiles, wanted: string): string | undefined =>
  [...files.keys()].find((path) => path.toLowerCase() === wanted.toLowerCase());

/** SUSE's media have it elsewhere, and an isolinux.bin that looks for it in its own folder. */
const isolinuxPlaces = ({ boot }: Medium): string[] => {
  const images = boot.elTorito.flatMap(({ platform, path }) =>
    platform === 'BIOS' && path !== undefined ? [path] : [],
  );
  const beside = images.filter((path) => /isolinux\.bin$/i.test(path)).map((path) => `${dirname(path)}/isolinux.cfg`);
  return [...ISOLINUX_PLACES, ...beside.map((path) => path.toLowerCase())];
};

const SECTOR = 512;

const readImages = async (medium: Medium, signal: AbortSignal | undefined): Promise<EfiMenus[]> => {
  const { boot, iso, volume } = medium;
  const places = new Map<number, string | undefined>();
  const partitions = new Set<number>();
  for (const { platform, lba, path } of boot.elTorito)
    if (platform === 'UEFI') places.set(lba, places.get(lba) ?? path);
  for (const partition of [...boot.gpt, ...boot.mbr]) {
    const lba = partition.start / (BLOCK_SIZE / SECTOR);
    if (partitionBoots(partition) === undefined || places.has(lba) || lba * BLOCK_SIZE >= volume.fileSize) continue;
    places.set(lba, partition.path);
    partitions.add(lba);
  }
  const images: EfiMenus[] = [];
  for (const [lba, path] of places) {
    const image = { path: iso, offset: lba * BLOCK_SIZE };
    try {
      images.push({ path, lba, ...(await readImage(image, signal)) });
    } catch (error) {
      // Firmware looks into a partition, and goes on when it finds nothing there.
      if (!(error instanceof IngotError) || error.code !== 'media.efi-image' || !partitions.has(lba)) throw error;
    }
  }
  return images;
};

const readImage = async (
  image: FatImage,
  signal: AbortSignal | undefined,
): Promise<Pick<EfiMenus, 'files' | 'all'>> => {
  const all = await listFat(image, { signal });
  const files = new Map<string, string>();
  for (const path of all)
    if (/\.(cfg|conf)$/i.test(path)) files.set(path, decodeMenu(await readFat(image, path, { signal })));
  return { files, all };
};

/** How a file in an EFI image is called: `/images/efiboot.img:/EFI/BOOT/grub.cfg`. */
export const inEfiImage = ({ path, lba }: Pick<EfiMenus, 'path' | 'lba'>, file: string): string =>
  `${path ?? `EFI image at block ${lba}`}:${file}`;

/** Every menu with its entries, by the file in which they stand; those in an EFI image as `image:/path`. */
export const menuEntries = (menus: BootMenus): ReadonlyMap<string, readonly MenuEntry[]> =>
  new Map<string, readonly MenuEntry[]>([
    ...menus.isolinux.map((root) => [root.main, syslinuxEntries(menus.files, root)] as const),
    ...grubMenuEntries(menus.files),
    ...menus.images.flatMap(imageEntries),
    ...menus.ways.flatMap((way) => way.menus.flatMap((ref) => followedEntries(menus, ref))),
  ]);

/** Menus that only a loader reveals, not their name. */
const followedEntries = ({ files, images }: BootMenus, ref: MenuRef): (readonly [string, readonly MenuEntry[]])[] => {
  if (ref.kind !== 'grub') return [];
  const { image: lba, path } = ref.holder;
  const image = images.find((one) => one.lba === lba);
  const text = (image?.files ?? files).get(path) ?? '';
  return [[image === undefined ? path : inEfiImage(image, path), grubEntries(text)]];
};

const imageEntries = (image: EfiMenus): (readonly [string, readonly MenuEntry[]])[] => [
  ...[...grubMenuEntries(image.files)].map(([path, entries]) => [inEfiImage(image, path), entries] as const),
  ...systemdMenu(image),
];

/** All entries of systemd-boot form one menu, which has no file of its own. */
export const systemdMenu = (image: EfiMenus): (readonly [string, readonly MenuEntry[]])[] => {
  const entries = systemdEntries(image.files);
  return entries.length === 0 ? [] : [[inEfiImage(image, '/loader/entries'), entries]];
};

/** Throws `media.no-boot-loader` or `media.no-boot-menu`. */
export const requireMenus = ({ boot, iso }: Medium, menus: BootMenus): void => {
  if (boot.elTorito.length === 0 && !boot.systemArea.includes('MBR'))
    throw new IngotError('media.no-boot-loader', `${basename(iso)} does not boot: it has no boot loader`, {
      where: iso,
      hint: 'Is it the ISO of an installer? Some distributions have ISOs with only packages.',
    });
  for (const entries of menuEntries(menus).values()) if (entries.some(({ kernel }) => kernel !== undefined)) return;
  throw new IngotError('media.no-boot-menu', `${basename(iso)} has no boot menu that starts a kernel`, {
    where: iso,
    detail: menus.ways
      .map(({ path, door, loader, problems }) => `${PATH_WORDS[path]} (${door}, ${loader}): ${problems.join('; ')}`)
      .join('\n'),
    hint: `Menus are looked for in ${[...new Set(ISOLINUX_PLACES.map(dirname))].join(', ')}, in every grub.cfg, and in the EFI image's loader/entries.`,
  });
};
