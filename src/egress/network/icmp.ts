/** ICMP: echo and "port unreachable" for IPv4 (RFC 792) and IPv6 (RFC 4443). */
import { isIpv6 } from './address.ts';
import { checksum, type Ends, segmentChecksum } from './checksum.ts';
import { makePacket, type Packet, PROTOCOLS } from './ip.ts';

const ECHO = { 4: { request: 8, reply: 0 }, 6: { request: 128, reply: 129 } } as const;
const HEADER = 8;

const familyOf = ({ source }: Ends): 4 | 6 => (isIpv6(source) ? 6 : 4);

export const isIcmp = ({ protocol, source }: Packet): boolean =>
  protocol === (isIpv6(source) ? PROTOCOLS.icmp6 : PROTOCOLS.icmp);

export const isEchoRequest = (packet: Packet): boolean =>
  isIcmp(packet) && packet.payload.length >= HEADER && packet.payload[0] === ECHO[familyOf(packet)].request;

/** The payload of the answer to a request from `source`; `ends` are the answer's. */
export const echoReply = (ends: Ends, request: Buffer): Buffer => {
  const reply = Buffer.from(request);
  reply.writeUInt8(ECHO[familyOf(ends)].reply, 0);
  return sealed(ends, reply);
};

/** How much of the packet comes back with it. */
const QUOTED = 64;

export const portUnreachable = (ends: Ends, packet: Packet): Buffer => {
  const quoted = makePacket(packet, packet.protocol, packet.payload).subarray(0, QUOTED);
  const header = Buffer.alloc(HEADER);
  const [type, code] = familyOf(ends) === 6 ? [1, 4] : [3, 3];
  header.writeUInt8(type, 0);
  header.writeUInt8(code, 1);
  return sealed(ends, Buffer.concat([header, quoted]));
};

export const icmpProtocol = (ends: Ends): number => (familyOf(ends) === 6 ? PROTOCOLS.icmp6 : PROTOCOLS.icmp);

/** With its checksum; IPv6's goes over the addresses as well. */
export const sealed = (ends: Ends, message: Buffer): Buffer => {
  message.writeUInt16BE(0, 2);
  const sum = familyOf(ends) === 6 ? segmentChecksum(ends, PROTOCOLS.icmp6, message) : checksum(message);
  message.writeUInt16BE(sum, 2);
  return message;
};
