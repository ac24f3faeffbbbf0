/**
 * `ingot verify` as data: one plain list of checks, in the order in which they are told. Each is a function of its own
 * and judges by itself; one that cannot run is not judged, and never reads as a pass.
 */
import { checkSignatures } from './attest/signatures-check.ts';
import { checkStatements } from './attest/statements-check.ts';
import { checkSums } from './attest/sums-check.ts';
import type { VerifyContext } from './attest/verify-context.ts';
import { IngotError, messageOf, throwIfInterrupted } from './errors.ts';
import { type Judgement, type Verdict, verdictOf } from './judgement.ts';

export interface Check {
  readonly name: string;
  readonly run: (context: VerifyContext) => Promise<Judgement>;
}

export const CHECKS: readonly Check[] = [
  { name: 'sums', run: checkSums },
  { name: 'signatures', run: checkSignatures },
  { name: 'statements', run: checkStatements },
];

export interface Verified {
  readonly verdict: Verdict;
  readonly checks: readonly Judgement[];
}

export const verify = async (context: VerifyContext, checks: readonly Check[] = CHECKS): Promise<Verified> => {
  const judgements: Judgement[] = [];
  for (const check of checks) judgements.push(await judged(check, context));
  return { verdict: verdictOf(judgements.map(({ verdict }) => verdict)), checks: judgements };
};

const judged = async ({ name, run }: Check, context: VerifyContext): Promise<Judgement> => {
  try {
    return await run(context);
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
