/**
 * OpenPGP keyrings (RFC 9580) in both of their forms: binary, as gpgv reads them, and armored, as people pass them on and as
 * apt takes a key inside a source's stanza.
 */

const BEGIN = '-----BEGIN PGP PUBLIC KEY BLOCK-----';
const END = '-----END PGP PUBLIC KEY BLOCK-----';
const BLOCK = new RegExp(`${BEGIN}\\r?\\n([\\s\\S]*?)${END}`, 'g');

/** Whether a text is or contains an armored keyring. */
export const isArmored = (text: string): boolean => text.includes(BEGIN);

/** Whether a file is a keyring at all, in either form. */
export const isKeyring = (content: Uint8Array): boolean => isArmored(latin1(content)) || beginsWithKey(content);

/** A public key packet is what a keyring begins with (4.2: tag 6 in the old or the new form); a keybox or a secret key does not. */
const beginsWithKey = ([tag = 0]: Uint8Array): boolean => (tag & 0xfc) === 0x98 || tag === 0xc6;

const latin1 = (content: Uint8Array): string => Buffer.from(content).toString('latin1');

/** The binary form; undefined when there are no keys in it. */
export const binaryKeyring = (content: Uint8Array): Uint8Array | undefined => {
  const text = latin1(content);
  const binary = isArmored(text) ? dearmor(text) : content;
  return beginsWithKey(binary) ? binary : undefined;
};

/** The binary form of armored keys (6.2): headers, an empty line, base64, an optional checksum. */
export const dearmor = (text: string): Buffer =>
  Buffer.concat(
    [...text.matchAll(BLOCK)].map(([, block = '']) => {
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

/** The keyring as one armored block; one that is armored already stays as it is. */
export const armor = (keyring: Uint8Array): string => {
  const text = latin1(keyring);
  if (isArmored(text)) return `${text.replaceAll('\r\n', '\n').trim()}\n`;
  const body = Buffer.from(keyring)
    .toString('base64')
    .replaceAll(/.{64}(?=.)/g, '$&\n');
  return `${BEGIN}\n\n${body}\n=${checksum(keyring)}\n${END}\n`;
};

/** CRC-24 of RFC 9580, section 6.1.1, in base64. */
const checksum = (data: Uint8Array): string => {
  let crc = 0xb704ce;
  for (const byte of data) {
    crc ^= byte << 16;
    for (let bit = 0; bit < 8; bit++) crc = (crc << 1) ^ (crc & 0x800000 ? 0x1864cfb : 0);
  }
  return Buffer.from([(crc >> 16) & 0xff, (crc >> 8) & 0xff, crc & 0xff]).toString('base64');
};
