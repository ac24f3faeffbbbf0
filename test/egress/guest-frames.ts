/** Frames as a guest sends them, made with the writers that the sink answers with. */
import { encode, type RecordType } from 'dns-packet';
import { ipv4Bytes, isIpv6 } from '../../src/egress/network/address.ts';
import { ETHER_TYPES, makeFrame } from '../../src/egress/network/ethernet.ts';
import { sealed } from '../../src/egress/network/icmp.ts';
import { makePacket, PROTOCOLS } from '../../src/egress/network/ip.ts';
import { FLAGS, makeTcp } from '../../src/egress/network/tcp.ts';
import { makeUdp } from '../../src/egress/network/udp.ts';

export const GUEST = { mac: '52:54:00:12:34:56', address: '10.0.2.15', address6: '2001:db8:0:2::15' };
const ROUTER = '52:54:00:53:1e:4b';

export const frame = (type: number, payload: Buffer, destination = ROUTER): Buffer =>
  makeFrame({ source: GUEST.mac, destination, type, payload });

const endsTo = (destination: string) => ({
  source: isIpv6(destination) ? GUEST.address6 : GUEST.address,
  destination,
});

export const packet = (destination: string, protocol: number, payload: Buffer): Buffer =>
  frame(isIpv6(destination) ? ETHER_TYPES.ipv6 : ETHER_TYPES.ipv4, makePacket(endsTo(destination), protocol, payload));

export const udp = (destination: string, port: number, data: Buffer): Buffer =>
  packet(destination, PROTOCOLS.udp, makeUdp(endsTo(destination), { sourcePort: 40_000, port, data }));

export const dns = (name: string, type: RecordType = 'A', server = '10.0.2.2', edns = false): Buffer =>
  udp(
    server,
    53,
    encode({
      type: 'query',
      id: 7,
      flags: 256,
      questions: [{ name, type, class: 'IN' }],
      additionals: edns
        ? [
            {
              type: 'OPT',
              name: '.',
              udpPayloadSize: 1232,
              extendedRcode: 0,
              ednsVersion: 0,
              flags: 0,
              flag_do: false,
              options: [],
            },
          ]
        : [],
    }),
  );

interface Sent {
  readonly to: string;
  readonly port: number;
  readonly from?: number;
  readonly sequence: number;
  readonly acknowledged?: number;
  readonly flags: number;
  readonly data?: Buffer;
}

export const tcp = ({
  to,
  port,
  from = 40_001,
  sequence,
  acknowledged = 0,
  flags,
  data = Buffer.alloc(0),
}: Sent): Buffer =>
  packet(to, PROTOCOLS.tcp, makeTcp(endsTo(to), { sourcePort: from, port, sequence, acknowledged, flags, data }));

export const { syn: SYN, ack: ACK, fin: FIN, rst: RST, psh: PSH } = FLAGS;

export const echo = (to: string): Buffer => {
  const six = isIpv6(to);
  const message = Buffer.concat([Buffer.from([six ? 128 : 8, 0, 0, 0, 0, 1, 0, 2]), Buffer.from('hello')]);
  return packet(to, six ? PROTOCOLS.icmp6 : PROTOCOLS.icmp, sealed(endsTo(to), message));
};

export const arp = (target: string, sender = GUEST.address): Buffer => {
  const bytes = Buffer.alloc(28);
  bytes.writeUInt32BE(0x0001_0800, 0);
  bytes.writeUInt32BE(0x0604_0001, 4);
  Buffer.from(GUEST.mac.replaceAll(':', ''), 'hex').copy(bytes, 8);
  ipv4Bytes(sender).copy(bytes, 14);
  ipv4Bytes(target).copy(bytes, 24);
  return frame(ETHER_TYPES.arp, bytes, 'ff:ff:ff:ff:ff:ff');
};

export const dhcp = (type: number, options: readonly (readonly [number, Buffer])[] = []): Buffer => {
  const header = Buffer.alloc(240);
  header.set([1, 1, 6, 0]);
  header.writeUInt32BE(0xcafe_babe, 4);
  Buffer.from(GUEST.mac.replaceAll(':', ''), 'hex').copy(header, 28);
  header.writeUInt32BE(0x6382_5363, 236);
  const all = [[53, Buffer.from([type])] as const, ...options];
  const data = Buffer.concat([
    header,
    ...all.flatMap(([option, value]) => [Buffer.from([option, value.length]), value]),
    Buffer.from([255]),
  ]);
  const ends = { source: '0.0.0.0', destination: '255.255.255.255' };
  const segment = makeUdp(ends, { sourcePort: 68, port: 67, data });
  return frame(ETHER_TYPES.ipv4, makePacket(ends, PROTOCOLS.udp, segment), 'ff:ff:ff:ff:ff:ff');
};

/** A ClientHello in one record (RFC 8446), with a name and ALPN, and so much more as makes it `padding` bytes longer. */
export const clientHello = (name: string, protocols: readonly string[] = ['h2', 'http/1.1'], padding = 0): Buffer => {
  const sized = (width: 1 | 2 | 3, content: Buffer): Buffer => {
    const length = Buffer.alloc(width);
    length.writeUIntBE(content.length, 0, width);
    return Buffer.concat([length, content]);
  };
  const extension = (type: number, content: Buffer) =>
    Buffer.concat([Buffer.from([type >> 8, type & 255]), sized(2, content)]);
  const sni = extension(0, sized(2, Buffer.concat([Buffer.from([0]), sized(2, Buffer.from(name))])));
  const alpn = extension(16, sized(2, Buffer.concat(protocols.map((one) => sized(1, Buffer.from(one))))));
  const extensions = sized(2, Buffer.concat([extension(21, Buffer.alloc(padding)), sni, alpn]));
  const body = Buffer.concat([
    Buffer.from([3, 3]),
    Buffer.alloc(32, 7),
    sized(1, Buffer.alloc(32, 9)),
    sized(2, Buffer.from([0x13, 0x01])),
    sized(1, Buffer.from([0])),
    extensions,
  ]);
  const message = Buffer.concat([Buffer.from([1]), sized(3, body)]);
  return Buffer.concat([Buffer.from([22, 3, 1]), sized(2, message)]);
};

/** Good frames with bytes changed, cut off, joined, and plain noise. */
export const malformed = function* (good: readonly Buffer[], count: number, random: () => number): Generator<Buffer> {
  const below = (limit: number) => Math.floor(random() * limit);
  for (let nth = 0; nth < count; nth += 1) {
    const base = good[below(good.length)] ?? Buffer.alloc(0);
    const kind = below(5);
    if (kind === 0) {
      yield Buffer.from(Array.from({ length: below(120) }, () => below(256)));
      continue;
    }
    const bytes = Buffer.from(base);
    // Most changes are to headers and to lengths, which is where parsers break.
    for (let changes = 1 + below(4); changes > 0; changes -= 1)
      bytes[kind === 1 ? below(bytes.length) : 12 + below(60)] = [0, 1, 0x7f, 0x80, 0xff, below(256)][below(6)] ?? 0;
    if (kind === 3) yield bytes.subarray(0, below(bytes.length));
    else if (kind === 4) yield Buffer.concat([bytes, base.subarray(0, below(base.length))]);
    else yield bytes;
  }
};

/** A generator with a seed (mulberry32), so that a frame that throws can be made again. */
export const seeded = (seed: number) => (): number => {
  seed = (seed + 0x6d2b_79f5) | 0;
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
};
