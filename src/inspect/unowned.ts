/** Files that no package has: those that something is known to make, counted by what makes them, and the others by name. */
import type { FileNode, FileTree } from '../capture/file-tree.ts';
import type { Causes } from './causes.ts';

export interface Unowned {
  /** Files, links and other things; folders are not counted. */
  readonly count: number;
  /** What they take on the disk, bytes. */
  readonly size: number;
  /** The largest number first. */
  readonly generated: readonly { readonly reason: string; readonly count: number; readonly size: number }[];
  readonly unexplained: readonly { readonly path: string; readonly size: number }[];
}

export const unownedIn = (tree: FileTree, causes: Causes): Unowned => {
  const generated = new Map<string, { reason: string; count: number; size: number }>();
  const unexplained: FileNode[] = [];
  for (const node of tree.values()) {
    if (node.type === 'folder') continue;
    const cause = causes.of(node);
    if (cause.kind === 'unknown') unexplained.push(node);
    if (cause.kind !== 'generated') continue;
    const sum = generated.get(cause.reason) ?? { reason: cause.reason, count: 0, size: 0 };
    generated.set(cause.reason, { ...sum, count: sum.count + 1, size: sum.size + node.allocated });
  }
  const groups = [...generated.values()].sort((one, other) => other.count - one.count);
  return {
    count: unexplained.length + sumOf(groups.map(({ count }) => count)),
    size: sumOf([...groups.map(({ size }) => size), ...unexplained.map(({ allocated }) => allocated)]),
    generated: groups,
    unexplained: unexplained
      .map(({ path, allocated }) => ({ path, size: allocated }))
      .sort((one, other) => (one.path < other.path ? -1 : 1)),
  };
};

export const sumOf = (numbers: readonly number[]): number => numbers.reduce((sum, one) => sum + one, 0);
