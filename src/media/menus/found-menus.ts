/** The menus on a medium, whether or not a loader reaches them. */
import type { MenuFiles, SyslinuxRoot } from './unattended.ts';

export interface FoundMenus {
  /** Where ISOLINUX starts to read; absent when there is nothing for it to read. */
  readonly isolinuxFirst: SyslinuxRoot | undefined;
  /** The menus that it reaches from there. */
  readonly isolinux: readonly SyslinuxRoot[];
  /** All menu files of the medium. */
  readonly files: MenuFiles;
  readonly images: readonly EfiMenus[];
}

/** An EFI image of the boot catalog, or an EFI partition. */
export interface EfiMenus {
  /** Path on the medium; absent when the image lies after the file system, in a partition of its own. */
  readonly path: string | undefined;
  /** In blocks of the medium; a partition may begin within one. */
  readonly lba: number;
  /** Menu files by their path in the image. */
  readonly files: MenuFiles;
  /** Everything in it. */
  readonly all: readonly string[];
}
