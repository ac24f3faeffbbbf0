/**
 * A command for a login shell that Ingot knows nothing about: the shell's start files may print what they like,
 * in any language. What the command itself says begins after a mark that nobody else can know.
 */
import { randomBytes } from 'node:crypto';
import { shellQuote } from '../host/command-line.ts';

export interface Announced {
  readonly mark: string;
  /** One command line for the login shell, whichever it is. */
  readonly line: string;
}

/**
 * The mark stands at the beginning of a line of both streams, on stderr with the process group: sshd makes every command
 * without a terminal the leader of a session and of a group (setsid(2)). LANGUAGE goes before LC_ALL in gettext.
 */
export const announced = (command: string): Announced => {
  const mark = `ingot-${randomBytes(8).toString('hex')}`;
  const begin = `printf '\\n${mark} %s\\n' "$$"`;
  const settings = 'unset LANGUAGE TMOUT; export LC_ALL=C.UTF-8';
  return { mark, line: `exec sh -c ${shellQuote(`${settings}; ${begin}; ${begin} >&2\n${command}`)}` };
};

/** What comes before the mark goes to `noise`, the number in its line to `onMark`, what comes after it to `rest`. */
export const behindMark = (
  mark: string,
  noise: (text: string) => void,
  onMark: (pid: string) => void,
  rest: (text: string) => void,
): ((text: string) => void) => {
  const pattern = new RegExp(`\\n${mark} (\\d+)\\n`);
  let waiting: string | undefined = '';
  return (text) => {
    if (waiting === undefined) return rest(text);
    waiting += text;
    const found = pattern.exec(waiting);
    if (found === null) {
      // The mark may be cut in two; noise without end is not kept.
      const keep = mark.length + 32;
      if (waiting.length > 2 * keep) {
        noise(waiting.slice(0, -keep));
        waiting = waiting.slice(-keep);
      }
      return;
    }
    noise(waiting.slice(0, found.index));
    onMark(found[1] ?? '');
    const after = waiting.slice(found.index + found[0].length);
    waiting = undefined;
    if (after !== '') rest(after);
  };
};
