/** Random pairs of versions that are near each other, and what the package managers say of them: one process for all. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '../../src/host/files.ts';
import { run } from '../../src/host/run.ts';

export type Pair = readonly [string, string];

/** The same row for the same seed (mulberry32). */
export const randomOf = (seed: number): ((below: number) => number) => {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
};

const PIECES = {
  dpkg: [
    '0',
    '1',
    '9',
    '10',
    '007',
    '20240101',
    '99999999999999999999999',
    '.',
    '+',
    '~',
    '-',
    'a',
    'Z',
    'b',
    'rc',
    'deb12u',
    '+b',
    '~~',
    ':',
  ],
  rpm: [
    '0',
    '1',
    '9',
    '10',
    '007',
    '20240101',
    '99999999999999999999999',
    '.',
    '_',
    '+',
    '~',
    '^',
    'a',
    'Z',
    'el',
    'git',
    '~~',
    '^^',
  ],
} as const;

/** Pairs of valid versions: the second one is the first with a piece changed, or one of its own. */
export const randomPairs = (kind: keyof typeof PIECES, count: number, seed: number): Pair[] => {
  const random = randomOf(seed);
  const pick = <T>(from: readonly T[]): T | undefined => from[random(from.length)];
  const label = (): string[] => ['1', ...Array.from({ length: 1 + random(7) }, () => pick(PIECES[kind]) ?? '')];
  const changed = (pieces: readonly string[]): string[] => {
    const copy = [...pieces];
    copy.splice(
      1 + random(copy.length),
      random(2),
      ...Array.from({ length: random(3) }, () => pick(PIECES[kind]) ?? ''),
    );
    return copy;
  };
  const whole = (pieces: readonly string[], epoch: string, release: string): string => {
    const text = pieces.join('');
    return `${epoch}${epoch === '' ? text.replaceAll(':', '') : text}${release}`;
  };
  const epoch = () => pick(['', '', '', '0:', '1:', '2:']) ?? '';
  const release = () =>
    pick(kind === 'dpkg' ? ['', '-1', '-0', '-1.1', '-2~deb12u1'] : ['-1', '-1.el9', '-2^a', '-1~b']) ?? '';
  return Array.from({ length: count }, () => {
    const [first, tail, head] = [label(), release(), epoch()];
    const isNear = random(4) > 0;
    return [
      whole(first, head, tail),
      whole(isNear ? changed(first) : label(), random(3) > 0 ? head : epoch(), random(3) > 0 ? tail : release()),
    ] as const;
  });
};

const APT = `import apt_pkg, sys
apt_pkg.init_system()
for line in sys.stdin:
    order = apt_pkg.version_compare(*line.rstrip().split("\t"))
    print((order > 0) - (order < 0))`;

/** apt's, the only one that is exact and a library: dpkg's Perl module takes long numbers for floating ones. */
export const aptOrders = async (pairs: readonly Pair[]): Promise<number[]> =>
  numbers((await run('/usr/bin/python3', ['-c', APT], { input: lines(pairs) })).stdout);

/** The program itself, which starts anew for each question. */
export const dpkgProgramOrders = async (pairs: readonly Pair[]): Promise<number[]> => {
  const script =
    'while read -r a b; do if dpkg --compare-versions "$a" lt "$b"; then echo -1; elif dpkg --compare-versions "$a" eq "$b"; then echo 0; else echo 1; fi; done';
  return numbers((await run('sh', ['-c', script], { input: lines(pairs) })).stdout);
};

export const rpmOrders = async (pairs: readonly Pair[]): Promise<number[]> => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, 'pairs');
  await writeFile(path, lines(pairs));
  const script = `for line in io.lines("${path}") do local a, b = string.match(line, "^(%S+)\\t(%S+)$") print(rpm.vercmp(a, b) .. "\\n") end`;
  return numbers((await run('rpm', ['-E', `%{lua: ${script}}`])).stdout);
};

const lines = (pairs: readonly Pair[]): string => pairs.map((pair) => `${pair.join('\t')}\n`).join('');

const numbers = (text: string): number[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map(Number);
