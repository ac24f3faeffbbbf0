/**
 * What clones of one image have of their own, as data. Each file is read from the disks of the clones after their first boot; one
 * that no clone has says nothing.
 */

export interface Identity {
  readonly id: string;
  /** What two machines with the same one do to each other. */
  readonly why: string;
  /** Each path that fits is compared for itself. */
  readonly path: RegExp;
  /** Lines that carry it, where the rest of the file is the same in all. */
  readonly lines?: RegExp;
}

export const IDENTITIES: readonly Identity[] = [
  {
    id: 'machine-id',
    path: /^\/etc\/machine-id$/,
    why: 'DHCP servers, journals and licences take them for one machine',
  },
  {
    id: 'D-Bus machine id',
    path: /^\/var\/lib\/dbus\/machine-id$/,
    why: 'it stands for the machine, as machine-id does',
  },
  {
    id: 'SSH host key',
    path: /^\/etc\/ssh\/ssh_host_\w+_key\.pub$/,
    why: 'whoever has one clone can pose as the others',
  },
  {
    id: 'random seed',
    path: /^\/var\/lib\/(systemd|urandom)\/random-seed$/,
    why: 'what they draw at random may be the same',
  },
  {
    id: 'systemd credential secret',
    path: /^\/var\/lib\/systemd\/credential\.secret$/,
    why: 'each can open the credentials of the others',
  },
  {
    id: 'iSCSI initiator name',
    path: /^\/etc\/iscsi\/initiatorname\.iscsi$/,
    lines: /^InitiatorName=/m,
    why: 'two of them at one target damage its data',
  },
  {
    id: 'NVMe host id',
    path: /^\/etc\/nvme\/host(nqn|id)$/,
    why: 'two of them at one subsystem take each other’s place',
  },
  {
    id: 'NetworkManager secret key',
    path: /^\/var\/lib\/NetworkManager\/secret_key$/,
    why: 'their stable addresses are the same',
  },
  {
    id: 'DHCP lease',
    path: /^\/var\/lib\/(dhcp|dhcpcd|NetworkManager)\/.*(\.lease|\.leases|duid)$/,
    why: 'a server sees one client',
  },
  { id: 'DHCP DUID', path: /^\/etc\/dhcpcd\.duid$/, why: 'a DHCPv6 server sees one client' },
  {
    id: 'snakeoil certificate',
    path: /^\/etc\/ssl\/private\/ssl-cert-snakeoil\.key$/,
    why: 'each can read the TLS connections of the others',
  },
  {
    id: 'subscription identity',
    path: /^\/etc\/pki\/consumer\/.*\.pem$/,
    why: 'they are one system to the subscription service',
  },
  {
    id: 'Salt minion key',
    path: /^\/etc\/salt\/pki\/minion\/minion\.pem$/,
    why: 'the master takes them for one minion',
  },
  {
    id: 'Puppet key',
    path: /^\/(etc\/puppetlabs\/puppet|var\/lib\/puppet)\/ssl\/private_keys\/.*\.pem$/,
    why: 'the server takes them for one node',
  },
  {
    id: 'WireGuard key',
    path: /^\/etc\/wireguard\/.*\.conf$/,
    lines: /^\s*PrivateKey\s*=/m,
    why: 'a tunnel goes to whichever spoke last',
  },
  { id: 'Tor key', path: /^\/var\/lib\/tor\/keys\/.*secret.*$/, why: 'they are one relay' },
  { id: 'Docker engine id', path: /^\/var\/lib\/docker\/engine-id$/, why: 'a cluster takes them for one node' },
  { id: 'kubelet key', path: /^\/var\/lib\/kubelet\/pki\/.*\.(key|pem)$/, why: 'they are one node to the cluster' },
];

/** What differs by nature between machines that have booted: logs, caches, state of services, the clock. */
export const DIFFERS_BY_NATURE: readonly RegExp[] = [
  /^\/etc\/ssh\/ssh_host_\w+_key$/,
  /^\/etc\/ssl\/certs\/ssl-cert-snakeoil\.pem$/,
  /^\/var\/log\//,
  /^\/var\/cache\//,
  /^\/var\/tmp\//,
  /^\/tmp\//,
  /^\/run\//,
  /^\/var\/lib\/systemd\//,
  /^\/var\/lib\/cloud\//,
  /^\/var\/lib\/(dhcp|dhcpcd|NetworkManager|chrony|ntp|ntpsec|logrotate|ucf|apt|dpkg|private|urandom|fwupd|snapd|polkit-1|upower)\//,
  /^\/var\/spool\//,
  /^\/etc\/(hostname|hosts|resolv\.conf|adjtime|machine-info|mtab|\.pwd\.lock|\.updated)$/,
  /^\/etc\/ld\.so\.cache$/,
  /^\/boot\/grub\/grubenv$/,
  /^\/root\/\.(bash_history|cache\/.*)$/,
  /^\/lost\+found$/,
  /^\/var\/\.updated$/,
];
