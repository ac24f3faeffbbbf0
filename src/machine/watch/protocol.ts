/** The lines of Ingot's own hooks on the log port; `installer/README.md` is the reference. */

export type HookMessage =
  | { readonly word: 'disk'; readonly device: string; readonly bytes: number }
  | { readonly word: 'phase'; readonly name: string }
  | { readonly word: 'failure'; readonly code: string; readonly text: string }
  | { readonly word: 'success'; readonly nonce: string };

const LINE = /^\w{3} [ \d]\d \d\d:\d\d:\d\d ingot: (?<word>[a-z-]+)(?: (?<rest>.*))?$/;

/** The message in a line of the installer's log, or undefined for the installer's own lines and words that are not needed. */
export const parseHookLine = (line: string): HookMessage | undefined => {
  const { word, rest = '' } = LINE.exec(line)?.groups ?? {};
  const [first = '', ...others] = rest.split(' ');
  switch (word) {
    case 'disk':
      return { word, device: first, bytes: Number(others[0]) };
    case 'phase':
      return { word, name: rest };
    case 'failure':
      return { word, code: /^[a-z][a-z-]*$/.test(first) ? first : 'failed', text: others.join(' ') };
    case 'success':
      return { word, nonce: first };
    default:
      return undefined;
  }
};
