/** Seal operations for what makes a machine this machine: two clones must not share any of it. */
import {
  IDENTITIES_SCRIPT,
  ISCSI_NAME,
  RENEWAL_UNIT,
  RENEWED_PROGRAMS,
  SERVICE_IDENTITIES,
} from './service-identities.ts';
import { absent, type SealUnit } from './unit.ts';

export const IDENTITY_UNITS: readonly SealUnit[] = [
  {
    name: 'ssh-host-keys',
    why: 'Clones with the same host key can be impersonated by each other. Each makes its own keys on its first boot, before sshd starts.',
    script: `rm -f /etc/ssh/ssh_host_*`,
    checks: [
      ...absent('/etc/ssh/ssh_host_*'),
      {
        kind: 'present',
        when: '/usr/sbin/sshd',
        paths: [
          '/etc/systemd/system/*.wants/ssh-host-keys.service',
          '/etc/systemd/system/*.wants/cloud-init.service',
          // Since 24.3.
          '/etc/systemd/system/*.wants/cloud-init-network.service',
          '/usr/lib/systemd/system/sshd-keygen.target',
        ],
        meaning: 'nothing would make new host keys, and sshd would not start',
      },
    ],
  },
  {
    name: 'machine-id',
    why: 'The id names the machine in logs, in D-Bus and in DHCP requests: clones that share it get the same address. An empty file makes systemd write a new one on the first boot; without the file, or with “uninitialized” in it, it would also reset which services are enabled.',
    script: `
: > /etc/machine-id
chmod 444 /etc/machine-id
if [ -d /var/lib/dbus ]; then ln -sfn /etc/machine-id /var/lib/dbus/machine-id; fi`,
    checks: [
      { kind: 'empty', path: '/etc/machine-id' },
      { kind: 'link', path: '/var/lib/dbus/machine-id', target: '/etc/machine-id', optional: true },
    ],
  },
  {
    name: 'network-leases',
    why: 'Leases, DHCP identifiers and remembered addresses of network cards belong to the build machine.',
    script: `
rm -f /var/lib/dhcp/*.lease* /var/lib/dhclient/* /etc/udev/rules.d/70-persistent-net.rules
# The folder itself is a package's.
for folder in /var/lib/dhcpcd /var/lib/dhcpcd5; do
  if [ -d $folder ]; then find $folder -mindepth 1 -delete; fi
done
rm -f /var/lib/NetworkManager/*.lease /var/lib/NetworkManager/secret_key /var/lib/NetworkManager/timestamps
rm -f /var/lib/NetworkManager/seen-bssids /var/lib/NetworkManager/internal-*
if [ -f /etc/resolv.conf ] && ! [ -L /etc/resolv.conf ]; then sed -i '/^nameserver 10\\.0\\.2\\.3$/d' /etc/resolv.conf; fi`,
    checks: [
      ...absent(
        '/var/lib/dhcp/*.lease*',
        '/var/lib/dhclient/*',
        '/var/lib/dhcpcd*/*',
        '/var/lib/NetworkManager/*.lease',
        '/var/lib/NetworkManager/secret_key',
        '/etc/udev/rules.d/70-persistent-net.rules',
      ),
      {
        kind: 'no-line',
        path: '/etc/resolv.conf',
        pattern: /^nameserver 10\.0\.2\.3$/,
        meaning: 'the name server of the build machine is kept',
      },
    ],
  },
  {
    name: 'random-seeds',
    why: 'A seed that many machines share is not random, and a shared credential secret protects nothing.',
    script: `
rm -f /var/lib/systemd/random-seed /var/lib/urandom/random-seed /var/lib/systemd/credential.secret
rm -f /boot/efi/loader/random-seed /efi/loader/random-seed /boot/loader/random-seed`,
    checks: absent(
      '/var/lib/systemd/random-seed',
      '/var/lib/urandom/random-seed',
      '/var/lib/systemd/credential.secret',
      '/boot/efi/loader/random-seed',
    ),
  },
  {
    name: 'service-identities',
    why: 'Keys and ids that services make for the machine they are installed on. Clones that share them can stand in for each other, or are taken for one. What a service does not make again by itself, `renew-identities.service` makes on a clone’s first boot, before the services start.',
    script: IDENTITIES_SCRIPT,
    checks: [
      ...absent(...SERVICE_IDENTITIES.flatMap(({ paths }) => paths)),
      {
        kind: 'no-line',
        path: ISCSI_NAME,
        pattern: /^InitiatorName=/,
        meaning: 'clones would have one iSCSI initiator name',
      },
      ...RENEWED_PROGRAMS.map((program) => ({
        kind: 'present' as const,
        when: program,
        paths: [RENEWAL_UNIT],
        meaning: 'nothing would make new keys',
      })),
    ],
  },
  {
    name: 'cloud-init-state',
    why: 'cloud-init remembers which instance it has set up, and writes the network card of the build machine into its configuration. Clones must start from the beginning.',
    script: `
rm -rf /var/lib/cloud
for script in /etc/cloud/clean.d/*; do
  if [ -f "$script" ] && [ -x "$script" ]; then "$script" || true; fi
done
# What an installer has left there keeps a clone from its own data source and network.
rm -f /etc/cloud/cloud.cfg.d/99-installer.cfg /etc/cloud/cloud.cfg.d/90-installer-network.cfg
rm -f /etc/netplan/50-cloud-init.yaml /etc/network/interfaces.d/50-cloud-init* /etc/ssh/sshd_config.d/50-cloud-init.conf
rm -f /etc/systemd/network/10-cloud-init-*.network /etc/NetworkManager/system-connections/cloud-init-*.nmconnection
rm -f /etc/NetworkManager/conf.d/99-cloud-init.conf /etc/NetworkManager/conf.d/30-cloud-init-ip6-addr-gen-mode.conf`,
    checks: absent(
      '/var/lib/cloud/*',
      '/etc/cloud/cloud.cfg.d/99-installer.cfg',
      '/etc/cloud/cloud.cfg.d/90-installer-network.cfg',
      '/etc/netplan/50-cloud-init.yaml',
      '/etc/network/interfaces.d/50-cloud-init*',
      '/etc/NetworkManager/system-connections/cloud-init-*',
      '/etc/NetworkManager/conf.d/*cloud-init*',
      '/etc/ssh/sshd_config.d/50-cloud-init.conf',
      '/etc/systemd/network/10-cloud-init-*',
    ),
  },
];
