/** The text that a VMDK carries about itself: whether it is a layer over another one (QEMU's block/vmdk.c). */
import type { FileHandle } from 'node:fs/promises';
import type { OtherFiles } from './qcow2-header.ts';

const SECTOR = 512;
/** Of the header: where the descriptor begins, in sectors (little endian). */
const DESCRIPTOR_AT = 28;
/** Sectors of the extent in the file itself. Without any, QEMU takes the descriptor for the whole image, and opens the extents that it names. */
const CAPACITY = 12;
/** What QEMU reads of it, however long the header says it is. */
export const DESCRIPTOR_BYTES = 20 * SECTOR;

/** QEMU looks for the word wherever it stands, and takes what is between the quotation marks after it; a zero ends the text. */
export const parentOf = (descriptor: string): string | undefined => {
  const found = /^[^\0]*?parentFileNameHint[^\0]{0,2}([^"\0]*)/.exec(descriptor)?.[1];
  return found === '' ? undefined : found;
};

export const vmdkFiles = async (file: FileHandle): Promise<OtherFiles> => {
  const header = Buffer.alloc(SECTOR);
  await file.read(header, 0, SECTOR, 0);
  const descriptor = Buffer.alloc(DESCRIPTOR_BYTES);
  const { size } = await file.stat();
  const at = Number(header.readBigUInt64LE(DESCRIPTOR_AT)) * SECTOR;
  if (at < size) await file.read(descriptor, 0, descriptor.length, at);
  return { backing: parentOf(descriptor.toString('utf8')), hasDataFile: header.readBigUInt64LE(CAPACITY) === 0n };
};
