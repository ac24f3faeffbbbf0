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
  /** Words of each line in their order, each with what its variables can be after it. */
  readonly lineWords: readonly (readonly string[])[];
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
  const values = valuesIn(lines.join('\n'));
  const lineWords = lines.map((line) => wordsOf(line).flatMap((word) => [word, ...putTogether(word, values)]));
  return { package: name, lines, words: new Set(lineWords.flat()), lineWords };
};

type Values = ReadonlyMap<string, ReadonlySet<string>>;

/** What variables of a script are: `NAME="a b"` and `for NAME in a b; do`, as far as it is spelt out. */
const valuesIn = (text: string): Values => {
  const values = new Map<string, Set<string>>();
  const add = (name: string, words: string): void => {
    const all = values.get(name) ?? new Set();
    values.set(name, all);
    for (const word of words.split(/\s+/)) {
      const [, other] = /^\$\{?(\w+)\}?$/.exec(word) ?? [];
      if (other !== undefined) for (const one of values.get(other) ?? []) all.add(one);
      else if (word !== '' && !/[$`*?]/.test(word)) all.add(word);
    }
  };
  for (const [, name = '', single, double, bare] of text.matchAll(
    /^\s*(?:local\s+|readonly\s+)?([A-Za-z_]\w*)=(?:'([^']*)'|"([^"]*)"|([^\s"'`$;&|()]+))/gm,
  ))
    add(name, single ?? double ?? bare ?? '');
  for (const [, name = '', words = ''] of text.matchAll(/(?:^|[\s;])for\s+([A-Za-z_]\w*)\s+in\s+([^;\n]*)/gm))
    add(name, words.replaceAll(/["']/g, ' '));
  return values;
};

/** A script that would make more of one word is no list of names. */
const MOST_WORDS = 1000;

/** `/etc/dovecot/$file` with each value that the script gives to `file`. */
const putTogether = (word: string, values: Values): string[] => {
  let made = [word];
  for (const [whole, name = ''] of word.matchAll(/\$\{?(\w+)\}?/g)) {
    const known = values.get(name);
    if (known === undefined || made.length * known.size > MOST_WORDS) continue;
    made = made.flatMap((one) => Array.from(known, (value) => one.replace(whole, () => value)));
  }
  return made.filter((one) => one !== word);
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
