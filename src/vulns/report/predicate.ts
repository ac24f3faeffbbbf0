/** The predicate `https://in-toto.io/attestation/vulns/v0.2`: what was found, by which scanner, with which data of which day. */
import type { Finding } from '../finding.ts';
import type { Report } from '../report.ts';

const resultOf = ({ id, severity, source, version, fixed, state, why, waived }: Finding) => ({
  id,
  severity: [
    {
      method: severity.method,
      score: severity.score === undefined ? (severity.level ?? 'unknown') : String(severity.score),
    },
  ],
  annotations: [
    {
      source,
      version,
      ...(fixed === undefined ? {} : { fixed }),
      ...(state === 'unsure' ? { state, ...(why === undefined ? {} : { why }) } : {}),
      ...(waived === undefined ? {} : { waived }),
    },
  ],
});

export const vulnsPredicate = ({ feeds, updates, findings, made }: Report, version: string) => {
  const dates = [
    ...feeds.filter(({ covers }) => covers).map(({ fetched }) => fetched),
    ...(updates?.suites ?? []).map(({ date }) => date),
  ];
  // What is told is only as new as the oldest of its sources.
  const lastUpdate = dates.toSorted()[0];
  return {
    scanner: {
      uri: 'pkg:npm/ingot',
      version,
      db: {
        uri: [...feeds.map(({ name }) => name), ...(updates?.suites ?? []).map(({ name }) => name)].join(' '),
        version: feeds.map(({ sha256 }) => sha256.slice(0, 12)).join(' '),
        ...(lastUpdate === undefined ? {} : { lastUpdate }),
      },
      // An empty list says that nothing was found: what somebody has answered for is in it, with the answer.
      result: findings.filter(({ state }) => state !== 'not-affected').map(resultOf),
    },
    metadata: { scanStartedOn: made, scanFinishedOn: made },
  };
};
