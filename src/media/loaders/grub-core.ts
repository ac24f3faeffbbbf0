/**
 * What is built into a core of GRUB: where it looks for its menu (`prefix`), a configuration that it runs before, and a
 * small disk in memory (include/grub/kernel.h, "Module information"). A program for UEFI has them as they are, a core
 * for BIOS packed.
 */
import { expandLzma } from '../../formats/compression/lzma.ts';

export interface GrubCore {
  readonly prefix: string | undefined;
  readonly config: string | undefined;
  readonly memdisk: Buffer | undefined;
}

const MAGIC = 'mimg';
const [MEMDISK, CONFIG, PREFIX] = [1, 2, 3];
/** No known GRUB has newer ones. */
const MOST_TYPE = 16;

/** Undefined where the bytes hold no core. `bytes` is a program for UEFI, or a boot image for BIOS. */
export const grubCore = (bytes: Buffer): GrubCore | undefined => objectsOf(bytes) ?? packedCore(bytes);

const objectsOf = (bytes: Buffer): GrubCore | undefined => {
  for (let at = bytes.indexOf(MAGIC); at >= 0; at = bytes.indexOf(MAGIC, at + 1)) {
    const core = walk(bytes, at, header32(bytes, at)) ?? walk(bytes, at, header64(bytes, at));
    if (core !== undefined) return core;
  }
  return undefined;
};

interface Header {
  readonly offset: number;
  readonly size: number;
}

const header32 = (bytes: Buffer, at: number): Header | undefined =>
  at + 12 > bytes.length ? undefined : { offset: bytes.readUInt32LE(at + 4), size: bytes.readUInt32LE(at + 8) };

const header64 = (bytes: Buffer, at: number): Header | undefined =>
  at + 24 > bytes.length
    ? undefined
    : { offset: Number(bytes.readBigUInt64LE(at + 8)), size: Number(bytes.readBigUInt64LE(at + 16)) };

/** The letters alone stand in code too: only what is a chain of objects up to its end is one. */
const walk = (bytes: Buffer, begin: number, header: Header | undefined): GrubCore | undefined => {
  if (header === undefined || header.offset < 12 || header.offset > 64 || begin + header.size > bytes.length)
    return undefined;
  const found = new Map<number, Buffer>();
  const end = begin + header.size;
  let at = begin + header.offset;
  while (at + 8 <= end) {
    const [type, size] = [bytes.readUInt32LE(at), bytes.readUInt32LE(at + 4)];
    if (type > MOST_TYPE || size < 8 || at + size > end) return undefined;
    if (!found.has(type)) found.set(type, bytes.subarray(at + 8, at + size));
    at += size;
  }
  if (found.size === 0) return undefined;
  return { prefix: text(found.get(PREFIX)), config: text(found.get(CONFIG)), memdisk: found.get(MEMDISK) };
};

const text = (bytes: Buffer | undefined): string | undefined =>
  bytes?.toString('latin1').replace(/\0[\s\S]*$/, '') || undefined;

/** Where a core can begin in a boot image: after the code for a CD (2048), with or without that for a disk (512). */
const BEGINS = [2560, 2048, 512, 0];
/** grub-core/boot/i386/pc/startup_raw.S: the packed size and what comes of it, at the beginning of the unpacking code. */
const [PACKED_SIZE, SIZE] = [8, 12];
const LARGEST = 16 * 2 ** 20;
/** Images are padded to whole sectors or blocks. */
const PADDING = 2048;

const packedCore = (bytes: Buffer): GrubCore | undefined => {
  for (const begin of BEGINS) {
    if (begin + 64 > bytes.length) continue;
    const [packed, size] = [bytes.readUInt32LE(begin + PACKED_SIZE), bytes.readUInt32LE(begin + SIZE)];
    if (packed < 1024 || begin + packed > bytes.length || size < packed || size > LARGEST) continue;
    const last = bytes.length - packed;
    for (let at = last; at >= Math.max(begin, last - PADDING); at--) {
      const core = bytes[at] === 0 ? expanded(bytes.subarray(at, at + packed), size) : undefined;
      if (core !== undefined) return core;
    }
  }
  return undefined;
};

/** Most wrong places fail at once; one that does not is still not a core. */
const expanded = (packed: Buffer, size: number): GrubCore | undefined => {
  const whole = expandLzma(packed, size);
  return whole === undefined ? undefined : objectsOf(whole);
};
