/** The fingerprints of the keys in a keyring (RFC 9580, 5.5.4): by them a key is the same key wherever it comes from. */
import { createHash } from 'node:crypto';
import { binaryKeyring } from './armor.ts';

/** In upper-case hex, of the primary keys alone, sorted; empty for what is no keyring. It may come from anybody. */
export const keyFingerprints = (keyring: Uint8Array): string[] => {
  const bytes = Buffer.from(binaryKeyring(keyring) ?? []);
  const found = new Set<string>();
  for (let at = 0; at < bytes.length; ) {
    const packet = packetAt(bytes, at);
    if (packet === undefined) break;
    const fingerprint = packet.tag === PUBLIC_KEY ? fingerprintOf(packet.body) : undefined;
    if (fingerprint !== undefined) found.add(fingerprint);
    at = packet.end;
  }
  return [...found].sort();
};

const PUBLIC_KEY = 6;

interface Packet {
  readonly tag: number;
  readonly body: Buffer;
  readonly end: number;
}

/** Undefined for what is cut off, or has no length of its own, as no key has. */
const packetAt = (bytes: Buffer, at: number): Packet | undefined => {
  const head = bytes[at] ?? 0;
  if ((head & 0x80) === 0) return undefined;
  const isNew = (head & 0x40) !== 0;
  const size = isNew ? newLength(bytes, at + 1) : oldLength(bytes, at + 1, head & 3);
  if (size === undefined || size.start + size.length > bytes.length) return undefined;
  const end = size.start + size.length;
  return { tag: isNew ? head & 0x3f : (head >> 2) & 0x0f, body: bytes.subarray(size.start, end), end };
};

interface Size {
  readonly start: number;
  readonly length: number;
}

/** Section 4.2.1. */
const newLength = (bytes: Buffer, at: number): Size | undefined => {
  const first = bytes[at];
  if (first === undefined || (first >= 224 && first < 255)) return undefined;
  if (first < 192) return { start: at + 1, length: first };
  if (first < 224) return { start: at + 2, length: ((first - 192) << 8) + (bytes[at + 1] ?? 0) + 192 };
  return at + 5 > bytes.length ? undefined : { start: at + 5, length: bytes.readUInt32BE(at + 1) };
};

/** Section 4.2.2. */
const oldLength = (bytes: Buffer, at: number, type: number): Size | undefined => {
  const width = [1, 2, 4][type];
  if (width === undefined || at + width > bytes.length) return undefined;
  return { start: at + width, length: bytes.readUIntBE(at, width) };
};

const fingerprintOf = (body: Buffer): string | undefined => {
  const lead = Buffer.alloc(5);
  if (body[0] === 4 && body.length < 2 ** 16) {
    lead[0] = 0x99;
    lead.writeUInt16BE(body.length, 1);
    return hex('sha1', lead.subarray(0, 3), body);
  }
  if (body[0] !== 6) return undefined;
  lead[0] = 0x9b;
  lead.writeUInt32BE(body.length, 1);
  return hex('sha256', lead, body);
};

const hex = (algorithm: string, lead: Uint8Array, body: Uint8Array): string =>
  createHash(algorithm).update(lead).update(body).digest('hex').toUpperCase();
