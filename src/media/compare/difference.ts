/** Where two runs of bytes begin to differ, without reading either whole into memory. */
import type { FileHandle } from 'node:fs/promises';
import { pieces } from '../../host/pieces.ts';

export interface DifferenceRun {
  readonly file: FileHandle;
  /** In bytes. */
  readonly at: number;
  readonly length: number;
}

/** Offsets from, to. */
export type Range = readonly [number, number];

/**
 * Offset of the first byte that differs, or undefined. A run that is shorter, or whose file ends early, differs where
 * it ends. What is `ignored` counts as equal.
 */
export const firstDifference = async (
  a: DifferenceRun,
  b: DifferenceRun,
  signal?: AbortSignal,
  ignored: readonly Range[] = [],
): Promise<number | undefined> => {
  const length = Math.min(a.length, b.length);
  const others = pieces(b.file, b.at, length, signal);
  let done = 0;
  try {
    for await (const { bytes } of pieces(a.file, a.at, length, signal)) {
      const { value } = await others.next();
      const other = value?.bytes ?? Buffer.alloc(0);
      const both = Math.min(bytes.length, other.length);
      for (const part of [bytes, other]) for (const range of ignored) blank(part, done, range);
      if (bytes.compare(other, 0, both, 0, both) !== 0) return done + indexOfDifference(bytes, other, both);
      done += both;
      if (bytes.length !== other.length) return done;
    }
  } finally {
    await others.return(undefined);
  }
  // The first file ended before its run did, or all of it was the same.
  return done === length && a.length === b.length ? undefined : done;
};

const blank = (bytes: Buffer, done: number, [from, to]: Range): void => {
  if (from < to && from - done < bytes.length && to > done) bytes.fill(0, Math.max(0, from - done), to - done);
};

const indexOfDifference = (a: Buffer, b: Buffer, length: number): number => {
  for (let index = 0; index < length; index++) if (a[index] !== b[index]) return index;
  return length;
};
