/** What a statement says was seen, read back: what somebody has observed can be held against a policy of today. */
import { z } from 'zod';
import type { Said } from './flow.ts';
import type { SeenFlows } from './judge.ts';
import type { NamedFlow } from './name-flows.ts';

/** JSON leaves out what is undefined. */
const word = z.string().optional();

const said = z.discriminatedUnion('kind', [
  z
    .object({ kind: z.literal('tls'), name: word, protocols: z.array(z.string()) })
    .transform((one): Said => ({ ...one, name: one.name })),
  z
    .object({ kind: z.literal('http'), method: z.string(), target: z.string(), host: word, userAgent: word })
    .transform((one): Said => ({ ...one, host: one.host, userAgent: one.userAgent })),
  z
    .object({ kind: z.literal('dhcp'), hostName: word, vendor: word, client: word })
    .transform((one): Said => ({ ...one, hostName: one.hostName, vendor: one.vendor, client: one.client })),
  z.object({ kind: z.literal('dns'), type: z.string() }),
  z.object({ kind: z.literal('other') }),
]);

const flow = z
  .object({
    phase: z.string(),
    protocol: z.enum(['dhcp', 'dns', 'ntp', 'mdns', 'llmnr', 'icmp', 'tcp', 'udp', 'other']),
    name: word,
    address: z.string(),
    port: z.int().optional(),
    first: z.number(),
    last: z.number(),
    tries: z.number(),
    bytes: z.number(),
    said: z.array(said),
    entry: word,
    about: word,
  })
  .transform(
    ({ name, port, entry, about, ...rest }): NamedFlow => ({
      ...{ ...rest, name, port, entry },
      ...(about === undefined ? {} : { about }),
    }),
  );

const predicate = z.object({
  createdOn: z.string(),
  observed: z
    .object({
      isUp: z.boolean(),
      lost: z.number(),
      frames: z.object({ link: z.number(), unread: z.number() }),
      flows: z.array(flow),
    })
    .nullable(),
});

export interface StatedEgress {
  /** ISO 8601. */
  readonly createdOn: string;
  /** Undefined: the disk was read, and nothing was started. */
  readonly seen: SeenFlows | undefined;
}

/** Undefined for what is no such predicate. */
export const readEgressPredicate = (value: unknown): StatedEgress | undefined => {
  const { data } = predicate.safeParse(value);
  return data && { createdOn: data.createdOn, seen: data.observed ?? undefined };
};
