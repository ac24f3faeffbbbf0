/** OpenVEX (v0.2.0) of one's own: what is said last not to be affected, or to be fixed, needs nothing. */
import { z } from 'zod';
import { type Purl, parsePurl } from '../../formats/packages/purl.ts';
import type { VexStatement } from '../vex.ts';
import { invalidFeed, parsedJson } from './feed-error.ts';
import type { FeedReader } from './feed-reader.ts';
import { feedText } from './open-feed.ts';

const named = z.object({
  '@id': z.string().optional(),
  identifiers: z.object({ purl: z.string().optional() }).optional(),
});
const product = z.union([
  z.string(),
  named.extend({ subcomponents: z.array(z.union([z.string(), named])).optional() }),
]);
const time = z.iso.datetime({ offset: true }).optional();
const schema = z.object({
  '@context': z.string().startsWith('https://openvex.dev/ns'),
  author: z.string().optional(),
  timestamp: time,
  statements: z.array(
    z.object({
      vulnerability: z.union([
        z.string(),
        z.object({
          name: z.string().optional(),
          '@id': z.string().optional(),
          aliases: z.array(z.string()).default([]),
        }),
      ]),
      products: z.array(product).default([]),
      status: z.enum(['not_affected', 'affected', 'fixed', 'under_investigation']),
      justification: z.string().optional(),
      impact_statement: z.string().optional(),
      timestamp: time,
    }),
  ),
});

/** What it says of packages that it does not name by a package URL is about nothing here. */
export const readVexFile = async (path: string, signal?: AbortSignal): Promise<VexStatement[]> => {
  const found = schema.safeParse(parsedJson(await feedText(path, signal), path));
  if (!found.success) throw invalidFeed(path, z.prettifyError(found.error).slice(0, 500));
  const { author, timestamp: made, statements } = found.data;
  return statements.flatMap((one): VexStatement[] => {
    const { vulnerability, products, status, justification, impact_statement: impact, timestamp = made } = one;
    const {
      name,
      '@id': iri,
      aliases,
    } = typeof vulnerability === 'string' ? { name: vulnerability, '@id': undefined, aliases: [] } : vulnerability;
    const id = name ?? iri?.split('/').at(-1);
    if (id === undefined) return [];
    const why = impact ?? justification?.replaceAll('_', ' ') ?? status.replaceAll('_', ' ');
    return [
      {
        id,
        aliases,
        status,
        packages: products.flatMap(packagesOf),
        reason: author === undefined ? why : `${why} (${author})`,
        time: timestamp === undefined ? Number.NEGATIVE_INFINITY : Date.parse(timestamp),
      },
    ];
  });
};

const packagesOf = (one: z.output<typeof product>): Purl[] => {
  const inner = typeof one === 'string' ? undefined : one.subcomponents;
  return (inner !== undefined && inner.length > 0 ? inner : [one]).flatMap((part) => {
    const text = typeof part === 'string' ? part : (part.identifiers?.purl ?? part['@id'] ?? '');
    return parsePurl(text) ?? [];
  });
};

/** As a part of the feeds. */
export const readOpenVex: FeedReader = async (path, { signal }) => ({
  covers: false,
  statements: [],
  vex: await readVexFile(path, signal),
});
