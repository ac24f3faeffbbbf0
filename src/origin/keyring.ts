/**
 * The keys that an archive is checked against, as one binary keyring: gpgv does not read armored keys or several
 * places, and apt has to get exactly the same keys.
 */
import { readFile } from 'node:fs/promises';
import { IngotError } from '../errors.ts';
import { binaryKeyring, isArmored } from '../formats/signatures/armor.ts';
import { sha256, writeFileWhole } from '../host/files.ts';
import { isNotThere } from '../host/if-there.ts';
import { DEBIAN_KEYRING } from '../recipe/values/debian-releases.ts';
import { systemHint } from '../system-error.ts';

/**
 * Joins key files (binary or armored) and armored text into one binary keyring at `path`. Returns the SHA-256 of it.
 * Throws `origin.keyring-missing` or `origin.keyring-invalid`.
 */
export const writeKeyring = async (keys: readonly string[], path: string): Promise<string> => {
  const joined = Buffer.concat(await Promise.all([...new Set(keys)].map(keyBytes)));
  await writeFileWhole(path, joined);
  return sha256(joined);
};

const keyBytes = async (key: string): Promise<Uint8Array> => {
  const binary = binaryKeyring(isArmored(key) ? Buffer.from(key) : await readKeyFile(key));
  if (binary !== undefined) return binary;
  throw new IngotError(
    'origin.keyring-invalid',
    `${key.includes('\n') ? 'the given key' : key} holds no OpenPGP keys`,
    {
      where: 'origin.keyring',
      hint: `Use an exported keyring (gpg --export), or Debian's own: ${DEBIAN_KEYRING}.`,
    },
  );
};

const readKeyFile = async (path: string): Promise<Buffer> => {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new IngotError('origin.keyring-missing', `the keyring ${path} cannot be read`, {
      where: 'origin.keyring',
      hint: isNotThere(cause)
        ? 'Install debian-archive-keyring, or set origin.keyring to the keys that signed the archive.'
        : systemHint(cause),
      cause,
    });
  }
};
