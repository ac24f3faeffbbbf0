/**
 * The same envelope as a Sigstore bundle (v0.3), which sigstore's own verifiers read, with the key as the trust root:
 * there is no certificate, no log entry and no time stamp in it.
 */
import { z } from 'zod';
import { type Envelope, envelopeOf, type ReadEnvelope } from './dsse.ts';
import { jsonOf } from './statement.ts';

export const BUNDLE_TYPE = 'application/vnd.dev.sigstore.bundle.v0.3+json';

export const bundleOf = (envelope: Envelope, hint: string) => ({
  mediaType: BUNDLE_TYPE,
  verificationMaterial: { publicKey: { hint }, tlogEntries: [] },
  dsseEnvelope: envelope,
});

const schema = z.looseObject({ mediaType: z.literal(BUNDLE_TYPE), dsseEnvelope: z.unknown() });

/** Its envelope; undefined for bytes that are no such bundle. */
export const readBundle = (bytes: Uint8Array): ReadEnvelope | undefined =>
  envelopeOf(schema.safeParse(jsonOf(bytes)).data?.dsseEnvelope);
