/** Whether what a check looks for is in a text: a piece of it, or an expression, for which there is limited time. */
import { expressionFits, MOST_TEXT, MOST_TIME } from '../host/expression-fits.ts';
import { expressionOf } from '../recipe/schema/text-pattern.ts';
import type { Compared } from './planned.ts';

/** A text anywhere in it, or an expression between slashes; `^` and `$` mean lines. Undefined where it was given up. */
export const textFits = (pattern: string, content: string): boolean | undefined => textsFit(pattern, [content])?.[0];

/** Of each text. They share the time of one expression. */
export const textsFit = (pattern: string, texts: readonly string[]): readonly boolean[] | undefined => {
  const expression = expressionOf(pattern);
  if (expression === undefined) return texts.map((text) => text.includes(pattern));
  return texts.some((text) => text.length > MOST_TEXT) ? undefined : expressionFits(expression, texts);
};

/** Why nothing is known of a pattern that was given up. */
export const givenUp = (pattern: string): string =>
  `${JSON.stringify(pattern)} was given up: an expression has ${MOST_TIME / 1000} s and ${MOST_TEXT / 2 ** 20} MiB of text`;

/** A pattern that has to be in a text, such as what a command says. */
export const said = (pattern: string, what: string, text: string): Compared => {
  const isThere = textFits(pattern, text);
  const told = `${JSON.stringify(pattern)} in ${what}`;
  return {
    what: told,
    wanted: 'there',
    found: isThere === undefined ? 'not known' : isThere ? 'there' : 'missing',
    isRight: isThere,
    wrong: isThere === undefined ? givenUp(pattern) : `${told} is missing`,
  };
};
