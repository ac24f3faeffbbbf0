/** IPv4 (RFC 791) and IPv6 with its extension headers (RFC 8200), as one kind of packet for whoever reads what it carries. */
import { ipv4Bytes, ipv4Text, ipv6Bytes, ipv6Text, isIpv6 } from './address.ts';
import { checksum, type Ends } from './checksum.ts';

export const PROTOCOLS = { icmp: 1, igmp: 2, tcp: 6, udp: 17, icmp6: 58 } as const;

export interface Packet extends Ends {
  readonly protocol: number;
  readonly payload: Buffer;
  /** A later piece of a packet that was cut up: it has no header of what it carries. */
  readonly isLaterFragment: boolean;
}

const IPV4_HEADER = 20;
const IPV6_HEADER = 40;

export const parseIpv4 = (bytes: Buffer): Packet | undefined => {
  if (bytes.length < IPV4_HEADER || bytes.readUInt8(0) >> 4 !== 4) return undefined;
  const header = (bytes.readUInt8(0) & 0xf) * 4;
  const total = bytes.readUInt16BE(2);
  if (header < IPV4_HEADER || total < header || total > bytes.length) return undefined;
  return {
    source: ipv4Text(bytes.subarray(12, 16)),
    destination: ipv4Text(bytes.subarray(16, 20)),
    protocol: bytes.readUInt8(9),
    // Ethernet pads what is short.
    payload: bytes.subarray(header, total),
    isLaterFragment: (bytes.readUInt16BE(6) & 0x1fff) !== 0,
  };
};

/** Hop-by-hop options, routing, destination options: a type, a length in units of eight bytes after the first eight. */
const EXTENSIONS = new Set([0, 43, 60]);
const FRAGMENT = 44;
const MOST_EXTENSIONS = 8;

export const parseIpv6 = (bytes: Buffer): Packet | undefined => {
  if (bytes.length < IPV6_HEADER || bytes.readUInt8(0) >> 4 !== 6) return undefined;
  const total = IPV6_HEADER + bytes.readUInt16BE(4);
  if (total > bytes.length) return undefined;
  let protocol = bytes.readUInt8(6);
  let at = IPV6_HEADER;
  let isLaterFragment = false;
  for (let nth = 0; EXTENSIONS.has(protocol) || protocol === FRAGMENT; nth += 1) {
    if (nth === MOST_EXTENSIONS || at + 8 > total) return undefined;
    const length = protocol === FRAGMENT ? 8 : (bytes.readUInt8(at + 1) + 1) * 8;
    if (protocol === FRAGMENT) isLaterFragment ||= bytes.readUInt16BE(at + 2) >> 3 !== 0;
    protocol = bytes.readUInt8(at);
    at += length;
  }
  if (at > total) return undefined;
  return {
    source: ipv6Text(bytes.subarray(8, 24)),
    destination: ipv6Text(bytes.subarray(24, 40)),
    protocol,
    payload: bytes.subarray(at, total),
    isLaterFragment,
  };
};

export const makePacket = (
  { source, destination }: Ends,
  protocol: number,
  payload: Buffer,
  // Neighbour discovery takes no other (RFC 4861, 6.1).
  hops = 255,
): Buffer => {
  if (isIpv6(source)) {
    const header = Buffer.alloc(IPV6_HEADER);
    header.writeUInt8(0x60, 0);
    header.writeUInt16BE(payload.length, 4);
    header.writeUInt8(protocol, 6);
    header.writeUInt8(hops, 7);
    ipv6Bytes(source).copy(header, 8);
    ipv6Bytes(destination).copy(header, 24);
    return Buffer.concat([header, payload]);
  }
  const header = Buffer.alloc(IPV4_HEADER);
  header.writeUInt8(0x45, 0);
  header.writeUInt16BE(IPV4_HEADER + payload.length, 2);
  header.writeUInt16BE(0x4000, 6);
  header.writeUInt8(hops, 8);
  header.writeUInt8(protocol, 9);
  ipv4Bytes(source).copy(header, 12);
  ipv4Bytes(destination).copy(header, 16);
  header.writeUInt16BE(checksum(header), 10);
  return Buffer.concat([header, payload]);
};
