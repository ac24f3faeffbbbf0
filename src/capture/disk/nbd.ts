/**
 * Reads from a server of the NBD protocol (its doc/proto.md, fixed newstyle, simple replies): the way to the bytes of a disk in any
 * format that QEMU knows, without a copy of it and without root.
 */
import type { Socket } from 'node:net';
import { ByteSource } from '../../formats/byte-source.ts';
import type { PiecedSocket } from './pieced-socket.ts';

export interface NbdClient {
  /** Of the disk, bytes. */
  readonly size: number;
  /** At most 32 MiB at once. */
  read(offset: number, length: number): Promise<Buffer>;
  close(): void;
}

const FIXED_NEWSTYLE_NO_ZEROES = 3;
const OPTION_GO = 7;
const [REPLY_ACK, REPLY_INFO] = [1, 3];
const INFO_EXPORT = 0;
const [REQUEST, REPLY] = [0x25609513, 0x67446698];
const [COMMAND_READ, COMMAND_DISCONNECT] = [0, 2];

interface Waiting {
  readonly length: number;
  readonly resolve: (bytes: Buffer) => void;
  readonly reject: (error: Error) => void;
}

/** Throws an Error when the server says anything that it should not. */
export const nbdClient = async ({ socket, pieces }: PiecedSocket): Promise<NbdClient> => {
  const source = new ByteSource(pieces);
  const take = async (length: number): Promise<Buffer> => {
    const bytes = await source.take(length);
    if (bytes.length < length) throw new Error('the server of the disk has ended');
    return bytes;
  };
  const size = await handshake(socket, take);
  const waiting = new Map<bigint, Waiting>();
  let next = 0n;
  let ended: Error | undefined;
  const answer = async (): Promise<never> => {
    for (;;) {
      const reply = await take(16);
      const one = waiting.get(reply.readBigUInt64BE(8));
      if (reply.readUInt32BE(0) !== REPLY || one === undefined) throw new Error('an answer that was not asked for');
      waiting.delete(reply.readBigUInt64BE(8));
      const code = reply.readUInt32BE(4);
      if (code === 0) one.resolve(await take(one.length));
      else one.reject(new Error(`the disk cannot be read there (NBD error ${code})`));
    }
  };
  answer().catch((error: unknown) => {
    ended = error instanceof Error ? error : new Error(String(error));
    for (const { reject } of waiting.values()) reject(ended);
    waiting.clear();
  });
  return {
    size,
    read(offset, length) {
      if (ended) return Promise.reject(ended);
      const cookie = next++;
      const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
      waiting.set(cookie, { length, resolve, reject });
      socket.write(request(COMMAND_READ, cookie, offset, length));
      return promise;
    },
    close: () => socket.end(request(COMMAND_DISCONNECT, 0n, 0, 0)),
  };
};

const handshake = async (socket: Socket, take: (length: number) => Promise<Buffer>): Promise<number> => {
  const greeting = await take(18);
  if (greeting.toString('latin1', 0, 16) !== 'NBDMAGICIHAVEOPT')
    throw new Error('this is not a server of the NBD protocol');
  const ask = Buffer.alloc(4 + 16 + 6);
  ask.writeUInt32BE(FIXED_NEWSTYLE_NO_ZEROES, 0);
  ask.write('IHAVEOPT', 4, 'latin1');
  ask.writeUInt32BE(OPTION_GO, 12);
  // An empty name, and no information besides what is always sent.
  ask.writeUInt32BE(6, 16);
  socket.write(ask);
  let size: number | undefined;
  for (;;) {
    const head = await take(20);
    const [type, length] = [head.readUInt32BE(12), head.readUInt32BE(16)];
    const data = await take(length);
    if (type === REPLY_INFO && data.readUInt16BE(0) === INFO_EXPORT) size = Number(data.readBigUInt64BE(2));
    if (type === REPLY_INFO) continue;
    if (type === REPLY_ACK && size !== undefined) return size;
    throw new Error(`the server refuses the disk: ${data.toString('utf8') || `reply ${type}`}`);
  }
};

const request = (command: number, cookie: bigint, offset: number, length: number): Buffer => {
  const bytes = Buffer.alloc(28);
  bytes.writeUInt32BE(REQUEST, 0);
  bytes.writeUInt16BE(command, 6);
  bytes.writeBigUInt64BE(cookie, 8);
  bytes.writeBigUInt64BE(BigInt(offset), 16);
  bytes.writeUInt32BE(length, 24);
  return bytes;
};
