/** The predicate `https://in-toto.io/attestation/vulns/v0.2`: what was found, by which scanner, with which data of which day. */
import type { Report } from '../report.ts';

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
      result: findings
        .filter(({ state, waived }) => state === 'affected' && waived === undefined)
        .map(({ id, severity }) => ({
          id,
          severity: [
            {
              method: severity.method,
              score: severity.score === undefined ? (severity.level ?? 'unknown') : String(severity.score),
            },
          ],
        })),
    },
    metadata: { scanStartedOn: made, scanFinishedOn: made },
  };
};
