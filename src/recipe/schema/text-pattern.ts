/** What is looked for in a text: a piece of it, or a regular expression between slashes. One that checks nothing is refused. */
import { z } from 'zod';
import { translated } from './expression-source.ts';

const regularExpression = /^\/(.+)\/([imsu]*)$/s;

/** How often a text has to fit: once, anywhere. `undefined` where it is no regular expression. */
export const expressionOf = (pattern: string): RegExp | undefined => {
  const [, source, flags = ''] = regularExpression.exec(pattern) ?? [];
  if (source === undefined) return undefined;
  return new RegExp(translated(source, flags).source, flags.includes('m') ? flags : `${flags}m`);
};

/** A line cannot begin after a letter, nor go on with one after its end: whatever the text is, such an expression does not fit. */
const canFit = (source: string): boolean => {
  // Of these any may stand for the end of a line.
  const plain = source.replaceAll(/\\[\s\S]|\[(?:\\[\s\S]|[^\]])*\]/g, ' ');
  return !/\w\^|\$\w/.test(plain);
};

/** What an expression should have been; undefined where it can be used. `flags` as they stand after the last slash. */
export const sourceFault = (source: string, flags = ''): string | undefined => {
  const { source: own, fault } = translated(source, flags);
  if (fault !== undefined) return fault;
  try {
    new RegExp(own, flags);
  } catch (error) {
    const why = error instanceof Error ? (error.message.split(': ').at(-1) ?? '') : '';
    return `a regular expression of JavaScript (${why})`;
  }
  if (canFit(own)) return undefined;
  return 'an expression that can fit: `^` stands where a line begins, `$` where it ends, `\\^` and `\\$` for the signs';
};

const patternFault = (pattern: string): string | undefined => {
  const [, source, flags] = regularExpression.exec(pattern) ?? [];
  if (source === undefined) return undefined;
  const fault = sourceFault(source, flags);
  if (fault !== undefined) return fault;
  if (expressionOf(pattern)?.test('') !== true) return undefined;
  return 'a regular expression that does not fit an empty text, since that would check nothing';
};

export const pattern = z
  .string({ error: 'a text, or a regular expression between slashes' })
  .min(1, 'a text that is not empty, or a regular expression between slashes')
  .superRefine((text, context) => {
    const message = patternFault(text);
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  });
export const patterns = z.union([pattern.transform((one) => [one]), z.array(pattern).min(1)]);
