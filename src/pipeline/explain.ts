/**
 * What a build would do, and why: of each stage, whether its result is in the store, or what in its key differs from
 * the nearest key that is. Runs nothing.
 */
import { canonicalJson } from '../canonical-json.ts';
import { silentReporter } from '../report.ts';
import { partsOf } from './parts.ts';
import { type Json, type ResumeContext, type Stage, type StageKey, titleOf } from './stage.ts';
import type { Walker } from './stage-list.ts';
import type { KnownKey, Store } from './store.ts';

/** One place of a key, `machine.disk`; undefined where it is not there. */
export interface Change {
  readonly place: string;
  readonly before: Json | undefined;
  readonly now: Json | undefined;
}

export type Explanation =
  | { readonly stage: string; readonly state: 'cached'; readonly digest: string; readonly made: number }
  /** `made`: when the nearest result was; without changes its files are damaged or gone. */
  | {
      readonly stage: string;
      readonly state: 'changed';
      readonly made: number;
      readonly changes: readonly Change[];
      /** What it would go on after, where an earlier run has left that. */
      readonly behind?: string;
    }
  /** The store has no result of this stage at all. */
  | { readonly stage: string; readonly state: 'new'; readonly behind?: string }
  /** Its inputs are not made yet. */
  | { readonly stage: string; readonly state: 'waits' };

/**
 * `plan` goes through the stages with the walker it is given, as a build does; `stages` are their names in order. A
 * stage whose input comes from one that has to run cannot be looked up: it waits.
 */
export const explainBuild = async (
  store: Store,
  stages: readonly string[],
  plan: (walker: Walker) => Promise<unknown>,
): Promise<Explanation[]> => {
  const found = new Map<string, Explanation>();
  await plan({
    // Nothing is made here, and nothing removed.
    verify: async () => {},
    async visit<In, Out>(stage: Stage<In, Out>, input: In) {
      const key = await stage.key(input, store);
      const digest = store.keyDigest(stage.name, key);
      const title = titleOf(stage);
      const stored = await store.find(stage.name, digest);
      if (stored) {
        found.set(title, { stage: title, state: 'cached', digest, made: stored.made });
        // The stage's own type went in when the result was stored.
        return { out: stored.out as Out };
      }
      const behind = await stage.resumesAfter?.(input, contextOf(store));
      const why = compare(title, store.wholeKey(key), await store.keys(stage.name));
      found.set(title, behind === undefined ? why : { ...why, behind });
      return undefined;
    },
  });
  return stages.map((stage) => found.get(stage) ?? { stage, state: 'waits' });
};

/** Goes as far as the results of a store lead; makes nothing, and removes nothing. */
export const storedOnly = (store: Store): Walker => ({
  verify: async () => {},
  async visit<In, Out>(stage: Stage<In, Out>, input: In) {
    const found = await store.find(stage.name, store.keyDigest(stage.name, await stage.key(input, store)));
    return found && { out: found.out as Out };
  },
});

const contextOf = (store: Store): ResumeContext => {
  const reporter = silentReporter;
  const { signal } = new AbortController();
  return { shared: store.shared, reporter, signal, parts: partsOf({ store, reporter, signal }) };
};

/** Against the result with the fewest differences, the newest of those. */
const compare = (
  stage: string,
  key: StageKey,
  known: readonly KnownKey[],
): Exclude<Explanation, { state: 'cached' | 'waits' }> => {
  const candidates = known.map((one) => ({ made: one.made, changes: changesBetween(one.key, key) }));
  const [nearest] = candidates.sort((a, b) => a.changes.length - b.changes.length || b.made - a.made);
  return nearest ? { stage, state: 'changed', ...nearest } : { stage, state: 'new' };
};

/** Every place in which two keys differ, in the order of their names. */
export const changesBetween = (before: Json | undefined, now: Json | undefined, place = ''): Change[] => {
  if (isMapping(before) && isMapping(now)) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(now)])].sort();
    return names.flatMap((name) => changesBetween(before[name], now[name], place === '' ? name : `${place}.${name}`));
  }
  if (Array.isArray(before) && Array.isArray(now)) {
    const longest = Math.max(before.length, now.length);
    return Array.from({ length: longest }, (_, index) => index).flatMap((index) =>
      changesBetween(before[index], now[index], `${place}[${index}]`),
    );
  }
  const same = before !== undefined && now !== undefined && canonicalJson(before) === canonicalJson(now);
  return same ? [] : [{ place, before, now }];
};

const isMapping = (value: Json | undefined): value is { readonly [name: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
