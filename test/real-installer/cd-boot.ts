/** The boot loaders of an install medium: ISOLINUX for BIOS, shim and GRUB (both signed) for UEFI. */
import { copyFile, cp, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { MEDIUM_PACKAGES } from '../../src/distributions/debian/medium/installer-parts.ts';
import { sha256 } from '../../src/host/files.ts';
import { makeEfiImage } from '../../src/media/boot/efi-image.ts';
import { grubMenu, writeIsolinux } from './cd-menus.ts';
import type { Netboot } from './netboot.ts';
import { unpackedByName } from './unpack.ts';
import type { Workshop } from './workshop.ts';

/** Writes everything but kernel and initrd below `root`; returns the code for the MBR. `seed` is the medium's own. */
export const writeBootFiles = async (
  workshop: Workshop,
  netboot: Netboot,
  root: string,
  { date, seed }: { readonly date: number; readonly seed: string },
): Promise<string> => {
  const folders = new Map<string, string>();
  for (const name of MEDIUM_PACKAGES) folders.set(name, await unpackedByName(workshop, name));
  const from = (name: string, path: string) => join(folders.get(name) ?? '', path);
  const put = async (source: string, path: string) => {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await copyFile(source, join(root, path));
  };
  await writeIsolinux(netboot, root);
  await put(from('isolinux', 'usr/lib/ISOLINUX/isolinux.bin'), 'isolinux/isolinux.bin');
  for (const name of ['ldlinux', 'libcom32', 'libutil', 'vesamenu'])
    await put(from('syslinux-common', `usr/lib/syslinux/modules/bios/${name}.c32`), `isolinux/${name}.c32`);
  await put(from('shim-signed', 'usr/lib/shim/shimx64.efi.signed'), 'EFI/boot/bootx64.efi');
  await put(from('grub-efi-amd64-signed', 'usr/lib/grub/x86_64-efi-signed/gcdx64.efi.signed'), 'EFI/boot/grubx64.efi');
  await writeGrub(netboot, root, seed);
  const inImage = ['EFI/boot/bootx64.efi', 'EFI/boot/grubx64.efi', 'EFI/debian/grub.cfg'];
  const efi = await Promise.all(
    inImage.map(async (path) => ({
      path: `/${path}`,
      from: join(root, path),
      size: (await stat(join(root, path))).size,
    })),
  );
  await makeEfiImage(join(root, 'boot/grub/efi.img'), efi, date, { signal: workshop.context.signal });
  return from('isolinux', 'usr/lib/ISOLINUX/isohdpfx.bin');
};

const writeGrub = async (netboot: Netboot, root: string, seed: string): Promise<void> => {
  const to = join(root, 'boot/grub');
  await mkdir(join(to, 'x86_64-efi'), { recursive: true });
  await cp(join(netboot.text.grub, 'font.pf2'), join(to, 'font.pf2'));
  // With a signed GRUB the modules stay away, and so do the lines that load them.
  const loader = await readFile(join(netboot.text.grub, 'x86_64-efi/grub.cfg'), 'utf8');
  await writeFile(join(to, 'x86_64-efi/grub.cfg'), loader.replaceAll(/^insmod.*\n/gm, ''));
  const menu = await grubMenu(netboot, join(root, 'isolinux'));
  await writeFile(join(to, 'grub.cfg'), menu);
  // A file of its own tells this medium from others in the machine.
  const id = sha256(menu + seed).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*/, '$1-$2-$3-$4-$5');
  await mkdir(join(root, '.disk/id'), { recursive: true });
  await writeFile(join(root, '.disk/id', id), '');
  await mkdir(join(root, 'EFI/debian'), { recursive: true });
  await writeFile(
    join(root, 'EFI/debian/grub.cfg'),
    `search --file --set=root /.disk/id/${id}
set prefix=($root)/boot/grub
source $prefix/\${grub_cpu}-efi/grub.cfg
`,
  );
};
