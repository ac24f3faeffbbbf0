/**
 * The keys that an archive is checked against, as one binary keyring: gpgv reads neither armored keys nor several
 * places, and apt is to be given the very same keys.
 */
import { readFile } from 'node:fs/promises';
import { IngotError } from '../../errors.ts';
import { sha256, writeFileWhole } from '../../host/files.ts';
import { isNotThere } from '../../host/if-there.ts';
import { systemHint } from '../../system-error.ts';

/** Where Debian's own package puts its keys. */
export const DEBIAN_KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

const ARMOR = /-----BEGIN PGP PUBLIC KEY BLOCK-----\r?\n([\s\S]*?)-----END PGP PUBLIC KEY BLOCK-----/g;

/** The binary form of armored keys (RFC 9580, 6.2): headers, an empty line, base64, an optional checksum. */
export const dearmor = (text: string): Buffer =>
  Buffer.concat(
    [...text.matchAll(ARMOR)].map(([, block = '']) => {
      const lines = block.split(/\r?\n/).map((line) => line.trim());
      const start = lines.indexOf('') + 1;
      return Buffer.from(
        lines
          .slice(start)
          .filter((line) => !line.startsWith('='))
          .join(''),
        'base64',
      );
    }),
  );

/**
 * Joins key files (binary or armored) and armored text into one binary keyring at `path`. Returns the SHA-256 of it.
 * Throws `origin.keyring-missing` or `origin.keyring-invalid`.
 */
export const writeKeyring = async (keys: readonly string[], path: string): Promise<string> => {
  const joined = Buffer.concat(await Promise.all([...new Set(keys)].map(keyBytes)));
  await writeFileWhole(path, joined);
  return sha256(joined);
};

const keyBytes = async (key: string): Promise<Buffer> => {
  const bytes = key.includes('BEGIN PGP') ? Buffer.from(key) : await readKeyFile(key);
  const binary = bytes.includes('-----BEGIN PGP') ? dearmor(bytes.toString('latin1')) : bytes;
  // An OpenPGP packet begins with bit 7 set (RFC 9580, 4.2); a keybox or a text does not.
  if ((binary[0] ?? 0) >= 0x80) return binary;
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
