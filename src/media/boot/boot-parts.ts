/** Boot loaders for Ingot's own media, from Debian's packages, unpacked below one folder. */
import { join } from 'node:path';
import { IngotError } from '../../errors.ts';
import { isThere } from '../../host/if-there.ts';

const PARTS = {
  mbr: ['isolinux', 'usr/lib/ISOLINUX/isohdpfx.bin'],
  isolinux: ['isolinux', 'usr/lib/ISOLINUX/isolinux.bin'],
  ldlinux: ['syslinux-common', 'usr/lib/syslinux/modules/bios/ldlinux.c32'],
  libcom32: ['syslinux-common', 'usr/lib/syslinux/modules/bios/libcom32.c32'],
  libutil: ['syslinux-common', 'usr/lib/syslinux/modules/bios/libutil.c32'],
  menu: ['syslinux-common', 'usr/lib/syslinux/modules/bios/menu.c32'],
  shim: ['shim-signed', 'usr/lib/shim/shimx64.efi.signed'],
  grub: ['grub-efi-amd64-signed', 'usr/lib/grub/x86_64-efi-signed/gcdx64.efi.signed'],
} as const;

export type BootParts = Readonly<Record<keyof typeof PARTS, string>>;

/** Paths of all parts below `root` (`/` where the packages are installed). Throws `media.boot-part-missing`. */
export const bootParts = async (root: string): Promise<BootParts> => {
  const pathOf = async (name: keyof typeof PARTS): Promise<string> => {
    const [packageName, file] = PARTS[name];
    const path = join(root, file);
    if (await isThere(path)) return path;
    throw new IngotError('media.boot-part-missing', `${path} is missing: a medium cannot be made bootable`, {
      where: root,
      hint: `It is in the Debian package ${packageName}.`,
    });
  };
  return {
    mbr: await pathOf('mbr'),
    isolinux: await pathOf('isolinux'),
    ldlinux: await pathOf('ldlinux'),
    libcom32: await pathOf('libcom32'),
    libutil: await pathOf('libutil'),
    menu: await pathOf('menu'),
    shim: await pathOf('shim'),
    grub: await pathOf('grub'),
  };
};
