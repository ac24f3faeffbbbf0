/**
 * Machines side by side: each takes its processors and memory from the host for as long as it runs, the others wait
 * in the order in which they asked. One that is larger than the host runs alone.
 */
import { availableParallelism, freemem } from 'node:os';
import { interrupted } from '../errors.ts';

export interface Claim {
  readonly cpus: number;
  /** Bytes. */
  readonly memory: number;
}

export interface Slots {
  /** Resolves when there is room; calls `onWait` when that is not at once. Throws `interrupted`. */
  take(claim: Claim, options: { readonly signal: AbortSignal; onWait?(): void }): Promise<Disposable>;
}

/** What the rest of the host keeps of its free memory. */
const SPARED = 0.1;

export const hostSize = (): Claim => ({ cpus: availableParallelism(), memory: freemem() * (1 - SPARED) });

export const createSlots = (host: Claim): Slots => {
  const running = new Set<Claim>();
  const waiting: { readonly claim: Claim; readonly start: () => void }[] = [];

  const fits = ({ cpus, memory }: Claim): boolean => {
    if (running.size === 0) return true;
    const taken = [...running];
    const sum = (pick: (claim: Claim) => number) => taken.reduce((all, claim) => all + pick(claim), 0);
    return sum((claim) => claim.cpus) + cpus <= host.cpus && sum((claim) => claim.memory) + memory <= host.memory;
  };

  const admit = (): void => {
    for (let next = waiting[0]; next && fits(next.claim); next = waiting[0]) {
      waiting.shift();
      running.add(next.claim);
      next.start();
    }
  };

  return {
    async take(asked, { signal, onWait }) {
      const claim = { ...asked };
      const started = Promise.withResolvers<void>();
      const place = { claim, start: started.resolve };
      const onAbort = (): void => {
        const at = waiting.indexOf(place);
        if (at < 0) return;
        waiting.splice(at, 1);
        started.reject(interrupted(signal.reason));
        admit();
      };
      if (signal.aborted) throw interrupted(signal.reason);
      signal.addEventListener('abort', onAbort, { once: true });
      waiting.push(place);
      admit();
      if (!running.has(claim)) onWait?.();
      try {
        await started.promise;
      } finally {
        signal.removeEventListener('abort', onAbort);
      }
      return {
        [Symbol.dispose]() {
          running.delete(claim);
          admit();
        },
      };
    },
  };
};
