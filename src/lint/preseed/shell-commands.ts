/**
 * The simple commands of a line of shell (POSIX, Shell Command Language, 2.9.1): enough to see which programs it runs
 * and where it writes. What has a here-document or a `case` is not divided: nothing is told of it.
 */

export interface ShellWord {
  /** Without quotation marks; substitutions stay as they are written. */
  readonly text: string;
  readonly at: number;
  readonly length: number;
  /** A part of it is worked out when it runs. */
  readonly substituted: boolean;
}

export interface SimpleCommand {
  /** Without reserved words and assignments before them. */
  readonly words: readonly ShellWord[];
  /** Files that output goes to. */
  readonly outputs: readonly ShellWord[];
}

const RESERVED: ReadonlySet<string> = new Set(
  'if then elif else fi while until do done { } ! time exec command nohup'.split(' '),
);

export const simpleCommands = (text: string): readonly SimpleCommand[] => {
  if (text.length > 50_000 || /<<(?!<)|(^|[\s;])case\s/.test(text)) return [];
  const commands: SimpleCommand[] = [];
  let words: ShellWord[] = [];
  let outputs: ShellWord[] = [];
  let redirect: 'in' | 'out' | undefined;
  const end = (): void => {
    const command = { words: withoutPrefix(words), outputs };
    if (command.words.length > 0 || outputs.length > 0) commands.push(command);
    words = [];
    outputs = [];
  };
  let at = 0;
  while (at < text.length) {
    const character = text.charAt(at);
    if (/\s/.test(character)) at++;
    else if (character === '#') break;
    else if (/[;|()]/.test(character) || (character === '&' && text.charAt(at + 1) !== '>')) {
      end();
      at++;
    } else if (/[<>&]/.test(character)) {
      // `>&2` names no file.
      redirect = /^(&?>>?\|?)(?!&)/.test(text.slice(at)) ? 'out' : 'in';
      at += /^(&?>>?[|&]?|<[<&>]?<?)/.exec(text.slice(at))?.[0].length ?? 1;
    } else {
      const word = readWord(text, at);
      at += word.length;
      const isDescriptor = /^\d$/.test(word.text) && /[<>]/.test(text.charAt(at));
      if (redirect === 'out') outputs.push(word);
      else if (redirect === undefined && !isDescriptor) words.push(word);
      redirect = undefined;
    }
  }
  end();
  return commands;
};

const withoutPrefix = (words: readonly ShellWord[]): readonly ShellWord[] => {
  // The list of a loop is no command.
  if (words[0]?.text === 'for' || words[0]?.text === 'in') return [];
  const first = words.findIndex(({ text }) => !(RESERVED.has(text) || /^[A-Za-z_]\w*=/.test(text)));
  return first < 0 ? [] : words.slice(first);
};

const readWord = (text: string, from: number): ShellWord => {
  const parts: string[] = [];
  let substituted = false;
  let at = from;
  while (at < text.length) {
    const character = text.charAt(at);
    if (/[\s;|()<>&]/.test(character)) break;
    if (character === '\\') {
      parts.push(text.charAt(at + 1));
      at += 2;
    } else if (character === "'") {
      const close = text.indexOf("'", at + 1);
      const end = close < 0 ? text.length : close;
      parts.push(text.slice(at + 1, end));
      at = end + 1;
    } else if (character === '"') {
      const end = endOfDouble(text, at + 1);
      const inside = text.slice(at + 1, end);
      substituted ||= /[$`]/.test(inside);
      parts.push(inside);
      at = end + 1;
    } else if (character === '`' || character === '$') {
      substituted = true;
      const end = endOfSubstitution(text, at);
      parts.push(text.slice(at, end));
      at = end;
    } else {
      parts.push(character);
      at++;
    }
  }
  return { text: parts.join(''), at: from, length: Math.min(at, text.length) - from, substituted };
};

/** Where the closing quotation mark stands. */
const endOfDouble = (text: string, from: number): number => {
  let at = from;
  while (at < text.length && text.charAt(at) !== '"') {
    if (text.charAt(at) === '\\') at += 2;
    else if (text.startsWith('$(', at)) at = endOfSubstitution(text, at);
    else at++;
  }
  return Math.min(at, text.length);
};

const endOfSubstitution = (text: string, from: number): number => {
  if (text.charAt(from) === '`') {
    const close = text.indexOf('`', from + 1);
    return close < 0 ? text.length : close + 1;
  }
  const open = text.charAt(from + 1);
  const close = open === '(' ? ')' : open === '{' ? '}' : undefined;
  if (close === undefined) return from + 1;
  let depth = 0;
  for (let at = from + 1; at < text.length; at++) {
    if (text.charAt(at) === open) depth++;
    else if (text.charAt(at) === close && --depth === 0) return at + 1;
  }
  return text.length;
};
