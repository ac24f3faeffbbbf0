/**
 * Reads what a kernel would unpack as its initial root file system: newc archives one after the other, each plain or
 * compressed. The later entry of a name is the one that counts.
 */
import { IngotError } from '../../errors.ts';
import { expand, isCompressed } from './compression.ts';
import { aligned, type CpioEntry, FORMATS, HEADER_SIZE, TRAILER } from './cpio.ts';

/**
 * All entries, in their order; file contents are views into the (expanded) data, hard links share one. Throws
 * `media.cpio-damaged`, or `media.compression` for a compression that cannot be read.
 */
export const readCpio = (data: Uint8Array): CpioEntry[] => {
  const entries: CpioEntry[] = [];
  for (let at = skipZeros(data, 0); at < data.length; at = skipZeros(data, at)) {
    const rest = data.subarray(at);
    if (isCompressed(rest)) {
      const { content, used } = expand(rest);
      entries.push(...readCpio(content));
      at += used;
    } else {
      at += readArchive(Buffer.from(rest.buffer, rest.byteOffset, rest.byteLength), entries);
    }
  }
  return entries;
};

const skipZeros = (data: Uint8Array, from: number): number => {
  let at = from;
  while (at < data.length && data[at] === 0) at++;
  return at;
};

interface Header {
  readonly mode: number;
  readonly size: number;
  readonly major: number;
  readonly minor: number;
  readonly nameSize: number;
  /** What the members of a hard-linked file have in common; absent for a file with one name. */
  readonly linkedAs: string | undefined;
}

/** Reads one archive up to its trailer, or to the end of the data; returns the bytes that it takes. */
const readArchive = (bytes: Buffer, entries: CpioEntry[]): number => {
  const linked = new Map<string, number[]>();
  let at = 0;
  while (at < bytes.length) {
    const header = readHeader(bytes, at);
    const nameAt = at + HEADER_SIZE;
    const start = at + aligned(HEADER_SIZE + header.nameSize);
    const end = start + header.size;
    if (end > bytes.length) throw damaged(`it ends inside the entry at byte ${at}`);
    const path = bytes.toString('utf8', nameAt, nameAt + header.nameSize - 1);
    at = Math.min(start + aligned(header.size), bytes.length);
    if (path === TRAILER) break;
    const name = path.replace(/^(\.?\/)+/, '');
    if (name === '' || name === '.') continue;
    entries.push(entryOf(header, name, bytes.subarray(start, end)));
    if (header.linkedAs !== undefined) {
      linked.set(header.linkedAs, [...(linked.get(header.linkedAs) ?? []), entries.length - 1]);
    }
  }
  for (const places of linked.values()) shareContent(entries, places);
  return at;
};

const readHeader = (bytes: Buffer, at: number): Header => {
  const text = bytes.toString('latin1', at, at + HEADER_SIZE);
  if (!/^07070[12][0-9a-f]{104}$/i.test(text)) throw damaged(`there is no newc header at byte ${at}`);
  const field = (index: number): number => Number.parseInt(text.slice(6 + 8 * index, 14 + 8 * index), 16);
  const mode = field(1);
  const isLinkedFile = field(4) > 1 && (mode & 0o170000) === FORMATS.file;
  return {
    mode,
    size: field(6),
    major: field(9),
    minor: field(10),
    nameSize: field(11),
    linkedAs: isLinkedFile ? [field(7), field(8), field(0)].join(':') : undefined,
  };
};

const entryOf = (header: Header, path: string, content: Uint8Array): CpioEntry => {
  const mode = header.mode & 0o7777;
  switch (header.mode & 0o170000) {
    case FORMATS.directory:
      return { type: 'directory', path, mode };
    case FORMATS.file:
      return { type: 'file', path, mode, content };
    case FORMATS.symlink:
      return { type: 'symlink', path, target: Buffer.from(content).toString('utf8').replace(/\0$/, '') };
    case FORMATS['character-device']:
      return { type: 'character-device', path, mode, major: header.major, minor: header.minor };
    case FORMATS['block-device']:
      return { type: 'block-device', path, mode, major: header.major, minor: header.minor };
    case FORMATS.fifo:
      return { type: 'fifo', path, mode, major: 0, minor: 0 };
    case FORMATS.socket:
      return { type: 'socket', path, mode, major: 0, minor: 0 };
    default:
      throw damaged(`${path} has no known file type (mode ${header.mode.toString(8)})`);
  }
};

/** newc stores the content of a hard-linked file with one of its names only. */
const shareContent = (entries: CpioEntry[], places: readonly number[]): void => {
  const contents = places.map((place) => entries[place]).map((entry) => (entry?.type === 'file' ? entry.content : ''));
  const content = contents.find((candidate) => candidate.length > 0);
  if (content === undefined) return;
  for (const place of places) {
    const entry = entries[place];
    if (entry?.type === 'file') entries[place] = { ...entry, content };
  }
};

const damaged = (why: string) => new IngotError('media.cpio-damaged', `the cpio archive cannot be read: ${why}`);
