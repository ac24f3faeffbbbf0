/** Debian's installer as the package `debian-installer-12-netboot-amd64` carries it: a kernel and an initrd. */
import { access, open } from 'node:fs/promises';
import { join } from 'node:path';
import { IngotError } from '../../errors.ts';
import { run } from '../../host/run.ts';

export interface InstallerImages {
  readonly kernel: string;
  readonly initrd: string;
  /** `6.1.0-50-amd64`: what the kernel modules have to fit. */
  readonly kernelRelease: string;
}

/** Unpacks a .deb or udeb below `folder` as the user who runs this; nothing in it is run. */
export const unpackDeb = async (deb: string, folder: string, signal?: AbortSignal): Promise<void> => {
  await run('dpkg-deb', ['--extract', deb, folder], { signal, hint: 'Install dpkg.' });
};

export const unpackInstaller = async (
  deb: string,
  number: string,
  folder: string,
  signal?: AbortSignal,
): Promise<InstallerImages> => {
  await unpackDeb(deb, folder, signal);
  const images = join(folder, `usr/lib/debian-installer/images/${number}/amd64/text/debian-installer/amd64`);
  const [kernel, initrd] = [join(images, 'linux'), join(images, 'initrd.gz')];
  await Promise.all([access(kernel), access(initrd)]).catch((cause: unknown) => {
    throw new IngotError('origin.installer-missing', 'the package of the installer has no kernel and initrd', {
      where: deb,
      cause,
    });
  });
  return { kernel, initrd, kernelRelease: await readKernelRelease(kernel) };
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
  throw new IngotError('origin.installer-missing', 'the installer kernel states no release', { where: path });
};
