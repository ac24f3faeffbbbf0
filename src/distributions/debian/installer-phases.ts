/**
 * debian-installer, of Debian 12 and 13. Main-menu logs each of its items when it starts it. (Sources: main-menu.c,
 * base-installer's library.sh, cdebconf's text and newt frontends.)
 */
import type { InstallerPhases } from '../../machine/watch/installer.ts';

const item = (...names: readonly string[]): RegExp =>
  new RegExp(`\\bmain-menu\\[\\d+\\]: (?:INFO: )?Menu item '(?:${names.join('|')})' selected`);

/** debootstrap passes on what dpkg says: a package is unpacked, unless the host has done that, and set up. */
const PACKAGES = { line: /\bdebootstrap: (?:Unpacking|Setting up) / };

export const DEBIAN_INSTALLER_PHASES: InstallerPhases = {
  name: 'debian-installer',
  first: 'boot',
  phases: [
    { name: 'hardware', begins: item('cdrom-detect', 'hw-detect', 'ethdetect', 'netcfg') },
    { name: 'components', begins: item('anna', 'load-cdrom', 'download-installer') },
    { name: 'partitioning', begins: item('partman-base') },
    { name: 'base system', begins: item('bootstrap-base'), progress: PACKAGES },
    { name: 'kernel', begins: /\bbase-installer: info: Using kernel '(?!none)/ },
    { name: 'packages', begins: item('apt-setup-udeb', 'pkgsel') },
    { name: 'boot loader', begins: item('grub-installer') },
    { name: 'finish', begins: item('finish-install') },
  ],
  stepFailed: /\bmain-menu\[\d+\]: (?:WARNING \*\*: |WARNING: )?(?:Configuring|Menu item) '(?<step>[^']+)' failed/,
  prompts: [/^\[Press enter to continue\]$/, /^Prompt: '\?' for help/],
  strandings: [
    /^Shell>$/,
    /^BdsDxe: Press any key to enter the Boot Manager Menu\.$/,
    /^boot:$/,
    /^grub(?: rescue)?>$/,
    /^\(initramfs\)$/,
    /^[~/] #$/,
  ],
  dialog: /<(?:Go Back|Continue|OK|Ok|Yes|No|Cancel|Retry)>/,
};
