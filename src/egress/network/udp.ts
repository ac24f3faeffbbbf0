/** UDP (RFC 768). */
import { type Ends, segmentChecksum } from './checksum.ts';
import { PROTOCOLS } from './ip.ts';

const HEADER = 8;

export interface Datagram {
  readonly sourcePort: number;
  readonly port: number;
  readonly data: Buffer;
}

export const parseUdp = (bytes: Buffer): Datagram | undefined => {
  if (bytes.length < HEADER) return undefined;
  const length = bytes.readUInt16BE(4);
  if (length < HEADER || length > bytes.length) return undefined;
  return { sourcePort: bytes.readUInt16BE(0), port: bytes.readUInt16BE(2), data: bytes.subarray(HEADER, length) };
};

export const makeUdp = (ends: Ends, { sourcePort, port, data }: Datagram): Buffer => {
  const segment = Buffer.alloc(HEADER + data.length);
  segment.writeUInt16BE(sourcePort, 0);
  segment.writeUInt16BE(port, 2);
  segment.writeUInt16BE(segment.length, 4);
  data.copy(segment, HEADER);
  // Zero would say that there is none.
  segment.writeUInt16BE(segmentChecksum(ends, PROTOCOLS.udp, segment) || 0xffff, 6);
  return segment;
};
