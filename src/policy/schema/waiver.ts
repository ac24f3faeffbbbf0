/** A finding that may stay for a while. */
import { z } from 'zod';
import { day } from './fields.ts';

export const waiver = z.strictObject({
  rule: z.string().min(1).meta({
    description:
      'The rule as a finding names it, or a vulnerability; `*` stands for any letters: files.*, CVE-2026-1234.',
  }),
  where: z
    .string()
    .min(1)
    .optional()
    .meta({ description: 'Only for this path, package or name; `*` stands for any letters.' }),
  reason: z.string().trim().min(1).meta({ description: 'Why it may stay.' }),
  until: day.meta({ description: 'The last day on which it holds; after it, the waiver itself is a finding.' }),
});
