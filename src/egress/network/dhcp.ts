/** DHCP (RFC 2131, options of RFC 2132): a lease with a router and a name server, and what the client says of itself. */
import { ipv4Bytes, ipv4Text, macText } from './address.ts';

const HEADER = 236;
const COOKIE = 0x6382_5363;
const REQUEST = 1;
const REPLY = 2;

const OPTIONS = {
  subnet: 1,
  router: 3,
  nameServer: 6,
  hostName: 12,
  requested: 50,
  leaseTime: 51,
  messageType: 53,
  server: 54,
  vendor: 60,
  client: 61,
  fqdn: 81,
  end: 255,
} as const;
const TYPES = { discover: 1, offer: 2, request: 3, ack: 5, nak: 6, inform: 8 } as const;

export interface DhcpRequest {
  readonly bytes: Buffer;
  readonly type: number;
  readonly mac: string;
  /** Where it has an address already. */
  readonly address: string;
  readonly requested: string | undefined;
  /** What it tells of itself: host name, vendor class, client identifier. */
  readonly hostName: string | undefined;
  readonly vendor: string | undefined;
  readonly client: string | undefined;
}

export const parseDhcp = (bytes: Buffer): DhcpRequest | undefined => {
  if (bytes.length < HEADER + 4 || bytes[0] !== REQUEST || bytes.readUInt32BE(HEADER) !== COOKIE) return undefined;
  const options = optionsIn(bytes.subarray(HEADER + 4));
  const text = (option: number) => options.get(option)?.toString('latin1');
  const requested = options.get(OPTIONS.requested);
  return {
    bytes,
    type: options.get(OPTIONS.messageType)?.[0] ?? 0,
    mac: macText(bytes.subarray(28, 34)),
    address: ipv4Text(bytes.subarray(12, 16)),
    requested: requested?.length === 4 ? ipv4Text(requested) : undefined,
    // Flags and two codes come first (RFC 4702).
    hostName: text(OPTIONS.hostName) ?? options.get(OPTIONS.fqdn)?.subarray(3).toString('latin1'),
    vendor: text(OPTIONS.vendor),
    client: options.get(OPTIONS.client)?.toString('hex'),
  };
};

const optionsIn = (bytes: Buffer): Map<number, Buffer> => {
  const options = new Map<number, Buffer>();
  for (let at = 0; at < bytes.length; ) {
    const option = bytes.readUInt8(at);
    if (option === OPTIONS.end) break;
    if (option === 0) {
      at += 1;
      continue;
    }
    const length = bytes[at + 1];
    if (length === undefined || at + 2 + length > bytes.length) break;
    options.set(option, bytes.subarray(at + 2, at + 2 + length));
    at += 2 + length;
  }
  return options;
};

export interface Lease {
  readonly address: string;
  readonly server: string;
  readonly subnet: string;
}

const ANSWERS: Readonly<Record<number, number>> = {
  [TYPES.discover]: TYPES.offer,
  [TYPES.request]: TYPES.ack,
  [TYPES.inform]: TYPES.ack,
};
const HOUR = 3600;

/** Undefined for a message that nobody answers (decline, release). Another address than the lease's is refused. */
export const dhcpReply = (request: DhcpRequest, lease: Lease): Buffer | undefined => {
  const usual = ANSWERS[request.type];
  if (usual === undefined) return undefined;
  const wanted = request.requested ?? (request.address === '0.0.0.0' ? lease.address : request.address);
  const type = request.type === TYPES.request && wanted !== lease.address ? TYPES.nak : usual;
  const header = Buffer.alloc(HEADER + 4);
  // Operation, hardware, transaction, flags, the client's addresses as it said them.
  request.bytes.copy(header, 0, 0, 16);
  request.bytes.copy(header, 28, 28, 44);
  header.writeUInt8(REPLY, 0);
  header.writeUInt8(0, 3);
  const isGiven = request.type !== TYPES.inform && type !== TYPES.nak;
  if (isGiven) ipv4Bytes(lease.address).copy(header, 16);
  ipv4Bytes(lease.server).copy(header, 20);
  header.writeUInt32BE(COOKIE, HEADER);
  const time = Buffer.alloc(4);
  time.writeUInt32BE(HOUR * 24);
  const server = ipv4Bytes(lease.server);
  const said: (readonly [number, Buffer])[] =
    type === TYPES.nak
      ? []
      : [
          ...(isGiven ? [[OPTIONS.leaseTime, time] as const] : []),
          [OPTIONS.subnet, ipv4Bytes(lease.subnet)],
          [OPTIONS.router, server],
          [OPTIONS.nameServer, server],
        ];
  const options = [[OPTIONS.messageType, Buffer.from([type])] as const, [OPTIONS.server, server] as const, ...said];
  return Buffer.concat([
    header,
    ...options.flatMap(([option, value]) => [Buffer.from([option, value.length]), value]),
    Buffer.from([OPTIONS.end]),
  ]);
};
