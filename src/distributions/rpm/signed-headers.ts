/**
 * Who signed the headers of rpm packages. A header has the digest of each file, so whoever signed it vouches for them; the database of an
 * installed system keeps headers and signatures, and no package is needed to check them.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HEADER_MAGIC, type RpmHeader } from '../../formats/packages/rpm-header.ts';
import { temporaryFolder } from '../../host/files.ts';
import { checkDetached, type Signature, WEAK_HASHES } from '../../origin/gpgv.ts';

/** Of rpm's rpmtag.h: over the header, by DSA or EdDSA, by RSA, and any number of them as text (rpm 6). */
const [DSA, RSA, OPENPGP] = [267, 268, 278];

/** A header as it was signed, without its magic, and the signatures over it. */
export interface SignedHeader {
  readonly signed: Buffer;
  readonly signatures: readonly Buffer[];
}

/** Those in a header of the database, or in the header of signatures of a file. */
export const signaturesIn = (header: RpmHeader): Buffer[] => [
  ...[RSA, DSA].flatMap((tag) => header.bytes(tag) ?? []),
  ...header.strings(OPENPGP).map((text) => Buffer.from(text, 'base64')),
];

export type HeaderVerdict =
  | { readonly verdict: 'signed'; readonly fingerprint: string; readonly hasExpired: boolean }
  /** `forged`: a key of the keyring made the signature, but not over this. */
  | { readonly verdict: 'forged' | 'unknown'; readonly why: string };

/** gpgv(1) runs for each one. */
const AT_ONCE = 4;

/** In their order. `keyring`: binary. */
export const checkHeaders = async (
  headers: readonly SignedHeader[],
  { keyring, signal }: { readonly keyring: string; readonly signal?: AbortSignal | undefined },
): Promise<HeaderVerdict[]> => {
  await using folder = await temporaryFolder('ingot-rpm-');
  const found: HeaderVerdict[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    for (let nth = next++; nth < headers.length; nth = next++) {
      const header = headers[nth];
      if (header !== undefined)
        found[nth] = await checkOne(header, { place: join(folder.path, String(nth)), keyring, signal });
    }
  };
  const working = Array.from({ length: AT_ONCE }, work);
  await Promise.allSettled(working);
  await Promise.all(working);
  return found;
};

interface Place {
  /** Beginning of the names of files. */
  readonly place: string;
  readonly keyring: string;
  readonly signal?: AbortSignal | undefined;
}

const checkOne = async ({ signed, signatures }: SignedHeader, { place, ...rest }: Place): Promise<HeaderVerdict> => {
  if (signatures.length === 0) return { verdict: 'unknown', why: 'nobody has signed it' };
  await writeFile(place, Buffer.concat([HEADER_MAGIC, signed]));
  const said: HeaderVerdict[] = [];
  for (const content of signatures) {
    const signature = `${place}.sig`;
    await writeFile(signature, content);
    const { signatures: found } = await checkDetached({ path: place, signature, ...rest });
    const [first] = found;
    said.push(
      first === undefined ? { verdict: 'unknown', why: 'its signature is none of OpenPGP' } : verdictOfSignature(first),
    );
  }
  const best = (['signed', 'forged', 'unknown'] as const).flatMap((verdict) =>
    said.filter((one) => one.verdict === verdict),
  );
  return best[0] ?? { verdict: 'unknown', why: 'nobody has signed it' };
};

const verdictOfSignature = ({ state, keyId, hash = 0, valid }: Signature): HeaderVerdict => {
  if (state === 'bad') return { verdict: 'forged', why: `it is not what ${keyId} signed` };
  if (valid === undefined) return { verdict: 'unknown', why: `${keyId} signed it, which is none of the keys` };
  if (state === 'key-revoked') return { verdict: 'unknown', why: `${keyId} signed it, a key that was revoked` };
  if (state === 'expired') return { verdict: 'unknown', why: `the signature of ${keyId} has expired` };
  if (WEAK_HASHES.has(hash)) return { verdict: 'unknown', why: `${keyId} signed it by a digest that can be forged` };
  // Packages stay installed for longer than the keys of their release are used.
  return { verdict: 'signed', fingerprint: valid.primary, hasExpired: state === 'key-expired' };
};
