/** Which boot loader a boot image for BIOS is, by its own bytes. */
import { type GrubCore, grubCore } from './grub-core.ts';

export type BiosLoader =
  | { readonly kind: 'isolinux' }
  | { readonly kind: 'grub'; readonly core: GrubCore | undefined }
  | { readonly kind: 'other'; readonly name: string };

/** A loader has its name among its messages; ordered, since one may also hold another's. */
const NAMES: readonly (readonly [RegExp, string])[] = [
  [/iPXE/, 'iPXE'],
  [/limine/i, 'Limine'],
  [/BOOTMGR|bootmgr/, "Windows' boot manager"],
  [/FreeBSD|BTX loader/, "FreeBSD's loader"],
  [/SYSLINUX/, 'SYSLINUX'],
];

export const biosLoader = (image: Buffer): BiosLoader => {
  const text = image.toString('latin1');
  if (/ISOLINUX/.test(text)) return { kind: 'isolinux' };
  const core = grubCore(image);
  // What cdboot.img and diskboot.img print: a core that cannot be unpacked is GRUB all the same.
  if (core !== undefined || /GRUB|Geom\0|loading\0/.test(text)) return { kind: 'grub', core };
  return { kind: 'other', name: NAMES.find(([pattern]) => pattern.test(text))?.[1] ?? 'an unknown loader' };
};
