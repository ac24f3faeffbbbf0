/**
 * Known vulnerabilities, updates that are not installed, and the end of support. What no feed has said is not judged, and neither is
 * what a feed said that is too old.
 */
import { aged } from '../../vulns/feeds/read.ts';
import { judgeVulnerabilities as judge } from '../../vulns/judge.ts';
import { matchStatements } from '../../vulns/match.ts';
import { asksForFeeds, limitsOf, type VulnerabilitiesPart } from '../../vulns/policy.ts';
import { supportOf } from '../../vulns/support.ts';
import { isOver, type Waiver } from '../../waivers.ts';
import { type Findings, fails, unjudged, type VulnerabilityFacts } from '../policy-facts.ts';

export const judgeVulnerabilities = (
  wanted: VulnerabilitiesPart,
  looked: VulnerabilityFacts | undefined,
  by: { readonly waivers: readonly Waiver[]; readonly now: Date },
): Findings => {
  if (looked === undefined)
    return [unjudged('vulnerabilities', 'vulnerabilities were not looked for', 'Judge the image with `ingot check`.')];
  return [
    ...(asksForFeeds(wanted) ? known(wanted, looked, by) : []),
    ...(wanted.pendingUpdates === undefined ? [] : pending(looked)),
    ...(wanted.unsupported === undefined ? [] : unsupported(looked, by.now)),
  ];
};

/** By what, and of which day: a verdict is worth no more than that. */
export const knownBy = (looked: VulnerabilityFacts | undefined): string[] => [
  ...(looked?.feeds === undefined
    ? []
    : [...looked.feeds.facts, ...looked.feeds.threats.map(({ facts }) => facts)].map(
        ({ name, fetched }) => `${name} of ${fetched.slice(0, 10)}`,
      )),
  ...(looked?.updates?.suites ?? []).map(({ name, date }) => `${name} of ${date.slice(0, 10)}`),
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
    { failOn, waivers: waivers.filter((one) => !isOver(one, now)), vex, now },
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

const pending = ({ updates, updatesUnknown }: VulnerabilityFacts): Findings => {
  if (updates === undefined) return [notAsked('pending-update', 'pending updates are not known', updatesUnknown)];
  const bySource = Map.groupBy(
    updates.updates.filter(({ isSecurity }) => isSecurity),
    ({ source }) => source,
  );
  return [...bySource].map(([source, own]) => {
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
};

const unsupported = ({ inventory, updates, updatesUnknown }: VulnerabilityFacts, now: Date): Findings => {
  if (updates?.support === undefined)
    return [
      notAsked('support-ended', 'the end of support is not known', updates === undefined ? updatesUnknown : undefined),
    ];
  return supportOf(inventory, updates, now)
    .filter(({ verdict }) => verdict !== 'holds')
    .map(asOfPolicy);
};

const notAsked = (rule: string, what: string, why: string | undefined) =>
  unjudged(
    `vulnerabilities.${rule}`,
    why === undefined ? what : `${what}: ${why}`,
    'Judge it where a mirror can be reached; --mirror names one.',
  );
