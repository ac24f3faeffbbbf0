/** ASCII armour of OpenPGP keys (RFC 9580, section 6): apt takes a key inside a source's stanza only in this form. */

const BEGIN = '-----BEGIN PGP PUBLIC KEY BLOCK-----';
const END = '-----END PGP PUBLIC KEY BLOCK-----';

/** The keyring as one armoured block; one that is armoured already stays as it is. */
export const armor = (keyring: Uint8Array): string => {
  const text = Buffer.from(keyring).toString('latin1');
  if (text.includes(BEGIN)) return `${text.replaceAll('\r\n', '\n').trim()}\n`;
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
