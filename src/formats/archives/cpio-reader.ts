/**
 * Reads what a kernel would unpack as its initial root file system: newc archives one after the other, each plain or
 * compressed. The later entry of a name is the one that counts. Piece by piece: only what is asked for is held.
 */
import { IngotError } from '../../errors.ts';
import { ByteSource, type Pieces } from '../byte-source.ts';
import { expand, isCompressed } from '../compression/compression.ts';
import { IS_IT_WHOLE } from '../is-it-whole.ts';
import { type CpioEntry, FORMATS, HEADER_SIZE, padding, TRAILER } from './cpio.ts';

/** An entry as it was read; the content of a file is there when it was asked for. */
export type ReadEntry = CpioEntry<Uint8Array | undefined>;

/**
 * All entries, in their order; those of a hard-linked file come together, where the last of its names stands, and share
 * one content. Throws `media.cpio-damaged`, or `media.compression` for a compression that cannot be read.
 */
export async function* readCpio(
  data: Pieces,
  wanted: (path: string) => boolean = () => false,
): AsyncGenerator<ReadEntry> {
  await using source = new ByteSource(data);
  while (await source.skipZeros()) {
    if (await isCompressed(source)) yield* readCpio(expand(source), wanted);
    else yield* readArchive(source, wanted);
  }
}

interface Header {
  readonly mode: number;
  readonly size: number;
  readonly major: number;
  readonly minor: number;
  readonly nameSize: number;
  readonly links: number;
  /** What the members of a hard-linked file have in common; absent for a file with one name. */
  readonly linkedAs: string | undefined;
}

/** The longest name that a kernel takes (PATH_MAX). */
const LONGEST_NAME = 4096;

/** Reads one archive up to its trailer, or to the end of the data. */
async function* readArchive(source: ByteSource, wanted: (path: string) => boolean): AsyncGenerator<ReadEntry> {
  const linked = new Map<string, ReadEntry[]>();
  for (;;) {
    const at = source.taken;
    const start = await source.take(HEADER_SIZE);
    if (start.length === 0) break;
    const header = readHeader(start, at);
    const path = (await source.take(header.nameSize)).toString('utf8').replace(/\0$/, '');
    await source.skip(padding(HEADER_SIZE + header.nameSize));
    const name = path.replace(/^(\.?\/)+/, '');
    // Any of its names may have the content of a hard-linked file.
    const isHeld = header.linkedAs !== undefined || isLink(header) || wanted(name);
    const content = isHeld ? await source.take(header.size) : undefined;
    const size = content?.length ?? (await source.skip(header.size));
    if (size < header.size) throw damaged(`it ends inside the entry at byte ${at}`);
    await source.skip(padding(header.size));
    if (path === TRAILER) break;
    if (name === '' || name === '.') continue;
    const entry = entryOf(header, name, content);
    if (header.linkedAs === undefined) {
      yield entry;
      continue;
    }
    const names = [...(linked.get(header.linkedAs) ?? []), entry];
    linked.set(header.linkedAs, names);
    if (names.length < header.links) continue;
    linked.delete(header.linkedAs);
    yield* withOneContent(names, wanted);
  }
  for (const names of linked.values()) yield* withOneContent(names, wanted);
}

const isLink = ({ mode }: Header): boolean => (mode & 0o170000) === FORMATS.symlink;

const readHeader = (bytes: Buffer, at: number): Header => {
  const text = bytes.toString('latin1');
  if (!/^07070[12][0-9a-f]{104}$/i.test(text)) throw damaged(`there is no newc header at byte ${at}`);
  const field = (index: number): number => Number.parseInt(text.slice(6 + 8 * index, 14 + 8 * index), 16);
  const mode = field(1);
  const links = field(4);
  const nameSize = field(11);
  if (nameSize > LONGEST_NAME) throw damaged(`the name at byte ${at} is too long`);
  return {
    mode,
    size: field(6),
    major: field(9),
    minor: field(10),
    nameSize,
    links,
    linkedAs: links > 1 && (mode & 0o170000) === FORMATS.file ? [field(7), field(8), field(0)].join(':') : undefined,
  };
};

const entryOf = (header: Header, path: string, content: Buffer | undefined): ReadEntry => {
  const mode = header.mode & 0o7777;
  switch (header.mode & 0o170000) {
    case FORMATS.directory:
      return { type: 'directory', path, mode };
    case FORMATS.file:
      return { type: 'file', path, mode, content };
    case FORMATS.symlink:
      return { type: 'symlink', path, target: (content?.toString('utf8') ?? '').replace(/\0$/, '') };
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
const withOneContent = (names: readonly ReadEntry[], wanted: (path: string) => boolean): ReadEntry[] => {
  const files = names.filter((entry) => entry.type === 'file');
  const content = files.find((entry) => (entry.content?.length ?? 0) > 0)?.content ?? new Uint8Array();
  return files.map((entry) => ({ ...entry, content: wanted(entry.path) ? content : undefined }));
};

const damaged = (why: string) =>
  new IngotError('media.cpio-damaged', `the cpio archive cannot be read: ${why}`, { hint: IS_IT_WHOLE });
