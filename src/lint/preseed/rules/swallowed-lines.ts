/** Answers that became a part of the value of another. */

import type { Answer } from '../../../formats/preseed.ts';
import { LOOKS_LIKE_ANSWER } from '../check.ts';
import type { PreseedFile } from '../preseed-file.ts';
import { COMMAND_QUESTIONS } from './commands.ts';

/** Each with the answer that has it. A command may write such lines itself. */
export function* swallowedLines(file: PreseedFile) {
  for (const answer of file.answers) {
    if (answer.value.text.length > 100_000) continue;
    for (const match of answer.value.text.matchAll(LOOKS_LIKE_ANSWER)) {
      const at = answer.placeInValue(match.index + 1, match[0].length - 1);
      const sameLine = at.line === answer.owner.line && !COMMAND_QUESTIONS.has(answer.question.text);
      if (sameLine || beginsLine(file, answer, at.line, at.column)) yield { answer, at };
    }
  }
}

const beginsLine = (file: PreseedFile, answer: Answer, line: number, column: number): boolean =>
  line !== answer.owner.line && (file.source.lines[line - 1] ?? '').slice(0, column - 1).trim() === '';
