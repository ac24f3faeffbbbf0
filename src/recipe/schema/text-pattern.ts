/** What is looked for in a text: a piece of it, or a regular expression between slashes. One that checks nothing is refused. */
import { z } from 'zod';

const regularExpression = /^\/(.+)\/([imsu]*)$/s;

/** How often a text has to fit: once, anywhere. `undefined` where it is no regular expression. */
export const expressionOf = (pattern: string): RegExp | undefined => {
  const [, source, flags] = regularExpression.exec(pattern) ?? [];
  return source === undefined ? undefined : new RegExp(source, flags?.includes('m') ? flags : `${flags}m`);
};

const isSound = (pattern: string): boolean => {
  try {
    return expressionOf(pattern)?.test('') !== true;
  } catch {
    return false;
  }
};

/** A line cannot begin after a letter, nor go on with one after its end: whatever the text is, such an expression does not fit. */
export const canFit = (source: string): boolean => {
  // Of these any may stand for the end of a line.
  const plain = source.replaceAll(/\\[\s\S]|\[(?:\\[\s\S]|[^\]])*\]/g, ' ');
  return !/\w\^|\$\w/.test(plain);
};

const isPossible = (pattern: string): boolean => canFit(regularExpression.exec(pattern)?.[1] ?? '');

export const pattern = z
  .string({ error: 'a text, or a regular expression between slashes' })
  .min(1, 'a text that is not empty, or a regular expression between slashes')
  .refine(isSound, 'a regular expression that is valid and does not fit an empty text, since that would check nothing')
  .refine(
    isPossible,
    'an expression that can fit: `^` stands where a line begins, `$` where it ends, `\\^` and `\\$` for the signs',
  );
export const patterns = z.union([pattern.transform((one) => [one]), z.array(pattern).min(1)]);
