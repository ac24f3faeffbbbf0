/** Sums over a whole medium, which leave out the area in which they stand. */
import { type FileHandle, open } from 'node:fs/promises';
import { type Piece, pieces } from '../../host/pieces.ts';
import { BLOCK_SIZE, readAt } from '../iso/iso9660.ts';

/** The 512 bytes of the primary volume descriptor that are left to applications (ECMA-119, 8.4.32). */
export const APPLICATION_USE = { at: 16 * BLOCK_SIZE + 883, length: 512 } as const;

export const readApplicationUse = async (file: FileHandle): Promise<string> =>
  (await readAt(file, APPLICATION_USE.at, APPLICATION_USE.length)).toString('latin1');

export const writeApplicationUse = async (iso: string, text: string): Promise<void> => {
  await using file = await open(iso, 'r+');
  await file.write(text.padEnd(APPLICATION_USE.length, ' '), APPLICATION_USE.at, 'latin1');
};

/** The size that the volume states, in bytes: what follows it in the file is no part of a sum. */
export const statedSize = async (file: FileHandle): Promise<number> =>
  (await readAt(file, 16 * BLOCK_SIZE + 80, 4)).readUInt32LE(0) * BLOCK_SIZE;

/** A sum that is made while the bytes go by. */
export interface PassingSum<Result> {
  /** Each piece of the medium in its order, from the beginning on, none left out. */
  see(piece: Piece): void;
  /** When all of it went by. */
  result(): Result;
}

export const sumOfFile = async <Result>(
  file: FileHandle,
  size: number,
  sum: PassingSum<Result>,
  signal: AbortSignal | undefined,
): Promise<Result> => {
  for await (const piece of pieces(file, 0, size, signal)) sum.see(piece);
  return sum.result();
};

/** The piece with `content`, which belongs at byte `from` of the medium, in its place; a copy where that changes it. */
export const withContentAt = ({ bytes, at }: Piece, from: number, content: Uint8Array): Piece => {
  const start = Math.max(from, at);
  const end = Math.min(from + content.length, at + bytes.length);
  if (start >= end) return { bytes, at };
  const changed = Buffer.from(bytes);
  changed.set(content.subarray(start - from, end - from), start - at);
  return { bytes: changed, at };
};

const BLANKS = Buffer.alloc(APPLICATION_USE.length, ' ');

/** As the sums count that area. */
export const withBlankArea = (piece: Piece): Piece => withContentAt(piece, APPLICATION_USE.at, BLANKS);
