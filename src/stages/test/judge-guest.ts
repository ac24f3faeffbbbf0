/** What is judged in a booted guest: the facts of one round, what has to run for itself, and the facts again after a restart. */
import { DOOR_SERVICE } from '../../access/access.ts';
import { bootOutcomes } from '../../checks/boot.ts';
import type { Facts } from '../../checks/facts.ts';
import type { Guest, Planned } from '../../checks/planned.ts';
import { resultOf, type TestResult } from '../../checks/report/report.ts';
import type { Session } from '../../guest/session.ts';
import { restart } from '../../guest/steps/reboot.ts';
import type { Reporter } from '../../report.ts';
import { askGuest, guestOf, waitForEnd } from './guest-facts.ts';
import type { RunOfMachine, TestInput } from './test-work.ts';

interface JudgeContext {
  readonly input: TestInput;
  readonly factor: number;
  /** Of this machine, in the run folder. */
  readonly folder: string;
  /** Bytes of the disk, where it is larger than the image. */
  readonly larger: number | undefined;
  /** For a boot to come to its end, milliseconds. */
  readonly limit: number;
  readonly reporter: Reporter;
  /** What is judged before checks make the guest do anything. */
  readonly afterBoot: () => Promise<readonly TestResult[]>;
}

interface JudgedGuest {
  readonly facts: Facts;
  readonly results: readonly TestResult[];
}

export const judgeGuest = async (run: RunOfMachine, session: Session, context: JudgeContext): Promise<JudgedGuest> => {
  const { input, factor, reporter } = context;
  const { planned, reboot } = input.tests;
  const booted = await judgeFacts(run, session, context, '');
  const first = { ...booted, results: [...booted.results, ...(await context.afterBoot())] };
  // A further clone boots only to be compared.
  if (run.isFurther) return first;
  const ran: TestResult[] = [];
  for (const one of planned) {
    if (!one.run) continue;
    reporter.phase(`${run.name}: ${one.name}`);
    ran.push(...(await runOne(run.name, one, one.run, guestOf(session, context))));
  }
  if (reboot === undefined) return { ...first, results: [...first.results, ...ran] };
  reporter.phase(`${run.name}: restart`);
  await restart(session, reboot * factor);
  const second = await judgeFacts(run, session, context, ' after a restart');
  return { facts: first.facts, results: [...first.results, ...ran, ...second.results] };
};

const judgeFacts = async (
  { name }: RunOfMachine,
  session: Session,
  { input, factor, larger, limit, reporter }: JudgeContext,
  suffix: string,
): Promise<JudgedGuest> => {
  const { tests, planned } = input.tests;
  await waitForEnd(session, limit);
  reporter.phase(`${name}: facts${suffix}`);
  const facts = await askGuest(
    session,
    [...planned.map(({ asks }) => asks), { longest: tests.boot.within !== undefined }],
    factor,
  );
  const boot = bootOutcomes(tests.boot, facts, { factor, ours: [DOOR_SERVICE], disk: larger, suffix });
  const inside = planned.flatMap(({ rule, name: own, inside: judge }) =>
    judge ? [resultOf(name, { rule, name: `${own}${suffix}` }, judge(facts))] : [],
  );
  return { facts, results: [...boot.map((one) => resultOf(name, one, one)), ...inside] };
};

const runOne = async (
  on: string,
  { rule, name }: Planned,
  judge: NonNullable<Planned['run']>,
  guest: Guest,
): Promise<TestResult[]> => {
  const began = performance.now();
  const outcome = await judge(guest);
  const took = performance.now() - began;
  if ('verdict' in outcome) return [resultOf(on, { rule, name }, outcome, took)];
  return outcome.map((point) => resultOf(on, { rule, name: `${name}: ${point.name}` }, point));
};
