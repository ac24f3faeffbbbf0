/**
 * The answers as an initrd of their own, which the boot loader puts after the installer's. The kernel unpacks both,
 * the later over the earlier, so this is an appended cpio; but the original's own menu entries still start nothing
 * but the original's initrd, and no file of the original changes.
 */

import { type CpioEntry, cpioArchive, withParents } from '../../formats/archives/cpio.ts';
import { bytesOf } from '../../formats/byte-source.ts';
import { gzip } from '../../formats/compression/compression.ts';
import type { Reporter } from '../../report.ts';
import type { Medium } from '../iso/medium.ts';
import type { BootMenus } from '../menus/boot-menus.ts';
import { installerInitrd, isUnreadable, pathsIn } from './installer-paths.ts';

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

type Existing = Pick<ReadonlySet<string>, 'has'>;

/** What the installer's initrd has. `withParents` says why it matters. */
const pathsOfInstaller = async (medium: Medium, menus: BootMenus, reporter: Reporter): Promise<Existing> => {
  const path = installerInitrd(medium, menus);
  if (path === undefined) return USUAL;
  try {
    return await pathsIn(medium, path);
  } catch (error) {
    if (!isUnreadable(error)) throw error;
    reporter.note(`${path} cannot be read here (${error.message}); the usual folders are assumed`);
    return USUAL;
  }
};

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
  ].concat(
    ['usr/lib', 'usr/sbin', 'usr/share', 'var', 'var/lib'],
    // In newer ones these are links: what goes into a folder that is missing is left out, which is better than no hooks at all.
    ['lib/dracut', 'lib/dracut/hooks', 'lib/dracut/hooks/pre-pivot'],
  ),
);
