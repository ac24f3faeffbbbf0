/** How many names each inode has. */
import type { WriteNode } from './node.ts';

/** Folders have one in themselves, and one in each folder that they hold. */
export const linksOf = (nodes: readonly WriteNode[]): ReadonlyMap<WriteNode, number> => {
  const links = new Map<WriteNode, number>();
  const add = (node: WriteNode, count = 1) => void links.set(node, (links.get(node) ?? 0) + count);
  for (const node of nodes) {
    if (node.body.type !== 'folder') continue;
    add(node);
    add(node.body.parent ?? node);
    for (const entry of node.body.entries) if (entry.node.body.type !== 'folder') add(entry.node);
  }
  // The name in the folder above: the root has none, and its own `..` was counted.
  for (const node of nodes) if (node.body.type === 'folder' && node.body.parent !== undefined) add(node);
  return links;
};
