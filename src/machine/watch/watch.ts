/**
 * Watches an unattended installation from power-on to power-off: tells its phases, and ends it with a name as soon as
 * it can not succeed any more, instead of waiting for a time-out.
 */
import { setInterval } from 'node:timers/promises';
import { throwIfInterrupted } from '../../errors.ts';
import type { Reporter } from '../../report.ts';
import type { Ending } from '../life.ts';
import type { Machine } from '../machine.ts';
import {
  type AskedQuestion,
  hookFailure,
  kernelPanic,
  noSuccess,
  phaseTimeout,
  stalled,
  stranded,
  waiting,
} from './errors.ts';
import { watchIdle } from './idle.ts';
import { createPhaseClock, type PhaseClock, type PhaseTime } from './phase-clock.ts';
import type { InstallerPhases } from './phases/installer.ts';
import { type HookMessage, parseHookLine } from './protocol.ts';
import { createWaitingDetector } from './waiting.ts';

export interface WatchOptions {
  readonly installer: InstallerPhases;
  /** The longest that a phase may take, in milliseconds under KVM; `factor` (see `probeAccelerator`) stretches it. */
  readonly limit: number;
  /** Limits of single phases, by name. */
  readonly limits?: Readonly<Record<string, number | undefined>>;
  readonly factor: number;
  /** For how long it may do nothing at all, in milliseconds; not stretched. */
  readonly idleLimit: number;
  readonly reporter: Reporter;
  readonly signal?: AbortSignal | undefined;
  /** How many lines of the log tell of a package, for a percentage; known for an assembled medium. */
  readonly packageLines?: number | undefined;
  /** What the success line has to carry; anything when absent. */
  readonly nonce?: string | undefined;
  /** Which question is on a screen that waits; asked once. */
  readonly questionOn?: ((screen: string) => Promise<AskedQuestion | undefined>) | undefined;
}

export interface Installation {
  /** SSH host public keys of the installed system: `ssh-ed25519 AAAA…`. */
  readonly hostKeys: readonly string[];
  readonly phases: readonly PhaseTime[];
  /** The disk that was chosen. */
  readonly disk?: { readonly device: string; readonly bytes: number };
}

const LOOK_INTERVAL = 1000;

/**
 * Resolves when the guest has powered off after its success line. Throws `install.waiting`, `install.no-boot`,
 * `install.step-failed`, `install.phase-timeout`, `install.stalled`, `install.kernel-panic`, `install.no-success`, `install.CODE` for a failure that Ingot's
 * hooks report, or what ended the machine. The machine is left as it is, so that its screen can be looked at.
 */
export const watchInstall = async (machine: Machine, options: WatchOptions): Promise<Installation> => {
  throwIfInterrupted(options.signal);
  const watch = createWatch(machine, options);
  const stop = new AbortController();
  try {
    options.reporter.phase(options.installer.first);
    const ending = await Promise.race([machine.ended, watch.failed, lookAround(machine, options, watch, stop.signal)]);
    return resultOf(machine, options, watch, ending);
  } finally {
    stop.abort();
    watch.release();
  }
};

interface Watch {
  readonly clock: PhaseClock;
  readonly hostKeys: string[];
  /** Rejects as soon as a line says that it is over. */
  readonly failed: Promise<never>;
  readonly state: { disk?: Installation['disk']; isDone: boolean; failedStep?: string };
  release(): void;
}

const createWatch = (machine: Machine, options: WatchOptions): Watch => {
  const { installer, reporter } = options;
  const clock = createPhaseClock(installer, () => performance.now(), options.packageLines);
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => {});
  const state: Watch['state'] = { isDone: false };
  const hostKeys: string[] = [];
  let hasLog = false;

  const take = (message: HookMessage | undefined): void => {
    if (message?.word === 'host-key') hostKeys.push(message.key);
    if (message?.word === 'disk') state.disk = { device: message.device, bytes: message.bytes };
    if (message?.word === 'success') state.isDone = options.nonce === undefined || message.nonce === options.nonce;
    if (message?.word === 'failure') failed.reject(hookFailure(machine, clock.name, message));
  };
  const releaseLog = machine.log.subscribe(
    (line) => {
      hasLog = true;
      reporter.line(line);
      const { begun, progress } = clock.see(line);
      if (begun) reporter.phase(clock.name);
      if (progress) reporter.progress(progress.done, progress.total, 'items');
      const step = installer.stepFailed.exec(line)?.groups?.['step'];
      if (step !== undefined) state.failedStep = step;
      take(parseHookLine(line));
    },
    { replay: true },
  );
  const releaseConsole = machine.console.subscribe(
    (line) => {
      if (!hasLog) reporter.line(line);
    },
    { replay: true },
  );
  const idleness = watchIdle(machine, (idle) => {
    if (idle >= options.idleLimit) failed.reject(stalled(machine, clock.name, idle));
  });
  return {
    clock,
    hostKeys,
    failed: failed.promise,
    state,
    release() {
      idleness[Symbol.dispose]();
      releaseLog();
      releaseConsole();
    },
  };
};

/** Once a second: has the phase taken too long, does the screen wait for somebody? */
const lookAround = async (
  machine: Machine,
  options: WatchOptions,
  { clock, state }: Watch,
  stop: AbortSignal,
): Promise<never> => {
  const detector = createWaitingDetector(options.installer, () => performance.now());
  try {
    for await (const _ of setInterval(LOOK_INTERVAL, undefined, { signal: stop, ref: false })) {
      const limit = (options.limits?.[clock.name] ?? options.limit) * options.factor;
      if (clock.elapsed() > limit) throw phaseTimeout(machine, clock.name, limit);
      const found = detector.see(await machine.console.screen());
      if (found?.kind === 'stranding') throw stranded(clock.name, found.text);
      if (found) {
        const asked = await options.questionOn?.(found.text).catch(() => undefined);
        throw waiting(clock.name, found.text, state.failedStep, asked);
      }
    }
  } catch (error) {
    if (!stop.aborted) throw error;
  }
  return new Promise<never>(() => {});
};

const resultOf = (machine: Machine, options: WatchOptions, watch: Watch, ending: Ending): Installation => {
  if (ending.error?.code === 'machine.guest-panic') throw kernelPanic(watch.clock.name, ending.error);
  if (ending.error) throw ending.error;
  throwIfInterrupted(options.signal);
  const { clock, hostKeys, state } = watch;
  if (!state.isDone || ending.reason === 'host-quit') throw noSuccess(machine, clock.name, ending, state.failedStep);
  return { hostKeys, phases: clock.times(), ...(state.disk === undefined ? {} : { disk: state.disk }) };
};
