/**
 * The sums that a publisher puts next to the files, in place of a digest in the recipe: where they are, and whose
 * signature they have to carry.
 */
import { z } from 'zod';
import { own } from '../../own.ts';
import { hasNoLogin, hostPath, NO_LOGIN, text } from './field-values.ts';
import { SUMS_KEY, VENDOR_KEYS, vendorKeyring } from './vendor-keys.ts';

const source = {
  url: z
    .url({ protocol: /^https$/, error: 'an https URL' })
    .refine(hasNoLogin, NO_LOGIN)
    .optional()
    .meta({ description: 'An https URL.' }),
  file: hostPath.optional().meta({ description: 'A file beside the recipe.' }),
};

interface Source {
  readonly url?: string | undefined;
  readonly file?: string | undefined;
}

const isOne = ({ url, file }: Source): boolean => (url === undefined) !== (file === undefined);
const ONE = 'either `url` or `file`';

export const sumsSchema = z
  .strictObject({
    ...source,
    signature: z.strictObject(source).refine(isOne, ONE).optional().meta({
      description: 'The signature, where it is a separate file; none when the sums carry it themselves.',
    }),
    key: text(
      SUMS_KEY,
      `the whole fingerprint of a key, 40 hex digits without blanks (\`gpg --fingerprint\`; a short id can be forged), or the name of a vendor's: ${Object.keys(VENDOR_KEYS).join(', ')}`,
    )
      .transform((key) => (own(VENDOR_KEYS, key) === undefined ? key.toUpperCase() : key))
      .optional()
      .meta({
        description:
          "Fingerprint of the key that has to have signed the sums, itself or by a subkey; or a vendor's name: debian-cd.",
      }),
    keyring: hostPath.optional().meta({ description: 'OpenPGP keyring that has this key, armored or binary.' }),
  })
  .refine(isOne, ONE)
  .superRefine(({ signature, key, keyring }, context) => {
    const isWanted = signature !== undefined || key !== undefined || keyring !== undefined;
    const lacks = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
    if (isWanted && key === undefined) lacks('key', 'the fingerprint of the key that has to have signed the sums');
    if (isWanted && keyring === undefined && vendorKeyring(key) === undefined)
      lacks('keyring', 'a keyring that has the key');
  })
  .meta({ description: "The publisher's sums, signed or not, in which the file has to be named." });
export type Sums = z.output<typeof sumsSchema>;

/** What can prove a file; an origin has to have one of these. */
export interface Proof {
  readonly sha256?: string | undefined;
  readonly sha512?: string | undefined;
  readonly sums?: Sums | undefined;
}

const hexDigest = (digits: number, name: string) =>
  text(new RegExp(`^[0-9A-Fa-f]{${digits}}$`), `a ${name}, ${digits} hex digits`)
    .transform((digest) => digest.toLowerCase())
    .optional();

/** For the form of an origin, with `requireOneProof`. */
export const proofFields = {
  sha256: hexDigest(64, 'SHA-256').meta({ description: 'The SHA-256 of the file, as its publisher signed it.' }),
  sha512: hexDigest(128, 'SHA-512').meta({ description: 'The SHA-512, where the publisher has only that one.' }),
  sums: sumsSchema.optional(),
};

/** Whether anything proves the file. */
export const isProven = (proof: Proof): boolean => (proof.sha256 ?? proof.sha512 ?? proof.sums) !== undefined;

/** A check of zod: of a digest and sums, one and no more. */
export const requireOneProof = (proof: Proof, context: z.core.$RefinementCtx): void => {
  const given = (['sha256', 'sha512', 'sums'] as const).filter((name) => proof[name] !== undefined);
  if (given.length === 0)
    context.addIssue({
      code: 'custom',
      path: ['sha256'],
      message: "a SHA-256, 64 hex digits (or `sums`: the publisher's file of sums, or `sha512`)",
    });
  const [, second] = given;
  if (second !== undefined)
    context.addIssue({
      code: 'custom',
      path: [second],
      message: `only one of ${given.join(' and ')}: one proves the file`,
    });
};
