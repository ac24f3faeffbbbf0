/**
 * Menu files as text without loss. Most are UTF-8; other bytes stay as they were through an edit: bytes
 * that no text can hold become lone surrogates (U+DC80 to U+DCFF), as Python's "surrogateescape" does it (PEP 383).
 */
import { isUtf8 } from 'node:buffer';

const ESCAPE = 0xdc00;

export const decodeMenu = (bytes: Buffer): string =>
  isUtf8(bytes)
    ? bytes.toString('utf8')
    : bytes.toString('latin1').replaceAll(/[\x80-\xff]/g, (byte) => String.fromCharCode(ESCAPE + byte.charCodeAt(0)));

export const encodeMenu = (text: string): Buffer => {
  if (text.isWellFormed()) return Buffer.from(text, 'utf8');
  return Buffer.concat(
    [...text].map((character) => {
      const code = character.codePointAt(0) ?? 0;
      return code >= ESCAPE + 0x80 && code <= ESCAPE + 0xff ? Buffer.from([code - ESCAPE]) : Buffer.from(character);
    }),
  );
};
