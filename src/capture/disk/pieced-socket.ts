/**
 * A Unix socket whose bytes come through one buffer that is used again and again: a stream's own pieces are as many bytes of garbage as
 * the disk has, and V8 looks through the whole heap for each 64 MB of them.
 */
import { connect, type Socket } from 'node:net';

export interface PiecedSocket {
  readonly socket: Socket;
  /** Each is valid until the next one is asked for. */
  readonly pieces: AsyncIterable<Uint8Array>;
}

const PIECE = 2 ** 18;

/** Undefined when nobody listens there. */
export const piecedSocket = (path: string): Promise<PiecedSocket | undefined> =>
  new Promise((resolve) => {
    let wanted: (() => void) | undefined;
    let ready: Uint8Array | undefined;
    let isOver = false;
    const tell = () => {
      wanted?.();
      wanted = undefined;
    };
    const over = () => {
      isOver = true;
      tell();
    };
    const onread = {
      buffer: Buffer.alloc(PIECE),
      callback(length: number, buffer: Uint8Array) {
        ready = buffer.subarray(0, length);
        tell();
        // No more is read until that is taken.
        return false;
      },
    };
    const socket = connect({ path, onread });
    const pieces = async function* () {
      for (;;) {
        while (ready === undefined && !isOver) {
          const { promise, resolve: told } = Promise.withResolvers<void>();
          wanted = told;
          socket.resume();
          await promise;
        }
        if (ready === undefined) return;
        const piece = ready;
        yield piece;
        ready = undefined;
      }
    };
    socket.once('connect', () => {
      socket.removeAllListeners('error');
      socket.on('error', over).on('end', over).on('close', over);
      resolve({ socket, pieces: pieces() });
    });
    socket.once('error', () => resolve(undefined));
  });
