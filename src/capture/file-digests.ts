/** Content of files of an image: each disk is read from its beginning to its end, whatever the order of the names. */
import { createHash } from 'node:crypto';
import { throwIfInterrupted } from '../errors.ts';
import type { FileNode } from './file-tree.ts';

export const contentOf = async ({ content }: Pick<FileNode, 'content'>): Promise<Buffer> => {
  const pieces: Buffer[] = [];
  for await (const piece of content()) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces);
};

/** SHA-256 by path. */
export const fileDigests = async (
  nodes: readonly FileNode[],
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, string>> => {
  const digests = new Map<string, string>();
  for (const { path, content } of nodes.toSorted((one, other) => one.place - other.place)) {
    const hash = createHash('sha256');
    for await (const piece of content()) {
      throwIfInterrupted(signal);
      hash.update(piece);
    }
    digests.set(path, hash.digest('hex'));
  }
  return digests;
};
