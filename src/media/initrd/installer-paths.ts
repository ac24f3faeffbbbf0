/** What the initrd of a medium's own installer has, by its paths. */
import { basename, dirname, resolve } from 'node:path/posix';
import { IngotError } from '../../errors.ts';
import { readCpio } from '../../formats/archives/cpio-reader.ts';
import { type Medium, mediumFilePieces } from '../iso/medium.ts';
import { type BootMenus, menuEntries } from '../menus/boot-menus.ts';
import { installerEntry } from '../menus/entry.ts';

export interface InitrdPaths {
  /** Whether the path is there, as the kernel resolves it: through the symbolic links of the folders above. */
  has(path: string): boolean;
}

export const pathsIn = async (medium: Medium, initrd: string): Promise<InitrdPaths> => {
  const entries = await Array.fromAsync(readCpio(mediumFilePieces(medium, initrd)), (entry) => {
    return [entry.path, entry.type === 'symlink' ? entry.target : undefined] as const;
  });
  return initrdPaths(new Map(entries));
};

/** `entries`: what each symbolic link says; undefined for all else. */
export const initrdPaths = (entries: ReadonlyMap<string, string | undefined>): InitrdPaths => {
  const places = new Map<string, string>();
  /** Where a folder really is. Links that lead in a circle end where they began. */
  const placeOf = (path: string): string => {
    const known = places.get(path);
    if (known !== undefined || path === '') return known ?? '';
    places.set(path, path);
    const folder = placeOf(parentOf(path));
    const plain = below(folder, basename(path));
    const target = entries.get(plain);
    const place = target === undefined ? plain : placeOf(resolve('/', folder, target).slice(1));
    places.set(path, place);
    return place;
  };
  return {
    has: (path) => entries.has(below(placeOf(parentOf(path)), basename(path))),
  };
};

const parentOf = (path: string): string => (path.includes('/') ? dirname(path) : '');
const below = (folder: string, name: string): string => (folder === '' ? name : `${folder}/${name}`);

const UNREADABLE = new Set(['media.compression', 'host.tool-missing']);

export const isUnreadable = (error: unknown): error is IngotError =>
  error instanceof IngotError && UNREADABLE.has(error.code);

/** The path on the medium. */
export const installerInitrd = (medium: Medium, menus: BootMenus): string | undefined => {
  for (const [file, entries] of menuEntries(menus)) {
    const written = installerEntry(entries)?.initrds[0]?.replace(/^\([^)]*\)/, '');
    if (written === undefined) continue;
    const path = resolve(dirname(file), written).toLowerCase();
    const found = [...medium.files.keys()].find((candidate) => candidate.toLowerCase() === path);
    if (found !== undefined) return found;
  }
  return undefined;
};
