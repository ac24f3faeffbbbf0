/**
 * Findings that may stay for a while, since somebody answers for them: one form for every check, written in a policy. One whose last
 * day is over waives nothing.
 */
import { matchesName } from './patterns.ts';

export interface Waiver {
  /** The rule as a finding names it, or a vulnerability; `*` stands for any letters. */
  readonly rule: string;
  /** Only for this path, package or name. */
  readonly where?: string | undefined;
  readonly reason: string;
  /** The last day on which it holds. */
  readonly until: string;
}

/** All names by which a finding is known, and all places where it is. */
export interface Waivable {
  readonly rules: readonly string[];
  readonly places: readonly string[];
}

export const isOver = ({ until }: Waiver, now: Date): boolean => until < now.toISOString().slice(0, 10);

export const concerns = ({ rule, where }: Waiver, { rules, places }: Waivable): boolean =>
  rules.some((name) => matchesName([rule], name)) &&
  (where === undefined || places.some((place) => matchesName([where], place)));
