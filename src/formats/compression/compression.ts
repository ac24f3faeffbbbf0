/**
 * Compressed segments as they stand in initial root file systems: told by their magic numbers, made reproducibly.
 * Piece by piece in both directions: an installer's is some 100 MB unpacked.
 */
import { pipeline } from 'node:stream/promises';
import { constants, crc32, createGzip, createInflateRaw, createZstdCompress, createZstdDecompress } from 'node:zlib';
import { IngotError, messageOf } from '../../errors.ts';
import type { ByteSource, Pieces } from '../byte-source.ts';
import { IS_IT_WHOLE } from '../is-it-whole.ts';
import { expandXz } from './xz.ts';

const MAGICS = {
  gzip: [0x1f, 0x8b],
  zstd: [0x28, 0xb5, 0x2f, 0xfd],
  xz: [0xfd, 0x37, 0x7a, 0x58, 0x5a],
  bzip2: [0x42, 0x5a, 0x68],
  lz4: [0x02, 0x21, 0x4c, 0x18],
  lzma: [0x5d, 0x00, 0x00],
} as const;

export type Compression = keyof typeof MAGICS;

export const LONGEST_MAGIC = 5;

/** By the first bytes. */
export const compressionOf = (data: Uint8Array): Compression | undefined =>
  (Object.keys(MAGICS) as Compression[]).find((name) => MAGICS[name].every((byte, index) => data[index] === byte));

export const isCompressed = async (source: ByteSource): Promise<boolean> =>
  compressionOf(await source.peek(LONGEST_MAGIC)) !== undefined;

/** Bytes of compressed data at a time; what they expand to is held whole. */
const INPUT_SIZE = 64 * 1024;
const OUTPUT_SIZE = 256 * 1024;

/** What `gzip -9n` promises: no name, no time, and the operating system byte of Unix whatever this host is. */
export async function* gzip(pieces: Pieces): AsyncGenerator<Buffer> {
  const engine = createGzip({ level: 9, chunkSize: OUTPUT_SIZE });
  const fed = pipeline(pieces, engine);
  // The loop throws it.
  fed.catch(() => {});
  let isHeader = true;
  for await (const piece of engine) {
    const bytes: Buffer = piece;
    if (isHeader) bytes.set([0, 0, 0, 0, 2, 3], 4);
    isHeader = false;
    yield bytes;
  }
  await fed;
}

const ZSTD_LEVEL = 6;

/**
 * One Zstandard frame (RFC 8878), with its checksum: packed in a tenth of gzip's time, and expanded faster by a kernel
 * that can: Linux 5.9 and later, where CONFIG_RD_ZSTD is on unless somebody switched it off (usr/Kconfig).
 */
export async function* zstd(pieces: Pieces, level = ZSTD_LEVEL): AsyncGenerator<Buffer> {
  const params = { [constants.ZSTD_c_compressionLevel]: level, [constants.ZSTD_c_checksumFlag]: 1 };
  const engine = createZstdCompress({ params, chunkSize: OUTPUT_SIZE });
  const fed = pipeline(pieces, engine);
  // The loop throws it.
  fed.catch(() => {});
  for await (const piece of engine) yield piece;
  await fed;
}

/**
 * What the compressed segment expands to that the source stands at; after it the source stands at what follows. Throws
 * `media.compression` when the compression is one that cannot be read, or when the segment is damaged, and
 * `host.tool-missing` for xz data on a host without xz.
 */
export async function* expand(source: ByteSource): AsyncGenerator<Buffer> {
  const compression = compressionOf(await source.peek(LONGEST_MAGIC));
  if (compression === 'gzip') yield* gunzipMember(source);
  else if (compression === 'zstd') yield* decompress('zstd', createZstdDecompress(ENGINE), source);
  else if (compression === 'xz') yield* expandXz(source);
  else
    throw new IngotError('media.compression', `cannot expand ${compression ?? 'this'} data`, {
      hint: 'gzip, zstd and xz can be read.',
    });
}

/** The engine gives all output of one piece of input before it gets the next. */
const ENGINE = { chunkSize: OUTPUT_SIZE, readableHighWaterMark: Number.MAX_SAFE_INTEGER };

/**
 * One gzip member (RFC 1952). Without createGunzip, which reads whatever follows as a further member; in an initrd
 * something else may follow.
 */
async function* gunzipMember(source: ByteSource): AsyncGenerator<Buffer> {
  await skipGzipHeader(source);
  let sum = 0;
  for await (const piece of decompress('gzip', createInflateRaw(ENGINE), source)) {
    sum = crc32(piece, sum);
    yield piece;
  }
  const trailer = await source.take(8);
  if (trailer.length < 8) throw damaged('gzip', new Error('it ends in its trailer'));
  if (trailer.readUInt32LE(0) !== sum) throw damaged('gzip', new Error('its checksum is wrong'));
}

const skipGzipHeader = async (source: ByteSource): Promise<void> => {
  const flags = (await source.take(10))[3] ?? 0;
  if (flags & 0x04) {
    const [low = 0, high = 0] = await source.take(2);
    await source.skip(low + 256 * high);
  }
  for (const flag of [0x08, 0x10]) if (flags & flag) while (((await source.take(1))[0] ?? 0) !== 0);
  if (flags & 0x02) await source.skip(2);
};

type Engine = ReturnType<typeof createInflateRaw> | ReturnType<typeof createZstdDecompress>;

/** What `engine` makes of the source up to the end of the compressed data, where the source then stands. */
async function* decompress(name: Compression, engine: Engine, source: ByteSource): AsyncGenerator<Buffer> {
  try {
    for (let piece = await source.piece(INPUT_SIZE); piece !== undefined; piece = await source.piece(INPUT_SIZE)) {
      const before = engine.bytesWritten;
      const error = await feed(engine, piece);
      if (error && before > 0 && isOtherFrame(error)) return source.putBack(piece);
      if (error) throw damaged(name, error);
      for (let output = engine.read(); output !== null; output = engine.read()) yield output;
      const used = engine.bytesWritten - before;
      if (used < piece.length) return source.putBack(piece.subarray(used));
    }
    yield* remaining(name, engine);
  } finally {
    engine.destroy();
  }
}

/** The input has ended; the segment may not have. */
async function* remaining(name: Compression, engine: Engine): AsyncGenerator<Buffer> {
  try {
    engine.end();
    for await (const output of engine) yield output;
  } catch (error) {
    throw damaged(name, error);
  }
}

/** Resolves when the engine has taken what it needs from the piece. Only the event reports damaged data. */
const feed = (engine: Engine, piece: Buffer): Promise<Error | undefined> =>
  new Promise((resolve) => {
    const done = (error?: Error | null) => {
      engine.off('error', done);
      resolve(error ?? undefined);
    };
    engine.on('error', done);
    engine.write(piece, done);
  });

/** A frame of zstd has ended with the piece before, and what follows is not one. */
const isOtherFrame = (error: Error): boolean => 'code' in error && error.code === 'ZSTD_error_prefix_unknown';

const damaged = (name: Compression, cause: unknown): IngotError =>
  new IngotError('media.compression', `the ${name} data is damaged: ${messageOf(cause)}`, { hint: IS_IT_WHOLE, cause });
