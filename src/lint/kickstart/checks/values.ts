/** The value of an option by its type in the table. */
import type { OptionUse } from '../command-arguments.ts';
import { shown, type Tell } from '../findings.ts';
import type { Line } from '../kickstart-document.ts';
import { isReached, type KickstartRelease, statusIn } from '../release.ts';

const BOOLEANS = ['on', 'yes', 'true', '1', 'off', 'no', 'false', '0'];

export const isInteger = (text: string): boolean => /^\s*[+-]?\d+(_\d+)*\s*$/.test(text);

export const checkValue = (
  { name, facts, value, valueAt }: OptionUse,
  line: Line,
  release: KickstartRelease,
  tell: Tell,
): void => {
  // A deprecated option is ignored, so its value cannot be wrong.
  if (value === undefined || statusIn(release, facts) === 'deprecated') return;
  const wrong = (expected: string, hint?: string): void =>
    tell('bad-value', line, valueAt, `${name} expects ${expected}, not ${shown(value)}`, { hint });
  const text = facts.anyCase ? value.toLowerCase() : value;
  if (facts.type === 'int' && !isInteger(value))
    wrong('a whole number', /^\d+(\.\d+)?\s*[a-z]+$/i.test(value) ? 'Without a unit: sizes are in MiB.' : undefined);
  else if (facts.type === 'bool' && !BOOLEANS.includes(value.toLowerCase())) wrong('yes or no');
  else if (facts.choices) {
    const choices = facts.choices.filter((choice) => {
      const from = facts.choicesFrom?.[choice];
      return from === undefined || isReached(release, from);
    });
    if (!choices.some((choice) => (facts.anyCase ? choice.toLowerCase() : choice) === text))
      wrong(`one of ${choices.join(', ')}`);
  }
};
