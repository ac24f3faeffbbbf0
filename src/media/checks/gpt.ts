/** The checksums of a GPT and of its backup (UEFI specification, 5.3.2): firmware ignores a table whose sums are wrong. */
import type { FileHandle } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { readAt } from '../iso/iso9660.ts';

const SECTOR = 512;
const SIGNATURE = 'EFI PART';
/** Where a header has the checksum of its entries. */
const ENTRIES_SUM = 88;
const LARGEST_TABLE = 2 ** 20;

/** What is wrong, in words; nothing for a medium without a GPT. */
export const gptProblems = async (file: FileHandle): Promise<string[]> => {
  const primary = await headerAt(file, 1);
  if (primary === undefined)
    return (await hasBackup(file)) ? ['the GPT is gone from its place: only its backup is there'] : [];
  const backupAt = Number(primary.readBigUInt64LE(32));
  const backup = await headerAt(file, backupAt);
  return [
    ...(await headerProblems(file, primary, 1, 'GPT')),
    ...(backup === undefined
      ? [`the backup GPT is not at sector ${backupAt}`]
      : [
          ...(await headerProblems(file, backup, backupAt, 'backup GPT')),
          ...(backup.readUInt32LE(ENTRIES_SUM) === primary.readUInt32LE(ENTRIES_SUM)
            ? []
            : ['the GPT and its backup have different entries']),
        ]),
  ];
};

/** Where the end of the medium is looked through: makers put padding after a backup. */
const TAIL = 2 ** 20;

/** A header that states its own place, and says that the first one is at sector 1. */
const hasBackup = async (file: FileHandle): Promise<boolean> => {
  const sectors = Math.floor((await file.stat()).size / SECTOR);
  const from = Math.max(2, sectors - TAIL / SECTOR);
  const tail = await readAt(file, from * SECTOR, (sectors - from) * SECTOR);
  for (let at = 0; at + SECTOR <= tail.length; at += SECTOR) {
    if (tail.toString('latin1', at, at + 8) !== SIGNATURE) continue;
    if (tail.readBigUInt64LE(at + 24) === BigInt(from + at / SECTOR) && tail.readBigUInt64LE(at + 32) === 1n)
      return true;
  }
  return false;
};

const headerAt = async (file: FileHandle, sector: number): Promise<Buffer | undefined> => {
  const header = await readAt(file, sector * SECTOR, SECTOR);
  return header.length === SECTOR && header.toString('latin1', 0, 8) === SIGNATURE ? header : undefined;
};

const headerProblems = async (file: FileHandle, header: Buffer, sector: number, name: string): Promise<string[]> => {
  const length = header.readUInt32LE(12);
  if (length < 92 || length > SECTOR) return [`the ${name} states a header of ${length} bytes`];
  const zeroed = Buffer.from(header.subarray(0, length));
  zeroed.fill(0, 16, 20);
  const size = header.readUInt32LE(80) * header.readUInt32LE(84);
  if (size > LARGEST_TABLE) return [`the ${name} states a table of ${size} bytes`];
  const entries = await readAt(file, Number(header.readBigUInt64LE(72)) * SECTOR, size);
  return [
    ...(crc32(zeroed) === header.readUInt32LE(16) ? [] : [`the ${name}'s header has a wrong checksum`]),
    ...(crc32(entries) === header.readUInt32LE(ENTRIES_SUM) ? [] : [`the ${name}'s entries have a wrong checksum`]),
    ...(Number(header.readBigUInt64LE(24)) === sector ? [] : [`the ${name} says that it lies elsewhere`]),
  ];
};
