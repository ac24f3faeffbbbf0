/** Characters that look like others: word processors, web pages and chat programs put them in the place of ASCII. */

const BLANKS = '\\ufeff\\u00a0\\u2000-\\u200d\\u2028\\u2029\\u202f\\u205f\\u2060\\u3000';
const HYPHENS = '\\u2010-\\u2015\\u2212';
const QUOTES = '\\u2018-\\u201f\\u00ab\\u00bb';

/** Like a blank, like nothing, like a hyphen or like a quotation mark. */
export const ODD = new RegExp(`[${BLANKS}${HYPHENS}${QUOTES}]`);
export const ODD_BLANK = new RegExp(`[${BLANKS}]`);
export const ODD_HYPHEN = new RegExp(`[${HYPHENS}]`);
export const ODD_QUOTE = new RegExp(`[${QUOTES}]`);

/** `U+201C`. */
export const codePoint = (character: string): string =>
  `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;

/** Whether a quotation mark or hyphen at this place was meant as one of ASCII: it opens a word, a value or an option. */
export const isMeantAsAscii = (text: string, at: number): boolean => {
  const character = text.charAt(at);
  const before = text.charAt(at - 1);
  if (ODD_QUOTE.test(character)) return at === 0 || /[\s=(,;&|]/.test(before);
  return ODD_HYPHEN.test(character) && /^[-\w]/.test(text.slice(at + 1)) && (at === 0 || /[\s-]/.test(before));
};
