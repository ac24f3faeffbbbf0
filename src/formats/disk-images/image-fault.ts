/** What is wrong with a disk image that somebody else made, before QEMU has seen it; and how its headers are read. */
import type { FileHandle } from 'node:fs/promises';
import { IngotError } from '../../errors.ts';

const FAULTS = {
  'needs-files': {
    code: 'origin.image-needs-files',
    message: 'the image needs other files',
    hint: 'An image from elsewhere may name any file of this host to read it. If you know those files, make one image of all: `qemu-img convert -O qcow2 FILE flat.qcow2`.',
  },
  encrypted: {
    code: 'origin.image-encrypted',
    message: 'the image is encrypted',
    hint: 'If you have its key, write it without encryption (`qemu-img convert`).',
  },
  absurd: {
    code: 'origin.image-header',
    message: 'the header of the image is impossible',
    hint: 'Is the file whole, and the one that was published? Compare it with the publisher’s sums; nothing was opened by QEMU.',
  },
  truncated: {
    code: 'origin.image-truncated',
    message: 'the image is not whole',
    hint: 'Fetch it again, and compare it with the publisher’s sums.',
  },
  unsupported: {
    code: 'origin.image-unsupported',
    message: 'the image has a form that is not accepted',
    hint: 'If you trust it, write it as qcow2: `qemu-img convert -O qcow2 FILE flat.qcow2`.',
  },
  'too-large': {
    code: 'origin.image-too-large',
    message: 'the disk of the image is too large',
    hint: 'Disks may have up to 16 TiB. Was the header changed on purpose?',
  },
} as const;

export type ImageFaultKind = keyof typeof FAULTS;

export const imageFault = (kind: ImageFaultKind, what: string): IngotError => {
  const { code, message, hint } = FAULTS[kind];
  return new IngotError(code, `${message}: ${what}`, { hint });
};

/** Largest disk that a guest sees, bytes: more than anybody publishes, and small enough to keep tables below gigabytes. */
export const MOST_VIRTUAL = 16 * 2 ** 40;

export interface ImageFile {
  readonly handle: FileHandle;
  /** Bytes. */
  readonly size: number;
}

/** What an image's header says. */
export interface ImageFacts {
  /** What a guest sees, bytes. */
  readonly virtualSize: number;
}

/** Exactly these bytes. Throws the fault of a file that ends too soon. */
export const bytesAt = async (
  { handle, size }: ImageFile,
  at: number,
  length: number,
  what: string,
): Promise<Buffer> => {
  if (!isInside(size, at, length)) throw imageFault('truncated', `${what} lies beyond its end`);
  const { bytesRead, buffer } = await handle.read(Buffer.alloc(length), 0, length, at);
  if (bytesRead < length) throw imageFault('truncated', `it ends in ${what}`);
  return buffer;
};

export const isInside = (size: number, at: number, length: number): boolean =>
  Number.isSafeInteger(at) && Number.isSafeInteger(length) && at >= 0 && length >= 0 && at + length <= size;

export const isPowerOfTwo = (value: number): boolean => value > 0 && Number.isInteger(Math.log2(value));

export const requireVirtualSize = (virtualSize: number): ImageFacts => {
  if (virtualSize > MOST_VIRTUAL) throw imageFault('too-large', `${Math.round(virtualSize / 2 ** 40)} TiB`);
  if (virtualSize <= 0) throw imageFault('absurd', 'its disk has no bytes');
  return { virtualSize };
};
