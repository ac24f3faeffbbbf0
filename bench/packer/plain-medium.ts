/**
 * Makes a medium plainer than `ingot media` can: two commands that Ingot's hooks replace for speed, in every medium,
 * are Debian's own again. They come behind everything else in the answers' initrd, and the kernel lets the last win.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '../../src/host/files.ts';
import { ANSWERS_INITRD } from '../../src/media/answers-initrd.ts';
import { gzip } from '../../src/media/compression.ts';
import { writeCpio } from '../../src/media/cpio.ts';
import { readCpio } from '../../src/media/cpio-reader.ts';
import { readMedium, readMediumFile } from '../../src/media/medium.ts';
import { xorriso } from '../../src/media/xorriso.ts';

/** A shell-only reader of preseed files (2 s instead of 44 s), and no look at other media for them (8 s). */
const REPLACED = ['bin/debconf-set-selections', 'usr/lib/fetch-url/file'];

const INSTALLER_INITRD = '/install.amd/initrd.gz';

/** Writes `output`, the medium `iso` with Debian's own commands. */
export const makePlain = async (iso: string, output: string): Promise<void> => {
  const medium = await readMedium(iso);
  const debian = readCpio(await readMediumFile(medium, INSTALLER_INITRD));
  const originals = REPLACED.map((path) => {
    const entry = debian.findLast((candidate) => candidate.path === path);
    if (entry === undefined) throw new Error(`the installer has no ${path}`);
    return entry;
  });
  const answers = await readMediumFile(medium, ANSWERS_INITRD);
  await using work = await temporaryFolder('plain-medium-');
  const initrd = join(work.path, 'initrd.gz');
  await writeFile(initrd, Buffer.concat([answers, gzip(writeCpio(originals))]));
  await xorriso([
    ...['-no_rc', '-indev', `stdio:${iso}`, '-outdev', `stdio:${output}`],
    ...['-boot_image', 'any', 'replay', '-map', initrd, ANSWERS_INITRD, '-commit'],
  ]);
};
