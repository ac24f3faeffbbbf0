/** An image against a policy: each part that the policy has, then its waivers. */
import { type Judgement, verdictOf } from '../judgement.ts';
import type { Waiver } from '../waivers.ts';
import type { Findings, PolicyFacts } from './policy-facts.ts';
import type { Policy } from './policy-schema.ts';
import { judgeAccounts } from './rules/accounts.ts';
import { judgeFiles } from './rules/files.ts';
import { judgeAge, judgeOrigin, judgeSize } from './rules/image.ts';
import { judgeTests, judgeTrust } from './rules/other-checks.ts';
import { judgePackages } from './rules/packages.ts';
import { judgePrivileged } from './rules/privileged.ts';
import { judgeSettings } from './rules/settings.ts';
import { judgeStarts } from './rules/starts.ts';
import { judgeTelemetry } from './rules/telemetry.ts';
import { judgeUnits } from './rules/units.ts';
import { judgeVulnerabilities, knownBy } from './rules/vulnerabilities.ts';
import { waived } from './waivers.ts';

/** Signatures are over a finished folder, and what leaves an image is seen when it runs: who judges them. */
const ELSEWHERE = { signatures: 'ingot verify', egress: 'ingot egress --observe' } as const;

type Part = Exclude<keyof Policy, 'waivers' | keyof typeof ELSEWHERE>;

/** One judge for each part: a part without one is a type error. */
const JUDGES: {
  readonly [part in Part]: (
    wanted: NonNullable<Policy[part]>,
    facts: PolicyFacts,
    waivers: readonly Waiver[],
  ) => Findings | Promise<Findings>;
} = {
  packages: judgePackages,
  units: judgeUnits,
  starts: judgeStarts,
  privileged: judgePrivileged,
  accounts: judgeAccounts,
  files: judgeFiles,
  settings: judgeSettings,
  size: judgeSize,
  age: judgeAge,
  origin: judgeOrigin,
  trust: judgeTrust,
  tests: judgeTests,
  telemetry: judgeTelemetry,
  vulnerabilities: (wanted, { others, now }, waivers) =>
    judgeVulnerabilities(wanted, others.vulnerabilities, { waivers, now }),
};

const PARTS = Object.keys(JUDGES).filter((name): name is Part => name in JUDGES);

export const asksOfImages = (policy: Policy): boolean => PARTS.some((part) => policy[part] !== undefined);

export const judgePolicy = async (policy: Policy, facts: PolicyFacts): Promise<Judgement> => {
  const parts = PARTS.filter((part) => policy[part] !== undefined);
  const found = (await Promise.all(parts.map((part) => judgePart(part, policy, facts)))).flat();
  const judged = waived(found, policy.waivers ?? [], facts.now);
  return {
    check: 'policy',
    verdict: judged.length === 0 && parts.length > 0 ? 'holds' : verdictOf(judged.map(({ verdict }) => verdict)),
    facts: [
      `judged: ${parts.join(', ') || 'nothing, since the policy asks for nothing'}`,
      ...(['signatures', 'egress'] as const)
        .filter((part) => policy[part] !== undefined)
        .map((part) => `not judged here: ${part} (${ELSEWHERE[part]})`),
      ...(policy.vulnerabilities === undefined ? [] : knownBy(facts.others.vulnerabilities)),
    ],
    found: judged,
  };
};

const judgePart = async <P extends Part>(part: P, policy: Policy, facts: PolicyFacts): Promise<Findings> => {
  const wanted = policy[part];
  return wanted === undefined ? [] : JUDGES[part](wanted, facts, policy.waivers ?? []);
};
