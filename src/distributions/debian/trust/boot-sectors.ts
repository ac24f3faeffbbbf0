/**
 * What a BIOS starts, before any file system is read: GRUB's boot sector and its core image, in no file. Both are held against files
 * that are held against packages: grub-install changes a few known bytes when it puts them there (GRUB's util/setup.c, boot.S, diskboot.S).
 */

import { PARTITION_TYPES } from '../../../capture/partitions.ts';
import type { Subject } from '../../../inspect/subject.ts';
import type { Judged } from '../../../judgement.ts';

/** Bytes of a sector that grub-install writes: from, to. */
type Holes = readonly (readonly [number, number])[];

/** The BIOS parameter block, where the core image lies, the boot drive with its check, the disk's own table. */
const BOOT_HOLES: Holes = [
  [0x03, 0x5a],
  [0x5c, 0x68],
  [0x1b8, 0x200],
];
const SECTOR = 512;
const BOOT_CODE = 440;

/** As grub-install puts it beside the core image, and as the package has it; makers of images may leave out the first. */
const BOOT_IMAGES = ['/boot/grub/i386-pc/boot.img', '/usr/lib/grub/i386-pc/boot.img'];
const CORE_IMAGE = '/boot/grub/i386-pc/core.img';

export const bootSectors = async ({
  disk,
  files,
}: Pick<Subject, 'disk' | 'files'>): Promise<{ readonly fact: string; readonly found: readonly Judged[] }> => {
  const sector = await disk.read(0, SECTOR);
  const [boot] = (await Promise.all(BOOT_IMAGES.map((path) => files.read(path)))).filter((one) => one !== undefined);
  if (sector.subarray(0, BOOT_CODE).every((byte) => byte === 0))
    return { fact: 'no boot sector: only EFI starts this disk', found: [] };
  if (boot === undefined)
    return {
      fact: 'the boot sector',
      found: [fault(`there is boot code in the first sector, but no boot.img of GRUB on the disk`)],
    };
  const found: Judged[] = [];
  if (differsAt(sector, boot, BOOT_HOLES) !== undefined) found.push(fault(`the first sector is not GRUB's boot.img`));
  const core = await files.read(CORE_IMAGE);
  const start = sector.readUInt32LE(0x5c) * SECTOR;
  if (core === undefined) {
    const unknown = {
      ...fault(`what the first sector starts is in no file: there is no ${CORE_IMAGE}`),
      verdict: 'unjudged' as const,
    };
    return { fact: 'the boot sector', found: [...found, unknown] };
  }
  const embedded = await disk.read(start, core.length);
  const place = files.table.partitions.find(({ type }) => type === PARTITION_TYPES.biosBoot);
  const end = place === undefined ? 2 ** 20 : place.start + place.size;
  if (start === 0 || start + core.length > end || (place !== undefined && start < place.start))
    found.push(fault('the first sector leads to a place where GRUB does not lie'));
  // The first sector says where the others lie, and the second how they are protected.
  else if (
    differsAt(embedded, core, [
      [0x1f4, 0x200],
      [0x200, 0x240],
    ]) !== undefined
  )
    found.push(fault(`the image that the first sector starts is not ${CORE_IMAGE}`));
  return { fact: "the boot sector and what it starts are GRUB's, as in /boot/grub/i386-pc", found };
};

const fault = (message: string): Judged => ({
  rule: 'trust/boot-sector',
  verdict: 'fails',
  message,
  where: 'the disk’s first sectors',
  hint: 'Nothing of the system has run before it. `grub-install` in a trusted system writes it again.',
});

/** The first byte that is another one, outside the holes. */
const differsAt = (one: Buffer, other: Buffer, holes: Holes): number | undefined => {
  for (let at = 0; at < other.length; at++)
    if (one[at] !== other[at] && !holes.some(([from, to]) => at >= from && at < to)) return at;
  return undefined;
};
