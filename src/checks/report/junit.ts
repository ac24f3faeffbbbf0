/** Results as JUnit XML, in the form that the readers of CI systems have in common: a suite for each machine. */
import { xmlText } from '../../formats/xml-text.ts';
import type { TestReport, TestResult } from './report.ts';

export const junitText = ({ image, machines, results }: TestReport): string => {
  const groups = [...Map.groupBy(results, ({ on }) => on)];
  const suites = groups.map(([on, own]) => {
    const seconds = (machines.find(({ name }) => name === on)?.duration ?? 0) / 1000;
    const head = `  <testsuite name="${xmlText(on)}" ${counts(own)} errors="0" time="${seconds.toFixed(3)}">`;
    return [head, ...own.map((one) => caseLines(one, image.file)), '  </testsuite>'].join('\n');
  });
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="${xmlText(image.file)}" ${counts(results)} errors="0">`,
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
  const head = `    <testcase classname="${xmlText(`${file}.${rule}`)}" name="${xmlText(name)}" time="${(duration / 1000).toFixed(3)}"`;
  if (verdict === 'holds') return `${head}/>`;
  if (verdict === 'unjudged') return `${head}>\n      <skipped message="${xmlText(message)}"/>\n    </testcase>`;
  const text = [message, wanted && `wanted: ${wanted}`, found && `found: ${found}`, hint].filter(Boolean).join('\n');
  return `${head}>\n      <failure type="${xmlText(rule)}" message="${xmlText(message)}">${xmlText(text)}</failure>\n    </testcase>`;
};
