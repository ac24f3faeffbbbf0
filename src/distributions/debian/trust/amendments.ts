/**
 * What maintainer scripts and the system change about files that packages bring: owner, mode, capabilities. Packages cannot carry
 * capabilities, nor owners that only exist once they are configured. A closed list, each with who does it.
 */

export interface Amendment {
  readonly path: string;
  /** Names of owner and group. */
  readonly owner?: string;
  readonly mode?: number;
  /** In hex. */
  readonly attributes?: Readonly<Record<string, string>>;
  readonly by: string;
}

/** `cap_net_raw=ep` as the kernel keeps it (struct vfs_cap_data, revision 2). */
const NET_RAW = { 'security.capability': '0100000200200000000000000000000000000000' };

export const AMENDMENTS: readonly Amendment[] = [
  { path: '/usr/bin/ping', attributes: NET_RAW, mode: 0o755, by: 'the postinst of iputils-ping' },
  { path: '/usr/bin/ssh-agent', owner: 'root:_ssh', mode: 0o2755, by: 'the postinst of openssh-client' },
  { path: '/etc/sudoers', mode: 0o440, by: 'the postinst of sudo' },
  { path: '/var/spool/cron/crontabs', owner: 'root:crontab', mode: 0o1730, by: 'the postinst of cron-daemon-common' },
  { path: '/var/cache/apt/archives/partial', mode: 0o700, by: 'apt without its own user, as in a chroot' },
  { path: '/var/lib/apt/lists/partial', mode: 0o700, by: 'apt without its own user, as in a chroot' },
  { path: '/var/log/nginx', owner: 'root:adm', mode: 0o755, by: 'the postinst of nginx-common' },
  {
    path: '/var/log/unattended-upgrades',
    owner: 'root:adm',
    mode: 0o750,
    by: 'the postinst of unattended-upgrades',
  },
  { path: '/var/spool/rsyslog', mode: 0o700, by: 'the postinst of rsyslog' },
  { path: '/var/cache/apt/archives/partial', owner: '_apt:root', mode: 0o700, by: 'apt' },
  { path: '/var/lib/apt/lists/partial', owner: '_apt:root', mode: 0o700, by: 'apt' },
];
