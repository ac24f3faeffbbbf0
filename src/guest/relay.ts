/**
 * A socket of this host for programs that speak SSH themselves (Ansible): each connection is led to a door that is free.
 * It stands between them and QEMU because a door needs somebody who waits for its sshd and sees when the guest closes it.
 */
import { createServer, type Socket } from 'node:net';
import type { Door } from '../machine/door.ts';
import { bannerOnDoor } from './banner.ts';

/** Milliseconds; the other side has a limit of its own. */
const TRY = 10_000;

export const relayToDoors = async (doors: readonly Door[], path: string): Promise<AsyncDisposable> => {
  const ended = new AbortController();
  const taken = new Map<Door, Promise<void>>();
  const server = createServer({ allowHalfOpen: false, pauseOnConnect: true }, (client) => void lead(client));

  const lead = async (client: Socket): Promise<void> => {
    const gone = Promise.withResolvers<void>();
    client.on('error', () => {});
    client.once('close', gone.resolve);
    while (!client.destroyed && !ended.signal.aborted) {
      const door = doors.find((one) => !taken.has(one));
      if (door === undefined) {
        await Promise.race([gone.promise, ...taken.values()]);
        continue;
      }
      const free = Promise.withResolvers<void>();
      taken.set(door, free.promise);
      try {
        const guest = await bannerOnDoor(door, TRY, ended.signal);
        if (typeof guest !== 'object' || 'complaint' in guest) continue;
        client.once('close', () => guest.destroy());
        guest.once('close', () => client.destroy());
        if (client.destroyed) guest.destroy();
        guest.pipe(client);
        client.pipe(guest);
        return void (await gone.promise);
      } finally {
        taken.delete(door);
        free.resolve();
      }
    }
    client.destroy();
  };

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
  return {
    async [Symbol.asyncDispose]() {
      ended.abort();
      server.close();
    },
  };
};
