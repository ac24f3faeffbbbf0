/**
 * What a check of the recipe comes to: one or more assertions, each with a name of its own, and where it can be judged. From
 * the captured disk nothing has to run; from facts of a booted machine all are judged at once; the rest has to run something.
 */
import type { Readable } from 'node:stream';
import type { Verdict } from '../judgement.ts';
import type { Facts } from './facts.ts';
import type { Outside } from './outside.ts';

/** How an assertion came out. */
export interface Outcome {
  readonly verdict: Verdict;
  /** One sentence, with the values concerned. */
  readonly message: string;
  readonly found?: string | undefined;
  readonly wanted?: string | undefined;
  readonly hint?: string | undefined;
  /** A path, a unit, an account. */
  readonly where?: string | undefined;
}

/** One of several that came out of one assertion: the lines of a suite. */
export interface NamedOutcome extends Outcome {
  readonly name: string;
}

/** What the guest is asked besides what it always tells. */
export interface Asks {
  readonly units?: readonly string[];
  readonly sysctls?: readonly string[];
  readonly files?: readonly string[];
  /** What took longest of the boot. */
  readonly longest?: boolean;
}

export interface GuestAnswer {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

/** A guest that runs something for a check. */
export interface Guest {
  /** A shell command line; `within` in milliseconds as with KVM. Undefined when it took longer. */
  run(
    command: string,
    options: { readonly within: number; readonly stdin?: string | Readable },
  ): Promise<GuestAnswer | undefined>;
  /** Evidence for the run folder, by the name of its file. */
  keep(name: string, content: Uint8Array): Promise<void>;
}

export interface Planned {
  /** Stable name of the kind: `tests/package`. */
  readonly rule: string;
  /** `package openssh-server`; with the machine's name before it, it is the name of the result. */
  readonly name: string;
  readonly asks?: Asks;
  readonly outside?: (image: Outside) => Promise<Outcome> | Outcome;
  readonly inside?: (facts: Facts) => Outcome;
  readonly run?: (guest: Guest) => Promise<Outcome | readonly NamedOutcome[]>;
}

export const holds = (message: string, more: Omit<Outcome, 'verdict' | 'message'> = {}): Outcome => ({
  verdict: 'holds',
  message,
  ...more,
});
export const fails = (message: string, more: Omit<Outcome, 'verdict' | 'message'> = {}): Outcome => ({
  verdict: 'fails',
  message,
  ...more,
});
export const unjudged = (message: string, more: Omit<Outcome, 'verdict' | 'message'> = {}): Outcome => ({
  verdict: 'unjudged',
  message,
  ...more,
});

/** One value that has to be what is wanted. */
export interface Compared {
  readonly what: string;
  readonly wanted: string;
  readonly found: string;
  /** Undefined where it cannot be told. */
  readonly isRight: boolean | undefined;
  /** What is said when it is wrong or not told, where the two values do not say it. */
  readonly wrong?: string;
}

export const compared = (what: string, wanted: string | number, found: string | number | undefined): Compared => ({
  what,
  wanted: String(wanted),
  found: found === undefined ? 'none' : String(found),
  isRight: found !== undefined && String(found) === String(wanted),
});

/** Something that has to be there: a text in an output, an option. */
export const present = (what: string, isRight: boolean): Compared => ({
  what,
  wanted: 'there',
  found: isRight ? 'there' : 'missing',
  isRight,
  wrong: `${what} is missing`,
});

/** All of them together: what is wrong is told, else what cannot be told, and where nothing is, what was right. */
export const outcomeOf = (subject: string, values: readonly Compared[], more: Pick<Outcome, 'where' | 'hint'> = {}) => {
  const wrong = values.filter(({ isRight }) => isRight === false);
  const unknown = values.filter(({ isRight }) => isRight === undefined);
  const told = (list: readonly Compared[], side: 'wanted' | 'found') =>
    list.map((one) => `${one.what} ${one[side]}`).join(', ');
  if (wrong.length === 0 && unknown.length > 0)
    return unjudged(`${subject}: ${unknown.map((one) => one.wrong ?? `${one.what} is not known`).join('; ')}`, more);
  if (wrong.length === 0) return holds([subject, told(values, 'found')].filter((part) => part !== '').join(': '), more);
  const message = `${subject}: ${wrong.map((one) => one.wrong ?? `${one.what} is ${one.found}, not ${one.wanted}`).join('; ')}`;
  return fails(message, { wanted: told(wrong, 'wanted'), found: told(wrong, 'found'), ...more });
};
