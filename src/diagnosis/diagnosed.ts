/** An error that says that a machine has stopped, made into one that says why, as far as the catalogue knows it. */
import { IngotError } from '../errors.ts';
import { type Cause, type Diagnosis, diagnose, type Evidence } from './cause.ts';

/** Codes of errors without a reason: the reason is looked for. All others have one. */
const WITHOUT_REASON = new Set([
  'install.waiting',
  'install.step-failed',
  'install.phase-timeout',
  'install.stalled',
  'install.no-success',
  'install.no-boot',
  'install.kernel-panic',
  'install.system',
  'install.boot-loader',
  'install.base-list',
  'install.late-command-failed',
  'machine.guest-panic',
  'guest.ssh-timeout',
  'guest.idle',
  'guest.auth-refused',
  'guest.connection-lost',
]);

/** The last lines are about what stopped the machine; problems further back were overcome, or have a search of their own. */
const LOG_LINES = 120;
const CONSOLE_LINES = 300;

/** The lines of a machine: see `LineFeed`. */
export interface Watched {
  readonly log: { last(count: number): readonly string[] };
  readonly console: { last(count: number): readonly string[] };
}

export const evidenceOf = ({ log, console }: Watched, rest: Pick<Evidence, 'screen' | 'question'>): Evidence => ({
  log: log.last(LOG_LINES),
  wholeLog: log.last(Number.MAX_SAFE_INTEGER),
  console: console.last(CONSOLE_LINES),
  ...rest,
});

/** The error with its cause; as it is when it has a reason of its own, or when nothing in the catalogue fits. */
export const diagnosed = (error: unknown, catalogue: readonly Cause[], evidence: Evidence): unknown => {
  if (!(error instanceof IngotError) || !WITHOUT_REASON.has(error.code)) return error;
  const { code } = error;
  const diagnosis = diagnose(
    catalogue.filter(({ explains }) => explains?.includes(code) ?? true),
    evidence,
  );
  return diagnosis ? withCause(error, diagnosis) : error;
};

/** The screen or the last lines stay; the decisive ones come before them, unless they are there. */
const withCause = (error: IngotError, { cause, message, lines }: Diagnosis): IngotError => {
  const seen = error.detail ?? '';
  const decisive = lines.filter((line) => !seen.includes(line));
  return new IngotError(cause.code, `${message} (${error.message})`, {
    where: error.where,
    detail: [...decisive, ...(decisive.length > 0 && seen !== '' ? ['…'] : []), seen].join('\n').trimEnd(),
    hint: cause.hint,
    cause: error,
  });
};

/** The error of what has stopped for good while it was waited for. */
export const stopped = (diagnosis: Diagnosis, where: string, detail: string): IngotError =>
  new IngotError(diagnosis.cause.code, diagnosis.message, { where, detail, hint: diagnosis.cause.hint });
