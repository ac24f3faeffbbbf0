/** What is in the images that mmdebstrap makes. */
import type { Ids, RootFs } from './disk.ts';

export interface Vendor {
  /** Debian's, by number. */
  readonly release: string;
  readonly packages: readonly string[];
  /** Text by path below the root. */
  readonly files: Readonly<Record<string, string>>;
  readonly enabled: readonly string[];
  readonly format: 'raw' | 'qcow2';
  readonly ids: Ids;
  /** Of the root file system; ext4 when absent. */
  readonly fs?: RootFs;
}

/** Fixed, so that an image differs from the next only by its packages. `number`: one for each vendor, four digits. */
const idsOf = (number: string): Ids => ({
  disk: `5A0C7B1E-${number}-4C1B-9B60-70F0A2C1D001`,
  rootFs: `5a0c7b1e-${number}-4c1b-9b60-70f0a2c1d002`,
  rootPartition: `5a0c7b1e-${number}-4c1b-9b60-70f0a2c1d003`,
  espPartition: `5a0c7b1e-${number}-4c1b-9b60-70f0a2c1d004`,
});

const BASE = [
  ...['grub-cloud-amd64', 'openssh-server', 'sudo', 'dbus', 'ca-certificates'],
  ...['systemd-resolved', 'systemd-timesyncd'],
];

const HOST_FILES = {
  'etc/hostname': 'localhost\n',
  'etc/hosts': '127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n',
};

const NETWORK_UNITS = ['systemd-networkd.service', 'systemd-resolved.service'];

/** No cloud-init: DHCP by systemd-networkd, host keys made at the first start, nobody can log in yet. */
export const NOCLOUD: Vendor = {
  release: '12',
  packages: [...BASE, 'linux-image-amd64'],
  files: {
    ...HOST_FILES,
    'etc/systemd/network/80-dhcp.network': '[Match]\nName=en*\n\n[Network]\nDHCP=yes\n',
    'etc/systemd/system/ssh.service.d/host-keys.conf':
      '[Service]\nExecStartPre=\nExecStartPre=/usr/bin/ssh-keygen -A\nExecStartPre=/usr/sbin/sshd -t\n',
  },
  enabled: NETWORK_UNITS,
  format: 'raw',
  ids: idsOf('0001'),
};

/** As Debian's genericcloud: the kernel for clouds, netplan, a root that grows, the user `debian` without a password. */
export const CLOUD: Vendor = {
  release: '12',
  packages: [
    ...BASE,
    'linux-image-cloud-amd64',
    ...['cloud-init', 'cloud-guest-utils', 'cloud-initramfs-growroot', 'netplan.io'],
  ],
  files: {
    ...HOST_FILES,
    // Where no seed speaks of the network.
    'etc/netplan/90-default.yaml': [
      'network:',
      '  version: 2',
      '  ethernets:',
      '    all-en: {match: {name: "en*"}, dhcp4: true, dhcp6: true}',
      '    all-eth: {match: {name: "eth*"}, dhcp4: true, dhcp6: true}',
      '',
    ].join('\n'),
    'etc/cloud/cloud.cfg.d/10_image.cfg': [
      'ssh_pwauth: false',
      'system_info:',
      '  default_user:',
      '    name: debian',
      '    lock_passwd: true',
      '    gecos: Debian',
      '    groups: [adm, sudo, systemd-journal]',
      '    sudo: ["ALL=(ALL) NOPASSWD:ALL"]',
      '    shell: /bin/bash',
      '',
    ].join('\n'),
  },
  enabled: NETWORK_UNITS,
  format: 'qcow2',
  ids: idsOf('0002'),
};

export const TRIXIE_CLOUD: Vendor = { ...CLOUD, release: '13', ids: idsOf('0003') };

/** Its root file system cannot be read without the kernel's driver. */
export const BTRFS: Vendor = {
  ...NOCLOUD,
  packages: [...NOCLOUD.packages, 'btrfs-progs'],
  format: 'qcow2',
  ids: idsOf('0004'),
  fs: 'btrfs',
};
