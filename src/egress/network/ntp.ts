/** NTP (RFC 5905, 7.3): the answer of a server that has the host's time, so that a guest's clock behaves. */

const LENGTH = 48;
const CLIENT = 3;
const SERVER = 4;
/** Seconds from 1900 to 1970. */
const EPOCH = 2_208_988_800;

export const isNtpRequest = (data: Buffer): boolean => data.length >= LENGTH && (data.readUInt8(0) & 7) === CLIENT;

/** `now`: milliseconds since 1970. */
export const ntpReply = (request: Buffer, now: number): Buffer => {
  const reply = Buffer.alloc(LENGTH);
  const version = request.readUInt8(0) & 0x38;
  reply.writeUInt8(version | SERVER, 0);
  // Stratum 2; the interval that the client asks with; a precision of about a microsecond.
  reply.writeUInt8(2, 1);
  reply.writeUInt8(request.readUInt8(2), 2);
  reply.writeInt8(-20, 3);
  reply.writeUInt32BE(0x0000_0100, 4);
  reply.writeUInt32BE(0x0000_0100, 8);
  reply.write('SINK', 12, 'latin1');
  const time = timestamp(now);
  for (const at of [16, 32, 40]) time.copy(reply, at);
  // What the client has sent as its own time comes back as the origin.
  request.copy(reply, 24, 40, 48);
  return reply;
};

const timestamp = (now: number): Buffer => {
  const time = Buffer.alloc(8);
  time.writeUInt32BE((Math.floor(now / 1000) + EPOCH) >>> 0, 0);
  time.writeUInt32BE(Math.floor(((now % 1000) / 1000) * 2 ** 32), 4);
  return time;
};
