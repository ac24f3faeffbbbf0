/**
 * The entries of a ZIP archive (APPNOTE.TXT), each read whole: for archives of many small files. Its directory is read by yauzl,
 * which refuses names that lead out of a folder; nothing is written anywhere.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { Readable } from 'node:stream';
import { crc32, inflateRawSync } from 'node:zlib';
import { type Entry, fromRandomAccessReader, RandomAccessReader, type ZipFile } from 'yauzl';
import { messageOf } from '../../errors.ts';

export class ZipError extends Error {}

export interface ZipEntry {
  readonly name: string;
  readonly content: Buffer;
}

export interface ZipLimits {
  /** Bytes of one entry, unpacked. */
  readonly entry: number;
  /** Of all together. */
  readonly total: number;
  readonly count: number;
}

/** Throws `ZipError` for what is damaged, encrypted, or beyond the limits. */
export async function* zipEntries(path: string, limits: ZipLimits): AsyncGenerator<ZipEntry> {
  using file = new WindowedFile(path);
  const directory = await opened(file);
  let total = 0;
  if (directory.entryCount > limits.count) throw new ZipError(`${directory.entryCount} entries`);
  for await (const entry of entriesIn(directory)) {
    if (entry.fileName.endsWith('/')) continue;
    total += entry.uncompressedSize;
    if (entry.uncompressedSize > limits.entry || total > limits.total)
      throw new ZipError(`${entry.fileName.slice(0, 100)} makes it too large: ${total} bytes unpacked`);
    yield { name: entry.fileName, content: contentOf(file, entry) };
  }
}

const WINDOW = 2 ** 20;

/** A file read in windows: an archive has some 50,000 small entries, and each would be three reads. One window for the directory, one for the entries. */
class WindowedFile implements Disposable {
  readonly #descriptor: number;
  readonly size: number;
  readonly #windows: { start: number; bytes: Buffer }[] = [];

  constructor(path: string) {
    this.#descriptor = openSync(path, 'r');
    this.size = fstatSync(this.#descriptor).size;
  }

  /** Fewer bytes at the end. */
  at(start: number, length: number): Buffer {
    const known = this.#windows.find((one) => start >= one.start && start + length <= one.start + one.bytes.length);
    if (known) return known.bytes.subarray(start - known.start, start - known.start + length);
    const wanted = Math.max(0, Math.min(Math.max(length, WINDOW), this.size - start));
    const bytes = Buffer.allocUnsafe(wanted);
    let filled = 0;
    while (filled < wanted) {
      const read = readSync(this.#descriptor, bytes, filled, wanted - filled, start + filled);
      if (read === 0) break;
      filled += read;
    }
    this.#windows.unshift({ start, bytes: bytes.subarray(0, filled) });
    this.#windows.splice(2);
    return bytes.subarray(0, Math.min(length, filled));
  }

  [Symbol.dispose](): void {
    closeSync(this.#descriptor);
  }
}

/** What yauzl reads the directory from. */
class DirectoryReader extends RandomAccessReader {
  readonly #file: WindowedFile;

  constructor(file: WindowedFile) {
    super();
    this.#file = file;
  }

  override read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null) => void,
  ): void {
    const bytes = this.#file.at(position, length);
    bytes.copy(buffer, offset);
    callback(bytes.length < length ? new ZipError('the archive ends within its directory') : null);
  }

  override _readStreamForRange(): Readable {
    return Readable.from([]);
  }
}

const opened = (file: WindowedFile): Promise<ZipFile> =>
  new Promise((resolve, reject) => {
    fromRandomAccessReader(
      new DirectoryReader(file),
      file.size,
      { lazyEntries: true, autoClose: false },
      (error, found) => {
        if (error) reject(new ZipError(messageOf(error)));
        else resolve(found);
      },
    );
  });

async function* entriesIn(directory: ZipFile): AsyncGenerator<Entry> {
  let next = Promise.withResolvers<Entry | undefined>();
  directory.on('entry', (entry: Entry) => next.resolve(entry));
  directory.on('end', () => next.resolve(undefined));
  directory.on('error', (error: unknown) => next.reject(new ZipError(messageOf(error))));
  for (;;) {
    next = Promise.withResolvers<Entry | undefined>();
    directory.readEntry();
    const entry = await next.promise;
    if (entry === undefined) return;
    yield entry;
  }
}

const LOCAL = 0x04034b50;
const HEADER = 30;

const contentOf = (file: WindowedFile, entry: Entry): Buffer => {
  const { relativeOffsetOfLocalHeader: start, compressedSize, uncompressedSize, fileName } = entry;
  const fault = (what: string) => new ZipError(`${fileName.slice(0, 100)}: ${what}`);
  if (entry.isEncrypted()) throw fault('it is encrypted');
  if (start + compressedSize > file.size) throw fault('the archive ends within it');
  const header = file.at(start, HEADER);
  if (header.length < HEADER || header.readUInt32LE(0) !== LOCAL)
    throw fault('its header is not where the directory says');
  const begin = HEADER + header.readUInt16LE(26) + header.readUInt16LE(28);
  const packed = file.at(start + begin, compressedSize);
  if (packed.length !== compressedSize) throw fault('the archive ends within it');
  const content = unpacked(packed, entry, fault);
  if (content.length !== uncompressedSize || crc32(content) !== entry.crc32) throw fault('its checksum is wrong');
  return content;
};

const unpacked = (
  packed: Buffer,
  { compressionMethod, uncompressedSize }: Entry,
  fault: (what: string) => ZipError,
): Buffer => {
  if (compressionMethod === 0) return packed;
  if (compressionMethod !== 8) throw fault(`compression method ${compressionMethod}`);
  try {
    return inflateRawSync(packed, {
      maxOutputLength: Math.max(1, uncompressedSize),
      chunkSize: Math.max(64, uncompressedSize + 1),
    });
  } catch (error) {
    throw fault(messageOf(error));
  }
};
