/** OpenVEX (v0.2.0) of one's own: what is said not to be affected, or to be fixed, needs nothing. */
import { z } from 'zod';
import { parsePurl, versionOfPurl } from '../../formats/packages/purl.ts';
import type { VexWaiver } from '../waivers.ts';
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
const schema = z.object({
  '@context': z.string().startsWith('https://openvex.dev/ns'),
  author: z.string().optional(),
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
    }),
  ),
});

/** What it says of packages that it does not name by a package URL is about nothing here. */
export const readVexFile = async (path: string, signal?: AbortSignal): Promise<VexWaiver[]> => {
  const found = schema.safeParse(parsedJson(await feedText(path, signal), path));
  if (!found.success) throw invalidFeed(path, z.prettifyError(found.error).slice(0, 500));
  const { author, statements } = found.data;
  return statements.flatMap(({ vulnerability, products, status, justification, impact_statement: impact }) => {
    if (status !== 'not_affected' && status !== 'fixed') return [];
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
        packages: products.flatMap(packagesOf),
        reason: author === undefined ? why : `${why} (${author})`,
      },
    ];
  });
};

const packagesOf = (one: z.output<typeof product>): VexWaiver['packages'] => {
  const inner = typeof one === 'string' ? undefined : one.subcomponents;
  return (inner !== undefined && inner.length > 0 ? inner : [one]).flatMap((part) => {
    const text = typeof part === 'string' ? part : (part.identifiers?.purl ?? part['@id'] ?? '');
    const purl = parsePurl(text);
    return purl === undefined ? [] : [{ name: purl.name, version: versionOfPurl(purl) }];
  });
};

/** As a part of the feeds. */
export const readOpenVex: FeedReader = async (path, { signal }) => ({
  covers: false,
  statements: [],
  vex: await readVexFile(path, signal),
});
