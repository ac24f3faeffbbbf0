/** What statements in a finished folder say of its images, for a policy that asks: tests that have run, what was seen to leave. */
import { basename } from 'node:path';
import { bodyOf, findAttestations } from '../../attest/found-attestations.ts';
import { statedTests } from '../../attest/results-check.ts';
import { readStatement } from '../../attest/statement.ts';
import type { VerifyContext } from '../../attest/verify-context.ts';
import { seenFound } from '../../egress/judge.ts';
import { readEgressPredicate } from '../../egress/stated.ts';
import { kindOf, type PredicateKind } from '../../formats/reports/predicates.ts';
import { type Judged, type Judgement, verdictOf } from '../../judgement.ts';
import type { OtherChecks } from '../../policy/policy-facts.ts';
import type { Policy } from '../../policy/policy-schema.ts';

interface Stated {
  /** The file. */
  readonly where: string;
  readonly predicate: unknown;
}

/** By the image's digest: a statement about another one says nothing of it. */
const statedOf = async (context: VerifyContext, kind: PredicateKind, sha256: string): Promise<Stated[]> =>
  (await findAttestations(context)).flatMap((one) => {
    const body = bodyOf(one);
    const statement = body && readStatement(body);
    const isIt = statement && kindOf(statement.predicateType) === kind;
    return isIt && statement.subject.some(({ digest }) => digest.sha256 === sha256)
      ? [{ where: one.names.statement, predicate: statement.predicate }]
      : [];
  });

/** Results that lie there as statements alone; undefined where there are none. */
export const testsStated = async (context: VerifyContext, sha256: string): Promise<OtherChecks['tests']> => {
  const all = (await statedOf(context, 'tests', sha256)).flatMap(({ predicate }) => statedTests(predicate) ?? []);
  return all.length === 0 ? undefined : all;
};

/** All flows that were seen to leave the images, by whoever states it, against what the policy allows. */
export const checkStatedEgress = async (
  { allow }: NonNullable<Policy['egress']>,
  context: VerifyContext,
): Promise<Judgement> => {
  const found: Judged[] = [];
  const facts: string[] = [];
  for (const image of context.images.map((path) => basename(path))) {
    const stated = await statedOf(context, 'egress', (await context.digest(image)) ?? '');
    if (stated.length === 0) found.push(unknown(`nothing states what ${image} was seen to send`, image));
    for (const { where, predicate } of stated) {
      const read = readEgressPredicate(predicate);
      if (read === undefined) {
        found.push(unknown(`${where} cannot be read`, where));
        continue;
      }
      facts.push(`${where}: ${read.seen?.flows.length ?? 'no'} flows of ${image}, seen ${read.createdOn}`);
      found.push(...seenFound(read.seen, allow).map((one) => ({ ...one, where: one.where ?? where })));
    }
  }
  const verdicts = found.map(({ verdict }) => verdict);
  return {
    check: 'egress',
    verdict: context.images.length === 0 ? 'unjudged' : verdictOf([...verdicts, 'holds']),
    facts,
    found,
  };
};

const unknown = (message: string, where: string): Judged => ({
  rule: 'egress/not-stated',
  verdict: 'unjudged',
  message,
  where,
  hint: 'Look, and state it: ingot egress IMAGE --observe --predicate FILE, then ingot attest FOLDER --predicate FILE --name egress.',
});
