/**
 * Signatures that minisign(1) reads: Ed25519 over the BLAKE2b-512 digest of a file (`ED`), and over that signature with a
 * trusted comment. Read, not written, are those over the file itself (`Ed`), which signify(1) makes as well.
 */
import { createHash, createPublicKey } from 'node:crypto';
import { IngotError } from '../errors.ts';
import { isSignedBy, type PublicKey, publicKeyOf } from './public-key.ts';
import type { Signer } from './signer.ts';

export interface MinisignKey {
  readonly public: PublicKey;
  /** Eight bytes by which a signature names its key. */
  readonly number: Buffer;
}

const prehashed = (data: Uint8Array): Buffer => createHash('blake2b512').update(data).digest();

/** The last 32 bytes of an Ed25519 key in DER are the key (RFC 8410). */
const rawKey = ({ key }: PublicKey): Buffer => key.export({ type: 'spki', format: 'der' }).subarray(-32);

/** Of our own keys: the beginning of the digest by which they are known. */
const numberOf = ({ id }: PublicKey): Buffer => Buffer.from(id.slice(0, 16), 'hex');

const shownNumber = (number: Buffer): string => Buffer.from(number).reverse().toString('hex').toUpperCase();

/** For `minisign -V -P` or `-p`. */
export const minisignKeyText = (key: PublicKey): string => {
  const number = numberOf(key);
  const line = Buffer.concat([Buffer.from('Ed'), number, rawKey(key)]).toString('base64');
  return `untrusted comment: minisign public key ${shownNumber(number)}\n${line}\n`;
};

/** The trusted comment is one line, and signed too. Throws `usage.key-kind` where the signer's key is no Ed25519 key. */
export const minisigned = async (data: Uint8Array, comment: string, signer: Signer): Promise<string> => {
  if (signer.public.kind !== 'ed25519')
    throw new IngotError('usage.key-kind', 'minisign knows Ed25519 keys alone', {
      hint: 'Sign with an Ed25519 key (`ingot keygen FILE` makes one), or leave out --sign-sums minisign.',
    });
  const number = numberOf(signer.public);
  const signature = await signer.sign(prehashed(data));
  const whole = await signer.sign(Buffer.concat([signature, Buffer.from(comment)]));
  return [
    `untrusted comment: signature of the key ${shownNumber(number)}`,
    Buffer.concat([Buffer.from('ED'), number, signature]).toString('base64'),
    `trusted comment: ${comment}`,
    whole.toString('base64'),
    '',
  ].join('\n');
};

const KEY = /^untrusted comment: [^\n]*\n([A-Za-z0-9+/=]{56})\s*$/;

export const isMinisignKey = (text: string): boolean => KEY.test(text.replaceAll('\r', ''));

export const readMinisignKey = (text: string, where: string): MinisignKey => {
  const bytes = Buffer.from(KEY.exec(text.replaceAll('\r', ''))?.[1] ?? '', 'base64');
  if (bytes.length !== 42 || bytes.subarray(0, 2).toString('latin1') !== 'Ed')
    throw new IngotError('usage.key-unreadable', 'this is no public key of minisign', {
      where,
      hint: 'Two lines, the second of 56 characters: `minisign -G` and `ingot keygen` write such a file.',
    });
  const der = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), bytes.subarray(10)]);
  const key = createPublicKey({ key: der, format: 'der', type: 'spki' });
  return { public: publicKeyOf(key, where), number: bytes.subarray(2, 10) };
};

const SIGNATURE =
  /^untrusted comment: [^\n]*\n([A-Za-z0-9+/=]{100})\n(?:trusted comment: ([^\n]*)\n([A-Za-z0-9+/=]{88})\n?)?$/;

/** Whether the key has signed these bytes; a signature with a trusted comment has to fit that as well. */
export const isMinisigned = (
  data: Uint8Array,
  signatureText: string,
  { public: key, number }: MinisignKey,
): boolean => {
  const [, line = '', comment, whole = ''] = SIGNATURE.exec(signatureText.replaceAll('\r', '')) ?? [];
  const bytes = Buffer.from(line, 'base64');
  const algorithm = bytes.subarray(0, 2).toString('latin1');
  if (bytes.length !== 74 || !bytes.subarray(2, 10).equals(number)) return false;
  const signature = bytes.subarray(10);
  const signed = algorithm === 'ED' ? prehashed(data) : algorithm === 'Ed' ? data : undefined;
  if (signed === undefined || !isSignedBy(key, signed, signature)) return false;
  return (
    comment === undefined ||
    isSignedBy(key, Buffer.concat([signature, Buffer.from(comment)]), Buffer.from(whole, 'base64'))
  );
};
