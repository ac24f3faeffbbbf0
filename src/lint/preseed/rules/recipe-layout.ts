/** The layout that a recipe makes: mount points, LVM, and the room that it needs. */
import { given, type PreseedContext } from '../check.ts';
import type { PreseedFile } from '../preseed-file.ts';
import {
  contentOf,
  hasMark,
  type PartmanRecipe,
  type RecipePartition,
  type RecipeWord,
  recipeSizeOf,
} from '../recipe-syntax.ts';
import type { TellLimit } from './recipe-limits.ts';
import { RECIPE_RULES } from './recipe-rules.ts';

const { root, lvm, disk } = RECIPE_RULES;

/** Left out or put in by what the disk is like, so that two of them may share a mount point. */
const isConditional = (partition: RecipePartition): boolean =>
  contentOf(partition, '$iflabel') !== undefined ||
  ['defaultignore', 'lvmignore'].some((mark) => hasMark(partition, mark));

export const checkMountPoints = (
  file: PreseedFile,
  { partitions }: PartmanRecipe,
  tell: TellLimit,
  whole: RecipeWord,
): void => {
  const method = given(file, 'partman-auto/method');
  const points = new Map<string, RecipePartition>();
  for (const partition of partitions) {
    const point = contentOf(partition, 'mountpoint');
    if (point === undefined || point === '') continue;
    const other = points.get(point);
    const word = partition.specifiers.find(({ name }) => name === 'mountpoint')?.word ?? partition.first;
    if (other && !isConditional(other) && !isConditional(partition))
      tell(root, word, `a second partition is mounted at ${point}`, { hint: 'The installer stops at it.' });
    points.set(point, partition);
  }
  const raid = method === 'raid' || given(file, 'partman-auto-raid/recipe') !== undefined;
  if (partitions.length > 0 && !points.has('/') && !raid)
    tell(root, whole, 'the recipe has no root file system', { hint: 'One partition needs `mountpoint{ / }`.' });
  const array = method === 'raid' && /\s(lvm|crypto)\s/.test(given(file, 'partman-auto-raid/recipe') ?? '');
  if (partitions.length > 0 && (method === 'lvm' || method === 'crypto' || array))
    checkLvm(file, partitions, array, tell, whole);
};

/** What auto-lvm.sh looks at, once it has left out what is not for LVM; with an array below it the rest is the array's. */
const checkLvm = (
  file: PreseedFile,
  partitions: readonly RecipePartition[],
  onArray: boolean,
  tell: TellLimit,
  whole: RecipeWord,
): void => {
  const all = partitions.filter((one) => !hasMark(one, 'lvmignore'));
  const volumes = all.filter((one) => hasMark(one, 'lvmok'));
  if (volumes.length === 0) {
    tell(lvm, whole, `no partition has \`$lvmok{ }\`, and the installer finds nothing to put on LVM`, {
      hint: 'Add `$lvmok{ }` to each that is to be a logical volume.',
    });
    return;
  }
  // Seen before, the question is not asked: its answer counts.
  if (given(file, 'partman-auto-lvm/no_boot') === 'true') return;
  const hint = 'Add a partition for /boot without `$lvmok{ }`, or answer `partman-auto-lvm/no_boot` with true.';
  const boot = volumes.find((one) => / \/boot /.test(one.text));
  if (boot) tell(lvm, boot.first, '/boot is to be a logical volume: the installer asks whether it may', { hint });
  if (onArray) return;
  const outside = all.filter((one) => !volumes.includes(one));
  if (!outside.some((one) => / \/(boot)? /.test(one.text)))
    tell(lvm, whole, 'neither / nor /boot is outside of LVM: the installer asks whether the system can boot so', {
      hint,
    });
};

export const checkRoom = (
  file: PreseedFile,
  { partitions }: PartmanRecipe,
  context: PreseedContext,
  tell: TellLimit,
  whole: RecipeWord,
): void => {
  if (context.diskSize === undefined) return;
  const method = given(file, 'partman-auto/method');
  const left = method === 'lvm' || method === 'crypto' ? 'lvmignore' : 'defaultignore';
  const counted = partitions.filter((one) => contentOf(one, '$iflabel') === undefined && !hasMark(one, left));
  const sum = counted.reduce((total, { limits: [min] }) => {
    const number = recipeSizeOf(min?.text ?? '0') ?? 0;
    return total + (Number.isFinite(number) ? number : 0);
  }, 0);
  const room = Math.floor(context.diskSize / 1e6);
  if (sum > room)
    tell(disk, whole, `the partitions need ${sum} MB at least, the disk has ${room} MB`, {
      hint: 'The installer passes over such a recipe and asks.',
    });
};
