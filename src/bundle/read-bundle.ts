/**
 * Reads a bundle that may come from anybody. There is one way in which an index lies in its archive, so each header is compared
 * with the only one that can stand there: links, devices, further files, other sizes or owners are not looked at, they are
 * simply not it. A content is given on in pieces, and its digest is known at its end.
 */
import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { Header } from 'tar';
import { IngotError } from '../errors.ts';
import { TAR_END, tarPadding } from '../formats/archives/tar.ts';
import { sha256 } from '../host/files.ts';
import { ifThere } from '../host/if-there.ts';
import { pieces } from '../host/pieces.ts';
import {
  type Bundled,
  type BundleEntry,
  type BundleIndex,
  badIndex,
  INDEX_NAME,
  indexDigest,
  notABundle,
  parseIndex,
} from './bundle-index.ts';
import { archiveSize, headerOf, storedEntries } from './layout.ts';

export interface Bundle extends AsyncDisposable {
  readonly path: string;
  readonly index: BundleIndex;
  /** By which a later bundle names this one. */
  readonly indexDigest: string;
  /** Bytes of the whole archive. */
  readonly size: number;
  /** Goes through all contents in their order; each ends with `end`, once it is known to be what the index says. */
  read(visitor: Visitor, signal?: AbortSignal): Promise<void>;
  /** Small contents of a kind, each checked by its digest; without those that are in the base. */
  contents(what: Bundled): Promise<Buffer[]>;
}

export interface Visitor {
  /** Undefined: nobody wants this content, and it is only checked. */
  begin(entry: BundleEntry): Promise<Sink | undefined>;
}

export interface Sink extends AsyncDisposable {
  write(bytes: Uint8Array): Promise<void>;
  end(): Promise<void>;
}

const BLOCK = 512;
/** A bundle of a hundred thousand files has a third of it. */
const MOST_INDEX = 64 * 2 ** 20;

/** Throws `bundle.missing`, `bundle.not-a-bundle`, `bundle.unknown-format`, `bundle.bad-index`, `bundle.truncated`, `bundle.damaged`. */
export const openBundle = async (path: string): Promise<Bundle> => {
  const file = await ifThere(open(path, 'r'));
  if (file === undefined)
    throw new IngotError('bundle.missing', 'there is no such bundle', {
      where: path,
      hint: '`ingot bundle export RECIPE -o FILE` writes one, on a host that has the network.',
    });
  try {
    const info = await file.stat();
    if (!info.isFile()) throw notABundle(path);
    const { bytes, end } = await indexBytes(file, path, info.size);
    const index = parseIndex(bytes, path);
    requireSize(archiveSize(index, INDEX_NAME, bytes.length), info.size, path);
    return {
      path,
      index,
      indexDigest: indexDigest(bytes),
      size: info.size,
      read: (visitor, signal) => readContents({ file, path, index, start: end }, visitor, signal),
      contents: (what) => smallContents({ file, path, index, start: end }, what),
      [Symbol.asyncDispose]: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
};

const indexBytes = async (
  file: FileHandle,
  path: string,
  whole: number,
): Promise<{ readonly bytes: Buffer; readonly end: number }> => {
  const block = await bytesAt(file, 0, BLOCK);
  const { path: name, size } = headerIn(block);
  if (name !== INDEX_NAME || size === undefined) throw notABundle(path);
  if (size > MOST_INDEX) throw badIndex(path, `it says that it has ${size} bytes`);
  if (!Buffer.from(headerOf(INDEX_NAME, size)).equals(block)) throw notABundle(path);
  const end = BLOCK + size + tarPadding(size).length;
  if (end > whole) throw truncated(path, end, whole);
  return { bytes: await bytesAt(file, BLOCK, size), end };
};

const headerIn = (
  block: Buffer,
): { readonly path?: string | undefined; readonly size?: number | undefined; readonly type?: string } => {
  try {
    const { path, size, type } = new Header(block, 0);
    return { path, size, type };
  } catch {
    return {};
  }
};

const bytesAt = async (file: FileHandle, from: number, length: number): Promise<Buffer> => {
  const found = Buffer.alloc(length);
  let have = 0;
  while (have < length) {
    const { bytesRead } = await file.read(found, have, length - have, from + have);
    if (bytesRead === 0) break;
    have += bytesRead;
  }
  return found.subarray(0, have);
};

const requireSize = (expected: number, found: number, path: string): void => {
  if (found < expected) throw truncated(path, expected, found);
  if (found > expected) throw damaged(path, `it has ${found - expected} bytes more than its index says`);
};

interface Opened {
  readonly file: FileHandle;
  readonly path: string;
  readonly index: BundleIndex;
  readonly start: number;
}

const readContents = async (
  { file, path, index, start }: Opened,
  visitor: Visitor,
  signal?: AbortSignal,
): Promise<void> => {
  let at = start;
  for (const entry of storedEntries(index)) {
    const header = Buffer.from(headerOf(entry.path, entry.size));
    const found = await bytesAt(file, at, header.length);
    if (!found.equals(header)) throw damaged(path, `where ${entry.path} should begin, there is ${told(found)}`);
    at += header.length;
    await readContent({ file, path, at, entry }, visitor, signal);
    at += entry.size;
    const padding = tarPadding(entry.size);
    if (!(await bytesAt(file, at, padding.length)).equals(padding))
      throw damaged(path, `there is something after ${entry.path}`);
    at += padding.length;
  }
  if (!(await bytesAt(file, at, TAR_END.length)).equals(TAR_END))
    throw damaged(path, 'its end is not that of an archive');
};

/** A keyring has some hundred kilobytes. */
const LARGEST_SMALL = 16 * 2 ** 20;

const smallContents = async ({ file, path, index, start }: Opened, wanted: Bundled): Promise<Buffer[]> => {
  // One content may be several files, and is there once.
  const digests = new Set(index.entries.filter(({ what }) => what === wanted).map((entry) => entry.sha256));
  const found: Buffer[] = [];
  let at = start;
  for (const entry of storedEntries(index)) {
    at += headerOf(entry.path, entry.size).length;
    if (digests.has(entry.sha256) && entry.size <= LARGEST_SMALL) {
      const content = await bytesAt(file, at, entry.size);
      if (sha256(content) !== entry.sha256)
        throw damaged(path, `the content of ${entry.path} is not what the index says`);
      found.push(content);
    }
    at += entry.size + tarPadding(entry.size).length;
  }
  return found;
};

interface Place {
  readonly file: FileHandle;
  readonly path: string;
  readonly at: number;
  readonly entry: BundleEntry;
}

const readContent = async ({ file, path, at, entry }: Place, visitor: Visitor, signal?: AbortSignal): Promise<void> => {
  await using sink = await visitor.begin(entry);
  const digest = createHash('sha256');
  let length = 0;
  for await (const { bytes } of pieces(file, at, entry.size, signal)) {
    digest.update(bytes);
    length += bytes.length;
    await sink?.write(bytes);
  }
  if (length !== entry.size) throw truncated(path, at + entry.size, at + length);
  if (digest.digest('hex') !== entry.sha256)
    throw damaged(path, `the content of ${entry.path} is not what the index says`);
  await sink?.end();
};

const told = (block: Buffer): string => {
  const { path, type, size } = headerIn(block);
  return path === undefined || path === ''
    ? 'no header of a file'
    : `a ${type} ${JSON.stringify(path)} of ${size} bytes`;
};

const truncated = (where: string, expected: number, found: number): IngotError =>
  new IngotError('bundle.truncated', `the bundle ends too early: it has ${found} of ${expected} bytes`, {
    where,
    hint: 'Copy it again, and compare its digest with the one that `ingot bundle export` printed.',
  });

export const damaged = (where: string, detail: string): IngotError =>
  new IngotError('bundle.damaged', 'the bundle is not what was written', {
    where,
    detail,
    hint: 'Copy it again, and compare its digest with the one that `ingot bundle export` printed.',
  });
