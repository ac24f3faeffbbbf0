/** The keys of an archive as bytes: apt names them as files, or has them armored in its own settings. */
import { readFile } from 'node:fs/promises';

export const keyFiles = (keys: readonly string[]): Promise<Uint8Array[]> =>
  Promise.all([...new Set(keys)].map(async (key) => (key.startsWith('/') ? await readFile(key) : Buffer.from(key))));
