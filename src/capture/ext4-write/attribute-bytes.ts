/** Extended attributes as ext4 stores them (the kernel's ext4 documentation, "Extended Attributes"): in the inode, what does not fit in a block. */
import { crc32c } from '../../formats/crc32c.ts';
import { PREFIXES } from '../ext4/attributes.ts';
import { cannotRebuild } from './cannot-rebuild.ts';

const MAGIC = 0xea020000;
const ENTRY = 16;
const HEADER = 32;

interface Attribute {
  readonly index: number;
  readonly name: Buffer;
  readonly value: Buffer;
}

/** `block` is the whole one, its checksum not yet in it. */
export interface AttributeBytes {
  readonly own: Buffer;
  readonly block: Buffer | undefined;
}

/** `room`: bytes of the inode after its fixed part. Throws `capture.cannot-rebuild` for more than a block of them. */
export const attributeBytes = (
  attributes: ReadonlyMap<string, Buffer>,
  { room, blockSize }: { readonly room: number; readonly blockSize: number },
): AttributeBytes => {
  const sorted = [...attributes].map(([name, value]) => split(name, value)).sort(byKey);
  if (sorted.length === 0) return { own: Buffer.alloc(0), block: undefined };
  const size = sizeOf(sorted);
  if (4 + size <= room) {
    const own = Buffer.alloc(room);
    own.writeUInt32LE(MAGIC);
    place(own.subarray(4), sorted, 0, false);
    return { own, block: undefined };
  }
  if (HEADER + size > blockSize)
    throw cannotRebuild('a file has more extended attributes than fit in a block', [...attributes.keys()].join(', '));
  const block = Buffer.alloc(blockSize);
  block.writeUInt32LE(MAGIC);
  block.writeUInt32LE(1, 4);
  block.writeUInt32LE(1, 8);
  block.writeUInt32LE(place(block, sorted, HEADER, true), 12);
  return { own: Buffer.alloc(0), block };
};

/** The checksum has the number of the block in it. */
export const sealAttributeBlock = (block: Buffer, number: number, seed: number): void => {
  const place = Buffer.alloc(8);
  place.writeBigUInt64LE(BigInt(number));
  block.writeUInt32LE(0, 16);
  block.writeUInt32LE(crc32c(crc32c(seed, place), block), 16);
};

const split = (name: string, value: Buffer): Attribute => {
  const [index, prefix] = Object.entries(PREFIXES)
    .filter(([, prefix]) => prefix !== '' && name.startsWith(prefix))
    .sort(([, one], [, other]) => other.length - one.length)[0] ?? ['0', ''];
  return { index: Number(index), name: Buffer.from(name.slice(prefix.length)), value };
};

/** The kernel looks them up in this order. */
const byKey = (one: Attribute, other: Attribute): number =>
  one.index - other.index || one.name.length - other.name.length || Buffer.compare(one.name, other.name);

const padded = (length: number): number => Math.ceil(length / 4) * 4;

/** Four zeros end the list. */
const sizeOf = (attributes: readonly Attribute[]): number =>
  4 + attributes.reduce((sum, { name, value }) => sum + ENTRY + padded(name.length) + padded(value.length), 0);

/** Names from the beginning, values from the end; returns the hash of all, by which equal blocks are found. */
const place = (area: Buffer, attributes: readonly Attribute[], begin: number, isHashed: boolean): number => {
  let [at, end, all] = [begin, area.length, 0];
  for (const { index, name, value } of attributes) {
    end -= padded(value.length);
    value.copy(area, end);
    const hash = isHashed ? hashOf(name, value) : 0;
    area.writeUInt8(name.length, at);
    area.writeUInt8(index, at + 1);
    area.writeUInt16LE(value.length === 0 ? 0 : end, at + 2);
    area.writeUInt32LE(value.length, at + 8);
    area.writeUInt32LE(hash, at + 12);
    name.copy(area, at + ENTRY);
    at += ENTRY + padded(name.length);
    all = (rotated(all, 16) ^ hash) >>> 0;
  }
  return all;
};

const rotated = (value: number, bits: number): number => ((value << bits) | (value >>> (32 - bits))) >>> 0;

const hashOf = (name: Buffer, value: Buffer): number => {
  let hash = 0;
  for (const byte of name) hash = (rotated(hash, 5) ^ byte) >>> 0;
  const words = Buffer.alloc(padded(value.length));
  value.copy(words);
  for (let at = 0; at < words.length; at += 4) hash = (rotated(hash, 16) ^ words.readUInt32LE(at)) >>> 0;
  return hash;
};
