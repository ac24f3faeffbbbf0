/**
 * The format of preseed.cfg: lines `owner question type value` (debian-installer's debconf-set-selections; the value is
 * the rest of the line). It has no quoting, so what it cannot carry is an error here and not a surprise in the guest.
 */
import { IngotError } from '../errors.ts';

/** Why a value would not arrive as it is, or undefined when it would. */
export const preseedFault = (value: string): string | undefined => {
  if (/[\r\n]/.test(value)) return 'a preseed value cannot hold a newline';
  if (value.includes('\\'))
    return 'a preseed value cannot hold a backslash (cdebconf reads it as the beginning of an escape)';
  if (/\p{Cc}/u.test(value)) return 'a preseed value cannot hold a control character';
  if (/\p{Cs}/u.test(value)) return 'a preseed value cannot hold half of a surrogate pair';
  if (value !== value.trim()) return 'a preseed value cannot begin or end with white space';
  return undefined;
};

/** For `<%= … %>`: the value as it is, or an error. */
export const preseedValue = (value: unknown): string => {
  if (value === undefined || value === null) throw new Error('the value is not defined');
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean')
    throw new Error(`expected a text, a number or a boolean, found ${Array.isArray(value) ? 'a list' : typeof value}`);
  const text = String(value);
  const fault = preseedFault(text);
  if (fault !== undefined) throw new Error(fault);
  return text;
};

export const PRESEED_ESCAPE = { value: preseedValue, functions: { preseedFault, preseedValue } };

export interface Question {
  readonly owner: string;
  readonly name: string;
  readonly type: string;
  readonly value: string;
  /** Line in the rendered file where it begins. */
  readonly line: number;
}

/** debconf's types (debconf-devel(7)), and the flag that may stand in their place. */
const TYPES = ['string', 'boolean', 'select', 'multiselect', 'note', 'text', 'password', 'title', 'error', 'seen'];

/**
 * Reads a rendered preseed.cfg. A line that ends in a backslash goes on in the next one. Throws `recipe.template` for
 * the first line that is not of the form.
 */
export const parsePreseed = (text: string, name = 'preseed.cfg'): readonly Question[] => {
  const questions: Question[] = [];
  let begun: { text: string; line: number } | undefined;
  for (const [index, raw] of text.split('\n').entries()) {
    if (/^#|^\s*$/.test(raw)) continue;
    const line: string = begun ? `${begun.text} ${raw.trimStart()}` : raw.trimStart();
    const first: number = begun?.line ?? index + 1;
    begun = line.endsWith('\\') ? { text: line.replace(/\s*\\$/, ''), line: first } : undefined;
    if (!begun) questions.push(parseLine(line, first, name));
  }
  if (begun)
    throw new IngotError('recipe.template', 'the last line ends in a backslash', {
      where: `${name}:${begun.line}`,
      hint: 'Remove it, or write the line that it goes on in.',
    });
  return questions;
};

const parseLine = (text: string, line: number, name: string): Question => {
  const [, owner = '', question = '', type = '', value = ''] = /^(\S+)\s+(\S+)\s+(\S+)(?:\s+(.*))?$/.exec(text) ?? [];
  const where = `${name}:${line}`;
  if (type === '')
    throw new IngotError('recipe.template', 'expected `owner question type value`', {
      where,
      detail: text,
      hint: 'As in `d-i netcfg/get_hostname string web1`. A line that goes on in the next one ends in a backslash.',
    });
  if (!TYPES.includes(type))
    throw new IngotError('recipe.template', `\`${type}\` is not a debconf type`, {
      where,
      detail: text,
      hint: `One of ${TYPES.join(', ')}.`,
    });
  if (type === 'boolean' && value !== 'true' && value !== 'false')
    throw new IngotError('recipe.template', `a boolean is true or false, not ${JSON.stringify(value)}`, {
      where,
      detail: text,
      hint: 'It stands there bare: without quotation marks, capitals and anything after it.',
    });
  return { owner, name: question, type, value, line };
};
