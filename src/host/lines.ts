/** Lines of what programs write. */

/**
 * Characters of a line that are looked at; more are shown nowhere. Secrets are taken out of this length, and `cutLine`
 * leaves so much less that no half of a secret is left at the end.
 */
const LONGEST_LINE = 65_536;
const LONGEST_SHOWN = 16_384;

/**
 * Cuts a stream of text into lines at \n, \r\n and \r; empty lines are passed over. A line that grows beyond `longest`
 * characters is passed on without waiting for its end. The rest is left out, or with `goesOn` passed on as further lines:
 * a sender without end fills no memory, and every character is looked at once.
 */
export const lineSplitter = (
  onLine: (line: string) => void,
  { longest = LONGEST_LINE, goesOn = false }: { readonly longest?: number; readonly goesOn?: boolean } = {},
) => {
  let parts: string[] = [];
  let length = 0;
  let isTold = false;
  const tell = (): void => {
    const line = parts.join('');
    [parts, length] = [[], 0];
    if (line !== '' && !isTold) onLine(line);
  };
  const add = (text: string): void => {
    for (let at = 0; at < text.length && !isTold; ) {
      const part = text.slice(at, at + longest - length);
      parts.push(part);
      length += part.length;
      at += part.length;
      if (length < longest) continue;
      tell();
      isTold = !goesOn;
    }
  };
  const end = (): void => {
    tell();
    isTold = false;
  };
  return {
    push(text: string): void {
      let from = 0;
      for (const { 0: found, index } of text.matchAll(/[\r\n]+/g)) {
        add(text.slice(from, index));
        end();
        from = index + found.length;
      }
      add(text.slice(from));
    },
    end,
  };
};

/** A line that is shown or kept, secrets already taken out. */
export const cutLine = (line: string): string =>
  line.length <= LONGEST_SHOWN ? line : `${line.slice(0, LONGEST_SHOWN)}… (the rest of this line is left out)`;

export const lastLines = (text: string, count: number): string =>
  text
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '')
    .slice(-count)
    .join('\n');
