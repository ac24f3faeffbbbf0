/** Files that differ between two trees: what of them, and by their digests, whatever their times say. */
import { createHash } from 'node:crypto';
import type { FileNode, FileTree } from '../capture/file-tree.ts';
import { throwIfInterrupted } from '../errors.ts';

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
  const changes: FileChange[] = [];
  for (const [path, node] of before)
    if (!after.has(path)) changes.push({ path, change: 'removed', what: [], before: stateOf(node) });
  // In the order of the walk, which is about that of the data on the disk.
  for (const [path, now] of after) {
    throwIfInterrupted(signal);
    const then = before.get(path);
    if (then === undefined) {
      changes.push({ path, change: 'added', what: [], after: stateOf(now) });
      continue;
    }
    const digests = await digestsOf(then, now);
    const what = aspectsOf(then, now, digests);
    if (what.length === 0) continue;
    const shown = what.includes('content') ? digests : undefined;
    changes.push({ path, change: 'changed', what, before: stateOf(then, shown?.[0]), after: stateOf(now, shown?.[1]) });
  }
  return changes.sort((one, other) => (one.path < other.path ? -1 : 1));
};

const digestsOf = async (then: FileNode, now: FileNode): Promise<readonly [string, string] | undefined> => {
  if (then.type !== 'file' || now.type !== 'file' || (then.size === 0 && now.size === 0)) return undefined;
  return Promise.all([digestOf(then), digestOf(now)]);
};

const digestOf = async ({ content }: FileNode): Promise<string> => {
  const hash = createHash('sha256');
  for await (const piece of content()) hash.update(piece);
  return hash.digest('hex');
};

const aspectsOf = (then: FileNode, now: FileNode, digests: readonly [string, string] | undefined): Aspect[] => {
  if (then.type !== now.type) return ['type'];
  const differing: readonly (readonly [Aspect, boolean])[] = [
    ['content', digests !== undefined && digests[0] !== digests[1]],
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
