/** Numbers in versions may have any number of digits: they are compared as text, so that none is too large. */

/** Both are digits alone, or empty, which is zero. */
export const compareNumbers = (one: string, other: string): number => {
  const [a, b] = [withoutZeros(one), withoutZeros(other)];
  return a.length === b.length ? compareText(a, b) : a.length < b.length ? -1 : 1;
};

export const compareText = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);

const ZERO = 48;

/** By hand: a pattern would try every zero of a long row as a beginning. */
const withoutZeros = (digits: string): string => {
  let start = 0;
  while (digits.charCodeAt(start) === ZERO) start++;
  return start === 0 ? digits : digits.slice(start);
};

export const isDigit = (code: number): boolean => code >= 48 && code <= 57;

export const isLetter = (code: number): boolean => (code >= 65 && code <= 90) || (code >= 97 && code <= 122);

/** Where a run of characters of one kind ends that begins at `from`. */
export const endOf = (text: string, from: number, isOf: (code: number) => boolean): number => {
  let at = from;
  while (at < text.length && isOf(text.charCodeAt(at))) at++;
  return at;
};
