/** As JUnit XML, which GitLab, Jenkins and most others show: a suite a check, a case a finding. */
import { xmlText } from '../../formats/xml-text.ts';
import type { Judged, Judgement } from '../../judgement.ts';

export const junitJudgements = (subject: string, checks: readonly Judgement[]): string =>
  [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="${xmlText(subject)}">`,
    ...checks.flatMap((one) => suite(one)),
    '</testsuites>',
    '',
  ].join('\n');

const suite = ({ check, verdict, facts, found }: Judgement): string[] => {
  const own: Judged = { rule: check, verdict, message: facts.join('; ') };
  const cases = found.length > 0 ? found : [own];
  const count = (wanted: Judged['verdict']) => cases.filter((one) => one.verdict === wanted).length;
  return [
    `  <testsuite name="${xmlText(check)}" tests="${cases.length}" failures="${count('fails')}" skipped="0" errors="${count('unjudged')}">`,
    ...cases.map((one) => testCase(check, one)),
    `    <system-out>${xmlText(facts.join('\n'))}</system-out>`,
    '  </testsuite>',
  ];
};

/** What could not be judged is an error of the test, not a skipped one: many tools count those as passed. */
const testCase = (check: string, { rule, verdict, message, where, hint }: Judged): string => {
  const name = where === undefined ? rule : `${rule} ${where}`;
  const head = `    <testcase classname="${xmlText(check)}" name="${xmlText(name)}"`;
  if (verdict === 'holds') return `${head}/>`;
  const element = verdict === 'fails' ? 'failure' : 'error';
  return `${head}><${element} message="${xmlText(message)}">${xmlText(hint ?? '')}</${element}></testcase>`;
};
