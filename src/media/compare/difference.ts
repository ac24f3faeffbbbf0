/** Where two runs of bytes begin to differ, without reading either whole into memory. */
import type { FileHandle } from 'node:fs/promises';
import { throwIfInterrupted } from '../../errors.ts';

export interface Run {
  readonly file: FileHandle;
  /** In bytes. */
  readonly at: number;
  readonly length: number;
}

/** Offsets from, to. */
export type Range = readonly [number, number];

const CHUNK = 2 * 2 ** 20;

/**
 * Offset of the first byte that differs, or undefined. A run that is shorter, or whose file ends early, differs where
 * it ends. What is `ignored` is taken to be equal.
 */
export const firstDifference = async (
  a: Run,
  b: Run,
  signal?: AbortSignal,
  ignored: readonly Range[] = [],
): Promise<number | undefined> => {
  const length = Math.min(a.length, b.length);
  const [left, right] = [
    Buffer.allocUnsafeSlow(Math.min(CHUNK, length)),
    Buffer.allocUnsafeSlow(Math.min(CHUNK, length)),
  ];
  for (let done = 0; done < length; done += CHUNK) {
    throwIfInterrupted(signal);
    const size = Math.min(CHUNK, length - done);
    const [read, other] = await Promise.all([
      a.file.read(left, 0, size, a.at + done),
      b.file.read(right, 0, size, b.at + done),
    ]);
    const both = Math.min(read.bytesRead, other.bytesRead);
    for (const bytes of [left, right]) for (const range of ignored) blank(bytes, done, range);
    if (left.compare(right, 0, both, 0, both) !== 0) return done + indexOfDifference(left, right, both);
    if (read.bytesRead !== other.bytesRead) return done + both;
  }
  return a.length === b.length ? undefined : length;
};

const blank = (bytes: Buffer, done: number, [from, to]: Range): void => {
  if (from < to && from - done < bytes.length && to > done) bytes.fill(0, Math.max(0, from - done), to - done);
};

const indexOfDifference = (a: Buffer, b: Buffer, length: number): number => {
  for (let index = 0; index < length; index++) if (a[index] !== b[index]) return index;
  return length;
};
