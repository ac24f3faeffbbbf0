/** Whether a file is an ISO 9660 image, and all of it. */
import { open } from 'node:fs/promises';
import { IngotError } from '../errors.ts';

const SECTOR = 2048;

/**
 * Reads the primary volume descriptor (ECMA-119, 8.4): sector 16, type 1, `CD001`; the volume's size in sectors is at
 * byte 80. Throws `origin.not-an-iso` or `origin.truncated`.
 */
export const checkIso = async (path: string): Promise<void> => {
  const handle = await open(path);
  await using _ = handle;
  const { size } = await handle.stat();
  const descriptor = Buffer.alloc(SECTOR);
  const { bytesRead } = await handle.read(descriptor, 0, SECTOR, 16 * SECTOR);
  if (bytesRead < SECTOR || descriptor[0] !== 1 || descriptor.toString('latin1', 1, 6) !== 'CD001') {
    throw new IngotError('origin.not-an-iso', 'this is not an ISO 9660 image', {
      where: path,
      hint: 'origin.iso has to be an install medium (.iso); a compressed one has to be unpacked first.',
    });
  }
  const expected = descriptor.readUInt32LE(80) * descriptor.readUInt16LE(128);
  if (size >= expected) return;
  throw new IngotError('origin.truncated', `the ISO ends after ${size} of ${expected} bytes`, {
    where: path,
    hint: 'Fetch it again: a copy or download of it broke off.',
  });
};
