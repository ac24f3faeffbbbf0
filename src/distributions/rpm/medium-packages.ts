/**
 * The rpm packages of a medium against their vendor's keys: DVDs of the RHEL family and Fedora have indexes that nobody signed, and
 * packages that are signed one by one. The header is signed and has the digest of the payload, so each package is covered whole; no
 * tool of rpm is needed.
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { IngotError, throwIfInterrupted } from '../../errors.ts';
import { HEADER_MAGIC, parseRpmHeader } from '../../formats/packages/rpm-header.ts';
import { temporaryFolder } from '../../host/files.ts';
import { type Medium, mediumFilePieces } from '../../media/iso/medium.ts';
import { writeKeyring } from '../../origin/keyring.ts';
import { checkHeaders, type SignedHeader, signaturesIn } from './signed-headers.ts';

export interface CheckedPackages {
  readonly packages: number;
  /** How many each key has signed, by its fingerprint. */
  readonly signers: Readonly<Record<string, number>>;
  /** What is not as somebody signed it, a line each. */
  readonly problems: readonly string[];
}

/** Headers of so many packages are in memory. */
const BATCH = 64;

/** `keys`: files. Throws `origin.keyring-…`. */
export const checkMediumPackages = async (
  medium: Medium,
  keys: readonly string[],
  signal?: AbortSignal,
): Promise<CheckedPackages> => {
  await using folder = await temporaryFolder('ingot-rpm-');
  const keyring = join(folder.path, 'keyring.gpg');
  await writeKeyring(keys, keyring);
  const paths = [...medium.files.keys()].filter((path) => path.endsWith('.rpm')).sort();
  const signers = new Map<string, number>();
  const problems: string[] = [];
  for (let from = 0; from < paths.length; from += BATCH) {
    const read: { readonly path: string; readonly header: SignedHeader }[] = [];
    for (const path of paths.slice(from, from + BATCH)) {
      throwIfInterrupted(signal);
      const found = await readPackage(mediumFilePieces(medium, path, signal));
      if (typeof found === 'string') problems.push(`${path}: ${found}`);
      else read.push({ path, header: found });
    }
    const headers = read.map(({ header }) => header);
    for (const [nth, verdict] of (await checkHeaders(headers, { keyring, signal })).entries()) {
      if (verdict.verdict === 'signed') signers.set(verdict.fingerprint, (signers.get(verdict.fingerprint) ?? 0) + 1);
      else problems.push(`${read[nth]?.path}: ${verdict.why}`);
    }
  }
  return { packages: paths.length, signers: Object.fromEntries(signers), problems };
};

const LEAD = { magic: Buffer.from('edabeedb', 'hex'), length: 96 };
/** RPMTAG_PAYLOADSHA256 and RPMTAG_PAYLOADSHA256ALGO of rpm's rpmtag.h. */
const [PAYLOAD_DIGEST, PAYLOAD_ALGORITHM] = [5092, 5093];
const SHA256 = 8;
const ENTRY = 16;
/** Those of rpm itself. */
const MOST_TAGS = 0xffff;
const MOST_DATA = 256 * 2 ** 20;

/** The header with its signatures, where the payload is what it says; otherwise what is wrong. */
const readPackage = async (pieces: AsyncIterable<Buffer>): Promise<SignedHeader | string> => {
  const bytes = new Bytes(pieces);
  try {
    if (!(await bytes.take(LEAD.length)).subarray(0, 4).equals(LEAD.magic)) return 'it is no rpm package';
    const signatures = await takeHeader(bytes);
    await bytes.take((8 - ((signatures.length + 8) % 8)) % 8);
    const signed = await takeHeader(bytes);
    const header = parseRpmHeader(signed);
    const [wanted] = header.strings(PAYLOAD_DIGEST);
    if (wanted === undefined || header.number(PAYLOAD_ALGORITHM) !== SHA256)
      return 'its header has no SHA-256 of its content (rpm before 4.14)';
    const hash = createHash('sha256');
    for await (const piece of bytes.rest()) hash.update(piece);
    if (hash.digest('hex') !== wanted) return 'its content is not what its header says';
    return { signed, signatures: signaturesIn(parseRpmHeader(signatures)) };
  } catch (error) {
    if (error instanceof Cut) return 'it is cut off';
    if (error instanceof IngotError && error.code === 'inspect.rpm-header') return error.message;
    throw error;
  }
};

/** From the number of its entries on. */
const takeHeader = async (bytes: Bytes): Promise<Buffer> => {
  const head = await bytes.take(16);
  const [entries, length] = [head.readUInt32BE(8), head.readUInt32BE(12)];
  if (!head.subarray(0, 8).equals(HEADER_MAGIC) || entries > MOST_TAGS || length > MOST_DATA) throw new Cut();
  return Buffer.concat([head.subarray(8), await bytes.take(entries * ENTRY + length)]);
};

class Cut extends Error {}

/** Bytes of a stream, so many at a time, then all that is left. */
class Bytes {
  readonly #pieces: AsyncIterator<Buffer>;
  #left: Buffer = Buffer.alloc(0);

  constructor(pieces: AsyncIterable<Buffer>) {
    this.#pieces = pieces[Symbol.asyncIterator]();
  }

  async take(length: number): Promise<Buffer> {
    const parts = [this.#left];
    let had = this.#left.length;
    while (had < length) {
      const { value, done } = await this.#pieces.next();
      if (done) throw new Cut();
      // A piece is valid until the next one.
      parts.push(Buffer.from(value));
      had += value.length;
    }
    const all = parts.length === 1 ? this.#left : Buffer.concat(parts);
    this.#left = all.subarray(length);
    return all.subarray(0, length);
  }

  async *rest(): AsyncGenerator<Buffer> {
    yield this.#left;
    for (let next = await this.#pieces.next(); !next.done; next = await this.#pieces.next()) yield next.value;
  }
}
