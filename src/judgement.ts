/**
 * What a check of an image says, whoever makes it: the trust in its files, the signatures over it, its tests, its
 * vulnerabilities, what it sends, a policy. What could not be judged is never taken for what holds.
 */

export type Verdict = 'holds' | 'fails' | 'unjudged';

/** One thing that a check found: what it is, where, why it counts, and what to do. */
export interface Judged {
  /** Stable name of the rule: `trust/unexplained`. */
  readonly rule: string;
  /** `holds` for what is told though nothing is wrong, such as a waiver that was used. */
  readonly verdict: Verdict;
  /** One sentence, with the values concerned. */
  readonly message: string;
  /** A path in the image, a package, a file of the folder. */
  readonly where?: string | undefined;
  readonly hint?: string | undefined;
}

export interface Judgement {
  /** Stable name of the check: `trust`, `signatures`, `tests`. */
  readonly check: string;
  readonly verdict: Verdict;
  /** What was seen, one short line each: what was compared, with what, how many. */
  readonly facts: readonly string[];
  readonly found: readonly Judged[];
}

/** One that fails outweighs one that could not be judged; nothing at all is not judged. */
export const verdictOf = (verdicts: readonly Verdict[]): Verdict => {
  if (verdicts.includes('fails')) return 'fails';
  return verdicts.length === 0 || verdicts.includes('unjudged') ? 'unjudged' : 'holds';
};

/** The exit status of a command that judges: 0 holds, 1 does not hold, 2 could not be judged. */
export const VERDICT_STATUS: Readonly<Record<Verdict, number>> = { holds: 0, fails: 1, unjudged: 2 };
