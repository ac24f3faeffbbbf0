/** The devices of a recipe's network by the names that files and connections have, cards before what stands on them. */
import { createHash } from 'node:crypto';
import { type Interface, interfacesOf, type Match, type NetworkAnswer } from '../../recipe/schema/network-schema.ts';
import { cidrOf, ipOf, isIn, widthOf } from '../../recipe/values/ip.ts';

export interface MatchedDevice extends Interface {
  /** Of its file: `10-card1`. */
  readonly file: string;
  /** Of its connection: `card1`, `bond0`. */
  readonly id: string;
}

export const matchedDevicesOf = (answer: NetworkAnswer): readonly MatchedDevice[] =>
  interfacesOf(answer).map((one, index) => {
    const id = one.name ?? `card${index + 1}`;
    return { ...one, id, file: `${10 + index}-${id}` };
  });

/** One card that is not named: its files are those of any Ethernet card. */
export const isAnyCard = (devices: readonly MatchedDevice[]): boolean =>
  devices.length === 1 && devices.every(({ match, bond, vlan }) => (match ?? bond ?? vlan) === undefined);

/** Whether a next hop is in no network of the device, so that it has to be said that the link itself has it. */
export const isOnLink = (hop: string, { addresses }: Pick<Interface, 'addresses'>): boolean => {
  const ip = ipOf(hop);
  // What is local to the link needs no network.
  if (/^fe[89ab]/i.test(hop)) return false;
  const own = addresses.map(cidrOf).filter(({ version }) => version === ip.version);
  // Where DHCP gives the address, the network is not known before.
  return !own.some((one) => one.prefix < widthOf(one) && isIn(ip, one));
};

/** Cards of bonds, with the bond. */
export const membersOf = (
  devices: readonly MatchedDevice[],
): readonly { readonly device: MatchedDevice; readonly match: Match; readonly nth: number }[] =>
  devices.flatMap((device) => (device.bond?.members ?? []).map((match, index) => ({ device, match, nth: index + 1 })));

/** The same for the same name: connections refer to each other by it. */
export const uuidOf = (name: string): string => {
  const hex = createHash('sha256').update(`ingot network ${name}`).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  );
};
