/** The policy's JSON Schema for editors, from the zod schema that validates. Committed as policy.schema.json. */
import { z } from 'zod';
import { policySchema } from './policy-schema.ts';

export const policyJsonSchema = (): Readonly<Record<string, unknown>> => ({
  ...z.toJSONSchema(policySchema, { io: 'input' }),
  title: 'Ingot policy',
});
