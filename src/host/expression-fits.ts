/**
 * A user's expression on a text that anybody may have written. Some expressions take longer than the world is old for texts
 * that do not fit, so each has limited time: node:vm ends an expression while it runs, which nothing else in a process does.
 */
import { createContext, Script } from 'node:vm';

/** Bytes of the longest text that is looked at. */
export const MOST_TEXT = 16 * 2 ** 20;

/** Milliseconds for one expression. */
export const MOST_TIME = 5000;

/** Whether it fits each text, in their order; undefined where it was given up after `MOST_TIME`. */
export const expressionFits = (
  expression: RegExp,
  texts: readonly string[],
  timeout = MOST_TIME,
): readonly boolean[] | undefined => {
  inside ??= { script: new Script('texts.map((text) => expression.test(text))'), context: createContext({}) };
  Object.assign(inside.context, { expression, texts });
  try {
    // What comes out belongs to the other context.
    return [...inside.script.runInContext(inside.context, { timeout })];
  } catch {
    return undefined;
  } finally {
    Object.assign(inside.context, { expression: undefined, texts: [] });
  }
};

let inside: { readonly script: Script; readonly context: object } | undefined;
