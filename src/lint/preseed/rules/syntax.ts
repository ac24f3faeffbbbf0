/** What a line has to be made of for the installer to read it at all. */

import type { Answer, Trouble } from '../../../formats/preseed.ts';
import type { Severity } from '../../finding.ts';
import { ODD } from '../../odd-characters.ts';
import type { Rule } from '../../rule.ts';
import { type Check, isTemplateLine, shownValue, TYPES } from '../check.ts';
import { type TemplateSet, templateOf } from '../templates.ts';
import { commentSeverity } from './indented-comments.ts';
import { severityFor } from './stops.ts';
import { swallowedLines } from './swallowed-lines.ts';

const SOURCE = "debconf-set-selections of d-i's source package preseed";

const incomplete: Rule = {
  name: 'preseed/incomplete-line',
  severity: 'error',
  summary: 'A line has fewer words than owner, question and type; the installer stops at the file.',
  source: SOURCE,
  bad: 'd-i netcfg/get_hostname\n',
  good: 'd-i netcfg/get_hostname string web1\n',
};

const unknownType: Rule = {
  name: 'preseed/unknown-type',
  severity: 'error',
  summary: "The third word is none of debconf's types, mostly because it was left out: the value is taken for it.",
  source: 'debconf-devel(7), Type',
  bad: 'd-i clock-setup/utc true\n',
  good: 'd-i clock-setup/utc boolean true\n',
};

const backslashBlank: Rule = {
  name: 'preseed/backslash-blank',
  severity: 'error',
  summary: 'White space after a backslash at the end of a line: the line does not go on, the next one is read alone.',
  source: SOURCE,
  bad: 'd-i pkgsel/include string vim \\ \n  less and more\n',
  good: 'd-i pkgsel/include string vim \\\n  less\n',
};

const unfinished: Rule = {
  name: 'preseed/unfinished-line',
  severity: 'error',
  summary: 'The last line ends in a backslash; the installer drops it with all that was joined to it.',
  source: SOURCE,
  bad: 'd-i pkgsel/include string vim \\\n',
  good: 'd-i pkgsel/include string vim\n',
};

const indentedComment: Rule = {
  name: 'preseed/indented-comment',
  severity: 'error',
  summary:
    'Only a # in the first column begins a comment; after white space it is read as an answer, or joined to one.',
  source: SOURCE,
  bad: 'd-i pkgsel/include string vim \\\n  # an editor \\\n  less\n',
  good: 'd-i pkgsel/include string vim \\\n# a pager\n  less\n',
};

const swallowed: Rule = {
  name: 'preseed/swallowed-line',
  severity: 'error',
  summary: 'A line that looks like an answer of its own was joined to the one before, which ends in a backslash.',
  source: SOURCE,
  bad: 'd-i pkgsel/include string vim \\\nd-i clock-setup/utc boolean true\n',
  good: 'd-i pkgsel/include string vim\nd-i clock-setup/utc boolean true\n',
};

export const syntax: Check = {
  rules: [incomplete, unknownType, backslashBlank, unfinished, indentedComment, swallowed],
  look(file, report, { templates }) {
    for (const trouble of file.troubles) {
      if (isTemplateLine(trouble.at.text) || (trouble.kind === 'incomplete' && ODD.test(trouble.at.text))) continue;
      const [rule, message, hint] = told(trouble);
      report(rule, trouble.at, message, { hint, severity: commentSeverity(trouble, file) });
    }
    for (const answer of file.answers) {
      if (isTemplateLine(answer.owner.text) || answer.owner.text.startsWith('#')) continue;
      const { type, question } = answer;
      if (ODD.test(answer.owner.text + question.text + type.text)) continue;
      if (!TYPES.includes(type.text)) {
        const lower = type.text.toLowerCase();
        const near = TYPES.includes(lower) ? lower : nearType(type.text);
        report(unknownType, type, `${shownValue(type.text)} is not a debconf type`, {
          hint: near === undefined ? missing(answer, templates) : `Did you mean ${near}?`,
          replacement: near,
          severity: typeSeverity(answer, near),
        });
      }
    }
    for (const { answer, at } of swallowedLines(file)) {
      report(swallowed, at, `this line became a part of the answer to ${answer.question.text}`, {
        hint: 'Each answer has a line of its own; take away the backslash at the end of the line before.',
      });
    }
  },
};

const told = (trouble: Trouble): readonly [Rule, string, string] => {
  switch (trouble.kind) {
    case 'incomplete':
      return [incomplete, `${shownValue(trouble.at.text)} is no answer`, 'The form is `owner question type value`.'];
    case 'unfinished':
      return [unfinished, 'the file ends in a line that goes on', 'Take away its backslash.'];
    case 'backslash-blank':
      return [backslashBlank, 'white space after the backslash: the line ends here', 'Take away the white space.'];
    case 'indented-comment':
      return [
        indentedComment,
        trouble.continued ? 'this # becomes a part of the value' : 'a # after white space begins no comment',
        'Put the # into the first column.',
      ];
  }
};

/** The installer's own answers arrive all the same when the type is misspelled; debconf in the new system refuses them. */
const typeSeverity = ({ owner, question }: Answer, near: string | undefined): Severity => {
  // The question stands first where the owner was left out.
  if (TYPES.includes(question.text)) return severityFor(owner.text);
  if (owner.text !== 'd-i') return 'error';
  return near === undefined ? severityFor(question.text) : 'warning';
};

/** What was left out, so that the value stands where the type belongs. */
const missing = ({ question }: Answer, templates: TemplateSet): string =>
  TYPES.includes(question.text)
    ? 'The owner is missing: begin the line with d-i.'
    : `The form is \`owner question type value\`; the type of ${question.text} is ${templateOf(templates, question.text)?.type ?? 'string'}.`;

const nearType = (word: string): string | undefined =>
  TYPES.find((type) => Math.abs(type.length - word.length) <= 1 && distance(type, word.toLowerCase()) <= 2);

const distance = (one: string, other: string): number => {
  let same = 0;
  while (same < one.length && one[same] === other[same]) same++;
  let tail = 0;
  while (tail < Math.min(one.length, other.length) - same && one.at(-1 - tail) === other.at(-1 - tail)) tail++;
  return Math.max(one.length, other.length) - same - tail;
};
