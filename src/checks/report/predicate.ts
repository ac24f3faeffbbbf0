/** Results as the predicate of an in-toto attestation (test-result, v0.1): names of what passed, warned and failed. */
import type { TestReport } from './report.ts';

export interface TestResultPredicate {
  readonly result: 'PASSED' | 'WARNED' | 'FAILED';
  readonly configuration: readonly { readonly name: string; readonly digest: { readonly sha256: string } }[];
  readonly passedTests: readonly string[];
  /** What was not judged: it is no pass. */
  readonly warnedTests: readonly string[];
  readonly failedTests: readonly string[];
}

const RESULTS = { holds: 'PASSED', unjudged: 'WARNED', fails: 'FAILED' } as const;

export const testResultPredicate = ({ verdict, tests, results }: TestReport): TestResultPredicate => {
  const names = (wanted: TestReport['verdict']) =>
    results.filter((one) => one.verdict === wanted).map(({ name }) => name);
  return {
    result: RESULTS[verdict],
    configuration: [{ name: 'tests', digest: { sha256: tests } }],
    passedTests: names('holds'),
    warnedTests: names('unjudged'),
    failedTests: names('fails'),
  };
};
