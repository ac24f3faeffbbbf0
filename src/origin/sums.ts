/**
 * What a publisher's sums prove of a file. Where the recipe pins a key, nothing but the text that this key has signed
 * counts; without one the sums are only as safe as the connection they came over, and the record says so.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { IngotError } from '../errors.ts';
import { binaryKeyring } from '../formats/signatures/armor.ts';
import { digestFor, parseChecksums } from '../formats/signatures/checksum-lines.ts';
import { temporaryFolder } from '../host/files.ts';
import { VENDOR_KEYS } from '../recipe/schema/vendor-keys.ts';
import { systemHint } from '../system-error.ts';
import { checkClearsigned, checkDetached, type Signature, type Verification, WEAK_HASHES } from './gpgv.ts';

/** For the manifest. Of the digests there is one. */
export interface SumsProof {
  readonly file: string;
  readonly sha256?: string;
  readonly sha512?: string;
  /** The pinned key's fingerprint, and when it signed (ISO 8601, UTC). */
  readonly signedBy?: { readonly fingerprint: string; readonly date: string };
  readonly level: 'signed' | 'sums-only';
}

export interface SignedSums {
  readonly sums: Uint8Array;
  /** How errors call the sums. */
  readonly where: string;
  /** Detached; absent when the sums carry it. */
  readonly signature?: Uint8Array | undefined;
  readonly key?: PinnedKey | undefined;
}

export interface PinnedKey {
  /** Whole ones, of primary keys or subkeys: 40 or 64 hex digits. One of them has to have signed. */
  readonly fingerprints: readonly string[];
  /** A file, armored or binary. */
  readonly keyring: string;
}

/** Throws `origin.sums-…` for what the text or its signature lacks, `origin.keyring-missing` or `-invalid`. */
export const proveBySums = async (name: string, given: SignedSums, signal?: AbortSignal): Promise<SumsProof> => {
  const { text, signedBy } = await trustedText(given, signal);
  const { algorithm, digest } = digestFor(parseChecksums(text, given.where), name, given.where);
  const level = signedBy === undefined ? 'sums-only' : 'signed';
  return { file: name, [algorithm]: digest, ...(signedBy === undefined ? {} : { signedBy }), level };
};

interface Trusted {
  readonly text: string;
  readonly signedBy?: SumsProof['signedBy'];
}

const CLEARSIGNED = /^-----BEGIN PGP SIGNED MESSAGE-----\s*$/m;

const trustedText = async (given: SignedSums, signal: AbortSignal | undefined): Promise<Trusted> => {
  const { sums, signature, key, where } = given;
  const plain = new TextDecoder().decode(sums);
  if (key === undefined) {
    if (!CLEARSIGNED.test(plain) && signature === undefined) return { text: plain };
    throw new IngotError('origin.sums-key-missing', 'the sums are signed, and no key is named for them', {
      where,
      hint: 'Name the key: `key` is the whole fingerprint that its owner publishes, `keyring` a file that has the key.',
    });
  }
  const pinned = key.fingerprints.map((one) => wholeFingerprint(one, where));
  if (signature === undefined && !CLEARSIGNED.test(plain))
    throw new IngotError('origin.sums-unsigned', 'the sums carry no signature', {
      where,
      hint: 'Is the signature a file beside them (SHA256SUMS.gpg, SHA256SUMS.sign, CHECKSUM.asc)? `signature` names it.',
    });
  await using folder = await temporaryFolder();
  const write = async (file: string, bytes: Uint8Array): Promise<string> => {
    await writeFile(join(folder.path, file), bytes);
    return join(folder.path, file);
  };
  const keyring = await write('keyring', await keyringBytes(key.keyring));
  const path = await write('sums', sums);
  const checked =
    signature === undefined
      ? await checkClearsigned({ path, keyring, signal })
      : await checkDetached({ path, signature: await write('signature', signature), keyring, signal });
  return judged(checked, pinned, where);
};

const wholeFingerprint = (fingerprint: string, where: string): string => {
  const plain = fingerprint.replaceAll(' ', '').toUpperCase();
  if (/^([0-9A-F]{40}|[0-9A-F]{64})$/.test(plain)) return plain;
  throw new IngotError('origin.sums-short-key', `${fingerprint} is not the whole fingerprint of a key`, {
    where,
    hint: 'Short ids can be forged: take all 40 digits of `gpg --fingerprint`, and compare them with what the publisher says.',
  });
};

const keyringBytes = async (path: string): Promise<Uint8Array> => {
  const content = await readFile(path).catch((cause: unknown) => {
    const vendor = Object.values(VENDOR_KEYS).find(({ keyring }) => keyring?.file === path);
    throw new IngotError('origin.keyring-missing', `the keyring ${path} cannot be read`, {
      where: path,
      hint: vendor?.keyring === undefined ? systemHint(cause) : `Install ${vendor.keyring.package}, or name a keyring.`,
      cause,
    });
  });
  const binary = binaryKeyring(content);
  if (binary !== undefined) return binary;
  throw new IngotError('origin.keyring-invalid', `${path} holds no OpenPGP keys`, {
    where: path,
    hint: 'Use what the publisher offers as its keys, or an exported keyring (gpg --export).',
  });
};

const FAULTS = {
  damaged: {
    code: 'origin.sums-signature-invalid',
    message: 'the signature of the sums cannot be read',
    hint: 'Is it a whole signature, and the one of these sums? Fetch both again.',
  },
  bad: {
    code: 'origin.sums-signature-bad',
    message: 'the signature does not fit the sums: one of them was changed, or belongs to others',
    hint: 'Fetch both again, from the same folder of the publisher. If that does not help, do not use what these sums name.',
  },
  unchecked: {
    code: 'origin.sums-unknown-key',
    message: 'the keyring has no key that signed the sums',
    hint: 'Publishers change keys with releases: take the keyring of this release, and its fingerprint from the publisher’s own page.',
  },
  other: {
    code: 'origin.sums-wrong-key',
    message: 'the sums are signed by a key other than the one that the recipe names',
    hint: 'It is not enough that the keyring has it. When the publisher says that this is the key of the release, name its fingerprint as `key`.',
  },
  weak: {
    code: 'origin.sums-signature-weak',
    message: 'the signature of the sums is made with MD5 or SHA-1',
    hint: 'Such a signature can be forged. Ask the publisher for a newer one, or write the digest into the recipe.',
  },
  expired: {
    code: 'origin.sums-signature-expired',
    message: 'the signature of the sums has expired',
    hint: 'Fetch the sums and the signature again; is the clock of this host right?',
  },
  'key-expired': {
    code: 'origin.sums-key-expired',
    message: 'the key that signed the sums has expired',
    hint: 'Publishers extend their keys: fetch the keyring again. For an old release, write its digest into the recipe.',
  },
  'key-revoked': {
    code: 'origin.sums-key-revoked',
    message: 'the key that signed the sums is revoked',
    hint: 'It may be in the hands of others. The publisher says which key takes its place.',
  },
} as const;

/** One good signature of the pinned key is enough; a bad one, of whatever key, is never accepted. */
const judged = (
  { signatures, text, isClean, said }: Verification,
  pinned: readonly string[],
  where: string,
): Trusted => {
  const own = signatures.filter(
    ({ valid }) => valid && [valid.primary, valid.fingerprint].some((one) => pinned.includes(one)),
  );
  const found = own.find(isSound);
  const isBad = signatures.some(({ state }) => state === 'bad');
  if (found?.valid !== undefined && text !== undefined && isClean && !isBad) {
    const date = new Date(found.valid.time * 1000).toISOString();
    return { text, signedBy: { fingerprint: found.valid.primary, date } };
  }
  const { code, message, hint } = FAULTS[faultOf(signatures, own, isClean)];
  throw new IngotError(code, message, { where, detail: said, hint });
};

const isSound = ({ state, hash }: Signature): boolean => state === 'good' && !isWeak(hash);
const isWeak = (hash: number | undefined): boolean => hash !== undefined && WEAK_HASHES.has(hash);

const faultOf = (
  signatures: readonly Signature[],
  own: readonly Signature[],
  isClean: boolean,
): keyof typeof FAULTS => {
  if (signatures.some(({ state }) => state === 'bad')) return 'bad';
  const [first = signatures[0]] = own;
  if (first === undefined || (own.some(isSound) && !isClean)) return 'damaged';
  if (isWeak(first.hash)) return 'weak';
  if (own.length === 0) return signatures.some(({ valid }) => valid !== undefined) ? 'other' : 'unchecked';
  return first.state === 'good' ? 'damaged' : first.state;
};
