/**
 * The one place where processes start: stdin closed unless given, a minimal environment in a fixed locale, and an
 * error that shows a command line which can be pasted into a shell.
 */
import { once } from 'node:events';
import { createReadStream, createWriteStream, existsSync, writeFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import { ExecaError, ExecaSyncError, execa, execaSync, type Options } from 'execa';
import { IngotError, interrupted } from '../errors.ts';
import { commandLine, minimalEnvironment } from './command-line.ts';
import { lastLines, lineSplitter } from './lines.ts';

export interface RunOptions {
  readonly cwd?: string;
  /** Added to the minimal environment (PATH, HOME, LANG, TMPDIR, apt and proxy settings). */
  readonly env?: Readonly<Record<string, string>>;
  /** Text or bytes for stdin; closed when absent. */
  readonly input?: string | Uint8Array;
  /** A file for stdin. */
  readonly inputFile?: string;
  /** A file that takes stdout instead of the result. */
  readonly outputFile?: string;
  /** The descriptor of an open file that the child shares as its stdin. */
  readonly descriptor?: number;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds. */
  readonly timeout?: number;
  /** Exit statuses that are not an error; 0 when absent. */
  readonly allow?: readonly number[];
  /** Called for every line of stdout and stderr as it comes; \r ends a line too (progress meters). */
  readonly onLine?: (line: string, stream: 'stdout' | 'stderr') => void;
  /** For commands with any amount of output: only the end is kept, for the error; stdout and stderr of the result are empty. */
  readonly keepsEnd?: boolean;
  /** For what reads foreign data: at most so many bytes of address space, and it ends with this process. */
  readonly memory?: number;
  /** The same: at most so many bytes in a file that it writes (SIGXFSZ ends it). */
  readonly fileSize?: number;
  /** What to do when the command is missing or fails, for the error. */
  readonly hint?: string;
}

export interface RunResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
  /** Milliseconds. */
  readonly duration: number;
}

/**
 * Runs a command to its end. Throws `host.tool-missing` when it does not exist, `host.command-failed` when its exit
 * status is not allowed, `host.command-timeout`, or `interrupted`.
 */
export const run = async (file: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> => {
  const started = performance.now();
  // The child writes into the file itself, not through this process.
  const output = options.outputFile === undefined ? undefined : createWriteStream(options.outputFile);
  let end = () => '';
  try {
    if (output) await once(output, 'open');
    const child = execa(...confined(file, args, options), {
      ...execaOptions(options),
      ...(output === undefined ? {} : { stdout: output }),
    });
    if (options.onLine) followLines(child, options.onLine);
    if (options.keepsEnd) end = endOf(child.all);
    const result = await child;
    return {
      stdout: textOf(result.stdout),
      stderr: textOf(result.stderr),
      exitCode: result.exitCode ?? -1,
      duration: performance.now() - started,
    };
  } catch (error) {
    if (!(error instanceof ExecaError)) throw error;
    const exitCode = error.exitCode;
    if (exitCode !== undefined && options.allow?.includes(exitCode)) {
      return {
        stdout: textOf(error.stdout),
        stderr: textOf(error.stderr),
        exitCode,
        duration: performance.now() - started,
      };
    }
    throw commandError(file, args, error, { ...options, end: end() });
  } finally {
    output?.destroy();
  }
};

/** The same for quick commands: everything waits for it. Returns stdout; without `onLine`, `signal` and files. */
export const runSync = (
  file: string,
  args: readonly string[],
  options: Pick<RunOptions, 'input' | 'timeout' | 'hint'>,
): string => {
  const { env, extendEnv, stripFinalNewline, maxBuffer } = execaOptions({});
  try {
    const { input = '', timeout } = options;
    const fixed = { env, extendEnv, stripFinalNewline, maxBuffer, input, killSignal: 'SIGKILL' as const };
    return textOf(execaSync(file, args, { ...fixed, ...(timeout === undefined ? {} : { timeout }) }).stdout);
  } catch (error) {
    if (!(error instanceof ExecaError || error instanceof ExecaSyncError)) throw error;
    throw commandError(file, args, error, options);
  }
};

const MOST_OUTPUT = 64 * 1024 * 1024;
const MOST_OF_END = 16_384;

/** The end of what a stream says. */
const endOf = (stream: NodeJS.ReadableStream | undefined): (() => string) => {
  let end = '';
  stream?.on('data', (chunk: Buffer | string) => {
    end = (end + String(chunk)).slice(-MOST_OF_END);
  });
  return () => end;
};

/** As `startLongLived` does it; prlimit(1) and setpriv(1) each take the command's place, so that its pid is the child's. */
const confined = (file: string, args: readonly string[], options: RunOptions): [string, readonly string[]] => {
  const { memory, fileSize } = options;
  if (!isConfined(options)) return [file, args];
  const limits = [
    ...(memory === undefined ? [] : [`--as=${memory}`]),
    ...(fileSize === undefined ? [] : [`--fsize=${fileSize}`]),
  ];
  return ['setpriv', ['--pdeathsig', 'KILL', '--', 'prlimit', ...limits, '--', file, ...args]];
};

const isConfined = ({ memory, fileSize }: RunOptions): boolean => memory !== undefined || fileSize !== undefined;

/** What setpriv and prlimit end with where there is no such command, as shells do. */
const NOT_FOUND = 127;

const execaOptions = (options: RunOptions) =>
  ({
    env: minimalEnvironment(options.env),
    extendEnv: false,
    stripFinalNewline: true,
    killDescendants: true,
    maxBuffer: MOST_OUTPUT,
    ...(options.keepsEnd ? { buffer: false, all: true } : {}),
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.signal === undefined ? {} : { cancelSignal: options.signal }),
    ...(options.timeout === undefined ? {} : { timeout: options.timeout }),
    ...(options.input === undefined ? {} : { input: options.input }),
    ...(options.inputFile === undefined ? {} : { inputFile: options.inputFile }),
    ...(options.input === undefined && options.inputFile === undefined ? { stdin: stdinOf(options) } : {}),
  }) satisfies Options;

/** A stream that is never read here hands its descriptor on. */
const stdinOf = ({ descriptor }: RunOptions) =>
  descriptor === undefined ? 'ignore' : createReadStream('', { fd: descriptor, autoClose: false });

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

interface Streams {
  readonly stdout?: NodeJS.ReadableStream | null;
  readonly stderr?: NodeJS.ReadableStream | null;
}

const followLines = (child: Streams, onLine: NonNullable<RunOptions['onLine']>): void => {
  for (const name of ['stdout', 'stderr'] as const) {
    const splitter = lineSplitter((line) => onLine(line, name));
    child[name]?.on('data', (chunk: Buffer | string) => splitter.push(String(chunk)));
    child[name]?.on('end', () => splitter.end());
  }
};

const commandError = (
  file: string,
  args: readonly string[],
  error: ExecaError | ExecaSyncError,
  options: RunOptions & { readonly end?: string },
): IngotError => {
  if (error.isCanceled) return interrupted(options.signal?.reason);
  const shown = commandLine(file, args);
  if ((error.code === 'ENOENT' && isThere(options.cwd)) || (isConfined(options) && error.exitCode === NOT_FOUND)) {
    return new IngotError('host.tool-missing', `${file}: command not found`, {
      hint: options.hint ?? PACKAGE,
      cause: error,
    });
  }
  const tail = lastLines(`${textOf(error.stderr)}\n${textOf(error.stdout)}\n${options.end ?? ''}`, 12);
  const how = error.timedOut
    ? `ran longer than ${Math.round((options.timeout ?? 0) / 1000)} s`
    : error.isMaxBuffer
      ? `wrote more than ${MOST_OUTPUT / 2 ** 20} MiB`
      : error.signal
        ? `was ended by ${error.signal}`
        : error.exitCode === undefined
          ? `could not be started: ${(error.originalMessage ?? error.shortMessage).split('\n')[0]}`
          : `ended with status ${error.exitCode}`;
  return new IngotError(error.timedOut ? 'host.command-timeout' : 'host.command-failed', `${file} ${how}`, {
    detail: [`$ ${shown}`, tail].filter((part) => part !== '').join('\n'),
    hint: options.hint ?? nextOf(error),
    cause: error,
  });
};

/** Without its folder a command is said to be missing as well. */
const isThere = (folder: string | undefined): boolean => folder === undefined || existsSync(folder);

const PACKAGE = '`ingot doctor` says which package has it.';

const nextOf = (error: ExecaError | ExecaSyncError): string => {
  if (error.timedOut) return 'Is the host very busy, or its disk slow? The same command goes on.';
  if (error.exitCode === undefined && error.signal === undefined)
    return 'The host did not start it: that is what to mend.';
  if (error.signal === 'SIGKILL') return 'Most often the kernel has killed it because memory ran out: see dmesg.';
  return 'Its output is above; the line after `$` can be run by hand.';
};

/** A process that runs next to the build (QEMU). */
export interface LongLived {
  readonly pid: number;
  /** Resolves with how it ended, never rejects. */
  readonly ended: Promise<{
    readonly exitCode: number | undefined;
    readonly signal: string | undefined;
    readonly output: string;
  }>;
  kill(signal: 'SIGTERM' | 'SIGKILL'): void;
}

/**
 * Starts a process that dies with this one, even when this one is killed with -9: `setpriv --pdeathsig KILL` sets
 * PR_SET_PDEATHSIG (prctl(2)) before the command takes its place. The death signal follows the thread that forked,
 * so this must run on the main thread, which lives as long as the process.
 */
export const startLongLived = (
  file: string,
  args: readonly string[],
  options: Pick<RunOptions, 'cwd' | 'env' | 'onLine'> = {},
): LongLived => {
  const child = execa('setpriv', ['--pdeathsig', 'KILL', '--', file, ...args], {
    ...execaOptions(options),
    reject: false,
    all: true,
    buffer: false,
    // A session of its own: Ctrl-C is for this process, which ends the other in its own way.
    detached: true,
  });
  if (child.pid === undefined)
    throw new IngotError('host.tool-missing', `${file} could not be started`, { hint: PACKAGE });
  keepNice(child.pid);
  const end = endOf(child.all);
  if (options.onLine) followLines(child, options.onLine);
  const ended = child.then(
    (result) => ({ exitCode: result.exitCode, signal: result.signal, output: end() }),
    () => ({ exitCode: undefined, signal: undefined, output: end() }),
  );
  return { pid: child.pid, ended, kill: (signal) => void child.kill(signal) };
};

/**
 * `nice ingot build` is meant for its machines too. A session of its own is an autogroup of its own (sched(7)), in which a nice
 * value counts among its own processes alone: the group needs it as well. Not where the kernel has no autogroups.
 */
const keepNice = (pid: number): void => {
  const nice = getPriority();
  if (nice <= 0) return;
  try {
    writeFileSync(`/proc/${pid}/autogroup`, String(nice));
  } catch {
    // A courtesy to what else runs on this host.
  }
};
