/**
 * Known vulnerabilities, updates that are not installed, and the end of support. What no feed has said is not judged, and neither is
 * what a feed said that is too old.
 */
import { aged } from '../../vulns/feeds/read.ts';
import { judgeVulnerabilities as judge } from '../../vulns/judge.ts';
import { matchStatements } from '../../vulns/match.ts';
import { asksForFeeds, limitsOf, type VulnerabilitiesPart } from '../../vulns/policy.ts';
import { supportOf } from '../../vulns/support.ts';
import { type KnownUpdates, keptTooLong } from '../../vulns/updates.ts';
import { isOver, type Waiver } from '../../waivers.ts';
import { type Findings, fails, unjudged, type VulnerabilityFacts } from '../policy-facts.ts';

export const judgeVulnerabilities = (
  wanted: VulnerabilitiesPart,
  looked: VulnerabilityFacts | undefined,
  by: { readonly waivers: readonly Waiver[]; readonly now: Date },
): Findings => {
  if (looked === undefined)
    return [unjudged('vulnerabilities', 'vulnerabilities were not looked for', 'Judge the image with `ingot check`.')];
  const limits = { now: by.now, maxAge: limitsOf(wanted).maxAge };
  return [
    ...(asksForFeeds(wanted) ? known(wanted, looked, by) : []),
    ...(wanted.pendingUpdates === undefined ? [] : pending(looked, limits)),
    ...(wanted.unsupported === undefined ? [] : unsupported(looked, limits)),
  ];
};

interface Limits {
  readonly now: Date;
  /** Days. */
  readonly maxAge: number;
}

/** By what, and of which day: a verdict is worth no more than that. */
export const knownBy = (looked: VulnerabilityFacts | undefined): string[] => [
  ...(looked?.feeds === undefined
    ? []
    : [...looked.feeds.facts, ...looked.feeds.threats.map(({ facts }) => facts)].map(
        ({ name, fetched }) => `${name} of ${fetched.slice(0, 10)}`,
      )),
  ...(looked?.updates?.suites ?? []).map(({ name, date }) => `${name} of ${date.slice(0, 10)}`),
  ...(looked?.updates?.kept === undefined ? [] : [`indexes at hand, since ${looked.updates.kept.because}`]),
];

const known = (
  wanted: VulnerabilitiesPart,
  { feeds, ...looked }: VulnerabilityFacts,
  { waivers, now }: { readonly waivers: readonly Waiver[]; readonly now: Date },
): Findings => {
  if (feeds === undefined)
    return [
      unjudged(
        'vulnerabilities.no-feed',
        'no feeds are at hand, so what is known of its packages is not',
        'Name a folder that `ingot vulns fetch` has written: --feeds FOLDER.',
      ),
    ];
  const { failOn, maxAge } = limitsOf(wanted);
  const { facts, threats, statements, vex } = aged(feeds, { now, maxAge });
  const matched = matchStatements(looked.inventory, statements);
  // Updates are a question of their own here, and waivers that are over are told with those of the other parts.
  const { judgement } = judge(
    { ...looked, feeds: facts, threats, matched, updates: undefined, updatesUnknown: undefined },
    { failOn, waivers: waivers.filter((one) => !isOver(one, now)), vex, now, maxAge },
  );
  // What is below the limits may be hundreds.
  const found = judgement.found
    .filter(({ rule, verdict }) => verdict !== 'holds' || rule === 'vulns/waived')
    .map(asOfPolicy);
  const isTold = found.some(({ verdict }) => verdict !== 'holds');
  return judgement.verdict === 'holds' || isTold
    ? found
    : [
        ...found,
        unjudged('vulnerabilities', judgement.facts.join('; '), 'docs/vulnerabilities.md says what it takes.'),
      ];
};

const asOfPolicy = <One extends { readonly rule: string }>(one: One): One => ({
  ...one,
  rule: one.rule.replace('vulns/', 'policy/vulnerabilities.'),
});

const pending = ({ updates, updatesUnknown }: VulnerabilityFacts, limits: Limits): Findings => {
  if (updates === undefined) return [notAsked('pending-update', 'pending updates are not known', updatesUnknown)];
  const bySource = Map.groupBy(
    updates.updates.filter(({ isSecurity }) => isSecurity),
    ({ source }) => source,
  );
  const missing = [...bySource].map(([source, own]) => {
    const names = own.map(({ name }) => name).join(', ');
    const [first] = own;
    const cves = updates.changelogs.find((one) => one.source === source)?.cves ?? [];
    return fails(
      'vulnerabilities.pending-update',
      `${names} ${first?.from} has a security update: ${first?.to} (${first?.suites.join(', ')})${cves.length === 0 ? '' : `; its changelog names ${cves.join(', ')}`}`,
      source,
      'Build again with `--refresh`: the update is taken.',
    );
  });
  return [...missing, ...tooOld('pending-update', 'newer updates are not known', updates, limits)];
};

const unsupported = ({ inventory, updates, updatesUnknown }: VulnerabilityFacts, limits: Limits): Findings => {
  const what = 'the end of support is not known';
  if (updates === undefined) return [notAsked('support-ended', what, updatesUnknown)];
  if (updates.support === undefined) {
    const why = updates.kept && `${updates.kept.because}, and the packages that tell it are not in the store`;
    return [notAsked('support-ended', what, why)];
  }
  const over = supportOf(inventory, updates, limits.now)
    .filter(({ verdict }) => verdict !== 'holds')
    .map(asOfPolicy);
  return [...over, ...tooOld('support-ended', what, updates, limits)];
};

/** What indexes at hand say is true; that there is nothing more is believed of new ones alone. */
const tooOld = (rule: string, what: string, updates: KnownUpdates, limits: Limits): Findings => {
  const why = keptTooLong(updates, limits);
  return why === undefined
    ? []
    : [
        unjudged(
          `vulnerabilities.${rule}`,
          `${what}: ${why}`,
          'Judge it where a mirror can be reached, or say how old they may be: vulnerabilities.maxAge.',
        ),
      ];
};

const notAsked = (rule: string, what: string, why: string | undefined) =>
  unjudged(
    `vulnerabilities.${rule}`,
    why === undefined ? what : `${what}: ${why}`,
    'Judge it where a mirror can be reached; --mirror names one.',
  );
