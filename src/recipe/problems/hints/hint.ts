/** What the hints share: a hint is what to write instead of a value, where that is known. */
import { own } from '../../../own.ts';

export type Hint = (value: string) => string | undefined;

export const write = (word: string): string => `Write \`${word}\`.`;

/** Words, in upper or lower case, to their hints. */
export const synonyms =
  (words: Readonly<Record<string, string>>): Hint =>
  (value) => {
    const key = value.toLowerCase();
    return own(words, key);
  };

/** Each word to what is written for it. */
export const instead = (words: Readonly<Record<string, string>>): Hint =>
  synonyms(Object.fromEntries(Object.entries(words).map(([word, right]) => [word, write(right)])));
