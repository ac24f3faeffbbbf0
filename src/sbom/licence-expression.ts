/**
 * Reads what is said of a licence: names joined by `and`, `or`, commas and brackets, as copyright files of Debian
 * (`GPL-2+ or Artistic, and BSD-3-clause`) and rpm's tags (`MIT AND (Apache-2.0 OR GPL-2.0-only)`) have it.
 */

export type Said = { readonly name: string } | { readonly all: readonly Said[] } | { readonly any: readonly Said[] };

/** Undefined for what does not follow the grammar. A comma binds less than words do (copyright-format 1.0, "License syntax"). */
export const parseSaid = (text: string): Said | undefined => {
  const tokens = tokensOf(text);
  let at = 0;
  const take = (token: string): boolean => {
    if (tokens[at] !== token) return false;
    at += 1;
    return true;
  };
  const list = (operator: string, inner: () => Said | undefined): readonly Said[] | undefined => {
    const parts: Said[] = [];
    do {
      const part = inner();
      if (part === undefined) return undefined;
      parts.push(part);
    } while (take(operator));
    return parts;
  };
  const joined = (operator: string, inner: () => Said | undefined) => (): Said | undefined => {
    const parts = list(operator, inner);
    const [first] = parts ?? [];
    if (parts === undefined || first === undefined) return undefined;
    if (parts.length === 1) return first;
    return operator.endsWith('and') ? { all: parts } : { any: parts };
  };
  const whole = (): Said | undefined => {
    const words = joined('or', joined('and', atom));
    return joined(',or', joined(',and', words))();
  };
  function atom(): Said | undefined {
    if (take('(')) {
      const inner = whole();
      return take(')') ? inner : undefined;
    }
    const name = tokens[at];
    if (name === undefined || OPERATORS.has(name)) return undefined;
    at += 1;
    return { name };
  }
  const found = whole();
  return at === tokens.length ? found : undefined;
};

const OPERATORS = new Set(['and', 'or', ',and', ',or', '(', ')']);

/** Words between operators are one name: `GPL-2+ with OpenSSL exception`. */
const tokensOf = (text: string): string[] =>
  text
    .split(/(\s*,\s*(?:and|or)\s+|\s+(?:and|or)\s+|[()])/i)
    .map((part) => {
      const word = part.trim().replaceAll(/\s+/g, ' ');
      const operator = word.toLowerCase().replace(/^,\s*/, ',');
      return OPERATORS.has(operator) ? operator : word;
    })
    .filter((part) => part !== '');
