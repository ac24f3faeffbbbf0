/**
 * What a bill of materials says is installed: CycloneDX or SPDX in JSON, its package URLs. The source package is in `upstream`, or in
 * Trivy's properties; where it is in neither, it is taken to have the binary's name and version.
 */
import { z } from 'zod';
import { IngotError, messageOf } from '../errors.ts';
import { type Purl, parsePurl, versionOfPurl } from '../formats/packages/purl.ts';
import { type Installed, type SystemId, withEpochOf } from './inventory.ts';
import type { LanguagePackage } from './language-packages.ts';

export interface Bill {
  readonly system: SystemId;
  readonly packages: readonly Installed[];
  readonly notScanned: readonly LanguagePackage[];
}

const properties = z.array(z.object({ name: z.string(), value: z.string().optional() })).optional();
const component = z.object({
  type: z.string().optional(),
  name: z.string().optional(),
  version: z.string().optional(),
  purl: z.string().optional(),
  properties,
});
const cycloneDx = z.object({
  bomFormat: z.literal('CycloneDX'),
  metadata: z.object({ component: component.optional() }).optional(),
  components: z.array(component).default([]),
});
const spdx = z.object({
  spdxVersion: z.string(),
  packages: z
    .array(
      z.object({
        sourceInfo: z.string().optional(),
        externalRefs: z.array(z.object({ referenceType: z.string(), referenceLocator: z.string() })).default([]),
      }),
    )
    .default([]),
});

type Component = z.output<typeof component>;

/** Throws `vulns.bill-invalid`. */
export const readBill = (text: string, where: string): Bill => {
  const found = z.union([cycloneDx, spdx]).safeParse(json(text, where));
  if (!found.success) throw invalid(where, z.prettifyError(found.error).slice(0, 500));
  const components: Component[] =
    'bomFormat' in found.data
      ? found.data.components
      : found.data.packages.flatMap(({ externalRefs, sourceInfo }) =>
          externalRefs.flatMap(({ referenceType, referenceLocator }) =>
            referenceType === 'purl' ? [{ purl: referenceLocator, properties: ourProperties(sourceInfo) }] : [],
          ),
        );
  const pairs = components.flatMap((one) => {
    const purl = one.purl === undefined ? undefined : parsePurl(one.purl);
    return purl === undefined ? [] : [{ one, purl }];
  });
  return {
    system: systemOf(
      components,
      pairs.map(({ purl }) => purl),
    ),
    packages: pairs.flatMap(({ one, purl }) => installedOf(one, purl)),
    notScanned: pairs.flatMap(({ one, purl }) =>
      SYSTEM_TYPES.includes(purl.type) || NOT_PACKAGES.includes(purl.type)
        ? []
        : [{ kind: purl.type, path: one.purl ?? '' }],
    ),
  };
};

/** As Ingot's own bills have them in SPDX, which has no properties. */
const ourProperties = (sourceInfo = ''): NonNullable<Component['properties']> => {
  const [, source, version] = /^built from the source package (\S+) (\S+)$/.exec(sourceInfo) ?? [];
  return source === undefined || version === undefined
    ? []
    : [
        { name: 'ingot:source', value: source },
        { name: 'ingot:source-version', value: version },
      ];
};

const SYSTEM_TYPES = ['deb', 'rpm', 'apk'];
const NOT_PACKAGES = ['generic', 'oci', 'docker'];

const json = (text: string, where: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalid(where, messageOf(error));
  }
};

const invalid = (where: string, detail: string): IngotError =>
  new IngotError('vulns.bill-invalid', 'the bill of materials cannot be read', {
    where,
    detail,
    hint: 'CycloneDX and SPDX 2 are read, in JSON.',
  });

const installedOf = ({ properties: own }: Component, purl: Purl): Installed[] => {
  const version = versionOfPurl(purl);
  if (!SYSTEM_TYPES.includes(purl.type) || version === undefined) return [];
  const { name, qualifiers } = purl;
  const source = sourceOf(purl, version, own ?? []);
  const module = qualifiers.get('rpmmod')?.split(':').slice(0, 2).join(':');
  return [{ name, version, architecture: qualifiers.get('arch') ?? '', ...source, module, origin: 'unknown' }];
};

const sourceOf = (
  { name, type, qualifiers }: Purl,
  version: string,
  own: NonNullable<Component['properties']>,
): Pick<Installed, 'source' | 'sourceVersion'> => {
  const ofOurs = (key: string): string | undefined =>
    own.find((one) => one.name === `ingot:${key}`)?.value || undefined;
  const [ours, oursAt = version] = [ofOurs('source'), ofOurs('source-version')];
  if (ours !== undefined)
    return { source: ours, sourceVersion: type === 'rpm' ? withEpochOf(version, oursAt) : oursAt };
  const said = (key: string): string | undefined =>
    own.find((one) => one.name === `aquasecurity:trivy:${key}`)?.value || undefined;
  const [trivy, at, release, epoch] = [said('SrcName'), said('SrcVersion'), said('SrcRelease'), said('SrcEpoch')];
  if (trivy !== undefined && at !== undefined)
    return {
      source: trivy,
      sourceVersion: `${epoch === undefined ? '' : `${epoch}:`}${at}${release === undefined ? '' : `-${release}`}`,
    };
  const upstream = qualifiers.get('upstream') ?? '';
  if (type === 'rpm') {
    const [, source, sourceVersion, sourceRelease] = /^(.+)-([^-]+)-([^-]+)\.src\.rpm$/.exec(upstream) ?? [];
    if (source === undefined) return { source: name, sourceVersion: version };
    return { source, sourceVersion: withEpochOf(version, `${sourceVersion}-${sourceRelease}`) };
  }
  const [, source, sourceVersion] = /^([^@]+)(?:@(.+))?$/.exec(upstream) ?? [];
  return source === undefined
    ? { source: name, sourceVersion: version }
    : { source, sourceVersion: sourceVersion ?? version };
};

/** The operating system that is listed as one, else what the packages' `distro` says. */
const systemOf = (components: readonly Component[], purls: readonly Purl[]): SystemId => {
  const os = components.find(({ type }) => type === 'operating-system');
  const distro = purls.map(({ qualifiers }) => qualifiers.get('distro')).find((one) => one !== undefined);
  const [, id = '', release = ''] = /^(.+?)-(v?\d[\w.]*|[a-z]+)$/.exec(distro ?? '') ?? [];
  const [name, version] = os?.name === undefined ? [id, release] : [os.name.toLowerCase(), os.version ?? release];
  const system = { redhat: 'rhel', alma: 'almalinux', 'rocky linux': 'rocky' }[name] ?? name;
  const codename = system === 'debian' ? CODENAMES[version.split('.')[0] ?? ''] : undefined;
  return { id: system || 'unknown', version, codename: codename ?? (/^[a-z]+$/.test(version) ? version : undefined) };
};

/** Of Debian, whose feeds name releases by word. */
export const CODENAMES: Readonly<Record<string, string>> = {
  '11': 'bullseye',
  '12': 'bookworm',
  '13': 'trixie',
  '14': 'forky',
};
