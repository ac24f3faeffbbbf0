/** The disk of an image: partitions, what is in them, how full they are. */
import type { Mount } from '../capture/guest-files.ts';
import type { Subject } from './subject.ts';

export interface FileSystemFacts {
  readonly mount: string;
  readonly size: number;
  /** Undefined where the reader cannot tell. */
  readonly free: number | undefined;
  /** False when a journal was not played back, or files were removed while open: what is read may be older than it was. */
  readonly clean: boolean | undefined;
}

export interface DiskFacts {
  readonly format: string;
  /** Of the disk, and of the file, bytes. */
  readonly virtualSize: number;
  readonly fileSize: number;
  readonly label: 'gpt' | 'dos';
  readonly partitions: readonly {
    readonly number: number;
    readonly size: number;
    readonly type: string;
    readonly content: string | undefined;
    readonly uuid: string | undefined;
    readonly fileSystem: FileSystemFacts | undefined;
  }[];
}

export const diskFacts = ({ disk, files }: Subject): DiskFacts => ({
  format: disk.format,
  virtualSize: disk.size,
  fileSize: disk.fileSize,
  label: files.table.label,
  partitions: files.table.partitions.map(({ number, size, type, content, uuid }) => ({
    number,
    size,
    type,
    content,
    uuid,
    fileSystem: factsOf(files.mounts.find(({ partition }) => partition.number === number)),
  })),
});

const factsOf = (mount: Mount | undefined): FileSystemFacts | undefined => {
  if (mount === undefined) return undefined;
  const { blockSize, blocks, freeBlocks, clean } = mount.tree?.superblock ?? {};
  if (blockSize === undefined || blocks === undefined || freeBlocks === undefined)
    return { mount: mount.path, size: mount.partition.size, free: undefined, clean: undefined };
  return { mount: mount.path, size: blocks * blockSize, free: freeBlocks * blockSize, clean };
};
