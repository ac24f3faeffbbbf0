/** A capture file as tcpdump and tshark read it: pcap with microseconds, link type Ethernet (pcap-savefile(5)). */

const LINK_ETHERNET = 1;
const LONGEST = 262_144;

export const pcapHeader = (): Buffer => {
  const header = Buffer.alloc(24);
  header.writeUInt32LE(0xa1b2_c3d4, 0);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(LONGEST, 16);
  header.writeUInt32LE(LINK_ETHERNET, 20);
  return header;
};

/** `time`: milliseconds since 1970. */
export const pcapRecord = (frame: Buffer, time: number): Buffer => {
  const header = Buffer.alloc(16);
  header.writeUInt32LE(Math.floor(time / 1000), 0);
  header.writeUInt32LE(Math.floor((time % 1000) * 1000), 4);
  header.writeUInt32LE(frame.length, 8);
  header.writeUInt32LE(frame.length, 12);
  return Buffer.concat([header, frame]);
};
