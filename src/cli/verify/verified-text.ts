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
    ...inOrder(checks.flatMap(({ found }) => alike(found))).flatMap(ruleLines),
    '',
    `${tame(target)} ${VERDICTS[verdict]}`,
  ].join('\n');

/** What fails is looked for first; what holds is of no hurry. */
const ORDER: readonly Verdict[] = ['fails', 'unjudged', 'holds'];

type Alike = readonly Judged[];

/** By verdict, then all of a rule together. */
const inOrder = (groups: readonly Alike[]): (readonly Alike[])[] =>
  ORDER.flatMap((verdict) => [
    ...Map.groupBy(
      groups.filter(([first]) => first?.verdict === verdict),
      ([first]) => first?.rule,
    ).values(),
  ]);

const MOST_CAUSES = 20;

const ruleLines = (groups: readonly Alike[]): string[] => {
  const rest = groups.slice(MOST_CAUSES).flat();
  const [first] = rest;
  return [
    ...groups.slice(0, MOST_CAUSES).flatMap(foundLines),
    ...(first === undefined
      ? []
      : ['', `${WORDS[first.verdict]}: and ${rest.length} more of the rule ${tame(first.rule)} (--json has all)`]),
  ];
};

/** Findings that say the same of several things, whatever the paths and versions in what they say. */
const alike = (found: readonly Judged[]): Alike[] => [
  ...Map.groupBy(found, ({ rule, verdict, message, where, hint }) =>
    JSON.stringify([rule, verdict, where === undefined ? message : causeOf(message, where), hint]),
  ).values(),
];

const causeOf = (message: string, where: string): string =>
  message.replaceAll(where, '\0').replaceAll(/ of \S+ \S*\d\S* /g, ' of \0 ');

/** What fails is looked for by its name; --json has all. */
const MOST_NAMED: Readonly<Record<Verdict, number>> = { holds: 12, fails: 60, unjudged: 12 };

const foundLines = ([one, ...others]: Alike): string[] => {
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
