/**
 * The format of preseed.cfg: lines `owner question type value` (debian-installer's debconf-set-selections; the value is
 * the rest of the line). It has no quoting, so what it cannot carry is an error here and not a surprise in the guest.
 */
import { IngotError } from '../../../errors.ts';
import { type Answer, parsePreseedLines, type Trouble } from '../../../formats/preseed.ts';
import type { Place } from '../../../formats/text-place.ts';

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

/** Reads a rendered preseed.cfg as the installer does. Throws `recipe.template` for the first line that is not of the form. */
export const parsePreseed = (text: string, name = 'preseed.cfg'): readonly Question[] => {
  const { answers, troubles } = parsePreseedLines(text.split('\n'));
  const where = ({ line }: Place): string => `${name}:${line}`;
  const faults = [
    ...troubles.map((trouble) => ({ at: trouble.at, error: faultOfTrouble(trouble, where(trouble.at)) })),
    ...answers.map((answer) => ({ at: answer.owner, error: faultOfAnswer(answer, where(answer.owner)) })),
  ].sort((one, other) => one.at.line - other.at.line);
  const first = faults.find(({ error }) => error !== undefined);
  if (first?.error) throw first.error;
  return answers.map(({ owner, question, type, value }) => ({
    owner: owner.text,
    name: question.text,
    type: type.text,
    value: value.text,
    line: owner.line,
  }));
};

const faultOfTrouble = (trouble: Trouble, where: string): IngotError | undefined => {
  const { kind } = trouble;
  const { text } = trouble.at;
  if (kind === 'unfinished')
    return new IngotError('recipe.template', 'the last line ends in a backslash', {
      where,
      hint: 'Remove it, or write the line that has to follow.',
    });
  if (kind === 'backslash-blank')
    return new IngotError('recipe.template', 'white space after a backslash: the line does not go on', {
      where,
      hint: 'Remove the white space, or the backslash.',
    });
  // After a backslash a comment is a part of the value, as in a command; a comment of several words would answer a question that nobody asks.
  if (kind === 'indented-comment' && (trouble.continued || text.split(/[ \t]+/).length > 2)) return undefined;
  return new IngotError('recipe.template', 'expected `owner question type value`', {
    where,
    detail: text,
    hint: 'As in `d-i netcfg/get_hostname string web1`. A line that goes on in the next one ends in a backslash.',
  });
};

const faultOfAnswer = ({ owner, question, type, value }: Answer, where: string): IngotError | undefined => {
  const detail = [owner, question, type, value].map(({ text }) => text).join(' ');
  if (!TYPES.includes(type.text))
    return new IngotError('recipe.template', `\`${type.text}\` is not a debconf type`, {
      where,
      detail,
      hint: `One of ${TYPES.join(', ')}.`,
    });
  if (type.text === 'boolean' && value.text !== 'true' && value.text !== 'false')
    return new IngotError('recipe.template', `a boolean is true or false, not ${JSON.stringify(value.text)}`, {
      where,
      detail,
      hint: 'Write it alone: without quotation marks or capitals, and with nothing after it.',
    });
  return undefined;
};
