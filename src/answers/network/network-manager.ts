/** The network as connections of NetworkManager (nm-settings-keyfile(5)): on the RHEL family, and where Debian has it. */
import { isIPv4 } from 'node:net';
import type { Interface, Match, NetworkAnswer } from '../../recipe/schema/network-schema.ts';
import { isAnyCard, isOnLink, type MatchedDevice, matchedDevicesOf, membersOf, uuidOf } from './matched-devices.ts';
import type { NetworkFile } from './network-file.ts';

export const connectionFiles = (answer: NetworkAnswer): readonly NetworkFile[] => {
  const devices = matchedDevicesOf(answer);
  const [only] = devices;
  if (only !== undefined && isAnyCard(devices))
    return [
      {
        name: 'ethernet',
        content: textOf([['connection', 'id=ethernet', 'type=ethernet'], ...ethernet(only), ...addressing(only)]),
      },
    ];
  return [
    ...devices.map((device) => ({ name: device.id, content: textOf(connection(device, devices)) })),
    ...membersOf(devices).map(({ device, match, nth }) => {
      const name = `${device.id}-member${nth}`;
      const head = [
        ...headOf(name, 'ethernet'),
        ...[`master=${uuidOf(device.id)}`, 'slave-type=bond'],
        ...[...nameOf(match), ...onEach(match)],
      ];
      return { name, content: textOf([['connection', ...head], ...matching(match), ...ethernet(device, match)]) };
    }),
  ];
};

/** A section's name, and its lines. */
type Section = readonly [string, ...string[]];

const textOf = (sections: readonly Section[]): string =>
  sections.map(([head, ...lines]) => `[${head}]\n${lines.map((line) => `${line}\n`).join('')}`).join('\n');

/** Before the one that the installer's own network leaves in the system. */
const headOf = (id: string, type: string): string[] => [
  `id=${id}`,
  `uuid=${uuidOf(id)}`,
  `type=${type}`,
  'autoconnect-priority=10',
];

const isPattern = (name: string): boolean => /[*?]/.test(name);

const nameOf = (match: Match | undefined): string[] =>
  match !== undefined && 'name' in match && !isPattern(match.name) ? [`interface-name=${match.name}`] : [];

/** Without it a pattern is for the first card alone. */
const onEach = (match: Match | undefined): string[] =>
  match !== undefined && 'name' in match && isPattern(match.name) ? ['multi-connect=3'] : [];

const matching = (match: Match | undefined): Section[] =>
  match !== undefined && 'name' in match && isPattern(match.name) ? [['match', `interface-name=${match.name};`]] : [];

const ethernet = ({ mtu }: MatchedDevice, match?: Match): Section[] => {
  const lines = [
    ...(match !== undefined && 'mac' in match ? [`mac-address=${match.mac.toUpperCase()}`] : []),
    ...(mtu === undefined ? [] : [`mtu=${mtu}`]),
  ];
  return lines.length === 0 ? [] : [['ethernet', ...lines]];
};

const connection = (device: MatchedDevice, all: readonly MatchedDevice[]): Section[] => {
  const { id, match, bond, vlan } = device;
  if (bond !== undefined)
    return [
      ['connection', ...headOf(id, 'bond'), `interface-name=${id}`],
      [
        'bond',
        `mode=${bond.mode}`,
        'miimon=100',
        ...(bond.mode === '802.3ad' ? ['lacp_rate=fast', 'xmit_hash_policy=layer3+4'] : []),
      ],
      ...ethernet(device),
      ...addressing(device),
    ];
  if (vlan !== undefined) {
    const parent = all.find(({ name }) => name === vlan.of);
    return [
      ['connection', ...headOf(id, 'vlan'), `interface-name=${id}`],
      ['vlan', `id=${vlan.id}`, `parent=${uuidOf(parent?.id ?? vlan.of)}`],
      ...ethernet(device),
      ...addressing(device),
    ];
  }
  return [
    ['connection', ...headOf(id, 'ethernet'), ...nameOf(match), ...onEach(match)],
    ...matching(match),
    ...ethernet(device, match),
    ...addressing(device),
  ];
};

const addressing = (device: MatchedDevice): Section[] => [family(device, 'ipv4'), family(device, 'ipv6')];

const family = (device: MatchedDevice, name: 'ipv4' | 'ipv6'): Section => {
  const belongs = (text: string): boolean => isIPv4(text.split('/')[0] ?? '') === (name === 'ipv4');
  const addresses = device.addresses.filter(belongs);
  const gateway = device.gateways.find(belongs);
  const servers = device.nameservers.filter(belongs);
  // A card that only carries others has no addresses of its own.
  const without = device.addresses.length === 0 ? 'disabled' : name === 'ipv4' ? 'disabled' : 'auto';
  const method = device.dhcp ? 'auto' : addresses.length > 0 ? 'manual' : without;
  const isOff = method === 'disabled';
  // NetworkManager refuses a connection that has a gateway without an address, or servers of a kind that is off.
  const routes: Interface['routes'] = [
    ...(gateway !== undefined && addresses.length === 0 && !isOff
      ? [{ to: name === 'ipv4' ? '0.0.0.0/0' : '::/0', via: gateway }]
      : []),
    ...device.routes.filter(({ to }) => belongs(to)),
  ];
  return [
    name,
    `method=${method}`,
    // NetworkManager itself adds what it takes to reach a gateway outside of the network.
    ...addresses.map(
      (address, index) => `address${index + 1}=${address}${index === 0 && gateway !== undefined ? `,${gateway}` : ''}`,
    ),
    ...(servers.length > 0 && !isOff ? [`dns=${servers.join(';')};`] : []),
    ...(device.search.length > 0 && !isOff ? [`dns-search=${device.search.join(';')};`] : []),
    ...routes.flatMap(({ to, via, metric }, index) => [
      `route${index + 1}=${[to, via ?? (name === 'ipv4' ? '0.0.0.0' : '::'), ...(metric === undefined ? [] : [metric])].join(',')}`,
      ...(via !== undefined && isOnLink(via, device) ? [`route${index + 1}_options=onlink=true`] : []),
    ]),
  ];
};
