/** Sums over a whole medium, which leave out the area in which they stand. */
import type { FileHandle } from 'node:fs/promises';
import { type Piece, pieces } from '../../host/pieces.ts';
import { BLOCK_SIZE, readAt } from '../iso/iso9660.ts';

/** The 512 bytes of the primary volume descriptor that are left to applications (ECMA-119, 8.4.32). */
export const APPLICATION_USE = { at: 16 * BLOCK_SIZE + 883, length: 512 } as const;

export const readApplicationUse = async (file: FileHandle): Promise<string> =>
  (await readAt(file, APPLICATION_USE.at, APPLICATION_USE.length)).toString('latin1');

/** The first `total` bytes with the application-use area blanked, in pieces of `size`, a power of two up to 64 KiB. */
export async function* streamed(
  file: FileHandle,
  total: number,
  size: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<Piece> {
  for await (const { bytes, at } of pieces(file, 0, total, signal)) {
    const from = APPLICATION_USE.at - at;
    if (from >= 0 && from < bytes.length) bytes.fill(' ', from, from + APPLICATION_USE.length);
    for (let done = 0; done < bytes.length; done += size) {
      yield { bytes: bytes.subarray(done, Math.min(done + size, bytes.length)), at: at + done };
    }
  }
}
