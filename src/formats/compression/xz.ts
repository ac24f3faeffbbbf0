/** xz, which Node does not have: where a stream ends (tukaani.org/xz/xz-file-format.txt), and the host's xz to expand it. */
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { IngotError } from '../../errors.ts';
import { temporaryFolder } from '../../host/files.ts';
import { run } from '../../host/run.ts';
import type { ByteSource } from '../byte-source.ts';
import { IS_IT_WHOLE } from '../is-it-whole.ts';

const HEADER_SIZE = 12;
const FOOTER_SIZE = 12;
const FOOTER_MAGIC = 'YZ';

/**
 * What the stream expands to that the source stands at; after it the source stands at what follows. The rest of the
 * source is held while the end is looked for. Throws `media.compression` when it is damaged or does not end,
 * `host.tool-missing` without xz.
 */
export async function* expandXz(source: ByteSource): AsyncGenerator<Buffer> {
  const bytes = await source.take(Number.MAX_SAFE_INTEGER);
  const used = streamEnd(bytes);
  if (used === undefined)
    throw new IngotError('media.compression', 'the xz data is damaged: it does not end', { hint: IS_IT_WHOLE });
  source.putBack(bytes.subarray(used));
  await using folder = await temporaryFolder('ingot-xz-');
  const outputFile = join(folder.path, 'expanded');
  const hint = 'Install xz-utils: an initrd of this medium is compressed with xz.';
  try {
    await run('xz', ['--decompress', '--stdout'], { input: bytes.subarray(0, used), outputFile, hint });
  } catch (error) {
    if (!(error instanceof IngotError) || error.code !== 'host.command-failed') throw error;
    throw new IngotError('media.compression', 'the xz data is damaged', {
      detail: error.detail,
      hint: IS_IT_WHOLE,
      cause: error,
    });
  }
  yield* createReadStream(outputFile);
}

/** Streams are a multiple of four bytes. The magic number may also be in the data, so the index is checked with its sum. */
const streamEnd = (bytes: Buffer): number | undefined => {
  for (let at = bytes.indexOf(FOOTER_MAGIC, HEADER_SIZE); at >= 0; at = bytes.indexOf(FOOTER_MAGIC, at + 1)) {
    const end = at + FOOTER_MAGIC.length;
    if (end % 4 === 0 && isFooter(bytes, end - FOOTER_SIZE)) return end;
  }
  return undefined;
};

/** CRC32 of what follows, size of the index in words less one, the flags of the header. */
const isFooter = (bytes: Buffer, at: number): boolean => {
  if (at < HEADER_SIZE || bytes.readUInt32LE(at) !== crc32(bytes.subarray(at + 4, at + 10))) return false;
  const index = at - (bytes.readUInt32LE(at + 4) + 1) * 4;
  if (index < HEADER_SIZE || bytes.readUInt16LE(at + 8) !== bytes.readUInt16LE(6)) return false;
  return bytes[index] === 0 && bytes.readUInt32LE(at - 4) === crc32(bytes.subarray(index, at - 4));
};
