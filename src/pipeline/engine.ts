/** Runs stages: finds a result by its key, or has it made, by one build alone; the others wait and take it. */
import { throwIfInterrupted } from '../errors.ts';
import type { EventBus } from './events.ts';
import { makeResult } from './make-stage.ts';
import { createSlots, hostSize, type Slots } from './slots.ts';
import { type OnStopped, type Stage, titleOf } from './stage.ts';
import type { Store } from './store.ts';
import { createVerifier, DamagedResult, type Verifier } from './verify-result.ts';

export interface EngineOptions {
  readonly store: Store;
  readonly bus: EventBus;
  /** On the store's file system: results move from there into the store. */
  readonly runFolder: string;
  readonly signal: AbortSignal;
  /** Stages whose stored result is not used; `true` for all. */
  readonly fresh?: ReadonlySet<string> | true;
  /** Shared by all builds of this process; those of this host alone when absent. */
  readonly slots?: Slots;
  readonly onStopped?: OnStopped | undefined;
  readonly allowOlder?: boolean | undefined;
  /** Tells what is on the screens of machines. */
  readonly showsScreens?: boolean;
}

export interface StageRecord {
  readonly stage: string;
  readonly cached: boolean;
  /** Milliseconds. */
  readonly duration: number;
}

export interface Engine {
  run<In, Out>(stage: Stage<In, Out>, input: In): Promise<Out>;
  /** Runs `plan`, and again from its beginning when a stored result that it needs is damaged: it is made again then. */
  repairing<T>(plan: () => Promise<T>): Promise<T>;
  /** Throws `DamagedResult` unless the stored files among `results` are what was stored; for what leaves the store. */
  verify(results: unknown): Promise<void>;
  /** What was done so far, in order. */
  readonly records: readonly StageRecord[];
  /** Where this build's logs are, and when it began. */
  readonly runFolder: string;
  readonly started: Date;
}

/** What one build has learned, besides what it was given. */
interface Running extends EngineOptions {
  readonly slots: Slots;
  readonly verifier: Verifier;
  /** Stages that this build has made: their results are fresh. */
  readonly made: Set<string>;
}

export const createEngine = (options: EngineOptions): Engine => {
  const records = new Map<string, StageRecord>();
  const { slots = createSlots(hostSize()) } = options;
  const running: Running = { ...options, slots, verifier: createVerifier(options.store), made: new Set() };
  return {
    runFolder: options.runFolder,
    started: new Date(),
    get records() {
      return [...records.values()];
    },
    async run(stage, input) {
      throwIfInterrupted(options.signal);
      const started = performance.now();
      const { out, isCached } = await storedOrMade(running, stage, input);
      const title = titleOf(stage);
      if (!isCached || !running.made.has(title)) {
        records.set(title, { stage: title, cached: isCached, duration: performance.now() - started });
      }
      if (!isCached) {
        running.made.add(title);
        running.verifier.trust(out);
      }
      return out;
    },
    verify: (results) => running.verifier.verify(results, options.signal),
    async repairing(plan) {
      for (let tries = 1; ; tries++) {
        try {
          return await plan();
        } catch (error) {
          if (!(error instanceof DamagedResult) || tries > MOST_REPAIRS) throw error;
          const { stage, message, where } = error;
          options.bus.emit({ type: 'stage.note', stage, text: `${message} (${where}); it is made again` });
        }
      }
    },
  };
};

/** More than a build has stages: after so many, the store itself does not keep what is stored. */
const MOST_REPAIRS = 12;

const storedOrMade = async <In, Out>(
  options: Running,
  stage: Stage<In, Out>,
  input: In,
): Promise<{ readonly out: Out; readonly isCached: boolean }> => {
  const key = await stage.key(input, options.store);
  const digest = options.store.keyDigest(stage.name, key);
  const isAskedFor = options.fresh === true || options.fresh?.has(titleOf(stage)) === true;
  const isFresh = isAskedFor && !options.made.has(titleOf(stage));
  const known = isFresh ? undefined : await cached<Out>(options, stage, digest);
  if (known) return { out: known, isCached: true };
  await using _lock = await options.store.lock(stage.name, digest, options.signal, (pid) => {
    const other = pid === String(process.pid) ? 'another build of this command' : `another build (process ${pid})`;
    options.bus.emit({
      type: 'stage.note',
      stage: titleOf(stage),
      text: `${other} makes the same; its result is taken`,
    });
  });
  const meanwhile = isFresh ? undefined : await cached<Out>(options, stage, digest);
  if (meanwhile) return { out: meanwhile, isCached: true };
  return { out: await makeResult(options, stage, input, { key, digest }), isCached: false };
};

const cached = async <Out>(
  options: EngineOptions,
  stage: Pick<Stage<never, unknown>, 'name' | 'of'>,
  digest: string,
): Promise<Out | undefined> => {
  const result = await options.store.find(stage.name, digest, (path) => {
    const text = `a stored result of ${stage.name} was damaged: ${path} is not what was stored; it is made again`;
    options.bus.emit({ type: 'stage.note', stage: titleOf(stage), text });
  });
  if (!result) return undefined;
  options.bus.emit({ type: 'stage.cached', stage: titleOf(stage), key: digest, age: Date.now() - result.made });
  return result.out as Out;
};
