/**
 * Looks at what an image sends: it boots on a sink network, is watched for a while, has its timers' units started, and is powered off.
 * Where nobody can get in, a second boot a day later takes the place of the timers.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { handedIn } from '../../access/access.ts';
import type { BuildKeys } from '../../access/key.ts';
import { createBuildKeys } from '../../access/key.ts';
import { IngotError, interrupted, OUR_FAULT } from '../../errors.ts';
import { Session } from '../../guest/session.ts';
import { type Machine, startMachine } from '../../machine/machine.ts';
import type { MachineSpec } from '../../machine/spec.ts';
import { createSink, type Sink } from '../sink.ts';
import { attachSink } from './attach.ts';
import type { BootSeen, ImageLooked, LookContext, LookOptions, Seen, TimerFired } from './look.ts';
import { type LookDisk, makeLookDisk } from './look-disk.ts';
import { bootOf, fireTimers, isGuestFault } from './timers.ts';

/** Of a machine with KVM, milliseconds. */
const BOOT_LIMIT = 3 * 60_000;
const POWER_OFF_LIMIT = 60_000;
const TIMER_LIMIT = 30_000;
const TIMER_SETTLE = 2_000;
/** Later than every daily timer with its random delay. */
const A_DAY_LATER = 26 * 3_600_000;

interface Look {
  readonly spec: MachineSpec;
  readonly keys: BuildKeys;
  readonly hasWayIn: boolean;
  readonly sink: Sink;
}

interface Told {
  readonly isUp: boolean;
  readonly boot: BootSeen | undefined;
  readonly timers: readonly TimerFired[] | undefined;
  readonly noWayIn: string | undefined;
  readonly poweredOff: boolean;
}

/** Throws what `startMachine` throws. What the guest does is never an error. */
export const observe = async (image: ImageLooked, options: LookOptions, context: LookContext): Promise<Seen> => {
  context.reporter.phase('copy the image');
  const made = await makeLookDisk(image, context);
  const keys = createBuildKeys();
  const started = performance.now();
  const now = () => performance.now() - started;
  const sink = createSink({ mode: options.mode, now, time: Date.now });
  const look = { spec: specOf(made, keys, options), keys, hasWayIn: made.wayIn !== undefined, sink };
  if (made.noWayIn !== undefined) context.reporter.note(`there is no way into the guest: ${made.noWayIn}`);
  const told = await boot(look, options, context);
  const isLater = options.timers && told.timers === undefined;
  if (isLater) {
    sink.phase('a day later');
    const clock = new Date(Date.now() + A_DAY_LATER);
    await boot({ ...look, hasWayIn: false, spec: { ...look.spec, clock } }, options, context, ' a day later');
  }
  return {
    ...told,
    mode: options.mode,
    noWayIn: made.noWayIn ?? told.noWayIn,
    flows: sink.flows(),
    frames: sink.counts(),
    lost: sink.lost(),
    length: now(),
  };
};

const specOf = ({ disk, wayIn, oemStrings }: LookDisk, keys: BuildKeys, options: LookOptions): MachineSpec => {
  const { bus, ...board } = options.machine;
  return {
    ...board,
    name: 'egress',
    accelerator: options.accelerator.accelerator,
    disks: [{ ...disk, bus }],
    boot: ['disk'],
    network: { mode: 'stream', model: 'virtio', forwardSsh: false },
    ...(oemStrings.length === 0 ? {} : { oemStrings }),
    ...(wayIn === undefined ? {} : handedIn(keys)),
    onReboot: 'reset',
  };
};

/** `when` is for what is told of it. The disk is an overlay of this look, so that a second boot finds what the first one wrote. */
const boot = async (look: Look, options: LookOptions, context: LookContext, when = ''): Promise<Told> => {
  const { folder, reporter, signal } = context;
  const { sink, spec } = look;
  const { factor } = options.accelerator;
  reporter.phase(`boot${when}`);
  await using machine = await startMachine(spec, { folder, reporter, signal });
  if (machine.frames === undefined)
    throw new IngotError('machine.no-port', 'QEMU has no network for the sink', { hint: OUR_FAULT });
  await using _attached = attachSink(machine.frames, sink, when === '' ? options.pcap : laterPcap(options.pcap));
  const told = look.hasWayIn
    ? await asked(machine, look, options, context)
    : await watched(machine, options, context, when);
  reporter.phase(`power off${when}`);
  sink.phase(`shutdown${when}`);
  const ending = await machine.powerOff(POWER_OFF_LIMIT * factor);
  if (signal.aborted) throw interrupted(signal.reason);
  return { ...told, poweredOff: ending.reason === 'guest-shutdown' };
};

const laterPcap = (pcap: string | undefined): string | undefined => pcap?.replace(/(\.pcap)?$/, '-later$1');

type Asked = Omit<Told, 'poweredOff'>;

/** Over the way in. What it cannot be asked any more is left out, and what was seen stays. */
const asked = async (machine: Machine, look: Look, options: LookOptions, context: LookContext): Promise<Asked> => {
  const { reporter, signal } = context;
  const { factor } = options.accelerator;
  const [door, ...spare] = machine.doors;
  if (door === undefined)
    throw new IngotError('machine.no-port', 'QEMU has no way into the guest', { hint: OUR_FAULT });
  let seen: BootSeen | undefined;
  try {
    await using session = await Session.connect({
      ...{ door, spare, reporter, signal },
      hostKeys: [look.keys.host.publicKey],
      key: look.keys.login,
      limit: BOOT_LIMIT * factor,
    });
    seen = await bootOf(session, BOOT_LIMIT * factor);
    reporter.phase('watch');
    await pause(options.length, signal);
    const timers = options.timers
      ? await fireTimers(session, {
          limit: TIMER_LIMIT * factor,
          settle: TIMER_SETTLE * factor,
          onTimer(timer, nth, of) {
            if (nth === 0) reporter.phase('timers');
            reporter.progress(nth, of, 'items');
            reporter.line(timer);
            look.sink.phase(`timer ${timer}`);
          },
        })
      : undefined;
    return { isUp: true, boot: seen, timers, noWayIn: undefined };
  } catch (error) {
    if (!isGuestFault(error)) throw error;
    reporter.note(`the guest could not be asked: ${error.message}`);
    return { isUp: seen !== undefined, boot: seen, timers: undefined, noWayIn: error.message };
  }
};

const LOOK_INTERVAL = 2_000;

/** From outside: a login prompt says that it is up. */
const watched = async (
  machine: Machine,
  { length, accelerator: { factor } }: LookOptions,
  { reporter, signal }: LookContext,
  when: string,
): Promise<Asked> => {
  const until = performance.now() + BOOT_LIMIT * factor;
  let isUp = false;
  while (!isUp && performance.now() < until) {
    await pause(LOOK_INTERVAL, signal);
    const { lines } = await machine.console.screen();
    isUp = /\blogin:\s*$/.test(lines.findLast((line) => line !== '') ?? '');
  }
  if (!isUp) reporter.note(`no login prompt came within ${Math.round((BOOT_LIMIT * factor) / 1000)} s`);
  reporter.phase(`watch${when}`);
  await pause(length, signal);
  return { isUp, boot: undefined, timers: undefined, noWayIn: undefined };
};

const pause = async (milliseconds: number, signal: AbortSignal): Promise<void> => {
  await delay(milliseconds, undefined, { signal }).catch((cause: unknown) => {
    throw interrupted(signal.reason ?? cause);
  });
};
