/** Why a file is there: its package, what is known to make such files, or nothing that is known. */
import type { FileNode, FileTree } from '../capture/file-tree.ts';
import { type Owners, ownersIn } from './owners.ts';
import type { PackageDatabase, PackageRecord } from './package-database.ts';

export type Cause =
  | { readonly kind: 'package'; readonly packages: readonly PackageRecord[] }
  | { readonly kind: 'generated'; readonly reason: string }
  | { readonly kind: 'unknown' };

export interface Causes {
  readonly owners: Owners;
  readonly of: (file: Pick<FileNode, 'path' | 'target'>) => Cause;
}

const LINK_TO_ALTERNATIVE = /^\/etc\/alternatives\//;

export const causesIn = (tree: FileTree, database: PackageDatabase | undefined): Causes => {
  const owners = ownersIn(tree, database ?? { packages: [] });
  return {
    owners,
    of({ path, target }) {
      const packages = owners.of(path);
      if (packages.length > 0) return { kind: 'package', packages };
      if (target !== undefined && LINK_TO_ALTERNATIVE.test(target))
        return { kind: 'generated', reason: 'alternatives' };
      const rule = database?.generated.find(
        ({ pattern, linksOnly }) => pattern.test(path) && (!linksOnly || target !== undefined),
      );
      return rule === undefined ? { kind: 'unknown' } : { kind: 'generated', reason: rule.reason };
    },
  };
};
