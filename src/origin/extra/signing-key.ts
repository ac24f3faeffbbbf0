/**
 * The key that signs the repository that Ingot adds to a medium: Ed25519, whose signatures are the same each time
 * (RFC 8032, 5.1.6), so that a medium is. Its OpenPGP form is written here: gpg(1) would put the day into it.
 */
import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { IngotError } from '../../errors.ts';
import { ED25519, mpi, packet, type Signer, signatureBody, USER_ID_CERTIFICATION } from '../../formats/openpgp.ts';

export interface SigningKey extends Signer {
  /** 40 upper-case hex digits. */
  readonly fingerprint: string;
  /** As apt's Signed-By reads it: one binary key. */
  readonly publicKey: Buffer;
}

/**
 * A key is a day old before anything that it signs. The fingerprint is made of this too, so that a key of one's own
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
 * A key made of what it signs. It is no secret, and need be none: it lies beside the packages, and who can change
 * these could replace a random key as well. What it gives is what apt asks for, the same bytes each time.
 */
export const derivedKey = (content: string): SigningKey => {
  const seed = createHash('sha256').update('ingot: packages on a medium\0').update(content).digest();
  return signingKey(createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' }));
};

const signingKey = (key: KeyObject): SigningKey => {
  const point = Buffer.from(createPublicKey(key).export({ format: 'jwk' }).x ?? '', 'base64url');
  // Public-Key packet, version 4 (RFC 9580, 5.5.2.2); EdDSALegacy, which every gpgv since 2.1 knows.
  const head = Buffer.alloc(6);
  head[0] = 4;
  head.writeUInt32BE(CREATED, 1);
  head[5] = ED25519.algorithm;
  const body = Buffer.concat([head, ED25519.curve, mpi(Buffer.concat([Buffer.from([0x40]), point]))]);
  const hashed = Buffer.concat([Buffer.from([0x99, body.length >> 8, body.length & 0xff]), body]);
  const fingerprint = createHash('sha1').update(hashed).digest();
  const signature = (type: number, data: Uint8Array, time: number) =>
    packet(2, signatureBody({ type, data, time, fingerprint, sign: (digest) => sign(null, digest, key) }));
  const userId = Buffer.from(USER_ID);
  const length = Buffer.alloc(5);
  length[0] = 0xb4;
  length.writeUInt32BE(userId.length, 1);
  const certified = Buffer.concat([hashed, length, userId]);
  return {
    fingerprint: fingerprint.toString('hex').toUpperCase(),
    publicKey: Buffer.concat([
      packet(6, body),
      packet(13, userId),
      signature(USER_ID_CERTIFICATION, certified, CREATED),
    ]),
    signature,
  };
};
