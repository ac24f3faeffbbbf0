/** A disk image that is looked into: its files, the system that they say it is, and its packages where they can be read. */
import type { FileTree } from '../capture/file-tree.ts';
import type { OpenImage } from '../capture/open-image.ts';
import type { PackageDatabase } from './package-database.ts';

export interface Subject extends Pick<OpenImage, 'disk' | 'files'> {
  readonly tree: FileTree;
  /** Fields of os-release(5); empty when there is none. */
  readonly osRelease: ReadonlyMap<string, string>;
  readonly database: PackageDatabase | undefined;
  /** Why there is no database, in words. */
  readonly noDatabase?: string;
}
