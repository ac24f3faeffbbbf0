/** CRC-32C (Castagnoli; RFC 3720, appendix B.4) as the kernel's file systems use it: the register goes in and comes out as it is. */

const POLYNOMIAL = 0x82f63b78;
const SLICES = 8;

const tables = (): Uint32Array => {
  const all = new Uint32Array(256 * SLICES);
  for (let byte = 0; byte < 256; byte++) {
    let value = byte;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ POLYNOMIAL : value >>> 1;
    all[byte] = value;
  }
  for (let at = 256; at < all.length; at++) {
    const before = all[at - 256] ?? 0;
    all[at] = (before >>> 8) ^ (all[before & 0xff] ?? 0);
  }
  return all;
};

const TABLES = tables();
const from = (slice: number, byte: number): number => TABLES[slice * 256 + (byte & 0xff)] ?? 0;

/** `register`: what came before; all ones at the beginning. Nothing is inverted at the end. */
export const crc32c = (register: number, bytes: Buffer): number => {
  let crc = register >>> 0;
  const even = bytes.length & ~(SLICES - 1);
  let at = 0;
  for (; at < even; at += SLICES) {
    const [low, high] = [crc ^ bytes.readUInt32LE(at), bytes.readUInt32LE(at + 4)];
    crc =
      from(7, low) ^
      from(6, low >>> 8) ^
      from(5, low >>> 16) ^
      from(4, low >>> 24) ^
      from(3, high) ^
      from(2, high >>> 8) ^
      from(1, high >>> 16) ^
      from(0, high >>> 24);
  }
  for (; at < bytes.length; at++) crc = (crc >>> 8) ^ from(0, crc ^ bytes.readUInt8(at));
  return crc >>> 0;
};

/** The register after a number of four bytes as well. */
export const crc32cOfNumber = (register: number, value: number): number => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value >>> 0);
  return crc32c(register, bytes);
};
