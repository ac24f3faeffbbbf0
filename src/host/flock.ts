/**
 * flock(2) on a file or folder that is open here. flock(1) is handed the descriptor and ends: the lock belongs to the
 * open file, so it goes when this process does, however it dies, and it is seen from every PID namespace.
 */
import { type FileHandle, lstat } from 'node:fs/promises';
import { ifThere } from './if-there.ts';
import { run } from './run.ts';

const CONFLICT = 75;

export interface FlockOptions {
  /** Wait for the holder to finish. */
  readonly wait?: boolean;
  /** Many may hold it at once, and nobody else meanwhile. */
  readonly shared?: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** False when another has it; throws `host.command-failed` where the file system has no such locks. */
export const flock = async (descriptor: number, options: FlockOptions = {}): Promise<boolean> => {
  const { exitCode } = await run(
    // Without this, a killed process would leave another one that still waits for the lock.
    'setpriv',
    [
      ...['--pdeathsig', 'KILL', '--', 'flock'],
      ...(options.shared ? ['--shared'] : []),
      ...(options.wait ? [] : ['--nonblock', '--conflict-exit-code', String(CONFLICT)]),
      '0',
    ],
    { descriptor, signal: options.signal, allow: [0, CONFLICT] },
  );
  return exitCode === 0;
};

/** Whether an open file still has this name: a lock on a file that was removed meanwhile keeps nobody out. */
export const isStillAt = async (path: string, file: FileHandle): Promise<boolean> => {
  const there = await ifThere(lstat(path, { bigint: true }));
  const open = await file.stat({ bigint: true });
  return there?.ino === open.ino && there.dev === open.dev;
};
