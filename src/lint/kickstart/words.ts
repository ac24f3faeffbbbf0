/**
 * A line as words, divided as Python's shlex does it for pykickstart (posix mode, comments on): quotes join, a
 * backslash escapes outside of quotes and, in double quotes, a quote or itself; `#` begins a comment even inside a word.
 */

export interface Word {
  readonly text: string;
  /** 1-based; `endColumn` is after the last character. */
  readonly column: number;
  readonly endColumn: number;
  /** Some of it was in quotes. */
  readonly quoted: boolean;
}

export interface Words {
  readonly words: readonly Word[];
  /** Column of a quote that is never closed. */
  readonly open?: number;
  /** Column of a `#` that cuts a word in two. */
  readonly cut?: number;
  /** Column of a backslash at the end of the line. */
  readonly continued?: number;
}

interface State {
  readonly line: string;
  at: number;
}

/** No line of a kickstart file has nearly so many. */
export const MOST_WORDS = 2000;

/** The words of a line, without its end. */
export const splitWords = (line: string): Words => {
  const state: State = { line, at: 0 };
  const words: Word[] = [];
  while (state.at < line.length && words.length < MOST_WORDS) {
    const character = line.charAt(state.at);
    if (isBlank(character)) state.at++;
    else if (character === '#') break;
    else {
      const { word, ...end } = readWord(state);
      if (word) words.push(word);
      if (Object.keys(end).length > 0) return { words, ...end };
    }
  }
  return { words };
};

const isBlank = (character: string): boolean =>
  character === ' ' || character === '\t' || character === '\r' || character === '\n';

interface WordEnd {
  readonly word?: Word;
  readonly open?: number;
  readonly cut?: number;
  readonly continued?: number;
}

const readWord = (state: State): WordEnd => {
  const { line } = state;
  const start = state.at;
  const parts: string[] = [];
  let quoted = false;
  const finish = (): Word => ({ text: parts.join(''), column: start + 1, endColumn: state.at + 1, quoted });
  while (state.at < line.length) {
    const character = line.charAt(state.at);
    if (isBlank(character)) break;
    if (character === '#') return { word: finish(), cut: state.at + 1 };
    if (character === '\\') {
      if (line.slice(state.at + 1).trim() === '') {
        const word = finish();
        return { ...(word.text === '' && !quoted ? {} : { word }), continued: state.at + 1 };
      }
      parts.push(line.charAt(state.at + 1));
      state.at += 2;
    } else if (character === '"' || character === "'") {
      quoted = true;
      const begin = state.at;
      if (!readQuoted(state, character, parts)) return { word: finish(), open: begin + 1 };
    } else {
      const end = plainEnd(line, state.at);
      parts.push(line.slice(state.at, end));
      state.at = end;
    }
  }
  return { word: finish() };
};

/** Where a run of ordinary characters ends. */
const plainEnd = (line: string, from: number): number => {
  PLAIN.lastIndex = from;
  PLAIN.test(line);
  return Math.max(PLAIN.lastIndex, from + 1);
};

const PLAIN = /[^ \t\r\n#\\"']+/y;

/** Reads up to the closing quote; false when there is none. */
const readQuoted = (state: State, quote: string, parts: string[]): boolean => {
  const { line } = state;
  let from = state.at + 1;
  let at = from;
  for (; at < line.length; at++) {
    const character = line.charAt(at);
    if (character === quote) {
      parts.push(line.slice(from, at));
      state.at = at + 1;
      return true;
    }
    if (quote === '"' && character === '\\' && (line.charAt(at + 1) === '"' || line.charAt(at + 1) === '\\')) {
      parts.push(line.slice(from, at));
      from = at + 1;
      at++;
    }
  }
  parts.push(line.slice(from));
  state.at = line.length;
  return false;
};
