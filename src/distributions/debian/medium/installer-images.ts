/** Debian's installer as the package `debian-installer-12-netboot-amd64` carries it: a kernel and an initrd. */
import { access, open } from 'node:fs/promises';
import { join } from 'node:path';
import { IngotError } from '../../../errors.ts';
import { fileRef, temporaryFolder } from '../../../host/files.ts';
import { run } from '../../../host/run.ts';
import type { BlobIdentity, BlobStore } from '../../../origin/blobs.ts';

/** The files by their content; `kernelRelease` (`6.1.0-50-amd64`) is what the kernel modules have to fit. */
export interface InstallerImages {
  readonly kernel: BlobIdentity;
  readonly initrd: BlobIdentity;
  readonly kernelRelease: string;
}

/** Unpacks a .deb or udeb below `folder` as the user who runs this; nothing in it is run. */
export const unpackDeb = async (deb: string, folder: string, signal?: AbortSignal): Promise<void> => {
  await run('dpkg-deb', ['--extract', deb, folder], { signal, hint: 'Install dpkg.' });
};

export const ANOTHER_MIRROR =
  'Is the mirror whole and up to date? Take another one (origin.mirror) and --refresh, or an install ISO (origin.iso).';

/** Takes kernel and initrd out of the package `deb` and puts them into the store. */
export const keepInstaller = async (
  deb: string,
  number: string,
  store: BlobStore,
  signal?: AbortSignal,
): Promise<InstallerImages> => {
  await using folder = await temporaryFolder('.installer-', store.folder);
  await unpackDeb(deb, folder.path, signal);
  const images = join(folder.path, `usr/lib/debian-installer/images/${number}/amd64/text/debian-installer/amd64`);
  const [kernel, initrd] = [join(images, 'linux'), join(images, 'initrd.gz')];
  await Promise.all([access(kernel), access(initrd)]).catch((cause: unknown) => {
    throw new IngotError('origin.installer-missing', 'the package of the installer has no kernel and initrd', {
      where: deb,
      hint: ANOTHER_MIRROR,
      cause,
    });
  });
  const kernelRelease = await readKernelRelease(kernel);
  return {
    kernel: await keepImage(kernel, store, signal),
    initrd: await keepImage(initrd, store, signal),
    kernelRelease,
  };
};

const keepImage = async (path: string, store: BlobStore, signal?: AbortSignal): Promise<BlobIdentity> => {
  const { size, sha256 } = await fileRef(path, signal);
  await store.take(path, { size, sha256 }, path);
  return { size, sha256 };
};

/** The release in a bzImage: 0x20e points to it, counted from 0x200 (x86 boot protocol, `kernel_version`). */
export const readKernelRelease = async (path: string): Promise<string> => {
  const handle = await open(path);
  await using _ = handle;
  const head = Buffer.alloc(0x10000);
  await handle.read(head, 0, head.length, 0);
  const start = head.toString('latin1', 0x202, 0x206) === 'HdrS' ? head.readUInt16LE(0x20e) + 0x200 : head.length;
  const release = /^[\w.+-]+/.exec(head.toString('latin1', start, start + 128))?.[0];
  if (release) return release;
  throw new IngotError('origin.installer-missing', 'the installer kernel states no release', {
    where: path,
    hint: ANOTHER_MIRROR,
  });
};
