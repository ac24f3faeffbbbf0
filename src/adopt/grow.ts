/** A raw disk image with a larger last partition: its table moves to the new end (sfdisk(8)); the file system grows in the guest. */
import { truncate } from 'node:fs/promises';
import type { GuestFiles } from '../capture/guest-files.ts';
import { IngotError } from '../errors.ts';
import { run } from '../host/run.ts';

/** Throws `origin.image-larger`. `image` as a person calls it; sizes in bytes. */
export const requireNotSmaller = (image: string, from: number, to: number): void => {
  if (to < from) throw larger(image, from, to);
};

/** Throws `origin.image-cannot-grow` when root is not its last partition. `to` is not smaller than `from`. */
export const growDisk = async (
  { image, table, mounts }: GuestFiles,
  { from, to, signal }: { readonly from: number; readonly to: number; readonly signal: AbortSignal },
): Promise<void> => {
  if (to === from) return;
  const root = mounts.find(({ path }) => path === '/')?.partition;
  const last = table.partitions.reduce<typeof root>(
    (found, one) => (found === undefined || one.start > found.start ? one : found),
    undefined,
  );
  if (root === undefined || root.number !== last?.number)
    throw new IngotError('origin.image-cannot-grow', 'the root partition of the image cannot be made larger', {
      where: 'machine.disk',
      detail: `partition ${last?.number} comes after it`,
      hint: 'Leave `machine.disk` out: the disk stays as large as the image says.',
    });
  await truncate(image, to);
  if (table.label === 'gpt') await run('sfdisk', ['--quiet', '--relocate', 'gpt-bak-std', image], { signal });
  await run('sfdisk', ['--quiet', '--no-reread', '--no-tell-kernel', '-N', String(root.number), image], {
    input: ', +\n',
    signal,
  });
};

const larger = (image: string, from: number, to: number): IngotError =>
  new IngotError('origin.image-larger', 'a disk cannot be made smaller than its image', {
    where: 'machine.disk',
    detail: `${image} is a disk of ${gibibytes(from)}, machine.disk says ${gibibytes(to)}`,
    hint: `Leave \`machine.disk\` out, or say at least ${gibibytes(from)}. The end of a disk cannot be cut off.`,
  });

const gibibytes = (bytes: number): string => `${Number((bytes / 2 ** 30).toFixed(2))}G`;
