/**
 * Values of a hash table of Berkeley DB (db_page.h of version 5), read and nothing else: all pages are gone through in their order,
 * since nothing is looked up. What does not fit into its page lies in a chain of others.
 */
import { IngotError } from '../../errors.ts';

const MAGIC = 0x061561;
const HEADER = 26;
const [UNSORTED, OVERFLOW, HASH] = [2, 7, 13];
const [HERE, ELSEWHERE] = [1, 3];

interface HashRecord {
  readonly key: Buffer;
  readonly value: Buffer;
}

/** Throws `inspect.berkeley-damaged`. */
export const readBerkeleyHash = (file: Buffer): HashRecord[] => {
  if (file.length < 512) throw damaged('it is too short');
  const isLittle = file.readUInt32LE(12) === MAGIC;
  if (!isLittle && file.readUInt32BE(12) !== MAGIC) throw damaged('it is no hash table');
  const u16 = (page: Buffer, at: number) => {
    if (at + 2 > page.length) throw damaged('something lies beyond its page');
    return isLittle ? page.readUInt16LE(at) : page.readUInt16BE(at);
  };
  const u32 = (page: Buffer, at: number) => {
    if (at + 4 > page.length) throw damaged('something lies beyond its page');
    return isLittle ? page.readUInt32LE(at) : page.readUInt32BE(at);
  };
  const size = u32(file, 20);
  if (size < 512 || size > 65_536 || (size & (size - 1)) !== 0) throw damaged(`its pages have ${size} bytes`);
  const page = (number: number) => file.subarray(number * size, (number + 1) * size);

  const chain = (first: number, length: number): Buffer => {
    if (length > file.length) throw damaged('a value is longer than the file');
    const parts: Buffer[] = [];
    let [next, left] = [first, length];
    while (left > 0) {
      const more = page(next);
      if (next === 0 || more.length !== size || more[25] !== OVERFLOW) throw damaged('a long value is not whole');
      const part = more.subarray(HEADER, Math.min(HEADER + u16(more, 22), HEADER + left));
      if (part.length === 0) throw damaged('a long value does not end');
      parts.push(part);
      left -= part.length;
      next = u32(more, 16);
    }
    return Buffer.concat(parts);
  };
  const item = (of: Buffer, nth: number): Buffer => {
    const end = nth === 0 ? size : u16(of, HEADER + 2 * (nth - 1));
    const bytes = of.subarray(u16(of, HEADER + 2 * nth), end);
    if (bytes[0] === HERE) return bytes.subarray(1);
    if (bytes[0] === ELSEWHERE) return chain(u32(bytes, 4), u32(bytes, 8));
    throw damaged('an entry has a form that is not known');
  };
  const found: HashRecord[] = [];
  for (let number = 1; (number + 1) * size <= file.length; number += 1) {
    const here = page(number);
    if (here[25] !== UNSORTED && here[25] !== HASH) continue;
    for (let nth = 0; nth + 1 < u16(here, 20); nth += 2)
      found.push({ key: item(here, nth), value: item(here, nth + 1) });
  }
  return found;
};

const damaged = (why: string): IngotError =>
  new IngotError('inspect.berkeley-damaged', `the Berkeley DB cannot be read: ${why}`, {
    hint: '`rpm --verifydb` on its own system says more.',
  });
