/**
 * debian-installer of Debian 12. Main-menu logs each of its items when it starts it; within base-installer the kernel
 * is told apart by Ingot's hook. (Sources: main-menu.c, base-installer's postinst, cdebconf's text and newt frontends.)
 */
import type { InstallerPhases } from './installer.ts';

const item = (...names: readonly string[]): RegExp =>
  new RegExp(`\\bmain-menu\\[\\d+\\]: (?:INFO: )?Menu item '(?:${names.join('|')})' selected`);

const either = (name: string, menu: RegExp): RegExp => new RegExp(`${menu.source}|\\bingot: phase ${name}$`);

/** debootstrap passes on what dpkg says: every package is unpacked and set up. */
const PACKAGES = { line: /\bdebootstrap: (?:Unpacking|Setting up) /, perPackage: 2 };

export const DEBIAN_12: InstallerPhases = {
  name: 'debian-installer',
  first: 'boot',
  phases: [
    { name: 'hardware', begins: either('hardware', item('cdrom-detect', 'hw-detect', 'ethdetect', 'netcfg')) },
    { name: 'components', begins: either('components', item('anna', 'load-cdrom', 'download-installer')) },
    { name: 'partitioning', begins: either('partitioning', item('partman-base')) },
    { name: 'base system', begins: either('base system', item('bootstrap-base')), progress: PACKAGES },
    { name: 'kernel', begins: /\bingot: phase kernel$|\bbase-installer: info: Installing kernel/ },
    { name: 'packages', begins: either('packages', item('apt-setup-udeb', 'pkgsel')) },
    { name: 'boot loader', begins: either('boot loader', item('grub-installer')) },
    { name: 'finish', begins: either('finish', item('finish-install')) },
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
