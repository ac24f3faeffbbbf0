/**
 * Results as JUnit XML, in the form that the readers of CI systems have in common. What could not be judged is an `error`, as of a test
 * that did not run to its end: a `skipped` one is left out on purpose, and every reader lets it pass.
 */
import type { Verdict } from '../../judgement.ts';
import { xmlText } from '../xml-text.ts';

export interface JunitCase {
  readonly group: string;
  readonly name: string;
  readonly rule: string;
  readonly verdict: Verdict;
  readonly message: string;
  /** What was found and wanted, what to do: a line each. */
  readonly details: readonly (string | undefined)[];
  /** Milliseconds. */
  readonly duration?: number | undefined;
}

export interface JunitSuite {
  readonly name: string;
  readonly cases: readonly JunitCase[];
  /** Milliseconds. */
  readonly duration?: number | undefined;
  /** What is told beside the cases. */
  readonly output?: readonly string[];
}

export const junitXml = (subject: string, suites: readonly JunitSuite[]): string =>
  [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="${xmlText(subject)}" ${counts(suites.flatMap(({ cases }) => cases))}>`,
    ...suites.flatMap(suiteLines),
    '</testsuites>',
    '',
  ].join('\n');

const suiteLines = ({ name, cases, duration, output = [] }: JunitSuite): string[] => [
  `  <testsuite name="${xmlText(name)}" ${counts(cases)}${timeOf(duration)}>`,
  ...cases.map(caseLines),
  ...(output.length === 0 ? [] : [`    <system-out>${xmlText(output.join('\n'))}</system-out>`]),
  '  </testsuite>',
];

const counts = (cases: readonly JunitCase[]): string => {
  const of = (verdict: Verdict) => cases.filter((one) => one.verdict === verdict).length;
  return `tests="${cases.length}" failures="${of('fails')}" errors="${of('unjudged')}" skipped="0"`;
};

const timeOf = (duration: number | undefined): string =>
  duration === undefined ? '' : ` time="${(duration / 1000).toFixed(3)}"`;

const caseLines = ({ group, name, rule, verdict, message, details, duration }: JunitCase): string => {
  const head = `    <testcase classname="${xmlText(group)}" name="${xmlText(name)}"${timeOf(duration)}`;
  if (verdict === 'holds') return `${head}/>`;
  const element = verdict === 'fails' ? 'failure' : 'error';
  const text = [message, ...details].filter((line) => line !== undefined && line !== '').join('\n');
  return `${head}>\n      <${element} type="${xmlText(rule)}" message="${xmlText(message)}">${xmlText(text)}</${element}>\n    </testcase>`;
};
