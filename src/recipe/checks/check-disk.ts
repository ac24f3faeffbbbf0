/** Whether a disk and its layout fit each other. */

import type { Problem } from '../problems/problem.ts';
import { isAssembled, isImage } from '../schema/origin-schema.ts';
import type { Recipe } from '../schema.ts';
import { ESP_MINIMUM, ROOT_MINIMUM, SCRATCH_MINIMUM, smallestDisk } from '../values/disk-layout.ts';
import { duplicates, mebibyteText } from './check-common.ts';

export const checkDisk = (recipe: Recipe): Problem[] => {
  // An image has its own.
  if (isImage(recipe.origin)) return [];
  const { disk } = recipe.answers;
  const problems: Problem[] = [];
  const needed = smallestDisk(recipe);
  if (recipe.machine.disk < needed)
    problems.push({
      path: ['machine', 'disk'],
      message: `too small, the layout needs ${mebibyteText(needed)} (root at least ${mebibyteText(ROOT_MINIMUM)}), it has ${mebibyteText(recipe.machine.disk)}`,
    });
  if (disk.esp < ESP_MINIMUM)
    problems.push({ path: ['answers', 'disk', 'esp'], message: `expected at least ${mebibyteText(ESP_MINIMUM)}` });
  for (const [index, { mount, size }] of disk.partitions.entries())
    if (mount === '/var/tmp' && size < SCRATCH_MINIMUM)
      problems.push({
        path: ['answers', 'disk', 'partitions', index, 'size'],
        message: `expected at least ${mebibyteText(SCRATCH_MINIMUM)} for /var/tmp`,
        hint: 'The initramfs is put together there, now and on every update of the kernel: twice its 130 to 200 MiB.',
      });
  problems.push(
    ...duplicates(
      disk.partitions.map(({ mount }) => mount),
      (index) => ['answers', 'disk', 'partitions', index, 'mount'],
    ),
  );
  return problems;
};

/** Layouts other than plain are for media that carry the installer's own partitioner. */
export const checkLayout = ({ answers: { disk }, origin }: Recipe): Problem[] => {
  const at = (field: string) => ['answers', 'disk', field];
  const hasIds = typeof disk.select === 'object' && 'ids' in disk.select;
  const problems: Problem[] = [];
  if (disk.layout === 'encrypted' && disk.passphrase === undefined)
    problems.push({
      path: at('layout'),
      message: 'encrypted needs a passphrase',
      hint: 'answers.disk.passphrase: {env: NAME} or {file: PATH}',
    });
  if (disk.layout !== 'encrypted' && disk.passphrase !== undefined)
    problems.push({ path: at('passphrase'), message: 'only the layout encrypted has a passphrase' });
  if (disk.layout === 'raid1' && !hasIds)
    problems.push({
      path: at('layout'),
      message: 'raid1 needs two disks',
      hint: 'answers.disk.select: {ids: [ONE, TWO]}',
    });
  if (disk.layout !== 'raid1' && hasIds)
    problems.push({ path: at('select'), message: 'two disks are for the layout raid1' });
  if (disk.layout !== 'plain' && isAssembled(origin))
    problems.push({
      path: at('layout'),
      message: `the partitioner of an assembled medium makes partitions only, no ${disk.layout}`,
      hint: 'Start from an install ISO (origin.iso), whose own partitioner can.',
    });
  return [...problems, ...checkAutomatic(disk)];
};

const isGiven = (value: unknown): boolean => value !== undefined && !(Array.isArray(value) && value.length === 0);

const checkAutomatic = (disk: Recipe['answers']['disk']): Problem[] => {
  const at = (field: string) => ['answers', 'disk', field];
  if (disk.layout !== 'automatic')
    return disk.scheme === undefined
      ? []
      : [
          {
            path: at('scheme'),
            message: 'only the layout automatic has a scheme',
            hint: 'For LVM there is also `layout: lvm`.',
          },
        ];
  const problems: Problem[] = [];
  for (const field of ['swap', 'partitions'] as const)
    if (isGiven(disk[field])) problems.push({ path: at(field), message: 'the layout automatic has sizes of its own' });
  return problems;
};
