/** The build's unit, written into the ext4 root of a raw disk image with debugfs(8): no cloud-init is needed, and no network. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { GuestFiles, Mount } from '../capture/guest-files.ts';
import { IngotError } from '../errors.ts';
import { temporaryFolder } from '../host/files.ts';
import { run } from '../host/run.ts';
import { DOOR_UNIT, doorUnit } from '../machine/door.ts';

const FOLDER = '/etc/systemd/system';
const WANTS = `${FOLDER}/multi-user.target.wants`;

/** Throws `origin.image-not-writable`. The image is changed in place. */
export const writeDoor = async (files: GuestFiles, signal: AbortSignal): Promise<void> => {
  const root = await rootOf(files, signal);
  await using temporary = await temporaryFolder('ingot-door-');
  const unit = join(temporary.path, 'unit');
  await writeFile(unit, doorUnit());
  const folders = [];
  for (const folder of ['/etc/systemd', FOLDER, WANTS])
    if ((await files.find(folder)) === undefined) folders.push(`mkdir ${folder}`);
  const requests = [
    ...folders,
    `cd ${FOLDER}`,
    `rm ${DOOR_UNIT}`,
    `write ${unit} ${DOOR_UNIT}`,
    `sif ${DOOR_UNIT} mode 0100644`,
    `sif ${DOOR_UNIT} uid 0`,
    `sif ${DOOR_UNIT} gid 0`,
    `cd ${WANTS}`,
    `rm ${DOOR_UNIT}`,
    `symlink ${DOOR_UNIT} ${FOLDER}/${DOOR_UNIT}`,
  ];
  const list = join(temporary.path, 'requests');
  await writeFile(list, requests.map((request) => `${request}\n`).join(''));
  await run('debugfs', ['-w', '-f', list, root], { signal });
};

/** Its device as e2fsprogs take it, with what a crash has left in the journal done. */
const rootOf = async (files: GuestFiles, signal: AbortSignal): Promise<string> => {
  const root: Mount | undefined = files.mounts.find(({ path }) => path === '/');
  if (root?.ext4 === undefined) throw notWritable(files.image, 'its root is no ext4 file system');
  const device = `${files.image}?offset=${root.partition.start}`;
  if ((await root.ext4.header()).clean) return device;
  // 1: errors were corrected.
  await run('e2fsck', ['-f', '-p', device], { allow: [1], signal });
  return device;
};

const notWritable = (image: string, detail: string): IngotError =>
  new IngotError('origin.image-not-writable', 'the build’s unit cannot be written to the image', {
    where: image,
    detail,
    hint: 'Take an image with an ext4 root, or one with cloud-init.',
  });
