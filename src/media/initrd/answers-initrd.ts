/**
 * The answers as an initrd of their own, which the boot loader puts behind the installer's. The kernel unpacks both,
 * the later over the earlier, so this is an appended cpio; but the original's own menu entries still start nothing
 * but the original's initrd, and no file of the original changes.
 */
import { dirname, resolve } from 'node:path/posix';
import { IngotError } from '../../errors.ts';
import type { Reporter } from '../../report.ts';
import { type Medium, mediumFilePieces } from '../iso/medium.ts';
import { type BootMenus, menuEntries } from '../menus/boot-menus.ts';
import { installerEntry } from '../menus/entry.ts';
import { bytesOf } from './byte-source.ts';
import { gzip } from './compression.ts';
import { type CpioEntry, cpioArchive, withParents } from './cpio.ts';
import { readCpio } from './cpio-reader.ts';

/** A name that ISOLINUX finds in the plain ISO 9660 directory, too. */
export const ANSWERS_INITRD = '/ingot/initrd.gz';

interface Options {
  readonly initrdEntries: readonly CpioEntry[];
  readonly date: number;
  readonly reporter: Reporter;
}

export const answersInitrd = async (medium: Medium, menus: BootMenus, options: Options): Promise<Uint8Array> => {
  const { initrdEntries: entries, date: mtime } = options;
  const isFlat = entries.every(({ path }) => !path.replace(/^(\.?\/)+/, '').includes('/'));
  const existing = isFlat ? new Set<string>() : await pathsOfInstaller(medium, menus, options.reporter);
  return await bytesOf(gzip(cpioArchive(withParents(entries, existing), { mtime })));
};

/** What the installer's initrd has. `withParents` says why it matters. */
const pathsOfInstaller = async (medium: Medium, menus: BootMenus, reporter: Reporter): Promise<Set<string>> => {
  const path = installerInitrd(medium, menus);
  if (path === undefined) return USUAL;
  try {
    return new Set(await Array.fromAsync(readCpio(mediumFilePieces(medium, path)), (entry) => entry.path));
  } catch (error) {
    if (!(error instanceof IngotError) || !UNREADABLE.has(error.code)) throw error;
    reporter.note(`${path} cannot be read here (${error.message}); its folders are taken to be the usual ones`);
    return USUAL;
  }
};

const UNREADABLE = new Set(['media.compression', 'host.tool-missing']);

const USUAL = new Set(
  [
    'bin',
    'dev',
    'etc',
    'lib',
    'lib64',
    'mnt',
    'opt',
    'proc',
    'root',
    'run',
    'sbin',
    'sys',
    'tmp',
    'usr',
    'usr/bin',
  ].concat(['usr/lib', 'usr/sbin', 'usr/share', 'var', 'var/lib']),
);

const installerInitrd = (medium: Medium, menus: BootMenus): string | undefined => {
  for (const [file, entries] of menuEntries(menus)) {
    const written = installerEntry(entries)?.initrds[0]?.replace(/^\([^)]*\)/, '');
    if (written === undefined) continue;
    const path = resolve(dirname(file), written).toLowerCase();
    const found = [...medium.files.keys()].find((candidate) => candidate.toLowerCase() === path);
    if (found !== undefined) return found;
  }
  return undefined;
};
