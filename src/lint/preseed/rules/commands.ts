/** Shell commands in answers: early_command, late_command and their kin. */

import type { Answer } from '../../../formats/preseed.ts';
import type { Rule } from '../../rule.ts';
import { type Check, hasPlaceholder, valued } from '../check.ts';
import type { PreseedFile } from '../preseed-file.ts';
import { openQuote } from '../shell-quotes.ts';

const quotes: Rule = {
  name: 'preseed/command-quotes',
  severity: 'error',
  summary:
    'A quotation mark or an operator of a command has no end: the shell of the installer does not run any of it.',
  source: 'POSIX, Shell Command Language, 2.2 Quoting',
  bad: "d-i preseed/late_command string in-target sh -c 'echo hello\n",
  good: "d-i preseed/late_command string in-target sh -c 'echo hello'\n",
};

const newline: Rule = {
  name: 'preseed/command-newline',
  severity: 'warning',
  summary:
    'Answers in the initrd are saved before the command runs: cdebconf makes a line end of \\n when it reads them again, and the command is cut off there.',
  source: 'src/strutl.c (strunescape) of the source package cdebconf',
  bad: "d-i preseed/late_command string printf 'a\\n' > /target/etc/a\n",
  good: 'd-i preseed/late_command string echo a > /target/etc/a\n',
};

const separator: Rule = {
  name: 'preseed/command-separator',
  severity: 'warning',
  summary: 'Joined lines become one: a command that begins in a line of its own needs a `;` or `&&` before it.',
  source: "debconf-set-selections of d-i's source package preseed joins lines with a blank",
  bad: 'd-i preseed/late_command string in-target apt-get update \\\n  in-target apt-get -y upgrade\n',
  good: 'd-i preseed/late_command string in-target apt-get update; \\\n  in-target apt-get -y upgrade\n',
};

export const COMMAND_QUESTIONS: ReadonlySet<string> = new Set([
  'preseed/early_command',
  'preseed/late_command',
  'preseed/include_command',
  'preseed/boot_command',
  'partman/early_command',
]);

export const commands: Check = {
  rules: [quotes, newline, separator],
  look(file, report, { inInitrd }) {
    for (const answer of valued(file)) {
      if (!COMMAND_QUESTIONS.has(answer.question.text)) continue;
      const text = answer.value.text;
      if (text.length > 1_000_000 || /\{\{|<%/.test(text)) continue;
      const open = openQuote(text);
      if (open) report(quotes, answer.placeInValue(open.at, 1), `this ${open.quote} has no end`);
      const operator = /(?:&&|\|\|?)\s*$/.exec(text.slice(-1000));
      if (operator && !open)
        report(quotes, answer.placeInValue(text.length - operator[0].length, 2), 'nothing follows this operator', {
          hint: 'The shell runs none of the command; take the operator away.',
        });
      // What was read in the same session is handed on as it is; what the initrd had is saved, and read again.
      const slash = inInitrd === true ? /(?<!\\)\\n/.exec(text) : undefined;
      if (slash)
        report(newline, answer.placeInValue(slash.index, 2), 'this \\n becomes a line end, and the command ends here', {
          hint: 'Put what it writes into a file of the medium, or several `echo`s in the place of it.',
        });
      for (const at of unseparated(file, answer)) {
        report(separator, at, 'this command becomes an argument of the one before', {
          hint: 'End the line before with `;` or `&&` and the backslash.',
        });
      }
    }
  },
};

/** Lines of a command that begin with what is never an argument, after a line that does not end a command. */
function* unseparated({ source }: PreseedFile, answer: Answer) {
  const { line: first } = answer.value;
  let previous: string | undefined;
  for (let number = first; number <= source.lines.length; number++) {
    const raw = (source.lines[number - 1] ?? '').replace(/\r$/, '');
    if (number > first && (raw.startsWith('#') || raw.trim() === '')) continue;
    const text = number === first ? raw.slice(answer.value.column - 1) : raw.trimStart();
    const [command = ''] = /^(in-target|apt-install|chroot \/target)(?= )/.exec(text) ?? [];
    if (command !== '' && previous !== undefined && !endsCommand(previous)) {
      const column = raw.length - text.length + 1;
      yield { line: number, column, endColumn: column + command.length };
    }
    if (!text.endsWith('\\')) return;
    const said = text.slice(0, -1).trim();
    if (said !== '') previous = previous === undefined || said !== '' ? said : previous;
  }
}

const endsCommand = (text: string): boolean =>
  hasPlaceholder(text.slice(-3)) ||
  /(?:[;&|({!]|\b(?:then|do|else|if|while|until|time|exec|env|log-output.*))$/.test(text);
