/**
 * The header of an rpm package, as its database and its files have it: values by tag (the format of rpm, version 4, "Header
 * structure"). Numbers are big-endian; nothing of what a header says is believed before its place is within it.
 */
import { IngotError } from '../../errors.ts';

export interface RpmHeader {
  readonly strings: (tag: number) => readonly string[];
  readonly string: (tag: number) => string | undefined;
  readonly numbers: (tag: number) => readonly number[];
  readonly number: (tag: number) => number | undefined;
  readonly bytes: (tag: number) => Buffer | undefined;
  readonly has: (tag: number) => boolean;
}

const INT = { 2: 1, 3: 2, 4: 4, 5: 8 } as const;
const [STRING, BIN, STRING_ARRAY, I18N] = [6, 7, 8, 9];
const ENTRY = 16;
/** Those of rpm itself (`hdrchkTags`, `hdrchkData`). */
const MOST_TAGS = 0xffff;
const MOST_DATA = 256 * 2 ** 20;

/** `blob` begins with the number of entries; a file's header has eight bytes before it. Throws `inspect.rpm-header`. */
export const parseRpmHeader = (blob: Buffer): RpmHeader => {
  if (blob.length < 8) throw damaged('it is too short');
  const [entries, length] = [blob.readUInt32BE(0), blob.readUInt32BE(4)];
  const start = 8 + entries * ENTRY;
  if (entries > MOST_TAGS || length > MOST_DATA || start + length > blob.length)
    throw damaged('it is longer than its bytes');
  const data = blob.subarray(start, start + length);
  const index = new Map<number, Entry>();
  for (let at = 8; at < start; at += ENTRY) {
    const [tag, type, offset, count] = [0, 4, 8, 12].map((field) => blob.readInt32BE(at + field));
    if (tag === undefined || type === undefined || offset === undefined || count === undefined) continue;
    if (offset >= 0 && count >= 0) index.set(tag, { type, offset, count });
  }
  const strings = (tag: number): readonly string[] => {
    const found = index.get(tag);
    return found === undefined || ![STRING, STRING_ARRAY, I18N].includes(found.type) ? [] : stringsOf(data, found);
  };
  const numbers = (tag: number): readonly number[] => {
    const found = index.get(tag);
    return found === undefined ? [] : numbersOf(data, found);
  };
  return {
    strings,
    string: (tag) => strings(tag)[0],
    numbers,
    number: (tag) => numbers(tag)[0],
    bytes(tag) {
      const found = index.get(tag);
      return found?.type === BIN ? within(data, found.offset, found.count) : undefined;
    },
    has: (tag) => index.has(tag),
  };
};

/** RPMTAG_HEADERIMMUTABLE of rpm's rpmtag.h: what was in the header when it was signed. */
const IMMUTABLE = 63;
/** Before each header in a file, and before what is signed. */
export const HEADER_MAGIC = Buffer.from('8eade80100000000', 'hex');

/**
 * The part of a header that its signature is over, in the form that `parseRpmHeader` reads: whoever installs a package adds values
 * to its header, and those that are signed stay together in front. What is signed has HEADER_MAGIC before it. Undefined where the
 * header has no such part (packages of rpm 3). Throws `inspect.rpm-header`.
 */
export const signedPart = (blob: Buffer): Buffer | undefined => {
  if (blob.length < 8 + ENTRY) return undefined;
  const [entries, length] = [blob.readUInt32BE(0), blob.readUInt32BE(4)];
  const start = 8 + entries * ENTRY;
  if (entries > MOST_TAGS || length > MOST_DATA || start + length > blob.length)
    throw damaged('it is longer than its bytes');
  const isRegion = (at: number) =>
    blob.readInt32BE(at) === IMMUTABLE && blob.readInt32BE(at + 4) === BIN && blob.readInt32BE(at + 12) === ENTRY;
  const offset = blob.readInt32BE(16);
  if (!isRegion(8) || offset < 0 || offset + ENTRY > length) return undefined;
  // The region ends with an entry that says how many are in it.
  const size = -blob.readInt32BE(start + offset + 8);
  if (!isRegion(start + offset) || size < ENTRY || size % ENTRY !== 0 || size > entries * ENTRY) return undefined;
  const head = Buffer.alloc(8);
  head.writeUInt32BE(size / ENTRY, 0);
  head.writeUInt32BE(offset + ENTRY, 4);
  return Buffer.concat([head, blob.subarray(8, 8 + size), blob.subarray(start, start + offset + ENTRY)]);
};

interface Entry {
  readonly type: number;
  readonly offset: number;
  readonly count: number;
}

const within = (data: Buffer, at: number, length: number): Buffer => {
  if (at + length > data.length) throw damaged('a value lies beyond its end');
  return data.subarray(at, at + length);
};

const stringsOf = (data: Buffer, { type, offset, count }: Entry): string[] => {
  const found: string[] = [];
  let at = offset;
  for (let nth = 0; nth < (type === STRING ? 1 : count); nth += 1) {
    const end = data.indexOf(0, at);
    if (end < 0) throw damaged('a text does not end');
    found.push(data.toString('utf8', at, end));
    at = end + 1;
  }
  return found;
};

const isInt = (type: number): type is keyof typeof INT => type in INT;

const numbersOf = (data: Buffer, { type, offset, count }: Entry): number[] => {
  if (!isInt(type)) return [];
  const size = INT[type];
  const bytes = within(data, offset, size * count);
  return Array.from({ length: count }, (_, nth) =>
    size === 8 ? Number(bytes.readBigUInt64BE(nth * 8)) : bytes.readUIntBE(nth * size, size),
  );
};

const damaged = (why: string): IngotError =>
  new IngotError('inspect.rpm-header', `the header of an rpm package cannot be read: ${why}`, {
    hint: '`rpm --verifydb` says more about the database it is in; `rpm -K FILE` about a package.',
  });
