/** The Internet checksum (RFC 1071), alone and over the pseudo headers of IPv4 and IPv6 (RFC 9293, 3.1; RFC 8200, 8.1). */
import { addressBytes, isIpv6 } from './address.ts';

export const checksum = (...parts: readonly Uint8Array[]): number => {
  let sum = 0;
  let odd = false;
  for (const part of parts) {
    for (const byte of part) {
      sum += odd ? byte : byte << 8;
      odd = !odd;
    }
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000);
  return ~sum & 0xffff;
};

export interface Ends {
  readonly source: string;
  readonly destination: string;
}

/** Of a segment of `protocol` in which the checksum's own field is zero. */
export const segmentChecksum = ({ source, destination }: Ends, protocol: number, segment: Buffer): number => {
  const isSix = isIpv6(source);
  const tail = Buffer.alloc(isSix ? 8 : 4);
  if (isSix) {
    tail.writeUInt32BE(segment.length, 0);
    tail[7] = protocol;
  } else {
    tail[1] = protocol;
    tail.writeUInt16BE(segment.length, 2);
  }
  return checksum(addressBytes(source), addressBytes(destination), tail, segment);
};
