/** The disk layout as a partman-auto recipe (partman-auto-recipe.txt in the debian-installer package). */
import { type PlannedPartition, planPartitions } from '../recipe/disk-layout.ts';
import type { Recipe } from '../recipe/schema.ts';

/** One line, so that it can be a preseed value. Sizes are in MB of 10^6 bytes: minimum, priority, maximum. */
export const partmanRecipe = (recipe: Recipe): string =>
  `ingot :: ${planPartitions(recipe)
    .map((partition) => entry(partition))
    .join(' ')}`;

const entry = (partition: PlannedPartition): string => {
  const size = megabytes(partition.size);
  const fixed = `${size} ${size} ${size}`;
  switch (partition.kind) {
    case 'bios-boot':
      return `${fixed} free $iflabel{ gpt } $reusemethod{ } method{ biosgrub } .`;
    case 'esp':
      return `${fixed} free $iflabel{ gpt } $reusemethod{ } method{ efi } format{ } .`;
    case 'swap':
      return `${fixed} linux-swap method{ swap } format{ } .`;
    case 'data':
      return `${fixed} ${fileSystem(partition)} .`;
    case 'root':
      return `${size} 1000000000 -1 ${fileSystem(partition)} .`;
  }
};

const fileSystem = ({ filesystem, mount }: PlannedPartition): string =>
  `${filesystem} method{ format } format{ } use_filesystem{ } filesystem{ ${filesystem} } mountpoint{ ${mount} }`;

/** Rounded up: 1 MiB is 2 MB, so that nothing comes out smaller than was asked for. */
const megabytes = (bytes: number): number => Math.ceil(bytes / 1_000_000);
