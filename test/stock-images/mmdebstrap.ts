/**
 * Images as a vendor makes them with mmdebstrap, mke2fs, sfdisk and GRUB: the root file system as a folder, then a disk of it.
 * vendors.ts says what is in them.
 */
import { chmod, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { run } from '../../src/host/run.ts';
import { fstab, writeBoot, writeDisk } from './disk.ts';
import type { MakeContext, Maker } from './maker.ts';
import { mmdebstrapArguments } from './root-folder.ts';
import type { Vendor } from './vendors.ts';

const TOOLS = ['mmdebstrap', 'e2fsprogs', 'fdisk', 'dosfstools', 'mtools', 'grub-common', 'qemu-utils'];

/** 3 GiB, as Debian's own. */
const SIZE = 3 * 2 ** 30;

export const byMmdebstrap = (vendor: Vendor): Maker => ({
  release: vendor.release,
  format: vendor.format,
  needs: { packages: [...TOOLS, ...(vendor.fs === 'btrfs' ? ['btrfs-progs'] : [])], host: ['root'] },
  packages: vendor.packages,
  code: ['mmdebstrap.ts', 'root-folder.ts', 'finish-root.sh', 'disk.ts', 'grub-bios.ts'],
  definition: vendor,
  make: async (image, context) => {
    const root = await makeRoot(vendor, context);
    const raw = vendor.format === 'raw' ? image : join(context.work, 'disk.raw');
    const wish = { size: SIZE, ids: vendor.ids, signal: context.signal, ...(vendor.fs && { fs: vendor.fs }) };
    await writeDisk(root, raw, wish);
    await writeBoot(root, raw, wish);
    if (vendor.format === 'raw') return;
    await run('qemu-img', ['convert', '-c', '-f', 'raw', '-O', 'qcow2', raw, image], { signal: context.signal });
  },
});

/** A root folder with everything that the image will have. */
const makeRoot = async (vendor: Vendor, { apt, work, signal }: MakeContext): Promise<string> => {
  const { packages, enabled, ids } = vendor;
  const root = join(work, 'root');
  const files = join(work, 'files');
  for (const [path, text] of Object.entries({ ...vendor.files, 'etc/fstab': fstab(ids, vendor.fs) })) {
    await mkdir(dirname(join(files, path)), { recursive: true });
    await writeFile(join(files, path), text);
    await chmod(join(files, path), 0o644);
  }
  await run('mmdebstrap', mmdebstrapArguments(apt, { packages, files }, root), { signal, keepsEnd: true });
  await mkdir(join(root, 'boot/efi'), { recursive: true });
  await run('systemctl', [`--root=${root}`, 'enable', ...enabled], { signal });
  await run('chroot', [root, 'passwd', '--quiet', '--lock', 'root'], { signal });
  for (const name of await readdir(join(root, 'etc/ssh'))) {
    if (name.startsWith('ssh_host_')) await rm(join(root, 'etc/ssh', name));
  }
  const finish = join(import.meta.dirname, 'finish-root.sh');
  await run(
    'unshare',
    ['--mount', '--pid', '--fork', 'sh', finish, root, ids.rootFs, ids.rootPartition, vendor.fs ?? 'ext2'],
    { signal },
  );
  return root;
};
