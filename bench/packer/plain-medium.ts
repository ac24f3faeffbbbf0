/**
 * Makes a medium plainer than `ingot media` can: two commands that Ingot's hooks replace for speed, in every medium,
 * are Debian's own again, and base-installer's initramfs is the only one. The files come after everything else in the
 * answers' initrd, and the kernel lets the last win.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type CpioEntry, cpioArchive } from '../../src/formats/archives/cpio.ts';
import { readCpio } from '../../src/formats/archives/cpio-reader.ts';
import type { Pieces } from '../../src/formats/byte-source.ts';
import { gzip } from '../../src/formats/compression/compression.ts';
import { temporaryFolder } from '../../src/host/files.ts';
import { ANSWERS_INITRD } from '../../src/media/initrd/answers-initrd.ts';
import { mediumFilePieces, readMedium, readMediumFile } from '../../src/media/iso/medium.ts';
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
  const answers = await readMediumFile(medium, ANSWERS_INITRD);
  const files = [
    ...(await filesOf(mediumFilePieces(medium, INSTALLER_INITRD), REPLACED)),
    ...(await filesOf([answers], [SYSTEM_HOOK])).map(withoutInitramfs),
  ];
  await using work = await temporaryFolder('plain-medium-');
  const initrd = join(work.path, 'initrd.gz');
  await writeFile(initrd, answers);
  await writeFile(initrd, gzip(cpioArchive(files)), { flag: 'a' });
  await xorriso([
    ...['-no_rc', '-indev', `stdio:${iso}`, '-outdev', `stdio:${output}`],
    ...['-boot_image', 'any', 'replay', '-map', initrd, ANSWERS_INITRD, '-commit'],
  ]);
};

type FileEntry = Extract<CpioEntry, { type: 'file' }>;

/** In the order of `paths`. */
const filesOf = async (initrd: Pieces, paths: readonly string[]): Promise<FileEntry[]> => {
  const found = new Map<string, FileEntry>();
  for await (const entry of readCpio(initrd, (path) => paths.includes(path)))
    if (entry.type === 'file' && entry.content) found.set(entry.path, { ...entry, content: entry.content });
  return paths.map((path) => found.get(path) ?? missing(path));
};

const missing = (path: string): never => {
  throw new Error(`there is no ${path} in the initrd`);
};

const withoutInitramfs = (hook: FileEntry): FileEntry => {
  const text = Buffer.from(hook.content).toString('utf8');
  const last = 'initramfs\n';
  if (!text.endsWith(`\n${last}`)) throw new Error(`${hook.path} is not as it was`);
  return { ...hook, content: `${text.slice(0, -last.length)}${FORGET_POLICY}` };
};
