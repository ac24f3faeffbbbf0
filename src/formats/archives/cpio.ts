/**
 * cpio archives in the "newc" format, as the kernel unpacks them into its first root file system
 * (Documentation/driver-api/early-userspace/buffer-format.rst): the writer, which gives the same bytes for the same
 * entries. `cpio-reader.ts` is the other way.
 */
import { readFile } from 'node:fs/promises';
import { IngotError, OUR_FAULT } from '../../errors.ts';

/** The content of a file that lies on the host, and is read when its turn comes. */
export interface HostFile {
  readonly file: string;
}

/** What the content of a file can be written from. */
export type Content = Uint8Array | string | HostFile;

/** `path` is relative, without `./`; `mode` holds the permission bits only. */
export type CpioEntry<Of = Uint8Array | string> =
  | { readonly type: 'directory'; readonly path: string; readonly mode: number }
  | { readonly type: 'file'; readonly path: string; readonly mode: number; readonly content: Of }
  | { readonly type: 'symlink'; readonly path: string; readonly target: string }
  | {
      readonly type: 'character-device' | 'block-device' | 'fifo' | 'socket';
      readonly path: string;
      readonly mode: number;
      readonly major: number;
      readonly minor: number;
    };

/** The file type bits of st_mode (inode(7)). */
export const FORMATS: Readonly<Record<CpioEntry['type'], number>> = {
  socket: 0o140000,
  symlink: 0o120000,
  file: 0o100000,
  'block-device': 0o060000,
  directory: 0o040000,
  'character-device': 0o020000,
  fifo: 0o010000,
};

export const HEADER_SIZE = 110;
const BLOCK = 512;
const PIECE_SIZE = 64 * 1024;
export const TRAILER = 'TRAILER!!!';
const encoder = new TextEncoder();

/**
 * The archive of these entries, in pieces: names sorted by bytes, owner root, one time stamp (`mtime`, seconds since
 * 1970), padded to 512 bytes. It holds exactly what is given; the kernel drops a file whose folder it does not have, so
 * see `withParents`. Throws `media.cpio-path` for a name that leaves the root or stands twice.
 */
export async function* cpioArchive(
  entries: readonly CpioEntry<Content>[],
  { mtime = 0 } = {},
): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const piece of inPieces(members(entries, mtime))) {
    size += piece.length;
    yield piece;
  }
  yield new Uint8Array(padding(size, BLOCK));
}

async function* members(entries: readonly CpioEntry<Content>[], mtime: number): AsyncGenerator<Uint8Array> {
  const sorted = entries
    .map((entry) => ({ entry, name: encoder.encode(normalPath(entry.path)) }))
    .sort((a, b) => Buffer.compare(a.name, b.name));
  let previous: Uint8Array | undefined;
  for (const [index, { entry, name }] of sorted.entries()) {
    if (previous && Buffer.compare(previous, name) === 0) throw pathError(entry.path, 'stands twice in the archive');
    previous = name;
    const data = await dataOf(entry);
    const mode = FORMATS[entry.type] | (entry.type === 'symlink' ? 0o777 : entry.mode & 0o7777);
    const [major, minor] = 'major' in entry ? [entry.major, entry.minor] : [0, 0];
    const links = entry.type === 'directory' ? 2 : 1;
    yield* member({ inode: index + 1, mode, links, mtime, major, minor, name, data });
  }
  const empty = { inode: 0, mode: 0, links: 1, mtime: 0, major: 0, minor: 0, data: new Uint8Array() };
  yield* member({ ...empty, name: encoder.encode(TRAILER) });
}

/** Most members are small, and the reader should not get them one by one. */
async function* inPieces(parts: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let waiting: Uint8Array[] = [];
  let size = 0;
  for await (const part of parts) {
    waiting.push(part);
    size += part.length;
    if (size < PIECE_SIZE) continue;
    yield Buffer.concat(waiting);
    waiting = [];
    size = 0;
  }
  yield Buffer.concat(waiting);
}

/**
 * The entries with the folders they need (0755) that are neither among them nor in `existing`. Give the paths of the
 * archive that comes before: a folder entry over an existing *symlink* (`lib` → `usr/lib`) would replace the link.
 */
export const withParents = (
  entries: readonly CpioEntry<Content>[],
  existing: Pick<ReadonlySet<string>, 'has'> = new Set(),
): CpioEntry<Content>[] => {
  const known = new Set(entries.map((entry) => normalPath(entry.path)));
  const added: CpioEntry<Content>[] = [];
  for (const { path } of entries) {
    const parts = normalPath(path).split('/');
    for (let depth = 1; depth < parts.length; depth++) {
      const parent = parts.slice(0, depth).join('/');
      if (known.has(parent) || existing.has(parent)) continue;
      known.add(parent);
      added.push({ type: 'directory', path: parent, mode: 0o755 });
    }
  }
  return [...added, ...entries];
};

/** `./a/b` and `/a/b` to `a/b`. */
const normalPath = (path: string): string => {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.length === 0 || parts.includes('..') || path.includes('\0'))
    throw pathError(path, 'is not a path in a root');
  return parts.join('/');
};

const pathError = (path: string, why: string) =>
  new IngotError('media.cpio-path', `"${path}" ${why}`, { hint: OUR_FAULT });

const dataOf = async (entry: CpioEntry<Content>): Promise<Uint8Array> => {
  if (entry.type === 'symlink') return encoder.encode(entry.target);
  if (entry.type !== 'file') return new Uint8Array();
  const { content } = entry;
  if (typeof content === 'string') return encoder.encode(content);
  return content instanceof Uint8Array ? content : readFile(content.file);
};

interface Member {
  readonly inode: number;
  readonly mode: number;
  readonly links: number;
  readonly mtime: number;
  readonly major: number;
  readonly minor: number;
  readonly name: Uint8Array;
  readonly data: Uint8Array;
}

const member = (m: Member): Uint8Array[] => {
  if (m.data.length > 0xffffffff)
    throw new IngotError('media.cpio-path', 'a file in a cpio must be below 4 GiB', {
      hint: 'Large files do not go into the initrd: media.files puts them on the medium.',
    });
  const fields = [m.inode, m.mode, 0, 0, m.links, m.mtime, m.data.length, 0, 0, m.major, m.minor, m.name.length + 1, 0];
  const header = `070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}`;
  return [
    encoder.encode(header),
    m.name,
    new Uint8Array(1 + padding(HEADER_SIZE + m.name.length + 1)),
    m.data,
    new Uint8Array(padding(m.data.length)),
  ];
};

/** Names and contents are padded to a multiple of 4 bytes. */
export const padding = (size: number, unit = 4): number => (unit - (size % unit)) % unit;
