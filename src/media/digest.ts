/** Sums of files, and of files inside a medium, without reading them whole into memory. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { throwIfInterrupted } from '../errors.ts';
import { BLOCK_SIZE, readAt } from './iso9660.ts';
import type { Extent } from './xorriso-report.ts';

export type Algorithm = 'md5' | 'sha1' | 'sha256' | 'sha512';

const CHUNK = 4 * 2 ** 20;

/** Lower-case hex. */
export const digestFile = async (path: string, algorithm: Algorithm, signal?: AbortSignal): Promise<string> => {
  const hash = createHash(algorithm);
  await pipeline(createReadStream(path, { highWaterMark: CHUNK }), hash, signal ? { signal } : {});
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
    for (let done = 0; done < size; done += CHUNK) {
      throwIfInterrupted(signal);
      hash.update(await readAt(medium, lba * BLOCK_SIZE + done, Math.min(CHUNK, size - done)));
    }
  }
  return hash.digest('hex');
};
