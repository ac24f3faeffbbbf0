/** The one error class of Ingot. Libraries throw it, `cli/main.ts` alone prints it and exits. */

export interface ErrorDetails {
  /** File, stage, phase or machine concerned: `recipe.yaml:12:7`, `install/partitioning`. */
  readonly where?: string | undefined;
  /** The next thing to try, in one or two sentences. */
  readonly hint?: string | undefined;
  /** Lines that show the reason: the last output of a tool, the offending recipe line. */
  readonly detail?: string | undefined;
  readonly cause?: unknown;
}

/**
 * A failure with a name. `code` is stable and dotted, the area first: `recipe.invalid`, `host.tool-missing`,
 * `origin.digest-mismatch`, `machine.qemu-died`, `install.phase-timeout`. The areas `usage` and `recipe` exit
 * with 2, `interrupted` with 130, all others with 1.
 */
export class IngotError extends Error {
  readonly code: string;
  readonly where: string | undefined;
  readonly hint: string | undefined;
  readonly detail: string | undefined;

  constructor(code: string, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'IngotError';
    this.code = code;
    this.where = details.where;
    this.hint = details.hint;
    this.detail = details.detail;
  }
}

/** Throws the named interruption if the signal has fired. */
export const throwIfInterrupted = (signal: AbortSignal | undefined): void => {
  if (signal?.aborted) throw interrupted(signal.reason);
};

export const interrupted = (cause?: unknown): IngotError =>
  cause instanceof IngotError ? cause : new IngotError('interrupted', 'interrupted', { cause });

export const exitCodeOf = (error: unknown): number => {
  if (!(error instanceof IngotError)) return 1;
  if (error.code === 'interrupted') return 130;
  return /^(usage|recipe)\./.test(error.code) ? 2 : 1;
};

/** What the operating system says to a path of ours, in our form; anything else as it is. */
export const named = (error: unknown): unknown => {
  if (!(error instanceof Error && 'code' in error && 'syscall' in error)) return error;
  const meaning = SYSTEM_ERRORS[String(error.code)];
  if (meaning === undefined) return error;
  const where = 'path' in error ? String(error.path) : undefined;
  return new IngotError(meaning.code, `${meaning.text} (${String(error.syscall)})`, {
    where,
    hint: meaning.hint,
    cause: error,
  });
};

interface SystemError {
  readonly code: string;
  readonly text: string;
  readonly hint?: string;
}

const SYSTEM_ERRORS: Readonly<Record<string, SystemError>> = {
  ENOENT: { code: 'host.no-such-file', text: 'there is no such file or folder' },
  ENOTDIR: { code: 'host.not-a-folder', text: 'a folder is needed here' },
  EISDIR: { code: 'host.is-a-folder', text: 'this is a folder, a file is needed' },
  EACCES: { code: 'host.not-allowed', text: 'this may not be read or written' },
  EPERM: { code: 'host.not-allowed', text: 'this may not be read or written' },
  EROFS: { code: 'host.read-only', text: 'the file system is read-only' },
  ENOSPC: {
    code: 'host.no-space',
    text: 'the file system is full',
    hint: 'Free some space; the same command goes on.',
  },
  EDQUOT: { code: 'host.no-space', text: 'the quota is used up', hint: 'Free some space; the same command goes on.' },
  EIO: { code: 'host.io-error', text: 'the disk reports an error', hint: 'Is the disk in order? See dmesg.' },
};

/** The message of anything that was thrown. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
