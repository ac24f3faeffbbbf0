/**
 * `ingot verify` as data: one plain list of checks, in the order in which they are told. Each is a function of its own
 * and judges by itself; one that cannot run is not judged, and never reads as a pass.
 */
import { basename } from 'node:path';
import { checkSignatures } from './attest/signatures-check.ts';
import { checkStatements } from './attest/statements-check.ts';
import { checkSums } from './attest/sums-check.ts';
import type { VerifyContext } from './attest/verify-context.ts';
import { IngotError, messageOf, throwIfInterrupted } from './errors.ts';
import { type Judgement, type Verdict, verdictOf } from './judgement.ts';
import { asksOfImages } from './policy/judge-policy.ts';
import type { ReadPolicy } from './policy/read-policy.ts';
import { judgeImage, madeOf, testsOf } from './stages/policy/judge-image.ts';
import { checkStatedEgress, testsStated } from './stages/policy/stated.ts';
import { checkFiles, type FilesEvidence, hasFilesEvidence } from './stages/trust/check-files.ts';

export interface Check {
  readonly name: string;
  /** `before`: what the checks before it have said. */
  readonly run: (context: VerifyContext, before: readonly Judgement[]) => Promise<Judgement>;
}

export const CHECKS: readonly Check[] = [
  { name: 'sums', run: checkSums },
  { name: 'signatures', run: checkSignatures },
  { name: 'statements', run: checkStatements },
];

/** With those that need evidence, and at the end what a policy asks of the images, where it asks anything of them. */
export const checksWith = (
  policy: ReadPolicy | undefined,
  { more = [], feeds }: { readonly more?: readonly Check[]; readonly feeds?: string | undefined } = {},
): readonly Check[] => {
  const checks = [...CHECKS, ...more];
  if (policy === undefined) return checks;
  const { egress } = policy.policy;
  if (egress !== undefined) checks.push({ name: 'egress', run: (context) => checkStatedEgress(egress, context) });
  if (!asksOfImages(policy.policy)) return checks;
  const run: Check['run'] = (context, before) => checkPolicy(policy, { context, before, feeds });
  return [...checks, { name: `policy ${policy.name}`, run }];
};

interface PolicyCheck {
  readonly context: VerifyContext;
  readonly before: readonly Judgement[];
  /** A folder with feeds of vulnerabilities. No mirror is asked here. */
  readonly feeds: string | undefined;
}

/** Each image that lies there is judged; nothing to judge is no pass. */
const checkPolicy = async (policy: ReadPolicy, { context, before, feeds }: PolicyCheck): Promise<Judgement> => {
  const { images, digest } = context;
  const sources = { feeds, updates: undefined };
  const trust = before.find(({ check }) => check === 'trust');
  const signal = context.signal ?? new AbortController().signal;
  const judged: Judgement[] = [];
  for (const image of images) {
    const sha256 = (await digest(basename(image))) ?? '';
    const [made, tests] = [
      await madeOf(image, sha256),
      (await testsOf(image, sha256)) ?? (await testsStated(context, sha256)),
    ];
    judged.push(
      ...(await judgeImage(image, {
        policies: [policy],
        made,
        others: { trust, tests },
        sources,
        now: new Date(),
        signal,
      })),
    );
  }
  return {
    check: `policy ${policy.name}`,
    verdict: verdictOf(judged.map(({ verdict }) => verdict)),
    facts: [`judged: ${images.map((image) => basename(image)).join(', ') || 'no image'}`],
    found: judged.flatMap(({ found }) => found),
  };
};

/** The files of the image, where there is something that they can be held against. */
export const filesCheck = (context: VerifyContext, evidence: FilesEvidence): readonly Check[] =>
  hasFilesEvidence(context, evidence) ? [{ name: 'trust', run: (asked) => checkFiles(asked, evidence) }] : [];

export interface Verified {
  readonly verdict: Verdict;
  readonly checks: readonly Judgement[];
}

export const verify = async (context: VerifyContext, checks: readonly Check[] = CHECKS): Promise<Verified> => {
  const judgements: Judgement[] = [];
  for (const check of checks) judgements.push(await judged(check, context, judgements));
  return { verdict: verdictOf(judgements.map(({ verdict }) => verdict)), checks: judgements };
};

const judged = async (
  { name, run }: Check,
  context: VerifyContext,
  before: readonly Judgement[],
): Promise<Judgement> => {
  try {
    return await run(context, before);
  } catch (error) {
    throwIfInterrupted(context.signal);
    const { where, hint } = error instanceof IngotError ? error : {};
    const message = `the check could not be made: ${messageOf(error)}`;
    return {
      check: name,
      verdict: 'unjudged',
      facts: [],
      found: [{ rule: `${name}/not-run`, verdict: 'unjudged', message, where, hint }],
    };
  }
};
