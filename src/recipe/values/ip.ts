/** IP addresses and networks as numbers, for the questions that rules ask of them. */
import { isIPv4, isIPv6 } from 'node:net';

export interface Ip {
  readonly version: 4 | 6;
  readonly value: bigint;
}

/** An address with the network that it is in. */
export interface Cidr extends Ip {
  readonly prefix: number;
  readonly text: string;
}

export const widthOf = ({ version }: Pick<Ip, 'version'>): number => (version === 4 ? 32 : 128);

const V4 = (text: string): bigint => text.split('.').reduce((sum, part) => sum * 256n + BigInt(part), 0n);

/** An address that Node accepts; IPv6's zero for what is not an address. */
export const ipOf = (text: string): Ip => {
  if (isIPv4(text)) return { version: 4, value: V4(text) };
  if (!isIPv6(text)) return { version: 6, value: 0n };
  // A last part in the old form stands for two groups.
  const plain = text
    .replace(/%.*$/, '')
    .replace(/(\d+\.\d+\.\d+\.\d+)$/, (old) => `${(V4(old) >> 16n).toString(16)}:${(V4(old) & 0xffffn).toString(16)}`);
  const [head = '', tail] = plain.split('::');
  const groups = (part: string) => part.split(':').filter((group) => group !== '');
  const [before, after] = [groups(head), groups(tail ?? '')];
  const zeros = Array<string>(Math.max(0, 8 - before.length - after.length)).fill('0');
  const all = tail === undefined ? before : [...before, ...zeros, ...after];
  return { version: 6, value: all.reduce((sum, group) => sum * 65536n + BigInt(`0x${group}`), 0n) };
};

export const cidrOf = (text: string): Cidr => {
  const [address = '', prefix = ''] = text.split('/');
  return { ...ipOf(address), prefix: Number(prefix), text };
};

const hostBits = (cidr: Cidr): bigint => (1n << BigInt(widthOf(cidr) - cidr.prefix)) - 1n;

export const networkOf = (cidr: Cidr): bigint => cidr.value & ~hostBits(cidr);
/** The last address, IPv4's broadcast. */
export const lastOf = (cidr: Cidr): bigint => cidr.value | hostBits(cidr);

/** In a network of one or two addresses, none is the network's or the broadcast address (RFC 3021, RFC 6164). */
export const hasEnds = (cidr: Cidr): boolean => widthOf(cidr) - cidr.prefix > 1;

export const isIn = (ip: Ip, cidr: Cidr): boolean =>
  ip.version === cidr.version && networkOf({ ...cidr, value: ip.value }) === networkOf(cidr);

export const isSame = (one: Ip, other: Ip): boolean => one.version === other.version && one.value === other.value;

export const overlap = (one: Cidr, other: Cidr): boolean =>
  one.prefix <= other.prefix ? isIn(other, one) : isIn(one, other);

export const ipText = ({ version, value }: Ip): string => {
  const parts = version === 4 ? 4 : 8;
  const bits = BigInt(widthOf({ version }) / parts);
  const mask = (1n << bits) - 1n;
  const groups = Array.from({ length: parts }, (_, index) => (value >> (bits * BigInt(parts - 1 - index))) & mask);
  if (version === 4) return groups.join('.');
  const text = groups.map((group) => group.toString(16)).join(':');
  const [longest] = Array.from(text.matchAll(/(?<![0-9a-f])0(?::0)+(?![0-9a-f])/g)).sort(
    ([one], [other]) => other.length - one.length,
  );
  if (longest === undefined) return text;
  const [before, after] = [text.slice(0, longest.index), text.slice(longest.index + longest[0].length)];
  return `${before.replace(/:$/, '')}::${after.replace(/^:/, '')}`;
};

/** Why nobody can have the address, or undefined. */
export const notForHosts = (ip: Ip): string | undefined => {
  const within = (network: string): boolean => isIn(ip, cidrOf(network));
  return NOT_FOR_HOSTS.find(({ networks }) => networks.some(within))?.what;
};

const NOT_FOR_HOSTS: readonly { readonly what: string; readonly networks: readonly string[] }[] = [
  { what: 'no address', networks: ['0.0.0.0/8', '::/128'] },
  { what: 'a loopback address', networks: ['127.0.0.0/8', '::1/128'] },
  { what: 'a multicast address', networks: ['224.0.0.0/4', 'ff00::/8'] },
  { what: 'reserved', networks: ['240.0.0.0/4'] },
];

export const isLinkLocal = (ip: Ip): boolean => isIn(ip, cidrOf('fe80::/10')) || isIn(ip, cidrOf('169.254.0.0/16'));
