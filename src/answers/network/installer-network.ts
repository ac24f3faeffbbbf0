/**
 * What an installer that fetches packages needs of the network: one device with one address. The finished system's is
 * written by Ingot's own files, which say more.
 */
import { isIPv4 } from 'node:net';
import { carrierOf, type NetworkAnswer, primaryOf } from '../../recipe/schema/network-schema.ts';
import { cidrOf } from '../../recipe/values/ip.ts';
import { isAnyCard, isOnLink, type MatchedDevice, matchedDevicesOf } from './matched-devices.ts';

export interface InstallerAddress {
  readonly address: string;
  readonly prefix: string;
  readonly version: 'ipv4' | 'ipv6';
  /** `255.255.255.0`, `ffff:ffff:ffff:ffff::` and the like. */
  readonly netmask: string;
  /** Empty when there is none. */
  readonly gateway: string;
  readonly nameservers: string;
}

const addressOf = (device: MatchedDevice): InstallerAddress | undefined => {
  const text = device.addresses.find((one) => isIPv4(one.split('/')[0] ?? '')) ?? device.addresses[0];
  if (device.dhcp || text === undefined) return undefined;
  const { version, prefix } = cidrOf(text);
  const gateway = device.gateways.find((one) => isIPv4(one) === (version === 4));
  const bits = '1'.repeat(prefix).padEnd(version === 4 ? 32 : 128, '0');
  const groups = (size: number, base: number): string[] =>
    Array.from(bits.matchAll(new RegExp(`[01]{${size}}`, 'g')), ([group]) => Number.parseInt(group, 2).toString(base));
  return {
    address: text.split('/')[0] ?? '',
    prefix: String(prefix),
    version: version === 4 ? 'ipv4' : 'ipv6',
    netmask: version === 4 ? groups(8, 10).join('.') : groups(16, 16).join(':'),
    gateway: gateway ?? '',
    nameservers: device.nameservers.join(' '),
  };
};

export interface InstallerNetwork {
  /** The card by its name, where it has one. */
  readonly card?: string;
  readonly address?: InstallerAddress;
}

/**
 * For debian-installer's netcfg, which takes one card by its name. A gateway outside of the network is an error to it: it
 * asks DHCP then, as it does without an answer.
 */
export const netcfgOf = (answer: NetworkAnswer): InstallerNetwork => {
  const devices = matchedDevicesOf(answer);
  const device = primaryOf(devices);
  if (device === undefined) return {};
  const [first] = device.bond?.members ?? [];
  const match = device.match ?? first;
  const card = match !== undefined && 'name' in match && !/[*?]/.test(match.name) ? match.name : undefined;
  const address = addressOf(device);
  const isReachable = address !== undefined && (address.gateway === '' || !isOnLink(address.gateway, device));
  return { ...(card === undefined ? {} : { card }), ...(isReachable && device.vlan === undefined ? { address } : {}) };
};

/** The words of kickstart's `network` command; Anaconda brings the device up for the installation. */
export const networkWords = (answer: NetworkAnswer): readonly string[] => {
  const devices = matchedDevicesOf(answer);
  const device = primaryOf(devices);
  if (device === undefined || isAnyCard(devices))
    return [...(device?.mtu === undefined ? [] : [`--mtu=${device.mtu}`]), '--device=link', ...bootWords(device)];
  const below = carrierOf(device, devices);
  const members = below.bond?.members.flatMap((member) => ('name' in member ? [member.name] : [])) ?? [];
  return [
    `--device=${below.bond ? below.id : deviceOf(below)}`,
    ...(below.bond ? [`--bondslaves=${members.join(',')}`, `--bondopts=mode=${below.bond.mode},miimon=100`] : []),
    ...(device.vlan ? [`--vlanid=${device.vlan.id}`, `--interfacename=${device.id}`] : []),
    ...(device.mtu === undefined ? [] : [`--mtu=${device.mtu}`]),
    ...bootWords(device),
  ];
};

const deviceOf = ({ match }: MatchedDevice): string =>
  match === undefined ? 'link' : 'mac' in match ? match.mac : match.name;

const bootWords = (device: MatchedDevice | undefined): string[] => {
  const address = device && addressOf(device);
  if (address === undefined) return ['--bootproto=dhcp'];
  const gateway =
    address.gateway === '' ? [] : [`--${address.version === 'ipv4' ? 'gateway' : 'ipv6gateway'}=${address.gateway}`];
  const servers = address.nameservers === '' ? [] : [`--nameserver=${address.nameservers.replaceAll(' ', ',')}`];
  return address.version === 'ipv4'
    ? ['--bootproto=static', `--ip=${address.address}`, `--netmask=${address.netmask}`, ...gateway, ...servers]
    : ['--noipv4', `--ipv6=${address.address}/${address.prefix}`, ...gateway, ...servers];
};
