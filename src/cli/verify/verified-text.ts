/** What `ingot verify` found, for people: a line a check with what it saw, then what was found, then the verdict. */
import type { Judged, Verdict } from '../../judgement.ts';
import { tame } from '../../ui/format.ts';
import type { Verified } from '../../verification.ts';
import { flowed } from '../image/columns.ts';

const WORDS: Readonly<Record<Verdict, string>> = { holds: 'holds', fails: 'FAILS', unjudged: 'not judged' };

const VERDICTS: Readonly<Record<Verdict, string>> = {
  holds: 'holds',
  fails: 'DOES NOT HOLD',
  unjudged: 'could not be judged as a whole: this is no pass',
};

export const verifiedText = (target: string, { verdict, checks }: Verified): string =>
  [
    ...checks.flatMap((one) => flowed(`${WORDS[one.verdict].padEnd(10)}  ${one.check.padEnd(12)}  `, one.facts, '; ')),
    ...checks.flatMap(({ found }) => found.flatMap(foundLines)),
    '',
    `${tame(target)} ${VERDICTS[verdict]}`,
  ].join('\n');

const foundLines = ({ rule, verdict, message, where, hint }: Judged): string[] => [
  '',
  tame(`${WORDS[verdict]}: ${message}`, 400),
  ...(where === undefined ? [] : [`  at ${tame(where)}`]),
  `  rule ${rule}`,
  ...(hint === undefined ? [] : [`  Next: ${tame(hint, 400)}`]),
];
