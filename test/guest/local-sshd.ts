/** A throw-away sshd on 127.0.0.1, so that sessions and steps are tried on the real server without a machine. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BuildKey } from '../../src/access/key.ts';
import { run } from '../../src/host/run.ts';

export interface LocalSshd extends AsyncDisposable {
  readonly port: number;
  readonly hostKeys: readonly string[];
  /** Kills the server and every session of it, as a dying guest would. */
  kill(): Promise<void>;
}

export const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
};

export interface SshdOptions {
  readonly port?: number;
  /** Home of whoever logs in, with the shell's start files. */
  readonly home?: string;
  /** Lines of sshd_config(5) that go before the others. */
  readonly settings?: readonly string[];
}

export const startSshd = async (
  authorized: BuildKey,
  { port, home, settings = [] }: SshdOptions = {},
): Promise<LocalSshd> => {
  const folder = await mkdtemp(join(tmpdir(), 'ingot-sshd-'));
  await mkdir('/run/sshd', { recursive: true });
  await chmod(folder, 0o755);
  await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, 'host')]);
  await writeFile(join(folder, 'authorized'), `${authorized.publicKey}\n`);
  const chosen = port ?? (await freePort());
  await writeFile(
    join(folder, 'config'),
    [
      ...settings,
      `Port ${chosen}`,
      'ListenAddress 127.0.0.1',
      `HostKey ${folder}/host`,
      `AuthorizedKeysFile ${folder}/authorized`,
      'PasswordAuthentication no',
      'PermitRootLogin prohibit-password',
      'StrictModes no',
      'UsePAM no',
      `PidFile ${folder}/pid`,
      // The shell's start files of whoever runs the tests are none of the guest's.
      `SetEnv HOME=${home ?? folder}`,
    ].join('\n'),
  );
  // -D keeps it in its own process group, which is what `kill` ends.
  const child = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', join(folder, 'config')], {
    detached: true,
    stdio: 'ignore',
  });
  const exited = once(child, 'exit');
  let killed: Promise<unknown> | undefined;
  const kill = async () => {
    killed ??= killTree();
    await killed;
  };
  const killTree = async () => {
    const { pid } = child;
    if (pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    for (const one of [...(await descendants(pid)), pid]) killIfThere(one);
    await exited;
  };
  return {
    port: chosen,
    hostKeys: [(await readFile(join(folder, 'host.pub'), 'utf8')).split(' ').slice(0, 2).join(' ')],
    kill,
    async [Symbol.asyncDispose]() {
      await kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
};

/** A session may have ended by itself meanwhile. */
const killIfThere = (pid: number): void => {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
};

const descendants = async (pid: number): Promise<number[]> => {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  const children = text.split(' ').filter(Boolean).map(Number);
  return [...children, ...(await Promise.all(children.map(descendants))).flat()];
};
