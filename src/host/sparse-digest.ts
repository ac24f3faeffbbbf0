/**
 * A digest of a large sparse file in less time than its data takes one processor: SHA-256 over the digests of all pieces
 * of 1 MiB that are not only zeros. What is a hole and what are written zeros makes no difference, so a copy has the same.
 */
import { createHash, webcrypto } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { throwIfInterrupted } from '../errors.ts';
import { run } from './run.ts';

const PIECE = 1 << 20;
const ZEROS = Buffer.alloc(PIECE);
/** Pieces are digested by as many threads as libuv has for such work. */
const AT_ONCE = 4;

export const sparseDigest = async (path: string, signal?: AbortSignal): Promise<string> => {
  await using handle = await open(path);
  const { size } = await handle.stat();
  const pieces = await piecesWithData(path, signal);
  const digests = new Array<string>(pieces.length);
  let next = 0;
  const work = async (): Promise<void> => {
    const buffer = Buffer.allocUnsafeSlow(PIECE);
    for (let nth = next++; nth < pieces.length; nth = next++) {
      throwIfInterrupted(signal);
      const at = pieces[nth] ?? 0;
      const piece = buffer.subarray(0, Math.max(0, Math.min(PIECE, size - at)));
      await readWhole(handle, piece, at);
      digests[nth] = piece.equals(ZEROS.subarray(0, piece.length)) ? '' : `${at} ${await digestOf(piece)}\n`;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  const hash = createHash('sha256');
  for (const digest of digests) hash.update(digest);
  return hash.update(String(size)).digest('hex');
};

/** On a thread beside this one, unlike `createHash`. */
const digestOf = async (piece: Buffer<ArrayBuffer>): Promise<string> =>
  Buffer.from(await webcrypto.subtle.digest('SHA-256', piece)).toString('hex');

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

const readWhole = async (handle: FileHandle, buffer: Buffer, position: number): Promise<void> => {
  let done = 0;
  while (done < buffer.length) {
    const { bytesRead } = await handle.read(buffer, done, buffer.length - done, position + done);
    // Cut short while it is read: what is missing counts as zeros, and the size is in the digest.
    if (bytesRead === 0) return void buffer.fill(0, done);
    done += bytesRead;
  }
};
