/** Which findings count as a failure: all, or those that are bad enough, or those that a fix is there for. */
import { IngotError } from '../errors.ts';
import type { Verdict } from '../judgement.ts';
import { suggest } from '../suggest.ts';
import type { Finding } from './finding.ts';
import { isAtLeast, LEVELS, type Level } from './severity.ts';

export interface FailOn {
  readonly severity?: Level | undefined;
  readonly fixable?: boolean | undefined;
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

/** One whose severity nobody has said may be as bad as asked for: it is not judged, and never passes. */
export const verdictOn = (finding: Finding, { severity, fixable }: FailOn): Verdict => {
  if (finding.state === 'not-affected' || finding.waived !== undefined) return 'holds';
  if (finding.state === 'unsure') return 'unjudged';
  if (fixable === true && !finding.isFixable) return 'holds';
  if (severity === undefined) return 'fails';
  if (finding.severity.level === undefined) return 'unjudged';
  return isAtLeast(finding.severity.level, severity) ? 'fails' : 'holds';
};
