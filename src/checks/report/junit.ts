/** Results as JUnit XML, in the form that the readers of CI systems have in common: a suite for each machine. */
import type { TestReport, TestResult } from './report.ts';

export const junitText = ({ image, machines, results }: TestReport): string => {
  const groups = [...Map.groupBy(results, ({ on }) => on)];
  const suites = groups.map(([on, own]) => {
    const seconds = (machines.find(({ name }) => name === on)?.duration ?? 0) / 1000;
    const head = `  <testsuite name="${xml(on)}" ${counts(own)} errors="0" time="${seconds.toFixed(3)}">`;
    return [head, ...own.map((one) => caseLines(one, image.file)), '  </testsuite>'].join('\n');
  });
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="${xml(image.file)}" ${counts(results)} errors="0">`,
    ...suites,
    '</testsuites>',
    '',
  ].join('\n');
};

const counts = (results: readonly TestResult[]): string => {
  const of = (verdict: TestResult['verdict']) => results.filter((one) => one.verdict === verdict).length;
  return `tests="${results.length}" failures="${of('fails')}" skipped="${of('unjudged')}"`;
};

const caseLines = (
  { name, rule, verdict, message, found, wanted, hint, duration = 0 }: TestResult,
  file: string,
): string => {
  const head = `    <testcase classname="${xml(`${file}.${rule}`)}" name="${xml(name)}" time="${(duration / 1000).toFixed(3)}"`;
  if (verdict === 'holds') return `${head}/>`;
  if (verdict === 'unjudged') return `${head}>\n      <skipped message="${xml(message)}"/>\n    </testcase>`;
  const text = [message, wanted && `wanted: ${wanted}`, found && `found: ${found}`, hint].filter(Boolean).join('\n');
  return `${head}>\n      <failure type="${xml(rule)}" message="${xml(message)}">${xml(text)}</failure>\n    </testcase>`;
};

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\n': '&#10;',
  '\t': '&#9;',
};

/** XML 1.0 has no other control characters, and no lone surrogates, in any form. */
const xml = (text: string): string =>
  text
    .toWellFormed()
    .replaceAll(/[^\t\n\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu, '\u{FFFD}')
    .replaceAll(/[&<>"\n\t]/g, (letter) => ENTITIES[letter] ?? letter);
