/** What an image may be held against. Nothing of it is believed for being there. */
import type { Layers } from './layers.ts';
import type { TrustRecord, Vouched } from './record.ts';

/** What a build's recipe says of the system; absent when only the image is at hand. */
export interface Said {
  /** Names of accounts, root among them when it has a password. */
  readonly accounts: readonly string[];
  /** What the answers carry into the system, each file's text. */
  readonly texts: readonly string[];
}

/** An install medium whose digest was proved: it vouches for the packages that its own indexes list. */
export interface ProvenMedium {
  readonly path: string;
  readonly sha256: string;
  /** `the ISO 3b1c0d9a…, pinned by digest only` */
  readonly by: string;
}

export interface Evidence<Lock> {
  /** The package store of a build, with what its lock names. */
  readonly store?: { readonly folder: string; readonly lock: Lock } | undefined;
  /** A store's files by their digests, whatever build they are of. */
  readonly blobs?: string | undefined;
  /** A folder with packages and indexes, at any depth. */
  readonly folder?: string | undefined;
  /** Key files or armored keys that the archive's signatures have to be of; the family's own without them. */
  readonly keys?: readonly string[] | undefined;
  /** Where what was read out of packages is kept for the next time. */
  readonly kept?: string | undefined;
  readonly said?: Said | undefined;
  /** The build's own disks. */
  readonly layers?: Layers | undefined;
  readonly vouched?: readonly Vouched[] | undefined;
  readonly media?: readonly ProvenMedium[] | undefined;
  /** ISOs that nothing proves: packages are taken from them by their digests, and what they say is not believed. */
  readonly pools?: readonly string[] | undefined;
  /** What the build wrote down. */
  readonly record?: TrustRecord | undefined;
}
