/** How a bundle lies in its tar archive: the index, then each content once, in the order of the index, and nothing else. */
import { TAR_END, tarHeader, tarPadding } from '../formats/archives/tar.ts';
import type { BundleEntry, BundleIndex } from './bundle-index.ts';

/** Nobody's, at the beginning of time: the same content gives the same bytes. */
export const headerOf = (path: string, size: number): Uint8Array =>
  tarHeader({ path, size, type: 'File', mode: 0o644, uid: 0, gid: 0, mtime: new Date(0) });

/** The entries whose contents are in the archive: the first of those with the same one, unless the base has it. */
export const storedEntries = ({ entries }: Pick<BundleIndex, 'entries'>): BundleEntry[] => {
  const known = new Set<string>();
  return entries.filter(({ sha256, in: place }) => {
    if (place === 'base' || known.has(sha256)) return false;
    known.add(sha256);
    return true;
  });
};

const bytesFor = (path: string, size: number): number => headerOf(path, size).length + size + tarPadding(size).length;

/** Of the whole archive. */
export const archiveSize = (index: Pick<BundleIndex, 'entries'>, indexPath: string, indexSize: number): number =>
  storedEntries(index).reduce(
    (total, { path, size }) => total + bytesFor(path, size),
    bytesFor(indexPath, indexSize) + TAR_END.length,
  );
