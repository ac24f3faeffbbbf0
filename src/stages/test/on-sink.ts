/**
 * A machine of the tests on a network that takes everything and lets nothing out: what has left it once its boot has come to its end and
 * it was left alone for a while. What checks make it do comes later, and does not count.
 */
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Outcome, unjudged } from '../../checks/planned.ts';
import { resultOf, type SentFlow, type TestResult } from '../../checks/report/report.ts';
import { installedEntries } from '../../egress/installed.ts';
import { seenFound } from '../../egress/judge.ts';
import { type Known, mirrorsOf, type NamedFlow, nameFlows, namesOf } from '../../egress/name-flows.ts';
import { attachSink } from '../../egress/observe/attach.ts';
import { createSink, type Sink } from '../../egress/sink.ts';
import { IngotError, interrupted, OUR_FAULT } from '../../errors.ts';
import type { Subject } from '../../inspect/subject.ts';
import { verdictOf } from '../../judgement.ts';
import type { Machine } from '../../machine/machine.ts';
import type { EgressTests, Tests } from '../../recipe/schema/tests-schema.ts';

/** By which flows are called what they are. */
export const knownOf = async (subject: Subject): Promise<Known> => ({
  installed: await installedEntries(subject),
  mirrors: mirrorsOf(subject.database?.sources.flatMap(({ uris }) => uris) ?? []),
});

export interface OnSink extends AsyncDisposable {
  /** Waits, and judges what has left it until then. */
  judge(): Promise<readonly TestResult[]>;
  /** All that has left it, judged or not. */
  sent(): readonly SentFlow[];
}

interface SinkContext {
  readonly name: string;
  /** Undefined: what leaves it is told, and not judged. */
  readonly wanted: EgressTests | undefined;
  readonly known: Known;
  /** Of the run: the frames go there as well. */
  readonly folder: string;
  /** How much slower than with KVM it is. */
  readonly factor: number;
  readonly signal: AbortSignal;
}

/** The network of a machine that has just been started. */
export const putOnSink = ({ frames }: Pick<Machine, 'frames'>, context: SinkContext): OnSink => {
  if (frames === undefined)
    throw new IngotError('machine.no-port', 'QEMU has no network for the sink', { hint: OUR_FAULT });
  const { name, wanted, known, folder, factor, signal } = context;
  const started = performance.now();
  const sink = createSink({ mode: 'sink', now: () => performance.now() - started, time: Date.now });
  const attached = attachSink(frames, sink, join(folder, 'network.pcap'));
  const flows = () => nameFlows(sink.flows(), known);
  return {
    async judge() {
      if (wanted === undefined) return [];
      await delay(wanted.watch * factor, undefined, { signal }).catch((cause: unknown) => {
        throw interrupted(signal.reason ?? cause);
      });
      const results = [resultOf(name, EGRESS, outcomeOf(sink, flows(), wanted))];
      sink.phase('checks');
      return results;
    },
    sent: () => flows().map(sentOf),
    [Symbol.asyncDispose]: () => attached[Symbol.asyncDispose](),
  };
};

const EGRESS = { rule: 'tests/egress', name: 'what leaves it' };

/** Where nobody has seen all of it. */
export const notSeen = (name: string, why: string): TestResult => resultOf(name, EGRESS, unjudged(why));

/** What is asked of the network of machines that do not boot: those on the sink network, or none that was chosen. */
export const neverSeen = ({ egress, machines }: Pick<Tests, 'egress' | 'machines'>, why: string): TestResult[] => {
  if (egress === undefined) return [];
  const there = machines.filter(({ network }) => network === 'sink');
  return there.length === 0
    ? [notSeen('machines', 'none of the machines is on the sink network')]
    : there.map(({ name }) => notSeen(name, why));
};

const outcomeOf = (sink: Sink, flows: readonly NamedFlow[], { allow }: EgressTests): Outcome => {
  const found = seenFound({ flows, frames: sink.counts(), lost: sink.lost(), isUp: true }, allow);
  const against = found.filter(({ verdict }) => verdict !== 'holds');
  const told = flows.map(sentOf).map(({ protocol, to }) => `${protocol} to ${to}`);
  const [first] = against;
  return {
    verdict: verdictOf([...found.map(({ verdict }) => verdict), 'holds']),
    message:
      first === undefined
        ? [...new Set(told)].join(', ') || 'nothing left it'
        : against.map(({ message }) => message).join('; '),
    wanted: allow.length === 0 ? 'nothing at all' : `nothing but ${allow.join(', ')}`,
    hint: first?.hint,
  };
};

const sentOf = (flow: NamedFlow): SentFlow => ({
  at: Math.round(flow.first),
  until: Math.round(flow.last),
  protocol: flow.protocol,
  to: [namesOf(flow)[0] ?? flow.address, ...(flow.port === undefined ? [] : [flow.port])].join(':'),
  bytes: flow.bytes,
  during: flow.phase,
  ...(flow.entry === undefined ? {} : { by: flow.entry }),
});
