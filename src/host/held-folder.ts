/**
 * Temporary folders that are held by the process that made them, with a lock that dies with it, and the removal of those that
 * dead processes have left. They lie in folders that others can write, too: only a folder of our own user is removed,
 * opened without following a link, and while nobody holds it.
 */
import { type FileHandle, mkdtemp, readdir, rmdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { IngotError } from '../errors.ts';
import { type FlockOptions, flock, isStillAt } from './flock.ts';
import { isAlive } from './process.ts';
import { emptyFolder, openFolder } from './remove-tree.ts';

export interface HeldFolder extends AsyncDisposable {
  readonly path: string;
  readonly handle: FileHandle;
}

/** `<prefix><process id>-XXXXXX` with mode 0700, removed at its end, unless it has another name by then. */
export const makeHeldFolder = async (prefix: string): Promise<HeldFolder> => {
  for (;;) {
    const path = await mkdtemp(`${prefix}${process.pid}-`);
    const folder = await openFolder(path).catch(ifGone);
    // Another process may find it before it is held, and take it for one that was left.
    if (!folder) continue;
    if ((await take(folder)) === false || !(await isStillAt(path, folder))) {
      await folder.close();
      continue;
    }
    return {
      path,
      handle: folder,
      async [Symbol.asyncDispose]() {
        await using handle = folder;
        if (!(await isStillAt(path, handle))) return;
        await emptyFolder(handle);
        await rmdir(path);
      },
    };
  }
};

/** Removes what dead processes have left under a prefix. What cannot be removed stays. */
export const removeLeftFolders = async (prefix: string): Promise<void> => {
  const parent = dirname(prefix);
  const begin = basename(prefix);
  for (const name of await readdir(parent).catch(() => [])) {
    const pid = name.startsWith(begin) ? /^(\d+)-[A-Za-z0-9]{6}$/.exec(name.slice(begin.length))?.[1] : undefined;
    // In another PID namespace the number means another process, so this only saves a look.
    if (pid === undefined || isAlive(Number(pid))) continue;
    await removeLeft(join(parent, name)).catch(() => undefined);
  }
};

const removeLeft = async (path: string): Promise<void> => {
  await using folder = await openFolder(path);
  if ((await folder.stat()).uid !== process.getuid?.() || (await take(folder)) !== true) return;
  await emptyFolder(folder);
  await rmdir(path);
};

/** Holds a folder that is there until the handle is closed, or this process dies. */
export const hold = async (path: string): Promise<FileHandle> => {
  const folder = await openFolder(path);
  // A process that takes it for a left one releases it soon.
  await take(folder, { wait: true });
  return folder;
};

/** Whether nobody held it; undefined where there are no such locks. */
export const take = (folder: FileHandle, options: FlockOptions = {}): Promise<boolean | undefined> =>
  flock(folder.fd, options).catch((error: unknown) => {
    if (error instanceof IngotError && /^host\.(command-failed|tool-missing)$/.test(error.code)) return undefined;
    throw error;
  });

const ifGone = (error: NodeJS.ErrnoException): undefined => {
  if (error.code !== 'ENOENT') throw error;
};
