/** What a complete installer has to have, and whether it does. */
import { Incomplete } from './incomplete.ts';
import type { UdebSet } from './udebs.ts';

/** Without one of these some installation does not come to its end. */
export const REQUIRED: readonly string[] = [
  ...['anna', 'apt-cdrom-setup', 'apt-mirror-setup', 'apt-setup-udeb', 'base-installer', 'bootstrap-base'],
  ...['btrfs-progs-udeb', 'choose-mirror-bin', 'clock-setup'],
  ...['console-setup-udeb', 'cryptsetup-udeb', 'debootstrap-udeb', 'di-utils-mapdevfs', 'disk-detect'],
  ...['dosfstools-udeb', 'e2fsprogs-udeb', 'eatmydata-udeb', 'eject-udeb', 'ethdetect', 'fdisk-udeb'],
  ...[
    'finish-install',
    'grub-installer',
    'libparted2-udeb',
    'localechooser',
    'lvm2-udeb',
    'mdadm-udeb',
    'net-retriever',
  ],
  ...['netcfg', 'network-console', 'nobootloader', 'os-prober-udeb', 'parted-udeb', 'partman-auto'],
  ...['partman-auto-crypto', 'partman-auto-lvm', 'partman-auto-raid', 'partman-base', 'partman-basicfilesystems'],
  ...['partman-basicmethods', 'partman-btrfs', 'partman-crypto', 'partman-crypto-dm', 'partman-efi', 'partman-ext3'],
  ...['partman-lvm', 'partman-md', 'partman-partitioning', 'partman-target', 'partman-utils', 'partman-xfs', 'pkgsel'],
  ...['rescue-mode', 'tzsetup-udeb', 'user-setup-udeb', 'xfsprogs-udeb'],
];

/** For passphrases; a frontend each, and one is enough for an installation that nobody watches. */
const ENTROPY = ['cdebconf-newt-entropy', 'cdebconf-text-entropy'];

/** Modules without which a medium is not found, or a disk cannot be laid out. */
const MODULES = [
  ...[
    'ata',
    'btrfs',
    'cdrom-core',
    'crypto-dm',
    'ext4',
    'fat',
    'isofs',
    'loop',
    'md',
    'nic',
    'sata',
    'scsi-core',
    'scsi',
  ],
  ...['usb', 'usb-storage', 'xfs'],
];

const kernelUdebs = (kernelRelease: string): string[] => [
  `kernel-image-${kernelRelease}-di`,
  ...MODULES.map((name) => `${name}-modules-${kernelRelease}-di`),
];

/** Throws `Incomplete` when a required udeb is neither in the set nor in the initrd that goes with it. */
export const requireUdebs = (
  what: string,
  set: UdebSet,
  { installed, kernelRelease }: { readonly installed: readonly string[]; readonly kernelRelease: string },
): void => {
  const isThere = (name: string) => set.udebs.has(name) || installed.includes(name);
  const wanted = [...REQUIRED, ...kernelUdebs(kernelRelease)];
  const gone = [...wanted.filter((name) => !isThere(name)), ...(ENTROPY.some(isThere) ? [] : ENTROPY)];
  const whyOf = (name: string) => {
    const known = set.missing.find(
      (one) => one.name === name || (one.name.startsWith('*') && name.endsWith(one.name.slice(1))),
    );
    return known?.why ?? 'not in the index';
  };
  if (gone.length === 0) return;
  throw new Incomplete(
    what,
    gone.map((name) => ({ name, why: whyOf(name) })),
  );
};
