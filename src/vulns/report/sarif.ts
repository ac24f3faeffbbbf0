/** SARIF 2.1.0 (OASIS), for code scanners: each thing that was found, with the image as its place. */
import { pathToFileURL } from 'node:url';
import type { Verdict } from '../../judgement.ts';
import type { Report } from '../report.ts';

const LEVELS: Readonly<Record<Verdict, string>> = { fails: 'error', unjudged: 'warning', holds: 'note' };

const RULES: Readonly<Record<string, string>> = {
  'vulns/affected': 'A package has a known vulnerability.',
  'vulns/waived': 'A known vulnerability that somebody answers for.',
  'vulns/unsure': 'A vulnerability of which the feed does not say whether the package has it.',
  'vulns/pending-update': 'A package has a security update that is not installed.',
  'vulns/support-ended': 'The vendor does not support it any more.',
  'vulns/support-limited': 'The vendor supports it in part.',
  'vulns/support-long-term': 'The vendor supports it for long-term users alone.',
  'vulns/feed-old': 'A feed is too old or damaged, and is not relied on.',
  'vulns/no-feed': 'No feed speaks of this system.',
  'vulns/no-packages': 'No packages are known.',
  'vulns/updates-unknown': 'Whether there are updates is not known.',
  'vulns/changelog-unread': 'The changelog of an update could not be read.',
  'vulns/third-party': "A package that is not the vendor's is not judged.",
  'vulns/not-scanned': 'A package of a language is not scanned.',
  'vulns/waiver-expired': 'A waiver holds no longer.',
  'vulns/waiver-unused': 'A waiver is about nothing that was found.',
};

export const reportSarif = ({ subject, judgement, made }: Report, version: string): string => {
  const used = new Set(judgement.found.map(({ rule }) => rule));
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'ingot',
            version,
            rules: [...used].map((id) => ({ id, shortDescription: { text: RULES[id] ?? id } })),
          },
        },
        columnKind: 'utf16CodeUnits',
        invocations: [{ executionSuccessful: judgement.verdict !== 'unjudged', endTimeUtc: made }],
        results: judgement.found.map(({ rule, verdict, message, where, hint }) => ({
          ruleId: rule,
          level: verdict === 'fails' ? LEVELS.fails : 'none',
          kind: verdict === 'holds' ? 'informational' : verdict === 'fails' ? 'fail' : 'open',
          message: { text: hint === undefined ? message : `${message}. ${hint}` },
          locations: [
            {
              physicalLocation: { artifactLocation: { uri: pathToFileURL(subject).href } },
              ...(where === undefined ? {} : { logicalLocations: [{ name: where, kind: 'package' }] }),
            },
          ],
          ...(rule === 'vulns/waived' ? { suppressions: [{ kind: 'external', justification: message }] } : {}),
        })),
      },
    ],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
};
