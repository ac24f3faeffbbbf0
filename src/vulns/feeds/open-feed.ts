/** The content of a feed in pieces, whatever it is packed with; what grows beyond measure is refused on the way. */
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { IngotError, messageOf, throwIfInterrupted } from '../../errors.ts';
import { compressionOf, LONGEST_MAGIC } from '../../formats/compression/compression.ts';
import { firstBytes, temporaryFolder } from '../../host/files.ts';
import { run } from '../../host/run.ts';
import { invalidFeed, tooLargeFeed } from './feed-error.ts';

/** Unpacked; the largest of today have 300 MB. */
const MOST = 2 * 2 ** 30;
const PIECE = 2 ** 20;

export async function* openFeed(path: string, signal?: AbortSignal, most = MOST): AsyncGenerator<Buffer> {
  const compression = compressionOf(await firstBytes(path, LONGEST_MAGIC));
  if (compression === 'bzip2' || compression === 'xz') {
    await using work = await temporaryFolder('ingot-feed-');
    const unpacked = join(work.path, 'feed');
    const tool = compression === 'xz' ? 'xz' : 'bzip2';
    await run(tool, ['-dc', path], { outputFile: unpacked, fileSize: most, signal, hint: `Install ${tool}.` }).catch(
      (error: unknown) => {
        if (error instanceof IngotError && error.code === 'host.command-failed')
          throw invalidFeed(path, messageOf(error), error);
        throw error;
      },
    );
    yield* limited(createReadStream(unpacked, { highWaterMark: PIECE }), path, most, signal);
    return;
  }
  const file = createReadStream(path, { highWaterMark: PIECE });
  const engine = engineFor(compression);
  if (engine === undefined) return yield* limited(file, path, most, signal);
  // The loop sees the engine's error; that of the file has to reach it.
  file.on('error', (error) => engine.destroy(error));
  yield* limited(file.pipe(engine), path, most, signal);
}

const engineFor = (compression: ReturnType<typeof compressionOf>) => {
  if (compression === 'gzip') return createGunzip({ chunkSize: PIECE });
  return compression === 'zstd' ? createZstdDecompress({ chunkSize: PIECE }) : undefined;
};

async function* limited(
  pieces: AsyncIterable<Buffer>,
  path: string,
  most: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<Buffer> {
  let size = 0;
  try {
    for await (const piece of pieces) {
      throwIfInterrupted(signal);
      size += piece.length;
      if (size > most) throw tooLargeFeed(path, `more than ${most / 2 ** 20} MiB`);
      yield piece;
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error && /^(Z_|ZSTD_)/.test(String(error.code)))
      throw invalidFeed(path, messageOf(error), error);
    throw error;
  }
}

/** All of it, for a feed that is small by its kind. */
export const feedText = async (path: string, signal?: AbortSignal, most = 128 * 2 ** 20): Promise<string> => {
  const pieces: Buffer[] = [];
  for await (const piece of openFeed(path, signal, most)) pieces.push(piece);
  return Buffer.concat(pieces).toString('utf8');
};

const LONGEST_LINE = 2 ** 16;

/** Its lines, as many at a time as a piece has. */
export async function* feedLines(path: string, signal?: AbortSignal): AsyncGenerator<readonly string[]> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const piece of openFeed(path, signal)) {
    const lines = (rest + decoder.decode(piece, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > LONGEST_LINE) throw tooLargeFeed(path, `a line of more than ${LONGEST_LINE} letters`);
    yield lines;
  }
  yield [rest + decoder.decode()];
}
