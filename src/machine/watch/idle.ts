/** Looks at a machine every few seconds and tells for how long it has done nothing at all. */
import type { Machine } from '../machine.ts';
import { createActivityMeter } from './activity.ts';
import { createStallDetector, STALL_INTERVAL } from './stall.ts';

/**
 * Calls `onIdle` at each look that finds the machine idle, with the milliseconds since it is. Disposing ends it. No
 * process is kept alive.
 */
export const watchIdle = (machine: Machine, onIdle: (milliseconds: number) => void | Promise<void>): Disposable => {
  const meter = createActivityMeter(machine);
  const detector = createStallDetector(() => performance.now());
  const timer = setInterval(async () => {
    const idle = detector.see(await meter.read());
    if (idle > 0) await onIdle(idle);
  }, STALL_INTERVAL).unref();
  return {
    [Symbol.dispose]() {
      clearInterval(timer);
      meter[Symbol.dispose]();
    },
  };
};
