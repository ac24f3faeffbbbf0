/**
 * The entries of a ZIP archive (APPNOTE.TXT), each read whole: for archives of many small files. Its directory is read by yauzl,
 * which refuses names that lead out of a folder; nothing is written anywhere.
 */
import { type FileHandle, open } from 'node:fs/promises';
import { crc32, inflateRawSync } from 'node:zlib';
import { type Entry, open as openZip, type ZipFile } from 'yauzl';
import { messageOf } from '../errors.ts';

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
  const directory = await opened(path);
  await using file = await open(path);
  let total = 0;
  try {
    if (directory.entryCount > limits.count) throw new ZipError(`${directory.entryCount} entries`);
    for await (const entry of entriesIn(directory)) {
      if (entry.fileName.endsWith('/')) continue;
      total += entry.uncompressedSize;
      if (entry.uncompressedSize > limits.entry || total > limits.total)
        throw new ZipError(`${entry.fileName.slice(0, 100)} makes it too large: ${total} bytes unpacked`);
      yield { name: entry.fileName, content: await contentOf(file, entry) };
    }
  } finally {
    directory.close();
  }
}

const opened = (path: string): Promise<ZipFile> =>
  new Promise((resolve, reject) => {
    openZip(path, { lazyEntries: true, autoClose: false }, (error, found) => {
      if (error) reject('code' in error ? error : new ZipError(error.message));
      else resolve(found);
    });
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
/** The local header's extra field may be longer than the directory's. */
const SPARE = 256;

const contentOf = async (file: FileHandle, entry: Entry): Promise<Buffer> => {
  const { relativeOffsetOfLocalHeader: start, compressedSize, uncompressedSize, fileName } = entry;
  const fault = (what: string) => new ZipError(`${fileName.slice(0, 100)}: ${what}`);
  if (entry.isEncrypted()) throw fault('it is encrypted');
  const guess = HEADER + Buffer.byteLength(fileName) + SPARE + compressedSize;
  let bytes = await readAt(file, start, guess);
  if (bytes.length < HEADER || bytes.readUInt32LE(0) !== LOCAL)
    throw fault('its header is not where the directory says');
  const begin = HEADER + bytes.readUInt16LE(26) + bytes.readUInt16LE(28);
  if (begin + compressedSize > bytes.length) bytes = await readAt(file, start, begin + compressedSize);
  const packed = bytes.subarray(begin, begin + compressedSize);
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

const readAt = async (file: FileHandle, start: number, length: number): Promise<Buffer> => {
  const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(length), 0, length, start);
  return buffer.subarray(0, bytesRead);
};
