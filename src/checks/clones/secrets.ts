/**
 * What first boot writes that looks drawn at random: a private key, or a word with 128 bits of entropy or more. Equal in all
 * clones, it was not drawn there, or from too little.
 */

const PRIVATE_KEY = /-----BEGIN [A-Z ]*PRIVATE KEY-----/;
/** Hexadecimal of 128 bits; letters, digits and signs of base64 of the same. */
const WORDS = /\b[0-9a-f]{32,}\b|[A-Za-z0-9+/_-]{22,}={0,2}/g;
const LEAST_BITS = 128;
/** A key of bytes alone. */
const MOST_KEY_BYTES = 4096;

/** The first one in words, undefined where there is none. What is told shows at most its beginning. */
export const randomIn = (content: Buffer, known: ReadonlySet<string>): string | undefined => {
  const text = content.toString('latin1');
  if (PRIVATE_KEY.test(text)) return 'a private key';
  if (isBinary(content)) {
    const looksDrawn =
      content.length >= 16 &&
      content.length <= MOST_KEY_BYTES &&
      bitsOf(text) >= Math.min(LEAST_BITS, 0.5 * 8 * content.length) &&
      density(content) > 0.6;
    return looksDrawn ? `${content.length} bytes without a pattern` : undefined;
  }
  const found = text.match(WORDS)?.find((word) => isDrawn(word) && !known.has(word.toLowerCase()));
  return found === undefined ? undefined : `${found.slice(0, 6)}… (${found.length} characters)`;
};

/** In words that people write, letters of one kind stand together. */
const isDrawn = (word: string): boolean => {
  if (bitsOf(word) < LEAST_BITS * 0.8) return false;
  if (/^[0-9a-f]+$/.test(word)) return /\d/.test(word) && /[a-f]/.test(word);
  const runs = word.match(/\d+|[a-z]+|[A-Z]+|[^0-9A-Za-z]+/g) ?? [];
  if (!/[a-z]/.test(word) || !/[A-Z]/.test(word) || runs.length <= word.length / 3) return false;
  // One word in 1,500 of 256 bits has no digit. Of the letters that people write, few are capitals.
  return /\d/.test(word) || (word.match(/[A-Z]/g)?.length ?? 0) > 0.3 * word.length;
};

/** Shannon's entropy of its letters, for the whole of it. */
export const bitsOf = (text: string): number => {
  const counts = new Map<string, number>();
  for (const letter of text) counts.set(letter, (counts.get(letter) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= count * Math.log2(count / text.length);
  return bits;
};

const isBinary = (content: Buffer): boolean =>
  content.subarray(0, 8192).some((byte) => byte === 0 || (byte < 9 && byte > 0));

/** How many of its bytes have values that occur at most as often as chance would have it. */
const density = (content: Buffer): number => new Set(content).size / Math.min(256, content.length);
