/** The network as files of systemd-networkd (systemd.network(5), systemd.netdev(5)). */

import {
  isAnyCard,
  isOnLink,
  type MatchedDevice,
  matchedDevicesOf,
  membersOf,
} from '../../../answers/network/matched-devices.ts';
import type { NetworkFile } from '../../../answers/network/network-file.ts';
import type { Match, NetworkAnswer } from '../../../recipe/schema/network-schema.ts';

/** Replaces the file that has DHCP on every Ethernet card; undefined where there are files by device. */
export const networkFile = (answer: NetworkAnswer): string | undefined => {
  const devices = matchedDevicesOf(answer);
  const [only] = devices;
  return only !== undefined && isAnyCard(devices) ? textOf(sectionsOf(only, devices)) : undefined;
};

/** Files by device, in the order in which networkd looks for the first that matches. */
export const networkFiles = (answer: NetworkAnswer): readonly NetworkFile[] => {
  const devices = matchedDevicesOf(answer);
  if (isAnyCard(devices)) return [];
  return [
    ...devices.flatMap((device) => [
      ...netdevOf(device),
      { name: `${device.file}.network`, content: textOf(sectionsOf(device, devices)) },
    ]),
    ...membersOf(devices).map(({ device, match, nth }) => ({
      name: `${device.file}-member${nth}.network`,
      content: textOf([
        // The others of the bond take on the address of its first card.
        matchSection(match, 'PermanentMACAddress'),
        ...linkSection(device),
        { head: 'Network', lines: [`Bond=${device.id}`] },
      ]),
    })),
  ];
};

interface Section {
  readonly head: string;
  readonly lines: readonly string[];
}

const textOf = (sections: readonly Section[]): string =>
  sections.map(({ head, lines }) => `[${head}]\n${lines.map((line) => `${line}\n`).join('')}`).join('\n');

const netdevOf = ({ id, file, bond, vlan, mtu }: MatchedDevice): NetworkFile[] => {
  if ((bond ?? vlan) === undefined) return [];
  const sections: Section[] = [
    {
      head: 'NetDev',
      lines: [`Name=${id}`, `Kind=${bond ? 'bond' : 'vlan'}`, ...(mtu === undefined ? [] : [`MTUBytes=${mtu}`])],
    },
    bond
      ? {
          head: 'Bond',
          lines: [
            `Mode=${bond.mode}`,
            'MIIMonitorSec=100ms',
            ...(bond.mode === '802.3ad' ? ['LACPTransmitRate=fast', 'TransmitHashPolicy=layer3+4'] : []),
          ],
        }
      : { head: 'VLAN', lines: [`Id=${vlan?.id}`] },
  ];
  return [{ name: `${file}.netdev`, content: textOf(sections) }];
};

/** No card is named: it is the Ethernet card, whatever it is called (bridges and the like have a kind). */
const ANY: Section = { head: 'Match', lines: ['Type=ether', 'Kind=!*'] };

const matchSection = (match: Match | undefined, mac = 'MACAddress'): Section => {
  if (match === undefined) return ANY;
  // A VLAN has the MAC address of its card, and often the beginning of its name; `*` is the loopback as well.
  if ('mac' in match) return { head: 'Match', lines: [...ANY.lines, `${mac}=${match.mac}`] };
  return { head: 'Match', lines: [...(/[*?]/.test(match.name) ? ANY.lines : []), `Name=${match.name}`] };
};

const linkSection = ({ mtu }: MatchedDevice): Section[] =>
  mtu === undefined ? [] : [{ head: 'Link', lines: [`MTUBytes=${mtu}`] }];

const sectionsOf = (device: MatchedDevice, all: readonly MatchedDevice[]): Section[] => {
  const { bond, vlan, dhcp, addresses, gateways, nameservers, search, routes } = device;
  const vlans = all.filter((other) => device.name !== undefined && other.vlan?.of === device.name);
  const outside = gateways.filter((gateway) => isOnLink(gateway, device));
  return [
    (bond ?? vlan) === undefined ? matchSection(device.match) : { head: 'Match', lines: [`Name=${device.id}`] },
    ...linkSection(device),
    {
      head: 'Network',
      lines: [
        ...(dhcp ? ['DHCP=yes'] : []),
        ...addresses.map((address) => `Address=${address}`),
        ...gateways.filter((gateway) => !outside.includes(gateway)).map((gateway) => `Gateway=${gateway}`),
        ...nameservers.map((nameserver) => `DNS=${nameserver}`),
        ...(search.length > 0 ? [`Domains=${search.join(' ')}`] : []),
        ...vlans.map(({ id }) => `VLAN=${id}`),
        // Without it a card that only carries others would wait for an address of its own.
        ...(addresses.length === 0 && !dhcp ? ['LinkLocalAddressing=no'] : []),
      ],
    },
    ...(dhcp ? [{ head: 'DHCPv4', lines: ['ClientIdentifier=mac'] }] : []),
    ...outside.map((gateway) => ({ head: 'Route', lines: [`Gateway=${gateway}`, 'GatewayOnLink=yes'] })),
    ...routes.map(({ to, via, metric }) => ({
      head: 'Route',
      lines: [
        `Destination=${to}`,
        ...(via === undefined ? ['Scope=link'] : [`Gateway=${via}`]),
        ...(via !== undefined && isOnLink(via, device) ? ['GatewayOnLink=yes'] : []),
        ...(metric === undefined ? [] : [`Metric=${metric}`]),
      ],
    })),
  ];
};
