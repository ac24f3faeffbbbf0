/** Files that appear whole or not at all: temporary name, fsync, rename, fsync of the folder. */
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, open, readdir, rename, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { IngotError } from '../errors.ts';
import { digestFile } from './digest.ts';
import { isAlive } from './process.ts';

/** A file with its content's identity. `path` is absolute, `size` in bytes, `sha256` in lower-case hex. */
export interface FileRef {
  readonly path: string;
  readonly size: number;
  readonly sha256: string;
}

export const sha256 = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex');

export const sha256File = (path: string, signal?: AbortSignal): Promise<string> => digestFile(path, 'sha256', signal);

export const fileRef = async (path: string, signal?: AbortSignal): Promise<FileRef> => ({
  path,
  size: (await stat(path)).size,
  sha256: await sha256File(path, signal),
});

/** A name beside `path` that no other process uses. */
export const temporaryName = (path: string): string =>
  join(dirname(path), `.${basename(path)}.${process.pid}.${randomBytes(4).toString('hex')}.tmp`);

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
  await mkdir(dirname(path), { recursive: true });
  try {
    await writeFile(temporary, data, { mode });
    await publish(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
};

export interface TemporaryFolder extends AsyncDisposable {
  readonly path: string;
}

/**
 * A 0700 folder that is removed with what is in it at the end of the `await using` scope. Those that killed processes
 * have left under the same prefix go when the next one is made.
 */
export const temporaryFolder = async (prefix = 'ingot-', parent = tmpdir()): Promise<TemporaryFolder> => {
  for (const name of await readdir(parent).catch(() => [])) {
    const pid = name.startsWith(prefix) ? /^(\d+)-[A-Za-z0-9]{6}$/.exec(name.slice(prefix.length))?.[1] : undefined;
    if (pid === undefined || isAlive(Number(pid))) continue;
    // Another user's stays.
    await rm(join(parent, name), { recursive: true, force: true }).catch(() => undefined);
  }
  const path = await mkdtemp(join(parent, `${prefix}${process.pid}-`));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
};

/** Throws `host.no-space` unless the file system of `folder` has `bytes` free. */
export const requireSpace = async (folder: string, bytes: number, purpose: string): Promise<void> => {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  if (free >= bytes) return;
  throw new IngotError('host.no-space', `${purpose} needs ${inMiB(bytes)}, ${folder} has ${inMiB(free)} free`, {
    where: folder,
    hint: 'Free some space, or put the store elsewhere with --store.',
  });
};

export const inMiB = (bytes: number): string => `${Math.ceil(bytes / 1024 / 1024)} MiB`;
