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

/** The message of anything that was thrown. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
