/**
 * A compressed file of gigabytes expanded into another one, in pieces and with its holes, and never beyond what there is
 * room for: some kilobytes can expand to petabytes.
 */
import { createReadStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { IngotError, throwIfInterrupted } from '../../errors.ts';
import { run } from '../../host/run.ts';
import { ByteSource } from '../byte-source.ts';
import { IS_IT_WHOLE } from '../is-it-whole.ts';
import { type Compression, expand } from './compression.ts';

export interface ExpandOptions {
  /** Bytes that the expanded file may have. */
  readonly most: number;
  readonly signal?: AbortSignal | undefined;
  /** Compressed bytes so far. */
  readonly onProgress?: (done: number) => void;
}

export const EXPANDABLE = ['gzip', 'zstd', 'xz'] as const satisfies readonly Compression[];
export type Expandable = (typeof EXPANDABLE)[number];

/** Of address space, for xz: its dictionaries have up to 4 GiB, and `xz -9` makes them of 64 MiB. */
const XZ_MEMORY = 2 ** 30;

/**
 * All members, frames or streams of the file, one after the other, as the compressors' own programs do. Throws
 * `media.compression` or `media.expands-too-far`.
 */
export const expandFile = async (
  from: string,
  compression: Expandable,
  to: string,
  options: ExpandOptions,
): Promise<void> => {
  if (compression === 'xz') return await expandXzFile(from, to, options);
  await using source = new ByteSource(createReadStream(from, { highWaterMark: 2 ** 20 }));
  await using target = await open(to, 'wx');
  const written = sparseWriter(target);
  let isFirst = true;
  while (isFirst || (await hasMore(source, compression))) {
    isFirst = false;
    for await (const piece of expand(source)) {
      throwIfInterrupted(options.signal);
      if (written.size + piece.length > options.most) throw tooFar(from, options.most);
      await written.add(piece);
      options.onProgress?.(source.taken);
    }
  }
  await target.truncate(written.size);
};

/** gzip(1) reads zeros after a member as padding. */
const hasMore = async (source: ByteSource, compression: Expandable): Promise<boolean> =>
  compression === 'gzip' ? await source.skipZeros() : (await source.peek(1)).length > 0;

/** xz makes the holes itself. */
const expandXzFile = async (from: string, to: string, { most, signal }: ExpandOptions): Promise<void> => {
  const limits = { fileSize: most, memory: XZ_MEMORY, signal };
  await run('xz', ['--decompress', '--stdout', '--threads=1'], { inputFile: from, outputFile: to, ...limits }).catch(
    (cause: unknown) => {
      if (!(cause instanceof IngotError) || cause.code !== 'host.command-failed') throw cause;
      if (/SIGXFSZ|File too large/.test(`${cause.message} ${cause.detail}`)) throw tooFar(from, most);
      throw new IngotError('media.compression', 'the xz data is damaged', {
        where: from,
        detail: cause.detail,
        hint: IS_IT_WHOLE,
        cause,
      });
    },
  );
};

const tooFar = (where: string, most: number): IngotError =>
  new IngotError('media.expands-too-far', `the file expands to more than ${Math.floor(most / 2 ** 20)} MiB`, {
    where,
    hint: 'That is the room that is free here. Free some, or put the store elsewhere with --store; a small file that expands so far may be an attack.',
  });

const BLOCK = 2 ** 16;
const ZEROS = Buffer.alloc(BLOCK);

/** Leaves out what is zero. */
const sparseWriter = (target: FileHandle) => {
  let size = 0;
  return {
    get size(): number {
      return size;
    },
    async add(piece: Buffer): Promise<void> {
      for (let at = 0; at < piece.length; at += BLOCK) {
        const block = piece.subarray(at, at + BLOCK);
        if (!block.equals(ZEROS.subarray(0, block.length))) await target.write(block, 0, block.length, size);
        size += block.length;
      }
    },
  };
};
