/** What the room on the disk is for: each file counts once, for the first of these reasons that fits. */
import type { FileNode, FileTree } from '../capture/file-tree.ts';
import type { Causes } from './causes.ts';

export interface SizeReason {
  readonly reason: string;
  readonly files: number;
  /** What they take on the disk, bytes. */
  readonly size: number;
}

/** What is spread over many packages, and may be left out of all of them. */
const KINDS: readonly (readonly [RegExp, string])[] = [
  [/^\/usr\/lib\/modules\//, 'kernel modules'],
  [/^\/usr\/lib\/firmware\//, 'firmware'],
  [/^\/usr\/(share\/(locale|i18n)|lib\/locale)\//, 'locales'],
  [/^\/usr\/share\/man\//, 'manual pages'],
  [/^\/usr\/share\/(doc|doc-base|info|gtk-doc|help)\//, 'documentation'],
  [/^\/var\/(cache|lib\/apt\/lists)\//, 'caches'],
  [/^\/var\/log\//, 'logs'],
];

/** All reasons, the largest first. */
export const sizeReasons = (tree: FileTree, causes: Causes): SizeReason[] => {
  const sums = new Map<string, { reason: string; files: number; size: number }>();
  const seen = new Set<string>();
  for (const node of tree.values()) {
    if (node.type === 'folder' || seen.has(node.identity)) continue;
    seen.add(node.identity);
    const reason = reasonOf(node, causes);
    const sum = sums.get(reason) ?? { reason, files: 0, size: 0 };
    sums.set(reason, { reason, files: sum.files + 1, size: sum.size + node.allocated });
  }
  return [...sums.values()].sort((one, other) => other.size - one.size);
};

const reasonOf = (node: FileNode, causes: Causes): string => {
  const kind = KINDS.find(([pattern]) => pattern.test(node.path))?.[1];
  if (kind !== undefined) return kind;
  const cause = causes.of(node);
  if (cause.kind === 'package') return `package ${cause.packages[0]?.name}`;
  return cause.kind === 'generated' ? cause.reason : 'no package has it';
};
