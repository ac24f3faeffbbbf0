/** From what was found to a report with a verdict: waivers, age of the feeds, what could not be judged. */
import { type Judged, type Judgement, verdictOf } from '../judgement.ts';
import { type FailOn, verdictOn } from './fail-on.ts';
import type { Finding } from './finding.ts';
import type { Installed, Inventory } from './inventory.ts';
import type { LanguagePackage } from './language-packages.ts';
import type { FeedFacts, Report } from './report.ts';
import { LEVELS, NOT_SAID } from './severity.ts';
import { feedSource } from './signed-sources.ts';
import type { KnownUpdates, Update } from './updates.ts';
import { isAbout, isExpired, isVexAbout, namesOf, packagesOf, type VexWaiver, type Waiver } from './waivers.ts';

export interface Evidence {
  readonly inventory: Inventory;
  readonly feeds: readonly FeedFacts[];
  /** What feeds say. */
  readonly matched: readonly Finding[];
  readonly updates: KnownUpdates | undefined;
  readonly updatesUnknown: string | undefined;
  readonly notScanned: readonly LanguagePackage[];
}

export interface Rules {
  readonly failOn: FailOn;
  readonly waivers: readonly Waiver[];
  readonly vex: readonly VexWaiver[];
  readonly now: Date;
}

export const judgeVulnerabilities = (evidence: Evidence, rules: Rules): Report => {
  const { inventory, feeds, updates, updatesUnknown, notScanned } = evidence;
  const used = new Set<Waiver>();
  const isWaived = waiving(rules, used);
  const findings = [...evidence.matched, ...namedInChangelogs(evidence)]
    .map((finding) => ({ ...finding, waived: isWaived.finding(finding) }))
    .toSorted(inOrder);
  const thirdParty = inventory.packages.filter(({ origin }) => origin === 'third-party');
  const found: Judged[] = [
    ...findings.flatMap((finding) => judged(finding, rules.failOn)),
    ...silentUpdates(updates, findings).map((one) => judgedUpdate(one, rules.failOn)),
    ...supportOf(inventory, updates, rules.now),
    ...coverage(evidence),
    ...thirdParty.map((one) => judgedThirdParty(one, isWaived.other('third-party', [one.name, one.source]))),
    ...notScanned.map((one) => judgedNotScanned(one, isWaived.other('not-scanned', [one.path, one.kind]))),
    ...rules.waivers.flatMap((waiver) => judgedWaiver(waiver, used, rules.now)),
  ];
  const judgement: Judgement = {
    check: 'vulnerabilities',
    verdict: verdictOf([...found.map(({ verdict }) => verdict), ...(isCovered(evidence) ? (['holds'] as const) : [])]),
    facts: factsOf(evidence, findings, thirdParty),
    found,
  };
  return {
    subject: inventory.subject,
    system: inventory.system,
    made: rules.now.toISOString(),
    packages: inventory.packages.length,
    feeds,
    updates,
    updatesUnknown,
    findings,
    thirdParty,
    originsKnown: updates !== undefined,
    notScanned,
    judgement,
  };
};

const waiving = ({ waivers, vex, now }: Rules, used: Set<Waiver>) => {
  const valid = (names: readonly string[], packages: readonly string[]): Waiver | undefined => {
    const fitting = waivers.filter((one) => isAbout(one, names, packages));
    for (const one of fitting) used.add(one);
    return fitting.find((one) => !isExpired(one, now));
  };
  return {
    finding: (finding: Finding): Finding['waived'] => {
      if (finding.state === 'not-affected') return undefined;
      const waiver = valid(namesOf(finding), packagesOf(finding));
      if (waiver) return { reason: waiver.reason, until: waiver.until, by: 'waiver' };
      const said = vex.find((one) => isVexAbout(one, finding));
      return said && { reason: said.reason, by: 'vex' };
    },
    other: (id: string, names: readonly string[]): Waiver | undefined => valid([id], names),
  };
};

/** What updates name, as far as no feed has said more of it. */
export const NAMED = 'named in the changelog of the update';

const namedInChangelogs = ({ inventory, updates, matched }: Evidence): Finding[] => {
  const known = new Set(matched.flatMap((one) => namesOf(one).map((name) => `${name} ${one.source}`)));
  return (updates?.changelogs ?? []).flatMap(({ source, cves }) => {
    const newer = (updates?.updates ?? []).filter((one) => one.source === source);
    const names = new Set(newer.map(({ name, architecture }) => `${name} ${architecture}`));
    const packages = inventory.packages.filter(({ name, architecture }) => names.has(`${name} ${architecture}`));
    const [first] = packages;
    if (first === undefined) return [];
    const at = feedSource(first);
    return cves
      .filter((id) => !known.has(`${id} ${at.source}`))
      .map((id): Finding => {
        const fixed = newer[0]?.toSource;
        return {
          id,
          aliases: [],
          source: at.source,
          version: at.version,
          packages,
          state: 'affected',
          isFixable: true,
          fixed,
          severity: NOT_SAID,
          notes: [NAMED],
          feeds: ['changelog'],
        };
      });
  });
};

/** Security updates whose changelog names nothing, and that no feed has told of either. */
const silentUpdates = (updates: KnownUpdates | undefined, findings: readonly Finding[]): Update[] => {
  const told = new Set(
    findings.flatMap(({ state, packages }) => (state === 'affected' ? packages.map(({ name }) => name) : [])),
  );
  return (updates?.updates ?? []).filter(({ isSecurity, name }) => isSecurity && !told.has(name));
};

const judged = (finding: Finding, failOn: FailOn): Judged[] => {
  const verdict = verdictOn(finding, failOn);
  const { id, source, version, state, severity, fixed, isFixable, waived, why } = finding;
  if (state === 'not-affected') return [];
  const level = severity.level ?? 'of unknown severity';
  const fix = fixed === undefined ? (isFixable ? 'a fix is there' : 'no fix yet') : `fixed in ${fixed}`;
  const rule = state === 'unsure' ? 'vulns/unsure' : waived ? 'vulns/waived' : 'vulns/affected';
  const message =
    state === 'unsure'
      ? `${id} in ${source} ${version} cannot be judged: ${why ?? 'the feed does not say'}`
      : `${id} (${level}) in ${source} ${version}: ${fix}${waived ? `; waived: ${waived.reason}` : ''}`;
  const hint =
    verdict === 'holds' ? undefined : isFixable ? 'Build again with `--refresh`: the update is taken.' : UNFIXED;
  return [{ rule, verdict, message, where: source, ...(hint === undefined ? {} : { hint }) }];
};

const UNFIXED =
  'There is no update for it: remove the package, or answer for it with a waiver that has a reason and a day.';

const judgedUpdate = ({ name, from, to, suites }: Update, failOn: FailOn): Judged => ({
  rule: 'vulns/pending-update',
  verdict: failOn.severity === undefined ? 'fails' : 'unjudged',
  message: `${name} ${from} has a security update: ${to} (${suites.join(', ')}); its changelog names no CVE`,
  where: name,
  hint: 'Build again with `--refresh`: the update is taken.',
});

const judgedThirdParty = ({ name, version }: Installed, waiver: Waiver | undefined): Judged => ({
  rule: 'vulns/third-party',
  verdict: waiver ? 'holds' : 'unjudged',
  message: `${name} ${version} is not the vendor's: not judged${waiver ? `; waived: ${waiver.reason}` : ''}`,
  where: name,
  ...(waiver ? {} : { hint: 'Whoever makes it knows; a waiver with the id `third-party` answers for it.' }),
});

const judgedNotScanned = ({ kind, path }: LanguagePackage, waiver: Waiver | undefined): Judged => ({
  rule: 'vulns/not-scanned',
  verdict: waiver ? 'holds' : 'unjudged',
  message: `a ${kind} package that is of no system package: not scanned${waiver ? `; waived: ${waiver.reason}` : ''}`,
  where: path,
  ...(waiver ? {} : { hint: 'A scanner for that language knows; a waiver with the id `not-scanned` answers for it.' }),
});

const judgedWaiver = (waiver: Waiver, used: ReadonlySet<Waiver>, now: Date): Judged[] => {
  const what = `the waiver of ${waiver.id}${waiver.package === undefined ? '' : ` in ${waiver.package}`}`;
  if (isExpired(waiver, now))
    return [
      {
        rule: 'vulns/waiver-expired',
        verdict: 'fails',
        message: `${what} held until ${waiver.until}`,
        hint: 'Look at it again: take it out, or write a new day with a reason.',
      },
    ];
  return used.has(waiver)
    ? []
    : [{ rule: 'vulns/waiver-unused', verdict: 'holds', message: `${what} is about nothing that was found` }];
};

const supportOf = ({ packages }: Inventory, updates: KnownUpdates | undefined, now: Date): Judged[] => {
  const support = updates?.support;
  if (support === undefined) return [];
  const today = now.toISOString().slice(0, 10);
  const sources = new Set(packages.map(({ source }) => source));
  const { name = '', eol, eolLts } = support.release ?? {};
  const last = eolLts ?? eol;
  const release: Judged[] =
    last !== undefined && last < today
      ? [
          {
            rule: 'vulns/support-ended',
            verdict: 'fails',
            message: `the support of ${name} ended on ${last}`,
            hint: 'Build a newer release.',
          },
        ]
      : eol !== undefined && eol < today
        ? [
            {
              rule: 'vulns/support-long-term',
              verdict: 'holds',
              message: `${name} has long-term support alone since ${eol}, until ${last}`,
            },
          ]
        : [];
  return [
    ...release,
    ...support.ended
      .filter(({ source, since }) => sources.has(source) && since <= today)
      .map(
        ({ source, since, url }): Judged => ({
          rule: 'vulns/support-ended',
          verdict: 'fails',
          message: `the security support of ${source} ended on ${since}${url ? ` (${url})` : ''}`,
          where: source,
          hint: 'Remove it, or take it from where it is maintained.',
        }),
      ),
    ...support.limited
      .filter(({ source }) => sources.has(source))
      .map(
        ({ source, note }): Judged => ({
          rule: 'vulns/support-limited',
          verdict: 'holds',
          message: `${source} has limited security support${note === '' ? '' : `: ${note}`}`,
          where: source,
        }),
      ),
  ];
};

const isCovered = ({ feeds, updates }: Evidence): boolean =>
  feeds.some(({ covers, unusable }) => covers && unusable === undefined) || updates !== undefined;

/** An old feed, or none for this system, says nothing: that is not the same as that nothing is wrong. */
const coverage = (evidence: Evidence): Judged[] => {
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
  const unread: Judged[] = (updates?.changelogs ?? []).flatMap(({ source, unread: why }): Judged[] =>
    why === undefined
      ? []
      : [{ rule: 'vulns/changelog-unread', verdict: 'holds', message: `${source}: ${why}`, where: source }],
  );
  return [...stale, ...none, ...empty, ...unknown, ...unread];
};

const FETCH = 'Fetch it again with `ingot vulns fetch` on a host that is connected.';
const MIRROR = 'Name a mirror that can be reached with --mirror, or feeds with --feeds.';

const factsOf = (
  { inventory, feeds, updates, updatesUnknown }: Evidence,
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
    ...(updates === undefined
      ? [`pending updates not looked for${updatesUnknown === undefined ? '' : `: ${updatesUnknown}`}`]
      : [
          `indexes: ${updates.suites.map(({ name, date }) => `${name} of ${date.slice(0, 10)}`).join(', ')}`,
          `${updates.updates.length} pending updates, ${updates.updates.filter(({ isSecurity }) => isSecurity).length} of them for security`,
        ]),
    ...(feeds.length === 0 ? ['no feed: what has no update yet is not known'] : []),
    `${affected.filter(({ isFixable }) => isFixable).length} fixable, ${affected.filter(({ isFixable }) => !isFixable).length} without a fix, ${findings.filter(({ waived }) => waived).length} waived`,
    ...(thirdParty.length > 0 ? [`${thirdParty.length} packages are not the vendor's: not judged`] : []),
    ...(updates === undefined ? ['without an index, packages of your own look like the vendor’s'] : []),
  ];
};

/** Fixable now, no fix yet, then what needs nothing; the worst first. */
const inOrder = (one: Finding, other: Finding): number =>
  placeOf(one) - placeOf(other) ||
  rankOf(other) - rankOf(one) ||
  textOrder(one.source, other.source) ||
  textOrder(one.id, other.id);

const placeOf = ({ state, waived, isFixable }: Finding): number =>
  waived || state === 'not-affected' ? 3 : state === 'unsure' ? 2 : isFixable ? 0 : 1;

const rankOf = ({ severity: { level } }: Finding): number => (level === undefined ? -1 : LEVELS.indexOf(level));
const textOrder = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);
