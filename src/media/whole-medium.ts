/** Sums over a whole medium, which leave out the area in which they stand. */
import type { FileHandle } from 'node:fs/promises';
import { throwIfInterrupted } from '../errors.ts';
import { BLOCK_SIZE, readAt } from './iso9660.ts';

/** The 512 bytes of the primary volume descriptor that are left to applications (ECMA-119, 8.4.32). */
export const APPLICATION_USE = { at: 16 * BLOCK_SIZE + 883, length: 512 } as const;

export const readApplicationUse = async (file: FileHandle): Promise<string> =>
  (await readAt(file, APPLICATION_USE.at, APPLICATION_USE.length)).toString('latin1');

/** Read at once: large enough that reading costs little, two of them at most. */
const BUFFER = 4 * 2 ** 20;

export interface Piece {
  /** Valid until the next piece is asked for. */
  readonly bytes: Buffer;
  /** Where it begins on the medium. */
  readonly at: number;
}

/**
 * The first `total` bytes with the application-use area blanked, in pieces of `size` (a divisor of 4 MiB). Two buffers
 * take turns: one is read into while the other is used.
 */
export async function* streamed(
  file: FileHandle,
  total: number,
  size: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<Piece> {
  let [full, free] = [Buffer.allocUnsafeSlow(BUFFER), Buffer.allocUnsafeSlow(BUFFER)];
  const readInto = (buffer: Buffer, at: number) => file.read(buffer, 0, Math.min(BUFFER, total - at), at);
  let reading = readInto(full, 0);
  for (let start = 0; start < total; ) {
    const { bytesRead } = await reading;
    throwIfInterrupted(signal);
    if (bytesRead === 0) return;
    const next = start + bytesRead;
    if (next < total) reading = readInto(free, next);
    blank(full, start);
    for (let done = 0; done < bytesRead; done += size) {
      yield { bytes: full.subarray(done, Math.min(done + size, bytesRead)), at: start + done };
    }
    start = next;
    [full, free] = [free, full];
  }
}

const blank = (buffer: Buffer, start: number): void => {
  const from = APPLICATION_USE.at - start;
  if (from < 0 || from >= buffer.length) return;
  buffer.fill(' ', from, from + APPLICATION_USE.length);
};
