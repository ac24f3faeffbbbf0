/**
 * The boot catalog (El Torito 1.0, 2.0 and 2.1): a BIOS looks at its sum first, and passes over a medium when that
 * is wrong. Read by our own code: other tools show the entries even when the sum is wrong.
 */
import type { FileHandle } from 'node:fs/promises';
import { BLOCK_SIZE, readAt, readDescriptors } from '../iso/iso9660.ts';

const BOOT_RECORD = 0;
const SYSTEM = 'EL TORITO SPECIFICATION';
const ENTRY = 32;

/** Platform ids of the validation entry: x86, PowerPC, Mac, UEFI. */
const PLATFORMS = [0, 1, 2, 0xef];

/** What is wrong, in words; nothing for a medium without a boot record. */
export const catalogProblems = async (file: FileHandle): Promise<string[]> => {
  const records = (await readDescriptors(file)).filter(
    (one) => one[0] === BOOT_RECORD && one.toString('latin1', 7, 7 + SYSTEM.length) === SYSTEM,
  );
  const { size } = await file.stat();
  const problems: string[] = [];
  for (const record of records) {
    const block = record.readUInt32LE(71);
    const catalog = await readAt(file, block * BLOCK_SIZE, BLOCK_SIZE);
    if (catalog.length < 2 * ENTRY)
      problems.push(`the boot catalog would lie at block ${block}, past the end of the file`);
    else
      problems.push(
        ...[...headProblems(catalog), ...placeProblems(catalog, size)].map((what) => `the boot catalog ${what}`),
      );
  }
  return problems;
};

const headProblems = (catalog: Buffer): string[] => {
  if (catalog[0] !== 1 || catalog.readUInt16LE(30) !== 0xaa55) return ['has no validation entry'];
  if (!PLATFORMS.includes(catalog[1] ?? -1)) return [`is for platform ${catalog[1]}`];
  let sum = 0;
  for (let at = 0; at < ENTRY; at += 2) sum = (sum + catalog.readUInt16LE(at)) & 0xffff;
  if (sum !== 0) return ['has a wrong checksum'];
  return [BOOTABLE, 0].includes(catalog[ENTRY] ?? -1) ? [] : ['has no first entry'];
};

const BOOTABLE = 0x88;
/** Headers of sections (the last one has an id of its own), and what continues an entry. */
const OTHERS = [0x90, 0x91, 0x44, 0];

const placeProblems = (catalog: Buffer, size: number): string[] => {
  const problems: string[] = [];
  for (let at = ENTRY; at + ENTRY <= catalog.length; at += ENTRY) {
    const kind = catalog[at] ?? 0;
    // After the first entry zeros end it, or whatever comes next.
    if (at > ENTRY && (kind === 0 || !(kind === BOOTABLE || OTHERS.includes(kind)))) break;
    const block = catalog.readUInt32LE(at + 8);
    if (kind === BOOTABLE && block * BLOCK_SIZE >= size)
      problems.push(`has a boot image at block ${block}, past the end of the file`);
  }
  return problems;
};
