/**
 * Statements of what was found out about an image: its tests, its vulnerabilities, what it sends. Whether one says all that its kind
 * has to, and whether what it says speaks against the image.
 */
import { z } from 'zod';
import type { PredicateKind } from '../formats/reports/predicates.ts';
import type { Judged, Verdict } from '../judgement.ts';

const names = z.array(z.string()).default([]);

const tests = z.looseObject({
  result: z.enum(['PASSED', 'WARNED', 'FAILED']),
  configuration: z.array(z.looseObject({})),
  passedTests: names,
  warnedTests: names,
  failedTests: names,
});

const vulnerabilities = z.looseObject({
  scanner: z.looseObject({
    uri: z.string().min(1),
    db: z.looseObject({ lastUpdate: z.string().optional() }).optional(),
    result: z.array(
      z.looseObject({
        id: z.string().min(1),
        severity: z.array(z.looseObject({ method: z.string(), score: z.string() })),
      }),
    ),
  }),
  metadata: z.looseObject({ scanStartedOn: z.string(), scanFinishedOn: z.string() }),
});

const egress = z.looseObject({
  createdOn: z.string(),
  installed: z.array(z.looseObject({ id: z.string() })),
  observed: z.looseObject({ flows: z.array(z.looseObject({})) }).nullable(),
  judgement: z.looseObject({ verdict: z.enum(['holds', 'fails', 'unjudged']) }).nullable(),
});

/** What the statement says in one line, and what it says of the image; `holds` where it says nothing against it. */
interface Stated {
  readonly fact: string;
  readonly verdict: Verdict;
  /** Why, where it does not hold. */
  readonly why?: string;
}

const testsStated = ({ result, passedTests, warnedTests, failedTests }: z.output<typeof tests>): Stated => {
  const fact = `${result}: ${passedTests.length} tests passed, ${warnedTests.length} not judged, ${failedTests.length} failed`;
  if (result === 'FAILED' || failedTests.length > 0)
    return { fact, verdict: 'fails', why: `tests failed: ${failedTests.join(', ') || 'it does not say which'}` };
  if (result === 'WARNED' || warnedTests.length > 0)
    return { fact, verdict: 'unjudged', why: `tests were not judged: ${warnedTests.join(', ')}` };
  return { fact, verdict: 'holds' };
};

/** How many there may be is for a policy, which judges with what is known today. */
const vulnerabilitiesStated = ({ scanner: { result, db } }: z.output<typeof vulnerabilities>): Stated => ({
  fact: `${result.length} known vulnerabilities, as of ${db?.lastUpdate ?? 'a day that it does not name'}`,
  verdict: 'holds',
});

const egressStated = ({ observed, judgement, createdOn }: z.output<typeof egress>): Stated => {
  const fact = `${observed === null ? 'read from the disk alone' : `${observed.flows.length} flows seen`}, ${createdOn}`;
  if (judgement === null || judgement.verdict === 'holds') return { fact, verdict: 'holds' };
  const why =
    judgement.verdict === 'fails' ? 'it sends what it may not' : 'what it sends could not be judged as a whole';
  return { fact, verdict: judgement.verdict, why };
};

type Read = { readonly stated: Stated } | { readonly fault: string };

/** Undefined for a kind that is judged elsewhere. */
const readResult = (kind: PredicateKind, predicate: unknown): Read | undefined => {
  switch (kind) {
    case 'tests':
      return readAs(tests, predicate, testsStated);
    case 'vulnerabilities':
      return readAs(vulnerabilities, predicate, vulnerabilitiesStated);
    case 'egress':
      return readAs(egress, predicate, egressStated);
    default:
      return undefined;
  }
};

const readAs = <T>(schema: z.ZodType<T>, predicate: unknown, stated: (found: T) => Stated): Read => {
  const { success, data, error } = schema.safeParse(predicate);
  return success ? { stated: stated(data) } : { fault: z.prettifyError(error).replaceAll('\n', ' ').slice(0, 300) };
};

/** Each test that a statement names, and how it came out; undefined for what is no such predicate. */
export const statedTests = (
  predicate: unknown,
): readonly { readonly name: string; readonly verdict: Verdict }[] | undefined => {
  const { data } = tests.safeParse(predicate);
  const named = (all: readonly string[], verdict: Verdict) => all.map((name) => ({ name, verdict }));
  return (
    data && [
      ...named(data.passedTests, 'holds'),
      ...named(data.warnedTests, 'unjudged'),
      ...named(data.failedTests, 'fails'),
    ]
  );
};

/** What is not of the form of its kind; undefined where nothing is wrong. */
export const predicateFault = (kind: PredicateKind, predicate: unknown): string | undefined => {
  const read = readResult(kind, predicate);
  return read !== undefined && 'fault' in read ? read.fault : undefined;
};

export const judgeResult = (
  kind: PredicateKind,
  predicate: unknown,
  where: string,
): { readonly facts: readonly string[]; readonly wrong: readonly Judged[] } => {
  const read = readResult(kind, predicate);
  if (read === undefined) return { facts: [], wrong: [] };
  const judged = (rule: string, verdict: Verdict, message: string, hint: string): Judged => ({
    rule: `statements/${rule}`,
    verdict,
    message,
    where,
    hint,
  });
  if ('fault' in read)
    return {
      facts: [],
      wrong: [
        judged(
          'incomplete',
          'fails',
          `${where} lacks what a statement of the kind ${kind} has to have: ${read.fault}`,
          'Ask who published it for another one: `ingot attest` refuses such a predicate.',
        ),
      ],
    };
  const { fact, verdict, why } = read.stated;
  if (verdict === 'holds') return { facts: [fact], wrong: [] };
  const rule = verdict === 'fails' ? `${kind}-fail` : `${kind}-unjudged`;
  return {
    facts: [fact],
    wrong: [
      judged(rule, verdict, `${where} says so itself: ${why}`, 'Do not use the image, or mend it and look again.'),
    ],
  };
};
