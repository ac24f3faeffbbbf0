/**
 * A network that takes everything and lets nothing out: whatever a guest sends is answered just enough for it to say what it wants and
 * of whom. Pure but for its clock: frames in, frames out, and a table of flows.
 */
import { createFlowTable, type FlowTable, type Said } from './flow.ts';
import { isIpv6 } from './network/address.ts';
import { arpReply, parseArpRequest } from './network/arp.ts';
import { type Conversations, createConversations } from './network/conversation.ts';
import { dhcpReply, parseDhcp } from './network/dhcp.ts';
import { type DnsQuestion, dnsReply, parseQuery } from './network/dns.ts';
import { ETHER_TYPES, type Frame, makeFrame, parseFrame } from './network/ethernet.ts';
import { echoReply, icmpProtocol, isEchoRequest, isIcmp } from './network/icmp.ts';
import { type Packet, PROTOCOLS } from './network/ip.ts';
import { createNames } from './network/names.ts';
import { isOfLink } from './network/neighbours.ts';
import { isNtpRequest, ntpReply } from './network/ntp.ts';
import { makeTcp, parseTcp } from './network/tcp.ts';
import { type Datagram, makeUdp, parseUdp } from './network/udp.ts';
import { isMetadata, SINK } from './sink-addresses.ts';
import { back, ip, isAnswered, linkReplies, packetIn, type Reply, turned, unreachable } from './sink-replies.ts';

/** sink: connections are taken until it is known what they want; refuse: no name is known and nothing is open, as without a way out. */
export type SinkMode = 'sink' | 'refuse';

export interface SinkOptions {
  readonly mode: SinkMode;
  /** Milliseconds after power-on. */
  readonly now: () => number;
  /** Milliseconds since 1970, for those who ask what time it is. */
  readonly time: () => number;
}

export interface Sink extends Pick<FlowTable, 'phase' | 'flows' | 'lost'> {
  /** The frames that answer this one. Never throws, whatever it is given. */
  readonly take: (frame: Buffer) => readonly Buffer[];
  /** Frames that keep the link going (ARP, neighbours, group membership), and those that could not be read. */
  readonly counts: () => { readonly link: number; readonly unread: number };
}

export const createSink = ({ mode, now, time }: SinkOptions): Sink => {
  const table = createFlowTable(now);
  const names = createNames();
  const conversations = createConversations();
  const counts = { link: 0, unread: 0 };
  const refuses = mode === 'refuse';

  const answerTo = (frame: Frame): Reply[] => {
    if (frame.type === ETHER_TYPES.arp) {
      counts.link += 1;
      const request = parseArpRequest(frame.payload);
      if (request === undefined || isMetadata(request.target) || request.target === SINK.lease.address) return [];
      return [{ type: ETHER_TYPES.arp, payload: arpReply(request, SINK.mac) }];
    }
    const packet = packetIn(frame);
    if (packet === undefined) {
      // 802.3 (spanning tree, LLDP) is of the link; what should be IP is not read.
      if (frame.type === ETHER_TYPES.ipv4 || frame.type === ETHER_TYPES.ipv6) counts.unread += 1;
      else counts.link += 1;
      return [];
    }
    return answerToPacket(packet);
  };

  const answerToPacket = (packet: Packet): Reply[] => {
    if (packet.isLaterFragment) return [];
    if (isOfLink(packet) || packet.protocol === PROTOCOLS.igmp) {
      counts.link += 1;
      return linkReplies(packet);
    }
    if (packet.protocol === PROTOCOLS.tcp) return tcp(packet);
    if (packet.protocol === PROTOCOLS.udp) return udp(packet);
    return isIcmp(packet) ? icmp(packet) : other(packet, 'other');
  };

  const other = (packet: Packet, protocol: 'icmp' | 'other'): Reply[] => {
    const { destination: address } = packet;
    table.add(
      { protocol, name: names.nameOf(address), address, port: undefined },
      { tries: 1, bytes: packet.payload.length },
    );
    return [];
  };

  /** Of errors a guest tells others, nothing leaves that it was not sent. */
  const icmp = (packet: Packet): Reply[] => {
    if (!isEchoRequest(packet)) return [];
    other(packet, 'icmp');
    if (!isAnswered(packet) || refuses) return [];
    const ends = turned(packet);
    return [ip(ends, icmpProtocol(ends), echoReply(ends, packet.payload))];
  };

  const tcp = (packet: Packet): Reply[] => {
    const segment = parseTcp(packet.payload);
    if (segment === undefined) return unread();
    const { destination: address } = packet;
    const key = { protocol: 'tcp' as const, name: names.nameOf(address), address, port: segment.port };
    if (!isAnswered(packet)) {
      table.add(key, { tries: 1, bytes: segment.data.length });
      return [];
    }
    const { replies, events } = takeSegment(conversations, packet, refuses);
    for (const event of events) {
      if (event.kind === 'opened') table.add(key, { tries: 1, bytes: 0 });
      if (event.kind === 'bytes') table.add(key, { tries: 0, bytes: event.count });
      if (event.kind === 'heard') table.add(key, { tries: 0, bytes: 0, said: event.heard });
    }
    const ends = turned(packet);
    return replies.map((one) => ip(ends, PROTOCOLS.tcp, makeTcp(ends, one)));
  };

  const udp = (packet: Packet): Reply[] => {
    const datagram = parseUdp(packet.payload);
    if (datagram === undefined) return unread();
    const { port, data } = datagram;
    if (port === PORTS.dhcp) return dhcp(packet, datagram);
    if (port === PORTS.dns) return dns(packet, datagram);
    const protocol = port === PORTS.ntp ? 'ntp' : port === PORTS.mdns ? 'mdns' : port === PORTS.llmnr ? 'llmnr' : 'udp';
    const { destination: address } = packet;
    table.add({ protocol, name: names.nameOf(address), address, port }, { tries: 1, bytes: data.length });
    if (!isAnswered(packet)) return [];
    if (refuses) return unreachable(packet);
    return protocol === 'ntp' && isNtpRequest(data) ? [back(packet, datagram, ntpReply(data, time()))] : [];
  };

  const dhcp = (packet: Packet, { data, sourcePort }: Datagram): Reply[] => {
    const request = parseDhcp(data);
    if (request === undefined || isIpv6(packet.source)) return unread();
    const { hostName, vendor, client } = request;
    table.add(
      { protocol: 'dhcp', name: undefined, address: SINK.lease.server, port: PORTS.dhcp },
      { tries: 1, bytes: data.length, said: { kind: 'dhcp', hostName, vendor, client } },
    );
    const reply = dhcpReply(request, SINK.lease);
    if (reply === undefined) return [];
    // A client without an address may not take what is sent to one; all take what is for all.
    const destination = request.address === '0.0.0.0' ? '255.255.255.255' : request.address;
    const ends = { source: SINK.lease.server, destination };
    return [ip(ends, PROTOCOLS.udp, makeUdp(ends, { sourcePort: PORTS.dhcp, port: sourcePort, data: reply }))];
  };

  const dns = (packet: Packet, datagram: Datagram): Reply[] => {
    const { destination: address } = packet;
    const query = parseQuery(datagram.data);
    const bytes = datagram.data.length;
    const key = { protocol: 'dns' as const, address, port: PORTS.dns };
    if (query === undefined || query.questions.length === 0) {
      table.add({ ...key, name: undefined }, { tries: 1, bytes });
      return [];
    }
    for (const { name, type } of query.questions) {
      const said: Said = { kind: 'dns', type };
      table.add({ ...key, name }, { tries: 1, bytes, said });
    }
    const reply = isAnswered(packet) ? dnsReply(query, { answer }) : undefined;
    return reply === undefined ? [] : [back(packet, datagram, reply)];
  };

  const answer = ({ name, type }: DnsQuestion): readonly string[] | undefined => {
    if (refuses || type === 'SRV') return undefined;
    if (type === 'A') return [names.addressOf(name, 4)];
    return type === 'AAAA' ? [names.addressOf(name, 6)] : [];
  };

  const unread = (): Reply[] => {
    counts.unread += 1;
    return [];
  };

  return {
    take(bytes) {
      const frame = parseFrame(bytes);
      if (frame === undefined) {
        counts.unread += 1;
        return [];
      }
      return answerTo(frame).map(({ type, payload }) =>
        makeFrame({ source: SINK.mac, destination: frame.source, type, payload }),
      );
    },
    counts: () => ({ ...counts }),
    phase: table.phase,
    flows: table.flows,
    lost: table.lost,
  };
};

const PORTS = { dns: 53, dhcp: 67, ntp: 123, mdns: 5353, llmnr: 5355 } as const;

const takeSegment = (conversations: Conversations, packet: Packet, refuses: boolean) => {
  const segment = parseTcp(packet.payload);
  return segment === undefined ? { replies: [], events: [] } : conversations.take(packet, segment, refuses);
};
