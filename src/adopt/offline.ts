/** The build's unit, written into the ext4 root of a raw disk image with debugfs(8): no cloud-init is needed, and no network. */
import { writeFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { ACCESS_UNIT, earlyAccessUnit } from '../access/access.ts';
import type { GuestFiles } from '../capture/guest-files.ts';
import { IngotError, OUR_FAULT } from '../errors.ts';
import { temporaryFolder } from '../host/files.ts';
import { run } from '../host/run.ts';

/** Where systemd's own patience is set for machines that are slower than those it was made for. */
export const PATIENCE = '/etc/systemd/system.conf.d/ingot-patience.conf';

/** How long systemd waits for devices and starts, in seconds (systemd-system.conf(5)). */
const USUAL_PATIENCE = 90;

const patienceText = (factor: number): string =>
  `[Manager]\nDefaultDeviceTimeoutSec=${USUAL_PATIENCE * factor}s\nDefaultTimeoutStartSec=${USUAL_PATIENCE * factor}s\n`;

/**
 * Changes the image in place; with `patience`, systemd waits so many times as long as it usually does. Throws
 * `origin.image-not-writable`.
 */
export const writeAccess = async (files: GuestFiles, signal: AbortSignal, patience = 1): Promise<void> => {
  const device = await rootOf(files, signal);
  await using temporary = await temporaryFolder('ingot-access-');
  const unit = join(temporary.path, 'unit');
  await writeFile(unit, earlyAccessUnit());
  const { path, link } = ACCESS_UNIT;
  const waits = join(temporary.path, 'patience');
  await writeFile(waits, patienceText(patience));
  const folders = [];
  for (const folder of [
    '/etc/systemd',
    posix.dirname(path),
    posix.dirname(link),
    ...(patience === 1 ? [] : [posix.dirname(PATIENCE)]),
  ])
    if ((await files.find(folder)) === undefined) folders.push(`mkdir ${folder}`);
  const [name, linkName] = [posix.basename(path), posix.basename(link)];
  const requests = [
    ...folders,
    `cd ${posix.dirname(path)}`,
    `rm ${name}`,
    `write ${unit} ${name}`,
    ...['mode 0100644', 'uid 0', 'gid 0'].map((value) => `sif ${name} ${value}`),
    `cd ${posix.dirname(link)}`,
    `rm ${linkName}`,
    `symlink ${linkName} ${path}`,
    ...(patience === 1
      ? []
      : [
          `cd ${posix.dirname(PATIENCE)}`,
          `rm ${posix.basename(PATIENCE)}`,
          `write ${waits} ${posix.basename(PATIENCE)}`,
        ]),
  ];
  const list = join(temporary.path, 'requests');
  await writeFile(list, requests.map((request) => `${request}\n`).join(''));
  await run('debugfs', ['-w', '-f', list, device], { signal });
};

/** debugfs reports success whatever its requests did, so what it wrote is read back. */
export const requireAccess = async (files: GuestFiles): Promise<void> => {
  if ((await files.text(ACCESS_UNIT.link)) === earlyAccessUnit()) return;
  throw notWritable(files.image, 'it was written, but cannot be read back', OUR_FAULT);
};

/** The root file system in the form that e2fsprogs take, after its journal was replayed. */
const rootOf = async ({ image, mounts }: GuestFiles, signal: AbortSignal): Promise<string> => {
  const root = mounts.find(({ path }) => path === '/');
  if (root?.ext4 === undefined)
    throw notWritable(
      image,
      'its root is not an ext4 file system',
      'Take an image with an ext4 root, or one with cloud-init.',
    );
  const device = `${image}?offset=${root.partition.start}`;
  // 1: errors were corrected.
  if (!(await root.ext4.header()).clean) await run('e2fsck', ['-f', '-p', device], { allow: [1], signal });
  return device;
};

const notWritable = (where: string, detail: string, hint: string): IngotError =>
  new IngotError('origin.image-not-writable', 'the build’s unit cannot be written to the image', {
    where,
    detail,
    hint,
  });
