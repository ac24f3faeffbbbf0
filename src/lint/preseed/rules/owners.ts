/** Whether each question is answered once, and by the owner whom it belongs to. */

import type { Answer } from '../../../formats/preseed.ts';
import type { Rule } from '../../rule.ts';
import { type Check, type FindingReport, isReadable, trimmed, valued } from '../check.ts';
import type { PreseedFile } from '../preseed-file.ts';
import { type TemplateSet, templateOf } from '../templates.ts';

const duplicate: Rule = {
  name: 'preseed/duplicate-answer',
  severity: 'warning',
  summary: 'A question is answered again with another value: the last one wins and nothing says so.',
  source: "debconf-set-selections of d-i's source package preseed",
  bad: 'd-i netcfg/get_hostname string web1\nd-i netcfg/get_hostname string web2\n',
  good: 'd-i netcfg/get_hostname string web2\n',
};

const owner: Rule = {
  name: 'preseed/owner',
  severity: 'info',
  summary: 'Answers of owner d-i stay in the installer; those of any other owner are handed to the new system as well.',
  source: "post-base-installer.d/05preseed of d-i's source package preseed",
  bad: 'd-i postfix/main_mailer_type select Local only\n',
  good: 'postfix postfix/main_mailer_type select Local only\n',
};

export const owners: Check = {
  rules: [duplicate, owner],
  look(file, report, { templates }) {
    for (const answer of file.answers) if (isReadable(answer)) checkOwner(answer, templates, report);
    reportDuplicates(file, report);
  },
};

const checkOwner = (
  { owner: { text }, owner: at, question }: Answer,
  templates: TemplateSet,
  report: FindingReport,
): void => {
  const template = templateOf(templates, question.text);
  const kind = template && templates.components.get(template.component)?.kind;
  if (kind === 'package' && text === 'd-i') {
    report(owner, at, `${question.text} is a question of the package ${template?.component}`, {
      hint: `Write ${template?.component} in the place of d-i, so that the new system gets the answer.`,
    });
  } else if (kind === 'installer' && /^(d-i:|di|d_i|d\.i|d-1|d-l|D-I|D-i|d--i|i-d|d-ii|d-)$/.test(text)) {
    report(owner, at, `the owner of the installer's questions is d-i, not ${text}`, {
      hint: 'Write d-i.',
      replacement: 'd-i',
    });
  }
};

const reportDuplicates = (file: PreseedFile, report: FindingReport): void => {
  const before = new Map<string, Answer>();
  for (const answer of valued(file)) {
    const name = answer.question.text;
    const previous = before.get(name);
    before.set(name, answer);
    if (!previous || trimmed(previous) === trimmed(answer) || !isReadable(answer)) continue;
    report(duplicate, answer.question, `${name} was answered in line ${previous.question.line} already, otherwise`, {
      hint: `The value of line ${previous.question.line} is lost; leave one of them out.`,
    });
  }
};
