/**
 * CSAF 2.0 with the VEX profile, as Red Hat publishes it: one document a CVE, alone or many in a ZIP or tar archive. A product is a
 * package (by its package URL) on a platform (by its CPE), at times by way of a module.
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
    covers ||=
      system.id === 'rhel' && [...parts.values()].some(({ platform }) => platform !== undefined && isOurs(platform));
    if (system.id !== 'rhel') continue;
    const partOf = (id: string): Part | undefined => {
      const part = parts.get(id) ?? unknownPart(id, where);
      return part.platform === undefined || isOurs(part.platform) ? part : undefined;
    };
    for (const one of found.data.vulnerabilities) statements.push(...statementsOf(one, partOf, context));
  }
  if (documents === 0) throw invalidFeed(path, 'there is no JSON document in it');
  return { covers, statements };
};

/** A tree of a million levels would end the process, not the reading. */
const isShallow = (value: unknown, depth = 0): boolean =>
  depth <= MOST_DEPTH &&
  (typeof value !== 'object' || value === null || Object.values(value).every((one) => isShallow(one, depth + 1)));

interface Part {
  /** Undefined where it cannot be told on which platform it is. */
  readonly platform: string | undefined;
  readonly component: string;
  readonly purl: string | undefined;
  /** `name:stream` of the module that it is in. */
  readonly module: string | undefined;
}

interface Product {
  readonly id: string;
  readonly purl: string | undefined;
  readonly cpe: string | undefined;
}

/** A package, a module, a platform; what is longer is no product of today. */
const MOST_STEPS = 8;

/** By the name under which a vulnerability has it: a package on a platform. */
const partsOf = ({ product_tree: tree }: Document): ReadonlyMap<string, Part> => {
  const products = new Map<string, Product>();
  const walk = (branches: readonly Branch[]): void => {
    for (const { product: one, branches: inner } of branches) {
      const { purl, cpe } = one?.product_identification_helper ?? {};
      if (one) products.set(one.product_id, { id: one.product_id, purl, cpe });
      if (inner) walk(inner);
    }
  };
  walk(tree?.branches ?? []);
  const links = new Map((tree?.relationships ?? []).map((one) => [one.full_product_name.product_id, one]));
  /** From the innermost component to the platform; empty where the way does not end, or leads nowhere. */
  const chainOf = (id: string, steps = MOST_STEPS): readonly Product[] => {
    const link = links.get(id);
    const product = products.get(id);
    if (link === undefined || steps === 0) return link === undefined && product !== undefined ? [product] : [];
    const inner = chainOf(link.product_reference, steps - 1);
    const outer = chainOf(link.relates_to_product_reference, steps - 1);
    return inner.length === 0 || inner.length + outer.length > MOST_STEPS ? [] : [...inner, ...outer];
  };
  const ids = new Set([...links.keys(), ...products.keys()]);
  return new Map(
    [...ids].flatMap((id) => {
      const [component, ...around] = chainOf(id);
      return component === undefined ? [] : [[id, partIn(component, around)] as const];
    }),
  );
};

const partIn = ({ id, purl, cpe }: Product, around: readonly Product[]): Part => ({
  platform: around.findLast((one) => one.cpe !== undefined)?.cpe ?? cpe,
  component: id,
  purl,
  module: around.map(streamOf).find((one) => one !== undefined),
});

/** `pkg:rpmmod/redhat/nodejs@18:9020…` is `nodejs:18`. */
const streamOf = ({ id, purl: text, cpe }: Product): string | undefined => {
  if (cpe !== undefined) return undefined;
  const purl = text === undefined ? undefined : parsePurl(text);
  if (purl?.type === 'rpmmod') return `${purl.name}:${purl.version?.split(':')[0] ?? ''}`;
  return /^([^/:]+:[^/:]+)/.exec(id)?.[1];
};

/** A product that the document does not lead to a package: what stands after the platform in its own name, and who knows where. */
const unknownPart = (id: string, where: string): Part => {
  const [, component] = /^[^:]+:(?:.*\/)?(.+)$/.exec(id) ?? [];
  if (component === undefined) throw invalidFeed(where, `a product is nowhere told of: ${id.slice(0, 100)}`);
  return { platform: undefined, component, purl: undefined, module: undefined };
};

/** With and without what may be a version: `openssl-libs-1:3.0.7-27.el9.x86_64`. */
const possibleNames = (component: string): string[] => {
  const [, before = ''] = /^(.+)-(?:\d+:)?[^-:]+-[^-:]+$/.exec(component) ?? [];
  return [component, before.slice(before.lastIndexOf(':') + 1)];
};

const statementsOf = (
  one: Vulnerability,
  partOf: (id: string) => Part | undefined,
  context: FeedContext,
): Statement[] => {
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
      const part = partOf(id);
      const targets = part === undefined ? [] : targetsIn(part, context);
      if (part === undefined || targets.length === 0) return [];
      const impact = one.threats.find(
        ({ category, product_ids: of }) => category === 'impact' && (of === undefined || of.includes(id)),
      );
      const vendor = vendorSeverity(impact?.details, 'Red Hat impact');
      return targets.map(
        ({ version, ...meant }): Statement => ({
          id: cve,
          aliases: [],
          feed: context.name,
          rank: RANK,
          ...meant,
          says: part.platform === undefined ? NO_PLATFORM : saysOf(version),
          severities: [...(vendor ? [vendor] : []), ...scores],
          summary: title,
          notes: one.remediations.flatMap(({ category, details, product_ids: of }) =>
            category !== 'vendor_fix' && of?.includes(id) ? [details ?? category.replaceAll('_', ' ')] : [],
          ),
        }),
      );
    }),
  );
};

const NO_PLATFORM: Says = { kind: 'unsure', why: 'the document does not say on which platform it is' };

/** Of what is in no known place it is not known either whether that is a module. */
const targetsIn = (part: Part, context: FeedContext) => {
  const targets = targetsOf(part, context);
  if (part.platform !== undefined) return targets;
  return targets.flatMap((one) => (one.module === undefined ? [one, { ...one, module: '' }] : [one]));
};

/** Without a package URL the component's own name is that of a source, after the module that it is of (`nodejs:18/nodejs`). */
const targetsOf = ({ component, purl: text, module: around, platform }: Part, { wanted }: FeedContext) => {
  const purl = text === undefined ? undefined : parsePurl(text);
  const [, stream, bare = component] = /^([^/:]+:[^/:]+)[^/]*\/(.+)$/.exec(purl === undefined ? component : '') ?? [];
  const name = purl?.name ?? bare;
  const arch = purl?.qualifiers.get('arch');
  const module = purl?.qualifiers.get('rpmmod')?.split(':').slice(0, 2).join(':') ?? stream ?? around;
  const version = purl && versionOfPurl(purl);
  const source = { package: name, by: 'source' as const, module, version };
  const binary = { package: name, by: 'binary' as const, module, version };
  if (purl === undefined && platform === undefined)
    return possibleNames(component).flatMap((one) => [
      ...(wanted.sources.has(one) ? [{ ...source, package: one }] : []),
      ...(wanted.binaries.has(one) ? [{ ...binary, package: one }] : []),
    ]);
  if (purl !== undefined && purl.type !== 'rpm') return [];
  if (arch === undefined || arch === 'src') return wanted.sources.has(name) ? [source] : [];
  if (!wanted.binaries.has(name)) return [];
  return [{ ...binary, architecture: arch === 'noarch' ? undefined : arch }];
};
