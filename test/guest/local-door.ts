/**
 * A door without a machine: `vm/door.sh` as the guest runs it, with sshd and its own /etc in a mount namespace. A socket of
 * this host takes the place of the virtio-serial port: like the port it is one stream, and serves one connection at a time.
 */
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BuildKeys } from '../../src/access/key.ts';
import { run } from '../../src/host/run.ts';
import type { Door } from '../../src/machine/door.ts';

export interface LocalDoor extends AsyncDisposable {
  readonly door: Door;
  /** The guest lets go of its end, as it does when it restarts. */
  letGo(): void;
  /** How many connections there were. */
  readonly count: () => number;
}

/** Whether this host lets us mount. */
export const canHaveDoor = async (): Promise<boolean> =>
  process.getuid?.() === 0 && (await run('unshare', ['--mount', 'true'], { allow: [0, 1] })).exitCode === 0;

export const startDoor = async (keys: BuildKeys, change = (script: string) => script): Promise<LocalDoor> => {
  const folder = await mkdtemp(join(tmpdir(), 'ingot-door-'));
  const given = { 'door-key': keys.login.publicKey, 'door-host-key': keys.host.privateKey };
  for (const [name, text] of Object.entries(given)) {
    await mkdir(join(folder, name));
    await writeFile(join(folder, name, 'raw'), text, { mode: 0o600 });
  }
  const script = await readFile(join(import.meta.dirname, '../../vm/door.sh'), 'utf8');
  const here = script
    .replace(/^given=.*$/m, `given=${folder}`)
    .replace(/^until find_port.*$/m, 'port=-')
    .replace('command exec 3<> "$port"', 'exec 3<&0')
    // The socket that is handed in serves one connection.
    .replace(/^exec 3>&-\n[\s\S]*/m, '')
    // Commands run in the namespace of the tests, as the guest's run in that of its own first process.
    .replaceAll('nsenter --target 1 ', `nsenter --target ${process.pid} `);
  const path = join(folder, 'door.sh');
  await writeFile(path, change(here));
  const listeners = new Set<() => void>();
  let count = 0;
  let current: Socket | undefined;
  const server = createServer({ pauseOnConnect: true }, (socket) => {
    count += 1;
    current = socket;
    const child = spawn('sh', [path, '0'], { stdio: [socket, 'ignore', 'ignore'] });
    child.once('exit', () => socket.destroy());
  });
  const socket = join(folder, 'door.sock');
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  return {
    door: {
      socket,
      onClosed: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
    letGo: () => {
      for (const listener of listeners) listener();
    },
    count: () => count,
    async [Symbol.asyncDispose]() {
      current?.destroy();
      server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
};
