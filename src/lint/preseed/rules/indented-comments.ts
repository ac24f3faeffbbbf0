/** How bad a # after white space is: it begins no comment for the installer, but maybe one for a shell. */

import type { Token, Trouble } from '../../../formats/preseed.ts';
import type { Severity } from '../../finding.ts';
import type { PreseedFile } from '../preseed-file.ts';
import { COMMAND_QUESTIONS } from './commands.ts';

/** Lower than an error where nothing is lost. */
export const commentSeverity = (trouble: Trouble, file: PreseedFile): Severity | undefined => {
  if (trouble.kind !== 'indented-comment') return undefined;
  // A comment of several words is read as an answer to a question that nobody asks: no harm is done.
  if (!trouble.continued) return isHarmless(trouble.at.text) ? 'info' : undefined;
  // In a command it is one for the shell, with all that is joined after it.
  const answer = file.answers.findLast(({ owner }) => owner.line < trouble.at.line);
  if (!answer || !COMMAND_QUESTIONS.has(answer.question.text)) return undefined;
  return isFollowed(trouble.at, file) ? 'warning' : 'info';
};

/** Whether a command is joined after a comment. */
const isFollowed = ({ line }: Token, { source }: PreseedFile): boolean => {
  for (let number = line; /\\\r?$/.test(source.lines[number - 1] ?? ''); number++) {
    while (/^(#|\s*$)/.test(source.lines[number] ?? '.')) number++;
    if (!/^\s*#/.test(source.lines[number] ?? '#')) return true;
  }
  return false;
};

const isHarmless = (text: string): boolean => {
  const [owner = '', question = '', type] = text.split(/[ \t]+/);
  return type !== undefined && !(owner + question).includes('/');
};
