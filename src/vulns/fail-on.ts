/** Which findings count as a failure: all, or those that are bad enough, that a fix is there for, or that are attacked. */
import { IngotError } from '../errors.ts';
import { type Verdict, verdictOf } from '../judgement.ts';
import { suggest } from '../suggest.ts';
import type { Finding } from './finding.ts';
import { isAtLeast, LEVELS, type Level } from './severity.ts';

export interface FailOn {
  readonly severity?: Level | undefined;
  readonly fixable?: boolean | undefined;
  /** What is known to be exploited counts, however bad it is and whether or not there is a fix. */
  readonly exploited?: boolean | undefined;
  /** So does what is exploited within 30 days with at least this probability. */
  readonly probability?: number | undefined;
}

const isLevel = (word: string): word is Level => LEVELS.some((level) => level === word);

/** `high,fixable`: both have to be so. Throws `usage.fail-on`. */
export const parseFailOn = (text: string): FailOn => {
  let [severity, fixable]: [Level | undefined, boolean | undefined] = [undefined, undefined];
  for (const word of text.split(',').map((one) => one.trim())) {
    if (word === 'fixable') fixable = true;
    else if (isLevel(word)) severity = word;
    else {
      const meant = suggest(word, [...LEVELS, 'fixable']);
      throw new IngotError('usage.fail-on', `--fail-on does not know "${word}"`, {
        hint: `${meant === undefined ? '' : `Did you mean ${meant}? `}A severity (${LEVELS.join(', ')}), \`fixable\`, or both with a comma.`,
      });
    }
  }
  return { severity, fixable };
};

/** Where limits are about attacks alone, a severity does not count by itself. */
export const verdictOn = (finding: Finding, failOn: FailOn): Verdict => {
  if (finding.state === 'not-affected' || finding.waived !== undefined) return 'holds';
  if (finding.state === 'unsure') return 'unjudged';
  const { exploited, probability, severity, fixable } = failOn;
  const isOfAttacksAlone =
    (exploited === true || probability !== undefined) && severity === undefined && fixable === undefined;
  return verdictOf([
    ...(isOfAttacksAlone ? [] : [bySeverity(finding, failOn)]),
    ...(exploited === true ? [byList(finding)] : []),
    ...(probability === undefined ? [] : [byProbability(finding, probability)]),
  ]);
};

/** One whose severity nobody has said may be as bad as asked for: it is not judged, and never passes. */
const bySeverity = (finding: Finding, { severity, fixable }: FailOn): Verdict => {
  if (fixable === true && !finding.isFixable) return 'holds';
  if (severity === undefined) return 'fails';
  if (finding.severity.level === undefined) return 'unjudged';
  return isAtLeast(finding.severity.level, severity) ? 'fails' : 'holds';
};

const byList = ({ threat }: Finding): Verdict =>
  threat?.isExploited === undefined ? 'unjudged' : threat.isExploited ? 'fails' : 'holds';

/** A vulnerability may be too new for a score. */
const byProbability = ({ threat }: Finding, least: number): Verdict =>
  threat?.probability === undefined ? 'unjudged' : threat.probability >= least ? 'fails' : 'holds';
