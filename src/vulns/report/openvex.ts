/** OpenVEX v0.2.0: what is said of each vulnerability, for whoever scans the image with a tool of their own. */
import { sha256 } from '../../host/files.ts';
import type { Finding } from '../finding.ts';
import type { Report } from '../report.ts';
import { acceptedText } from './accepted.ts';
import { purlOf } from './purls.ts';

export const reportOpenVex = ({ findings, system, made }: Report, version: string): string => {
  const statements = findings.map((finding) => ({
    vulnerability: { name: finding.id, ...(finding.aliases.length > 0 ? { aliases: finding.aliases } : {}) },
    products: finding.packages.map((one) => ({ '@id': purlOf(one, system) })),
    ...statusOf(finding),
  }));
  const content = {
    author: 'ingot',
    role: 'image scanner',
    timestamp: made,
    version: 1,
    tooling: `ingot ${version}`,
    statements,
  };
  const document = {
    '@context': 'https://openvex.dev/ns/v0.2.0',
    '@id': `urn:uuid:${uuidOf(sha256(JSON.stringify(content)))}`,
    ...content,
  };
  return `${JSON.stringify(document, null, 2)}\n`;
};

/** A name made of the content: the same report has the same one (RFC 9562, version 8). */
export const uuidOf = (digest: string): string =>
  [
    digest.slice(0, 8),
    digest.slice(8, 12),
    `8${digest.slice(13, 16)}`,
    `8${digest.slice(17, 20)}`,
    digest.slice(20, 32),
  ].join('-');

/** What somebody bears for a while is there all the same: that it is not affected is for a VEX of theirs to say. */
const statusOf = ({ state, why, waived, isFixable, fixed }: Finding) => {
  if (waived?.by === 'vex') return { status: 'not_affected', impact_statement: waived.reason };
  if (waived && state === 'unsure') return { status: 'under_investigation', status_notes: acceptedText(waived) };
  if (waived) return { status: 'affected', action_statement: acceptedText(waived) };
  switch (state) {
    case 'not-affected':
      return { status: 'not_affected', justification: 'vulnerable_code_not_present', impact_statement: why };
    case 'unsure':
      return { status: 'under_investigation' };
    case 'affected':
      return {
        status: 'affected',
        action_statement: isFixable
          ? `Build the image again: it is fixed${fixed === undefined ? '' : ` in ${fixed}`}.`
          : 'There is no fix yet: remove the package, or restrict what reaches it.',
      };
  }
};
