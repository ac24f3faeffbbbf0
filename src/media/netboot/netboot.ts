/**
 * The files for booting an unattended installation over the network, made of the medium that would do the same from a
 * CD: its kernel, one initrd, and scripts for iPXE, GRUB and PXELINUX. For debian-installer the medium's own files are in
 * the initrd, below /cdrom, so that it finds its packages without a drive and without a further server; for Anaconda
 * they lie next to it as a tree.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dirname, resolve } from 'node:path/posix';
import { IngotError } from '../../errors.ts';
import type { Reporter } from '../../report.ts';
import { identify } from '../identity/identify.ts';
import { type Medium, readMedium, readMediumFile } from '../iso/medium.ts';
import { menuEntries, readBootMenus } from '../menus/boot-menus.ts';
import { ENTRY_ID, type InstallerEntry, installerEntry } from '../menus/entry.ts';
import type { MenuStart } from '../menus/unattended.ts';
import { type ServedTree, treeArguments, writeAnacondaNetboot } from './anaconda-netboot.ts';
import { type NetbootHosts, sharedInitrd, writeHostAnswers } from './host-answers.ts';
import { writeNetbootInitrd } from './netboot-initrd.ts';
import { PXELINUX_FOLDER, pxelinuxMenus } from './pxelinux.ts';
import { grubScript, ipxeScript } from './scripts.ts';

export const IPXE = 'boot.ipxe';
export const GRUB = 'grub.cfg';

/** As each installer's own files are called. */
const NAMES = {
  'debian-installer': { kernel: 'linux', initrd: 'initrd.gz' },
  anaconda: { kernel: 'vmlinuz', initrd: 'initrd.img' },
} as const;

export interface NetbootOptions {
  /** A medium that a remaster has made unattended. */
  readonly iso: string;
  /** Where the files are written; it is there and empty. */
  readonly folder: string;
  readonly start: MenuStart;
  /** The hosts that the medium chooses from; absent when it has one set of answers. */
  readonly hosts?: NetbootHosts | undefined;
  /** For Anaconda, which fetches most of itself. */
  readonly served?: ServedTree | undefined;
  readonly reporter: Reporter;
  readonly signal?: AbortSignal | undefined;
}

export interface Netboot {
  readonly commandLine: string;
  /** Bytes of memory that the unpacked initrd takes, about; with the second stage of Anaconda. */
  readonly memory: number;
  /** Names in the folder. */
  readonly kernel: string;
  readonly initrd: string;
}

/**
 * The same medium gives the same bytes. Throws `media.netboot-installer` for an installer other than debian-installer and
 * Anaconda, `media.netboot-url` for an Anaconda that is not told where it is served from, and `media.no-installer` when
 * the medium has no unattended entry.
 */
export const makeNetboot = async (options: NetbootOptions): Promise<Netboot> => {
  const { iso, folder, start, hosts, reporter, signal } = options;
  const medium = await readMedium(iso, signal);
  const names = await namesFor(medium);
  const { entry, kernel, initrds } = await unattendedEntry(medium, signal);
  reporter.phase('netboot');
  await writeFile(join(folder, names.kernel), await readMediumFile(medium, kernel));
  const read = sharedInitrd(medium, hosts, signal);
  let words = entry.arguments;
  let memory: number;
  if (names === NAMES.anaconda) {
    const { served } = options;
    if (served === undefined) throw noUrl(medium.iso);
    words = treeArguments(words, served);
    const where = { folder, initrd: names.initrd, initrds, read };
    memory = await writeAnacondaNetboot(medium, { ...where, served, reporter, signal });
  } else {
    const output = join(folder, names.initrd);
    const copies = new Set(hosts?.all.medium.map(({ path }) => `/${path}`));
    const leaveOut = (path: string) => hosts !== undefined && (copies.has(path) || OF_ANSWERS.test(path));
    memory = await writeNetbootInitrd(medium, { output, kernel, initrds, read, leaveOut, reporter, signal });
  }
  const [installer] = initrds;
  if (hosts !== undefined && installer !== undefined) await writeHostAnswers(medium, hosts, { folder, installer });
  const script = { title: entry.title, words, start, ...names, table: hosts?.table };
  await writeFile(join(folder, IPXE), ipxeScript(script));
  await writeFile(join(folder, GRUB), grubScript(script));
  await mkdir(join(folder, PXELINUX_FOLDER));
  for (const [name, text] of pxelinuxMenus(script)) await writeFile(join(folder, PXELINUX_FOLDER, name), text);
  return { commandLine: words.join(' '), memory, ...names };
};

/** Copies of the hosts' answers, and sums that change with them, of files that are not there anyway. */
const OF_ANSWERS = /^\/ingot\/hosts(\/|$)|^\/md5sum\.txt$/;

const namesFor = async (medium: Medium) => {
  const { installer } = await identify(medium, []);
  if (installer === 'debian-installer' || installer === 'anaconda') return NAMES[installer];
  throw new IngotError('media.netboot-installer', `no netboot is made for ${installer}`, {
    where: medium.iso,
    hint: 'Netboot works with media of debian-installer and Anaconda; others need a server with their tree.',
  });
};

const noUrl = (where: string): IngotError =>
  new IngotError('media.netboot-url', 'Anaconda must be told from where it fetches its second stage and packages', {
    where,
    hint: 'Name the place where your server shows the folder: --url http://192.0.2.1:8000',
  });

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
  throw new IngotError('media.no-installer', 'the medium has no unattended entry', {
    where: medium.iso,
    hint: 'Name a medium that `ingot media` has made: netboot is made of its entry.',
  });
};
