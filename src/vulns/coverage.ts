/** What could not be judged, and what was looked at. */
import type { Judged } from '../judgement.ts';
import type { Evidence } from './evidence.ts';
import type { FailOn } from './fail-on.ts';
import type { Finding } from './finding.ts';
import type { Installed } from './inventory.ts';
import { missingRepositories } from './repositories.ts';
import type { Rules } from './rules.ts';
import { isUsable, type ThreatFeed } from './threats.ts';
import { keptTooLong } from './updates.ts';

export const isCovered = ({ feeds, updates }: Evidence): boolean =>
  feeds.some(({ covers, unusable }) => covers && unusable === undefined) || updates !== undefined;

/** An old feed, or none for this system, says nothing: that is not the same as that nothing is wrong. */
export const coverage = (
  evidence: Evidence,
  { failOn, maxAge, now }: Pick<Rules, 'failOn' | 'maxAge' | 'now'>,
  findings: readonly Finding[],
): Judged[] => {
  const { feeds, updates, updatesUnknown, inventory } = evidence;
  const { id, version } = inventory.system;
  const stale = feeds.flatMap(({ name, unusable: why, covers }): Judged[] =>
    why === undefined || !covers
      ? []
      : [{ rule: 'vulns/feed-old', verdict: 'unjudged', message: `${name}: ${why}`, where: name, hint: FETCH }],
  );
  const none: Judged[] =
    feeds.length > 0 && !feeds.some(({ covers }) => covers)
      ? [{ rule: 'vulns/no-feed', verdict: 'unjudged', message: `no feed speaks of ${id} ${version}`, hint: FETCH }]
      : [];
  const partial = missingRepositories(feeds, inventory.system).map(
    (name): Judged => ({
      rule: 'vulns/no-feed',
      verdict: 'unjudged',
      message: `no feed speaks of the repository ${name}, which packages may come from`,
      where: name,
      hint: 'Fetch the feed of each repository: docs/vulnerabilities.md says how.',
    }),
  );
  const empty: Judged[] =
    inventory.packages.length === 0
      ? [
          {
            rule: 'vulns/no-packages',
            verdict: 'unjudged',
            message: 'no packages are known of it',
            hint: 'Is it the right file?',
          },
        ]
      : [];
  const unknown: Judged[] =
    updates === undefined && updatesUnknown !== undefined && feeds.length === 0
      ? [
          {
            rule: 'vulns/updates-unknown',
            verdict: 'unjudged',
            message: `pending updates are not known: ${updatesUnknown}`,
            hint: MIRROR,
          },
        ]
      : [];
  const late = updates && keptTooLong(updates, { now, maxAge });
  const old: Judged[] =
    late === undefined || feeds.length > 0
      ? []
      : [
          {
            rule: 'vulns/updates-old',
            verdict: 'unjudged',
            message: `newer updates are not known: ${late}`,
            hint: MIRROR,
          },
        ];
  const unread: Judged[] = (updates?.changelogs ?? []).flatMap(({ source, unread: why }): Judged[] =>
    why === undefined
      ? []
      : [{ rule: 'vulns/changelog-unread', verdict: 'holds', message: `${source}: ${why}`, where: source }],
  );
  return [
    ...stale,
    ...none,
    ...partial,
    ...empty,
    ...unknown,
    ...old,
    ...unread,
    ...ofAttacks(evidence.threats, failOn, findings),
  ];
};

/** Limits on attacks need what tells of them, as soon as there is anything that they could be about. */
const ofAttacks = (threats: readonly ThreatFeed[], failOn: FailOn, findings: readonly Finding[]): Judged[] => {
  const asked = [
    ...(failOn.exploited === true ? (['kev'] as const) : []),
    ...(failOn.probability === undefined ? [] : (['epss'] as const)),
  ];
  if (!findings.some(({ state, waived }) => state === 'affected' && waived === undefined)) return [];
  return asked.flatMap((kind): Judged[] => {
    const own = threats.filter((one) => one.kind === kind);
    if (own.some(isUsable)) return [];
    const [why] = own.map(({ facts }) => facts.unusable);
    return [
      {
        rule: 'vulns/no-feed',
        verdict: 'unjudged',
        message: `${WANTED[kind]} is not known: ${why === undefined ? `no feed of the kind ${kind} is there` : `${kind}: ${why}`}`,
        where: kind,
        hint: FETCH,
      },
    ];
  });
};

const WANTED = { kev: 'what is exploited', epss: 'how probable attacks are' } as const;

const FETCH = 'Fetch it again with `ingot vulns fetch` on a host that is connected.';
const MIRROR = 'Name a mirror that can be reached with --mirror, or feeds with --feeds.';

export const factsOf = (
  { inventory, feeds, threats, updates, updatesUnknown }: Evidence,
  findings: readonly Finding[],
  thirdParty: readonly Installed[],
): string[] => {
  const affected = findings.filter(({ state, waived }) => state === 'affected' && waived === undefined);
  return [
    `${inventory.packages.length} packages of ${inventory.system.prettyName ?? `${inventory.system.id} ${inventory.system.version}`}`,
    ...feeds.map(({ name, fetched, statements, covers }) =>
      covers
        ? `${name} of ${fetched.slice(0, 10)}: ${statements} records about these packages`
        : `${name}: not about this system`,
    ),
    ...threats.map(({ facts: { name, fetched, statements, unusable } }) =>
      unusable === undefined ? `${name} of ${fetched.slice(0, 10)}: ${statements} entries` : `${name}: ${unusable}`,
    ),
    ...(updates === undefined
      ? [`pending updates not looked for${updatesUnknown === undefined ? '' : `: ${updatesUnknown}`}`]
      : [
          `indexes${updates.kept === undefined ? '' : ` at hand, since ${updates.kept.because}`}: ${updates.suites.map(({ name, date }) => `${name} of ${date.slice(0, 10)}`).join(', ')}`,
          `${updates.updates.length} pending updates, ${updates.updates.filter(({ isSecurity }) => isSecurity).length} of them for security`,
        ]),
    ...(feeds.length === 0 ? ['no feed: what has no update yet is not known'] : []),
    `${affected.filter(({ isFixable }) => isFixable).length} fixable, ${affected.filter(({ isFixable }) => !isFixable).length} without a fix, ${findings.filter(({ waived }) => waived).length} waived`,
    ...(thirdParty.length > 0 ? [`${thirdParty.length} packages are not the vendor's: not judged`] : []),
    ...(updates === undefined ? ['without an index, packages of your own look like the vendor’s'] : []),
  ];
};
