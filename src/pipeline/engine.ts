/**
 * Runs stages: finds a result by its key, or runs the stage once and publishes what it made. A failed stage's
 * unfinished files stay in the run folder, as evidence; an interrupted one's are removed.
 */
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { IngotError, messageOf, throwIfInterrupted } from '../errors.ts';
import type { Reporter } from '../report.ts';
import type { ErrorShape, EventBus } from './events.ts';
import { UNFINISHED } from './runs.ts';
import type { Stage, StageContext, StageKey } from './stage.ts';
import type { Store } from './store.ts';

export interface EngineOptions {
  readonly store: Store;
  readonly bus: EventBus;
  /** On the store's file system: results move from there into the store. */
  readonly runFolder: string;
  readonly signal: AbortSignal;
  /** Stages whose stored result is not used; `true` for all. */
  readonly fresh?: ReadonlySet<string> | true;
  /** The stage behind which `run` throws `StoppedEarly` instead of returning. */
  readonly until?: string | undefined;
}

/** What was asked for is done and the build is not whole. */
export class StoppedEarly extends Error {}

export interface StageRecord {
  readonly stage: string;
  readonly cached: boolean;
  /** Milliseconds. */
  readonly duration: number;
}

export interface Engine {
  run<In, Out>(stage: Stage<In, Out>, input: In): Promise<Out>;
  /** What was done so far, in order. */
  readonly records: readonly StageRecord[];
}

export const createEngine = (options: EngineOptions): Engine => {
  const records: StageRecord[] = [];
  return {
    records,
    async run(stage, input) {
      throwIfInterrupted(options.signal);
      const started = performance.now();
      const { out, isCached } = await storedOrMade(options, stage, input);
      records.push({ stage: stage.name, cached: isCached, duration: performance.now() - started });
      if (stage.name === options.until) throw new StoppedEarly(`stopped behind ${stage.name}`);
      return out;
    },
  };
};

const storedOrMade = async <In, Out>(
  options: EngineOptions,
  stage: Stage<In, Out>,
  input: In,
): Promise<{ readonly out: Out; readonly isCached: boolean }> => {
  const key = await stage.key(input, options.store);
  const digest = options.store.keyDigest(stage.name, key);
  const isFresh = options.fresh === true || options.fresh?.has(stage.name) === true;
  const known = isFresh ? undefined : await cached<Out>(options, stage, digest);
  if (known) return { out: known, isCached: true };
  await using _lock = await options.store.lock(stage.name, digest, options.signal);
  const meanwhile = isFresh ? undefined : await cached<Out>(options, stage, digest);
  if (meanwhile) return { out: meanwhile, isCached: true };
  return { out: await make(options, stage, input, { key, digest }), isCached: false };
};

const make = async <In, Out>(
  options: EngineOptions,
  stage: Stage<In, Out>,
  input: In,
  { key, digest }: { readonly key: StageKey; readonly digest: string },
): Promise<Out> => {
  const started = performance.now();
  options.bus.emit({ type: 'stage.start', stage: stage.name });
  const work = join(options.runFolder, stage.name, UNFINISHED);
  await mkdir(work, { recursive: true });
  const watched = watchedReporter(options, stage.name);
  try {
    const out = await stage.run(input, contextOf(options, stage.name, work, watched.reporter));
    // The stage's own type went in; the store gives the same shape back with paths moved.
    const published = (await options.store.publish(stage.name, digest, work, key, out)) as Out;
    options.bus.emit({ type: 'stage.done', stage: stage.name, key: digest, duration: performance.now() - started });
    return published;
  } catch (error) {
    if (isInterruption(error) || (await isEmpty(work))) await rm(work, { recursive: true, force: true });
    options.bus.emit({
      type: 'stage.failed',
      stage: stage.name,
      error: errorShape(error),
      ...(watched.phase() === undefined ? {} : { phase: watched.phase() ?? '' }),
    });
    throw error;
  }
};

const cached = async <Out>(
  options: EngineOptions,
  stage: { name: string },
  digest: string,
): Promise<Out | undefined> => {
  const result = await options.store.find(stage.name, digest);
  if (!result) return undefined;
  options.bus.emit({ type: 'stage.cached', stage: stage.name, key: digest, age: Date.now() - result.made });
  return result.out as Out;
};

const contextOf = (options: EngineOptions, name: string, dir: string, reporter: Reporter): StageContext => {
  const runFolder = join(options.runFolder, name);
  return { dir, runFolder, shared: options.store.shared, reporter, signal: options.signal };
};

const watchedReporter = (options: EngineOptions, stage: string) => {
  let phase: string | undefined;
  const reporter: Reporter = {
    line: (text) => options.bus.emit({ type: 'stage.line', stage, line: text }),
    progress: (done, total, unit) =>
      options.bus.emit({ type: 'stage.progress', stage, done, unit, ...(total === undefined ? {} : { total }) }),
    phase(name) {
      phase = name;
      options.bus.emit({ type: 'stage.phase', stage, phase: name });
    },
    note: (text) => options.bus.emit({ type: 'stage.note', stage, text }),
  };
  return { reporter, phase: () => phase };
};

const isInterruption = (error: unknown): boolean => error instanceof IngotError && error.code === 'interrupted';

const isEmpty = async (folder: string): Promise<boolean> => (await readdir(folder).catch(() => [])).length === 0;

export const errorShape = (error: unknown): ErrorShape =>
  error instanceof IngotError
    ? { code: error.code, message: error.message, where: error.where, hint: error.hint, detail: error.detail }
    : { code: 'internal', message: messageOf(error), detail: error instanceof Error ? error.stack : undefined };
