/** Order of rpm's versions (rpm-version(7)): epoch, version, release; a missing epoch is zero. */
import { compareNumbers, compareText, endOf, isDigit, isLetter } from './number-text.ts';

export const compareRpm = (one: string, other: string): number => {
  const [a, b] = [parts(one), parts(other)];
  const order = compareNumbers(a.epoch, b.epoch) || compareLabels(a.version, b.version);
  // Where one says nothing of a release, any will do.
  return order || (a.release === '' || b.release === '' ? 0 : compareLabels(a.release, b.release));
};

export const isRpmVersion = (text: string): boolean => /^(?:\d+:)?[A-Za-z0-9][A-Za-z0-9._+~^-]*$/.test(text);

const parts = (text: string) => {
  const colon = text.indexOf(':');
  const epoch = colon >= 0 && endOf(text, 0, isDigit) === colon ? text.slice(0, colon) : '';
  const rest = colon >= 0 && endOf(text, 0, isDigit) === colon ? text.slice(colon + 1) : text;
  const dash = rest.lastIndexOf('-');
  return dash < 0
    ? { epoch, version: rest, release: '' }
    : { epoch, version: rest.slice(0, dash), release: rest.slice(dash + 1) };
};

const TILDE = '~';
const CARET = '^';

const isSeparator = (code: number): boolean => !isDigit(code) && !isLetter(code) && code !== 126 && code !== 94;

/** Runs of digits and of letters by turns; what stands between them only divides. */
const compareLabels = (one: string, other: string): number => {
  if (one === other) return 0;
  let [a, b] = [0, 0];
  for (;;) {
    a = endOf(one, a, isSeparator);
    b = endOf(other, b, isSeparator);
    const [left, right] = [one[a], other[b]];
    if (left === TILDE || right === TILDE) {
      // It comes before everything, the end too.
      if (left !== right) return left === TILDE ? -1 : 1;
      [a, b] = [a + 1, b + 1];
      continue;
    }
    if (left === CARET || right === CARET) {
      // It comes after the end, and before everything else.
      if (left === undefined || right === undefined) return left === undefined ? -1 : 1;
      if (left !== right) return left === CARET ? -1 : 1;
      [a, b] = [a + 1, b + 1];
      continue;
    }
    if (left === undefined || right === undefined) return left === right ? 0 : left === undefined ? -1 : 1;
    const isNumber = isDigit(one.charCodeAt(a));
    const isOf = isNumber ? isDigit : isLetter;
    const [endA, endB] = [endOf(one, a, isOf), endOf(other, b, isOf)];
    // A number is newer than letters.
    if (endB === b) return isNumber ? 1 : -1;
    const compare = isNumber ? compareNumbers : compareText;
    const order = compare(one.slice(a, endA), other.slice(b, endB));
    if (order !== 0) return order;
    [a, b] = [endA, endB];
  }
};
