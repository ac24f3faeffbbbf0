/** QEMU's stream network (`-netdev stream`, qemu(1)): each Ethernet frame comes after its length, four bytes, big-endian. */

/** QEMU's own limit for a frame is 68 KiB (NET_BUFSIZE); what says more is no frame. */
const LONGEST = 4096 + 65_536;

export const framed = (frame: Buffer): Buffer => {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(frame.length);
  return Buffer.concat([length, frame]);
};

export interface FrameReader {
  /** The frames that are whole by now. After a length that cannot be one there are no more. */
  readonly push: (bytes: Buffer) => Buffer[];
  readonly isBroken: () => boolean;
}

export const frameReader = (): FrameReader => {
  let held: Buffer = Buffer.alloc(0);
  let broken = false;
  return {
    push(bytes) {
      if (broken) return [];
      held = held.length === 0 ? bytes : Buffer.concat([held, bytes]);
      const frames: Buffer[] = [];
      let at = 0;
      while (held.length - at >= 4) {
        const length = held.readUInt32BE(at);
        if (length > LONGEST) {
          broken = true;
          held = Buffer.alloc(0);
          return frames;
        }
        if (held.length - at - 4 < length) break;
        frames.push(held.subarray(at + 4, at + 4 + length));
        at += 4 + length;
      }
      held = held.subarray(at);
      return frames;
    },
    isBroken: () => broken,
  };
};
