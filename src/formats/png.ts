/** Writes PNG files of palette pictures (RFC 2083, W3C PNG specification): four chunks and a checksum. */
import { crc32, deflateSync } from 'node:zlib';

export interface IndexedPicture {
  readonly width: number;
  readonly height: number;
  /** At most 256 colours, each [red, green, blue]. */
  readonly palette: readonly (readonly [number, number, number])[];
  /** One palette index a pixel, row by row. */
  readonly pixels: Uint8Array;
}

/** The highest one takes nine times as long for a sixth less. */
const LEVEL = 6;

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const PALETTE_COLOUR = 3;

export const encodePng = ({ width, height, palette, pixels }: IndexedPicture): Buffer => {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, PALETTE_COLOUR, 0, 0, 0], 8);
  // Each row begins with its filter; 0 is none.
  const rows = Buffer.alloc((width + 1) * height);
  for (let row = 0; row < height; row++) {
    rows.set(pixels.subarray(row * width, (row + 1) * width), row * (width + 1) + 1);
  }
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('PLTE', Buffer.from(palette.flat())),
    chunk('IDAT', deflateSync(rows, { level: LEVEL })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
};

const chunk = (type: string, data: Buffer): Buffer => {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(data.length, 0);
  framed.set(body, 4);
  framed.writeUInt32BE(crc32(body), body.length + 4);
  return framed;
};
