/**
 * Makes a medium plainer than `ingot media` can: two commands that Ingot's hooks replace for speed, in every medium,
 * are Debian's own again, and base-installer's initramfs is the only one. The files come behind everything else in the
 * answers' initrd, and the kernel lets the last win.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '../../src/host/files.ts';
import { ANSWERS_INITRD } from '../../src/media/initrd/answers-initrd.ts';
import { gzip } from '../../src/media/initrd/compression.ts';
import { type CpioEntry, writeCpio } from '../../src/media/initrd/cpio.ts';
import { readCpio } from '../../src/media/initrd/cpio-reader.ts';
import { readMedium, readMediumFile } from '../../src/media/iso/medium.ts';
import { xorriso } from '../../src/media/iso/xorriso.ts';

/** A shell-only reader of preseed files (2 s instead of 44 s), and no look at other media for them (8 s). */
const REPLACED = ['bin/debconf-set-selections', 'usr/lib/fetch-url/file'];

/** Makes an initramfs as its last step: the first one of an Ingot medium, a second one here, which takes minutes. */
const SYSTEM_HOOK = 'usr/lib/finish-install.d/02ingot-system';

/** The hook's other work there: base-installer's file with the driver policy holds words and no shell assignment. */
const FORGET_POLICY = 'rm -f /target/etc/initramfs-tools/conf.d/driver-policy\n';

const INSTALLER_INITRD = '/install.amd/initrd.gz';

/** Writes `output`, the medium `iso` with Debian's own commands. */
export const makePlain = async (iso: string, output: string): Promise<void> => {
  const medium = await readMedium(iso);
  const debian = readCpio(await readMediumFile(medium, INSTALLER_INITRD));
  const answers = await readMediumFile(medium, ANSWERS_INITRD);
  const files = [
    ...REPLACED.map((path) => fileOf(debian, path)),
    withoutInitramfs(fileOf(readCpio(answers), SYSTEM_HOOK)),
  ];
  await using work = await temporaryFolder('plain-medium-');
  const initrd = join(work.path, 'initrd.gz');
  await writeFile(initrd, Buffer.concat([answers, gzip(writeCpio(files))]));
  await xorriso([
    ...['-no_rc', '-indev', `stdio:${iso}`, '-outdev', `stdio:${output}`],
    ...['-boot_image', 'any', 'replay', '-map', initrd, ANSWERS_INITRD, '-commit'],
  ]);
};

type FileEntry = Extract<CpioEntry, { type: 'file' }>;

const fileOf = (entries: readonly CpioEntry[], path: string): FileEntry => {
  const entry = entries.findLast((candidate) => candidate.path === path);
  if (entry?.type !== 'file') throw new Error(`there is no ${path} in the initrd`);
  return entry;
};

const withoutInitramfs = (hook: FileEntry): FileEntry => {
  const text = Buffer.from(hook.content).toString('utf8');
  const last = 'initramfs\n';
  if (!text.endsWith(`\n${last}`)) throw new Error(`${hook.path} is not as it was`);
  return { ...hook, content: `${text.slice(0, -last.length)}${FORGET_POLICY}` };
};
