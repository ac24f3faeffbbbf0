/** Results as TAP (Test Anything Protocol, version 14). What was not judged is not ok: a skipped one passes. */
import { stringify } from 'yaml';
import type { TestReport, TestResult } from './report.ts';

export const tapText = ({ results }: Pick<TestReport, 'results'>): string =>
  ['TAP version 14', `1..${results.length}`, ...results.flatMap((one, nth) => pointLines(one, nth + 1)), ''].join('\n');

const pointLines = ({ name, verdict, message, ...more }: TestResult, number: number): string[] => {
  const title = escaped(name);
  if (verdict === 'holds') return [`ok ${number} - ${title}`];
  const { found, wanted, where, hint, rule, duration } = more;
  const detail = {
    message,
    severity: verdict === 'fails' ? 'fail' : 'unjudged',
    rule,
    ...defined({ at: where, found, wanted, hint, duration_ms: duration }),
  };
  const yaml = stringify(detail, { lineWidth: 0 }).trimEnd();
  return [`not ok ${number} - ${title}`, '  ---', ...yaml.split('\n').map((line) => `  ${line}`), '  ...'];
};

const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').trim();
const escaped = (text: string): string => oneLine(text).replaceAll(/[\\#]/g, '\\$&');

const defined = (fields: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
