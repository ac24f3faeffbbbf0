/** Files that appear whole or not at all: temporary name, fsync, rename, fsync of the folder. */
import { createHash, randomBytes } from 'node:crypto';
import { open, readdir, rename, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { IngotError } from '../errors.ts';
import { digestFile } from './digest.ts';
import { makeFolders } from './folders.ts';
import type { HeldFolder } from './held-folder.ts';

/** Marks a `FileRef`. A package of an index has a path, a size and a sum, too, and is no file of the store. */
export const FILE = Symbol('file');

/** A file with its content's identity. `path` is absolute, `size` in bytes, `sha256` in lower-case hex. */
export interface FileRef {
  readonly [FILE]: true;
  readonly path: string;
  readonly size: number;
  readonly sha256: string;
}

export const sha256 = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex');

export const sha256File = (path: string, signal?: AbortSignal): Promise<string> => digestFile(path, 'sha256', signal);

export const fileRef = async (path: string, signal?: AbortSignal): Promise<FileRef> =>
  fileOf({ path, size: (await stat(path)).size, sha256: await sha256File(path, signal) });

/** Of a file whose identity is known already. */
export const fileOf = (file: Omit<FileRef, typeof FILE>): FileRef => ({ [FILE]: true, ...file });

export const isFileRef = (value: unknown): value is FileRef =>
  typeof value === 'object' && value !== null && FILE in value;

/** A name next to `path` that no other process uses. */
export const temporaryName = (path: string): string =>
  join(dirname(path), `.${basename(path)}.${process.pid}.${randomBytes(4).toString('hex')}.tmp`);

/** The beginning of a file; fewer bytes when it has no more. */
export const firstBytes = async (path: string, count: number): Promise<Buffer> => {
  await using handle = await open(path);
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(count), 0, count, 0);
  return buffer.subarray(0, bytesRead);
};

/** The end of a file, of whatever size it is. */
export const lastBytes = async (path: string, count: number): Promise<Buffer> => {
  await using handle = await open(path);
  const { size } = await handle.stat();
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(Math.min(size, count)), {
    position: Math.max(0, size - count),
  });
  return buffer.subarray(0, bytesRead);
};

export const syncPath = async (path: string): Promise<void> => {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
};

export const syncTree = async (folder: string): Promise<void> => {
  for (const item of await readdir(folder, { withFileTypes: true, recursive: true })) {
    if (item.isFile() || item.isDirectory()) await syncPath(join(item.parentPath, item.name));
  }
};

/** Moves a finished file or folder to its place so that it survives a power failure. */
export const publish = async (temporary: string, final: string): Promise<void> => {
  await syncPath(temporary);
  await rename(temporary, final);
  await syncPath(dirname(final));
};

export const writeFileWhole = async (path: string, data: string | Uint8Array, mode = 0o644): Promise<void> => {
  const temporary = temporaryName(path);
  await makeFolders(dirname(path));
  try {
    await writeFile(temporary, data, { mode });
    await publish(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
};

export type TemporaryFolder = Omit<HeldFolder, 'handle'>;

/**
 * A 0700 folder that is removed with what is in it at the end of the `await using` scope. Those that killed processes
 * have left under the same prefix go when the next one is made.
 */
export const temporaryFolder = async (prefix = 'ingot-', parent?: string): Promise<HeldFolder> => {
  const { makeHeldFolder, removeLeftFolders } = await import('./held-folder.ts');
  const path = join(parent ?? (await temporaryParent()), prefix);
  await removeLeftFolders(path);
  return await makeHeldFolder(path);
};

/** TMPDIR, or /tmp where somebody else may rename what lies in TMPDIR. */
const temporaryParent = async (): Promise<string> => ((await isKept(tmpdir())) ? tmpdir() : '/tmp');

/** Whether nobody can replace what we make in a folder: it is ours or root's, and others write there at most as in /tmp. False when it cannot be looked at. */
export const isKept = async (folder: string): Promise<boolean> => {
  const found = await stat(folder).catch(() => undefined);
  if (!found?.isDirectory()) return false;
  const isOwn = found.uid === 0 || found.uid === process.getuid?.();
  return isOwn && ((found.mode & 0o022) === 0 || (found.mode & 0o1000) !== 0);
};

/** Throws `host.foreign-folder` for a folder of somebody else, who could put links where files are written. */
export const requireOwn = async (folder: string): Promise<void> => {
  if ((await stat(folder)).uid === process.getuid?.()) return;
  throw new IngotError('host.foreign-folder', 'this folder belongs to another user', {
    where: folder,
    hint: 'Name a new folder, or one of your own.',
  });
};

/** Throws `host.no-space` unless the file system of `folder` has `bytes` free. */
export const requireSpace = async (
  folder: string,
  bytes: number,
  purpose: string,
  otherwise = 'put the store elsewhere with --store',
): Promise<void> => {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  if (free >= bytes) return;
  throw new IngotError('host.no-space', `${purpose} needs ${inMiB(bytes)}, ${folder} has ${inMiB(free)} free`, {
    where: folder,
    hint: `Free some space, or ${otherwise}.`,
  });
};

export const inMiB = (bytes: number): string => `${Math.ceil(bytes / 1024 / 1024)} MiB`;
