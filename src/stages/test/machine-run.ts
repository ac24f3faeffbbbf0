/** One machine of the tests: booted on an overlay of its own, asked for its facts in one round, judged, and ended. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { handedIn } from '../../access/access.ts';
import { createBuildKeys } from '../../access/key.ts';
import type { Facts } from '../../checks/facts.ts';
import { type Outcome, unjudged } from '../../checks/planned.ts';
import { resultOf, type TestedMachine, type TestResult } from '../../checks/report/report.ts';
import { watchBoot } from '../../diagnosis/boot-stop.ts';
import type { Known } from '../../egress/name-flows.ts';
import { IngotError, messageOf, OUR_FAULT } from '../../errors.ts';
import { saveGuestEvidence } from '../../guest/guest-evidence.ts';
import { Session } from '../../guest/session.ts';
import { run } from '../../host/run.ts';
import type { Accelerator } from '../../machine/accelerator.ts';
import { type Machine, startMachine } from '../../machine/machine.ts';
import type { DiskBus, MachineSpec } from '../../machine/spec.ts';
import type { StageContext } from '../../pipeline/stage.ts';
import type { TestMachine } from '../../recipe/schema/tests-schema.ts';
import { roomFor } from '../machines.ts';
import type { Entered } from './entered.ts';
import { poweredOff } from './guest-facts.ts';
import { judgeGuest } from './judge-guest.ts';
import { notSeen, type OnSink, putOnSink } from './on-sink.ts';
import type { RunOfMachine, TestInput } from './test-work.ts';

export interface RunContext {
  readonly input: TestInput;
  readonly entered: Entered;
  readonly accelerator: Accelerator;
  /** Of the image's disk, bytes. */
  readonly size: number;
  /** By which flows on the sink network are called what they are; undefined where no machine is on it. */
  readonly known: Known | undefined;
  readonly folder: string;
  readonly context: StageContext;
}

export interface BootedMachine {
  readonly tested: TestedMachine;
  readonly results: readonly TestResult[];
  /** Undefined when it did not come so far. */
  readonly facts: Facts | undefined;
  /** What the guest has written, over the disk that all begin with. */
  readonly overlay: string;
  /** Whether the guest has powered off by itself, so that its disk is whole. */
  readonly isWhole: boolean;
  discard(): Promise<void>;
}

/** Milliseconds, with KVM. */
const BOOT_LIMIT = 5 * 60_000;

const BUSES: Readonly<Record<TestMachine['bus'], DiskBus>> = {
  virtio: 'virtio',
  scsi: 'scsi',
  sata: 'ahci',
  ide: 'ide',
  nvme: 'nvme',
};

export const bootAndJudge = async (one: RunOfMachine, around: RunContext): Promise<BootedMachine> => {
  const { input, entered, accelerator, folder, context, size } = around;
  const { name, machine, isClone } = one;
  const started = performance.now();
  const overlay = join(folder, `${name}.qcow2`);
  const larger = machine.disk !== undefined && machine.disk > size ? machine.disk : undefined;
  await run(
    'qemu-img',
    [
      'create',
      '-q',
      '-f',
      'qcow2',
      '-F',
      entered.format,
      '-b',
      entered.path,
      overlay,
      ...(larger === undefined ? [] : [String(larger)]),
    ],
    { signal: context.signal },
  );
  const firmware = machine.firmware ?? firmwareFor(entered, input.firmware);
  const { sent, ...judged } = await inMachine(one, overlay, { ...around, firmware, larger });
  return {
    ...judged,
    overlay,
    tested: {
      name,
      firmware,
      bus: machine.bus,
      network: machine.network,
      accelerator: accelerator.accelerator,
      ...(judged.facts?.bootTime === undefined ? {} : { bootTime: judged.facts.bootTime }),
      ...(sent === undefined ? {} : { sent }),
      duration: Math.round(performance.now() - started),
    },
    isWhole: isClone && judged.isWhole,
    discard: () => rm(overlay, { force: true }),
  };
};

/** As the build's machine did it, if the image has a boot loader for that. */
const firmwareFor = ({ firmware }: Entered, wanted: 'bios' | 'uefi' | undefined): 'bios' | 'uefi' =>
  wanted !== undefined && firmware.includes(wanted) ? wanted : (firmware[0] ?? 'bios');

type Around = RunContext & { readonly firmware: 'bios' | 'uefi'; readonly larger: number | undefined };
type Judged = Pick<BootedMachine, 'results' | 'facts' | 'isWhole'> & { readonly sent?: TestedMachine['sent'] };

const inMachine = async (one: RunOfMachine, overlay: string, around: Around): Promise<Judged> => {
  const { input, accelerator, context } = around;
  const { reporter, signal } = context;
  const { name } = one;
  const keys = createBuildKeys();
  const spec = specOf(one, overlay, around, handedIn(keys));
  const folder = join(context.runFolder, name);
  using _room = await roomFor(spec, context);
  reporter.phase(`${name}: boot`);
  await using machine = await startMachine(spec, { folder, reporter, redact: input.redact, signal });
  await using sink = sinkOf(machine, one, folder, around);
  const lifeline = new AbortController();
  void machine.ended.then(({ error }) => lifeline.abort(error ?? ended()));
  using _boot = watchBoot(machine, `test/${name}`, (error) => lifeline.abort(error));
  const alive = AbortSignal.any([signal, lifeline.signal]);
  const [door, ...spare] = machine.doors;
  if (door === undefined)
    throw new IngotError('machine.no-port', 'QEMU has no way into the guest', { hint: OUR_FAULT });
  const { factor } = accelerator;
  const limit = Math.max(BOOT_LIMIT, input.tests.tests.boot.within ?? 0) * factor;
  const session = await Session.connect({
    ...{ door, spare: spare.slice(0, -1), hostKeys: [keys.host.publicKey], key: keys.login, limit },
    ...{ redact: input.redact, reporter, signal: alive },
  }).catch((error: unknown) => {
    if (signal.aborted) throw error;
    return lifeline.signal.aborted ? lifeline.signal.reason : error;
  });
  if (!(session instanceof Session))
    return { results: notReached(one, around, session), facts: undefined, isWhole: false, sent: sink?.sent() };
  await using open = session;
  try {
    const judged = await judgeGuest(one, open, {
      ...{ input, factor, folder, larger: around.larger, reporter, limit },
      afterBoot: async () => (sink === undefined ? [] : await sink.judge()),
    });
    if (judged.results.some(({ verdict }) => verdict === 'fails'))
      await saveGuestEvidence(open, { folder, reporter, factor });
    return { ...judged, isWhole: one.isClone && (await poweredOff(open, machine, factor)), sent: sink?.sent() };
  } catch (error) {
    if (signal.aborted) throw error;
    return {
      results: notReached(one, around, lifeline.signal.aborted ? lifeline.signal.reason : error),
      facts: undefined,
      isWhole: false,
      sent: sink?.sent(),
    };
  }
};

const sinkOf = (
  machine: Machine,
  { name, machine: { network } }: RunOfMachine,
  folder: string,
  { input, known, accelerator: { factor }, context: { signal } }: Around,
): OnSink | undefined =>
  network === 'sink' && known !== undefined
    ? putOnSink(machine, { name, wanted: input.tests.tests.egress, known, folder, factor, signal })
    : undefined;

const ended = (): IngotError =>
  new IngotError('guest.powered-off', 'the guest powered off while it was tested', {
    hint: 'A unit of the guest ends it: serial.log has its last words.',
  });

const specOf = (
  { machine, name }: RunOfMachine,
  overlay: string,
  { entered, accelerator, firmware }: Around,
  { doors, credentials }: ReturnType<typeof handedIn>,
): MachineSpec => ({
  name: `test-${name}`,
  cpus: machine.cpus,
  memory: machine.memory,
  firmware,
  accelerator: accelerator.accelerator,
  disks: [{ path: overlay, format: 'qcow2', bus: BUSES[machine.bus] }],
  boot: ['disk'],
  network: {
    mode: machine.network === 'sink' ? 'stream' : machine.network,
    model: machine.card,
    forwardSsh: false,
    ...(machine.mac === undefined ? {} : { mac: machine.mac }),
  },
  ...(entered.oemStrings.length === 0 ? {} : { oemStrings: entered.oemStrings }),
  onReboot: 'reset',
  doors,
  credentials,
});

/** What the boot came to, and that nothing else could be judged. */
const notReached = ({ name, machine }: RunOfMachine, { input }: Around, error: unknown): TestResult[] => {
  const outcome: Outcome = {
    verdict: 'fails',
    message: `it cannot be judged: ${messageOf(error)}`,
    ...(error instanceof IngotError && error.detail !== undefined ? { found: error.detail } : {}),
    ...(error instanceof IngotError && error.hint !== undefined ? { hint: error.hint } : {}),
  };
  const others = input.tests.planned.filter(({ outside }) => outside === undefined);
  return [
    resultOf(name, { rule: 'tests/boot', name: 'boot' }, outcome),
    ...others.map((one) => resultOf(name, one, unjudged('the machine was not reached'))),
    ...(machine.network === 'sink' && input.tests.tests.egress !== undefined
      ? [notSeen(name, 'the machine was not reached')]
      : []),
  ];
};
