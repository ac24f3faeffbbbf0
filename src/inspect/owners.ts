/**
 * Which package a file is of. Packages name paths as they were packed; where a folder on the way is a link (`/lib` to `usr/lib`, as
 * after usr-merge), the file lies where the link leads.
 */
import { posix } from 'node:path';
import type { FileTree } from '../capture/file-tree.ts';
import type { PackageDatabase, PackageRecord } from './package-database.ts';

export interface Owners {
  readonly of: (path: string) => readonly PackageRecord[];
}

const MOST_LINKS = 40;

export const ownersIn = (tree: FileTree, { packages }: Pick<PackageDatabase, 'packages'>): Owners => {
  const realFolder = realFolders(tree);
  const owners = new Map<string, PackageRecord[]>();
  for (const one of packages) {
    for (const listed of one.files) {
      const path = posix.join(realFolder(posix.dirname(listed)), posix.basename(listed));
      const known = owners.get(path);
      if (known === undefined) owners.set(path, [one]);
      else if (!known.includes(one)) known.push(one);
    }
  }
  return { of: (path) => owners.get(path) ?? [] };
};

/** Where a folder really is, every link on the way followed; itself where it is not there. */
export const realFolders = (tree: FileTree): ((folder: string) => string) => {
  const known = new Map<string, string>([['/', '/']]);
  const real = (folder: string, links: number): string => {
    const found = known.get(folder);
    if (found !== undefined) return found;
    const path = posix.join(real(posix.dirname(folder), links), posix.basename(folder));
    const target = tree.get(path)?.target;
    const there =
      target === undefined || links >= MOST_LINKS ? path : real(posix.resolve(posix.dirname(path), target), links + 1);
    known.set(folder, there);
    return there;
  };
  return (folder) => real(folder, 0);
};
