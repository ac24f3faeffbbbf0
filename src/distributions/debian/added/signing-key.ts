/**
 * The key that signs the repository that Ingot adds to a medium: Ed25519, whose signatures are the same each time
 * (RFC 8032, 5.1.6), so that a medium is. Its OpenPGP form is written here: gpg(1) would put the day into it.
 */
import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { IngotError } from '../../../errors.ts';
import { ed25519Key, type OpenPgpKey } from '../../../formats/signatures/openpgp.ts';

export type SigningKey = OpenPgpKey;

/**
 * Older than anything that the key signs. The fingerprint contains this date too, so that a key of the user's
 * is the same on every medium. 2000-01-01.
 */
const CREATED = 946_684_800;
const USER_ID = 'Packages on this medium';

/** An Ed25519 private key as `openssl genpkey -algorithm ed25519` writes it. Throws `media.signing-key`. */
export const readSigningKey = async (path: string): Promise<SigningKey> => {
  try {
    const key = createPrivateKey(await readFile(path));
    if (key.asymmetricKeyType === 'ed25519') return signingKey(key);
    throw new Error(`it is a key of type ${key.asymmetricKeyType}`);
  } catch (cause) {
    throw new IngotError('media.signing-key', `${path} is not an Ed25519 private key without a passphrase`, {
      where: 'media.signingKey',
      detail: cause instanceof Error ? cause.message : undefined,
      hint: `openssl genpkey -algorithm ed25519 -out ${path} makes one.`,
      cause,
    });
  }
};

/** PKCS #8 around the 32 bytes of an Ed25519 key (RFC 8410, 7). */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');

/**
 * A key made from what it signs. It is not secret, and need not be: it lies next to the packages, and who can change
 * these could replace a random key as well. It gives apt the signature that it asks for, with the same bytes each time.
 */
export const derivedKey = (content: string): SigningKey => {
  const seed = createHash('sha256').update('ingot: packages on a medium\0').update(content).digest();
  return signingKey(createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' }));
};

const signingKey = (key: KeyObject): SigningKey =>
  ed25519Key({
    point: Buffer.from(createPublicKey(key).export({ format: 'jwk' }).x ?? '', 'base64url'),
    sign: (digest) => sign(null, digest, key),
    userId: USER_ID,
    created: CREATED,
  });
