/** Whether type and value of an answer are what the question's template allows. */

import type { Answer } from '../../../formats/preseed.ts';
import { own } from '../../../own.ts';
import { suggest } from '../../../suggest.ts';
import type { Rule } from '../../rule.ts';
import { type Check, type FindingReport, hasPlaceholder, isReadable, meant, shownValue, valued } from '../check.ts';
import { type Template, templateOf } from '../templates.ts';
import { severityFor } from './stops.ts';

const wrongType: Rule = {
  name: 'preseed/wrong-type',
  severity: 'warning',
  summary: 'The type is of another kind than the question: the file does not say what its author believes.',
  source: 'the templates of the release or of the ISO',
  bad: 'd-i passwd/make-user string false\n',
  good: 'd-i passwd/make-user boolean false\n',
};

const boolean: Rule = {
  name: 'preseed/boolean-value',
  severity: 'error',
  summary: 'A boolean is true or false, in lower case and nothing else; the scripts compare with just these words.',
  source: 'debconf-devel(7), Type: boolean',
  bad: 'd-i clock-setup/utc boolean yes\n',
  good: 'd-i clock-setup/utc boolean true\n',
};

export const values: Check = {
  rules: [wrongType, boolean],
  look(file, report, { templates }) {
    for (const answer of file.answers) if (answer.type.text === 'seen') checkBoolean(answer, report);
    for (const answer of valued(file)) {
      if (!isReadable(answer)) continue;
      const template = templateOf(templates, answer.question.text);
      if (template) checkType(answer, template, report);
      const type = template?.type ?? answer.type.text;
      if (hasPlaceholder(answer.value.text)) continue;
      if (type === 'boolean') checkBoolean(answer, report);
    }
  },
};

/** Types whose values look alike; the installer does not compare them, and the guide itself mixes them. */
const KINDS: Readonly<Record<string, string>> = {
  string: 'text',
  text: 'text',
  select: 'text',
  multiselect: 'text',
  password: 'text',
  boolean: 'boolean',
  note: 'note',
  error: 'note',
  title: 'note',
};

const checkType = (answer: Answer, template: Template, report: FindingReport): void => {
  const { type, question } = answer;
  const kind = own(KINDS, type.text);
  const expected = own(KINDS, template.type);
  if (kind === undefined || expected === undefined || type.text === template.type) return;
  const message = `${question.text} is of the type ${template.type}, not ${type.text}`;
  const fix = { hint: `Write ${template.type}.`, replacement: template.type };
  // An error or a note has no value: whatever is given, it counts as seen.
  if (kind !== expected) report(wrongType, type, message, expected === 'note' ? { ...fix, severity: 'info' } : fix);
  else if (
    type.text !== 'string' &&
    kind === 'text' &&
    template.type !== 'text' &&
    !interchangeable(type.text, template.type)
  )
    report(wrongType, type, message, { ...fix, severity: 'info' });
};

const interchangeable = (one: string, other: string): boolean =>
  [one, other].every((type) => type === 'select' || type === 'multiselect');

const checkBoolean = (answer: Answer, report: FindingReport): void => {
  const value = meant(answer.value.text);
  if (value === 'true' || value === 'false') return;
  const at = value === '' ? answer.type : answer.placeInValue(0, value.length);
  const word = MEANT[value.toLowerCase().replaceAll(/["']/g, '')] ?? suggest(value, ['true', 'false']);
  report(
    boolean,
    at,
    `${answer.type.text === 'seen' ? 'a flag' : 'a boolean'} is true or false, not ${shownValue(value)}`,
    {
      hint: word === undefined ? 'Write true or false.' : `Write ${word}.`,
      severity: severityFor(answer.question.text),
      ...(value !== '' && { replacement: word }),
    },
  );
};

const MEANT: Readonly<Record<string, string>> = {
  true: 'true',
  yes: 'true',
  y: 'true',
  on: 'true',
  1: 'true',
  t: 'true',
  false: 'false',
  no: 'false',
  n: 'false',
  off: 'false',
  0: 'false',
  f: 'false',
};
