/**
 * SPDX 2.3 as JSON. Files of nobody are packages of the purpose `FILE`: SPDX's own files need a SHA-1, and a package that holds
 * files has to state a code over all of them.
 */

import { packageUrl } from '../formats/packages/package-url.ts';
import { sha256 } from '../host/files.ts';
import { type Bill, type BuildPart, identityOf, personOf, timestampOf } from './bill.ts';
import type { InventoryPackage } from './inventory.ts';
import { expressionOf } from './licence.ts';

const DOCUMENT = 'SPDXRef-DOCUMENT';
const IMAGE = 'SPDXRef-Image';
const SYSTEM = 'SPDXRef-System';
const PARENT = 'SPDXRef-Parent';

export const spdx = (bill: Bill): object => {
  const { name, inventory, parent, parts, images } = bill;
  const { packages, files, system, licenceTexts } = inventory;
  const idOf = idsFor(packages);
  const related = (one: string, relationshipType: string, other: string) => ({
    spdxElementId: one,
    relationshipType,
    relatedSpdxElement: other,
  });
  return {
    spdxVersion: 'SPDX-2.3',
    dataLicense: 'CC0-1.0',
    SPDXID: DOCUMENT,
    name,
    documentNamespace: `https://spdx.org/spdxdocs/${name}-${identityOf(bill)}`,
    creationInfo: { created: timestampOf(bill), creators: [`Tool: ingot-${bill.ingot}`] },
    packages: [
      {
        ...element(IMAGE, name, bill.version),
        primaryPackagePurpose: 'CONTAINER',
        ...(bill.description === undefined ? {} : { description: bill.description }),
        ...(images.length === 1 ? { packageFileName: images[0]?.name, ...checked(images[0]?.sha256) } : {}),
      },
      ...(images.length > 1 ? images.map((one) => fileElement(imageId(one.name), one.name, one.sha256)) : []),
      {
        ...element(SYSTEM, system.id, system.version),
        primaryPackagePurpose: 'OPERATING-SYSTEM',
        description: system.name,
      },
      ...packages.map((one) => packageElement(one, idOf(one.purl))),
      ...files.map(({ path, sha256 }) => fileElement(fileId(path), path, sha256)),
      ...(parent === undefined
        ? []
        : [{ ...element(PARENT, parent.name), primaryPackagePurpose: 'CONTAINER', ...checked(parent.sha256) }]),
      ...parts.map((part, nth) => partElement(part, partId(part, nth), system)),
    ],
    ...(licenceTexts.length === 0
      ? {}
      : {
          hasExtractedLicensingInfos: licenceTexts.map(({ id, name, text }) => ({
            licenseId: id,
            extractedText: text,
            name,
          })),
        }),
    relationships: [
      related(DOCUMENT, 'DESCRIBES', IMAGE),
      ...(images.length > 1 ? images.map((one) => related(imageId(one.name), 'VARIANT_OF', IMAGE)) : []),
      related(IMAGE, 'CONTAINS', SYSTEM),
      ...packages.map(({ purl }) => related(SYSTEM, 'CONTAINS', idOf(purl))),
      ...files.map(({ path }) => related(IMAGE, 'CONTAINS', fileId(path))),
      ...packages.flatMap(({ purl, dependsOn }) =>
        dependsOn.map((other) => related(idOf(purl), 'DEPENDS_ON', idOf(other))),
      ),
      ...(parent === undefined ? [] : [related(IMAGE, 'DESCENDANT_OF', PARENT)]),
      ...parts.map((part, nth) => related(partId(part, nth), PART_RELATIONS[part.role], IMAGE)),
    ],
  };
};

const PART_RELATIONS = {
  installer: 'BUILD_TOOL_OF',
  'stand-in': 'BUILD_TOOL_OF',
  medium: 'BUILD_DEPENDENCY_OF',
} as const satisfies Record<BuildPart['role'], string>;

/** Letters, digits, full stops and dashes alone; the digest keeps them apart. */
const idFor = (kind: string, name: string, of = name): string =>
  `SPDXRef-${kind}-${name.replaceAll(/[^A-Za-z0-9.-]+/g, '-').slice(-80)}-${sha256(of).slice(0, 12)}`;

const idsFor = (packages: readonly InventoryPackage[]): ((purl: string) => string) => {
  const ids = new Map(packages.map(({ name, purl }) => [purl, idFor('Package', name, purl)]));
  return (purl) => ids.get(purl) ?? idFor('Package', purl);
};

const fileId = (path: string): string => idFor('File', path);
const imageId = (name: string): string => idFor('Image', name);
const partId = ({ role, name }: BuildPart, nth: number): string => idFor('Build', name, `${role} ${name} ${nth}`);

const NONE = 'NOASSERTION';

/** What every package has to say; its licence comes later where it is known. */
const element = (id: string, name: string, version?: string) => ({
  SPDXID: id,
  name,
  ...(version === undefined ? {} : { versionInfo: version }),
  downloadLocation: NONE,
  filesAnalyzed: false,
  licenseConcluded: NONE,
  licenseDeclared: NONE,
  copyrightText: NONE,
});

const checked = (sha256: string | undefined) =>
  sha256 === undefined ? {} : { checksums: [{ algorithm: 'SHA256', checksumValue: sha256 }] };

const fileElement = (id: string, name: string, sha256: string | undefined) => ({
  ...element(id, name),
  primaryPackagePurpose: 'FILE',
  ...checked(sha256),
});

const packageElement = (one: InventoryPackage, id: string) => ({
  ...element(id, one.name, one.version),
  ...(one.supplier === undefined ? {} : { supplier: supplier(one.supplier) }),
  ...checked(one.sha256),
  ...(one.homepage === undefined ? {} : { homepage: one.homepage }),
  sourceInfo: `built from the source package ${one.source} ${one.sourceVersion}`,
  licenseDeclared: expressionOf(one.licences) ?? NONE,
  primaryPackagePurpose: 'LIBRARY',
  externalRefs: [located(one.purl)],
});

const located = (purl: string) => ({
  referenceCategory: 'PACKAGE-MANAGER',
  referenceType: 'purl',
  referenceLocator: purl,
});

/** Packages do not say whether their maintainer is a person. A group says so by its name or writes from a list. */
const GROUP =
  /\b(team|group|maintainers?|developers|project|packagers|list|inc|ltd|gmbh|llc|debian|ubuntu|fedora|suse|red hat)\b|,/i;
const LIST = /@(lists\.|[^@]*\blists?\b)|-devel@|@tracker\.|@packages\.|^team\+|^packages@/i;

const supplier = (text: string): string => {
  const { name, address } = personOf(text);
  const kind = GROUP.test(name) || LIST.test(address ?? '') || address === undefined ? 'Organization' : 'Person';
  return `${kind}: ${name}${address === undefined ? '' : ` (${address})`}`;
};

const partElement = (
  { role, name, version, architecture, sha256, description }: BuildPart,
  id: string,
  system: Bill['inventory']['system'],
) => ({
  ...element(id, name, version),
  ...(description === undefined ? {} : { description }),
  ...checked(sha256),
  primaryPackagePurpose: role === 'medium' ? 'ARCHIVE' : 'INSTALL',
  ...(role === 'installer' && version !== undefined && architecture !== undefined
    ? { externalRefs: [located(packageUrl({ kind: 'deb', name, version, architecture }, system))] }
    : {}),
});
