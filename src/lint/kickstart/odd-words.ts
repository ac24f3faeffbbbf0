/** Characters of a line that the installer does not read as what they look like. */
import { codePoint, isMeantAsAscii, ODD, ODD_BLANK } from '../odd-characters.ts';
import type { Tell } from './findings.ts';
import type { Line } from './kickstart-document.ts';
import type { Word } from './words.ts';

/** A byte order mark, which is a character like any other for Python. */
export const MARK = '\uFEFF';

export const tellMark = (tell: Tell, line: Line): void =>
  tell('odd-character', line, { column: 1, endColumn: 2 }, 'a byte order mark is read as the name of a command', {
    hint: 'Save the file as UTF-8 without BOM.',
  });

/** Python divides words at ASCII blanks, and quotes only with ASCII quotation marks. */
export const tellOdd = (tell: Tell, line: Line, words: readonly Word[]): void => {
  if (!ODD.test(line.text)) return;
  for (const { column, endColumn, quoted } of words) {
    if (quoted) continue;
    for (let at = column - 1; at < endColumn - 1; at++) {
      const character = line.text.charAt(at);
      if (character === MARK || !(ODD_BLANK.test(character) || isMeantAsAscii(line.text, at))) continue;
      tell(
        'odd-character',
        line,
        { column: at + 1, endColumn: at + 2 },
        `${codePoint(character)} here is not an ASCII character`,
        {
          hint: ODD_BLANK.test(character) ? 'It does not separate words: type a space.' : 'Type it again.',
        },
      );
      return;
    }
  }
};
