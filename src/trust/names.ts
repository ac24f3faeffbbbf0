/** Owners by name: packages name them, the disk has numbers, and the image's own passwd and group stand between. */
import type { FileNode } from '../capture/file-tree.ts';
import type { GuestFiles } from '../capture/guest-files.ts';

export interface Names {
  /** The image's number of a name, as dpkg looks it up; the archive's own number where nobody has the name. */
  readonly uid: (name: string | undefined, otherwise: number) => number;
  readonly gid: (name: string | undefined, otherwise: number) => number;
  /** `root:shadow`. */
  readonly ownerOf: (file: Pick<FileNode, 'uid' | 'gid'>) => string;
}

export const readNames = async (files: GuestFiles): Promise<Names> => {
  const [users, groups] = [numbersIn(await files.text('/etc/passwd')), numbersIn(await files.text('/etc/group'))];
  return {
    uid: (name, otherwise) => users.byName.get(name ?? '') ?? otherwise,
    gid: (name, otherwise) => groups.byName.get(name ?? '') ?? otherwise,
    ownerOf: ({ uid = 0, gid = 0 }) =>
      `${users.byNumber.get(uid) ?? String(uid)}:${groups.byNumber.get(gid) ?? String(gid)}`,
  };
};

/** The first line counts, as in the C library. root is 0 whatever the image says. */
const numbersIn = (text = '') => {
  const byName = new Map<string, number>([['root', 0]]);
  const byNumber = new Map<number, string>([[0, 'root']]);
  for (const line of text.split('\n')) {
    const [name, , number] = line.split(':');
    if (!name || !/^\d+$/.test(number ?? '')) continue;
    if (!byName.has(name)) byName.set(name, Number(number));
    if (!byNumber.has(Number(number))) byNumber.set(Number(number), name);
  }
  return { byName, byNumber };
};
