/**
 * Order of Alpine's versions (apk-package(5), "Package version"): numbers, a letter, suffixes, a commit, a release. In a
 * number after the first one a leading zero makes it a fraction: 1.01 is before 1.1.
 */
import { compareNumbers, compareText } from './number-text.ts';

/** Before the version itself, and after it. */
const BEFORE = ['alpha', 'beta', 'pre', 'rc'];
const AFTER = ['cvs', 'svn', 'git', 'hg', 'p'];

const VERSION =
  /^(\d+(?:\.\d+)*)([a-z]?)((?:_(?:alpha|beta|pre|rc|cvs|svn|git|hg|p)\d*)*)(?:~([0-9a-f]+))?(?:-r(\d+))?$/;

export const isApkVersion = (text: string): boolean => VERSION.test(text);

/** What is no version comes before all that are, in the order of its text. */
export const compareApk = (one: string, other: string): number => {
  const [a, b] = [VERSION.exec(one), VERSION.exec(other)];
  if (a === null || b === null) return a === b ? compareText(one, other) : a === null ? -1 : 1;
  const [[, numbersA = '', letterA = '', suffixesA = '', commitA = '', releaseA = '']] = [a];
  const [[, numbersB = '', letterB = '', suffixesB = '', commitB = '', releaseB = '']] = [b];
  return (
    compareNumberRows(numbersA.split('.'), numbersB.split('.')) ||
    compareText(letterA, letterB) ||
    compareSuffixes(suffixesOf(suffixesA), suffixesOf(suffixesB)) ||
    compareText(commitA, commitB) ||
    compareNumbers(releaseA, releaseB)
  );
};

const compareNumberRows = (one: readonly string[], other: readonly string[]): number => {
  for (let at = 0; at < Math.max(one.length, other.length); at++) {
    const [a, b] = [one[at], other[at]];
    if (a === undefined || b === undefined) return a === undefined ? -1 : 1;
    const isFraction = at > 0 && (a.startsWith('0') || b.startsWith('0'));
    const order = isFraction ? compareText(a, b) : compareNumbers(a, b);
    if (order !== 0) return order;
  }
  return 0;
};

interface Suffix {
  readonly rank: number;
  readonly number: string;
}

const suffixesOf = (text: string): Suffix[] =>
  Array.from(text.matchAll(/_([a-z]+)(\d*)/g), ([, name = '', number = '']) => ({ rank: rankOf(name), number }));

const rankOf = (name: string): number =>
  BEFORE.includes(name) ? BEFORE.indexOf(name) - BEFORE.length : AFTER.indexOf(name) + 1;

/** The end is between those that come before and those that come after. */
const END: Suffix = { rank: 0, number: '' };

const compareSuffixes = (one: readonly Suffix[], other: readonly Suffix[]): number => {
  for (let at = 0; at < Math.max(one.length, other.length); at++) {
    const [a, b] = [one[at] ?? END, other[at] ?? END];
    const order = a.rank - b.rank || compareNumbers(a.number, b.number);
    if (order !== 0) return order < 0 ? -1 : 1;
  }
  return 0;
};
