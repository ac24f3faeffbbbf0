/**
 * Regular expressions as people know them from grep, Perl and Go, in JavaScript's words. JavaScript reads many of them as
 * plain letters, so that nothing ever fits: what is known is translated here, and what has no meaning in it is refused.
 */

/** What stands between the brackets for `[:name:]` (POSIX, Base Definitions, 9.3.5), of ASCII. */
const CLASSES: Readonly<Record<string, string>> = {
  alpha: 'A-Za-z',
  digit: '0-9',
  alnum: 'A-Za-z0-9',
  upper: 'A-Z',
  lower: 'a-z',
  space: ' \\t\\n\\r\\f\\v',
  blank: ' \\t',
  punct: '!-\\/:-@\\[-`{-~',
  print: ' -~',
  graph: '!-~',
  cntrl: '\\x00-\\x1f\\x7f',
  xdigit: '0-9A-Fa-f',
  word: '\\w',
};

/** Where the whole text begins and ends, while `^` and `$` mean its lines. */
const ENDS: Readonly<Record<string, string>> = {
  A: '(?<![\\s\\S])',
  z: '(?![\\s\\S])',
  Z: '(?=\\n?(?![\\s\\S]))',
};

/** Letters and digits that mean something after a backslash. */
const KNOWN = /[bBcdDfknrsStuvwWxpP\d]/;

interface Translated {
  readonly source: string;
  /** What it should have been, where it is refused. */
  readonly fault?: string;
}

/** `flags` as they stand after the last slash. */
export const translated = (source: string, flags = ''): Translated => {
  if (/^\(\?[a-zA-Z]+\)/.test(source))
    return { source, fault: 'an expression without `(?i)` before it: write `/…/i`, or `(?i:…)`' };
  let fault: string | undefined;
  const refuse = (what: string): string => {
    fault ??= what;
    return '';
  };
  const escaped = (letter: string, isInClass: boolean): string => {
    if (!isInClass && Object.hasOwn(ENDS, letter)) return ENDS[letter] ?? '';
    if (/[pP]/.test(letter) && !flags.includes('u'))
      return refuse(`an expression with the flag u, \`/…/u\`, without which \`\\${letter}\` is the letter`);
    if (/[A-Za-z\d]/.test(letter) && !KNOWN.test(letter))
      return refuse(`an expression without \`\\${letter}\`, which has no meaning here`);
    return `\\${letter}`;
  };
  const bracketed = (whole: string): string => {
    const [, no = '', inner = ''] = /^\[(\^?)([\s\S]*)\]$/.exec(whole) ?? [];
    if (inner === '')
      return refuse('an expression without empty brackets: `\\]` is the sign, `[\\s\\S]` is any character');
    const [, alone] = /^:([a-z]+):$/.exec(inner) ?? [];
    if (alone !== undefined) return refuse(`an expression with \`[[:${alone}:]]\`, in two pairs of brackets`);
    const text = inner.replaceAll(/\\([\s\S])|\[([:.=])([^\]]*)\2\]/g, (part, letter, sign, name) => {
      if (letter !== undefined) return escaped(letter, true);
      const known = sign === ':' && Object.hasOwn(CLASSES, name) ? CLASSES[name] : undefined;
      return known ?? refuse(`an expression without \`${part}\`; known are ${Object.keys(CLASSES).join(', ')}`);
    });
    return `[${no}${text}]`;
  };
  const made = source.replaceAll(PIECES, (_, quoted, letter, bracket) => {
    if (quoted !== undefined) return literal(quoted);
    return letter === undefined ? bracketed(bracket) : escaped(letter, false);
  });
  return fault === undefined ? { source: made } : { source: made, fault };
};

/** A quoted text, something after a backslash, or what is in brackets. */
const PIECES = /\\Q([\s\S]*?)(?:\\E|$)|\\([\s\S])|(\[\^?(?:\\[\s\S]|\[[:.=][^\]]*[:.=]\]|[^\]\\])*\])/g;

const literal = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
