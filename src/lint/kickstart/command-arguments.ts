/**
 * The words after a command as options and arguments, by the rules of Python's argparse, which pykickstart uses:
 * `--name value`, `--name=value`, and any beginning of a name that fits only one option.
 */
import type { OptionFacts } from './table.ts';
import type { Word } from './words.ts';

export interface OptionUse {
  /** The option's full name. */
  readonly name: string;
  readonly facts: OptionFacts;
  /** The word that has the name. */
  readonly word: Word;
  readonly value: string | undefined;
  /** Where the value stands. */
  readonly valueAt: Pick<Word, 'column' | 'endColumn'>;
}

export interface ArgumentFault {
  readonly kind: 'unknown' | 'ambiguous' | 'missing-value' | 'needless-value';
  readonly word: Word;
  readonly name: string;
  readonly candidates?: readonly string[];
}

export interface Arguments {
  readonly options: readonly OptionUse[];
  readonly positional: readonly Word[];
  readonly faults: readonly ArgumentFault[];
}

/** What is told of one line. */
const MOST_FAULTS = 20;

type Options = Readonly<Record<string, OptionFacts>>;

/** `usable` tells which options a shortened name can stand for. */
export const readArguments = (
  words: readonly Word[],
  facts: Options,
  usable: (option: OptionFacts) => boolean,
): Arguments => {
  const options: OptionUse[] = [];
  const positional: Word[] = [];
  const faults: ArgumentFault[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at];
    if (!word) break;
    if (!isOptionLike(word)) {
      positional.push(word);
      continue;
    }
    const { name: written, value } = divide(word.text);
    const found = lookUp(written, facts, usable);
    if (typeof found !== 'string') {
      if (faults.length < MOST_FAULTS)
        faults.push({ kind: found.length > 1 ? 'ambiguous' : 'unknown', word, name: written, candidates: found });
      // Its value, if that is one, must not be taken for an argument.
      if (value === undefined && words[at + 1] && !isOptionLike(words[at + 1] ?? word)) at++;
      continue;
    }
    const option = facts[found];
    if (!option) continue;
    const use = (value: string | undefined, valueAt: OptionUse['valueAt']) =>
      options.push({ name: found, facts: option, word, value, valueAt });
    if (option.type === 'flag') {
      if (value !== undefined) faults.push({ kind: 'needless-value', word, name: found });
      use(undefined, word);
    } else if (value !== undefined)
      use(value, { column: word.endColumn - valueWidth(word, value), endColumn: word.endColumn });
    else {
      const next = words[at + 1];
      if (next && !isOptionLike(next)) {
        use(next.text, next);
        at++;
      } else {
        if (option.type !== 'optional') faults.push({ kind: 'missing-value', word, name: found });
        use(undefined, word);
      }
    }
  }
  return { options, positional, faults };
};

/** What argparse reads as an option: a hyphen first, but no negative number and nothing with a blank before a `=`. */
const isOptionLike = ({ text }: Word): boolean =>
  /^-./.test(text) && !/^-\d+$|^-\d*\.\d+$/.test(text) && (/^--?[\w-]+=/.test(text) || !text.includes(' '));

const divide = (text: string): { readonly name: string; readonly value: string | undefined } => {
  const at = text.indexOf('=');
  return at < 0 ? { name: text, value: undefined } : { name: text.slice(0, at), value: text.slice(at + 1) };
};

/** The option's name, or the names that a beginning could stand for. */
const lookUp = (name: string, facts: Options, usable: (option: OptionFacts) => boolean): string | readonly string[] => {
  if (Object.hasOwn(facts, name)) return name;
  if (!name.startsWith('--') || name.length < 3) return [];
  const candidates = Object.entries(facts).flatMap(([option, its]) =>
    option.startsWith(name) && usable(its) ? [option] : [],
  );
  return candidates.length === 1 ? (candidates[0] ?? []) : candidates;
};

const valueWidth = ({ column, endColumn }: Word, value: string): number =>
  Math.min(Math.max(value.length, 1), endColumn - column);

export const optionOf = ({ options }: Arguments, name: string): OptionUse | undefined =>
  options.findLast((option) => option.name === name);

export const hasOption = (args: Arguments, ...names: readonly string[]): boolean =>
  args.options.some(({ name }) => names.includes(name));
