/** The network of the finished system: DHCP, one fixed address, or a list of cards, bonds and VLANs. */
import { z } from 'zod';
import { domainName, ipAddress, ipAddressInZone, ipNetwork, macAddress, text } from './field-values.ts';

/** What the kernel takes for the name of a device (IFNAMSIZ), as networkd and NetworkManager take it too. */
const deviceName = text(
  /^(?!(all|default|lo)$)[A-Za-z][A-Za-z0-9_.-]{0,14}$/,
  'the name of a network device: a letter first, at most 15 of A-Z a-z 0-9 _ . -',
);

const match = z.union([
  z.strictObject({
    mac: macAddress.meta({ description: 'MAC address of the card: 52:54:00:12:34:56.' }),
  }),
  z.strictObject({
    name: text(/^[A-Za-z*?][A-Za-z0-9_.*?-]{0,14}$/, 'the name of a card, or a pattern: eno1, enp*s0').meta({
      description: 'Name of the card, or a pattern that may fit several: eno1, enp1s*.',
    }),
  }),
]);
export type Match = z.output<typeof match>;

/** As bonding.txt of the kernel and systemd.netdev(5) call them. */
export const BOND_MODES = [
  'balance-rr',
  'active-backup',
  'balance-xor',
  'broadcast',
  '802.3ad',
  'balance-tlb',
  'balance-alb',
] as const;

const bond = z.strictObject({
  members: z.array(match).min(1).meta({ description: 'The cards that are bonded.' }),
  mode: z.enum(BOND_MODES).default('active-backup').meta({ description: 'How they work together; 802.3ad is LACP.' }),
});

const vlan = z.strictObject({
  id: z.int().min(1).max(4094).meta({ description: 'Number of the VLAN, 1 to 4094.' }),
  of: deviceName.meta({ description: 'The `name` of the card or bond that carries it.' }),
});

const route = z.strictObject({
  to: ipNetwork.meta({ description: 'The network that is reached: 10.0.0.0/8.' }),
  via: ipAddress.optional().meta({ description: 'Its gateway; absent: it is on the link itself.' }),
  metric: z.int().min(1).max(4294967295).optional().meta({ description: 'Lower goes first.' }),
});

const some = <Item extends z.ZodType>(item: Item) => z.union([item, z.array(item).min(1)]);

export const interfaceSchema = z.strictObject({
  name: deviceName.optional().meta({ description: 'Name of a bond or VLAN; of a card: how VLANs refer to it.' }),
  match: match.optional().meta({ description: 'Which card; any Ethernet card when absent.' }),
  bond: bond.optional().meta({ description: 'Several cards that are one device.' }),
  vlan: vlan.optional().meta({ description: 'A VLAN (802.1Q) on a card or bond.' }),
  dhcp: z.boolean().default(false).meta({ description: 'Ask DHCP for addresses.' }),
  address: some(ipNetwork)
    .optional()
    .meta({ description: 'Address with prefix length: 192.0.2.10/24; several as a list, IPv6 too.' }),
  gateway: some(ipAddress).optional().meta({
    description:
      'Default gateway, one for IPv4 and one for IPv6 as a list; none when absent. For a /32 it may be outside.',
  }),
  nameservers: z.array(ipAddressInZone).default([]).meta({ description: 'Addresses of the name servers.' }),
  search: z
    .array(domainName.min(1, 'a domain name such as example.org'))
    .default([])
    .meta({ description: 'Search domains, for names without a domain.' }),
  mtu: z.int().min(576).max(65_535).optional().meta({ description: 'Largest packet, bytes: 9000.' }),
  routes: z.array(route).default([]).meta({ description: 'Further routes.' }),
});

/** A VLAN needs the card that carries it, and so a list. */
const alone = interfaceSchema.omit({ vlan: true });

export const network = z.union([z.literal('dhcp'), alone, z.array(interfaceSchema).min(1)]);

export type NetworkAnswer = z.output<typeof network>;

type Written = z.output<typeof interfaceSchema>;

/** As everything except the schema sees it. */
export interface Interface extends Omit<Written, 'address' | 'gateway'> {
  readonly addresses: readonly string[];
  readonly gateways: readonly string[];
}

/** None for plain DHCP. */
export const interfacesOf = (answer: NetworkAnswer): readonly Interface[] => {
  if (answer === 'dhcp') return [];
  const all: readonly Written[] = Array.isArray(answer) ? answer : [answer];
  return all.map(({ address, gateway, ...rest }) => ({
    ...rest,
    addresses: textsOf(address),
    gateways: textsOf(gateway),
  }));
};

const textsOf = (value: string | readonly string[] | undefined): readonly string[] =>
  typeof value === 'string' ? [value] : (value ?? []);

/** The main device: the one with the default gateway, else one with DHCP, else the first with an address. */
export const primaryOf = <One extends Interface>(devices: readonly One[]): One | undefined =>
  devices.find(({ gateways }) => gateways.length > 0) ??
  devices.find(({ dhcp }) => dhcp) ??
  devices.find(({ addresses }) => addresses.length > 0);

/** The card or bond that a VLAN is on; any other device itself. */
export const carrierOf = <One extends Interface>(device: One, devices: readonly One[]): One =>
  devices.find(({ name }) => name !== undefined && name === device.vlan?.of) ?? device;
