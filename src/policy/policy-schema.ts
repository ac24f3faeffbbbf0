/** What a policy may ask of an image. Every part is optional: what is not said is not judged. */
import { z } from 'zod';
import { wantedSignatures } from '../attest/wanted-signatures.ts';
import { egressPartSchema, telemetryPolicySchema } from '../egress/policy.ts';
import { vulnerabilitiesPartSchema } from '../vulns/policy.ts';
import { accounts } from './schema/accounts-part.ts';
import { files } from './schema/files-part.ts';
import { age, origin, size, tests, trust } from './schema/image-parts.ts';
import { settings } from './schema/settings-part.ts';
import { packages, privileged, starts, units } from './schema/system-parts.ts';
import { waiver } from './schema/waiver.ts';

export const policySchema = z.strictObject({
  description: z.string().optional().meta({ description: 'What the policy is for.' }),
  include: z.array(z.string().min(1)).optional().meta({
    description: 'Policies that this one begins with: a ready one by its name, or a path relative to this file.',
  }),
  packages: packages.optional(),
  units: units.optional(),
  starts: starts.optional(),
  privileged: privileged.optional(),
  accounts: accounts.optional(),
  files: files.optional(),
  settings: settings.optional(),
  size: size.optional(),
  age: age.optional(),
  origin: origin.optional(),
  trust: trust.optional(),
  tests: tests.optional(),
  vulnerabilities: vulnerabilitiesPartSchema.optional(),
  signatures: wantedSignatures.optional(),
  telemetry: telemetryPolicySchema.optional(),
  egress: egressPartSchema.optional(),
  waivers: z
    .array(waiver)
    .optional()
    .meta({ description: 'Findings that may stay for a while, each with its reason.' }),
});

/** As it is written: an included one may have said the rest. */
export type PolicyText = z.output<typeof policySchema>;
/** All of it, includes laid under it. */
export type Policy = Omit<PolicyText, 'include' | 'description'>;
