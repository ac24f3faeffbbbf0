/** Neighbour discovery of IPv6 (RFC 4861): whose address is whose, and a router with a prefix and a name server (RFC 8106). */
import { ipv6Bytes, ipv6Text } from './address.ts';
import { type Packet, PROTOCOLS } from './ip.ts';

const TYPES = { routerSolicitation: 133, routerAdvertisement: 134, solicitation: 135, advertisement: 136 } as const;
/** Between the routers and hosts of one link: 130 to 132 and 143 are multicast listeners (RFC 3810), 133 to 137 this. */
const LINK_TYPES = new Set([130, 131, 132, 133, 134, 135, 136, 137, 143]);

/** What keeps a link going and goes no further. */
export const isOfLink = ({ protocol, payload }: Packet): boolean =>
  protocol === PROTOCOLS.icmp6 && LINK_TYPES.has(payload[0] ?? 0);

export const isRouterSolicitation = ({ protocol, payload }: Packet): boolean =>
  protocol === PROTOCOLS.icmp6 && payload[0] === TYPES.routerSolicitation;

/** The address that is asked for; undefined when a host asks whether its own is free (RFC 4862, 5.4), which nobody answers. */
export const solicitedTarget = ({ protocol, payload, source }: Packet): string | undefined =>
  protocol === PROTOCOLS.icmp6 && payload[0] === TYPES.solicitation && payload.length >= 24 && source !== '::'
    ? ipv6Text(payload.subarray(8, 24))
    : undefined;

const macOption = (type: 1 | 2, mac: string): Buffer =>
  Buffer.concat([Buffer.from([type, 1]), Buffer.from(mac.replaceAll(':', ''), 'hex')]);

/** Without its checksum: solicited, and it takes the place of what was known. */
export const neighbourAdvertisement = (target: string, mac: string): Buffer => {
  const head = Buffer.alloc(8);
  head.writeUInt8(TYPES.advertisement, 0);
  head.writeUInt8(0x60, 4);
  return Buffer.concat([head, ipv6Bytes(target), macOption(2, mac)]);
};

export interface Router {
  readonly mac: string;
  /** Hosts make an address of it for themselves: 64 bits, as an address that ends in `::`. */
  readonly prefix: string;
  readonly nameServer: string;
}

/** Seconds for which all of it is good: longer than any look at an image. */
const LIFETIME = 9000;

/** Without its checksum. No flag for DHCPv6: all that a host needs is here. */
export const routerAdvertisement = ({ mac, prefix, nameServer }: Router): Buffer => {
  const head = Buffer.alloc(16);
  head.writeUInt8(TYPES.routerAdvertisement, 0);
  head.writeUInt8(64, 4);
  head.writeUInt16BE(LIFETIME, 6);
  const prefixOption = Buffer.alloc(32);
  // Type, length in eights, bits of the prefix, on this link and for addresses.
  prefixOption.set([3, 4, 64, 0xc0]);
  prefixOption.writeUInt32BE(LIFETIME, 4);
  prefixOption.writeUInt32BE(LIFETIME, 8);
  ipv6Bytes(prefix).copy(prefixOption, 16);
  const serverOption = Buffer.alloc(24);
  serverOption.set([25, 3]);
  serverOption.writeUInt32BE(LIFETIME, 4);
  ipv6Bytes(nameServer).copy(serverOption, 8);
  return Buffer.concat([head, macOption(1, mac), prefixOption, serverOption]);
};
