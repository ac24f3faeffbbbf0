/**
 * A digest of a large sparse file in the time that its data takes: SHA-256 over each run of 4 KiB blocks that are not all
 * zeros, and where it lies. What is a hole and what are written zeros makes no difference, so a copy has the same one.
 */
import { createHash, type Hash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { throwIfInterrupted } from '../errors.ts';
import { run } from './run.ts';

const BLOCK = 4096;
/** Runs end at its multiples, whatever they are made of. */
const PIECE = 1 << 22;
const ZEROS = Buffer.alloc(BLOCK);

export const sparseDigest = async (path: string, signal?: AbortSignal): Promise<string> => {
  const hash = createHash('sha256');
  await using handle = await open(path);
  const { size } = await handle.stat();
  const buffer = Buffer.allocUnsafeSlow(PIECE);
  for (const at of await piecesWithData(path, signal)) {
    throwIfInterrupted(signal);
    await readWhole(handle, buffer.subarray(0, Math.min(PIECE, size - at)), at);
    addRuns(hash, buffer.subarray(0, Math.min(PIECE, size - at)), at);
  }
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

const readWhole = async (handle: FileHandle, buffer: Buffer, position: number): Promise<void> => {
  let done = 0;
  while (done < buffer.length) {
    const { bytesRead } = await handle.read(buffer, done, buffer.length - done, position + done);
    // Cut short while it is read: what is missing counts as zeros, and the size is in the digest.
    if (bytesRead === 0) return void buffer.fill(0, done);
    done += bytesRead;
  }
};

const addRuns = (hash: Hash, piece: Buffer, offset: number): void => {
  let begun: number | undefined;
  for (let at = 0; at <= piece.length; at += BLOCK) {
    const block = piece.subarray(at, at + BLOCK);
    const isEmpty = block.length === 0 || block.equals(ZEROS.subarray(0, block.length));
    if (isEmpty && begun !== undefined) {
      hash.update(`${offset + begun} ${at - begun}\n`).update(piece.subarray(begun, Math.min(at, piece.length)));
      begun = undefined;
    } else if (!isEmpty) begun ??= at;
  }
  if (begun !== undefined) hash.update(`${offset + begun} ${piece.length - begun}\n`).update(piece.subarray(begun));
};
