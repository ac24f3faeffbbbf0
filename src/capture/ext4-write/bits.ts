/** A bit for each block or inode, the lowest of a byte first. */
import type { FreeRun } from './allocator.ts';

const set = (bits: Buffer, at: number): void =>
  void bits.writeUInt8(bits.readUInt8(at >>> 3) | (1 << (at & 7)), at >>> 3);
export const clear = (bits: Buffer, at: number): void =>
  void bits.writeUInt8(bits.readUInt8(at >>> 3) & ~(1 << (at & 7)), at >>> 3);
export const has = (bits: Buffer, at: number): boolean => (bits.readUInt8(at >>> 3) & (1 << (at & 7))) !== 0;

export const bitsOf = (size: number, runs: readonly FreeRun[]): Buffer => {
  const bits = Buffer.alloc(Math.ceil(size / 8));
  for (const { first, count } of runs) for (let at = first; at < first + count; at++) set(bits, at);
  return bits;
};

export const countBits = (bits: Buffer): number => {
  let count = 0;
  for (let byte of bits) for (; byte !== 0; byte &= byte - 1) count += 1;
  return count;
};
