/**
 * What the mirror lacks today. A test that needs it skips with this as its reason; nothing is passed over in silence.
 */
import { IngotError } from '../../src/errors.ts';

export interface Missing {
  readonly name: string;
  readonly why: string;
}

/** Thrown where an installer without these would not come to its end. */
export class Incomplete extends IngotError {
  readonly missing: readonly Missing[];

  constructor(what: string, missing: readonly Missing[]) {
    super('real-installer.incomplete', `${what} cannot be put together: the mirror lacks ${namesOf(missing)}`, {
      detail: missing.map(({ name, why }) => `${name}: ${why}`).join('\n'),
      hint: 'Another mirror may have them, and this one on another day.',
    });
    this.missing = missing;
  }
}

/** States of a mirror, not faults of what is tested. */
const OF_THE_MIRROR = [
  'origin.no-mirror',
  'origin.mirror-unreachable',
  'origin.mirror-failed',
  'origin.not-an-archive',
  'origin.not-on-mirror',
  'origin.digest-mismatch',
  'origin.index-expired',
];

/** Why a test cannot run today; undefined for an error that it has to fail with. */
export const skipReason = (error: unknown): string | undefined => {
  if (error instanceof Incomplete) return `${error.message} (${error.missing[0]?.why})`;
  return error instanceof IngotError && OF_THE_MIRROR.includes(error.code) ? error.message : undefined;
};

/** What was made, or why a test that needs it cannot run today. */
export const orSkip = <T extends object>(made: Promise<T>): Promise<T | string> =>
  made.catch((error: unknown) => {
    const reason = skipReason(error);
    if (reason === undefined) throw error;
    return reason;
  });

const namesOf = (missing: readonly Missing[]): string => {
  const names = missing.map(({ name }) => name);
  return names.length > 6 ? `${names.slice(0, 6).join(', ')} and ${names.length - 6} more` : names.join(', ');
};
