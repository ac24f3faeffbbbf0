/** As SARIF, for code scanners. */
import { judgedSarif } from '../../formats/reports/sarif.ts';
import type { Report } from '../report.ts';

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

export const reportSarif = ({ subject, judgement, made }: Report): string =>
  judgedSarif({
    subject,
    checks: [judgement],
    about: RULES,
    made,
    isWaived: ({ rule }) => rule === 'vulns/waived',
  });
