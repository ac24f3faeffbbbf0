/** Characters that nobody sees: at the ends of lines and values, and those that look like others. */

import { codePoint, isMeantAsAscii, ODD, ODD_HYPHEN, ODD_QUOTE } from '../../odd-characters.ts';
import type { Rule } from '../../rule.ts';
import { type Check, hasPlaceholder, valued } from '../check.ts';
import { templateOf } from '../templates.ts';
import { COMMAND_QUESTIONS } from './commands.ts';
import { severityFor } from './stops.ts';

const crlf: Rule = {
  name: 'preseed/crlf',
  severity: 'warning',
  summary: 'Lines end in CR LF. The installer itself takes the CR away; scripts and other readers of the file do not.',
  source: "debconf-set-selections of d-i's source package preseed",
  bad: 'd-i clock-setup/utc boolean true\r\n',
  good: 'd-i clock-setup/utc boolean true\n',
};

const trailing: Rule = {
  name: 'preseed/trailing-blank',
  severity: 'warning',
  summary: 'White space at the end of a value belongs to it when the question is one of a package of the new system.',
  source: 'debconf-set-selections(1): the value is the rest of the line',
  bad: 'popularity-contest popularity-contest/participate boolean false \n',
  good: 'popularity-contest popularity-contest/participate boolean false\n',
};

const leading: Rule = {
  name: 'preseed/leading-blank',
  severity: 'info',
  summary: 'One blank divides type and value; for packages of the new system any further one belongs to the value.',
  source: 'debconf-set-selections(1)',
  bad: 'popularity-contest popularity-contest/participate boolean   false\n',
  good: 'popularity-contest popularity-contest/participate boolean false\n',
};

const odd: Rule = {
  name: 'preseed/odd-character',
  severity: 'error',
  summary:
    'A character that only looks like a blank or a quotation mark: byte order mark, no-break space, curly quote.',
  source: "debconf-set-selections of d-i's source package preseed divides words at ASCII white space",
  bad: 'd-i\u00a0clock-setup/utc boolean true\n',
  good: 'd-i clock-setup/utc boolean true\n',
};

const quoted: Rule = {
  name: 'preseed/quoted-value',
  severity: 'error',
  summary: 'The format has no quoting: quotation marks around a value become a part of it.',
  source: 'debconf-set-selections(1)',
  bad: 'd-i netcfg/get_hostname string "web1"\n',
  good: 'd-i netcfg/get_hostname string web1\n',
};

const comment: Rule = {
  name: 'preseed/comment-in-value',
  severity: 'error',
  summary: 'A # after a value begins no comment; it becomes a part of the value.',
  source: 'installation guide, appendix B.3: a comment has its # at the beginning of the line',
  bad: 'd-i netcfg/get_hostname string web1 # the first one\n',
  good: '# the first one\nd-i netcfg/get_hostname string web1\n',
};

export const whiteSpace: Check = {
  rules: [crlf, trailing, leading, odd, quoted, comment],
  look(file, report, { templates }) {
    const { lines } = file.source;
    const first = lines.findIndex((line) => line.endsWith('\r'));
    if (first >= 0) {
      const length = lines[first]?.length ?? 1;
      const at = { line: first + 1, column: length, endColumn: length + 1 };
      report(crlf, at, 'lines of this file end in CR LF', { hint: 'Convert it: `sed -i "s/\\r$//" FILE`.' });
    }
    for (const [index, line] of lines.entries()) {
      if (line.startsWith('#')) continue;
      const at = oddPlace(line);
      if (at === undefined) continue;
      const character = line.charAt(at);
      const place = { line: index + 1, column: at + 1, endColumn: at + 2 };
      // Hyphens and quotation marks of a text may stand in it.
      const isOfText = (ODD_HYPHEN.test(character) || ODD_QUOTE.test(character)) && !isMeantAsAscii(line, at);
      report(odd, place, `${codePoint(character)} here is no ASCII character`, {
        hint: 'Type it again.',
        severity: isOfText ? 'info' : undefined,
      });
    }
    for (const answer of valued(file)) {
      const { owner, type, value, question } = answer;
      const end = /[ \t\v\f]+$/.exec(value.text);
      if (end && end.index > 0) {
        const at = answer.placeInValue(end.index, end[0].length);
        const severity = owner.text === 'd-i' ? 'info' : undefined;
        report(trailing, at, 'white space after the value', { replacement: '', severity });
      }
      const gap = value.line === type.line ? value.column - type.endColumn : 1;
      if (owner.text !== 'd-i' && gap > 1 && value.text !== '') {
        const at = { line: type.line, column: type.endColumn, endColumn: value.column };
        report(leading, at, `${gap} blanks before the value`, { replacement: ' ' });
      }
      const told = file.troubles.some(({ at }) => at.line > value.line && at.line <= value.line + 100);
      const strict = /boolean|select/.test(templateOf(templates, question.text)?.type ?? type.text);
      const severity = strict ? severityFor(question.text) : 'warning';
      if (told || COMMAND_QUESTIONS.has(question.text) || hasPlaceholder(value.text) || /recipe$/.test(question.text))
        continue;
      if (/^"[^"]*"\s*$|^'[^']*'\s*$/.test(value.text)) {
        const text = value.text.trim();
        report(quoted, answer.placeInValue(0, text.length), `the quotation marks become a part of the value ${text}`, {
          replacement: text.slice(1, -1),
          severity,
        });
      }
      const hash = /(?:^|[ \t])(#[ \t].*|#[A-Za-z].*)$/.exec(value.text.slice(0, 2000));
      if (hash && type.text !== 'password') {
        const offset = hash.index + hash[0].length - (hash[1] ?? '').length;
        report(
          comment,
          answer.placeInValue(offset, value.text.length - offset),
          'this is no comment but a part of the value',
          {
            hint: 'Give the comment a line of its own.',
            severity,
          },
        );
      }
    }
  },
};

/** One is told of a line: the first that was meant as ASCII, or the first at all. */
const oddPlace = (line: string): number | undefined => {
  const first = ODD.exec(line)?.index;
  if (first === undefined) return undefined;
  for (let at = first; at < Math.min(line.length, first + 10_000); at++) {
    const character = line.charAt(at);
    if (ODD.test(character) && (isMeantAsAscii(line, at) || !(ODD_HYPHEN.test(character) || ODD_QUOTE.test(character))))
      return at;
  }
  return first;
};
