/** Free blocks of a file system, given away from the first one on. */
import { cannotRebuild } from './cannot-rebuild.ts';

export interface FreeRun {
  readonly first: number;
  readonly count: number;
}

/** `free`: as `joinedRuns` gives it. */
export class Allocator {
  readonly taken: { first: number; count: number }[] = [];
  readonly #free: readonly FreeRun[];
  #nth = 0;
  #used = 0;

  constructor(free: readonly FreeRun[]) {
    this.#free = free;
  }

  next(): number {
    const run = this.#free[this.#nth];
    if (run === undefined) throw cannotRebuild('the file system has not enough room for its files');
    const block = run.first + this.#used;
    if (this.#used === 0) this.taken.push({ first: block, count: 0 });
    this.#used += 1;
    const last = this.taken.at(-1);
    if (last) last.count += 1;
    if (this.#used === run.count) [this.#nth, this.#used] = [this.#nth + 1, 0];
    return block;
  }
}

/** In their order, neighbours as one. */
export const joinedRuns = (runs: readonly FreeRun[]): FreeRun[] => {
  const all: { first: number; count: number }[] = [];
  for (const { first, count } of runs.toSorted((one, other) => one.first - other.first)) {
    const last = all.at(-1);
    if (last && last.first + last.count === first) last.count += count;
    else all.push({ first, count });
  }
  return all;
};
