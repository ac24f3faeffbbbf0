/**
 * Watches an unattended installation from power-on to power-off: tells its phases, and ends it with a name as soon as
 * it can not succeed any more, instead of waiting for a time-out.
 */
import { setInterval } from 'node:timers/promises';
import { throwIfInterrupted } from '../../errors.ts';
import type { Ending } from '../life.ts';
import type { Machine } from '../machine.ts';
import { followLines, type Installation, type Told, type WatchOptions } from './followed-lines.ts';
import { createWaitingDetector } from './waiting.ts';
import { kernelPanic, noSuccess, phaseTimeout, stranded, waiting } from './watch-errors.ts';

export type { Installation, WatchOptions } from './followed-lines.ts';

const LOOK_INTERVAL = 1000;

/**
 * Resolves when the guest has powered off after its success line. Throws `install.waiting`, `install.no-boot`,
 * `install.step-failed`, `install.phase-timeout`, `install.stalled`, `install.kernel-panic`, `install.no-success`, `install.CODE` for a failure that Ingot's
 * hooks report, or what ended the machine. The machine is left as it is, so that its screen can be looked at.
 */
export const watchInstall = async (machine: Machine, options: WatchOptions): Promise<Installation> => {
  throwIfInterrupted(options.signal);
  const watch = followLines(machine, options);
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

/** Once a second: has the phase taken too long, does the screen wait for somebody? */
const lookAround = async (
  machine: Machine,
  options: WatchOptions,
  { clock, state }: Told,
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
        // Not needed: the screen shows the question in any case.
        const asked = await options.questionOn?.(found.text).catch(() => undefined);
        throw waiting(clock.name, found.text, state.failedStep, asked);
      }
    }
  } catch (error) {
    if (!stop.aborted) throw error;
  }
  return new Promise<never>(() => {});
};

const resultOf = (machine: Machine, options: WatchOptions, watch: Told, ending: Ending): Installation => {
  if (ending.error?.code === 'machine.guest-panic') throw kernelPanic(watch.clock.name, ending.error);
  if (ending.error) throw ending.error;
  throwIfInterrupted(options.signal);
  const { clock, state } = watch;
  if (!state.isDone || ending.reason === 'host-quit') throw noSuccess(machine, clock.name, ending, state.failedStep);
  return { phases: clock.times(), ...(state.disk === undefined ? {} : { disk: state.disk }) };
};
