/** Files that differ between two trees, and in what. Digests are compared, times are not. */
import { fileDigests } from '../capture/file-digests.ts';
import type { FileNode, FileTree } from '../capture/file-tree.ts';

export type Aspect = 'type' | 'content' | 'mode' | 'owner' | 'target' | 'attributes';

export interface FileState {
  readonly type: FileNode['type'];
  readonly size: number;
  /** `0644`; absent on FAT. */
  readonly mode?: string;
  readonly uid?: number;
  readonly gid?: number;
  readonly target?: string;
  /** Of a file whose content may have changed. */
  readonly sha256?: string;
}

export interface FileChange {
  readonly path: string;
  readonly change: 'added' | 'removed' | 'changed';
  /** Empty unless it is changed. */
  readonly what: readonly Aspect[];
  readonly before?: FileState;
  readonly after?: FileState;
}

/** Sorted by path. Times are not compared: they differ in everything that was made twice. */
export const fileChanges = async (before: FileTree, after: FileTree, signal?: AbortSignal): Promise<FileChange[]> => {
  const removed = [...before.values()].filter(({ path }) => !after.has(path));
  const added = [...after.values()].filter(({ path }) => !before.has(path));
  const both = [...after.values()].flatMap((now) => {
    const then = before.get(now.path);
    return then === undefined ? [] : [{ then, now }];
  });
  const read = both.filter(({ then, now }) => isRead(then) && isRead(now));
  const [digestsBefore, digestsAfter] = await Promise.all([
    fileDigests(
      read.map(({ then }) => then),
      signal,
    ),
    fileDigests(
      read.map(({ now }) => now),
      signal,
    ),
  ]);
  const changed = both.flatMap(({ then, now }): FileChange[] => {
    const [one, other] = [digestsBefore.get(now.path), digestsAfter.get(now.path)];
    const what = aspectsOf(then, now, one !== other);
    if (what.length === 0) return [];
    const shown = what.includes('content');
    const states = { before: stateOf(then, shown ? one : undefined), after: stateOf(now, shown ? other : undefined) };
    return [{ path: now.path, change: 'changed', what, ...states }];
  });
  return [
    ...removed.map((node): FileChange => ({ path: node.path, change: 'removed', what: [], before: stateOf(node) })),
    ...added.map((node): FileChange => ({ path: node.path, change: 'added', what: [], after: stateOf(node) })),
    ...changed,
  ].sort((one, other) => (one.path < other.path ? -1 : 1));
};

const isRead = ({ type, size }: FileNode): boolean => type === 'file' && size > 0;

const aspectsOf = (then: FileNode, now: FileNode, isOther: boolean): Aspect[] => {
  if (then.type !== now.type) return ['type'];
  const isFile = now.type === 'file';
  const differing: readonly (readonly [Aspect, boolean])[] = [
    ['content', isFile && (isOther || then.size !== now.size)],
    ['mode', then.mode !== now.mode],
    ['owner', then.uid !== now.uid || then.gid !== now.gid],
    ['target', then.target !== now.target],
    ['attributes', attributesText(then) !== attributesText(now)],
  ];
  return differing.flatMap(([aspect, differs]) => (differs ? [aspect] : []));
};

const attributesText = ({ attributes }: FileNode): string =>
  [...(attributes ?? [])]
    .map(([name, value]) => `${name}=${value.toString('hex')}`)
    .sort()
    .join('\n');

const stateOf = ({ type, size, mode, uid, gid, target }: FileNode, sha256?: string): FileState => ({
  type,
  size,
  ...(mode === undefined ? {} : { mode: mode.toString(8).padStart(4, '0') }),
  ...(uid === undefined ? {} : { uid }),
  ...(gid === undefined ? {} : { gid }),
  ...(target === undefined ? {} : { target }),
  ...(sha256 === undefined ? {} : { sha256 }),
});
