/**
 * Public keys of signers: Ed25519 and ECDSA P-256, as PEM (SubjectPublicKeyInfo, RFC 5280). A key is known by the
 * SHA-256 of its DER bytes; what a signature says of its key is a hint and decides nothing.
 */
import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { IngotError, messageOf } from '../errors.ts';
import { sha256 } from '../host/files.ts';

export type KeyKind = 'ed25519' | 'p256';

export interface PublicKey {
  readonly key: KeyObject;
  readonly kind: KeyKind;
  /** SHA-256 of the DER bytes, lower-case hex. */
  readonly id: string;
}

/** Throws `usage.key-kind` for a key of another kind. */
export const publicKeyOf = (key: KeyObject, where: string): PublicKey => ({
  key,
  kind: keyKind(key, where),
  id: sha256(key.export({ type: 'spki', format: 'der' })),
});

/** Throws `usage.key-unreadable` for what is no public key in PEM. */
export const readPublicKey = (text: string, where: string): PublicKey => {
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text))
    throw new IngotError('usage.key-unreadable', 'this is a private key, and a public one is needed', {
      where,
      hint: 'Name the public key that lies beside it. A private key stays with who signs.',
    });
  try {
    return publicKeyOf(createPublicKey(text), where);
  } catch (error) {
    if (error instanceof IngotError) throw error;
    throw new IngotError('usage.key-unreadable', 'this is no public key in PEM', {
      where,
      detail: messageOf(error),
      hint: 'A file that begins with `-----BEGIN PUBLIC KEY-----`: `ingot keygen` and `openssl pkey -pubout` write such ones.',
      cause: error,
    });
  }
};

export const publicKeyPem = ({ key }: PublicKey): string => key.export({ type: 'spki', format: 'pem' }).toString();

/** ECDSA with SHA-256 and its signature in DER, or Ed25519. False for anything else that comes along. */
export const isSignedBy = ({ key, kind }: PublicKey, data: Uint8Array, signature: Uint8Array): boolean => {
  try {
    return verify(kind === 'ed25519' ? null : 'sha256', data, key, signature);
  } catch {
    return false;
  }
};

const keyKind = (key: KeyObject, where: string): KeyKind => {
  const { asymmetricKeyType, asymmetricKeyDetails } = key;
  if (asymmetricKeyType === 'ed25519') return 'ed25519';
  if (asymmetricKeyType === 'ec' && asymmetricKeyDetails?.namedCurve === 'prime256v1') return 'p256';
  const found = [asymmetricKeyType, asymmetricKeyDetails?.namedCurve].filter((part) => part !== undefined).join(' ');
  throw new IngotError('usage.key-kind', `this key is of the kind ${found}, and Ed25519 or ECDSA P-256 is needed`, {
    where,
    hint: '`ingot keygen FILE` makes one.',
  });
};
