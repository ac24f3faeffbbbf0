/** The files that boot a medium, or tell an installer what it is: they may not be replaced or removed. */
import { dirname } from 'node:path/posix';
import { SUMS } from '../checks/medium-sums.ts';
import { TREEINFO } from '../checks/treeinfo.ts';
import { everyMenu } from '../inspect.ts';
import type { Medium } from '../iso/medium.ts';
import type { BootMenus } from '../menus/boot-menus.ts';
import { menuTargets } from '../menus/menu-targets.ts';
import { syslinuxMenu } from '../menus/unattend-syslinux.ts';

/** Paths in lower case, as boot loaders compare them, to what they are for. */
export type Needed = ReadonlyMap<string, string>;

export const neededPaths = (medium: Medium, menus: BootMenus): Needed => {
  const { boot } = medium;
  const partitions = [...boot.mbr, ...boot.gpt, ...boot.apm];
  const images = [...boot.elTorito, ...partitions].flatMap(({ path }) => (path === undefined ? [] : [path]));
  const catalogs = [...medium.others].flatMap(([path, kind]) => (kind.startsWith('e') ? [path] : []));
  const folders = loaderFolders(images, menus);
  const parts = [...medium.files.keys()].filter(
    (path) => LOADER_PART.test(path) && folders.some((folder) => path.toLowerCase().startsWith(folder)),
  );
  const told: (readonly [string, string])[] = [
    ...parts.map((path) => [path, 'part of a boot loader'] as const),
    ...[...everyMenu(menus).keys(), ...menuFiles(menus)].map((path) => [path, 'a boot menu'] as const),
    ...menuTargets(menus).map(({ menu, title, path }) => [path, `"${title}" of ${menu} starts it`] as const),
    ...catalogs.map((path) => [path, 'the boot catalog'] as const),
    ...images.map((path) => [path, 'a boot image'] as const),
    ...IDENTITY.map((path) => [path, 'tells the installer what the medium is'] as const),
    ...[SUMS, TREEINFO].map((path) => [path, 'the list of sums, which is renewed by itself'] as const),
  ];
  return new Map(told.map(([path, why]) => [path.toLowerCase(), why]));
};

/** Those that have no entries, and lead to others. */
const menuFiles = ({ isolinuxFirst, isolinux, files }: BootMenus): string[] => [
  ...(isolinuxFirst === undefined ? [] : [isolinuxFirst.main]),
  ...isolinux.flatMap((root) => syslinuxMenu(files, root).files),
];

const IDENTITY = ['/.disk/info', '/.discinfo', '/media.1/media'];

/** Programs, modules and menus; the pictures and texts next to them may go. */
const LOADER_PART = /\.(c32|mod|lst|efi|img|bin|cfg|conf|sys)$/i;

const loaderFolders = (images: readonly string[], { isolinux }: BootMenus): string[] =>
  [
    '/boot/grub/',
    '/boot/grub2/',
    '/efi/',
    ...[...images, ...isolinux.map(({ main }) => main)].map((path) => `${dirname(path)}/`),
  ]
    .map((folder) => folder.toLowerCase())
    .filter((folder) => folder !== '//');
