/** Private keys of signers, in PEM: PKCS #8, encrypted or not (RFC 5958), and what else OpenSSL writes for P-256. */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { IngotError } from '../errors.ts';
import { type KeyKind, type PublicKey, publicKeyOf } from './public-key.ts';

export interface PrivateKey {
  readonly secret: KeyObject;
  readonly public: PublicKey;
}

/** Throws `usage.key-unreadable`, `usage.key-passphrase`, `usage.key-kind`; the key itself is in no message. */
export const readPrivateKey = (text: string, passphrase: string | undefined, where: string): PrivateKey => {
  if (/ENCRYPTED (SIGSTORE|COSIGN) PRIVATE KEY/.test(text))
    throw new IngotError('usage.key-unreadable', 'this key is in a form that only cosign reads', {
      where,
      hint: 'Let cosign sign: --sign "command:cosign sign-blob --key cosign.key -", with --sign-public cosign.pub.',
    });
  const isEncrypted = /ENCRYPTED/.test(text);
  if (isEncrypted && passphrase === undefined)
    throw new IngotError('usage.key-passphrase', 'the key is encrypted, and no passphrase is named', {
      where,
      hint: 'Name where it is: --sign-passphrase env:NAME or file:PATH.',
    });
  try {
    const secret = createPrivateKey({ key: text, ...(isEncrypted ? { passphrase } : {}) });
    return { secret, public: publicKeyOf(createPublicKey(secret), where) };
  } catch (error) {
    if (error instanceof IngotError) throw error;
    throw isEncrypted
      ? new IngotError('usage.key-passphrase', 'the passphrase does not open the key', {
          where,
          hint: 'Is it the passphrase of this key, without blanks or a second line?',
        })
      : new IngotError('usage.key-unreadable', 'this is no private key in PEM', {
          where,
          hint: 'A file that begins with `-----BEGIN PRIVATE KEY-----`: `ingot keygen FILE` writes one.',
        });
  }
};

export const newKey = (kind: KeyKind): PrivateKey => {
  const { privateKey: secret } =
    kind === 'ed25519' ? generateKeyPairSync('ed25519') : generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  return { secret, public: publicKeyOf(createPublicKey(secret), 'a new key') };
};

/** PKCS #8 in PEM; encrypted (PBES2 with AES-256) where there is a passphrase. */
export const privateKeyPem = ({ secret }: PrivateKey, passphrase: string | undefined): string =>
  secret
    .export({
      type: 'pkcs8',
      format: 'pem',
      ...(passphrase === undefined ? {} : { cipher: 'aes-256-cbc', passphrase }),
    })
    .toString();
