/**
 * A NoCloud seed (cloud-init's documentation, "NoCloud"): a small ISO that has cloud-init start the build's way in. No key is
 * in it, since the unit takes its keys from the hypervisor.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ACCESS_UNIT, DOOR_SERVICE, earlyAccessUnit } from '../access/access.ts';
import { temporaryFolder } from '../host/files.ts';
import { run } from '../host/run.ts';

/**
 * bootcmd is the first thing that user data can run, on each boot. From cloud-init only the growing of the disk is wanted besides:
 * no account is made (that is a module, too; an empty list of users is refused by cloud-init's schema), no locale, host name,
 * package source or boot loader set.
 */
export const userData = (): string => `#cloud-config
cloud_init_modules: [bootcmd, growpart, resizefs]
cloud_config_modules: []
cloud_final_modules: []
bootcmd:
  - ${JSON.stringify(['sh', '-c', startScript()])}
`;

const startScript = (): string =>
  [
    `echo ${Buffer.from(earlyAccessUnit()).toString('base64')} | base64 -d > ${ACCESS_UNIT.path}`,
    'systemctl daemon-reload',
    `systemctl enable ${DOOR_SERVICE}`,
    `systemctl --no-block start ${DOOR_SERVICE}`,
  ].join('; ');

/** An instance of its own: what cloud-init does once for each, it does for the build, and again for each clone. */
const META_DATA = 'instance-id: ingot-build\n';

export const writeSeed = async (path: string, signal: AbortSignal): Promise<void> => {
  await using temporary = await temporaryFolder('ingot-seed-');
  const folder = join(temporary.path, 'seed');
  await mkdir(folder);
  await writeFile(join(folder, 'user-data'), userData());
  await writeFile(join(folder, 'meta-data'), META_DATA);
  await run('xorriso', seedArguments(folder, path), { signal });
};

/** The same bytes each time: one date for all. */
const seedArguments = (folder: string, path: string): string[] => [
  ...['-as', 'mkisofs', '-quiet', '-output', path],
  ...['-volid', 'CIDATA', '-joliet', '-rational-rock'],
  ...['--modification-date=2000010100000000', '--set_all_file_dates', '2000010100000000'],
  folder,
];
