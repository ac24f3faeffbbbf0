/** Records of every format, written from its description: a few facts each, to be varied by tests. */
import { deflateSync, gzipSync } from 'node:zlib';
import { zipOf } from './zip.ts';

export const osvZip = (records: readonly Readonly<Record<string, unknown>>[]): Buffer =>
  zipOf(
    records.map((record, nth) => ({ name: `${String(record['id'] ?? nth)}.json`, content: JSON.stringify(record) })),
  );

export const osv = (
  id: string,
  name: string,
  events: readonly Readonly<Record<string, string>>[],
  more: Readonly<Record<string, unknown>> = {},
  affected: Readonly<Record<string, unknown>> = {},
  ecosystem = 'Debian:12',
) => ({
  schema_version: '1.7.0',
  id,
  modified: '2026-11-01T00:00:00Z',
  affected: [{ package: { ecosystem, name }, ranges: [{ type: 'ECOSYSTEM', events }], ...affected }],
  ...more,
});

type Release = Readonly<Record<string, string>>;

export const tracker = (
  sources: Readonly<Record<string, Readonly<Record<string, Release>>>>,
  codename = 'bookworm',
): string =>
  JSON.stringify(
    Object.fromEntries(
      Object.entries(sources).map(([source, cves]) => [
        source,
        Object.fromEntries(
          Object.entries(cves).map(([cve, release]) => [
            cve,
            {
              description: `A flaw in ${source}.`,
              scope: 'remote',
              releases: { [codename]: { repositories: { [codename]: '1' }, ...release } },
            },
          ]),
        ),
      ]),
    ),
  );

/** Lines `package,flags,unstable,others` by CVE. */
export const debsecan = (
  rows: readonly (readonly [cve: string, pack: string, flags: string, unstable: string, others: string])[],
): Buffer => {
  const names = rows.map(([cve, pack]) => `${cve},,a flaw, in ${pack}`);
  const packages = rows.map(
    ([, pack, flags, unstable, others], nth) => `${pack},${nth},${flags},${unstable},${others}`,
  );
  return deflateSync(['VERSION 1', ...names, '', ...packages, '', ''].join('\n'));
};

export const secdb = (
  packages: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>,
  version: string | undefined = 'v3.21',
  repository = 'main',
): string =>
  JSON.stringify({
    apkurl: '{{urlprefix}}/{{distroversion}}/{{reponame}}/{{arch}}/{{pkg.name}}-{{pkg.ver}}.apk',
    distroversion: version,
    reponame: repository,
    packages: Object.entries(packages).map(([name, secfixes]) => ({ pkg: { name, secfixes } })),
  });

interface UpdateRow {
  readonly id: string;
  readonly type?: string;
  readonly severity?: string;
  readonly cves?: readonly string[];
  readonly module?: readonly [name: string, stream: string];
  /** name, epoch, version, release, architecture */
  readonly packages: readonly (readonly [string, string, string, string, string])[];
}

export const updateinfo = (
  updates: readonly UpdateRow[],
  repository = 'x',
): string => `<?xml version="1.0" encoding="UTF-8"?>
<updates>
${updates
  .map(
    ({
      id,
      type = 'security',
      severity = 'Important',
      cves = [],
      module,
      packages,
    }) => `<update from="x" status="final" type="${type}" version="2">
<id>${id}</id><title>${id} &amp; more</title><issued date="2026-11-01 00:00:00"/><severity>${severity}</severity>
<references>${cves.map((cve) => `<reference href="https://example.org/${cve}" id="${cve}" type="cve" title="${cve}"/>`).join('')}</references>
<pkglist><collection short="${repository}"><name>x</name>${module === undefined ? '' : `<module name="${module[0]}" stream="${module[1]}" version="1" context="c" arch="x86_64"/>`}
${packages.map(([name, epoch, version, release, arch]) => `<package name="${name}" epoch="${epoch}" version="${version}" release="${release}" arch="${arch}" src="x.src.rpm"><filename>x.rpm</filename></package>`).join('')}
</collection></pkglist></update>`,
  )
  .join('\n')}
</updates>
`;

interface OvalRow {
  readonly cve: string;
  readonly severity?: string;
  readonly packages: readonly string[];
  /** Open where it is absent. */
  readonly fixed?: string;
  readonly negate?: true;
}

export const oval = (rows: readonly OvalRow[], platform = 'Ubuntu 24.04 LTS'): string => `<?xml version="1.0"?>
<oval_definitions xmlns="http://oval.mitre.org/XMLSchema/oval-definitions-5" xmlns:linux-def="http://oval.mitre.org/XMLSchema/oval-definitions-5#linux">
<definitions>
<definition class="inventory" id="d:0"><metadata><title>installed</title></metadata><criteria><criterion test_ref="t:0"/></criteria></definition>
${rows
  .map(
    (
      { cve, severity = 'Medium', negate },
      nth,
    ) => `<definition class="vulnerability" id="d:${nth + 1}"><metadata><title>${cve} on Ubuntu</title>
<affected family="unix"><platform>${platform}</platform></affected><reference source="CVE" ref_id="${cve}" ref_url="https://example.org"/>
<advisory><severity>${severity}</severity><cve>${cve}</cve></advisory></metadata>
<criteria><extend_definition definition_ref="d:0"/><criteria operator="OR"><criterion test_ref="t:${nth + 1}"${negate ? ' negate="true"' : ''} comment="x"/></criteria></criteria></definition>`,
  )
  .join('\n')}
</definitions>
<tests>${rows.map(({ fixed }, nth) => `<linux-def:dpkginfo_test id="t:${nth + 1}"><linux-def:object object_ref="o:${nth + 1}"/>${fixed === undefined ? '' : `<linux-def:state state_ref="s:${nth + 1}"/>`}</linux-def:dpkginfo_test>`).join('')}</tests>
<objects>${rows.map((_, nth) => `<linux-def:dpkginfo_object id="o:${nth + 1}"><linux-def:name var_ref="v:${nth + 1}" var_check="at least one"/></linux-def:dpkginfo_object>`).join('')}</objects>
<states>${rows.map(({ fixed }, nth) => (fixed === undefined ? '' : `<linux-def:dpkginfo_state id="s:${nth + 1}"><linux-def:evr datatype="debian_evr_string" operation="less than">${fixed}</linux-def:evr></linux-def:dpkginfo_state>`)).join('')}</states>
<variables>${rows.map(({ packages }, nth) => `<constant_variable id="v:${nth + 1}" datatype="string">${packages.map((name) => `<value>${name}</value>`).join('')}</constant_variable>`).join('')}</variables>
</oval_definitions>
`;

interface CsafRow {
  readonly cve: string;
  readonly impact?: string;
  readonly status: 'fixed' | 'known_affected' | 'known_not_affected' | 'under_investigation';
  /** Package URL, or the name of a component that has none. */
  readonly component: string;
  readonly cpe?: string;
}

export const csaf = ({
  cve,
  impact = 'Important',
  status,
  component,
  cpe = 'cpe:/a:redhat:enterprise_linux:9::appstream',
}: CsafRow) => ({
  document: { category: 'csaf_vex', csaf_version: '2.0', title: cve },
  product_tree: {
    branches: [
      {
        category: 'vendor',
        name: 'Red Hat',
        branches: [
          { category: 'product_name', product: { product_id: 'platform', product_identification_helper: { cpe } } },
          {
            category: 'product_version',
            product: {
              product_id: component,
              ...(component.startsWith('pkg:') ? { product_identification_helper: { purl: component } } : {}),
            },
          },
        ],
      },
    ],
    relationships: [
      {
        category: 'default_component_of',
        full_product_name: { product_id: `platform:${component}`, name: 'x' },
        product_reference: component,
        relates_to_product_reference: 'platform',
      },
    ],
  },
  vulnerabilities: [
    {
      cve,
      title: `A flaw: ${cve}`,
      product_status: { [status]: [`platform:${component}`] },
      threats: [{ category: 'impact', details: impact, product_ids: [`platform:${component}`] }],
      scores: [
        {
          cvss_v3: { vectorString: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H' },
          products: [`platform:${component}`],
        },
      ],
      remediations: [
        {
          category: status === 'known_affected' ? 'no_fix_planned' : 'vendor_fix',
          details: status === 'known_affected' ? 'Will not fix' : 'Update',
          product_ids: [`platform:${component}`],
        },
      ],
    },
  ],
});

/** Of relationships of one's own; platforms are known by what their names begin with. */
export const nestedCsaf = (
  relationships: readonly (readonly [id: string, component: string, of: string])[],
  products: readonly string[],
  status: Readonly<Record<string, readonly string[]>>,
) => ({
  document: { category: 'csaf_vex' },
  product_tree: {
    branches: products.map((id) => ({
      product: {
        product_id: id,
        product_identification_helper: id.startsWith('pkg:') ? { purl: id } : id.startsWith('cpe:') ? { cpe: id } : {},
      },
    })),
    relationships: relationships.map(([id, component, of]) => ({
      product_reference: component,
      relates_to_product_reference: of,
      full_product_name: { product_id: id },
    })),
  },
  vulnerabilities: [{ cve: 'CVE-2026-1', product_status: status }],
});

export const openVex = (
  statements: readonly {
    readonly id: string;
    readonly products: readonly unknown[];
    readonly status?: string;
    readonly why?: string;
    readonly timestamp?: string;
  }[],
): string =>
  JSON.stringify({
    '@context': 'https://openvex.dev/ns/v0.2.0',
    '@id': 'https://example.org/vex/1',
    author: 'Ada',
    timestamp: '2026-11-01T00:00:00Z',
    version: 1,
    statements: statements.map(
      ({ id, products, status = 'not_affected', why = 'vulnerable_code_not_in_execute_path', timestamp }) => ({
        vulnerability: { name: id },
        products,
        status,
        justification: why,
        timestamp,
      }),
    ),
  });

export const kev = (ids: readonly string[]): string =>
  JSON.stringify({
    title: 'Catalog of Known Exploited Vulnerabilities',
    catalogVersion: '2026.11.28',
    dateReleased: '2026-11-28T15:00:00.0000Z',
    count: ids.length,
    vulnerabilities: ids.map((cveID) => ({
      cveID,
      vendorProject: 'x',
      product: 'x',
      vulnerabilityName: 'A flaw',
      dateAdded: '2026-11-01',
      shortDescription: 'A flaw.',
      requiredAction: 'Apply updates.',
      dueDate: '2026-11-22',
      knownRansomwareCampaignUse: 'Unknown',
      notes: '',
      cwes: [],
    })),
  });

/** Packed, as it is published. */
export const epss = (rows: readonly (readonly [cve: string, score: string])[]): Buffer =>
  gzipSync(
    [
      '#model_version:v2026.03.14,score_date:2026-11-28T12:00:00Z',
      'cve,epss,percentile',
      ...rows.map(([cve, score]) => `${cve},${score},0.5`),
      '',
    ].join('\n'),
  );
