/** A captured disk as the checks read it: each part is read once, and only when a check asks for it. */
import type { FileNode, FileTree } from '../capture/file-tree.ts';
import type { GuestFiles } from '../capture/guest-files.ts';
import { type Account, accountsIn, groupNames } from '../inspect/accounts.ts';
import type { Subject } from '../inspect/subject.ts';
import { type UnitFacts, unitFacts } from '../inspect/units.ts';

export interface Outside {
  readonly subject: Subject;
  readonly files: GuestFiles;
  readonly tree: FileTree;
  accounts(): Promise<readonly Account[]>;
  units(): Promise<UnitFacts>;
  /** By its number; the number itself where nobody has it. */
  userName(uid: number | undefined): Promise<string>;
  groupName(gid: number | undefined): Promise<string>;
}

export const outsideOf = (subject: Subject): Outside => {
  const { files, tree } = subject;
  const accounts = once(() => accountsIn(files));
  const units = once(() => unitFacts(subject));
  const groups = once(() => groupNames(files));
  return {
    subject,
    files,
    tree,
    accounts,
    units,
    userName: async (uid) => (await accounts()).find((one) => one.uid === uid)?.name ?? String(uid ?? 'nobody'),
    groupName: async (gid) => (gid === undefined ? 'none' : ((await groups()).get(gid) ?? String(gid))),
  };
};

/** The file at a path, links on the way followed, the last one not. */
export const nodeAt = async (
  { files, tree }: Pick<Outside, 'files' | 'tree'>,
  path: string,
): Promise<FileNode | undefined> => {
  const direct = tree.get(path);
  if (direct !== undefined) return direct;
  const at = path.lastIndexOf('/');
  const folder = await files.find(path.slice(0, at) || '/');
  return folder && tree.get(`${folder.path === '/' ? '' : folder.path}/${path.slice(at + 1)}`);
};

const once = <T>(make: () => Promise<T>): (() => Promise<T>) => {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
};
