/** Sums of whole files, in lower-case hex. */
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { pieces } from './pieces.ts';

export type Algorithm = 'md5' | 'sha1' | 'sha224' | 'sha256' | 'sha384' | 'sha512';

export const digestFile = async (path: string, algorithm: Algorithm, signal?: AbortSignal): Promise<string> => {
  const hash = createHash(algorithm);
  await using handle = await open(path);
  for await (const { bytes } of pieces(handle, 0, Number.MAX_SAFE_INTEGER, signal)) hash.update(bytes);
  return hash.digest('hex');
};
