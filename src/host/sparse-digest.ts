/**
 * A digest of a large sparse file in less time than its data takes one processor: SHA-256 over the digests of all pieces
 * of 1 MiB that are not only zeros. What is a hole and what are written zeros makes no difference, so a copy has the same.
 */
import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { throwIfInterrupted } from '../errors.ts';
import { pieceDigests } from './piece-digests.ts';
import { run } from './run.ts';

const PIECE = 1 << 20;

export const sparseDigest = async (path: string, signal?: AbortSignal): Promise<string> => {
  const { size } = await stat(path);
  const offsets = await piecesWithData(path, signal);
  const digests = await pieceDigests(path, { size, pieceSize: PIECE, offsets }, signal).catch((error: unknown) => {
    throwIfInterrupted(signal);
    throw error;
  });
  const hash = createHash('sha256');
  for (const [nth, digest] of digests.entries()) if (digest !== undefined) hash.update(`${offsets[nth]} ${digest}\n`);
  return hash.update(String(size)).digest('hex');
};

/** Offsets of the pieces that are not only holes; qemu-img(1) asks the file system with SEEK_DATA. */
const piecesWithData = async (path: string, signal: AbortSignal | undefined): Promise<number[]> => {
  const { stdout } = await run('qemu-img', ['map', '--output=json', '-f', 'raw', path], signal ? { signal } : {});
  const pieces = new Set<number>();
  const extents: readonly { start: number; length: number; data: boolean }[] = JSON.parse(stdout);
  for (const { start, length, data } of extents) {
    if (!data) continue;
    for (let at = start - (start % PIECE); at < start + length; at += PIECE) pieces.add(at);
  }
  return [...pieces].sort((a, b) => a - b);
};
