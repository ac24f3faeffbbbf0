/**
 * partman-auto's recipes, read as its `decode_recipe` reads them (partman-auto-recipe.txt of the source package
 * debian-installer): words divided by white space; `NAME ::`, then for each partition `MIN PRIORITY MAX FS`,
 * specifiers `name{ … }`, and a `.` that ends it.
 */

export interface RecipeWord {
  readonly text: string;
  /** Where it stands in the value. */
  readonly at: number;
}

export interface Specifier {
  /** Without the brace: `$lvmok`, `mountpoint`. */
  readonly name: string;
  readonly word: RecipeWord;
  /** What is between the braces, joined by one blank. */
  readonly content: string;
}

export interface RecipePartition {
  readonly first: RecipeWord;
  /** MIN, PRIORITY, MAX, FS: fewer when the partition ends before. */
  readonly limits: readonly RecipeWord[];
  readonly specifiers: readonly Specifier[];
  /** All of it, with one blank between the words: the scripts look for some marks as text. */
  readonly text: string;
}

export type RecipeFault =
  | { readonly kind: 'no-header'; readonly word: RecipeWord }
  /** A word between the specifiers; the installer passes over it. */
  | { readonly kind: 'stray-word'; readonly word: RecipeWord }
  /** `name {`: all up to the closing brace is passed over. */
  | { readonly kind: 'blank-before-brace'; readonly word: RecipeWord }
  /** `name{` without `}` before the partition's end. */
  | { readonly kind: 'unclosed'; readonly word: RecipeWord }
  /** Words after the last `.`: the installer drops them. */
  | { readonly kind: 'unended'; readonly word: RecipeWord }
  /** The sizes of a next partition inside of one: the `.` between them is missing, and the two become one. */
  | { readonly kind: 'lost-end'; readonly word: RecipeWord };

export interface PartmanRecipe {
  readonly partitions: readonly RecipePartition[];
  readonly faults: readonly RecipeFault[];
}

export const parseRecipe = (value: string): PartmanRecipe => {
  const faults: RecipeFault[] = [];
  const partitions: RecipePartition[] = [];
  const words = [...value.matchAll(/\S+/g)].map((match): RecipeWord => ({ text: match[0], at: match.index }));
  const header = words.findIndex(({ text }) => text === ':' || text === '::');
  const [first] = words;
  if (header < 0 && first && !/^\d/.test(first.text)) faults.push({ kind: 'no-header', word: first });
  // A name that is glued to its colons is no name; what follows is the first partition all the same.
  const glued = header < 0 && first !== undefined && /:$/.test(first.text);
  const named = header < 0 && first !== undefined && !/^\d/.test(first.text);
  let begun: RecipeWord[] = [];
  for (const word of words.slice(header < 0 && (glued || named) ? 1 : 0)) {
    // A name may come again, before any partition.
    if (word.text === ':' || word.text === '::') begun = [];
    else if (word.text === '.') {
      partitions.push(...partitionsOf(begun, faults));
      begun = [];
    } else begun.push(word);
  }
  const [left] = begun;
  if (left) {
    faults.push({ kind: 'unended', word: left });
    partitions.push(...partitionsOf(begun, faults));
  }
  return { partitions: partitions.filter(({ first: { text } }) => text !== ''), faults };
};

const SIZE = /^(\d+\+)?\d+%?$/;

/** Whether the sizes and the file system of a partition begin here. */
const beginsPartition = (words: readonly RecipeWord[], at: number): boolean => {
  const [min, priority, max, fs] = words.slice(at, at + 4).map(({ text }) => text);
  return (
    [min, priority].every((text) => SIZE.test(text ?? '')) &&
    (max === '-1' || SIZE.test(max ?? '')) &&
    /^[a-z$][\w$().+-]*$/i.test(fs ?? '')
  );
};

/** One, unless a `.` was forgotten: then the two are told apart, so that nothing else is said of their mixture. */
const partitionsOf = (words: readonly RecipeWord[], faults: RecipeFault[]): RecipePartition[] => {
  let depth = 0;
  for (const [at, word] of words.entries()) {
    if (word.text.endsWith('{')) depth++;
    else if (word.text === '}') depth--;
    else if (at >= 4 && depth <= 0 && beginsPartition(words, at)) {
      faults.push({ kind: 'lost-end', word });
      return [partitionOf(words.slice(0, at), faults), ...partitionsOf(words.slice(at), faults)];
    }
  }
  return [partitionOf(words, faults)];
};

const partitionOf = (words: readonly RecipeWord[], faults: RecipeFault[]): RecipePartition => {
  const brace = words.findIndex(({ text }) => text.endsWith('{'));
  const limits = words.slice(0, Math.min(4, brace < 0 ? 4 : brace));
  const specifiers: Specifier[] = [];
  let index = limits.length;
  while (index < words.length) {
    const word = words[index];
    if (!word) break;
    index++;
    if (words[index]?.text === '{') {
      const close = words.findIndex((other, place) => place > index && other.text === '}');
      faults.push({ kind: 'blank-before-brace', word });
      index = close < 0 ? words.length : close + 1;
      continue;
    }
    if (!word.text.endsWith('{') || word.text === '{') {
      faults.push({ kind: 'stray-word', word });
      continue;
    }
    const end = words.findIndex((other, place) => place >= index && other.text === '}');
    const content = words.slice(index, end < 0 ? undefined : end).map(({ text }) => text);
    if (end < 0 || content.some((text) => /\w\{$/.test(text))) faults.push({ kind: 'unclosed', word });
    specifiers.push({ name: word.text.slice(0, -1), word, content: content.join(' ') });
    index = end < 0 ? words.length : end + 1;
  }
  const text = words.map((word) => word.text).join(' ');
  return { first: words[0] ?? { text: '', at: 0 }, limits, specifiers, text };
};

/** Megabytes; undefined for what depends on the machine's memory, NaN for what is no size. */
export const recipeSizeOf = (word: string): number | undefined => {
  if (/^\d+$/.test(word)) return Number(word);
  if (word === '-1') return Number.POSITIVE_INFINITY;
  return /^(\d+\+)?\d+%$/.test(word) ? undefined : Number.NaN;
};

export const contentOf = (partition: RecipePartition, name: string): string | undefined =>
  partition.specifiers.find((specifier) => specifier.name === name)?.content;

/** A mark that the scripts look for as a text, wherever and however it stands: `$lvmok{}` is as good as `$lvmok{ }`. */
export const hasMark = ({ text }: RecipePartition, mark: string): boolean => text.includes(mark);
