/** What the sink sends back: packets turned around, and what the link itself asks. */
import { isIpv6 } from './network/address.ts';
import { ETHER_TYPES, type Frame } from './network/ethernet.ts';
import { icmpProtocol, portUnreachable, sealed } from './network/icmp.ts';
import { makePacket, type Packet, PROTOCOLS, parseIpv4, parseIpv6 } from './network/ip.ts';
import {
  isRouterSolicitation,
  neighbourAdvertisement,
  routerAdvertisement,
  solicitedTarget,
} from './network/neighbours.ts';
import { type Datagram, makeUdp } from './network/udp.ts';
import { isMany, isMetadata, SINK } from './sink-addresses.ts';

export interface Reply {
  readonly type: number;
  readonly payload: Buffer;
}

export const packetIn = ({ type, payload }: Frame): Packet | undefined => {
  if (type === ETHER_TYPES.ipv4) return parseIpv4(payload);
  return type === ETHER_TYPES.ipv6 ? parseIpv6(payload) : undefined;
};

export const turned = ({ source, destination }: Pick<Packet, 'source' | 'destination'>) => ({
  source: destination,
  destination: source,
});

export const ip = (ends: { source: string; destination: string }, protocol: number, payload: Buffer): Reply => ({
  type: isIpv6(ends.source) ? ETHER_TYPES.ipv6 : ETHER_TYPES.ipv4,
  payload: makePacket(ends, protocol, payload),
});

export const back = (packet: Packet, { sourcePort, port }: Datagram, data: Buffer): Reply => {
  const ends = turned(packet);
  return ip(ends, PROTOCOLS.udp, makeUdp(ends, { sourcePort: port, port: sourcePort, data }));
};

export const unreachable = (packet: Packet): Reply[] => {
  const ends = turned(packet);
  return [ip(ends, icmpProtocol(ends), portUnreachable(ends, packet))];
};

/** What is for many is answered by none of them, and a guest without a metadata service finds none here. */
export const isAnswered = ({ destination, source }: Packet): boolean =>
  !isMany(destination) && !isMetadata(destination) && source !== '0.0.0.0' && source !== '::';

export const linkReplies = (packet: Packet): Reply[] => {
  if (isRouterSolicitation(packet)) {
    const ends = { source: SINK.router, destination: packet.source === '::' ? 'ff02::1' : packet.source };
    const { mac, prefix, nameServer6: nameServer } = SINK;
    return [ip(ends, PROTOCOLS.icmp6, sealed(ends, routerAdvertisement({ mac, prefix, nameServer })))];
  }
  const target = solicitedTarget(packet);
  if (target === undefined || isMetadata(target)) return [];
  const ends = { source: target, destination: packet.source };
  return [ip(ends, PROTOCOLS.icmp6, sealed(ends, neighbourAdvertisement(target, SINK.mac)))];
};
