/**
 * A Packages file, read in pieces: the one of a whole release has 50 MB and 64,000 stanzas, and a medium needs a few
 * hundred of them.
 */
import { closeSync, openSync, readSync } from 'node:fs';

/** One Packages file, unpacked. It stays as it is for as long as it is read from. */
export interface IndexFile {
  readonly suite: string;
  readonly path: string;
}

/** Where a stanza stands in its file, in bytes. */
export interface IndexPlace {
  readonly file: IndexFile;
  readonly start: number;
  readonly end: number;
}

interface Found extends IndexPlace {
  /** Valid until the next one is asked for. */
  readonly bytes: Buffer;
}

const PIECE_SIZE = 2 ** 20;

/** All stanzas in their order. */
export function* stanzas(file: IndexFile): Generator<Found> {
  const descriptor = openSync(file.path, 'r');
  try {
    let buffer = Buffer.allocUnsafeSlow(PIECE_SIZE);
    /** How much of the buffer is used, and where it begins in the file. */
    let [filled, base] = [0, 0];
    for (;;) {
      const read = readSync(descriptor, buffer, filled, buffer.length - filled, base + filled);
      filled += read;
      const used = buffer.subarray(0, filled);
      let start = 0;
      for (let end = used.indexOf('\n\n'); end >= 0; end = used.indexOf('\n\n', start)) {
        if (end > start) yield { file, start: base + start, end: base + end, bytes: used.subarray(start, end) };
        start = end + 2;
      }
      if (read === 0) {
        if (filled > start) yield { file, start: base + start, end: base + filled, bytes: used.subarray(start) };
        return;
      }
      if (start === 0 && filled === buffer.length) buffer = Buffer.concat([buffer], 2 * buffer.length);
      buffer.copyWithin(0, start, filled);
      base += start;
      filled -= start;
    }
  } finally {
    closeSync(descriptor);
  }
}

/** Without the empty lines around it. */
export const stanzaAt = ({ file, start, end }: IndexPlace): string => {
  const bytes = Buffer.allocUnsafe(end - start);
  const descriptor = openSync(file.path, 'r');
  try {
    const length = readSync(descriptor, bytes, 0, bytes.length, start);
    return bytes.toString('utf8', 0, length).trim();
  } finally {
    closeSync(descriptor);
  }
};
