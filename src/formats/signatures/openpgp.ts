/**
 * As much of OpenPGP as signing a Release file takes (RFC 9580): an Ed25519 key of version 4, its signatures, signed text.
 * Nothing in it depends on the clock or on chance: the same key and text give the same bytes. The npm package openpgp can be
 * told to do that too, but it makes keys and reads none from openssl: its packets would have to be filled by hand anyway.
 */
import { createHash } from 'node:crypto';

/** What signs: a signature packet of this type over `data`; `time` in seconds since 1970. */
export interface Signer {
  readonly signature: (type: number, data: Uint8Array, time: number) => Buffer;
}

/** EdDSALegacy (9.1) and the curve's OID with its length (9.2). */
const ED25519 = { algorithm: 22, curve: Buffer.from('092b06010401da470f01', 'hex') };
/** Signature types (5.2.1). */
const TEXT = 0x01;
const USER_ID_CERTIFICATION = 0x13;

const SHA512 = 10;

/** A packet with a header of the new form (4.2.1). */
const packet = (tag: number, body: Uint8Array): Buffer => {
  const { length } = body;
  const size =
    length < 192 ? [length] : length < 8384 ? [((length - 192) >> 8) + 192, (length - 192) & 0xff] : undefined;
  if (size === undefined) throw new RangeError(`a packet of ${length} bytes`);
  return Buffer.concat([Buffer.from([0xc0 | tag, ...size]), body]);
};

/** A multiprecision integer (3.2): its length in bits, and its bytes without leading zeros. */
const mpi = (bytes: Uint8Array): Buffer => {
  const start = bytes.findIndex((byte) => byte !== 0);
  const value = start < 0 ? Buffer.alloc(0) : bytes.subarray(start);
  const bits = value.length === 0 ? 0 : value.length * 8 - Math.clz32(value[0] ?? 0) + 24;
  return Buffer.concat([Buffer.from([bits >> 8, bits & 0xff]), value]);
};

export interface OpenPgpKey extends Signer {
  /** 40 upper-case hex digits. */
  readonly fingerprint: string;
  /** As apt's Signed-By reads it: one binary key. */
  readonly publicKey: Buffer;
}

interface KeyMaterial {
  /** The public key, 32 bytes. */
  readonly point: Buffer;
  /** Signs a digest (RFC 8032, 5.1.6). */
  readonly sign: (digest: Buffer) => Buffer;
  readonly userId: string;
  /** Seconds since 1970; the fingerprint is made of this too. */
  readonly created: number;
}

/** A key that certifies itself. EdDSALegacy, which every gpgv since 2.1 knows. */
export const ed25519Key = ({ point, sign, userId, created }: KeyMaterial): OpenPgpKey => {
  // Public-Key packet, version 4 (5.5.2.2).
  const head = Buffer.alloc(6);
  head[0] = 4;
  head.writeUInt32BE(created, 1);
  head[5] = ED25519.algorithm;
  const body = Buffer.concat([head, ED25519.curve, mpi(Buffer.concat([Buffer.from([0x40]), point]))]);
  const hashed = Buffer.concat([Buffer.from([0x99, body.length >> 8, body.length & 0xff]), body]);
  const fingerprint = createHash('sha1').update(hashed).digest();
  const signature = (type: number, data: Uint8Array, time: number) =>
    packet(2, signatureBody({ type, data, time, fingerprint, sign }));
  const name = Buffer.from(userId);
  const length = Buffer.alloc(5);
  length[0] = 0xb4;
  length.writeUInt32BE(name.length, 1);
  const certified = Buffer.concat([hashed, length, name]);
  return {
    fingerprint: fingerprint.toString('hex').toUpperCase(),
    publicKey: Buffer.concat([packet(6, body), packet(13, name), signature(USER_ID_CERTIFICATION, certified, created)]),
    signature,
  };
};

interface ToSign {
  readonly type: number;
  readonly data: Uint8Array;
  /** Seconds since 1970. */
  readonly time: number;
  /** Of the key, 20 bytes. */
  readonly fingerprint: Buffer;
  readonly sign: (digest: Buffer) => Buffer;
}

/** The body of a signature packet (5.2.3); what is signed is the data and the hashed half of this (5.2.4). */
const signatureBody = ({ type, data, time, fingerprint, sign }: ToSign): Buffer => {
  const when = Buffer.alloc(4);
  when.writeUInt32BE(time);
  const hashed = Buffer.concat([
    subpacket(2, when),
    subpacket(33, Buffer.concat([Buffer.from([4]), fingerprint])),
    // Key flags: it certifies itself and signs.
    ...(type === USER_ID_CERTIFICATION ? [subpacket(27, Buffer.from([0x03]))] : []),
  ]);
  const head = Buffer.concat([Buffer.from([4, type, ED25519.algorithm, SHA512, 0, hashed.length]), hashed]);
  const trailer = Buffer.from([4, 0xff, 0, 0, 0, head.length]);
  const digest = createHash('sha512').update(data).update(head).update(trailer).digest();
  const signed = sign(digest);
  const issuer = subpacket(16, fingerprint.subarray(12));
  return Buffer.concat([
    head,
    Buffer.from([0, issuer.length]),
    issuer,
    digest.subarray(0, 2),
    mpi(signed.subarray(0, 32)),
    mpi(signed.subarray(32)),
  ]);
};

const subpacket = (type: number, body: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from([body.length + 1, type]), body]);

/** Signed text (7): line ends count as CR LF, blanks at a line's end and the last line end do not count. */
export const clearsign = (text: string, { signature: sign }: Signer, time: number): string => {
  const lines = text.trimEnd().split('\n');
  const canonical = lines.map((line) => line.replace(/[ \t\r]+$/, '')).join('\r\n');
  const signature = sign(TEXT, Buffer.from(canonical), time);
  return [
    '-----BEGIN PGP SIGNED MESSAGE-----',
    'Hash: SHA512',
    '',
    ...lines.map((line) => (line.startsWith('-') ? `- ${line}` : line)),
    '-----BEGIN PGP SIGNATURE-----',
    '',
    ...(signature.toString('base64').match(/.{1,64}/g) ?? []),
    '-----END PGP SIGNATURE-----',
    '',
  ].join('\n');
};
