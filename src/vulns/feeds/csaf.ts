/**
 * CSAF 2.0 with the VEX profile, as Red Hat publishes it: one document a CVE, alone or many in a ZIP or tar archive. A product is a
 * package (by its package URL) on a platform (by its CPE).
 */
import { z } from 'zod';
import { parsePurl, versionOfPurl } from '../../formats/packages/purl.ts';
import { cvssSeverity } from '../cvss.ts';
import { isProductOf } from '../ecosystem.ts';
import { vendorSeverity } from '../severity.ts';
import { fixedIn, OPEN, type Says, type Statement } from '../statement.ts';
import { archivedDocuments } from './documents.ts';
import { invalidFeed, parsedJson } from './feed-error.ts';
import type { FeedContext, FeedReader } from './feed-reader.ts';

const product = z.object({
  product_id: z.string(),
  product_identification_helper: z.object({ purl: z.string().optional(), cpe: z.string().optional() }).optional(),
});
interface Branch {
  readonly product?: z.output<typeof product> | undefined;
  readonly branches?: readonly Branch[] | undefined;
}
const branch: z.ZodType<Branch> = z.lazy(() =>
  z.object({ product: product.optional(), branches: z.array(branch).optional() }),
);
const ids = z.array(z.string()).default([]);
const schema = z.object({
  document: z.object({ category: z.string().optional() }),
  product_tree: z
    .object({
      branches: z.array(branch).default([]),
      relationships: z
        .array(
          z.object({
            product_reference: z.string(),
            relates_to_product_reference: z.string(),
            full_product_name: z.object({ product_id: z.string() }),
          }),
        )
        .default([]),
    })
    .optional(),
  vulnerabilities: z
    .array(
      z.object({
        cve: z.string().optional(),
        title: z.string().optional(),
        product_status: z
          .object({ fixed: ids, known_affected: ids, known_not_affected: ids, under_investigation: ids })
          .partial()
          .optional(),
        threats: z
          .array(z.object({ category: z.string(), details: z.string(), product_ids: z.array(z.string()).optional() }))
          .default([]),
        scores: z
          .array(z.object({ cvss_v3: z.looseObject({ vectorString: z.string().optional() }).optional() }))
          .default([]),
        remediations: z
          .array(
            z.object({
              category: z.string(),
              details: z.string().optional(),
              product_ids: z.array(z.string()).optional(),
            }),
          )
          .default([]),
      }),
    )
    .default([]),
});

type Document = z.output<typeof schema>;
type Vulnerability = Document['vulnerabilities'][number];

const RANK = 1;
const MOST_DEPTH = 40;

export const readCsaf: FeedReader = async (path, context) => {
  const { system } = context.inventory;
  const isOurs = isProductOf(system.cpe, system.version);
  const statements: Statement[] = [];
  let [covers, documents] = [false, 0];
  for await (const { name, text } of archivedDocuments(path, context.signal)) {
    documents++;
    const where = `${path}: ${name}`;
    const value = parsedJson(text, where);
    const found = isShallow(value) ? schema.safeParse(value) : undefined;
    if (!found?.success)
      throw invalidFeed(where, found ? z.prettifyError(found.error).slice(0, 500) : 'its branches are too deep');
    const parts = partsOf(found.data);
    const ours = new Map(
      [...parts].filter(([, { platform }]) => system.id === 'rhel' && platform !== undefined && isOurs(platform)),
    );
    covers ||= ours.size > 0;
    for (const one of found.data.vulnerabilities) statements.push(...statementsOf(one, ours, context));
  }
  if (documents === 0) throw invalidFeed(path, 'there is no JSON document in it');
  return { covers, statements };
};

/** A tree of a million levels would end the process, not the reading. */
const isShallow = (value: unknown, depth = 0): boolean =>
  depth <= MOST_DEPTH &&
  (typeof value !== 'object' || value === null || Object.values(value).every((one) => isShallow(one, depth + 1)));

interface Part {
  readonly platform: string | undefined;
  readonly component: string;
  readonly purl: string | undefined;
}

/** By the name under which a vulnerability has it: a package on a platform. */
const partsOf = ({ product_tree: tree }: Document): ReadonlyMap<string, Part> => {
  const products = new Map<string, { readonly purl: string | undefined; readonly cpe: string | undefined }>();
  const walk = (branches: readonly Branch[]): void => {
    for (const { product: one, branches: inner } of branches) {
      const { purl, cpe } = one?.product_identification_helper ?? {};
      if (one) products.set(one.product_id, { purl, cpe });
      if (inner) walk(inner);
    }
  };
  walk(tree?.branches ?? []);
  return new Map(
    (tree?.relationships ?? []).map((one) => [
      one.full_product_name.product_id,
      {
        platform: products.get(one.relates_to_product_reference)?.cpe,
        component: one.product_reference,
        purl: products.get(one.product_reference)?.purl,
      },
    ]),
  );
};

const statementsOf = (one: Vulnerability, parts: ReadonlyMap<string, Part>, context: FeedContext): Statement[] => {
  const { cve, title, product_status: status = {} } = one;
  if (cve === undefined) return [];
  const scores = one.scores.flatMap(({ cvss_v3: score }) => cvssSeverity('CVSS_V3', score?.vectorString ?? '') ?? []);
  const rows: readonly (readonly [readonly string[] | undefined, (version: string | undefined) => Says])[] = [
    [
      status.fixed,
      (version) => (version === undefined ? { kind: 'unsure', why: 'the fix names no version' } : fixedIn(version)),
    ],
    [status.known_affected, () => OPEN],
    [status.known_not_affected, () => ({ kind: 'not-affected', why: 'the vendor says so' })],
    [status.under_investigation, () => ({ kind: 'unsure', why: 'the vendor is looking into it' })],
  ];
  return rows.flatMap(([products, saysOf]) =>
    (products ?? []).flatMap((id): Statement[] => {
      const part = parts.get(id);
      const target = part && targetOf(part, context);
      if (part === undefined || target === undefined) return [];
      const { version, ...meant } = target;
      const impact = one.threats.find(
        ({ category, product_ids: of }) => category === 'impact' && (of === undefined || of.includes(id)),
      );
      const vendor = vendorSeverity(impact?.details, 'Red Hat impact');
      return [
        {
          id: cve,
          aliases: [],
          feed: context.name,
          rank: RANK,
          ...meant,
          says: saysOf(version),
          severities: [...(vendor ? [vendor] : []), ...scores],
          summary: title,
          notes: one.remediations.flatMap(({ category, details, product_ids: of }) =>
            category !== 'vendor_fix' && of?.includes(id) ? [details ?? category.replaceAll('_', ' ')] : [],
          ),
        },
      ];
    }),
  );
};

/** Without a package URL the component's own name is that of a source, after the module that it is of (`nodejs:18/nodejs`). */
const targetOf = ({ component, purl: text }: Part, { wanted }: FeedContext) => {
  const purl = text === undefined ? undefined : parsePurl(text);
  const [, stream, bare = component] = /^([^/:]+:[^/:]+)[^/]*\/(.+)$/.exec(purl === undefined ? component : '') ?? [];
  const name = purl?.name ?? bare;
  const arch = purl?.qualifiers.get('arch');
  const module = purl?.qualifiers.get('rpmmod')?.split(':').slice(0, 2).join(':') ?? stream;
  const version = purl && versionOfPurl(purl);
  if (arch === undefined || arch === 'src')
    return wanted.sources.has(name) ? { package: name, by: 'source' as const, module, version } : undefined;
  if (!wanted.binaries.has(name)) return undefined;
  return { package: name, by: 'binary' as const, architecture: arch === 'noarch' ? undefined : arch, module, version };
};
