/** Where a build starts: an ISO, or a Debian medium assembled from signed packages. */
import { z } from 'zod';

const isoOrigin = z
  .strictObject({
    iso: z.string().min(1).meta({ description: 'Path of an install ISO (beside the recipe) or an https URL.' }),
    sha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/i, '64 hex digits')
      .meta({ description: 'The sum its publisher signed.' }),
  })
  .meta({ description: 'An install ISO with its SHA-256.' });

const assembledOrigin = z
  .strictObject({
    assemble: z
      .literal('debian')
      .meta({ description: "A small install ISO made from Debian's own installer and packages." }),
    mirror: z
      .url({ protocol: /^(https?|file)$/ })
      .optional()
      .meta({ description: "Debian mirror; the host's apt configuration when absent." }),
    securityMirror: z.url({ protocol: /^(https?|file)$/ }).optional(),
    keyring: z.string().min(1).optional().meta({ description: 'OpenPGP keyring that signed the archive.' }),
    standIns: z.enum(['forbid', 'allow']).default('forbid').meta({
      description: 'Whether components of Ingot may stand in for installer components that the mirror lacks.',
    }),
  })
  .meta({ description: 'A medium assembled from signed packages.' });

export const originSchema = z.union([assembledOrigin, isoOrigin]);
export type Origin = z.output<typeof originSchema>;
export type AssembledOrigin = z.output<typeof assembledOrigin>;
export type IsoOrigin = z.output<typeof isoOrigin>;
