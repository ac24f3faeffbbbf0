/**
 * SHA-256 of pieces of a file, by a thread for each processor. Node's own ways are a hash that works on the thread that
 * calls it, and webcrypto, which copies what it is given into new memory first: five times the time of the digest.
 */
import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { isMainThread, Worker, workerData } from 'node:worker_threads';

const DIGEST_SIZE = 32;
/** More would wait for the disk. */
const MOST_THREADS = 4;

interface Job {
  readonly task: 'piece-digests';
  readonly path: string;
  readonly size: number;
  readonly pieceSize: number;
  readonly offsets: Float64Array;
  /** Shared: the piece that nobody has taken yet, and what was found. */
  readonly next: Int32Array<SharedArrayBuffer>;
  readonly digests: Uint8Array<SharedArrayBuffer>;
}

/**
 * One digest for each offset, in hex; undefined for a piece of zeros. The file's last piece is as long as `size` makes
 * it; what is missing by then counts as zeros.
 */
export const pieceDigests = async (
  path: string,
  {
    size,
    pieceSize,
    offsets,
  }: { readonly size: number; readonly pieceSize: number; readonly offsets: readonly number[] },
  signal?: AbortSignal,
): Promise<(string | undefined)[]> => {
  const job: Job = {
    task: 'piece-digests',
    path,
    size,
    pieceSize,
    offsets: Float64Array.from(offsets),
    next: new Int32Array(new SharedArrayBuffer(4)),
    digests: new Uint8Array(new SharedArrayBuffer(DIGEST_SIZE * offsets.length)),
  };
  const threads = Math.min(availableParallelism(), MOST_THREADS, offsets.length);
  await Promise.all(Array.from({ length: threads }, () => runThread(job, signal)));
  return offsets.map((_, nth) => {
    const digest = Buffer.from(job.digests.subarray(nth * DIGEST_SIZE, (nth + 1) * DIGEST_SIZE));
    return digest.equals(ALL_ZEROS) ? undefined : digest.toString('hex');
  });
};

/** Stands for a piece of zeros; no piece has this digest. */
const ALL_ZEROS = Buffer.alloc(DIGEST_SIZE);

const runThread = (job: Job, signal: AbortSignal | undefined): Promise<void> =>
  new Promise((resolve, reject) => {
    const worker = new Worker(import.meta.filename, { workerData: job });
    const stop = () => void worker.terminate();
    signal?.addEventListener('abort', stop, { once: true });
    worker.on('error', reject);
    worker.on('exit', (code) => {
      signal?.removeEventListener('abort', stop);
      if (code === 0) resolve();
      else reject(signal?.reason ?? new Error(`a digesting thread ended with ${code}`));
    });
  });

const isJob = (value: unknown): value is Job =>
  typeof value === 'object' && value !== null && 'task' in value && value.task === 'piece-digests';

const digestPieces = ({ path, size, pieceSize, offsets, next, digests }: Job): void => {
  const file = openSync(path, 'r');
  const [buffer, zeros] = [Buffer.allocUnsafeSlow(pieceSize), Buffer.alloc(pieceSize)];
  try {
    for (let nth = Atomics.add(next, 0, 1); nth < offsets.length; nth = Atomics.add(next, 0, 1)) {
      const at = offsets[nth] ?? 0;
      const piece = buffer.subarray(0, Math.max(0, Math.min(pieceSize, size - at)));
      readWhole(file, piece, at);
      if (piece.equals(zeros.subarray(0, piece.length))) continue;
      digests.set(createHash('sha256').update(piece).digest(), nth * DIGEST_SIZE);
    }
  } finally {
    closeSync(file);
  }
};

const readWhole = (file: number, buffer: Buffer, position: number): void => {
  for (let done = 0; done < buffer.length; ) {
    const bytesRead = readSync(file, buffer, done, buffer.length - done, position + done);
    if (bytesRead === 0) return void buffer.fill(0, done);
    done += bytesRead;
  }
};

if (!isMainThread && isJob(workerData)) digestPieces(workerData);
