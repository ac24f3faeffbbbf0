/** Durations, sizes and shares as people read them. */

/** Milliseconds to `0.8 s`, `47 s`, `9 min 12 s`. */
export const duration = (milliseconds: number): string => {
  if (milliseconds < 9_950) return `${(milliseconds / 1000).toFixed(1)} s`;
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`;
  return `${Math.floor(seconds / 3600)} h ${String(Math.floor((seconds % 3600) / 60)).padStart(2, '0')} min`;
};

/** An age in milliseconds to its largest unit: `3 days`. */
export const age = (milliseconds: number): string => {
  const units = [
    ['day', 86_400_000],
    ['hour', 3_600_000],
    ['minute', 60_000],
  ] as const;
  for (const [unit, size] of units) {
    const count = Math.floor(milliseconds / size);
    if (count >= 1) return `${count} ${unit}${count === 1 ? '' : 's'} ago`;
  }
  return 'just now';
};

/** Bytes to `312 MB`; powers of 1000, as disk vendors and `ls --si` count. */
export const bytes = (count: number): string => {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = count;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value < 10 && unit > 0 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
};

export type ProgressUnit = 'bytes' | 'items' | 'percent';

/** `42 %`, `31 of 195`, `12 MB`. */
export const progress = (done: number, total: number | undefined, unit: ProgressUnit): string => {
  if (total === undefined || total === 0) return unit === 'bytes' ? bytes(done) : String(done);
  if (unit === 'items') return `${done} of ${total}`;
  return `${Math.min(100, Math.floor((100 * done) / total))} %`;
};

/** Control characters but line feed and tab, and those that turn the direction of text around (Unicode TR 9). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const UNSEEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g;

/** Text for a terminal, with what would not be seen written as `\u001b`; JSON means the same afterwards. */
export const visible = (text: string): string =>
  text.replaceAll(UNSEEN, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** Control characters from a guest do not reach the terminal; long lines are cut at `width`. */
export const tame = (line: string, width = 160): string => {
  const characters = Array.from(line.replaceAll(/[\t\n]/g, ' ').replaceAll(UNSEEN, ' '));
  return characters.length > width ? `${characters.slice(0, width - 1).join('')}…` : characters.join('');
};
