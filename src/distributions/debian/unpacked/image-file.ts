/** A file written from front to back in large pieces; its size and digest are known as soon as it ends. */
import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { type FileRef, fileOf } from '../../../host/files.ts';

export interface ImageFile extends AsyncDisposable {
  /** Bytes pushed so far. */
  readonly size: number;
  /** Takes bytes without waiting; they have to stay as they are until `drain` or `finish`. */
  push(data: Uint8Array): void;
  /** Zeros up to the next multiple of `alignment`. */
  align(alignment: number): void;
  /** Writes what is waiting. */
  drain(): Promise<void>;
  /** Writes the rest. */
  finish(): Promise<FileRef>;
}

/** writev(2) may write less than it was given. */
const writeAll = async (handle: FileHandle, pieces: readonly Uint8Array[]): Promise<void> => {
  const total = pieces.reduce((sum, piece) => sum + piece.length, 0);
  if (total === 0) return;
  const { bytesWritten } = await handle.writev([...pieces]);
  if (bytesWritten < total) await handle.writeFile(Buffer.concat(pieces).subarray(bytesWritten));
};

export const createImageFile = async (path: string): Promise<ImageFile> => {
  const handle = await open(path, 'w');
  const hash = createHash('sha256');
  let waiting: Uint8Array[] = [];
  let size = 0;
  const push = (data: Uint8Array) => {
    waiting.push(data);
    size += data.length;
  };
  const flush = async () => {
    const pieces = waiting;
    waiting = [];
    for (const piece of pieces) hash.update(piece);
    await writeAll(handle, pieces);
  };
  return {
    get size() {
      return size;
    },
    push,
    align(alignment) {
      const rest = size % alignment;
      if (rest > 0) push(Buffer.alloc(alignment - rest));
    },
    drain: flush,
    async finish() {
      await flush();
      return fileOf({ path, size, sha256: hash.digest('hex') });
    },
    [Symbol.asyncDispose]: () => handle.close(),
  };
};
