/**
 * Small texts of a squashfs (kernel: fs/squashfs/squashfs_fs.h, version 4): signed GRUBs have one in memory with their
 * first configuration. Packed by zlib or xz, as GRUB itself reads it.
 */
import { inflateSync } from 'node:zlib';
import { IngotError, none } from '../../errors.ts';
import { ByteSource } from '../byte-source.ts';
import { expandXz } from '../compression/xz.ts';

const MAGIC = 'hsqs';
const [ZLIB, XZ] = [1, 4];
const UNPACKED = 0x8000;
const UNPACKED_DATA = 1 << 24;
const NO_FRAGMENT = 0xffffffff;
const LARGEST_TEXT = 2 ** 20;
const DEEPEST = 8;

export const isSquashfs = (bytes: Buffer): boolean => bytes.length > 96 && bytes.toString('latin1', 0, 4) === MAGIC;

const LEFT_OUT = none('the caller treats it as a loader whose menu is not known');

/** Path to text, of files for which `wanted` says so. Throws `media.squashfs` for what cannot be read. */
export const squashfsTexts = async (bytes: Buffer, wanted: (path: string) => boolean): Promise<Map<string, string>> => {
  try {
    return await new Reader(bytes, wanted).read();
  } catch (error) {
    if (error instanceof IngotError || error instanceof RangeError)
      throw new IngotError('media.squashfs', `a squashfs cannot be read: ${error.message}`, {
        hint: LEFT_OUT,
        cause: error,
      });
    throw error;
  }
};

interface File {
  readonly start: number;
  readonly size: number;
  readonly fragment: number;
  readonly offset: number;
  readonly blocks: readonly number[];
}

interface Folder {
  readonly block: number;
  readonly offset: number;
  readonly size: number;
}

class Reader {
  private readonly bytes: Buffer;
  private readonly wanted: (path: string) => boolean;
  private readonly packing: number;
  private readonly blockSize: number;
  private readonly texts = new Map<string, string>();

  constructor(bytes: Buffer, wanted: (path: string) => boolean) {
    this.bytes = bytes;
    this.wanted = wanted;
    this.blockSize = bytes.readUInt32LE(12);
    this.packing = bytes.readUInt16LE(20);
  }

  async read(): Promise<Map<string, string>> {
    const root = this.bytes.readBigUInt64LE(32);
    await this.visit('', await this.inode(Number(root >> 16n), Number(root & 0xffffn)), 0);
    return this.texts;
  }

  private pointer(at: number): number {
    return Number(this.bytes.readBigUInt64LE(at));
  }

  private async unpack(packed: Buffer): Promise<Buffer> {
    if (this.packing === ZLIB) return inflateSync(packed, { maxOutputLength: 2 ** 20 });
    if (this.packing !== XZ)
      throw new IngotError('media.squashfs', `its packing (${this.packing}) cannot be read`, {
        hint: LEFT_OUT,
      });
    await using source = new ByteSource([packed]);
    return Buffer.concat(await Array.fromAsync(expandXz(source)));
  }

  /** Metadata from a block of a table on, at least `length` bytes from `offset` where there are so many. */
  private async metadata(at: number, offset: number, length: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    let [place, have] = [at, 0];
    while (have < offset + length && place + 2 <= this.bytes.length) {
      const header = this.bytes.readUInt16LE(place);
      const size = header & (UNPACKED - 1);
      if (size === 0 || place + 2 + size > this.bytes.length) break;
      const raw = this.bytes.subarray(place + 2, place + 2 + size);
      const part = (header & UNPACKED) === 0 ? await this.unpack(raw) : raw;
      parts.push(part);
      have += part.length;
      place += 2 + size;
    }
    return Buffer.concat(parts).subarray(offset);
  }

  private async inode(block: number, offset: number): Promise<File | Folder | undefined> {
    const raw = await this.metadata(this.pointer(64) + block, offset, 64);
    const kind = raw.readUInt16LE(0);
    if (kind === 1) return { block: raw.readUInt32LE(16), size: raw.readUInt16LE(24), offset: raw.readUInt16LE(26) };
    if (kind === 8) return { size: raw.readUInt32LE(20), block: raw.readUInt32LE(24), offset: raw.readUInt16LE(34) };
    if (kind !== 2 && kind !== 9) return undefined;
    const isLong = kind === 9;
    const [start, size] = isLong
      ? [Number(raw.readBigUInt64LE(16)), Number(raw.readBigUInt64LE(24))]
      : [raw.readUInt32LE(16), raw.readUInt32LE(28)];
    const fragment = raw.readUInt32LE(isLong ? 44 : 20);
    const place = raw.readUInt32LE(isLong ? 48 : 24);
    if (size > LARGEST_TEXT) return undefined;
    const count = fragment === NO_FRAGMENT ? Math.ceil(size / this.blockSize) : Math.floor(size / this.blockSize);
    const table = isLong ? 56 : 32;
    const whole = count === 0 ? raw : await this.metadata(this.pointer(64) + block, offset, table + 4 * count);
    const blocks = Array.from({ length: count }, (_, index) => whole.readUInt32LE(table + 4 * index));
    return { start, size, fragment, offset: place, blocks };
  }

  private async visit(path: string, node: File | Folder | undefined, depth: number): Promise<void> {
    if (node === undefined || depth > DEEPEST) return;
    if ('start' in node) {
      if (this.wanted(path)) this.texts.set(path, (await this.content(node)).toString('utf8'));
      return;
    }
    // Three bytes are counted that are not there.
    const length = node.size - 3;
    const list = (await this.metadata(this.pointer(72) + node.block, node.offset, length)).subarray(0, length);
    for (let at = 0; at + 12 <= list.length; ) {
      const [count, block] = [list.readUInt32LE(at) + 1, list.readUInt32LE(at + 4)];
      at += 12;
      for (let nth = 0; nth < count && at + 8 <= list.length; nth++) {
        const end = at + 8 + list.readUInt16LE(at + 6) + 1;
        const name = list.toString('utf8', at + 8, end);
        await this.visit(`${path}/${name}`, await this.inode(block, list.readUInt16LE(at)), depth + 1);
        at = end;
      }
    }
  }

  private async content({ start, size, fragment, offset, blocks }: File): Promise<Buffer> {
    const parts: Buffer[] = [];
    let place = start;
    for (const block of blocks) {
      parts.push(await this.data(place, block));
      place += block & (UNPACKED_DATA - 1);
    }
    if (fragment !== NO_FRAGMENT) {
      const table = this.pointer(this.pointer(80) + 8 * Math.floor(fragment / 512));
      const at = 16 * (fragment % 512);
      const entry = await this.metadata(table, at, 16);
      const whole = await this.data(Number(entry.readBigUInt64LE(0)), entry.readUInt32LE(8));
      parts.push(whole.subarray(offset));
    }
    return Buffer.concat(parts).subarray(0, size);
  }

  private async data(at: number, size: number): Promise<Buffer> {
    const raw = this.bytes.subarray(at, at + (size & (UNPACKED_DATA - 1)));
    return (size & UNPACKED_DATA) === 0 ? this.unpack(raw) : raw;
  }
}
