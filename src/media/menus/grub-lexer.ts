/**
 * Words of GRUB's script language with their places in the text (GRUB manual, "Writing full configuration files
 * directly", and grub-core/script/yylex.l), so that an edit can replace one word and leave everything else.
 */

export interface GrubToken {
  readonly kind: 'word' | 'end' | 'open' | 'close';
  /** A word as written; `value` is without its quotes, variables left as they are. */
  readonly raw: string;
  readonly value: string;
  readonly start: number;
  readonly end: number;
}

/** Braces too: `menuentry "x"{` is right, and `${` begins no block. */
const SEPARATOR = /[\s;|&{}]/;

/** Words, ends of commands (newline, `;`, `|`, `&`), and the braces of blocks. */
export const tokensOf = (text: string): GrubToken[] => {
  const tokens: GrubToken[] = [];
  for (let at = 0; at < text.length; ) {
    const character = text.charAt(at);
    if (text.startsWith('\\\n', at)) at += 2;
    else if (character === '#') at = endOfLine(text, at);
    else if (/[\n;|&]/.test(character)) tokens.push(mark('end', text, at++));
    else if (/\s/.test(character)) at++;
    else if (character === '{') tokens.push(mark('open', text, at++));
    else if (character === '}') tokens.push(mark('close', text, at++));
    else {
      const token = wordAt(text, at);
      tokens.push({ ...token, kind: 'word' });
      at = token.end;
    }
  }
  return tokens;
};

const mark = (kind: GrubToken['kind'], text: string, at: number): GrubToken => ({
  kind,
  raw: text.charAt(at),
  value: '',
  start: at,
  end: at + 1,
});

const endOfLine = (text: string, at: number): number => {
  const end = text.indexOf('\n', at);
  return end < 0 ? text.length : end;
};

const wordAt = (text: string, start: number): Omit<GrubToken, 'kind'> => {
  let value = '';
  let at = start;
  while (at < text.length && !SEPARATOR.test(text.charAt(at))) {
    const character = text.charAt(at);
    if (character === "'") {
      const close = closing(text, at, "'");
      value += text.slice(at + 1, close);
      at = close + 1;
    } else if (character === '"') {
      const close = closing(text, at, '"');
      value += text
        .slice(at + 1, close)
        .replaceAll(/\\\n/g, '')
        .replaceAll(/\\([$"\\])/g, '$1');
      at = close + 1;
    } else if (UDEV_ESCAPE.test(text.slice(at, at + 4))) {
      value += text.slice(at, at + 4);
      at += 4;
    } else if (character === '\\') {
      if (text.charAt(at + 1) !== '\n') value += text.charAt(at + 1);
      at += 2;
    } else if (text.startsWith('${', at)) {
      const close = text.indexOf('}', at);
      const end = close < 0 ? text.length : close + 1;
      value += text.slice(at, end);
      at = end;
    } else {
      value += character;
      at++;
    }
  }
  return { raw: text.slice(start, at), value, start, end: Math.min(at, text.length) };
};

/**
 * `\x20` in a label: the GRUB of RHEL and Fedora passes it on as it stands (their patch of grub-core/script/execute.c), and
 * only their menus have it. Any other GRUB turns it into `x20`; in Ingot's own entry it is quoted, which is right for both.
 */
const UDEV_ESCAPE = /^\\x[0-9a-f]{2}$/i;

/** Where the quote that opens at `at` ends; the end of the text when nothing closes it. */
const closing = (text: string, at: number, quote: string): number => {
  for (let end = at + 1; end < text.length; end++) {
    if (quote === '"' && text.charAt(end) === '\\') end++;
    else if (text.charAt(end) === quote) return end;
  }
  return text.length;
};

/** Quotes a word for GRUB's shell, only where it needs it. */
export const grubQuote = (word: string): string =>
  /^[A-Za-z0-9_@%+=:,./()-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
