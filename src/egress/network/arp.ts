/** ARP for IPv4 over Ethernet (RFC 826), and the probes by which a host asks whether its address is free (RFC 5227). */
import { ipv4Bytes, ipv4Text, macText } from './address.ts';

const LENGTH = 28;
const REQUEST = 1;
const REPLY = 2;

export interface ArpRequest {
  readonly sender: string;
  readonly senderMac: string;
  /** Whose hardware address is asked for. */
  readonly target: string;
}

/** Undefined for all but a request for another host's address: an announcement asks for its own, and a probe has no sender. */
export const parseArpRequest = (bytes: Buffer): ArpRequest | undefined => {
  if (bytes.length < LENGTH || bytes.readUInt32BE(0) !== 0x0001_0800 || bytes.readUInt16BE(4) !== 0x0604)
    return undefined;
  const sender = ipv4Text(bytes.subarray(14, 18));
  const target = ipv4Text(bytes.subarray(24, 28));
  if (bytes.readUInt16BE(6) !== REQUEST || sender === '0.0.0.0' || sender === target) return undefined;
  return { sender, senderMac: macText(bytes.subarray(8, 14)), target };
};

/** `mac` has the address that was asked for. */
export const arpReply = ({ sender, senderMac, target }: ArpRequest, mac: string): Buffer => {
  const reply = Buffer.alloc(LENGTH);
  reply.writeUInt32BE(0x0001_0800, 0);
  reply.writeUInt16BE(0x0604, 4);
  reply.writeUInt16BE(REPLY, 6);
  Buffer.from(mac.replaceAll(':', ''), 'hex').copy(reply, 8);
  ipv4Bytes(target).copy(reply, 14);
  Buffer.from(senderMac.replaceAll(':', ''), 'hex').copy(reply, 18);
  ipv4Bytes(sender).copy(reply, 24);
  return reply;
};
