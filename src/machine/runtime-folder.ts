/**
 * The 0700 folder of a machine's sockets. Ingot listens and QEMU connects, so there is nothing to poll and no byte is
 * missed; once all are connected the credentials go, and the folder as well, unless QEMU listens on doors in it. Its path
 * is short because a socket's path is at most 107 bytes (unix(7)).
 */
import { readdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isKept, temporaryFolder } from '../host/files.ts';

const PREFIX = 'ingot-vm-';
/** 107 less the longest name in the folder. */
const LONGEST = 107 - '/serial.sock'.length;

export interface RuntimeFolder extends AsyncDisposable {
  readonly path: string;
  /** Listens on `name`.sock; resolves with the first connection. */
  listen(name: string): Promise<{ readonly connection: Promise<Socket> }>;
  /** Writes the files that hand credentials to QEMU. */
  writeCredentials(values: Readonly<Record<string, string>>): Promise<void>;
  /** QEMU has read them. */
  dropCredentials(): Promise<void>;
}

export const createRuntimeFolder = async (): Promise<RuntimeFolder> => {
  // Those of processes that were killed in the second before QEMU had connected go with it.
  const folder = await temporaryFolder(PREFIX, await shortFolder());
  const { path } = folder;
  const servers: Server[] = [];
  return {
    path,
    async listen(name) {
      const connection = Promise.withResolvers<Socket>();
      const server = createServer((socket) => {
        connection.resolve(socket);
        server.close();
      });
      servers.push(server);
      server.on('error', connection.reject);
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(join(path, `${name}.sock`), resolve);
      });
      return { connection: connection.promise };
    },
    async writeCredentials(values) {
      for (const [name, value] of Object.entries(values)) {
        await writeFile(join(path, `credential-${name}`), value, { mode: 0o600 });
      }
    },
    async dropCredentials() {
      for (const name of await readdir(path)) if (name.startsWith('credential-')) await rm(join(path, name));
    },
    async [Symbol.asyncDispose]() {
      for (const server of servers) server.close();
      await folder[Symbol.asyncDispose]();
    },
  };
};

/** XDG_RUNTIME_DIR, TMPDIR or /tmp: the first that is there, short enough, and not writable by others. */
const shortFolder = async (): Promise<string> => {
  for (const folder of [process.env['XDG_RUNTIME_DIR'], tmpdir()]) {
    if (!folder || Buffer.byteLength(join(folder, `${PREFIX}4194304-XXXXXX`)) > LONGEST) continue;
    if (await isKept(folder)) return folder;
  }
  return '/tmp';
};
