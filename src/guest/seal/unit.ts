/** What an operation of sealing is: what it runs in the guest, and what must be true on the captured disk afterwards. */
import type { SealOperation } from '../../recipe/schema.ts';

/**
 * Asserted from outside, on the captured disk. Paths are patterns: `*` within a segment (hidden names too), `**` for
 * any number of folders; `~/` is every home.
 */
export type SealCheck =
  | { readonly kind: 'absent'; readonly path: string }
  /** The file is there and empty. */
  | { readonly kind: 'empty'; readonly path: string }
  /** All files below are empty; the files themselves may stay, with the owners that programs count on. */
  | { readonly kind: 'empty-below'; readonly path: string }
  | { readonly kind: 'link'; readonly path: string; readonly target: string; readonly optional: boolean }
  /** No matching file has a line that matches. */
  | { readonly kind: 'no-line'; readonly path: string; readonly pattern: RegExp; readonly meaning: string }
  /** When `when` is on the disk, one of `paths` has to be as well. */
  | { readonly kind: 'present'; readonly when: string; readonly paths: readonly string[]; readonly meaning: string }
  /** Freed blocks are holes: the disk file is not much larger than what its file systems say they hold. */
  | { readonly kind: 'trimmed' }
  /** Swap areas hold nothing but their header. */
  | { readonly kind: 'blank-swap' };

export interface SealUnit {
  readonly name: SealOperation;
  /** For docs/seal.md: what would happen without it. */
  readonly why: string;
  /** For sh -eu as root, when everything that writes has been stopped; may run twice. */
  readonly script: string;
  readonly checks: readonly SealCheck[];
}

export const absent = (...paths: readonly string[]): SealCheck[] => paths.map((path) => ({ kind: 'absent', path }));
