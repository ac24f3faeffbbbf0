/** Blocks on their way to the disk: what lies side by side is written at once. */
import type { FileHandle } from 'node:fs/promises';

const MOST = 2 ** 20;

export class BlockSink {
  readonly #disk: FileHandle;
  readonly #start: number;
  readonly #blockSize: number;
  readonly #waiting = Buffer.allocUnsafe(MOST);
  #first = 0;
  #length = 0;

  constructor(disk: FileHandle, start: number, blockSize: number) {
    this.#disk = disk;
    this.#start = start;
    this.#blockSize = blockSize;
  }

  /** `bytes`: a whole block; copied. */
  async put(block: number, bytes: Uint8Array): Promise<void> {
    const at = this.#start + block * this.#blockSize;
    if (at !== this.#first + this.#length || this.#length + this.#blockSize > MOST) {
      await this.flush();
      this.#first = at;
    }
    this.#waiting.set(bytes, this.#length);
    this.#length += this.#blockSize;
  }

  async flush(): Promise<void> {
    if (this.#length > 0) await this.#disk.write(this.#waiting, 0, this.#length, this.#first);
    this.#first += this.#length;
    this.#length = 0;
  }
}
