/**
 * The folder that becomes the medium:
 *
 *     .disk/…                  what the installer looks for
 *     install.amd/{vmlinuz,initrd.gz}
 *     pool/…                   the packages, under the names that the archive gives them
 *     dists/<codename>/…       the medium's own small index (medium-index.ts)
 *     debian/dists/<suite>/…   InRelease and indexes of each suite, the archive's own bytes
 *     debian/pool              a link to ../pool
 *
 * `debian/` is an archive of its own, complete except for the packages that nobody needs: a source line for
 * `file:…/debian` is checked with Debian's keyring. `.aptignr` keeps apt-cdrom out of it.
 */
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { throwIfInterrupted } from '../../../errors.ts';
import { type BlobStore, linkOrCopy } from '../../../origin/blobs.ts';
import type { Lock } from '../archive/package-lock.ts';
import { diskInfo } from './disk-info.ts';
import { mediumIndex } from './medium-index.ts';

export interface MediumTreeOptions {
  readonly lock: Lock;
  readonly store: BlobStore;
  /** An empty folder, best on the store's file system, so that its files share their bytes. */
  readonly folder: string;
  /** Debian's, with the components appended. */
  readonly initrd: string;
  readonly signal?: AbortSignal | undefined;
}

/** Every package and index is checked against the lock once more on its way. Boot loaders are not part of it. */
export const buildMediumTree = async (options: MediumTreeOptions): Promise<void> => {
  const { lock, store, folder, initrd, signal } = options;
  const at = (...parts: string[]) => join(folder, ...parts);
  for (const deb of lock.debs) {
    throwIfInterrupted(signal);
    await store.place(deb, at(deb.filename), deb.filename);
    for (const other of deb.alsoAt) await linkWithin(folder, deb.filename, other);
  }
  for (const suite of lock.suites) {
    const dists = at('debian', 'dists', suite.name);
    await store.place(suite.inRelease, join(dists, 'InRelease'), `${suite.name}/InRelease`);
    for (const index of suite.indexes) await store.place(index, join(dists, index.path), `${suite.name}/${index.path}`);
  }
  await linkWithin(folder, 'pool', 'debian/pool');
  for (const { path, text } of [...mediumIndex(lock), ...diskInfo(lock), { path: 'debian/.aptignr', text: '' }]) {
    await mkdir(dirname(at(path)), { recursive: true });
    await writeFile(at(path), text);
  }
  await store.place(lock.installer.kernel, at('install.amd/vmlinuz'), 'the installer kernel');
  await linkOrCopy(initrd, at('install.amd/initrd.gz'));
};

const linkWithin = async (folder: string, target: string, name: string): Promise<void> => {
  const path = join(folder, name);
  await mkdir(dirname(path), { recursive: true });
  await symlink(relative(dirname(name), target), path);
};
