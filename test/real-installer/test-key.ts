/** The key that signs what is made here: made once in the cache, for tests alone. */
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '../../src/host/files.ts';
import { run } from '../../src/host/run.ts';
import { keep } from './made.ts';

export interface TestKey {
  /** Binary, as `gpg --export` writes it. */
  readonly public: string;
  readonly secret: string;
}

/** Runs gpg with a home of its own, whose agent is ended afterwards. */
const withGpg = async (work: (gpg: (...args: string[]) => Promise<unknown>) => Promise<void>): Promise<void> => {
  // Not in the cache: the path of the agent's socket has to be short.
  await using home = await temporaryFolder('real-key-');
  await chmod(home.path, 0o700);
  const options = [
    '--homedir',
    home.path,
    '--batch',
    '--yes',
    '--quiet',
    '--passphrase',
    '',
    '--pinentry-mode',
    'loopback',
  ];
  try {
    await work((...args) => run('gpg', [...options, ...args], { hint: 'Install gnupg.' }));
  } finally {
    await run('gpgconf', ['--homedir', home.path, '--kill', 'all']);
  }
};

export const testKey = async (cache: string): Promise<TestKey> => {
  const folder = await keep(cache, 'key', 'for-tests', async (to) => {
    await withGpg(async (gpg) => {
      await gpg('--quick-generate-key', 'Ingot tests <tests@example.org>', 'ed25519', 'sign', 'never');
      await gpg('--output', join(to, 'public.gpg'), '--export');
      await gpg('--output', join(to, 'secret.gpg'), '--export-secret-keys');
    });
  });
  return { public: join(folder, 'public.gpg'), secret: join(folder, 'secret.gpg') };
};

/** Writes Release and the same clearsigned as InRelease. */
export const writeSigned = async (folder: string, release: string, key: TestKey): Promise<void> => {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'Release'), release);
  await withGpg(async (gpg) => {
    await gpg('--import', key.secret);
    await gpg('--digest-algo', 'SHA256', '--output', join(folder, 'InRelease'), '--clearsign', join(folder, 'Release'));
  });
};
