/** CycloneDX 1.6 with vulnerabilities and what is said of each (its VEX form): the packages concerned are its components. */
import { sha256 } from '../../host/files.ts';
import type { Finding } from '../finding.ts';
import type { Installed } from '../inventory.ts';
import type { Report } from '../report.ts';
import type { Severity } from '../severity.ts';
import { acceptedText } from './accepted.ts';
import { uuidOf } from './openvex.ts';
import { purlOf } from './purls.ts';

export const reportCycloneDx = ({ findings, system, made }: Report, version: string): string => {
  const refOf = (one: Installed) => purlOf(one, system);
  const packages = new Map(findings.flatMap((finding) => finding.packages.map((one) => [refOf(one), one] as const)));
  const content = {
    version: 1,
    metadata: {
      timestamp: made,
      tools: { components: [{ type: 'application', name: 'ingot', version }] },
      component: { type: 'operating-system', name: system.id, version: system.version, 'bom-ref': 'system' },
    },
    components: [...packages].map(([purl, one]) => ({
      type: 'library',
      'bom-ref': purl,
      name: one.name,
      version: one.version,
      purl,
    })),
    vulnerabilities: findings.map((finding) => ({
      'bom-ref': `${finding.id} ${finding.source} ${finding.version}`,
      id: finding.id,
      ...(finding.aliases.length === 0
        ? {}
        : { references: finding.aliases.map((id) => ({ id, source: { name: finding.feeds[0] ?? 'feed' } })) }),
      ratings: [rating(finding.severity)],
      ...(finding.summary === undefined ? {} : { description: finding.summary }),
      ...(finding.fixed === undefined
        ? {}
        : { recommendation: `Build the image again: it is fixed in ${finding.fixed}.` }),
      analysis: analysisOf(finding),
      affects: finding.packages.map((one) => ({
        ref: refOf(one),
        versions: [
          {
            version: one.version,
            status: statusOf(finding),
          },
        ],
      })),
    })),
  };
  const document = {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: `urn:uuid:${uuidOf(sha256(JSON.stringify(content)))}`,
    ...content,
  };
  return `${JSON.stringify(document, null, 2)}\n`;
};

const METHODS: Readonly<Record<string, string>> = {
  'CVSS:2.0': 'CVSSv2',
  'CVSS:3.0': 'CVSSv3',
  'CVSS:3.1': 'CVSSv31',
  'CVSS:4.0': 'CVSSv4',
};
const LEVELS: Readonly<Record<string, string>> = { negligible: 'info' };

const rating = ({ level, method, said, score }: Severity) => {
  const known = METHODS[method.split(',')[0] ?? ''];
  return {
    severity: level === undefined ? 'unknown' : (LEVELS[level] ?? level),
    ...(score === undefined ? {} : { score }),
    method: known ?? 'other',
    ...(known !== undefined && said !== undefined ? { vector: said } : {}),
    ...(known === undefined ? { source: { name: method } } : {}),
  };
};

const statusOf = ({ state, waived }: Finding): string =>
  waived?.by === 'vex' || state === 'not-affected' ? 'unaffected' : state === 'unsure' ? 'unknown' : 'affected';

const analysisOf = ({ state, waived, why, isFixable }: Finding) => {
  if (waived?.by === 'vex') return { state: 'not_affected', detail: waived.reason };
  if (waived && state === 'unsure') return { state: 'in_triage', detail: acceptedText(waived) };
  if (waived) return { state: 'exploitable', response: ['will_not_fix'], detail: acceptedText(waived) };
  switch (state) {
    case 'not-affected':
      return {
        state: 'not_affected',
        justification: 'code_not_present',
        ...(why === undefined ? {} : { detail: why }),
      };
    case 'unsure':
      return { state: 'in_triage', ...(why === undefined ? {} : { detail: why }) };
    case 'affected':
      return { state: 'exploitable', ...(isFixable ? { response: ['update'] } : {}) };
  }
};
