/** All results of a test of an image: the shape of `tests.json`, which docs/testing-images.md states. */
import { type Judged, type Judgement, type Verdict, verdictOf } from '../../judgement.ts';
import type { Outcome } from '../planned.ts';

/** Raised when a field is taken away or means something else; new ones may come at any time. */
export const REPORT_VERSION = 1;

export interface TestResult extends Judged {
  /** Stable, and in the report once: `default: service ssh is running`. */
  readonly name: string;
  /** Where it was judged: `image` (the captured disk), `clones`, or the name of a machine. */
  readonly on: string;
  readonly found?: string | undefined;
  readonly wanted?: string | undefined;
  /** Milliseconds, of what ran for it alone. */
  readonly duration?: number | undefined;
}

/** What left a machine on the sink network, to one place in one part of the test. */
export interface SentFlow {
  /** Milliseconds after power-on, of the first frame and of the last one. */
  readonly at: number;
  readonly until: number;
  readonly protocol: string;
  /** A name where one is known, with the port. */
  readonly to: string;
  readonly bytes: number;
  /** `boot`, until it is judged; then `checks`, which may make it send. */
  readonly during: string;
  /** An entry of the catalogue of what is known to send. */
  readonly by?: string;
}

export interface TestedMachine {
  readonly name: string;
  readonly firmware: string;
  readonly bus: string;
  readonly network: string;
  readonly accelerator: 'kvm' | 'tcg';
  /** Milliseconds from the kernel's start to the end of its boot. */
  readonly bootTime?: number | undefined;
  /** Of a machine with `network: sink`. */
  readonly sent?: readonly SentFlow[] | undefined;
  /** Milliseconds from power-on until the guest was judged. */
  readonly duration: number;
}

export interface TestReport {
  readonly version: typeof REPORT_VERSION;
  readonly image: { readonly file: string; readonly sha256?: string };
  /** SHA-256 of the tests and of all files that they name. */
  readonly tests: string;
  /** disk: only what can be read from it was asked for, and nothing was booted. */
  readonly scope: 'all' | 'disk';
  readonly verdict: Verdict;
  readonly machines: readonly TestedMachine[];
  readonly results: readonly TestResult[];
}

export const resultOf = (
  on: string,
  { rule, name }: { readonly rule: string; readonly name: string },
  { verdict, message, found, wanted, hint, where }: Outcome,
  duration?: number,
): TestResult => ({
  name: `${on}: ${name}`,
  rule,
  on,
  verdict,
  message,
  ...(found === undefined ? {} : { found }),
  ...(wanted === undefined ? {} : { wanted }),
  ...(where === undefined ? {} : { where }),
  ...(hint === undefined ? {} : { hint }),
  ...(duration === undefined ? {} : { duration: Math.round(duration) }),
});

export const verdictOfResults = (results: readonly TestResult[]): Verdict =>
  verdictOf(results.map(({ verdict }) => verdict));

/** How many there are of each: `41 hold, 2 fail, 1 was not judged`. */
export const countsOf = (results: readonly Pick<TestResult, 'verdict'>[]): string => {
  const count = (verdict: Verdict) => results.filter((one) => one.verdict === verdict).length;
  const [holding, failing, open] = [count('holds'), count('fails'), count('unjudged')];
  return [
    `${holding} ${holding === 1 ? 'holds' : 'hold'}`,
    ...(failing === 0 ? [] : [`${failing} ${failing === 1 ? 'fails' : 'fail'}`]),
    ...(open === 0 ? [] : [`${open} ${open === 1 ? 'was' : 'were'} not judged`]),
  ].join(', ');
};

/** In the common form of all checks. */
export const judgementOf = ({ verdict, machines, results }: TestReport): Judgement => ({
  check: 'tests',
  verdict,
  facts: [countsOf(results), ...machines.map(({ name, firmware, bus }) => `booted: ${name} (${firmware}, ${bus})`)],
  found: results
    .filter((one) => one.verdict !== 'holds')
    .map(({ rule, verdict: how, message, where, hint }) => ({ rule, verdict: how, message, where, hint })),
});
