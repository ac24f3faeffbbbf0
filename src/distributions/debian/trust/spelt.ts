/** What maintainer scripts name: whole words of their commands, or names that they put together from variables. */
import { posix } from 'node:path';

/** Maintainer scripts of the signed packages, by package. */
export type Scripts = ReadonlyMap<string, string>;

const VARIABLE = /\$\{?\w+\}?/;

/** `written` with variables in it can be `name`; a variable takes the place of one part of a path at most. */
export const fits = (written: string, name: string): boolean => {
  const literal = written.split(VARIABLE);
  const [start = '', end = ''] = [literal[0], literal.at(-1)];
  // A name that is a variable alone would fit any file.
  if (literal.length < 2 || start === '' || start.endsWith('/')) return false;
  const between = name.slice(start.length, name.length - end.length);
  return name.startsWith(start) && name.endsWith(end) && between !== '' && !between.includes('/');
};

/** One script, as far as it does something: comments and the line that names its shell are left out. */
export interface Commands {
  readonly package: string;
  /** Lines that go on after a `\` are one. */
  readonly lines: readonly string[];
  readonly words: ReadonlySet<string>;
}

const read = new WeakMap<Scripts, readonly Commands[]>();

export const commandsOf = (scripts: Scripts): readonly Commands[] => {
  const known = read.get(scripts) ?? [...scripts].map(([name, text]) => commandsIn(name, text));
  read.set(scripts, known);
  return known;
};

const commandsIn = (name: string, text: string): Commands => {
  const lines = text
    .split('\n')
    .filter((line) => !/^\s*#/.test(line))
    .join('\n')
    .replaceAll('\\\n', ' ')
    .split('\n');
  return { package: name, lines, words: new Set(lines.flatMap(wordsOf)) };
};

export const wordsOf = (line: string): string[] => line.split(/[\s"'`;|&()<>=]+/).filter((word) => word !== '');

/** The path whole, as it was before usr-merge or after it. */
export const formsOf = (path: string): readonly string[] => [
  path,
  path.replace(/^\/usr(?=\/(s?bin|lib)\/)/, ''),
  path.replace(/^(?=\/(s?bin|lib)\/)/, '/usr'),
];

export const saysPath = ({ words }: Commands, path: string): boolean => {
  const forms = formsOf(path);
  return (
    forms.some((form) => words.has(form)) ||
    [...words].some((word) => /\$/.test(word) && forms.some((form) => fits(word, form)))
  );
};

/** The same, or its last part is spelt out after a folder that is not: `$dir/name`, or by itself. */
export const saysPlace = (script: Commands, path: string): boolean => {
  const isPart = (word: string) => {
    const [last, name] = [posix.basename(word), posix.basename(path)];
    return (word.startsWith('$') || !word.includes('/')) && (last === name || (last.includes('$') && fits(last, name)));
  };
  return saysPath(script, path) || [...script.words].some(isPart);
};

/** The last part of a path, by itself or in a path, as a word or put together from parts. */
export const saysName = ({ words }: Commands, name: string): boolean =>
  words.has(name) ||
  [...words].some((word) => {
    const last = posix.basename(word);
    return last === name || (last.includes('$') && fits(last, name));
  });
