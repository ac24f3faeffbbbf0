/**
 * The files for booting an unattended installation over the network, made of the medium that would do the same from a
 * CD: its kernel, one initrd, and scripts for iPXE and GRUB. The medium's own files are in the initrd, below /cdrom, so
 * that the installer finds its packages without a drive and without a further server.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dirname, resolve } from 'node:path/posix';
import { IngotError } from '../../errors.ts';
import type { Reporter } from '../../report.ts';
import { identify } from '../identity/identify.ts';
import { type Medium, readMedium, readMediumFile } from '../iso/medium.ts';
import { menuEntries, readBootMenus } from '../menus/boot-menus.ts';
import { ENTRY_ID, type InstallerEntry, installerEntry } from '../menus/entry.ts';
import type { MenuStart } from '../menus/unattended.ts';
import { writeNetbootInitrd } from './netboot-initrd.ts';
import { grubScript, ipxeScript } from './scripts.ts';

export const KERNEL = 'linux';
export const INITRD = 'initrd.gz';
export const IPXE = 'boot.ipxe';
export const GRUB = 'grub.cfg';

export interface NetbootOptions {
  /** A medium that a remaster has made unattended. */
  readonly iso: string;
  /** Where the files are written; it is there and empty. */
  readonly folder: string;
  readonly start: MenuStart;
  readonly reporter: Reporter;
  readonly signal?: AbortSignal | undefined;
}

export interface Netboot {
  readonly commandLine: string;
  /** Bytes of memory that the unpacked initrd takes, about. */
  readonly memory: number;
}

/**
 * The same medium gives the same bytes. Throws `media.netboot-installer` for what is not debian-installer, and
 * `media.no-installer` when the medium has no unattended entry.
 */
export const makeNetboot = async ({ iso, folder, start, reporter, signal }: NetbootOptions): Promise<Netboot> => {
  const medium = await readMedium(iso, signal);
  await requireDebian(medium);
  const { entry, kernel, initrds } = await unattendedEntry(medium, signal);
  reporter.phase('netboot');
  await writeFile(join(folder, KERNEL), await readMediumFile(medium, kernel));
  const memory = await writeNetbootInitrd(medium, { output: join(folder, INITRD), kernel, initrds, reporter, signal });
  const script = { title: entry.title, words: entry.arguments, start, kernel: KERNEL, initrd: INITRD };
  await writeFile(join(folder, IPXE), ipxeScript(script));
  await writeFile(join(folder, GRUB), grubScript(script));
  return { commandLine: entry.arguments.join(' '), memory };
};

const requireDebian = async (medium: Medium): Promise<void> => {
  const { installer } = await identify(medium, []);
  if (installer === 'debian-installer') return;
  throw new IngotError('media.netboot-installer', `${installer} does not find a medium inside its initrd`, {
    where: medium.iso,
    hint: 'Netboot is made of media of debian-installer; other installers need a server with their tree.',
  });
};

interface Found {
  readonly entry: InstallerEntry;
  /** Paths on the medium. */
  readonly kernel: string;
  readonly initrds: readonly string[];
}

const unattendedEntry = async (medium: Medium, signal: AbortSignal | undefined): Promise<Found> => {
  for (const [file, entries] of menuEntries(await readBootMenus(medium, signal))) {
    const entry = installerEntry(entries.filter(({ id }) => id === ENTRY_ID));
    if (entry === undefined) continue;
    const place = (written: string): string => resolve(dirname(file), written.replace(/^\([^)]*\)/, ''));
    const found = { entry, kernel: place(entry.kernel), initrds: entry.initrds.map(place) };
    if ([found.kernel, ...found.initrds].every((path) => medium.files.has(path))) return found;
  }
  throw new IngotError('media.no-installer', 'the medium has no unattended entry', { where: medium.iso });
};
