/** What is told of each thing that was found: rule, verdict, one sentence, what to do. */
import type { Judged } from '../judgement.ts';
import type { Waiver } from '../waivers.ts';
import { type FailOn, verdictOn } from './fail-on.ts';
import type { Finding } from './finding.ts';
import type { Installed } from './inventory.ts';
import type { LanguagePackage } from './language-packages.ts';
import type { SilentUpdate } from './named-findings.ts';

export const judged = (finding: Finding, failOn: FailOn): Judged[] => {
  const verdict = verdictOn(finding, failOn);
  const { id, source, version, state, severity, fixed, isFixable, waived, why, threat } = finding;
  if (state === 'not-affected') return [];
  const level = severity.level ?? 'of unknown severity';
  const fix = fixed === undefined ? (isFixable ? 'a fix is there' : 'no fix yet') : `fixed in ${fixed}`;
  const rule = state === 'unsure' ? 'vulns/unsure' : waived ? 'vulns/waived' : 'vulns/affected';
  const message =
    state === 'unsure'
      ? `${id} in ${source} ${version} cannot be judged: ${why ?? 'the feed does not say'}`
      : `${id} (${[level, ...threatWords(threat)].join(', ')}) in ${source} ${version}: ${fix}${waived ? `; waived: ${waived.reason}` : ''}`;
  const hint =
    verdict === 'holds' ? undefined : isFixable ? 'Build again with `--refresh`: the update is taken.' : UNFIXED;
  return [{ rule, verdict, message, where: source, ...(hint === undefined ? {} : { hint }) }];
};

/** `known to be exploited`, `EPSS 0.97` */
export const threatWords = (threat: Finding['threat']): string[] => [
  ...(threat?.isExploited ? ['known to be exploited'] : []),
  ...(threat?.probability === undefined ? [] : [`EPSS ${threat.probability}`]),
];

const UNFIXED =
  'There is no update for it: remove the package, or answer for it with a waiver that has a reason and a day.';

export const judgedUpdate = ({ name, from, to, suites, changelog }: SilentUpdate, failOn: FailOn): Judged => ({
  rule: 'vulns/pending-update',
  verdict: failOn.severity === undefined ? 'fails' : 'unjudged',
  message: `${name} ${from} has a security update: ${to} (${suites.join(', ')}); ${saidIn(changelog)}`,
  where: name,
  hint: 'Build again with `--refresh`: the update is taken.',
});

const saidIn = (changelog: SilentUpdate['changelog']): string => {
  if (changelog?.unread !== undefined) return `its changelog could not be read: ${changelog.unread}`;
  const cves = changelog?.cves ?? [];
  return cves.length === 0 ? 'its changelog names no CVE' : `its changelog names ${cves.join(', ')}`;
};

export const judgedThirdParty = ({ name, version }: Installed, waiver: Waiver | undefined): Judged => ({
  rule: 'vulns/third-party',
  verdict: waiver ? 'holds' : 'unjudged',
  message: `${name} ${version} is not the vendor's: not judged${waiver ? `; waived: ${waiver.reason}` : ''}`,
  where: name,
  ...(waiver ? {} : { hint: 'Whoever makes it knows; a waiver of `vulnerabilities.third-party` answers for it.' }),
});

export const judgedNotScanned = ({ kind, path }: LanguagePackage, waiver: Waiver | undefined): Judged => ({
  rule: 'vulns/not-scanned',
  verdict: waiver ? 'holds' : 'unjudged',
  message: `a ${kind} package that is of no system package: not scanned${waiver ? `; waived: ${waiver.reason}` : ''}`,
  where: path,
  ...(waiver
    ? {}
    : { hint: 'A scanner for that language knows; a waiver of `vulnerabilities.not-scanned` answers for it.' }),
});

const waiverText = ({ rule, where }: Waiver): string =>
  `the waiver of ${rule}${where === undefined ? '' : ` in ${where}`}`;

export const judgedOver = (waiver: Waiver): Judged => ({
  rule: 'vulns/waiver-expired',
  verdict: 'fails',
  message: `${waiverText(waiver)} held until ${waiver.until}`,
  hint: 'Look at it again: take it out, or write a new day with a reason.',
});

export const judgedUnused = (waiver: Waiver): Judged => ({
  rule: 'vulns/waiver-unused',
  verdict: 'holds',
  message: `${waiverText(waiver)} is about nothing that was found`,
});
