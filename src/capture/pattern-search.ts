/**
 * Many byte strings looked for in one pass (S. Wu, U. Manber, "A fast algorithm for multi-pattern searching", 1994, with
 * blocks of two bytes): a secret has a score of forms, and a disk has gigabytes.
 */

/** Calls `onFound` with the number of a pattern and where it begins, for every place of it in the data. */
export type PatternSearch = (data: Buffer, onFound: (pattern: number, at: number) => void) => void;

/** Short ones make the steps of all others short: each kind has a pass of its own. */
const LONG = 12;
/** So many passes of Node's own search take less time than one of these. */
const FEW = 3;

/** Each pattern has two bytes or more. */
export const patternSearch = (patterns: readonly Buffer[]): PatternSearch => {
  const numbered = patterns.map((bytes, number): Numbered => ({ bytes, number }));
  const groups = [
    numbered.filter(({ bytes }) => bytes.length >= LONG),
    numbered.filter(({ bytes }) => bytes.length < LONG),
  ];
  const searches = groups.map((group) => (group.length <= FEW ? oneByOne(group) : together(group)));
  return (data, onFound) => {
    for (const search of searches) search(data, onFound);
  };
};

interface Numbered {
  readonly bytes: Buffer;
  readonly number: number;
}

const oneByOne =
  (group: readonly Numbered[]): PatternSearch =>
  (data, onFound) => {
    for (const { bytes, number } of group)
      for (let at = data.indexOf(bytes); at !== -1; at = data.indexOf(bytes, at + 1)) onFound(number, at);
  };

const together = (group: readonly Numbered[]): PatternSearch => {
  const shortest = Math.min(...group.map(({ bytes }) => bytes.length));
  const blockOf = (data: Buffer, at: number): number => (data[at] ?? 0) | ((data[at + 1] ?? 0) << 8);
  const steps = new Uint16Array(2 ** 16).fill(shortest - 1);
  /** Patterns whose first `shortest` bytes end in a block. */
  const ending = new Map<number, Numbered[]>();
  for (const one of group) {
    for (let at = 0; at < shortest - 1; at++) {
      const block = blockOf(one.bytes, at);
      const step = shortest - 2 - at;
      steps[block] = Math.min(steps[block] ?? 0, step);
      if (step === 0) ending.set(block, [...(ending.get(block) ?? []), one]);
    }
  }
  return (data, onFound) => {
    const end = data.length - 1;
    for (let at = shortest - 2; at < end; ) {
      const block = (data[at] ?? 0) | ((data[at + 1] ?? 0) << 8);
      const step = steps[block] ?? 1;
      if (step > 0) {
        at += step;
        continue;
      }
      const begin = at - (shortest - 2);
      for (const { bytes, number } of ending.get(block) ?? []) {
        const isThere =
          begin + bytes.length <= data.length &&
          data.compare(bytes, 0, bytes.length, begin, begin + bytes.length) === 0;
        if (isThere) onFound(number, begin);
      }
      at += 1;
    }
  };
};
