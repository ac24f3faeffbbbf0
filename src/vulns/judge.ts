/** From what was found to a report with a verdict: waivers, age of the feeds, what could not be judged. */
import { type Judged, type Judgement, verdictOf } from '../judgement.ts';
import { coverage, factsOf, isCovered } from './coverage.ts';
import type { Evidence } from './evidence.ts';
import type { FailOn } from './fail-on.ts';
import type { Finding } from './finding.ts';
import { judged, judgedNotScanned, judgedThirdParty, judgedUpdate, judgedWaiver } from './judged.ts';
import { namedInChangelogs, silentUpdates } from './named-findings.ts';
import type { Report } from './report.ts';
import { LEVELS } from './severity.ts';
import { supportOf } from './support.ts';
import { isAbout, isExpired, isVexAbout, namesOf, packagesOf, type VexWaiver, type Waiver } from './waivers.ts';

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
