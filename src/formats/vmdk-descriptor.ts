/** The text that a VMDK carries about itself: whether it is a layer over another one (QEMU's block/vmdk.c). */
import type { FileHandle } from 'node:fs/promises';
import type { OtherFiles } from './qcow2-header.ts';

const SECTOR = 512;
/** Of the header: where the descriptor begins and how long it is, in sectors (little endian). */
const [DESCRIPTOR_AT, DESCRIPTOR_SIZE] = [28, 36];
const LARGEST = 64 * 1024;

export const vmdkFiles = async (file: FileHandle): Promise<OtherFiles> => {
  const header = Buffer.alloc(SECTOR);
  await file.read(header, 0, SECTOR, 0);
  const [at, size] = [DESCRIPTOR_AT, DESCRIPTOR_SIZE].map((offset) => Number(header.readBigUInt64LE(offset)) * SECTOR);
  const descriptor = Buffer.alloc(Math.min(size ?? 0, LARGEST));
  await file.read(descriptor, 0, descriptor.length, at ?? 0);
  const backing = /^parentFileNameHint="([^"]*)"/m.exec(descriptor.toString('utf8'))?.[1];
  return { backing: backing === '' ? undefined : backing, hasDataFile: false };
};
