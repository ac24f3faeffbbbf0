/** Whether a file is an ISO 9660 image, by its first volume descriptor. */
import { open } from 'node:fs/promises';

/** Offset of the descriptor's identifier (ECMA-119, 8.4). */
const ISO_IDENTIFIER = 32_769;

/** A file that cannot be opened throws what the system says. */
export const isIso = async (path: string): Promise<boolean> => {
  await using file = await open(path);
  const identifier = Buffer.alloc(5);
  await file.read(identifier, 0, identifier.length, ISO_IDENTIFIER);
  return identifier.toString('latin1') === 'CD001';
};
