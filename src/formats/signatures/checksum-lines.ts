/**
 * Files of sums as publishers put them next to images: GNU's lines (`HEX  FILE`, `HEX *FILE`), BSD's (`SHA256 (FILE) =
 * HEX`), and a sum alone, of the one file that it belongs to (coreutils, "md5sum invocation"; `openssl dgst`). What is none
 * of these is an error: a page that asks for a login, or half a file, is not read as sums without the wanted name.
 */
import { posix } from 'node:path';
import { IngotError } from '../../errors.ts';
import { editDistance } from '../../suggest.ts';

export const SUM_ALGORITHMS = ['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512'] as const;
export type SumAlgorithm = (typeof SUM_ALGORITHMS)[number];

const DIGITS: Readonly<Record<SumAlgorithm, number>> = {
  md5: 32,
  sha1: 40,
  sha224: 56,
  sha256: 64,
  sha384: 96,
  sha512: 128,
};

export interface ChecksumLine {
  readonly algorithm: SumAlgorithm;
  /** Lower-case hex. */
  readonly digest: string;
  /** As the line has it; undefined for a sum alone. */
  readonly file: string | undefined;
}

const BSD = /^(\\?)([A-Za-z0-9-]+) ?\((.*)\) ?= ?([0-9A-Fa-f]+)$/;
const GNU = /^(\\?)([0-9A-Fa-f]+) [ *](.+)$/;
const ALONE = /^([0-9A-Fa-f]+)$/;

/** Throws `origin.sums-unreadable`. `where` is how an error calls the file. */
export const parseChecksums = (text: string, where: string): ChecksumLine[] => {
  const lines = text.replace(/^\ufeff/, '').split(/\r?\n/);
  const found = lines.flatMap((line, index) => {
    if (line.trim() === '' || line.startsWith('#')) return [];
    const sum = parseLine(line.trimEnd());
    if (sum === undefined) throw unreadable(`line ${index + 1} is not a sum: ${line.slice(0, 80)}`, where);
    return [sum];
  });
  if (found.length === 0) throw unreadable('there are none', where);
  if (found.length > 1 && found.some(({ file }) => file === undefined))
    throw unreadable('one has no file name, and there are others', where);
  return found;
};

const parseLine = (line: string): ChecksumLine | undefined => {
  const [, bsdMark, label, bsdFile, bsdHex] = BSD.exec(line) ?? [];
  if (label !== undefined && bsdHex !== undefined) {
    const algorithm = algorithmOf(bsdHex);
    const isRight = algorithm !== undefined && label.toLowerCase().replace(/^sha-?2?-(?=\d)/, 'sha') === algorithm;
    return isRight ? { algorithm, digest: bsdHex.toLowerCase(), file: unescaped(bsdFile, bsdMark) } : undefined;
  }
  const [, gnuMark, gnuHex, gnuFile] = GNU.exec(line) ?? [];
  const hex = gnuHex ?? ALONE.exec(line)?.[1];
  const algorithm = hex === undefined ? undefined : algorithmOf(hex);
  if (hex === undefined || algorithm === undefined) return undefined;
  return { algorithm, digest: hex.toLowerCase(), file: unescaped(gnuFile, gnuMark) };
};

const algorithmOf = (hex: string): SumAlgorithm | undefined =>
  SUM_ALGORITHMS.find((algorithm) => DIGITS[algorithm] === hex.length);

/** A line that begins with a backslash has names in which `\\`, `\n` and `\r` stand for one character. */
const unescaped = (file: string | undefined, mark: string | undefined): string | undefined =>
  mark === '\\' ? file?.replaceAll(/\\([\\nr])/g, (_, letter) => ({ n: '\n', r: '\r' })[String(letter)] ?? '\\') : file;

const unreadable = (what: string, where: string): IngotError =>
  new IngotError('origin.sums-unreadable', `the sums cannot be read: ${what}`, {
    where,
    hint: 'Expected are lines such as `HEX  FILE` or `SHA256 (FILE) = HEX`. Is it the file of sums, and not a page or its signature?',
  });

/** `sha256`, where the file has it, else `sha512`. */
export interface ProvenDigest {
  readonly algorithm: 'sha256' | 'sha512';
  readonly digest: string;
}

/**
 * The sum of the file of this name, whichever folder the sums have it in. Throws `origin.sums-no-such-file`,
 * `origin.sums-contradict` or `origin.sums-weak`.
 */
export const digestFor = (sums: readonly ChecksumLine[], name: string, where: string): ProvenDigest => {
  const own = sums.filter(({ file }) => file === undefined || posix.basename(file) === name);
  if (own.length === 0)
    throw new IngotError('origin.sums-no-such-file', `the sums do not name ${name}`, {
      where,
      detail: `near it: ${nearest(name, sums).join(', ')}`,
      hint: 'The sums name a file as its publisher does: use that name, and the sums of the same release.',
    });
  for (const algorithm of ['sha256', 'sha512'] as const) {
    const digests = [...new Set(own.filter((sum) => sum.algorithm === algorithm).map(({ digest }) => digest))];
    const [digest, another] = digests;
    if (another !== undefined)
      throw new IngotError('origin.sums-contradict', `the sums have two ${algorithm} digests for ${name}`, {
        where,
        detail: digests.join('\n'),
        hint: 'They list files of several folders, or were joined from two releases: write the digest of the right one into the recipe.',
      });
    if (digest !== undefined) return { algorithm, digest };
  }
  throw new IngotError('origin.sums-weak', `the sums have only ${own[0]?.algorithm} for ${name}`, {
    where,
    hint: 'MD5 and SHA-1 prove nothing. Publishers also have SHA256SUMS or SHA512SUMS.',
  });
};

const MOST_NEAR = 3;
/** Limits a file with thousands of names: comparing takes long, and a name far down is seldom meant. */
const MOST_COMPARED = 500;

const nearest = (name: string, sums: readonly ChecksumLine[]): string[] => {
  const names = [...new Set(sums.flatMap(({ file }) => (file === undefined ? [] : [posix.basename(file)])))];
  return names
    .slice(0, MOST_COMPARED)
    .map((one) => ({ one, distance: editDistance(one.slice(0, 200), name.slice(0, 200)) }))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, MOST_NEAR)
    .map(({ one }) => one);
};
