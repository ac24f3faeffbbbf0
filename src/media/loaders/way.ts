/** A way to boot: where firmware begins, by which loader it goes on, and to which menus. */
import type { BootPath } from '../boot/boot-paths.ts';
import type { SyslinuxRoot } from '../menus/unattended.ts';

export interface Way {
  readonly path: BootPath;
  /** What firmware begins with: `the boot image /isolinux/isolinux.bin`. */
  readonly door: string;
  /** `ISOLINUX`, `shim and GRUB`, …; what it is called where it is not followed. */
  readonly loader: string;
  readonly menus: readonly MenuRef[];
  /** Why it, or one of its branches, does not reach a known menu. */
  readonly problems: readonly string[];
  /** A loader for a processor of another kind than the medium's own, or a second boot image for BIOS. */
  readonly isOther: boolean;
}

/** A file on the medium, or in the EFI image at that block. */
export interface MenuFile {
  readonly image: number | undefined;
  readonly path: string;
}

export type MenuRef =
  | { readonly kind: 'isolinux'; readonly root: SyslinuxRoot }
  | {
      readonly kind: 'grub';
      readonly root: MenuFile;
      readonly holder: MenuFile;
      /** The EFI image that has its kernel; absent where that is the medium. */
      readonly kernelIn: number | undefined;
    }
  | { readonly kind: 'systemd-boot'; readonly image: number };
