/** What a strip is, as data: for stripping the guest, for estimating an image's savings, and for docs/slim.md. */
import type { StripTold } from '../../distribution.ts';

export type StripWork =
  /**
   * Files below folders of packages. Patterns are dpkg's (dpkg(1), --path-exclude): `*` goes over slashes too. LANGUAGE stands
   * for each language of the system's own locale.
   */
  | {
      readonly kind: 'files';
      readonly paths: readonly string[];
      readonly keep: readonly string[];
      /** Upgrades leave them out as well; otherwise they may come again. */
      readonly forGood: boolean;
    }
  /** Packages whose names match, with `*`. */
  | { readonly kind: 'packages'; readonly names: readonly string[] }
  /** All except the running kernel and the newest of each flavour. */
  | { readonly kind: 'old-kernels' }
  /** The kernel for clouds in place of the general one. */
  | { readonly kind: 'cloud-kernel' }
  /** What apt's autoremove takes; `recommended`: of what is only recommended or suggested, too. */
  | { readonly kind: 'unneeded'; readonly recommended: boolean };

export interface StripUnit extends StripTold {
  readonly work: StripWork;
}
