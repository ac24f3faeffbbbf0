/** SHA-256 of many files of an image, read in the order of the disk; names of one file are read once. */
import { createHash } from 'node:crypto';
import type { FileNode } from '../capture/file-tree.ts';
import { throwIfInterrupted } from '../errors.ts';
import { sideBySide } from './side-by-side.ts';

/** Files that are read at the same time: what QEMU decompresses comes side by side. */
const AT_ONCE = 4;

/** By `identity` of a file. */
export type Digests = Map<string, string>;

export const digestFiles = async (
  nodes: Iterable<FileNode>,
  known: Digests,
  signal?: AbortSignal,
): Promise<Digests> => {
  const wanted = new Map<string, FileNode>();
  for (const node of nodes) if (node.type === 'file' && !known.has(node.identity)) wanted.set(node.identity, node);
  const inOrder = [...wanted.values()].sort((one, other) => one.place - other.place);
  let next = 0;
  const read = async () => {
    for (let node = inOrder[next++]; node !== undefined; node = inOrder[next++]) {
      throwIfInterrupted(signal);
      const hash = createHash('sha256');
      for await (const piece of node.content()) hash.update(piece);
      known.set(node.identity, hash.digest('hex'));
    }
  };
  await sideBySide(Array.from({ length: AT_ONCE }, read));
  return known;
};
