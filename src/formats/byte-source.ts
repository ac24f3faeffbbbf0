/** Bytes that come in pieces of any length, read in the lengths of a format. */

/** A piece has to be valid only until the next one is asked for. */
export type Pieces = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** All of them, for what is small. */
export const bytesOf = async (pieces: Pieces): Promise<Buffer> => Buffer.concat(await Array.fromAsync(pieces));

/** A length that somebody has made up takes no more memory at once than this, before its bytes are there. */
const MOST_AT_ONCE = 2 ** 22;

export class ByteSource implements AsyncDisposable {
  readonly #pieces: AsyncIterator<Uint8Array> | Iterator<Uint8Array>;
  #rest: Buffer = Buffer.alloc(0);
  #taken = 0;

  constructor(pieces: Pieces) {
    this.#pieces = Symbol.asyncIterator in pieces ? pieces[Symbol.asyncIterator]() : pieces[Symbol.iterator]();
  }

  /** Bytes taken so far. */
  get taken(): number {
    return this.#taken;
  }

  /** At least one byte and at most `most`, valid until the next are taken; undefined at the end. */
  async piece(most: number): Promise<Buffer | undefined> {
    while (this.#rest.length === 0) {
      const { done, value } = await this.#pieces.next();
      if (done) return undefined;
      this.#rest = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    }
    const piece = this.#rest.subarray(0, most);
    this.#rest = this.#rest.subarray(piece.length);
    this.#taken += piece.length;
    return piece;
  }

  /** Puts back what was taken last. */
  putBack(bytes: Buffer): void {
    this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([bytes, this.#rest]);
    this.#taken -= bytes.length;
  }

  /** A copy of the next `size` bytes; fewer at the end. */
  async take(size: number): Promise<Buffer> {
    if (size <= MOST_AT_ONCE) return this.#filled(Buffer.allocUnsafe(size));
    const parts: Buffer[] = [];
    for (let missing = size; missing > 0; ) {
      const piece = await this.piece(missing);
      if (piece === undefined) break;
      parts.push(Buffer.from(piece));
      missing -= piece.length;
    }
    return parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts);
  }

  /** Each byte is copied once: what a disk is read by would otherwise leave its size in garbage twice more. */
  async #filled(bytes: Buffer): Promise<Buffer> {
    let filled = 0;
    while (filled < bytes.length) {
      const piece = await this.piece(bytes.length - filled);
      if (piece === undefined) break;
      bytes.set(piece, filled);
      filled += piece.length;
    }
    return bytes.subarray(0, filled);
  }

  /** The next `size` bytes, which stay; fewer at the end. */
  async peek(size: number): Promise<Buffer> {
    const bytes = await this.take(size);
    this.putBack(bytes);
    return bytes;
  }

  /** Passes over `size` bytes; returns how many there were. */
  async skip(size: number): Promise<number> {
    let missing = size;
    while (missing > 0) {
      const piece = await this.piece(missing);
      if (piece === undefined) break;
      missing -= piece.length;
    }
    return size - missing;
  }

  /** Passes over zeros; false at the end. */
  async skipZeros(): Promise<boolean> {
    for (;;) {
      const piece = await this.piece(Number.MAX_SAFE_INTEGER);
      if (piece === undefined) return false;
      const first = piece.findIndex((byte) => byte !== 0);
      if (first < 0) continue;
      this.putBack(piece.subarray(first));
      return true;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pieces.return?.();
  }
}
