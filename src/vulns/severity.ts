/** How bad a vulnerability is, and who says so by what method: what a vendor says counts more than a number of CVSS. */

export const LEVELS = ['negligible', 'low', 'medium', 'high', 'critical'] as const;
export type Level = (typeof LEVELS)[number];

export interface Severity {
  /** Undefined where nobody has said, or it is said in a form that is not computed here. */
  readonly level: Level | undefined;
  /** `vendor: Debian urgency`, `CVSS:3.1`. */
  readonly method: string;
  /** As it is written: `high`, a vector. */
  readonly said?: string;
  readonly score?: number;
}

export const NOT_SAID: Severity = { level: undefined, method: 'nobody has said' };

const WORDS: Readonly<Record<string, Level>> = {
  unimportant: 'negligible',
  negligible: 'negligible',
  none: 'negligible',
  low: 'low',
  minor: 'low',
  medium: 'medium',
  moderate: 'medium',
  high: 'high',
  important: 'high',
  critical: 'critical',
  urgent: 'critical',
};

/** A vendor's own word; Debian adds stars and "not yet assigned". */
export const vendorSeverity = (word: string | undefined, who: string): Severity | undefined => {
  const plain = word?.toLowerCase().replace(/\*+$/, '').trim() ?? '';
  const level = Object.hasOwn(WORDS, plain) ? WORDS[plain] : undefined;
  return level === undefined ? undefined : { level, method: `vendor: ${who}`, said: plain };
};

export const isAtLeast = (level: Level, least: Level): boolean => LEVELS.indexOf(level) >= LEVELS.indexOf(least);

/** The one that counts: a vendor's word, else the highest score, else what cannot be computed. */
export const weightiest = (all: readonly Severity[]): Severity => {
  const known = all.filter(({ level }) => level !== undefined);
  const vendors = known.filter(({ method }) => method.startsWith('vendor'));
  return (vendors.length > 0 ? vendors : known).toSorted(byLevel)[0] ?? all[0] ?? NOT_SAID;
};

const byLevel = (one: Severity, other: Severity): number => rankOf(other) - rankOf(one);
const rankOf = ({ level }: Severity): number => (level === undefined ? -1 : LEVELS.indexOf(level));
