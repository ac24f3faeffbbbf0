/** A connection on which an SSH server has begun to speak: over a port of this host, or over a door of a machine. */
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { DOOR } from '../access/access.ts';
import type { Door } from '../machine/door.ts';

/** How far one try came, from nothing at all to the door. */
export type Unspoken = 'refused' | 'closed' | 'silent' | 'stranger';

/** What the guest says where its own sshd does not start (vm/door.sh). */
export interface Complaint {
  readonly complaint: string;
}

const COMPLAINT = new RegExp(`^${DOOR}: ([^\\r\\n]+)\\r?\\n`, 'm');

/** Bytes. */
const MOST_BEFORE_BANNER = 4096;

/** Milliseconds. A door's socket stays closed so long, so that an sshd that still serves the last connection sees its end. */
const GAP = 700;

/** QEMU accepts for the guest, so a connection alone proves nothing. */
export const bannerOnPort = (port: number, limit: number, signal?: AbortSignal): Promise<Socket | Unspoken> =>
  spoken(connect({ host: '127.0.0.1', port }), limit, signal).then(withoutComplaint);

/** The guest opens its end once it is up; when the guest closes it, the socket ends as well. */
export const bannerOnDoor = async (
  { socket: path, onClosed }: Door,
  limit: number,
  signal?: AbortSignal,
): Promise<Socket | Unspoken | Complaint> => {
  await delay(GAP, undefined, signal ? { signal } : {}).catch(() => undefined);
  if (signal?.aborted) return 'closed';
  const socket = connect({ path });
  const outcome = await spoken(socket, limit, signal);
  if (outcome === socket)
    socket.once(
      'close',
      onClosed(() => socket.destroy()),
    );
  return outcome;
};

const withoutComplaint = (outcome: Socket | Unspoken | Complaint): Socket | Unspoken =>
  typeof outcome === 'object' && 'complaint' in outcome ? 'stranger' : outcome;

/**
 * Resolves with the socket when the server has said its first bytes (RFC 4253, 4.2), which are put back; a server may say
 * other lines before, which are dropped.
 */
const spoken = (socket: Socket, limit: number, signal?: AbortSignal): Promise<Socket | Unspoken | Complaint> =>
  new Promise((resolve) => {
    const finish = (outcome: Socket | Unspoken | Complaint) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      socket.removeAllListeners();
      // A late reset must not become an uncaught exception.
      socket.on('error', () => {});
      if (outcome !== socket) socket.destroy();
      resolve(outcome);
    };
    const onAbort = () => finish('closed');
    const timer = setTimeout(() => finish(said.length > 0 ? 'stranger' : 'silent'), limit);
    signal?.addEventListener('abort', onAbort, { once: true });
    let said = Buffer.alloc(0);
    const onData = (bytes: Buffer): void => {
      said = Buffer.concat([said, bytes]);
      const text = said.toString('latin1');
      const begin = /^SSH-/m.exec(text)?.index;
      const complaint = COMPLAINT.exec(text)?.[1];
      if (begin === undefined && complaint !== undefined) finish({ complaint });
      else if (begin === undefined && said.length > MOST_BEFORE_BANNER) finish('stranger');
      if (begin === undefined) return;
      socket.off('data', onData);
      socket.pause();
      socket.unshift(said.subarray(begin));
      finish(socket);
    };
    socket.on('data', onData);
    socket.once('close', () => finish(said.length > 0 ? 'stranger' : 'closed'));
    socket.once('error', (error: NodeJS.ErrnoException) =>
      finish(error.code === 'ECONNREFUSED' ? 'refused' : 'closed'),
    );
  });
