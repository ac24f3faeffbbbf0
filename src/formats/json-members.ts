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

const firstState = (): State => 'start';

/** `most` is the longest value in bytes. Throws `JsonMembersError`. */
export async function* jsonMembers(
  pieces: AsyncIterable<Buffer>,
  wanted: (key: string) => boolean,
  most: number,
): AsyncGenerator<Member> {
  let state = firstState();
  let [depth, inString, isEscaped, isWanted, size] = [0, false, false, false, 0];
  let key = '';
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
    const length = piece.length;
    for (let at = 0; at < length; at++) {
      const byte = piece[at] ?? 0;
      if (state === 'in value') {
        if (inString) {
          if (isEscaped) isEscaped = false;
          else if (byte === BACKSLASH) isEscaped = true;
          else if (byte === QUOTE) inString = false;
          else if (byte < 32) throw fault('a control character');
        } else if (byte === QUOTE) inString = true;
        else if (byte === OPEN || byte === OPEN_LIST) depth++;
        else if (depth > 0 && (byte === CLOSE || byte === CLOSE_LIST)) depth--;
        else if (depth === 0 && (byte === COMMA || byte === CLOSE)) {
          if (isWanted) yield { key, text: finish(piece.subarray(from, at)) };
          state = byte === COMMA ? 'key' : 'end';
        } else if (PLAIN[byte] === 0) throw fault('a stray character');
        continue;
      }
      if (state === 'in key') {
        if (isEscaped) isEscaped = false;
        else if (byte === BACKSLASH) isEscaped = true;
        else if (byte < 32) throw fault('a control character');
        else if (byte === QUOTE) {
          key = keyOf(finish(piece.subarray(from, at)));
          state = 'colon';
        }
        continue;
      }
      if (BLANK[byte] === 1) continue;
      if (state === 'start' && byte === OPEN) state = 'key or end';
      else if ((state === 'key' || state === 'key or end') && byte === QUOTE) {
        state = 'in key';
        from = at + 1;
      } else if (state === 'key or end' && byte === CLOSE) state = 'end';
      else if (state === 'colon' && byte === COLON) state = 'value';
      else if (state === 'value') {
        state = 'in value';
        isWanted = wanted(key);
        if (byte === COMMA || byte === CLOSE || byte === CLOSE_LIST || byte === COLON) throw fault('no value');
        [from, size, depth, inString] = [at, 0, 0, false];
        at--;
      } else throw fault('a stray character');
    }
    if (state === 'in key' || (state === 'in value' && isWanted)) {
      size += length - from;
      if (size > most) throw fault(`more than ${most} bytes`);
      kept.push(Buffer.from(piece.subarray(from)));
    }
  }
  if (state !== 'end') throw new JsonMembersError('the object does not end');
}

const keyOf = (text: string): string => {
  if (!text.includes('\\')) return text;
  try {
    return String(JSON.parse(`"${text}"`));
  } catch {
    throw new JsonMembersError('a key with a wrong escape');
  }
};
