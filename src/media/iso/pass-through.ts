/**
 * The one pass over a medium's bytes: the bulk of the original is copied into the holes of its copy, after everything else
 * that writes there, so that the holes can only hold what was copied; meanwhile sums of the whole are computed.
 */
import { type FileHandle, open } from 'node:fs/promises';
import { throwIfInterrupted } from '../../errors.ts';
import { type Piece, pieces } from '../../host/pieces.ts';
import type { Reporter } from '../../report.ts';
import { type BulkSpan, between } from './bulk.ts';
import { openMedium, truncated } from './iso9660.ts';
import { namingFullDisk } from './write-iso.ts';

export interface Passing {
  readonly iso: string;
  readonly output: string;
  readonly bulk: readonly BulkSpan[];
  /** Gets all pieces of the finished medium in their order, each once; without it only the bulk is read. */
  readonly see?: ((piece: Piece) => void) | undefined;
  /** Gets all pieces of the original in their order: what is not copied is read for it. */
  readonly seeOriginal?: ((piece: Piece) => void) | undefined;
  readonly reporter: Reporter;
  readonly signal?: AbortSignal | undefined;
}

/** Fills the holes with the bulk of `iso`. Throws `host.no-space`, `media.truncated`. */
export const passThrough = async ({
  iso,
  output,
  bulk,
  see,
  seeOriginal,
  reporter,
  signal,
}: Passing): Promise<void> => {
  if (bulk.length === 0 && see === undefined && seeOriginal === undefined) return;
  await using from = await openMedium(iso);
  await using to = await open(output, 'r+');
  const { size } = await to.stat();
  const frame = see === undefined ? [] : between(bulk, size);
  const spans = [...frame, ...bulk].sort((a, b) => a.at - b.at);
  const total = spans.reduce((sum, { length }) => sum + length, 0);
  let done = 0;
  const flush = flusher(to);
  const passed = (piece: Piece): void => {
    see?.(piece);
    done += piece.bytes.length;
    if (bulk.length > 0) flush.at(done);
    reporter.progress(done, total, 'bytes');
  };
  /** From the original the same spans are read, and what lies between them. */
  const gaps = seeOriginal === undefined ? [] : between(bulk, (await from.stat()).size);
  const readOriginal = async (before: number): Promise<void> => {
    for (let gap = gaps[0]; gap !== undefined && gap.at < before; gap = gaps[0]) {
      await readSpan(from, gap, (piece) => seeOriginal?.(piece), signal);
      gaps.shift();
    }
  };
  const copied = (piece: Piece): void => {
    seeOriginal?.(piece);
    passed(piece);
  };
  await namingFullDisk({ output, size, signal }, [], async () => {
    for (const span of spans) {
      if (!bulk.includes(span)) {
        await readSpan(to, span, passed, signal);
        continue;
      }
      await readOriginal(span.at);
      await copySpan(from, to, span, { iso, passed: copied, signal });
    }
    await readOriginal(Number.POSITIVE_INFINITY);
    await flush.end();
  });
};

const readSpan = async (
  file: FileHandle,
  span: BulkSpan,
  see: (piece: Piece) => void,
  signal: AbortSignal | undefined,
): Promise<void> => {
  for await (const { bytes, at } of pieces(file, span.at, span.length, signal)) see({ bytes, at: span.at + at });
};

/** Bytes between two flushes. */
const FLUSHED = 32 * 2 ** 20;

/** Flushes to the disk while more is being written, so that the wait at the end is short. */
const flusher = (file: FileHandle) => {
  let from = 0;
  let flushing: Promise<void> | undefined;
  let failure: unknown;
  return {
    at(done: number): void {
      if (flushing !== undefined || done - from < FLUSHED) return;
      from = done;
      const settled = (error?: unknown): void => {
        flushing = undefined;
        failure ??= error;
      };
      flushing = file.datasync().then(() => settled(), settled);
    },
    async end(): Promise<void> {
      await flushing;
      if (failure !== undefined) throw failure;
    },
  };
};

interface CopyOptions {
  /** Where it will lie, in bytes; where it was when absent. */
  readonly place?: number;
  readonly iso: string;
  readonly passed?: (piece: Piece) => void;
  readonly signal: AbortSignal | undefined;
}

/** Throws `media.truncated` when the original has become shorter. */
export const copySpan = async (
  from: FileHandle,
  to: FileHandle,
  span: BulkSpan,
  { iso, place = span.at, passed, signal }: CopyOptions,
): Promise<void> => {
  let end = span.at;
  for await (const { bytes, at } of pieces(from, span.at, span.length, signal)) {
    const piece = { bytes, at: span.at + at };
    end = piece.at + bytes.length;
    const writing = writeWhole(to, { bytes, at: place + at });
    try {
      passed?.(piece);
    } finally {
      await writing;
    }
  }
  throwIfInterrupted(signal);
  if (end < span.at + span.length) throw truncated(iso, (await from.stat()).size, span.at + span.length);
};

const writeWhole = async (to: FileHandle, { bytes, at }: Piece): Promise<void> => {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await to.write(bytes, done, bytes.length - done, at + done);
    done += bytesWritten;
  }
};
