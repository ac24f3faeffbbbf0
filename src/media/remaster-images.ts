/** EFI images with changed files on their way to a medium: as a file that takes the place of one, or as a partition. */
import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { IngotError } from '../errors.ts';
import { changeFatFile } from './boot/fat-change.ts';
import { type AppendedFile, partitionAt } from './iso/appended.ts';
import { extractAppended } from './iso/copy-iso.ts';
import { BLOCK_SIZE } from './iso/iso9660.ts';
import { type Medium, readMediumFile } from './iso/medium.ts';
import type { ChangedImage } from './menus/unattend.ts';
import type { MediumFile } from './staging.ts';

interface Work {
  readonly folder: string;
  readonly epoch: number;
  readonly signal: AbortSignal | undefined;
}

interface StagedImages {
  readonly files: readonly MediumFile[];
  /** The partition after the file system, as it has to be. */
  readonly appended: AppendedFile | undefined;
  /** By how many bytes that is larger than it was. */
  readonly growth: number;
}

/** Throws `media.layout` for what cannot be put back where it was. */
export const stageImages = async (
  medium: Medium,
  changed: readonly ChangedImage[],
  work: Work,
): Promise<StagedImages> => {
  const files: MediumFile[] = [];
  let appended: AppendedFile | undefined;
  let growth = 0;
  for (const [index, { image, changes }] of changed.entries()) {
    const from = join(work.folder, `efi-image-${index}`);
    if (image.path !== undefined) {
      await writeFile(from, await readMediumFile(medium, image.path));
      await changeFatFile(from, changes, work);
      files.push({ path: image.path, from });
      continue;
    }
    const partition = partitionAt(medium, image.lba);
    if (partition === undefined || appended !== undefined) throw notPutBack(medium, image.lba);
    await extractAppended(medium.iso, partition, from);
    await changeFatFile(from, changes, work);
    appended = { ...partition, from };
    growth = (await stat(from)).size - partition.length;
  }
  return { files, appended, growth };
};

const notPutBack = ({ iso }: Medium, lba: number): IngotError =>
  new IngotError(
    'media.layout',
    `the EFI image at block ${lba} cannot be changed: it is neither a file nor a partition after the file system`,
    {
      where: iso,
      detail: `It begins at byte ${lba * BLOCK_SIZE}, and its menu has to get the unattended entry.`,
      hint: '`ingot media inspect` shows the layout.',
    },
  );
