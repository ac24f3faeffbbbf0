/**
 * DSSE envelopes: bytes, what they are, and signatures over both (https://github.com/secure-systems-lab/dsse, protocol
 * and envelope v1). What is verified are the bytes as they came; nothing is read before, and nothing is written anew.
 */
import { z } from 'zod';
import { isSignedBy, type PublicKey } from './public-key.ts';
import type { Signer } from './signer.ts';
import { jsonOf } from './statement.ts';

export const PAYLOAD_TYPE = 'application/vnd.in-toto+json';

export interface Envelope {
  /** Base64. */
  readonly payload: string;
  readonly payloadType: string;
  readonly signatures: readonly { readonly keyid?: string | undefined; readonly sig: string }[];
}

/** What a signature is made over: the type and the bytes, each with its length. */
export const preAuthEncoding = (type: string, body: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from(`DSSEv1 ${Buffer.byteLength(type)} ${type} ${body.length} `), body]);

export const sealed = async (body: Uint8Array, signer: Signer): Promise<Envelope> => ({
  payload: Buffer.from(body).toString('base64'),
  payloadType: PAYLOAD_TYPE,
  signatures: [
    {
      keyid: signer.public.id,
      sig: (await signer.sign(preAuthEncoding(PAYLOAD_TYPE, body))).toString('base64'),
    },
  ],
});

/** RFC 4648, both alphabets, as DSSE allows. */
const base64 = z.string().regex(/^[A-Za-z0-9+/_-]*={0,2}$/);

const schema = z.looseObject({
  payload: base64,
  payloadType: z.string(),
  signatures: z.array(z.looseObject({ keyid: z.string().optional(), sig: base64.min(1) })).min(1),
});

export interface ReadEnvelope {
  readonly body: Buffer;
  readonly payloadType: string;
  readonly signatures: readonly Buffer[];
}

/** Undefined for bytes that are no envelope. */
export const readEnvelope = (bytes: Uint8Array): ReadEnvelope | undefined => envelopeOf(jsonOf(bytes));

export const envelopeOf = (value: unknown): ReadEnvelope | undefined => {
  const found = schema.safeParse(value).data;
  return (
    found && {
      body: Buffer.from(found.payload, 'base64'),
      payloadType: found.payloadType,
      signatures: found.signatures.map(({ sig }) => Buffer.from(sig, 'base64')),
    }
  );
};

/** Those of the keys that have signed it, each once. A key id says nothing that a key would not prove. */
export const signersOf = <K extends PublicKey>(
  { body, payloadType, signatures }: ReadEnvelope,
  keys: readonly K[],
): K[] => {
  const signed = preAuthEncoding(payloadType, body);
  return keys.filter((key) => signatures.some((signature) => isSignedBy(key, signed, signature)));
};
