/** From what was found to a report with a verdict: waivers, age of the feeds, what could not be judged. */
import { type Judged, type Judgement, verdictOf } from '../judgement.ts';
import { coverage, factsOf, isCovered } from './coverage.ts';
import type { Evidence } from './evidence.ts';
import type { Finding } from './finding.ts';
import { judged, judgedNotScanned, judgedOver, judgedThirdParty, judgedUnused, judgedUpdate } from './judged.ts';
import { namedInChangelogs, silentUpdates } from './named-findings.ts';
import type { Report } from './report.ts';
import type { Rules } from './rules.ts';
import { LEVELS } from './severity.ts';
import { supportOf } from './support.ts';
import { withThreat } from './threats.ts';
import { vexOf } from './vex.ts';
import { namesOfRule, waivableFinding, waiving } from './waivers.ts';

export const judgeVulnerabilities = (evidence: Evidence, rules: Rules): Report => {
  const { inventory, feeds, threats, updates, updatesUnknown, notScanned } = evidence;
  const waivers = waiving(rules.waivers, rules.now);
  const waivedBy = (finding: Finding): Finding['waived'] => {
    if (finding.state === 'not-affected') return undefined;
    const waiver = waivers.of(waivableFinding(finding));
    if (waiver) return { reason: waiver.reason, until: waiver.until, by: 'waiver' };
    const said = vexOf(finding, rules.vex, inventory.system);
    return said && { reason: said.reason, by: 'vex' };
  };
  const waiverOf = (rule: string, places: readonly string[]) => waivers.of({ rules: namesOfRule(rule), places });
  const findings = [...evidence.matched, ...namedInChangelogs(evidence)]
    .map((finding) => withThreat({ ...finding, waived: waivedBy(finding) }, evidence.threats))
    .toSorted(inOrder);
  const thirdParty = inventory.packages.filter(({ origin }) => origin === 'third-party');
  const found: Judged[] = [
    ...findings.flatMap((finding) => judged(finding, rules.failOn)),
    ...silentUpdates(evidence, findings).map((one) => judgedUpdate(one, rules.failOn)),
    ...supportOf(inventory, updates, rules.now),
    ...coverage(evidence, rules, findings),
    ...thirdParty.map((one) => judgedThirdParty(one, waiverOf('third-party', [one.name, one.source]))),
    ...notScanned.map((one) => judgedNotScanned(one, waiverOf('not-scanned', [one.path, one.kind]))),
    ...waivers.over().map(judgedOver),
    ...waivers.unused().map(judgedUnused),
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
    feeds: [...feeds, ...threats.map(({ facts }) => facts)],
    updates,
    updatesUnknown,
    findings,
    thirdParty,
    originsKnown: updates !== undefined,
    notScanned,
    judgement,
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
