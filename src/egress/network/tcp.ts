/** TCP segments (RFC 9293, 3.1). Of the options only the largest segment is said. */
import { type Ends, segmentChecksum } from './checksum.ts';
import { PROTOCOLS } from './ip.ts';

const HEADER = 20;

export const FLAGS = { fin: 1, syn: 2, rst: 4, psh: 8, ack: 16 } as const;

export interface Segment {
  readonly sourcePort: number;
  readonly port: number;
  readonly sequence: number;
  readonly acknowledged: number;
  readonly flags: number;
  readonly data: Buffer;
}

export const parseTcp = (bytes: Buffer): Segment | undefined => {
  if (bytes.length < HEADER) return undefined;
  const header = (bytes.readUInt8(12) >> 4) * 4;
  if (header < HEADER || header > bytes.length) return undefined;
  return {
    sourcePort: bytes.readUInt16BE(0),
    port: bytes.readUInt16BE(2),
    sequence: bytes.readUInt32BE(4),
    acknowledged: bytes.readUInt32BE(8),
    flags: bytes.readUInt8(13) & 0x1f,
    data: bytes.subarray(header),
  };
};

/** Sequence numbers go round. */
export const after = (sequence: number, length: number): number => (sequence + length) >>> 0;

const WINDOW = 64_240;
/** Kind 2: 1460 bytes, Ethernet's 1500 less the headers; with IPv6's it is 20 less. */
const LARGEST_SEGMENT = Buffer.from([2, 4, 0x05, 0xa0]);

export const makeTcp = (ends: Ends, segment: Segment): Buffer => {
  const options = segment.flags & FLAGS.syn ? LARGEST_SEGMENT : Buffer.alloc(0);
  const bytes = Buffer.alloc(HEADER + options.length + segment.data.length);
  bytes.writeUInt16BE(segment.sourcePort, 0);
  bytes.writeUInt16BE(segment.port, 2);
  bytes.writeUInt32BE(segment.sequence, 4);
  bytes.writeUInt32BE(segment.acknowledged, 8);
  bytes.writeUInt8(((HEADER + options.length) / 4) << 4, 12);
  bytes.writeUInt8(segment.flags, 13);
  bytes.writeUInt16BE(segment.flags & FLAGS.rst ? 0 : WINDOW, 14);
  options.copy(bytes, HEADER);
  segment.data.copy(bytes, HEADER + options.length);
  bytes.writeUInt16BE(segmentChecksum(ends, PROTOCOLS.tcp, bytes), 16);
  return bytes;
};
