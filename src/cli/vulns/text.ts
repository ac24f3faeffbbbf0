/** A report for people: what a rebuild cures first, then what has no fix, then what needs nothing. */

import { count } from '../../counted.ts';
import type { Finding } from '../../vulns/finding.ts';
import { threatWords } from '../../vulns/judged.ts';
import { NAMED } from '../../vulns/named-findings.ts';
import type { Report } from '../../vulns/report.ts';
import { flowed } from '../image/columns.ts';

/** The long tail of what has no fix is counted; JSON has all of it. */
const MOST = 120;
/** Of one package. */
const MOST_WORDS = 24;

export const reportText = (report: Report): string => {
  const { findings, judgement, updates } = report;
  const open = findings.filter(({ state, waived }) => state === 'affected' && !waived);
  const sections: readonly (readonly [string, readonly string[]])[] = [
    ['fixable now', table(open.filter(({ isFixable }) => isFixable))],
    ['no fix yet', table(open.filter(({ isFixable }) => !isFixable))],
    ['pending updates', updatesText(updates)],
    [
      'not affected, or waived',
      table(findings.filter(({ state, waived }) => waived !== undefined || state === 'not-affected')),
    ],
    ['not judged', judgement.found.filter(({ verdict }) => verdict === 'unjudged').map(toldOf)],
    ['also', judgement.found.filter(({ rule, verdict }) => ALSO.test(rule) && verdict !== 'unjudged').map(toldOf)],
  ];
  const shown = sections.filter(([, lines]) => lines.length > 0);
  return [
    ...judgement.facts.map((fact) => `${fact}\n`),
    ...shown.map(
      ([title, lines]) =>
        `\n${title}\n${limited(lines)
          .map((line) => `  ${line}\n`)
          .join('')}`,
    ),
    `\n${VERDICTS[judgement.verdict]}\n`,
  ].join('');
};

const VERDICTS = {
  holds: 'Nothing that counts was found.',
  fails: 'There are findings.',
  unjudged: 'Not all of it could be judged.',
} as const;

const ALSO = /^vulns\/(support-|waiver-|changelog-)/;

const toldOf = ({ message, where }: Report['judgement']['found'][number]): string =>
  where === undefined || message.includes(where) ? message : `${where}: ${message}`;

const limited = (lines: readonly string[]): string[] =>
  lines.length <= MOST ? [...lines] : [...lines.slice(0, MOST), `… and ${lines.length - MOST} more (--format json)`];

/** One entry a package and its fix: what it is about, then the vulnerabilities, the worst first. */
const table = (findings: readonly Finding[]): string[] => {
  const groups = Map.groupBy(findings, ({ source, version, fixed, waived, why }) =>
    JSON.stringify([source, version, fixed, waived, why]),
  );
  return [...groups.values()].flatMap((same) => {
    const [first] = same;
    if (first === undefined) return [];
    const { source, version, isFixable, fixed, waived, why } = first;
    const said = waived ? `${waived.reason}${waived.until === undefined ? '' : ` (until ${waived.until})`}` : why;
    const head = [
      `${source} ${version}`,
      ...(isFixable ? [`→ ${fixed ?? 'newer'}`] : []),
      ...(said === undefined ? [] : [`– ${said}`]),
    ];
    const words = same.map(wordOf);
    const shown = words.slice(0, MOST_WORDS);
    const rest = words.length - shown.length;
    return [head.join(' '), ...flowed('    ', rest > 0 ? [...shown, `and ${count(rest)} more`] : shown)];
  });
};

/** `CVE-2026-1 (high; ignored, no DSA)` */
const wordOf = ({ id, severity, threat, notes }: Finding): string => {
  const said = [
    ...(severity.level === undefined ? [] : [severity.level]),
    ...threatWords(threat),
    ...notes.filter((note) => note !== NAMED).slice(0, 1),
  ];
  return said.length === 0 ? id : `${id} (${said.join('; ')})`;
};

const updatesText = (updates: Report['updates']): string[] =>
  columns(
    (updates?.updates ?? []).map(({ name, from, to, suites, isSecurity }) => [
      name,
      `${from} → ${to}`,
      suites.join(', '),
      isSecurity ? 'security' : '',
    ]),
  );

/** All cells of a column as wide as the widest, the last one as it is. */
const columns = (rows: readonly (readonly string[])[]): string[] => {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, at) => (at === row.length - 1 ? cell : cell.padEnd(widths[at] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
};
