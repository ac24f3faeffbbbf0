/** Whether the kernels and initrds that boot menus name are on the medium. */
import { dirname, resolve } from 'node:path/posix';
import { everyMenu } from '../inspect.ts';
import type { Medium } from '../iso/medium.ts';
import { type BootMenus, inEfiImage } from './boot-menus.ts';
import { isOnDisk, type MenuEntry } from './entry.ts';

export interface MenuTargets {
  readonly menus: number;
  readonly entries: number;
  /** What is named but missing. */
  readonly problems: readonly string[];
}

export const checkMenuTargets = (medium: Medium, menus: BootMenus, inImage: readonly string[]): MenuTargets => {
  const there = new Set(
    [...medium.files.keys(), ...medium.others.keys(), ...inImage].map((path) => path.toLowerCase()),
  );
  const found = [...everyMenu(menus)];
  const problems = menuTargets(menus)
    .filter(({ path }) => !there.has(path.toLowerCase()))
    .map(({ menu, title, written }) => `${menu}: "${title}" needs ${written}`);
  return { menus: found.length, entries: found.reduce((sum, [, entries]) => sum + entries.length, 0), problems };
};

interface Target {
  readonly menu: string;
  readonly title: string;
  /** As it stands in the menu, and the path that it means. */
  readonly written: string;
  readonly path: string;
}

/** Every kernel, initrd and module that an entry starts, where its path can be known. */
export const menuTargets = (menus: BootMenus): Target[] =>
  [...everyMenu(menus)].flatMap(([menu, entries]) => {
    const folder = folderOf(menu, menus);
    return entries.flatMap((entry) =>
      targetsOf(entry).flatMap((written) => {
        const path = placeOf(written, folder);
        return path === undefined ? [] : [{ menu, title: entry.title, written, path }];
      }),
    );
  });

const targetsOf = ({ kernel, initrds, modules = [], root }: MenuEntry): string[] =>
  isOnDisk(root) ? [] : [...(kernel === undefined ? [] : [kernel]), ...initrds, ...modules];

const folderOf = (menu: string, { images, isolinux }: BootMenus): string => {
  const root = isolinux.find(({ main }) => main === menu);
  if (root !== undefined) return root.folder;
  const inside = images.flatMap((image) =>
    ['/loader/entries', ...image.files.keys()].filter((file) => inEfiImage(image, file) === menu),
  );
  return dirname(inside[0] ?? menu);
};

/** A path on the medium; undefined where only the boot loader knows: a variable, a disk. */
const placeOf = (written: string, folder: string): string | undefined => {
  const path = written.replace(/^\([^)]*\)/, '').replace(/^\$\{?prefix\}?/, folder);
  return path.includes('$') || isOnDisk(written) ? undefined : resolve(folder, path);
};
