/** The random key of a store: with it, secrets count in the keys of stages without being shown there. */
import { randomBytes } from 'node:crypto';
import { link, readFile, rename, rm } from 'node:fs/promises';
import { temporaryName, writeFileWhole } from '../host/files.ts';
import { ifThere } from '../host/if-there.ts';

/** Made once, whole: with a key that is cut short, names would show what they stand for. */
export const storeSecret = async (path: string): Promise<Buffer> => {
  const known = await ifThere(readFile(path));
  if (known?.length === SECRET_BYTES) return known;
  const temporary = temporaryName(path);
  await writeFileWhole(temporary, randomBytes(SECRET_BYTES), 0o600);
  try {
    // Of several builds that come first, one sets the key; one that is cut short is replaced.
    if (known) await rename(temporary, path);
    else await link(temporary, path).catch(unlessThere);
  } finally {
    await rm(temporary, { force: true });
  }
  return readFile(path);
};

const SECRET_BYTES = 32;

const unlessThere = (error: NodeJS.ErrnoException): void => {
  if (error.code !== 'EEXIST') throw error;
};
