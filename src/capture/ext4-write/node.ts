/** What is written into a file system: one node for each inode, in the order in which they are numbered. */

export interface WriteNode {
  /** With the type bits of stat(2). */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Seconds since the epoch, for all of its times. */
  readonly time: number;
  /** Those of chattr(1): immutable, append only, … */
  readonly flags: number;
  readonly attributes: ReadonlyMap<string, Buffer>;
  readonly body: Body;
}

export type Body =
  | {
      readonly type: 'file';
      readonly size: number;
      readonly content: () => AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
      readonly isWhole: boolean;
    }
  | { readonly type: 'folder'; readonly entries: readonly FolderEntry[]; readonly parent: WriteNode | undefined }
  | { readonly type: 'link'; readonly target: Buffer }
  /** `device`: the eight bytes that an inode has of its number. */
  | { readonly type: 'special'; readonly device: Buffer };

export interface FolderEntry {
  readonly name: Buffer;
  readonly node: WriteNode;
}
