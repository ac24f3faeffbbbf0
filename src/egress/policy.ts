/** What an image may send, and what may not be switched on in it: `egress` and `telemetry` of a policy. */
import { z } from 'zod';
import { ALLOWED_PROTOCOLS, allowedFlow } from '../recipe/schema/egress-schema.ts';
import { EGRESS_CLASSES } from '../recipe/schema/telemetry-schema.ts';
import { CATALOGUE, isClass } from './catalogue/catalogue.ts';

const entry = z
  .string()
  .refine(
    (word) => isClass(word) || CATALOGUE.some(({ id }) => id === word),
    `a class (${EGRESS_CLASSES.join(', ')}), or an id of the catalogue`,
  );

export const telemetryPolicySchema = z
  .strictObject({
    forbid: z.array(entry).min(1).optional().meta({ description: 'Classes or entries that may not be switched on.' }),
    allow: z.array(entry).min(1).optional().meta({ description: 'Exceptions from them.' }),
    unverified: z
      .enum(['warn', 'ignore'])
      .optional()
      .meta({ description: 'Whether entries without a source are told: warn, when absent. They fail nothing.' }),
  })
  .meta({ description: 'What may not be switched on in it, of what is known to send.' });

export const egressPartSchema = z
  .strictObject({
    allow: z.array(allowedFlow).default([]).meta({ description: 'All else that is seen to leave fails.' }),
  })
  .meta({
    description: 'What may leave the image, where it is seen on a network of its own: for `ingot egress --observe`.',
  });

const egressPolicySchema = z.strictObject({
  egress: egressPartSchema.optional(),
  telemetry: telemetryPolicySchema.optional(),
});

export type EgressPolicy = z.output<typeof egressPolicySchema>;

export interface Allowance {
  readonly protocol?: string;
  readonly host?: string;
  readonly port?: number;
  readonly transport?: string;
}

/** Of a word that fits the schema. */
export const allowanceOf = (word: string): Allowance => {
  const text = word.toLowerCase();
  if (ALLOWED_PROTOCOLS.some((name) => name === text)) return { protocol: text };
  const [, host = '', port, transport] = /^(\[[^\]]*\]|[^:]*)(?::(\d+)(?:\/(tcp|udp))?)?$/.exec(text) ?? [];
  return {
    host: host.replaceAll(/[[\]]/g, ''),
    ...(port === undefined ? {} : { port: Number(port) }),
    ...(transport === undefined ? {} : { transport }),
  };
};
