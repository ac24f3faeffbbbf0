/** Reads a run of a file piece by piece, of whatever length it is: two buffers take turns, one read into, one used. */
import type { FileHandle } from 'node:fs/promises';
import { throwIfInterrupted } from '../../errors.ts';

/** Large enough that reading costs little; few enough of them that memory stays small. */
export const PIECE_SIZE = 4 * 2 ** 20;

export interface Piece {
  /** Valid until the next piece is asked for; may be changed. */
  readonly bytes: Buffer;
  /** Where it begins, counted from the begin of the run. */
  readonly at: number;
}

/** `length` bytes from `from` on; fewer when the file ends before. */
export async function* pieces(
  file: FileHandle,
  from: number,
  length: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<Piece> {
  const size = Math.min(PIECE_SIZE, length);
  let [full, free] = [Buffer.allocUnsafeSlow(size), Buffer.allocUnsafeSlow(length > size ? size : 0)];
  const readInto = (buffer: Buffer, at: number) => file.read(buffer, 0, Math.min(size, length - at), from + at);
  let reading = readInto(full, 0);
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
}
