/**
 * A lock that the kernel gives back when its holder dies, however it dies: flock(2) on a file that stays open.
 */
import { constants } from 'node:fs';
import { type FileHandle, open, readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { IngotError, messageOf } from '../errors.ts';
import { named } from '../system-error.ts';
import { flock, isStillAt } from './flock.ts';
import { makeFolders } from './folders.ts';

export interface LockOptions {
  /** Wait for the holder to finish instead of failing. */
  readonly wait?: boolean;
  /** Told once when the lock is not free, with the holder's process id where it is known. */
  readonly onWait?: (pid: string) => void;
  /** Many may hold it at once, and nobody else meanwhile. */
  readonly shared?: boolean;
  /** The file goes when the lock is given back. */
  readonly isTemporary?: boolean;
  /** What the lock protects, for the error. */
  readonly purpose: string;
  readonly signal?: AbortSignal;
}

/** Takes the lock; throws `host.busy` when another process holds it and `wait` is not set. */
export const acquireLock = async (path: string, options: LockOptions): Promise<AsyncDisposable> => {
  const { onWait, ...rest } = options;
  if (!options.wait || !onWait) return lock(path, rest);
  try {
    return await lock(path, { ...rest, wait: false });
  } catch (error) {
    if (!(error instanceof IngotError) || error.code !== 'host.busy') throw error;
    onWait(await holderOf(path));
    return lock(path, rest);
  }
};

/** For information: the lock holds without it. */
const holderOf = async (path: string): Promise<string> => (await readFile(path, 'utf8').catch(() => '')).trim();

const lock = async (path: string, options: Omit<LockOptions, 'onWait'>): Promise<AsyncDisposable> => {
  await makeFolders(dirname(path));
  const file = await openLockFile(path);
  try {
    if (!(await flock(file.fd, options))) throw await busy(path, options);
  } catch (error) {
    await file.close();
    throw error instanceof IngotError && error.code === 'host.command-failed' ? lockFailed(path, error) : error;
  }
  // Who held a temporary lock before may have removed the file that was opened.
  if (!(await isStillAt(path, file))) {
    await file.close();
    return lock(path, options);
  }
  held.add(file);
  await signLock(file);
  return {
    async [Symbol.asyncDispose]() {
      if (options.isTemporary) await rm(path, { force: true });
      held.delete(file);
      await file.close();
    },
  };
};

/** Node closes a file that nobody refers to. */
const held = new Set<FileHandle>();

/**
 * The folder may be one that others write in: a link is not followed, a pipe not waited for. Another user's file that
 * may only be read can be locked, too.
 */
const openLockFile = async (path: string): Promise<FileHandle> => {
  const flags = constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const file = await open(path, constants.O_RDWR | constants.O_CREAT | flags, 0o644)
    .catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EACCES') throw error;
      return open(path, constants.O_RDONLY | flags).catch(() => {
        throw error;
      });
    })
    .catch((error: unknown) => {
      throw lockFailed(path, error);
    });
  if ((await file.stat()).isFile()) return file;
  await file.close();
  throw lockFailed(path, new Error('this is not a file'));
};

/** For whoever finds it taken. Nothing is written into a file that only looks like a lock: another user's, or a hard link. */
const signLock = async (file: FileHandle): Promise<void> => {
  const { uid, nlink } = await file.stat();
  if (uid !== process.getuid?.() || nlink !== 1) return;
  await file.truncate();
  await file.write(`${process.pid}\n`, 0);
};

const lockFailed = (path: string, cause: unknown): IngotError => {
  const error = named(cause);
  // The folder cannot be written at all, so the lock is not the cause.
  if (error instanceof IngotError && /^host\.(read-only|no-space|not-allowed|io-error)$/.test(error.code)) return error;
  return new IngotError('host.lock-failed', `${path} cannot be locked`, {
    where: path,
    detail: cause instanceof IngotError ? cause.detail : messageOf(cause),
    hint: 'It has to be a file of its own, not a link. Remove it, or choose a folder that others cannot write.',
    cause,
  });
};

const busy = async (path: string, options: LockOptions): Promise<IngotError> => {
  const pid = await holderOf(path);
  return new IngotError('host.busy', `${options.purpose} is in use by another build${pid ? ` (process ${pid})` : ''}`, {
    where: path,
    hint: 'Wait for it to end, or end it.',
  });
};
