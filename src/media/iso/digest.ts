/** Sums of files, and of files inside a medium, without reading them whole into memory. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { throwIfInterrupted } from '../../errors.ts';
import { BLOCK_SIZE } from './iso9660.ts';
import { PIECE_SIZE, pieces } from './pieces.ts';
import type { Extent } from './xorriso-report.ts';

export type Algorithm = 'md5' | 'sha1' | 'sha256' | 'sha512';

/** Lower-case hex. */
export const digestFile = async (path: string, algorithm: Algorithm, signal?: AbortSignal): Promise<string> => {
  const hash = createHash(algorithm);
  await pipeline(createReadStream(path, { highWaterMark: PIECE_SIZE }), hash, signal ? { signal } : {});
  return hash.digest('hex');
};

/** The same of a file on an open medium. */
export const digestExtents = async (
  medium: FileHandle,
  extents: readonly Extent[],
  algorithm: Algorithm,
  signal?: AbortSignal,
): Promise<string> => {
  const hash = createHash(algorithm);
  for (const { lba, size } of extents) {
    throwIfInterrupted(signal);
    for await (const { bytes } of pieces(medium, lba * BLOCK_SIZE, size, signal)) hash.update(bytes);
  }
  return hash.digest('hex');
};
