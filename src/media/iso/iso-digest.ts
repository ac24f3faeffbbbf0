/** Sums of files inside a medium, without reading them whole into memory. */
import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { throwIfInterrupted } from '../../errors.ts';
import type { Algorithm } from '../../host/digest.ts';
import { pieces } from '../../host/pieces.ts';
import { BLOCK_SIZE } from './iso9660.ts';
import type { Extent } from './xorriso-report.ts';

/** Lower-case hex, of a file on an open medium. */
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
