/** What `ingot verify` reads from a manifest.json, which may come from anybody; its other fields are of no account here. */
import { z } from 'zod';

const digest = z.string().regex(/^[0-9a-f]{64}$/);

const schema = z.looseObject({
  manifestVersion: z.literal(1),
  name: z.string(),
  version: z.string(),
  images: z.array(
    z.looseObject({ file: z.string(), format: z.string(), size: z.number(), virtualSize: z.number(), sha256: digest }),
  ),
  medium: z.looseObject({ file: z.string(), size: z.number(), sha256: digest }).optional(),
});

export type ReadManifest = z.output<typeof schema>;

/** Undefined for what is not one. */
export const readManifest = (bytes: Uint8Array | undefined): ReadManifest | undefined => {
  if (bytes === undefined) return undefined;
  try {
    return schema.safeParse(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))).data;
  } catch {
    return undefined;
  }
};
