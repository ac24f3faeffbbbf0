/** Keys and signatures made by gpg: good ones, and of each kind that has to be refused. */
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '../../src/host/files.ts';
import { run } from '../../src/host/run.ts';

export interface SignerKey {
  /** Of the primary key. */
  readonly fingerprint: string;
  readonly subkeys: readonly string[];
}

export interface Signer extends AsyncDisposable {
  readonly path: (name: string) => string;
  readonly gpg: (...args: string[]) => Promise<string>;
  /** `args` go before the command: a faked time, a digest algorithm. */
  readonly key: (name: string, options?: { readonly expires?: string; readonly at?: string }) => Promise<SignerKey>;
  readonly addSubkey: (key: SignerKey) => Promise<SignerKey>;
  readonly revoke: (key: SignerKey) => Promise<void>;
  readonly keyring: (name: string, ...keys: readonly SignerKey[]) => Promise<string>;
  readonly detached: (text: string, by: string, ...args: string[]) => Promise<Buffer>;
  readonly clearsigned: (text: string, by: string, ...args: string[]) => Promise<Buffer>;
}

/** `YYYYMMDDThhmmss!`: the clock stands still there. */
export const at = (time: string): string[] => ['--faked-system-time', `${time}!`];

export const makeSigner = async (): Promise<Signer> => {
  // The path of the agent's socket has to be short.
  const folder = await temporaryFolder('signer-');
  const path = (name: string) => join(folder.path, name);
  const home = path('home');
  await mkdir(home);
  await chmod(home, 0o700);
  const fixed = ['--homedir', home, '--batch', '--yes', '--quiet', '--passphrase', '', '--pinentry-mode', 'loopback'];
  const gpg = async (...args: string[]) =>
    (await run('gpg', [...fixed, ...args], { hint: 'Install gnupg.' })).stdout.trim();
  const fingerprints = async (name: string): Promise<SignerKey> => {
    const listed = await gpg('--with-colons', '--list-keys', name);
    const [fingerprint = '', ...subkeys] = [...listed.matchAll(/^fpr:+([0-9A-F]+):/gm)].map(([, one = '']) => one);
    return { fingerprint, subkeys };
  };
  let made = 0;
  const sign = async (text: string, command: readonly string[]): Promise<Buffer> => {
    const [input, output] = [path(`text-${made}`), path(`signed-${made++}`)];
    await writeFile(input, text);
    await gpg('--output', output, ...command, input);
    return readFile(output);
  };
  return {
    path,
    gpg,
    async key(name, { expires = 'never', at: time } = {}) {
      const clock = time === undefined ? [] : at(time);
      await gpg(...clock, '--quick-generate-key', `${name} <${name}@example.org>`, 'ed25519', 'sign', expires);
      return fingerprints(name);
    },
    async addSubkey({ fingerprint }) {
      await gpg('--quick-add-key', fingerprint, 'ed25519', 'sign', 'never');
      return fingerprints(fingerprint);
    },
    async revoke({ fingerprint }) {
      const certificate = join(home, 'openpgp-revocs.d', `${fingerprint}.rev`);
      const text = await readFile(certificate, 'utf8');
      // A colon keeps it from being imported by mistake.
      await writeFile(certificate, text.replace(':-----BEGIN', '-----BEGIN'));
      await gpg('--import', certificate);
    },
    async keyring(name, ...keys) {
      await gpg('--output', path(name), '--export', ...keys.map(({ fingerprint }) => fingerprint));
      return path(name);
    },
    detached: (text, by, ...args) => sign(text, [...args, '--local-user', by, '--detach-sign']),
    clearsigned: (text, by, ...args) => sign(text, [...args, '--local-user', by, '--clearsign']),
    async [Symbol.asyncDispose]() {
      await run('gpgconf', ['--homedir', home, '--kill', 'all']);
      await folder[Symbol.asyncDispose]();
    },
  };
};
