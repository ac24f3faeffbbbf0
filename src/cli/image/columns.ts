/** Text for people in at most 100 columns: what is said of images is lists, and lists are long. */
import { count } from '../../counted.ts';
import { tame } from '../../ui/format.ts';

export const WIDTH = 100;

/** Words after a heading, in lines that begin below its first word. */
export const flowed = (heading: string, words: readonly string[], separator = ', '): string[] => {
  const indent = ' '.repeat(heading.length);
  const lines: string[] = [];
  let line = heading;
  let isEmpty = true;
  for (const [nth, word] of words.entries()) {
    const piece = `${word}${nth < words.length - 1 ? separator.trimEnd() : ''}`;
    if (!isEmpty && line.length + 1 + piece.length > WIDTH) {
      lines.push(line);
      [line, isEmpty] = [indent, true];
    }
    line += isEmpty ? piece : ` ${piece}`;
    isEmpty = false;
  }
  return [...lines, line].map((one) => tame(one.trimEnd(), 4 * WIDTH));
};

/** The first `most` lines, and how many there are beyond. */
export const firstOf = (lines: readonly string[], most: number, indent = '  '): string[] =>
  lines.length <= most + 1
    ? [...lines]
    : [...lines.slice(0, most), `${indent}… and ${count(lines.length - most)} more`];
