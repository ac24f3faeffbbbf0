/** The one error class of Ingot. Libraries throw it, `cli/main.ts` alone prints it and exits. */

/** In place of a hint: nothing can be done, or the message says it. The reason is for whoever reads the code. */
export interface NoHint {
  readonly none: string;
}

export const none = (why: string): NoHint => ({ none: why });

/** For what can only be a fault of the code. */
export const OUR_FAULT =
  'This is a fault of Ingot: please report it, with the file that `ingot evidence -o FILE` packs.';

export interface ErrorDetails {
  /** File, stage, phase or machine concerned: `recipe.yaml:12:7`, `install/partitioning`. */
  readonly where?: string | undefined;
  /** What to do next, in one or two sentences; or `none`, where there is nothing to do. */
  readonly hint: string | NoHint;
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

  constructor(code: string, message: string, details: ErrorDetails) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'IngotError';
    this.code = code;
    this.where = details.where;
    this.hint = typeof details.hint === 'string' ? details.hint : undefined;
    this.detail = details.detail;
  }
}

/** The same error as an outer caller tells it: what is given here replaces what it said. */
export const retold = (
  error: IngotError,
  { code = error.code, message = error.message, ...rest }: Retelling,
): IngotError =>
  new IngotError(code, message, {
    where: rest.where ?? error.where,
    hint: rest.hint ?? error.hint ?? none('the error that is told had none'),
    detail: error.detail,
    cause: error,
  });

interface Retelling {
  readonly code?: string;
  readonly message?: string;
  readonly where?: string | undefined;
  readonly hint?: string | undefined;
}

/** Throws the named interruption if the signal has fired. */
export const throwIfInterrupted = (signal: AbortSignal | undefined): void => {
  if (signal?.aborted) throw interrupted(signal.reason);
};

export const interrupted = (cause?: unknown): IngotError =>
  cause instanceof IngotError
    ? cause
    : new IngotError('interrupted', 'interrupted', { hint: none('who interrupts knows what comes next'), cause });

/** What ended the work: where its cleanup failed too, JavaScript throws that, with the first failure as what it suppressed. */
export const firstFailure = (error: unknown): unknown =>
  error instanceof SuppressedError ? firstFailure(error.suppressed) : error;

export const isInterruption = (thrown: unknown): boolean => {
  const error = firstFailure(thrown);
  return error instanceof IngotError && error.code === 'interrupted';
};

export const exitCodeOf = (thrown: unknown): number => {
  const error = firstFailure(thrown);
  if (!(error instanceof IngotError)) return 1;
  if (error.code === 'interrupted') return 130;
  return /^(usage|recipe)\./.test(error.code) ? 2 : 1;
};

/** The message of anything that was thrown. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
