/** From a lock to an ISO: fetch what the store lacks, build the tree, master it. The same lock gives the same bytes. */
import { createReadStream } from 'node:fs';
import { copyFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { IngotError } from '../../../errors.ts';
import { type FileRef, fileRef, requireSpace, temporaryFolder } from '../../../host/files.ts';
import { makeFolders } from '../../../host/folders.ts';
import { masterIso } from '../../../media/master.ts';
import type { BlobStore } from '../../../origin/blobs.ts';
import type { AptContext } from '../archive/apt.ts';
import { fetchPackages, mirrorBases } from '../archive/fetch-packages.ts';
import type { Mirrors } from '../archive/find-mirrors.ts';
import { type Lock, type LockedPackage, lockDate } from '../archive/package-lock.ts';
import { debianRelease } from '../archive/releases.ts';
import { installerInitrd } from './initrd.ts';
import { keepInstaller, unpackDeb } from './installer-images.ts';
import { MEDIUM_PACKAGES } from './installer-parts.ts';
import { buildMediumTree } from './medium-tree.ts';

export interface AssembleOptions extends AptContext {
  readonly lock: Lock;
  readonly mirrors: Mirrors;
  readonly store: BlobStore;
  readonly output: string;
}

/** The initrd is Debian's with the components appended; answers and hooks come with the remaster. */
export const assembleDebian = async (options: AssembleOptions): Promise<FileRef> => {
  const { lock, store, output, reporter, signal } = options;
  reporter.phase('packages');
  const source = mirrorBases({ mirrors: options.mirrors, release: debianRelease(lock.release.number) });
  await fetchPackages([...lock.debs, ...lock.udebs, ...lock.parts], store, source, options);
  await makeFolders(dirname(output));
  await requireSpace(dirname(output), 2 * sizeOf(lock) + 2 ** 28, 'assembling the medium');
  await using work = await temporaryFolder('.assemble-', dirname(output));
  reporter.phase('installer');
  const parts = join(work.path, 'parts');
  for (const name of MEDIUM_PACKAGES) await unpackDeb(await store.checked(partOf(lock, name), name), parts, signal);
  await keepInstallerAgain(options);
  const initrd = await makeInitrd(options, work.path);
  reporter.phase('medium');
  const tree = join(work.path, 'tree');
  await buildMediumTree({ lock, store, folder: tree, initrd, signal });
  await masterIso({ tree, output, volumeId: volumeId(lock), date: lockDate(lock), parts, reporter, signal });
  return await fileRef(output, signal);
};

/** The store may have lost the images since the lock was made; their package gives them again. */
const keepInstallerAgain = async ({ lock, store, signal }: AssembleOptions): Promise<void> => {
  const { kernel, initrd } = lock.installer;
  if ((await store.has(kernel)) && (await store.has(initrd))) return;
  const { installerPackage, number } = debianRelease(lock.release.number);
  await keepInstaller(await store.checked(partOf(lock, installerPackage), installerPackage), number, store, signal);
};

const makeInitrd = async ({ lock, store, signal }: AssembleOptions, folder: string): Promise<string> => {
  const base = await store.checked(lock.installer.initrd, "the installer's initrd");
  const checked = (item: LockedPackage) => store.checked(item, item.filename);
  // One after the other: one thread digests them all.
  const udebs: string[] = [];
  for (const udeb of lock.udebs) udebs.push(await checked(udeb));
  const debs = new Map<string, string>();
  for (const part of lock.parts) debs.set(part.name, await checked(part));
  const components = installerInitrd({
    baseInitrd: createReadStream(base),
    release: lock.release.number,
    kernelRelease: lock.installer.kernelRelease,
    udebs,
    debs,
    standIns: lock.standIns.map(({ name }) => name),
    folder,
    ...(signal === undefined ? {} : { signal }),
  });
  const initrd = join(folder, 'initrd.gz');
  await copyFile(base, initrd);
  await writeFile(initrd, components, { flag: 'a' });
  return initrd;
};

const partOf = (lock: Lock, name: string): LockedPackage => {
  const part = lock.parts.find((candidate) => candidate.name === name);
  if (part) return part;
  throw new IngotError('origin.lock-incomplete', `the lock has no ${name}`, {
    hint: 'Build again with --refresh: that makes the list of packages again.',
  });
};

const sizeOf = (lock: Lock): number =>
  [...lock.debs, ...lock.udebs, ...lock.parts].reduce((total, { size }) => total + size, 0);

const volumeId = ({ release }: Lock): string => `DEBIAN_${release.number}_INGOT`;
