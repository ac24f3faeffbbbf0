/**
 * GRUB in a disk's first sector and its BIOS boot partition, as grub-bios-setup(8) puts it there, without a block device:
 * boot.img says where the core image begins, and the core's first sector where the rest of it lies.
 */
import { open, readFile } from 'node:fs/promises';

const SECTOR = 512;
/** The code of boot.img ends where the table of partitions (of old) begins: those bytes are the disk's own. */
const BOOT_CODE = 440;
/** Offsets of GRUB's include/grub/i386/pc/boot.h and, for the list of blocks at the end of a sector, diskboot.S. */
const KERNEL_SECTOR = 0x5c;
const DRIVE_CHECK = 0x66;
const BLOCK_LIST = SECTOR - 12;
/** Two `nop`s instead of a jump: the firmware's word on which disk it boots is taken. */
const NO_DRIVE_CHECK = 0x9090;

export interface BiosGrub {
  readonly bootCode: Buffer;
  readonly core: Buffer;
}

/** `first`: the sector in which the core image begins. */
export const placedGrub = (boot: Buffer, core: Buffer, first: number): BiosGrub => {
  const bootCode = Buffer.from(boot.subarray(0, BOOT_CODE));
  bootCode.writeBigUInt64LE(BigInt(first), KERNEL_SECTOR);
  bootCode.writeUInt16BE(NO_DRIVE_CHECK, DRIVE_CHECK);
  const placed = Buffer.from(core);
  placed.writeBigUInt64LE(BigInt(first + 1), BLOCK_LIST);
  return { bootCode, core: placed };
};

/** `bootPartition` in sectors. */
export const writeBiosGrub = async (
  image: string,
  files: { readonly boot: string; readonly core: string },
  bootPartition: { readonly start: number; readonly size: number },
): Promise<void> => {
  const { bootCode, core } = placedGrub(await readFile(files.boot), await readFile(files.core), bootPartition.start);
  if (core.length > bootPartition.size * SECTOR)
    throw new Error(`${files.core} is larger than the BIOS boot partition`);
  await using disk = await open(image, 'r+');
  await disk.write(bootCode, 0, bootCode.length, 0);
  await disk.write(core, 0, core.length, bootPartition.start * SECTOR);
};
