/** The disk layout as a partman-auto recipe (partman-auto-recipe.txt in the debian-installer package). */

import type { Recipe } from '../../../recipe/schema.ts';
import { type PlannedPartition, planPartitions, volumeName } from '../../../recipe/values/disk-layout.ts';

/** The layouts by the names that partman-auto has for them; partman divides a disk for Btrfs as for ext4. */
export const partmanMethod = ({ answers: { disk } }: Recipe): string =>
  disk.layout === 'automatic' ? (disk.scheme === 'lvm' ? 'lvm' : 'regular') : METHODS[disk.layout];

const METHODS = { plain: 'regular', lvm: 'lvm', encrypted: 'crypto', raid1: 'raid' } as const;

/** One line, so that it can be a preseed value. Sizes are in MB of 10^6 bytes: minimum, priority, maximum. */
export const partmanRecipe = (recipe: Recipe): string =>
  `ingot :: ${planPartitions(recipe)
    .map((partition) => (recipe.answers.disk.layout === 'raid1' ? raidEntry(partition) : entry(partition)))
    .join(' ')}`;

const entry = (partition: PlannedPartition): string => {
  const size = megabytes(partition.size);
  const fixed = `${size} ${size} ${size}`;
  switch (partition.kind) {
    case 'bios-boot':
      return `${fixed} free $iflabel{ gpt } $reusemethod{ } method{ biosgrub } .`;
    case 'esp':
      return `${fixed} free $iflabel{ gpt } $reusemethod{ } method{ efi } format{ } .`;
    case 'boot':
      // No $bootable: on a GPT, parted reads it as the flag of an EFI system partition.
      return `${fixed} ${fileSystem(partition, '$primary{ } ')} .`;
    case 'swap':
      return `${fixed} linux-swap ${volume(partition)}method{ swap } format{ } .`;
    case 'data':
      return `${fixed} ${fileSystem(partition, volume(partition))} .`;
    case 'root':
      return `${size} 1000000000 -1 ${fileSystem(partition, volume(partition))} .`;
  }
};

const fileSystem = ({ filesystem, mount }: PlannedPartition, marks: string): string =>
  `${filesystem} ${marks}method{ format } format{ } use_filesystem{ } filesystem{ ${filesystem} } mountpoint{ ${mount} }`;

/** `$lvmok{ }` makes it a logical volume; without that mark it stays a partition. */
const volume = (partition: PlannedPartition): string =>
  partition.isVolume ? `$lvmok{ } lv_name{ ${volumeName(partition)} } ` : '';

/** Each disk gets the same partitions; the arrays over them are told apart from them. */
const raidEntry = (partition: PlannedPartition): string => {
  if (partition.kind === 'bios-boot' || partition.kind === 'esp') return entry(partition);
  const size = megabytes(partition.size);
  const most = partition.kind === 'root' ? `${size} 1000000000 -1` : `${size} ${size} ${size}`;
  return `${most} raid method{ raid } .`;
};

/**
 * The arrays as partman-auto-raid's recipe (partman-auto-raid-recipe.txt): level, devices, spares, file system, mount
 * point, devices. `@3` stands for the third partition of both disks, whose names only the installer knows.
 */
export const arrays = (recipe: Recipe): string =>
  planPartitions(recipe)
    .flatMap(({ kind, filesystem, mount }, index) => {
      if (kind === 'bios-boot' || kind === 'esp') return [];
      return [`1 2 0 ${kind === 'swap' ? 'swap -' : `${filesystem} ${mount}`} @${index + 1} .`];
    })
    .join(' ');

/** Rounded up: 1 MiB is 2 MB, so that nothing comes out smaller than was asked for. */
const megabytes = (bytes: number): number => Math.ceil(bytes / 1_000_000);
