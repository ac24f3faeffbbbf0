/**
 * Who signs: a key in a file or an environment variable, or a command that gets what is to be signed on stdin and
 * prints the signature, for keys that never leave a token, a KMS or another process. Each signature is verified before
 * anybody gets it.
 */
import { sign } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { IngotError } from '../errors.ts';
import { temporaryFolder } from '../host/files.ts';
import { run } from '../host/run.ts';
import { systemHint } from '../system-error.ts';
import { readPrivateKey } from './private-key.ts';
import { isSignedBy, type PublicKey, readPublicKey } from './public-key.ts';

export interface Signer {
  readonly public: PublicKey;
  /** An Ed25519 signature, or one of ECDSA with SHA-256 in DER. */
  sign(data: Uint8Array, signal?: AbortSignal): Promise<Buffer>;
}

export interface SignerOptions {
  /** A path, `env:NAME`, or `command:COMMAND`. */
  readonly key: string;
  /** `env:NAME` or `file:PATH`. */
  readonly passphrase?: string | undefined;
  /** A file with the public key; a command needs it. */
  readonly publicKey?: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Throws `usage.key-…` for what is missing or unfit. */
export const openSigner = async ({ key, passphrase, publicKey, env }: SignerOptions): Promise<Signer> => {
  const [, form, rest = ''] = /^(env|command):(.*)$/s.exec(key) ?? [];
  const expected = publicKey === undefined ? undefined : readPublicKey(await textOf(publicKey), publicKey);
  if (form === 'command') return commandSigner(rest, expected);
  const secret = passphrase === undefined ? undefined : await secretOf(passphrase, env);
  const text = form === 'env' ? fromEnvironment(rest, env) : await textOf(key);
  const found = readPrivateKey(text, secret, key);
  if (expected !== undefined && expected.id !== found.public.id)
    throw new IngotError('usage.key-mismatch', 'the private key and the public key do not belong together', {
      where: publicKey,
      hint: 'Leave --sign-public out: a key in a file has its public key with it.',
    });
  return {
    public: found.public,
    sign: async (data) => sign(found.public.kind === 'ed25519' ? null : 'sha256', data, found.secret),
  };
};

const commandSigner = (command: string, expected: PublicKey | undefined): Signer => {
  if (expected === undefined)
    throw new IngotError('usage.key-missing', 'a command signs, and its public key is not named', {
      hint: 'Name it with --sign-public FILE: each signature is verified before it is delivered.',
    });
  return {
    public: expected,
    async sign(data, signal) {
      await using folder = await temporaryFolder();
      const outputFile = join(folder.path, 'signature');
      const env = Object.fromEntries(
        Object.entries(process.env).flatMap(([n, v]) => (v === undefined ? [] : [[n, v]])),
      );
      await run('sh', ['-c', command], { input: data, outputFile, env, signal, timeout: LONGEST });
      const said = await readFile(outputFile);
      const found = formsOf(said).find((signature) => isSignedBy(expected, data, signature));
      if (found !== undefined) return found;
      throw new IngotError('attest.signature-wrong', 'what the command printed is no signature of its public key', {
        where: command,
        hint: 'It gets the bytes on stdin, and prints the signature over them, raw or in base64: ECDSA with SHA-256, or Ed25519.',
      });
    },
  };
};

/** A person may have to touch a token. Milliseconds. */
const LONGEST = 300_000;

/** As it came, out of base64, and ECDSA's two numbers side by side (PKCS #11, IEEE P1363) in DER. */
const formsOf = (said: Buffer): Buffer[] => {
  const text = said.toString('latin1').trim();
  const plain = [said, ...(/^[A-Za-z0-9+/\s]+=*$/.test(text) ? [Buffer.from(text, 'base64')] : [])];
  return [...plain, ...plain.filter(({ length }) => length === 64).map(inDer)];
};

const inDer = (pair: Buffer): Buffer => {
  const numbers = [pair.subarray(0, 32), pair.subarray(32)].map((number) => {
    const first = number.findIndex((byte) => byte !== 0);
    const digits = number.subarray(first < 0 ? 31 : first);
    const whole = (digits[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.of(0), digits]) : digits;
    return Buffer.concat([Buffer.of(0x02, whole.length), whole]);
  });
  const body = Buffer.concat(numbers);
  return Buffer.concat([Buffer.of(0x30, body.length), body]);
};

const fromEnvironment = (name: string, env: SignerOptions['env']): string => {
  const value = env[name];
  if (value !== undefined && value !== '') return value;
  throw new IngotError('usage.key-missing', `the environment variable ${name} is not set`, {
    hint: 'It has to hold the text itself, not the path of a file.',
  });
};

/** A passphrase from where it is named; used for a new key as well. */
export const secretOf = async (from: string, env: SignerOptions['env']): Promise<string> => {
  const [, form, rest = ''] = /^(env|file):(.+)$/s.exec(from) ?? [];
  if (form === 'env') return fromEnvironment(rest, env);
  if (form === 'file') return (await textOf(rest)).replace(/\r?\n$/, '');
  throw new IngotError('usage.key-passphrase', 'a passphrase is not written into a command line', {
    hint: 'Name where it is: env:NAME or file:PATH.',
  });
};

const textOf = async (path: string): Promise<string> =>
  await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new IngotError('usage.key-missing', 'the key cannot be read', {
      where: path,
      hint: systemHint(cause),
      cause,
    });
  });
