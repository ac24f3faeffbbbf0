/**
 * Reads a run of a file of any length piece by piece: two buffers take turns, one read into, one used. They
 * are used again: new ones would stay until the next garbage collection, and each of a build's many files needs a pair.
 */
import type { FileHandle } from 'node:fs/promises';
import { throwIfInterrupted } from '../errors.ts';

/** Larger ones are no faster. */
const PIECE_SIZE = 2 ** 19;

export interface Piece {
  /** Valid until the next piece is asked for, or the end; may be changed. */
  readonly bytes: Buffer;
  /** Where it begins, counted from the beginning of the run. */
  readonly at: number;
}

const unused: Buffer[] = [];
const takeBuffer = (): Buffer => unused.pop() ?? Buffer.allocUnsafeSlow(PIECE_SIZE);

/** `length` bytes from `from` on; fewer when the file ends before. */
export async function* pieces(
  file: FileHandle,
  from: number,
  length: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<Piece> {
  let [full, free] = [takeBuffer(), takeBuffer()];
  const readInto = (buffer: Buffer, at: number) => file.read(buffer, 0, Math.min(PIECE_SIZE, length - at), from + at);
  let reading = readInto(full, 0);
  try {
    for (let at = 0; at < length; ) {
      const { bytesRead } = await reading;
      throwIfInterrupted(signal);
      if (bytesRead === 0) return;
      const next = at + bytesRead;
      if (next < length) reading = readInto(free, next);
      yield { bytes: full.subarray(0, bytesRead), at };
      at = next;
      [full, free] = [free, full];
    }
  } finally {
    // Nothing is written into them any more.
    await reading.catch(() => {});
    unused.push(full, free);
  }
}
