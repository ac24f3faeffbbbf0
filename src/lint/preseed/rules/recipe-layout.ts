/** The layout that a recipe makes: mount points, LVM, and the room that it needs. */
import { given, type PreseedContext } from '../check.ts';
import type { PreseedFile } from '../parse.ts';
import { contentOf, type Recipe, type RecipePartition, sizeOf, type Word } from '../recipe.ts';
import type { Tell } from './recipe-limits.ts';
import { RECIPE_RULES } from './recipe-rules.ts';

const { root, lvm, disk } = RECIPE_RULES;

/** Left out or put in by what the disk is like, so that two of them may share a mount point. */
const isConditional = (partition: RecipePartition): boolean =>
  ['$iflabel', '$defaultignore', '$lvmignore'].some((name) => contentOf(partition, name) !== undefined);

export const checkMountPoints = (file: PreseedFile, { partitions }: Recipe, tell: Tell, whole: Word): void => {
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
  const onLvm = method === 'lvm' || method === 'crypto';
  if (partitions.length > 0 && onLvm && !partitions.some((one) => contentOf(one, '$lvmok') !== undefined))
    tell(lvm, whole, `no partition has \`$lvmok{ }\`, so the method ${method} finds nothing to put on LVM`, {
      hint: 'Add `$lvmok{ }` to each that is to be a logical volume.',
    });
};

export const checkRoom = (
  file: PreseedFile,
  { partitions }: Recipe,
  context: PreseedContext,
  tell: Tell,
  whole: Word,
): void => {
  if (context.diskSize === undefined) return;
  const method = given(file, 'partman-auto/method');
  const left = method === 'lvm' || method === 'crypto' ? '$lvmignore' : '$defaultignore';
  const counted = partitions.filter(
    (one) => contentOf(one, '$iflabel') === undefined && contentOf(one, left) === undefined,
  );
  const sum = counted.reduce((total, { limits: [min] }) => {
    const number = sizeOf(min?.text ?? '0') ?? 0;
    return total + (Number.isFinite(number) ? number : 0);
  }, 0);
  const room = Math.floor(context.diskSize / 1e6);
  if (sum > room)
    tell(disk, whole, `the partitions need ${sum} MB at least, the disk has ${room} MB`, {
      hint: 'The installer passes over such a recipe and asks.',
    });
};
