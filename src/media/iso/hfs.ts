/**
 * The HFS+ file system that hybrid media have over the same files, for the firmware of Macs: it starts the file that is
 * blessed (Apple's TN1150, "Volume Header", finderInfo). xorriso writes that file system again, and blesses what it is told.
 */
import { basename } from 'node:path';
import { IngotError } from '../../errors.ts';
import { hasHfs, hfsPartition } from './appended.ts';
import { openMedium, readAt } from './iso9660.ts';
import type { Medium } from './medium.ts';

const SECTOR = 512;
const HEADER = 1024;
const FINDER_INFO = 80;
/** Folder, file, a folder to show, that of Mac OS 9, -, that of Mac OS X. */
const FIELDS = [0, 1, 2, 3, 5];
const FILE = 1;

const BOOT_FILE = '/System/Library/CoreServices/boot.efi';
const LABEL = '/System/Library/CoreServices/.disk_label';

/** Which of the fields say something. */
export const blessed = async ({ iso, boot }: Medium): Promise<readonly number[]> => {
  const partition = hfsPartition(boot);
  if (partition === undefined) return [];
  await using file = await openMedium(iso);
  const header = await readAt(file, partition.start * SECTOR + HEADER, SECTOR);
  if (header.length < SECTOR) return [];
  return FIELDS.filter((field) => header.readUInt32BE(FINDER_INFO + 4 * field) !== 0);
};

/** xorriso's commands for what the original has. Throws `media.layout` for what has no command. */
export const hfsArgs = async (medium: Medium): Promise<string[]> => {
  if (!hasHfs(medium.boot)) return [];
  const fields = await blessed(medium);
  const isKnown = fields.every((field) => field === FILE) && (fields.length === 0 || medium.files.has(BOOT_FILE));
  if (!isKnown)
    throw new IngotError(
      'media.layout',
      `${basename(medium.iso)} cannot be remastered: Macs start it by its HFS+ file system`,
      {
        where: medium.iso,
        detail: `The file system must be written again, and what it blesses is not ${BOOT_FILE} alone.`,
        hint: 'Take a medium without HFS+ (grub-mkrescue makes one when it is given `-- -hfsplus off`).',
      },
    );
  return [
    ...(fields.length === 0 ? [] : ['-find', BOOT_FILE, '-exec', 'set_hfs_bless', 'intel_bootfile', '--']),
    ...(medium.files.has(LABEL) ? ['-find', LABEL, '-exec', 'set_hfs_crtp', 'chrp', 'tbxj', '--'] : []),
  ];
};
