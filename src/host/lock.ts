/**
 * A lock that the kernel gives back when its holder dies, however it dies: flock(2) on a file, held by a tiny
 * process that dies with this one.
 */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { IngotError, interrupted } from '../errors.ts';
import { startLongLived } from './run.ts';

const CONFLICT = '75';
const STALE = '76';

/** flock(1) has the file open as 3. Who held a temporary lock before may have removed the file that we opened. */
const HOLD = `[ ! -e /proc/self/fd/3 ] || [ /proc/self/fd/3 -ef "$0" ] || exit ${STALE}
echo held
exec sleep infinity`;

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

const holderOf = async (path: string): Promise<string> => (await readFile(path, 'utf8').catch(() => '')).trim();

const lock = async (path: string, options: Omit<LockOptions, 'onWait'>): Promise<AsyncDisposable> => {
  await mkdir(dirname(path), { recursive: true });
  const waiting = options.wait ? [] : ['--nonblock', '--conflict-exit-code', CONFLICT];
  const taken = Promise.withResolvers<void>();
  const holder = startLongLived(
    'flock',
    [...waiting, ...(options.shared ? ['--shared'] : []), '--no-fork', path, ...['sh', '-c', HOLD, path]],
    {
      onLine: (line) => line === 'held' && taken.resolve(),
    },
  );
  const onAbort = () => holder.kill('SIGKILL');
  options.signal?.addEventListener('abort', onAbort, { once: true });
  const ended = await Promise.race([taken.promise.then(() => undefined), holder.ended]);
  options.signal?.removeEventListener('abort', onAbort);
  if (options.signal?.aborted) throw interrupted(options.signal.reason);
  if (ended && String(ended.exitCode) === STALE) return lock(path, options);
  if (ended) throw await busy(path, options, ended);
  await writeFile(path, `${process.pid}\n`);
  return {
    async [Symbol.asyncDispose]() {
      if (options.isTemporary) await rm(path, { force: true });
      holder.kill('SIGKILL');
      await holder.ended;
    },
  };
};

const busy = async (path: string, options: LockOptions, ended: { exitCode: number | undefined; output: string }) => {
  if (String(ended.exitCode) !== CONFLICT) {
    return new IngotError('host.lock-failed', `cannot lock ${path}`, { where: path, detail: ended.output });
  }
  const pid = await holderOf(path);
  return new IngotError('host.busy', `${options.purpose} is in use by another build${pid ? ` (process ${pid})` : ''}`, {
    where: path,
    hint: 'Wait for it to end, or end it.',
  });
};
