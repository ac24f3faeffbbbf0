/**
 * gpgv(1) run in one place, and what it says of each signature in its status lines (GnuPG's doc/DETAILS). Which
 * signature is wanted is for the caller to say: an archive is content with any key of its keyring, sums with one key.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '../host/files.ts';
import { run } from '../host/run.ts';
import { own } from '../own.ts';

/** How gpgv judges a signature, before it says more about it. */
const STATES = {
  GOODSIG: 'good',
  BADSIG: 'bad',
  EXPSIG: 'expired',
  EXPKEYSIG: 'key-expired',
  REVKEYSIG: 'key-revoked',
  ERRSIG: 'unchecked',
} as const;

export interface Signature {
  readonly state: (typeof STATES)[keyof typeof STATES];
  /** The long id or the fingerprint of the key that signed, as the signature names it. */
  readonly keyId: string;
  /** Number of its hash algorithm (RFC 9580, 9.5), where gpgv says it. */
  readonly hash?: number;
  /** The rest is known for a signature that fits, whatever has happened to its key since. */
  readonly valid?: {
    /** Of the key that signed, and of the key to which it belongs (the same, unless a subkey signed). */
    readonly fingerprint: string;
    readonly primary: string;
    /** When it was made: seconds since 1970. */
    readonly time: number;
  };
}

/** MD5, SHA-1 and RIPEMD-160 (RFC 9580, 9.5): two texts of one digest can be made, or soon will be. */
export const WEAK_HASHES: ReadonlySet<number> = new Set([1, 2, 3]);

export interface Verification {
  readonly signatures: readonly Signature[];
  /** Nothing disturbed gpgv: it saw one signed text and finished. */
  readonly isClean: boolean;
  /** The signed text and nothing around it; undefined when gpgv found none. */
  readonly text: string | undefined;
  /** In its own words, for an error. */
  readonly said: string;
}

interface Checked {
  readonly path: string;
  /** Binary. */
  readonly keyring: string;
  readonly signal?: AbortSignal | undefined;
}

/** A file that carries its signature. */
export const checkClearsigned = async ({ path, ...rest }: Checked): Promise<Verification> => {
  await using folder = await temporaryFolder();
  const output = join(folder.path, 'signed');
  const found = await gpgv(['--output', output, path], { ...rest, home: folder.path });
  return { ...found, text: await readFile(output, 'utf8').catch(() => undefined) };
};

/** A file with a detached signature, armored or binary. */
export const checkDetached = async ({
  path,
  signature,
  ...rest
}: Checked & { readonly signature: string }): Promise<Verification> => {
  await using folder = await temporaryFolder();
  const found = await gpgv([signature, path], { ...rest, home: folder.path });
  return { ...found, text: await readFile(path, 'utf8') };
};

const gpgv = async (
  args: readonly string[],
  { keyring, home, signal }: Omit<Checked, 'path'> & { readonly home: string },
): Promise<Omit<Verification, 'text'>> => {
  const { stdout, stderr } = await run('gpgv', ['--status-fd', '1', '--keyring', keyring, ...args], {
    allow: [1, 2],
    env: { GNUPGHOME: home },
    signal,
    hint: 'Install gpgv.',
  });
  return { ...readStatus(stdout), said: stderr };
};

/** A line that names a state begins a signature, VALIDSIG says more of the one before it. */
export const readStatus = (status: string): Pick<Verification, 'signatures' | 'isClean'> => {
  const signatures: Signature[] = [];
  let isClean = true;
  for (const line of status.split('\n')) {
    const [mark, name = '', ...words] = line.split(' ');
    if (mark !== '[GNUPG:]') continue;
    const state = own(STATES, name);
    if (state !== undefined)
      signatures.push({ state, keyId: words[0] ?? '', ...(name === 'ERRSIG' ? { hash: Number(words[2]) } : {}) });
    if (name === 'ERROR' || name === 'NODATA') isClean = false;
    const last = signatures.at(-1);
    if (name === 'VALIDSIG' && last !== undefined)
      signatures[signatures.length - 1] = { ...last, hash: Number(words[7]), valid: valid(words) };
  }
  return { signatures, isClean };
};

/** `fingerprint date time expires version reserved algorithm hash class primary`. */
const valid = (words: readonly string[]): NonNullable<Signature['valid']> => {
  const fingerprint = words[0] ?? '';
  return { fingerprint, primary: words[9] ?? fingerprint, time: Number(words[2]) };
};
