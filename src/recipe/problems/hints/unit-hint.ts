/** Sizes and durations with other units, or none. */
import { type Hint, write } from './hint.ts';

export const sizeHint: Hint = (value) => {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)\s*([kmgt]?)(?:i?b|ytes?)?$/i.exec(value.trim()) ?? [];
  if (number === undefined) return undefined;
  return unit === '' ? `With its unit: ${number}M, ${number}G.` : write(`${number}${unit.toUpperCase()}`);
};

export const swapHint: Hint = (value) =>
  /^(0[kmgt]?|none|no|off|false)$/i.test(value.trim())
    ? 'Leave it out: there is no swap partition then.'
    : sizeHint(value);

export const durationHint: Hint = (value) => {
  const [, number = '', unit = ''] = /^(\d+)\s*([a-z]*)$/i.exec(value.trim()) ?? [];
  if (number === '') return undefined;
  if (unit === '') return `With its unit: ${number}s, ${number}m.`;
  if (/^d(ays?)?$/i.test(unit)) return write(`${Number(number) * 24}h`);
  const short = /^([smh])(ec|in|our|econd|inute|r)?s?$/i.exec(unit)?.[1]?.toLowerCase();
  return short === undefined ? undefined : write(`${number}${short}`);
};
