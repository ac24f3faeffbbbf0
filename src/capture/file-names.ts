/**
 * Names of files as a disk has them: bytes of any kind but zero and the slash. A byte that is no UTF-8 becomes a lone surrogate (as
 * Python's `surrogateescape` does it), so that two names never become one, and no name becomes another's.
 */

/** Undefined for what no kernel takes as a name: it would stand for a file in another folder. */
export const fileName = (bytes: Uint8Array): string | undefined => {
  if (bytes.length === 0 || bytes.includes(0) || bytes.includes(SLASH)) return undefined;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');
  return text.includes('\ufffd') ? escaped(bytes) : text;
};

const SLASH = 0x2f;
const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Character by character: what is whole stays, and each byte that is not becomes U+DC00 and its number. */
const escaped = (bytes: Uint8Array): string => {
  let text = '';
  for (let at = 0; at < bytes.length; ) {
    const length = [1, 2, 3, 4].find((size) => at + size <= bytes.length && isWhole(bytes.subarray(at, at + size)));
    text +=
      length === undefined
        ? String.fromCharCode(0xdc00 + (bytes[at] ?? 0))
        : strict.decode(bytes.subarray(at, at + length));
    at += length ?? 1;
  }
  return text;
};

const isWhole = (bytes: Uint8Array): boolean => {
  try {
    return strict.decode(bytes).length > 0;
  } catch {
    return false;
  }
};

/** In one line of a message, as `ls --escape` has it: nobody's name of a file writes a line of its own. */
export const shownPath = (path: string): string =>
  path.replaceAll(UNSHOWN, (character) => {
    const code = character.charCodeAt(0);
    if (code >= 0xdc80 && code <= 0xdcff) return hex(code - 0xdc00);
    return code < 0x100 ? hex(code) : `\\u${code.toString(16).padStart(4, '0')}`;
  });

const hex = (byte: number): string => `\\x${byte.toString(16).padStart(2, '0')}`;
/** Control characters, what changes the direction of writing, and surrogates that stand alone. */
const UNSHOWN = /[\p{Cc}\p{Cs}\u2028-\u202e\u2066-\u2069]/gu;
