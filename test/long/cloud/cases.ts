/**
 * Seeds that people use, each with the machine it is for and what must hold in every boot of it. A case stands for its kind:
 * the second boot and the copy with a new instance id are the same for all (cloud.test.ts).
 */

import { REPORT } from './boot-report.ts';
import { type Card, cardName } from './cloud-machine.ts';
import type { Files, Firmware, Seed } from './seeds.ts';

export interface Instance {
  readonly id: string;
  readonly hostname: string;
  readonly publicKey: string;
  /** A copy has cards of its own. */
  readonly macOf: (nth: number) => string;
  /** A script for REPORT. */
  readonly report?: string;
}

export interface Look {
  /** Run in the guest as the case's user; `says` is a pattern of all that it writes. */
  readonly run: string;
  readonly says: RegExp;
}

export interface Case {
  readonly name: string;
  readonly cards: readonly Card[];
  /** Who logs in; nobody can where it is absent. */
  readonly user?: string;
  readonly seed: (instance: Instance) => Seed;
  readonly firmware?: (instance: Instance) => Firmware;
  readonly status: RegExp;
  readonly holds: (instance: Instance) => readonly Look[];
  /** The medium with the seed is taken away after the first boot, as some hypervisors do. */
  readonly once?: true;
  /** The user data is not run: it is broken. */
  readonly broken?: true;
  /** Units that fail, since the user data does. */
  readonly failed?: readonly string[];
}

const DONE = /status: done/;
const ONE: readonly Card[] = [{ net: '10.1.0.0/24' }];

const metaData = ({ id, hostname }: Instance): string => `instance-id: ${id}\nlocal-hostname: ${hostname}\n`;

const cloudConfig = (words: object): string => `#cloud-config\n${JSON.stringify(words)}\n`;

/** A line for each instance that has been set up. */
export const RAN = '/var/log/instances';
const REMEMBER = `cat /var/lib/cloud/data/instance-id >> ${RAN}`;

const person = ({ publicKey }: Instance) => ({
  name: 'cloudy',
  sudo: 'ALL=(ALL) NOPASSWD:ALL',
  shell: '/bin/bash',
  ssh_authorized_keys: [publicKey],
});

const userData = (instance: Instance, more: object = {}): string =>
  cloudConfig({ users: [person(instance)], runcmd: [REMEMBER], ...more });

const noCloud = (instance: Instance, network?: object, user = userData(instance)): Files => ({
  'meta-data': metaData(instance),
  'user-data': user,
  ...(network === undefined ? {} : { 'network-config': `${JSON.stringify(network)}\n` }),
});

const cd = (files: Files, label = 'cidata'): Seed => ({ on: 'cd', label, files });

const address = (link: string, is: string): Look => ({
  run: `ip -brief address show dev ${link}`,
  says: new RegExp(`UP.*\\s${is.replaceAll('.', '\\.')}(\\s|$)`),
});

const cardWith = (mac: string): string =>
  `$(basename $(dirname $(grep -lix ${mac} /sys/class/net/e*/address | head -n1)))`;

const bondHolds: readonly Look[] = [
  { run: 'cat /proc/net/bonding/bond0', says: /active-backup[\s\S]*MII Polling Interval \(ms\): 100/ },
  { run: 'grep -c "^Slave Interface" /proc/net/bonding/bond0', says: /^2$/ },
  { run: 'grep -c "MII Status: up" /proc/net/bonding/bond0', says: /^3$/ },
];

const vlanHolds = (link: string): readonly Look[] => [
  { run: `ip -details link show dev ${link}`, says: /vlan protocol 802\.1Q id 42/ },
  address(link, '10.9.42.5/24'),
];

const cloudCase = {
  pattern: {
    name: 'NoCloud CD: version 2, match by the pattern e*',
    cards: ONE,
    user: 'cloudy',
    once: true,
    seed: (instance) =>
      cd(
        noCloud(
          instance,
          { version: 2, ethernets: { all: { match: { name: 'e*' }, dhcp4: true } } },
          userData(instance, { swap: { filename: '/swapfile', size: 64 * 2 ** 20 } }),
        ),
      ),
    status: DONE,
    holds: () => [
      address(cardName(0), '10.1.0.15/24'),
      { run: 'cat /proc/swaps', says: /\/swapfile/ },
      { run: 'getent passwd debian || echo none', says: /^none$/ },
    ],
  },

  version2: {
    name: 'NoCloud CD: version 2 by name, MAC, driver and pattern, a bond, a VLAN, IPv4 and IPv6',
    cards: [
      { net: '10.1.0.0/24' },
      { net: '10.1.1.0/24' },
      { net: '10.1.2.0/24' },
      { net: '10.1.3.0/24', model: 'e1000e' },
      { net: '10.1.4.0/24' },
      { net: '10.1.4.0/24', joins: true },
    ],
    user: 'cloudy',
    seed: (instance) =>
      cd(
        noCloud(instance, {
          version: 2,
          ethernets: {
            [cardName(1)]: {
              addresses: ['10.1.1.77/24'],
              nameservers: { addresses: ['10.1.1.3'], search: ['lab.example'] },
            },
            byMac: {
              match: { macaddress: instance.macOf(2) },
              'set-name': 'lan0',
              dhcp4: true,
              'dhcp4-overrides': { 'use-routes': false },
            },
            byDriver: {
              match: { driver: 'e1000e' },
              addresses: ['10.1.3.77/24', 'fd00:3::77/64'],
              routes: [{ to: '192.0.2.0/24', via: '10.1.3.2' }],
            },
            member1: { match: { macaddress: instance.macOf(4) } },
            member2: { match: { macaddress: instance.macOf(5) } },
            rest: { match: { name: 'e*' }, dhcp4: true },
          },
          bonds: {
            bond0: {
              interfaces: ['member1', 'member2'],
              parameters: { mode: 'active-backup', 'mii-monitor-interval': 100 },
              dhcp4: true,
              'dhcp4-overrides': { 'route-metric': 2000 },
            },
          },
          vlans: { vlan42: { id: 42, link: 'byMac', addresses: ['10.9.42.5/24'] } },
        }),
      ),
    status: DONE,
    holds: (instance) => [
      address(cardName(0), '10.1.0.15/24'),
      address(cardName(1), '10.1.1.77/24'),
      {
        run: `resolvectl dns ${cardName(1)}; resolvectl domain ${cardName(1)}`,
        says: /10\.1\.1\.3[\s\S]*lab\.example/,
      },
      address('lan0', '10.1.2.15/24'),
      { run: 'cat /sys/class/net/lan0/address', says: new RegExp(instance.macOf(2)) },
      address(cardName(3), '10.1.3.77/24'),
      address(cardName(3), 'fd00:3::77/64'),
      { run: 'ip route get 192.0.2.9', says: /via 10\.1\.3\.2/ },
      address('bond0', '10.1.4.15/24'),
      ...bondHolds,
      ...vlanHolds('vlan42'),
    ],
  },

  version1: {
    name: 'NoCloud CD: version 1 by name and MAC, static /32, IPv6, a bond, a VLAN, name servers',
    cards: [
      { net: '10.1.0.0/24' },
      { net: '10.1.1.0/24' },
      { net: '10.1.2.0/24' },
      { net: '10.1.4.0/24' },
      { net: '10.1.4.0/24', joins: true },
    ],
    user: 'cloudy',
    seed: (instance) =>
      cd(
        noCloud(instance, {
          version: 1,
          config: [
            {
              type: 'physical',
              name: cardName(0),
              subnets: [{ type: 'static', address: '10.1.0.15', netmask: '255.255.255.0' }],
            },
            {
              type: 'physical',
              name: 'lan1',
              mac_address: instance.macOf(1),
              subnets: [
                { type: 'static', address: '10.1.1.77/32', gateway: '10.1.1.2' },
                { type: 'static6', address: 'fd00:1::77/128', gateway: 'fd00:2::1' },
              ],
            },
            {
              type: 'physical',
              name: cardName(2),
              subnets: [{ type: 'dhcp4' }, { type: 'static6', address: 'fd00:3::77/64' }],
            },
            { type: 'physical', name: cardName(3), mac_address: instance.macOf(3) },
            { type: 'physical', name: cardName(4), mac_address: instance.macOf(4) },
            {
              type: 'bond',
              name: 'bond0',
              bond_interfaces: [cardName(3), cardName(4)],
              params: { 'bond-mode': 'active-backup', 'bond-miimon': 100 },
              subnets: [{ type: 'static', address: '10.1.4.77/24' }],
            },
            {
              type: 'vlan',
              name: 'bond0.42',
              vlan_link: 'bond0',
              vlan_id: 42,
              subnets: [{ type: 'static', address: '10.9.42.5/24' }],
            },
            { type: 'nameserver', address: ['10.1.1.3'], search: ['lab.example'] },
          ],
        }),
      ),
    status: DONE,
    holds: (instance) => [
      address(cardName(0), '10.1.0.15/24'),
      address('lan1', '10.1.1.77/32'),
      { run: 'cat /sys/class/net/lan1/address', says: new RegExp(instance.macOf(1)) },
      { run: 'ip route', says: /default via 10\.1\.1\.2 dev lan1.* onlink/ },
      { run: 'ip -6 route', says: /default via fd00:2::1 dev lan1.* onlink/ },
      address(cardName(2), '10.1.2.15/24'),
      address(cardName(2), 'fd00:3::77/64'),
      address('bond0', '10.1.4.77/24'),
      ...bondHolds,
      ...vlanHolds('bond0.42'),
      { run: 'resolvectl dns; resolvectl domain', says: /10\.1\.1\.3[\s\S]*lab\.example/ },
    ],
  },

  only6: {
    name: 'NoCloud CD: IPv6 only, by router advertisements and a static address',
    cards: [{ net: '', only6: true }],
    seed: (instance) =>
      cd(
        noCloud(
          instance,
          {
            version: 2,
            ethernets: {
              only: {
                match: { name: 'en*' },
                'accept-ra': true,
                addresses: ['fd00:15::77/64'],
                nameservers: { addresses: ['fd00:15::3'] },
              },
            },
          },
          userData(instance, { write_files: [{ path: REPORT, permissions: '0755', content: instance.report }] }),
        ),
      ),
    status: /status: (done|running)/,
    holds: () => [
      address(cardName(0), 'fd00:15::77/64'),
      { run: `ip -6 address show dev ${cardName(0)} dynamic`, says: /inet6 fd00:15::/ },
      { run: `ip -4 address show dev ${cardName(0)}`, says: /^$/ },
      { run: 'ip -6 route', says: /default via fe80::\S+ dev \S+ proto ra/ },
      { run: 'resolvectl dns', says: /fd00:15::3/ },
    ],
  },

  fat: {
    name: 'NoCloud on a FAT disk: no network, the default user beside another, a command that fails',
    cards: ONE,
    user: 'debian',
    seed: (instance) => ({
      on: 'fat',
      label: 'CIDATA',
      files: noCloud(
        instance,
        undefined,
        cloudConfig({
          users: ['default', person(instance)],
          ssh_authorized_keys: [instance.publicKey],
          runcmd: [REMEMBER, 'false'],
        }),
      ),
    }),
    status: /status: error/,
    failed: ['cloud-final.service'],
    holds: () => [
      address(cardName(0), '10.1.0.15/24'),
      { run: 'getent passwd cloudy', says: /^cloudy:/ },
      { run: 'sudo -l -U debian', says: /NOPASSWD: ALL/ },
    ],
  },

  smbios: {
    name: 'NoCloud by SMBIOS, from the web: user data that is no YAML',
    cards: ONE,
    user: 'admin-user',
    seed: (instance) => ({
      on: 'web',
      at: '10.1.0.100',
      files: {
        'meta-data': metaData(instance),
        'user-data': '#cloud-config\nusers: [{name: cloudy\n',
        'vendor-data': '',
      },
    }),
    // The older name goes as well.
    firmware: ({ id }) => ({ serial: `ds=nocloud${id === 'i-0001' ? '' : '-net'};s=http://10.1.0.100/` }),
    status: /status: (done|error|degraded)/,
    broken: true,
    holds: () => [address(cardName(0), '10.1.0.15/24'), { run: 'cloud-id', says: /^nocloud$/ }],
  },

  configDrive: {
    name: 'config drive: a static address by MAC, IPv6, name servers, and a card that is left alone',
    cards: [{ net: '10.1.0.0/24' }, { net: '10.1.1.0/24' }],
    user: 'cloudy',
    once: true,
    seed: (instance) =>
      cd(
        {
          'openstack/latest/meta_data.json': JSON.stringify({ uuid: instance.id, hostname: instance.hostname }),
          'openstack/latest/user_data': userData(instance),
          'openstack/latest/network_data.json': JSON.stringify(networkData(instance)),
        },
        'config-2',
      ),
    status: DONE,
    holds: (instance) => [
      ...openStackNetwork(instance),
      { run: `ip -4 address show dev ${cardWith(instance.macOf(1))}`, says: /^$/ },
    ],
  },

  openStack: {
    name: 'OpenStack’s web server: the default user with the project’s key, a static address',
    cards: [{ net: '169.254.0.0/16' }, { net: '10.1.0.0/24' }],
    user: 'debian',
    seed: (instance) => ({
      on: 'web',
      at: '169.254.169.254',
      files: {
        'openstack/.list': '2015-10-15\n2018-08-27\nlatest',
        'openstack/2018-08-27/meta_data.json': openStackMeta(instance),
        'openstack/2018-08-27/user_data': cloudConfig({ runcmd: [REMEMBER] }),
        'openstack/2018-08-27/network_data.json': JSON.stringify(openStackTwo(instance)),
        'openstack/latest/meta_data.json': openStackMeta(instance),
        'latest/meta-data/instance-id': instance.id,
      },
    }),
    firmware: () => ({ product: 'OpenStack Nova' }),
    status: DONE,
    holds: ({ macOf }) => [address(cardWith(macOf(0)), '169.254.0.15/16'), address(cardWith(macOf(1)), '10.1.0.77/24')],
  },

  ec2: {
    name: 'EC2’s web server, second version: the default user with the key',
    cards: [{ net: '169.254.0.0/16' }],
    user: 'debian',
    seed: (instance) => ({ on: 'web', at: '169.254.169.254', files: ec2(instance) }),
    firmware: () => ({ uuid: EC2_UUID, serial: EC2_UUID }),
    status: DONE,
    holds: ({ macOf }) => [address(cardWith(macOf(0)), '169.254.0.15/16')],
  },
} satisfies Record<string, Case>;

const EC2_UUID = 'ec2f1c5a-0000-4000-8000-0123456789ab';

const networkData = ({ macOf }: Instance) => ({
  links: [{ id: 'link0', type: 'phy', ethernet_mac_address: macOf(0), mtu: 1400 }],
  networks: [
    {
      id: 'net0',
      type: 'ipv4',
      link: 'link0',
      ip_address: '10.1.0.15',
      netmask: '255.255.255.0',
      routes: [{ network: '0.0.0.0', netmask: '0.0.0.0', gateway: '10.1.0.2' }],
    },
    { id: 'net1', type: 'ipv6', link: 'link0', ip_address: 'fd00:1::77/64', routes: [] },
  ],
  services: [{ type: 'dns', address: '10.1.0.3' }],
});

const openStackNetwork = ({ macOf }: Instance): readonly Look[] => {
  const card = cardWith(macOf(0));
  return [
    address(card, '10.1.0.15/24'),
    address(card, 'fd00:1::77/64'),
    { run: `cat /sys/class/net/${card}/mtu`, says: /^1400$/ },
    { run: 'ip route', says: /default via 10\.1\.0\.2/ },
    { run: 'resolvectl dns', says: /10\.1\.0\.3/ },
  ];
};

const openStackMeta = ({ id, hostname, publicKey }: Instance): string =>
  JSON.stringify({ uuid: id, hostname, name: hostname, public_keys: { key: publicKey } });

const openStackTwo = ({ macOf }: Instance) => ({
  links: [
    { id: 'a', type: 'phy', ethernet_mac_address: macOf(0) },
    { id: 'b', type: 'phy', ethernet_mac_address: macOf(1) },
  ],
  networks: [
    { id: 'n0', type: 'ipv4_dhcp', link: 'a' },
    { id: 'n1', type: 'ipv4', link: 'b', ip_address: '10.1.0.77', netmask: '255.255.255.0' },
  ],
  services: [],
});

const ec2 = (instance: Instance): Files => {
  const mac = instance.macOf(0);
  const meta: Files = {
    'instance-id': instance.id,
    'ami-id': 'ami-1',
    hostname: instance.hostname,
    'local-hostname': instance.hostname,
    'local-ipv4': '169.254.0.15',
    'placement/availability-zone': 'zone-1a',
    'public-keys/.list': '0=key',
    'public-keys/0/openssh-key': instance.publicKey,
    'public-keys/0/.list': 'openssh-key',
    [`network/interfaces/macs/${mac}/device-number`]: '0',
    [`network/interfaces/macs/${mac}/interface-id`]: 'eni-1',
    [`network/interfaces/macs/${mac}/local-hostname`]: instance.hostname,
    [`network/interfaces/macs/${mac}/local-ipv4s`]: '169.254.0.15',
    [`network/interfaces/macs/${mac}/mac`]: mac,
    [`network/interfaces/macs/${mac}/subnet-ipv4-cidr-block`]: '169.254.0.0/16',
  };
  return Object.fromEntries(
    ['2009-04-04', '2018-09-24'].flatMap((version) => [
      ...Object.entries(meta).map(([path, text]) => [`${version}/meta-data/${path}`, text]),
      [`${version}/dynamic/instance-identity/document`, JSON.stringify({ region: 'zone-1', instanceId: instance.id })],
      [`${version}/user-data`, cloudConfig({ runcmd: [REMEMBER] })],
    ]),
  );
};

export const CASES: Readonly<Record<string, Case>> = cloudCase;
