/**
 * Whether a machine has stopped doing anything. Nothing is scaled by the accelerator: an idle guest is as idle under
 * emulation, and what it waits for (a lease, a time-out, a `sleep`) takes as long there.
 */
import type { Activity } from './activity.ts';

/** Between two looks, milliseconds. */
export const STALL_INTERVAL = 5000;

/**
 * Less than this of one processor is a kernel with nothing to do: under emulation its ticks take 2 to 6 %, and a guest
 * that copies, unpacks or compiles takes all of at least one. Time that a busy host has not given it counts as used.
 */
const IDLE_SHARE = 0.2;

/** A second, which do not count: an idle system writes its journals back in bursts of 50 to 100 small requests. */
const IDLE_REQUESTS = 40;
const IDLE_BYTES = 512 * 1024;

export interface StallDetector {
  /** Takes one look; returns for how long the machine has done nothing, in milliseconds. */
  see(activity: Activity | undefined): number;
}

export const createStallDetector = (now: () => number): StallDetector => {
  let before: { readonly at: number; readonly activity: Activity } | undefined;
  let idleSince: number | undefined;
  return {
    see(activity) {
      const at = now();
      const last = before;
      before = activity && { at, activity };
      if (last === undefined || activity === undefined || !isIdle(last.activity, activity, at - last.at)) {
        idleSince = undefined;
        return 0;
      }
      idleSince ??= last.at;
      return at - idleSince;
    },
  };
};

const isIdle = (before: Activity, after: Activity, milliseconds: number): boolean =>
  after.output === before.output &&
  after.processors - before.processors + (after.starved - before.starved) < IDLE_SHARE * milliseconds &&
  after.requests - before.requests < (IDLE_REQUESTS * milliseconds) / 1000 &&
  after.bytes - before.bytes < (IDLE_BYTES * milliseconds) / 1000;
