/** Reads the console font of `vm/font` (PSF version 1 with Unicode table: kbd's psf(5) and the kernel's fonts). */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { IngotError } from '../errors.ts';
import { projectFolder } from '../host/project.ts';

export const GLYPH_WIDTH = 8;

export interface Font {
  readonly height: number;
  /** The rows of a character, one byte each, the left pixel in the highest bit; undefined when the font lacks it. */
  glyph(character: string): Uint8Array | undefined;
}

const MAGIC = 0x0436;
const HAS_512 = 1;
const END_OF_GLYPH = 0xffff;

export const parseFont = (data: Buffer): Font => {
  if (data.readUInt16LE(0) !== MAGIC)
    throw new IngotError('machine.font-broken', 'not a PSF1 font', {
      hint: 'The file of the font belongs to Ingot and is damaged: install Ingot again.',
    });
  const count = data.readUInt8(2) & HAS_512 ? 512 : 256;
  const height = data.readUInt8(3);
  const glyphs = new Map<number, number>();
  let glyph = 0;
  for (let at = 4 + count * height; at + 1 < data.length && glyph < count; at += 2) {
    const code = data.readUInt16LE(at);
    if (code === END_OF_GLYPH) glyph += 1;
    else if (!glyphs.has(code)) glyphs.set(code, glyph);
  }
  return {
    height,
    glyph(character) {
      const index = glyphs.get(character.codePointAt(0) ?? 0);
      return index === undefined ? undefined : data.subarray(4 + index * height, 4 + (index + 1) * height);
    },
  };
};

let loaded: Promise<Font> | undefined;

/** Read once. */
export const loadFont = (): Promise<Font> => {
  loaded ??= readFile(join(projectFolder, 'vm', 'font', 'spleen-8x16.psfu.gz')).then((zipped) =>
    parseFont(gunzipSync(zipped)),
  );
  return loaded;
};
