/** Order of Debian's versions (deb-version(7)): epoch, upstream version, revision. */
import { compareNumbers, endOf, isDigit, isLetter } from './number-text.ts';

export const compareDpkg = (one: string, other: string): number => {
  const [a, b] = [parts(one), parts(other)];
  return (
    compareNumbers(a.epoch, b.epoch) || compareParts(a.upstream, b.upstream) || compareParts(a.revision, b.revision)
  );
};

/** What dpkg takes: it begins with a digit, only what follows an epoch may have colons, and a revision is not empty. */
export const isDpkgVersion = (text: string): boolean => {
  if (!/^(?:\d{1,9}:)?\d[A-Za-z0-9.+~:-]*$/.test(text)) return false;
  const { epoch, upstream, revision } = parts(text);
  return !text.endsWith('-') && !revision.includes(':') && (epoch !== '' || !upstream.includes(':'));
};

const parts = (version: string) => {
  const colon = version.indexOf(':');
  const epoch = colon > 0 && endOf(version, 0, isDigit) === colon ? version.slice(0, colon) : '';
  const rest = epoch === '' ? version : version.slice(colon + 1);
  const dash = rest.lastIndexOf('-');
  return dash < 0
    ? { epoch, upstream: rest, revision: '' }
    : { epoch, upstream: rest.slice(0, dash), revision: rest.slice(dash + 1) };
};

/** By turns a run of other characters, and a run of digits. */
const compareParts = (one: string, other: string): number => {
  let [a, b] = [0, 0];
  while (a < one.length || b < other.length) {
    for (;;) {
      const [left, right] = [weight(one, a), weight(other, b)];
      if (left !== right) return left < right ? -1 : 1;
      if (left === 0) break;
      a++;
      b++;
    }
    const [endA, endB] = [endOf(one, a, isDigit), endOf(other, b, isDigit)];
    const order = compareNumbers(one.slice(a, endA), other.slice(b, endB));
    if (order !== 0) return order;
    [a, b] = [endA, endB];
  }
  return 0;
};

const TILDE = 126;

/** A tilde comes before the end, the end and digits before letters, and these before all else. */
const weight = (text: string, at: number): number => {
  if (at >= text.length) return 0;
  const code = text.charCodeAt(at);
  if (isDigit(code)) return 0;
  if (code === TILDE) return -1;
  return isLetter(code) ? code : code + 256;
};
