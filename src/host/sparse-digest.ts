/**
 * A digest of a large sparse file in less time than its data takes one processor: SHA-256 over the digests of all pieces
 * of 1 MiB that are not only zeros. Holes and written zeros count the same, so a copy has the same digest.
 */
import { createHash } from 'node:crypto';
import { open, stat } from 'node:fs/promises';
import { throwIfInterrupted } from '../errors.ts';
import { type FileRef, fileOf } from './files.ts';
import { pieceDigests } from './piece-digests.ts';
import { pieces } from './pieces.ts';
import { run } from './run.ts';

/** Twice what is read at a time. */
const PIECE = 1 << 20;
const ZEROS = Buffer.alloc(PIECE);

export const sparseDigest = async (path: string, signal?: AbortSignal): Promise<string> => {
  const { size } = await stat(path);
  const { digests } = await sparsePieces(path, signal);
  return digestOf(
    [...digests].map(([at, digest]) => ({ at, digest })),
    size,
  );
};

/** The digests of all pieces of a file that are not only zeros, by where they begin. */
export const sparsePieces = async (
  path: string,
  signal?: AbortSignal,
): Promise<{ readonly pieceSize: number; readonly digests: ReadonlyMap<number, string> }> => {
  const { size } = await stat(path);
  const offsets = await piecesWithData(path, signal);
  const digests = await pieceDigests(path, { size, pieceSize: PIECE, offsets }, signal).catch((error: unknown) => {
    throwIfInterrupted(signal);
    throw error;
  });
  return {
    pieceSize: PIECE,
    digests: new Map(digests.flatMap((digest, nth) => (digest === undefined ? [] : [[offsets[nth] ?? 0, digest]]))),
  };
};

interface PieceDigest {
  readonly at: number;
  /** SHA-256 in hex. */
  readonly digest: string;
}

/** Of the pieces that are not only zeros, in their order. */
const digestOf = (pieces: readonly PieceDigest[], size: number): string => {
  const hash = createHash('sha256');
  for (const { at, digest } of pieces) hash.update(`${at} ${digest}\n`);
  return hash.update(String(size)).digest('hex');
};

/** The file's own SHA-256 and its `sparseDigest`, for one that is new: read once, and without further threads. */
export const fileWithSparseDigest = async (
  path: string,
  signal?: AbortSignal,
): Promise<{ readonly file: FileRef; readonly dataDigest: string }> => {
  await using handle = await open(path);
  const { size } = await handle.stat();
  const whole = createHash('sha256');
  const found: PieceDigest[] = [];
  let piece = createHash('sha256');
  let [begun, hasData] = [0, false];
  // Zeros at the beginning of a piece, which count only when data follows.
  let skipped = 0;
  const end = () => {
    if (hasData) found.push({ at: begun, digest: piece.update(ZEROS.subarray(0, skipped)).digest('hex') });
    piece = createHash('sha256');
    [hasData, skipped] = [false, 0];
  };
  for await (const { bytes, at } of pieces(handle, 0, size, signal)) {
    whole.update(bytes);
    if (at % PIECE === 0 && at > 0) end();
    if (at % PIECE === 0) begun = at;
    if (bytes.equals(ZEROS.subarray(0, bytes.length))) {
      skipped += bytes.length;
      continue;
    }
    piece.update(ZEROS.subarray(0, skipped)).update(bytes);
    [hasData, skipped] = [true, 0];
  }
  end();
  return { file: fileOf({ path, size, sha256: whole.digest('hex') }), dataDigest: digestOf(found, size) };
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
