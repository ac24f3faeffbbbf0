/** Quotation marks of a shell command that have no end (POSIX, Shell Command Language, 2.2). */

export interface OpenQuote {
  readonly quote: string;
  readonly at: number;
}

/**
 * The outermost mark that is left open, undefined when all are closed. Nested `$( )` have quoting of their own. What
 * has a here-document is not looked at, since its text needs no quoting.
 */
export const openQuote = (command: string): OpenQuote | undefined => {
  if (command.includes('<<')) return undefined;
  const open: OpenQuote[] = [];
  for (let at = 0; at < command.length; at++) {
    const character = command[at] ?? '';
    const inside = open.at(-1)?.quote;
    if (inside === "'") {
      if (character === "'") open.pop();
    } else if (character === '\\') {
      at++;
    } else if (character === '$' && command[at + 1] === '(') {
      open.push({ quote: '$(', at });
      at++;
    } else if (inside === '"') {
      if (character === '"') open.pop();
      else if (character === '`') open.push({ quote: '`', at });
    } else if (character === '`') {
      if (inside === '`') open.pop();
      else open.push({ quote: '`', at });
    } else if (character === '(' && inside?.endsWith('(') === true) {
      open.push({ quote: '(', at });
    } else if (character === ')' && inside?.endsWith('(') === true) {
      open.pop();
    } else if (character === "'" || character === '"') {
      open.push({ quote: character, at });
    } else if (character === '#' && open.length === 0 && (at === 0 || /[\s;&|]/.test(command[at - 1] ?? ''))) {
      break;
    }
  }
  // A `case` inside `$( )` has single parentheses: with it only quotation marks are certain.
  const certain = /\bcase\b/.test(command) ? ['"', "'", '`'] : ['"', "'", '`', '$('];
  return open.find(({ quote }) => certain.includes(quote));
};
