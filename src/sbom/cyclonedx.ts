/**
 * CycloneDX 1.6. Written by hand: the library's model has no formulation and no acknowledgement of licences. What took part in the
 * build alone stands in `formulation`, which is for "how it was made": a component of it with the scope `excluded` would be a part
 * of the image that does not run, and `metadata.tools` made the bill.
 */

import { packageUrl } from '../formats/packages/package-url.ts';
import { type Bill, type BuildPart, identityOf, personOf, timestampOf } from './bill.ts';
import type { Inventory, InventoryPackage } from './inventory.ts';
import { expressionOf } from './licence.ts';

const IMAGE = 'image';
const SYSTEM = 'system';

export const cycloneDx = (bill: Bill): object => {
  const { inventory, parent } = bill;
  const { packages, files } = inventory;
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: `urn:uuid:${identityOf(bill)}`,
    version: 1,
    metadata: {
      timestamp: timestampOf(bill),
      tools: { components: [{ type: 'application', name: 'ingot', version: bill.ingot }] },
      component: {
        // "A packaging format … which isolates software inside the container … through virtualization technology".
        type: 'container',
        'bom-ref': IMAGE,
        name: bill.name,
        ...(bill.version === undefined ? {} : { version: bill.version }),
        ...(bill.description === undefined ? {} : { description: bill.description }),
        ...(parent === undefined ? {} : { pedigree: { ancestors: [{ type: 'container', ...digested(parent) }] } }),
        ...(bill.images.length === 0
          ? {}
          : { components: bill.images.map((image) => ({ type: 'file', ...digested(image) })) }),
      },
    },
    components: [
      {
        type: 'operating-system',
        'bom-ref': SYSTEM,
        name: inventory.system.id,
        ...(inventory.system.version === undefined ? {} : { version: inventory.system.version }),
        description: inventory.system.name,
      },
      ...packages.map(packageComponent),
      ...files.map(({ path, sha256 }) => ({
        type: 'file',
        'bom-ref': fileRef(path),
        ...digested({ name: path, sha256 }),
        description: 'no package owns this file',
      })),
    ],
    dependencies: [
      { ref: IMAGE, dependsOn: [SYSTEM, ...files.map(({ path }) => fileRef(path))] },
      { ref: SYSTEM, dependsOn: rootsOf(inventory) },
      ...packages.map(({ purl, dependsOn }) => (dependsOn.length === 0 ? { ref: purl } : { ref: purl, dependsOn })),
    ],
    ...(bill.parts.length === 0
      ? {}
      : { formulation: [{ 'bom-ref': 'build', components: bill.parts.map(partComponent(inventory.system)) }] }),
  };
};

const fileRef = (path: string): string => `file:${path}`;

const digested = ({ name, sha256 }: { readonly name: string; readonly sha256?: string | undefined }) => ({
  name,
  ...hashed(sha256),
});

const hashed = (sha256: string | undefined) =>
  sha256 === undefined ? {} : { hashes: [{ alg: 'SHA-256', content: sha256 }] };

const packageComponent = (one: InventoryPackage) => ({
  type: 'library',
  'bom-ref': one.purl,
  ...(one.supplier === undefined ? {} : { supplier: supplier(one.supplier) }),
  name: one.name,
  version: one.version,
  ...hashed(one.sha256),
  ...licences(one),
  purl: one.purl,
  ...(one.homepage === undefined ? {} : { externalReferences: [{ type: 'website', url: one.homepage }] }),
  properties: [
    { name: 'ingot:source', value: one.source },
    { name: 'ingot:source-version', value: one.sourceVersion },
  ],
});

const supplier = (text: string) => {
  const { name, address } = personOf(text);
  return { name, ...(address === undefined ? {} : { contact: [{ name, email: address }] }) };
};

const acknowledgement = 'declared';

/** One expression where all of it is SPDX's. Otherwise one entry for each statement, those of others by what the package says. */
const licences = ({ licences }: InventoryPackage) => {
  const expression = expressionOf(licences);
  if (expression === undefined) return {};
  const isIn = (one: string) => !/ (AND|OR|WITH) /.test(one);
  if (licences.every(({ refs }) => refs.length === 0))
    return {
      licenses: [isIn(expression) ? { license: { id: expression, acknowledgement } } : { expression, acknowledgement }],
    };
  return {
    licenses: licences.map(({ said, expression, refs }) => ({
      license: {
        ...(refs.length === 0 && isIn(expression)
          ? { id: expression }
          : { name: refs.length === 0 ? expression : said }),
        acknowledgement,
      },
    })),
  };
};

/** What is there for itself; then, in their order, what is not reached from there, as packages that need each other: all are reached. */
const rootsOf = ({ packages }: Inventory): string[] => {
  const needs = new Map(packages.map(({ purl, dependsOn }) => [purl, dependsOn]));
  const reached = new Set<string>();
  const reach = (purl: string) => {
    const open = [purl];
    for (let one = open.pop(); one !== undefined; one = open.pop()) {
      if (reached.has(one)) continue;
      reached.add(one);
      open.push(...(needs.get(one) ?? []));
    }
  };
  const needed = new Set(packages.flatMap(({ dependsOn }) => dependsOn));
  const roots = packages.filter(({ isRoot, purl }) => isRoot || !needed.has(purl)).map(({ purl }) => purl);
  roots.forEach(reach);
  for (const { purl } of packages) {
    if (reached.has(purl)) continue;
    roots.push(purl);
    reach(purl);
  }
  return roots;
};

const partComponent =
  (system: Inventory['system']) =>
  ({ role, name, version, architecture, sha256, description }: BuildPart) => ({
    type: role === 'medium' ? 'file' : role === 'stand-in' ? 'application' : 'library',
    name,
    ...(version === undefined ? {} : { version }),
    ...(description === undefined ? {} : { description }),
    ...hashed(sha256),
    ...(role === 'installer' && version !== undefined && architecture !== undefined
      ? { purl: packageUrl({ kind: 'deb', name, version, architecture }, system) }
      : {}),
    properties: [{ name: 'ingot:role', value: role }],
  });
