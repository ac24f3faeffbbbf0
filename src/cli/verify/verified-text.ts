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
    ...checks.flatMap(({ found }) => alike(found).flatMap(foundLines)),
    '',
    `${tame(target)} ${VERDICTS[verdict]}`,
  ].join('\n');

/** Findings that say the same of several things. */
const alike = (found: readonly Judged[]): (readonly Judged[])[] => [
  ...Map.groupBy(found, ({ rule, verdict, message, where, hint }) =>
    JSON.stringify([rule, verdict, where === undefined ? message : message.replaceAll(where, '\0'), hint]),
  ).values(),
];

/** What fails is looked for by its name; --json has all. */
const MOST_NAMED: Readonly<Record<Verdict, number>> = { holds: 12, fails: 60, unjudged: 12 };

const foundLines = ([one, ...others]: readonly Judged[]): string[] => {
  if (one === undefined) return [];
  const { rule, verdict, message, where, hint } = one;
  return [
    '',
    tame(`${WORDS[verdict]}: ${message}`, 400),
    ...(where === undefined ? [] : [`  at ${tame(where)}`]),
    ...(others.length === 0 ? [] : likewise(others, MOST_NAMED[verdict])),
    `  rule ${rule}`,
    ...(hint === undefined ? [] : [`  Next: ${tame(hint, 400)}`]),
  ];
};

const likewise = (others: readonly Judged[], most: number): string[] => {
  const names = others.slice(0, most).map(({ where = '' }) => where);
  const rest = others.length - names.length;
  return flowed(`  and ${others.length} more: `, rest > 0 ? [...names, `… (--json has all)`] : names);
};
