/** Sums over a whole medium, which leave out the area in which they stand. */
import type { FileHandle } from 'node:fs/promises';
import { type Piece, pieces } from '../../host/pieces.ts';
import { BLOCK_SIZE, readAt } from '../iso/iso9660.ts';

/** The 512 bytes of the primary volume descriptor that are left to applications (ECMA-119, 8.4.32). */
export const APPLICATION_USE = { at: 16 * BLOCK_SIZE + 883, length: 512 } as const;

export const readApplicationUse = async (file: FileHandle): Promise<string> =>
  (await readAt(file, APPLICATION_USE.at, APPLICATION_USE.length)).toString('latin1');

/** The first `total` bytes with the application-use area blanked, in large pieces, which may be changed. */
export async function* streamed(
  file: FileHandle,
  total: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<Piece> {
  const blanks = Buffer.alloc(APPLICATION_USE.length, ' ');
  for await (const piece of pieces(file, 0, total, signal)) {
    overlay(piece, APPLICATION_USE.at, blanks);
    yield piece;
  }
}

/** Puts in the part of `content`, which belongs at byte `from` of the medium, that lies within the piece. */
export const overlay = ({ bytes, at }: Piece, from: number, content: Uint8Array): void => {
  const start = Math.max(from, at);
  const end = Math.min(from + content.length, at + bytes.length);
  if (start < end) bytes.set(content.subarray(start - from, end - from), start - at);
};
