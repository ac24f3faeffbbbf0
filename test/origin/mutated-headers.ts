/**
 * Images with changes in their headers that nobody thought of, the same ones for the same seed: whatever comes of it has to be a fact or
 * an error with a name.
 */
import { open } from 'node:fs/promises';
import { extname } from 'node:path';
import { IngotError } from '../../src/errors.ts';
import type { DiskFormatName } from '../../src/formats/disk-images/disk-image.ts';
import { checkHeaders } from '../../src/origin/image-headers.ts';

const FORMATS: Readonly<Record<string, DiskFormatName>> = {
  '.qcow2': 'qcow2',
  '.vmdk': 'vmdk',
  '.vhd': 'vpc',
  '.vhdx': 'vhdx',
  '.vdi': 'vdi',
};

/** Mulberry32: small, and the same everywhere. */
export const randomFrom = (seed: number) => {
  let state = seed >>> 0;
  return (below: number): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
};

/** Numbers at which readers break. */
const EDGES = [
  0n,
  1n,
  0x7fff_ffffn,
  0x8000_0000n,
  0xffff_ffffn,
  1n << 40n,
  (1n << 53n) + 1n,
  1n << 63n,
  (1n << 64n) - 1n,
];

/** Where headers and tables of the formats are: at the start, at 64 KiB steps, and at the end. */
const placesOf = (size: number): readonly number[] =>
  [0, 512, 65_536, 131_072, 196_608, 262_144, 2 ** 20, 3 * 2 ** 20, size - 1024, size - 512].filter(
    (at) => at >= 0 && at < size,
  );

export interface Mutated {
  readonly what: string;
  /** The code of the error; undefined where the image was taken. */
  readonly code: string | undefined;
}

/** `path` is changed and set right again, `count` times. Throws what is no error with a name. */
export const mutateHeaders = async (path: string, count: number, seed: number): Promise<Mutated[]> => {
  const random = randomFrom(seed);
  await using file = await open(path, 'r+');
  const { size } = await file.stat();
  const found: Mutated[] = [];
  for (let nth = 0; nth < count; nth++) {
    const saved: { readonly at: number; readonly bytes: Buffer }[] = [];
    const said: string[] = [];
    for (let change = 0; change <= random(3); change++) {
      const places = placesOf(size);
      const at = Math.min((places[random(places.length)] ?? 0) + random(256) * 4, size - 8);
      const bytes = Buffer.alloc(8);
      await file.read(bytes, 0, 8, at);
      const other = Buffer.from(bytes);
      const value = EDGES[random(EDGES.length)] ?? 0n;
      if (random(3) === 0) other[random(8)] = random(256);
      else if (random(2) === 0) other.writeBigUInt64BE(value);
      else other.writeBigUInt64LE(value);
      await file.write(other, 0, 8, at);
      saved.push({ at, bytes });
      said.push(`${at}: ${other.toString('hex')}`);
    }
    const cut = random(8) === 0 ? random(size) : size;
    const tail = Buffer.alloc(size - cut);
    if (cut < size) {
      await file.read(tail, 0, tail.length, cut);
      await file.truncate(cut);
      said.push(`cut at ${cut}`);
    }
    try {
      await checkHeaders(path, FORMATS[extname(path)]);
      found.push({ what: said.join(', '), code: undefined });
    } catch (error) {
      if (!(error instanceof IngotError)) throw new Error(`${path}: ${said.join(', ')}`, { cause: error });
      found.push({ what: said.join(', '), code: error.code });
    }
    if (cut < size) await file.write(tail, 0, tail.length, cut);
    for (const { at, bytes } of saved.toReversed()) await file.write(bytes, 0, 8, at);
  }
  return found;
};
