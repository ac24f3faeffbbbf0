/** What the readers of ext4 and FAT have in common. Paths are those of the file system itself and begin with `/`. */

export interface Entry {
  readonly name: string;
  readonly type: 'file' | 'folder' | 'link' | 'other';
  /** Permission bits; absent on FAT. */
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  /** Bytes. */
  readonly size: number;
}

export interface FileSystem {
  /** What is in a folder, without `.` and `..`; undefined when there is no such folder. Links are not followed. */
  list(path: string): Promise<readonly Entry[] | undefined>;
  read(path: string): Promise<Buffer>;
  /** Target of a symbolic link. */
  readLink(path: string): Promise<string>;
}
