/** Compressed segments as they stand in initial root file systems: told by their magic numbers, made reproducibly. */
import { crc32, gzipSync, inflateRawSync, zstdDecompressSync } from 'node:zlib';
import { IngotError, messageOf } from '../../errors.ts';

const MAGICS = {
  gzip: [0x1f, 0x8b],
  zstd: [0x28, 0xb5, 0x2f, 0xfd],
  xz: [0xfd, 0x37, 0x7a, 0x58, 0x5a],
  bzip2: [0x42, 0x5a, 0x68],
  lz4: [0x02, 0x21, 0x4c, 0x18],
  lzma: [0x5d, 0x00, 0x00],
} as const;

type Compression = keyof typeof MAGICS;

const compressionOf = (data: Uint8Array): Compression | undefined =>
  (Object.keys(MAGICS) as Compression[]).find((name) => MAGICS[name].every((byte, index) => data[index] === byte));

export const isCompressed = (data: Uint8Array): boolean => compressionOf(data) !== undefined;

/** What `gzip -9n` promises: no name, no time, and the operating system byte of Unix whatever this host is. */
export const gzip = (data: Uint8Array | string): Uint8Array => {
  const bytes = gzipSync(data, { level: 9 });
  bytes.writeUInt32LE(0, 4);
  bytes[8] = 2;
  bytes[9] = 3;
  return bytes;
};

/**
 * Expands the compressed segment that `data` begins with; `used` is its length in `data`. Throws
 * `media.compression` when the compression is one that Node does not have, or when the segment is damaged.
 */
export const expand = (data: Uint8Array): { readonly content: Uint8Array; readonly used: number } => {
  const compression = compressionOf(data);
  if (compression !== 'gzip' && compression !== 'zstd') {
    throw new IngotError('media.compression', `cannot expand ${compression ?? 'this'} data`, {
      hint: 'gzip and zstd can be read.',
    });
  }
  try {
    return compression === 'gzip' ? gunzipMember(data) : withUsed(zstdDecompressSync(data, { info: true }));
  } catch (error) {
    throw new IngotError('media.compression', `the ${compression} data is damaged: ${messageOf(error)}`, {
      cause: error,
    });
  }
};

/**
 * One gzip member (RFC 1952). Not by gunzipSync, which takes whatever follows for a further member; in an initrd
 * something else may follow.
 */
const gunzipMember = (data: Uint8Array): { content: Uint8Array; used: number } => {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const start = gzipHeaderSize(bytes);
  const { content, used } = withUsed(inflateRawSync(bytes.subarray(start), { info: true }));
  const end = start + used;
  if (bytes.readUInt32LE(end) !== crc32(content)) throw new Error('its checksum is wrong');
  return { content, used: end + 8 };
};

const gzipHeaderSize = (bytes: Buffer): number => {
  const flags = bytes.readUInt8(3);
  let at = 10;
  if (flags & 0x04) at += 2 + bytes.readUInt16LE(at);
  for (const flag of [0x08, 0x10]) if (flags & flag) at = bytes.indexOf(0, at) + 1;
  return flags & 0x02 ? at + 2 : at;
};

/** With `info: true` node:zlib also returns its engine, whose `bytesWritten` is the input that was taken. */
const withUsed = (result: unknown): { content: Uint8Array; used: number } => {
  if (typeof result === 'object' && result !== null && 'buffer' in result && 'engine' in result) {
    const { buffer, engine } = result;
    if (buffer instanceof Uint8Array && typeof engine === 'object' && engine !== null && 'bytesWritten' in engine) {
      return { content: buffer, used: Number(engine.bytesWritten) };
    }
  }
  throw new Error('node:zlib gave no account of its input');
};
