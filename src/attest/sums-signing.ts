/** Signatures over SHA256SUMS on request: minisign's with the key that signs the statements, OpenPGP's by gpg(1). */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { IngotError } from '../errors.ts';
import { writeFileWhole } from '../host/files.ts';
import { run } from '../host/run.ts';
import { minisigned } from './minisign.ts';
import type { Signer } from './signer.ts';
import { SUMS } from './sums-check.ts';

export interface Signing {
  /** Statements are unsigned without one. */
  readonly signer: Signer | undefined;
  readonly minisign: boolean;
  /** The key as gpg knows it: a fingerprint. */
  readonly gpg: string | undefined;
}

export const UNSIGNED: Signing = { signer: undefined, minisign: false, gpg: undefined };

/** The files that it adds. */
export const sumsSignatureNames = ({ minisign, gpg }: Signing): string[] => [
  ...(minisign ? [`${SUMS}.minisig`] : []),
  ...(gpg === undefined ? [] : [`${SUMS}.asc`]),
];

/** `comment` is signed with minisign's form: what these sums are of. */
export const signSums = async (folder: string, { signer, minisign, gpg }: Signing, comment: string): Promise<void> => {
  const path = join(folder, SUMS);
  if (minisign && signer !== undefined)
    await writeFileWhole(`${path}.minisig`, await minisigned(await readFile(path), comment, signer));
  if (gpg === undefined) return;
  const env = Object.fromEntries(
    ['GNUPGHOME', 'GPG_TTY', 'GPG_AGENT_INFO'].flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
  await run('gpg', ['--batch', '--armor', '--local-user', gpg, '--output', `${path}.asc`, '--detach-sign', path], {
    env,
    hint: 'Has gpg the secret key (`gpg --list-secret-keys`), and can its agent ask for the passphrase?',
  });
};

/** `minisign` or `gpg:FINGERPRINT`. Throws `usage.sign-sums`. */
export const readSumsWishes = (
  wishes: readonly string[],
  signer: Signer | undefined,
): Pick<Signing, 'minisign' | 'gpg'> => {
  const refuse = (message: string, hint: string): never => {
    throw new IngotError('usage.sign-sums', message, { where: '--sign-sums', hint });
  };
  let minisign = false;
  let gpg: string | undefined;
  for (const wish of wishes) {
    const [, fingerprint] = /^gpg:((?:0x)?[0-9A-Fa-f]{40})$/.exec(wish) ?? [];
    if (wish === 'minisign') minisign = true;
    else if (fingerprint !== undefined) gpg = fingerprint;
    else refuse(`${wish} is no form of a signature`, 'It is `minisign`, or `gpg:` and the 40 digits of a fingerprint.');
  }
  if (minisign && signer === undefined)
    refuse('minisign has no key', 'Name one with --sign: the key that signs the statements signs the sums as well.');
  if (minisign && signer?.public.kind !== 'ed25519')
    refuse('minisign knows Ed25519 keys alone', 'Sign with an Ed25519 key: `ingot keygen FILE` makes one.');
  return { minisign, gpg };
};
