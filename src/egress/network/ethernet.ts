/** Ethernet II frames (IEEE 802.3, 3.2.6), with one 802.1Q tag where there is one. */
import { macText } from './address.ts';

export const ETHER_TYPES = { ipv4: 0x0800, arp: 0x0806, ipv6: 0x86dd } as const;
const VLAN = 0x8100;
const HEADER = 14;

export interface Frame {
  readonly source: string;
  readonly destination: string;
  /** What it carries; below 0x600 it is a length, and an 802.3 frame. */
  readonly type: number;
  readonly payload: Buffer;
}

export const parseFrame = (bytes: Buffer): Frame | undefined => {
  if (bytes.length < HEADER) return undefined;
  const outer = bytes.readUInt16BE(12);
  const isTagged = outer === VLAN && bytes.length >= HEADER + 4;
  return {
    destination: macText(bytes.subarray(0, 6)),
    source: macText(bytes.subarray(6, 12)),
    type: isTagged ? bytes.readUInt16BE(16) : outer,
    payload: bytes.subarray(isTagged ? HEADER + 4 : HEADER),
  };
};

/** Padded to the least that Ethernet carries. */
export const makeFrame = ({ source, destination, type, payload }: Frame): Buffer => {
  const frame = Buffer.alloc(Math.max(60, HEADER + payload.length));
  Buffer.from(destination.replaceAll(':', ''), 'hex').copy(frame, 0);
  Buffer.from(source.replaceAll(':', ''), 'hex').copy(frame, 6);
  frame.writeUInt16BE(type, 12);
  payload.copy(frame, HEADER);
  return frame;
};
