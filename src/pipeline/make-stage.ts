/**
 * One stage run: its folder, its reporter, and publishing what it made. A failed stage's unfinished files stay in the
 * run folder, as evidence; an interrupted one's are removed.
 */
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isInterruption } from '../errors.ts';
import { makeFolders } from '../host/folders.ts';
import type { Reporter } from '../report.ts';
import { type EventBus, errorShape } from './events.ts';
import { limitLines } from './line-limit.ts';
import { partsOf } from './parts.ts';
import { UNFINISHED } from './runs.ts';
import type { Slots } from './slots.ts';
import { type OnStopped, type Stage, type StageContext, type StageKey, titleOf } from './stage.ts';
import type { Store } from './store.ts';
import { DamagedResult, type Verifier } from './verify-result.ts';

interface Making {
  readonly store: Store;
  readonly bus: EventBus;
  readonly runFolder: string;
  readonly signal: AbortSignal;
  readonly verifier: Verifier;
  readonly slots: Slots;
  readonly onStopped?: OnStopped | undefined;
  readonly allowOlder?: boolean | undefined;
  readonly showsScreens?: boolean;
}

export const makeResult = async <In, Out>(
  options: Making,
  stage: Stage<In, Out>,
  input: In,
  { key, digest }: { readonly key: StageKey; readonly digest: string },
): Promise<Out> => {
  const started = performance.now();
  const title = titleOf(stage);
  options.bus.emit({ type: 'stage.start', stage: title });
  const runFolder = join(
    options.runFolder,
    ...(stage.of === undefined ? [] : ['below', ...stage.of.split(': ')]),
    stage.name,
  );
  const work = join(runFolder, UNFINISHED);
  await makeFolders(work);
  const watched = watchedReporter(options, title);
  const { reporter } = watched;
  try {
    const out = await verified(options, input, (signal) =>
      stage.run(input, contextOf({ ...options, signal, runFolder }, work, reporter)),
    ).finally(watched.end);
    // The stage's own type went in; the store gives the same shape back with paths moved.
    const published = (await options.store.publish(stage.name, digest, work, {
      key,
      out,
      holdsSecrets: stage.holdsSecrets ?? false,
    })) as Out;
    options.bus.emit({ type: 'stage.done', stage: title, key: digest, duration: performance.now() - started });
    return published;
  } catch (error) {
    if (isInterruption(error) || error instanceof DamagedResult || (await isEmpty(work)))
      await rm(work, { recursive: true, force: true });
    if (error instanceof DamagedResult) throw error;
    options.bus.emit({
      type: 'stage.failed',
      stage: title,
      error: errorShape(error),
      ...(watched.phase() === undefined ? {} : { phase: watched.phase() ?? '' }),
    });
    throw error;
  }
};

/** Reading and checking what is read go on side by side; a damaged input ends the stage. */
const verified = async <T>(options: Making, input: unknown, work: (signal: AbortSignal) => Promise<T>): Promise<T> => {
  const damage = new AbortController();
  const verifying = options.verifier.verify(input, options.signal);
  verifying.catch((error: unknown) => damage.abort(error));
  const working = work(AbortSignal.any([options.signal, damage.signal]));
  const [worked, checked] = await Promise.allSettled([working, verifying]);
  // When the input was damaged, the stage's own error is only a consequence.
  if (checked.status === 'rejected') throw checked.reason;
  if (worked.status === 'rejected') throw worked.reason;
  return worked.value;
};

const contextOf = (options: Making, dir: string, reporter: Reporter): StageContext => {
  const { store, runFolder, slots, onStopped, allowOlder = false, signal } = options;
  const parts = partsOf({ store, reporter, signal });
  return { dir, runFolder, shared: store.shared, parts, slots, onStopped, allowOlder, reporter, signal };
};

/** Progress is told at most this often, except for its end; milliseconds. qemu-img(1) alone tells it 100 times a second. */
const PROGRESS_INTERVAL = 100;

const watchedReporter = (options: Making, stage: string) => {
  let phase: string | undefined;
  let told = Number.NEGATIVE_INFINITY;
  const note = (text: string) => options.bus.emit({ type: 'stage.note', stage, text });
  const lines = limitLines({ line: (line) => options.bus.emit({ type: 'stage.line', stage, line }), note });
  const reporter: Reporter = {
    line: lines.line,
    progress(done, total, unit) {
      const now = performance.now();
      if (now - told < PROGRESS_INTERVAL && done !== total) return;
      told = now;
      options.bus.emit({ type: 'stage.progress', stage, done, unit, ...(total === undefined ? {} : { total }) });
    },
    phase(name) {
      phase = name;
      options.bus.emit({ type: 'stage.phase', stage, phase: name });
    },
    note,
    ...(options.showsScreens ? { screen: (text) => options.bus.emit({ type: 'stage.screen', stage, text }) } : {}),
  };
  return { reporter, phase: () => phase, end: lines.end };
};

/** What cannot be read stays; that must not hide why the stage failed. */
const isEmpty = (folder: string): Promise<boolean> =>
  readdir(folder).then(
    (names) => names.length === 0,
    () => false,
  );
