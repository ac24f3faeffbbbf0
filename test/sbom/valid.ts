/** Whether a bill of materials is one by the schema of its form, and holds together. */
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import formats from 'ajv-formats';
import exceptions from 'spdx-exceptions/index.json' with { type: 'json' };
import ids from 'spdx-license-ids/index.json' with { type: 'json' };
import { z } from 'zod';
import { SPDX_SCHEMA } from './spdx-schema.ts';

/** CycloneDX's own schemas, which its library carries. */
const schemaFolder = join(
  dirname(fileURLToPath(import.meta.resolve('@cyclonedx/cyclonedx-library/package.json'))),
  'res',
  'schema',
);
const schema = async (name: string): Promise<object> => {
  const found: unknown = JSON.parse(await readFile(join(schemaFolder, name), 'utf8'));
  if (typeof found !== 'object' || found === null) throw new Error(`${name} is no schema`);
  return found;
};

const checker = (): Ajv => {
  const ajv = new Ajv({ strict: false, allErrors: true });
  formats.default(ajv);
  // Those of addresses in any script, which what is written here is not.
  const reference = ajv.formats['uri-reference'];
  if (reference === undefined) throw new Error('ajv-formats has no uri-reference');
  ajv.addFormat('iri-reference', reference);
  ajv.addFormat('idn-email', /^[^@\s]+@[^@\s]+$/);
  return ajv;
};

const faults = (ajv: Ajv, schema: object, bill: unknown): string[] => {
  const validate = ajv.compile(schema);
  validate(bill);
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath}: ${message}`);
};

const reference = z.looseObject({ 'bom-ref': z.string().optional() });
const cycloneDx = z.object({
  metadata: z.object({ component: z.object({ 'bom-ref': z.string() }) }),
  components: z.array(reference),
  dependencies: z.array(z.object({ ref: z.string(), dependsOn: z.array(z.string()).default([]) })),
});

/** In words; empty when all is well. */
export const cycloneDxFaults = async (bill: unknown): Promise<string[]> => {
  const ajv = checker();
  for (const name of ['spdx', 'jsf-0.82', 'cryptography-defs']) {
    const file = `${name}.SNAPSHOT.schema.json`;
    ajv.addSchema(await schema(file), `http://cyclonedx.org/schema/${file}`);
  }
  const found = faults(ajv, await schema('bom-1.6.SNAPSHOT.schema.json'), bill);
  if (found.length > 0) return found;
  const { metadata, components, dependencies } = cycloneDx.parse(bill);
  const refs = [metadata.component, ...components].flatMap((one) => one['bom-ref'] ?? []);
  const named = [...dependencies.map(({ ref }) => ref), ...dependencies.flatMap(({ dependsOn }) => dependsOn)];
  const reached = new Set([metadata.component['bom-ref']]);
  // A set grows while it is walked.
  for (const ref of reached)
    for (const next of dependencies.find((one) => one.ref === ref)?.dependsOn ?? []) reached.add(next);
  return [
    ...repeated(refs).map((ref) => `${ref} is there twice`),
    ...named.filter((ref) => !refs.includes(ref)).map((ref) => `${ref} is no component`),
    ...refs.filter((ref) => !reached.has(ref)).map((ref) => `nothing leads to ${ref}`),
  ];
};

const spdx = z.object({
  packages: z.array(z.object({ SPDXID: z.string(), licenseDeclared: z.string() })),
  hasExtractedLicensingInfos: z.array(z.object({ licenseId: z.string() })).default([]),
  relationships: z.array(z.object({ spdxElementId: z.string(), relatedSpdxElement: z.string() })),
});

export const spdxFaults = (bill: unknown): string[] => {
  const found = faults(checker(), SPDX_SCHEMA, bill);
  if (found.length > 0) return found;
  const { packages, hasExtractedLicensingInfos, relationships } = spdx.parse(bill);
  const elements = ['SPDXRef-DOCUMENT', ...packages.map(({ SPDXID }) => SPDXID)];
  const own = hasExtractedLicensingInfos.map(({ licenseId }) => licenseId);
  const known = new Set([...ids, ...exceptions, ...own, 'NOASSERTION']);
  const said = packages.flatMap(({ licenseDeclared }) => licenseDeclared.split(/ (?:AND|OR|WITH) |[()]/));
  return [
    ...[...repeated(elements), ...repeated(own)].map((one) => `${one} is there twice`),
    ...relationships
      .flatMap((one) => [one.spdxElementId, one.relatedSpdxElement])
      .filter((one) => !elements.includes(one))
      .map((one) => `${one} is no element`),
    ...said.filter((one) => one !== '' && !known.has(one)).map((one) => `${one} is no licence`),
    ...own.filter((one) => !said.includes(one)).map((one) => `${one} is of no package`),
  ];
};

const repeated = (items: readonly string[]): string[] => items.filter((one, nth) => items.indexOf(one) !== nth);
