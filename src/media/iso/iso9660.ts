/** The primary volume descriptor of an ISO 9660 file system (ECMA-119, 8.4): what tells an ISO from any other file. */
import { type FileHandle, open } from 'node:fs/promises';
import { IngotError, messageOf } from '../../errors.ts';
import { systemHint } from '../../system-error.ts';
import { damaged } from './damaged.ts';

export const BLOCK_SIZE = 2048;
const FIRST = 16;
const MOST = 32;
const TERMINATOR = 255;
const SUPPLEMENTARY = 2;

export interface Volume {
  readonly volumeId: string;
  /** Bytes that the file system says it has, and bytes that the file has. */
  readonly volumeSize: number;
  readonly fileSize: number;
  /** A second tree of names for Windows, in UCS-2. */
  readonly hasJoliet: boolean;
  /** When the volume was made, seconds since 1970; 0 when it does not say. */
  readonly created: number;
  /** When it was modified, 16 digits: boot loaders and live systems take that for a UUID. */
  readonly stamp: string | undefined;
}

/** Throws `media.not-found`, `media.not-an-iso`, or `media.truncated` when the file ends before its file system. */
export const readVolume = async (iso: string): Promise<Volume> => {
  await using file = await openMedium(iso);
  const fileSize = (await file.stat()).size;
  const descriptors = await readDescriptors(file);
  const [descriptor] = descriptors;
  if (descriptor?.[0] !== 1) {
    throw new IngotError('media.not-an-iso', `${iso} is not an ISO 9660 image`, {
      where: iso,
      hint: 'Give the installer ISO itself: not a compressed one, not a checksum file, not a disk image.',
    });
  }
  const blockSize = descriptor.readUInt16LE(128);
  if (blockSize !== BLOCK_SIZE) throw damaged(iso, `it states blocks of ${blockSize} bytes; media have ${BLOCK_SIZE}`);
  const volumeSize = descriptor.readUInt32LE(80) * blockSize;
  if (volumeSize > fileSize) {
    throw truncated(iso, fileSize, volumeSize);
  }
  return {
    volumeId: descriptor.toString('latin1', 40, 72).trimEnd(),
    volumeSize,
    fileSize,
    hasJoliet: descriptors.some(isJoliet),
    created: timeOf(descriptor.toString('latin1', 813, 829)),
    stamp: /^\d{16}$/.exec(descriptor.toString('latin1', 830, 846))?.[0],
  };
};

/** The descriptors up to the terminator. */
export const readDescriptors = async (file: FileHandle): Promise<Buffer[]> => {
  const descriptors: Buffer[] = [];
  for (let block = FIRST; block < FIRST + MOST; block++) {
    const descriptor = await readAt(file, block * BLOCK_SIZE, BLOCK_SIZE);
    if (descriptor.toString('latin1', 1, 6) !== 'CD001' || descriptor.length < BLOCK_SIZE) break;
    descriptors.push(descriptor);
    if (descriptor[0] === TERMINATOR) break;
  }
  return descriptors;
};

/** By the escape sequences of UCS-2, levels 1 to 3 (Joliet specification). */
const isJoliet = (descriptor: Buffer): boolean =>
  descriptor[0] === SUPPLEMENTARY && /^%\/[@CE]/.test(descriptor.toString('latin1', 88, 91));

export const truncated = (iso: string, size: number, stated: number): IngotError =>
  new IngotError('media.truncated', `${iso} is truncated: ${size} of ${stated} bytes are there`, {
    where: iso,
    hint: 'Download it again, and compare its SHA-256 with the published one.',
  });

/** `YYYYMMDDhhmmsscc` (ECMA-119, 8.4.26.1); the time zone is UTC on the media that matter here. */
const timeOf = (text: string): number => {
  const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)/.exec(text) ?? [];
  const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`) / 1000;
  return Number.isFinite(time) && time > 0 ? time : 0;
};

export const openMedium = async (iso: string): Promise<FileHandle> => {
  try {
    return await open(iso, 'r');
  } catch (error) {
    throw new IngotError('media.not-found', `${iso} cannot be read: ${messageOf(error)}`, {
      where: iso,
      hint: systemHint(error),
      cause: error,
    });
  }
};

/** The bytes from `position` on; fewer than `length` at the end of the file. */
export const readAt = async (file: FileHandle, position: number, length: number): Promise<Buffer> => {
  // What a damaged medium states as a place can be more than a file has bytes.
  if (!Number.isSafeInteger(position) || !Number.isSafeInteger(position + length)) return Buffer.alloc(0);
  const buffer = Buffer.alloc(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await file.read(buffer, done, length - done, position + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return buffer.subarray(0, done);
};

/** ECMA-119 7.4.1 has 32 of A-Z 0-9 _; lower case is common, and `.` and `-` are used by distributions. */
export const requireVolumeId = (volumeId: string): void => {
  if (/^[A-Za-z0-9_.-]{1,32}$/.test(volumeId)) return;
  throw new IngotError('media.volume-id', `"${volumeId}" cannot be a volume id`, {
    hint: 'At most 32 letters, digits and _ . -',
  });
};
