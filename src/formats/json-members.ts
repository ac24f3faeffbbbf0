/**
 * The members of one large JSON object (RFC 8259), one by one: those that nobody wants are passed over byte by byte and never
 * become values. An object of 100 MB with a few hundred wanted members costs their memory alone.
 */

export interface Member {
  readonly key: string;
  /** As it stands in the file. */
  readonly text: string;
}

export class JsonMembersError extends Error {}

const QUOTE = 34;
const BACKSLASH = 92;
const COMMA = 44;
const COLON = 58;
const OPEN = 123;
const CLOSE = 125;
const OPEN_LIST = 91;
const CLOSE_LIST = 93;

/** What may stand outside of a string: structure, blanks, numbers, `true`, `false`, `null`. */
const PLAIN = new Uint8Array(256);
for (const sign of '{}[],: \t\r\n0123456789+-.eEtrufalsn') PLAIN[sign.charCodeAt(0)] = 1;
const BLANK = new Uint8Array(256);
for (const sign of ' \t\r\n') BLANK[sign.charCodeAt(0)] = 1;

type State = 'start' | 'key or end' | 'key' | 'in key' | 'colon' | 'value' | 'in value' | 'after' | 'end';

/** Of the whole type, so that it is not taken for a constant. */
const firstState = (): State => 'start';

/** Where the scan of a value or of a string stands between two pieces. */
interface Scan {
  depth: number;
  inString: boolean;
  isEscaped: boolean;
}

/** `most` is the longest value in bytes. Throws `JsonMembersError`. */
export async function* jsonMembers(
  pieces: AsyncIterable<Buffer>,
  wanted: (key: string) => boolean,
  most: number,
): AsyncGenerator<Member> {
  let state = firstState();
  const scan: Scan = { depth: 0, inString: false, isEscaped: false };
  let [isWanted, size, key] = [false, 0, ''];
  let kept: Buffer[] = [];
  const finish = (last: Buffer): string => {
    const bytes = kept.length === 0 ? last : Buffer.concat([...kept, last]);
    kept = [];
    return bytes.toString('utf8');
  };
  const fault = (what: string) =>
    new JsonMembersError(`${what} in ${key === '' ? 'the object' : `"${key.slice(0, 80)}"`}`);

  for await (const piece of pieces) {
    let from = 0;
    let at = 0;
    while (at < piece.length) {
      if (state === 'in value') {
        const end = endOfValue(piece, at, scan);
        if (end < 0) throw fault('a stray character');
        at = end;
        if (at === piece.length) break;
        if (isWanted) yield { key, text: finish(piece.subarray(from, at)) };
        state = piece[at] === COMMA ? 'key' : 'end';
        at++;
        continue;
      }
      if (state === 'in key') {
        const end = endOfString(piece, at, scan);
        if (end < 0) throw fault('a control character');
        at = end;
        if (at === piece.length) break;
        key = keyOf(finish(piece.subarray(from, at)));
        state = 'colon';
        at++;
        continue;
      }
      const byte = piece[at] ?? 0;
      if (state === 'value' && BLANK[byte] === 0) {
        if (byte === COMMA || byte === CLOSE || byte === CLOSE_LIST || byte === COLON) throw fault('no value');
        state = 'in value';
        isWanted = wanted(key);
        [from, size, scan.depth, scan.inString] = [at, 0, 0, false];
        continue;
      }
      at++;
      if (BLANK[byte] === 1) continue;
      if (state === 'start' && byte === OPEN) state = 'key or end';
      else if ((state === 'key' || state === 'key or end') && byte === QUOTE) [state, from] = ['in key', at];
      else if (state === 'key or end' && byte === CLOSE) state = 'end';
      else if (state === 'colon' && byte === COLON) state = 'value';
      else throw fault('a stray character');
    }
    if (state === 'in key' || (state === 'in value' && isWanted)) {
      size += piece.length - from;
      if (size > most) throw fault(`more than ${most} bytes`);
      kept.push(Buffer.from(piece.subarray(from)));
    }
  }
  if (state !== 'end') throw new JsonMembersError('the object does not end');
}

/** Where what follows the value stands, or the length; below zero for what no value can have. This is where all the time goes. */
const endOfValue = (piece: Buffer, start: number, scan: Scan): number => {
  let { depth, inString } = scan;
  const length = piece.length;
  let at = start;
  while (at < length) {
    if (inString) {
      at = endOfString(piece, at, scan);
      if (at < 0) return -1;
      if (at === length) break;
      inString = false;
      at++;
      continue;
    }
    const byte = piece[at] ?? 0;
    if (PLAIN[byte] === 0) {
      if (byte !== QUOTE) return -1;
      inString = true;
    } else if (byte === OPEN || byte === OPEN_LIST) depth++;
    else if (byte === CLOSE || byte === CLOSE_LIST) {
      if (depth === 0) {
        if (byte === CLOSE) break;
        return -1;
      }
      depth--;
    } else if (byte === COMMA && depth === 0) break;
    at++;
  }
  scan.depth = depth;
  scan.inString = inString;
  return at;
};

/** Where its closing quotation mark stands, or the length; below zero for a control character. */
const endOfString = (piece: Buffer, start: number, scan: Scan): number => {
  let isEscaped = scan.isEscaped;
  const length = piece.length;
  let at = start;
  for (; at < length; at++) {
    const byte = piece[at] ?? 0;
    if (byte < 32) return -1;
    if (isEscaped) isEscaped = false;
    else if (byte === BACKSLASH) isEscaped = true;
    else if (byte === QUOTE) break;
  }
  scan.isEscaped = isEscaped;
  return at;
};

const keyOf = (text: string): string => {
  if (!text.includes('\\')) return text;
  try {
    return String(JSON.parse(`"${text}"`));
  } catch {
    throw new JsonMembersError('a key with a wrong escape');
  }
};
