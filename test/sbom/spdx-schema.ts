/**
 * SPDX 2.3 as strict as its specification, for the fields that are written (clauses 6, 7, 10 and 11): no package of npm or Debian
 * carries the published schema. Unknown fields are refused.
 */
const text = { type: 'string', minLength: 1 } as const;
const id = { type: 'string', pattern: '^SPDXRef-[A-Za-z0-9.-]+$' } as const;
const object = (properties: object, required: readonly string[]) => ({
  type: 'object',
  additionalProperties: false,
  properties,
  required,
});

export const SPDX_SCHEMA = object(
  {
    spdxVersion: { const: 'SPDX-2.3' },
    dataLicense: { const: 'CC0-1.0' },
    SPDXID: { const: 'SPDXRef-DOCUMENT' },
    name: text,
    documentNamespace: { type: 'string', format: 'uri', pattern: '^[^#]+$' },
    creationInfo: object(
      {
        created: { type: 'string', pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ$' },
        creators: { type: 'array', minItems: 1, items: { type: 'string', pattern: '^(Tool|Person|Organization): .+' } },
      },
      ['created', 'creators'],
    ),
    packages: {
      type: 'array',
      items: object(
        {
          SPDXID: id,
          name: text,
          versionInfo: text,
          description: text,
          packageFileName: text,
          homepage: { type: 'string', format: 'uri' },
          sourceInfo: text,
          supplier: { type: 'string', pattern: '^(NOASSERTION|(Person|Organization): .+)$' },
          downloadLocation: { const: 'NOASSERTION' },
          filesAnalyzed: { const: false },
          checksums: {
            type: 'array',
            items: object(
              { algorithm: { const: 'SHA256' }, checksumValue: { type: 'string', pattern: '^[0-9a-f]{64}$' } },
              ['algorithm', 'checksumValue'],
            ),
          },
          licenseConcluded: text,
          licenseDeclared: text,
          copyrightText: text,
          primaryPackagePurpose: {
            enum: 'APPLICATION FRAMEWORK LIBRARY CONTAINER OPERATING-SYSTEM DEVICE FIRMWARE SOURCE ARCHIVE FILE INSTALL OTHER'.split(
              ' ',
            ),
          },
          externalRefs: {
            type: 'array',
            items: object(
              {
                referenceCategory: { const: 'PACKAGE-MANAGER' },
                referenceType: { const: 'purl' },
                referenceLocator: { type: 'string', pattern: '^pkg:(deb|rpm)/[!-~]+$' },
              },
              ['referenceCategory', 'referenceType', 'referenceLocator'],
            ),
          },
        },
        ['SPDXID', 'name', 'downloadLocation', 'filesAnalyzed', 'licenseConcluded', 'licenseDeclared', 'copyrightText'],
      ),
    },
    hasExtractedLicensingInfos: {
      type: 'array',
      items: object(
        { licenseId: { type: 'string', pattern: '^LicenseRef-[A-Za-z0-9.-]+$' }, extractedText: text, name: text },
        ['licenseId', 'extractedText'],
      ),
    },
    relationships: {
      type: 'array',
      items: object(
        {
          spdxElementId: id,
          relatedSpdxElement: id,
          relationshipType: {
            enum: 'DESCRIBES CONTAINS DEPENDS_ON DESCENDANT_OF VARIANT_OF BUILD_TOOL_OF BUILD_DEPENDENCY_OF'.split(' '),
          },
        },
        ['spdxElementId', 'relatedSpdxElement', 'relationshipType'],
      ),
    },
  },
  ['spdxVersion', 'dataLicense', 'SPDXID', 'name', 'documentNamespace', 'creationInfo', 'packages', 'relationships'],
);
