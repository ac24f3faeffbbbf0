/**
 * Builds as the command line sees them: one or several at once, in one store, on one screen. Signals become an abort,
 * events go to the screen and into each build's run folder, and the end, good or bad, is told once.
 */
import { join, resolve } from 'node:path';
import { IngotError, isInterruption } from '../errors.ts';
import { isThere } from '../host/if-there.ts';
import { createEngine, type Engine } from '../pipeline/engine.ts';
import { createEventBus, errorShape, type Subscriber } from '../pipeline/events.ts';
import { EVENT_LOG, makeRunFolder } from '../pipeline/runs.ts';
import { createSlots, hostSize, type Slots } from '../pipeline/slots.ts';
import { defaultStoreFolder, openStore, type Store } from '../pipeline/store.ts';
import type { LoadedRecipe } from '../recipe/load.ts';
import { secretReferences } from '../recipe/secrets/secrets.ts';
import type { CleanMemo } from '../stages/answers/lint-answers.ts';
import { preflight } from '../stages/preflight.ts';
import { jsonScreen } from '../ui/event-json.ts';
import type { View } from '../ui/view/server.ts';
import { eventLog } from './event-log.ts';
import { destroyUnfinished, type OnFailure, requireShell, shellOnStopped } from './on-failure.ts';
import { say } from './print.ts';
import { AlreadyReported } from './reported.ts';
import { openScreen, type RunScreen, type RunScreenOptions } from './screen.ts';
import { interruptible } from './signals.ts';

export interface SessionOptions extends RunScreenOptions {
  readonly store?: string | undefined;
  /** The first build that fails ends the others. */
  readonly failFast?: boolean;
  /** Serves a live page while the builds run. */
  readonly view?: boolean;
  /** What happens to the machine of a build that fails, and to its disk. */
  readonly onFailure?: OnFailure | undefined;
  /** Signed indexes may be older than ones that were seen before. */
  readonly allowOlder?: boolean;
}

export interface BuildRequest<T> {
  readonly loaded: LoadedRecipe;
  readonly stages: readonly string[];
  /** Machines run for it; only media are made when absent. */
  readonly runsMachines?: boolean;
  readonly fresh?: ReadonlySet<string> | true;
  /** Undefined when it stopped early, as it was asked to. */
  readonly work: (build: Build) => Promise<T | undefined>;
}

export interface Build {
  readonly engine: Engine;
  readonly signal: AbortSignal;
}

/** The screen has shown `error`; without it and without a result the build has stopped early, as it was asked to. */
export interface Outcome<T> {
  readonly loaded: LoadedRecipe;
  readonly result?: T;
  readonly error?: unknown;
}

interface Shared {
  readonly store: Store;
  readonly slots: Slots;
  readonly screen: RunScreen;
  readonly view: View | undefined;
  readonly options: SessionOptions;
}

/** All builds at once; machines wait for room on the host. Their ends are told in the order of the requests. */
export const runSession = async <T extends { readonly output?: string }>(
  requests: readonly BuildRequest<T>[],
  options: SessionOptions,
): Promise<Outcome<T>[]> => {
  if (options.onFailure === 'shell') requireShell(requests.length, options);
  const folder = resolve(options.store ?? defaultStoreFolder());
  const memo = await memoOf(folder);
  for (const { loaded, runsMachines = false } of requests)
    await preflight(loaded, { image: runsMachines, ...(memo ? { memo } : {}) });
  const store = await openStore(folder);
  using interruption = interruptible();
  await using _use = await store.inUse(interruption.signal);
  // The console needs the terminal for itself.
  const screen = await openScreen(
    { ...options, plain: options.plain || options.onFailure === 'shell' },
    requests.length,
  );
  await using view = options.view ? await openedView() : undefined;
  const shared: Shared = { store, slots: createSlots(hostSize()), screen, view, options };
  const others = new AbortController();
  const signal = AbortSignal.any([interruption.signal, others.signal]);
  const outcomes = await Promise.all(
    requests.map(async (request) => {
      const outcome = await runOne(request, shared, signal);
      if (outcome.error !== undefined && options.failFast) others.abort(stopped(request.loaded));
      return outcome;
    }),
  );
  await screen.finish();
  return outcomes;
};

/** Checks everything before anything begins, even the store. */
const memoOf = async (folder: string): Promise<CleanMemo | undefined> => {
  if (!(await isThere(join(folder, 'shared', 'host')))) return undefined;
  const { shared, secretDigest } = await openStore(folder);
  return { folder: join(shared('host'), 'clean-answers'), digest: secretDigest };
};

/** The results; throws `AlreadyReported` with the first failure that is not only an interruption. */
export const resultsOf = <T>(outcomes: readonly Outcome<T>[]): T[] => {
  const errors = outcomes.flatMap(({ error }) => (error === undefined ? [] : [error]));
  if (errors.length > 0) throw new AlreadyReported(errors.find((error) => !isInterruption(error)) ?? errors[0]);
  return outcomes.flatMap(({ result }) => (result === undefined ? [] : [result]));
};

/** Said on stderr: it is for the user alone, and in no log. */
const openedView = async (): Promise<View> => {
  const { openView } = await import('../ui/view/server.ts');
  const view = await openView();
  say(`live page, for the first one who opens it: ${view.link}`);
  return view;
};

/** A machine's screen is only for whoever watches now. */
const withoutScreens =
  (subscriber: Subscriber): Subscriber =>
  (event) => {
    if (event.type !== 'stage.screen') subscriber(event);
  };

const stopped = ({ recipe }: LoadedRecipe): IngotError =>
  new IngotError('interrupted', `interrupted, since ${recipe.name} failed`, {
    hint: 'The same command goes on where it stopped.',
  });

const runOne = async <T extends { readonly output?: string }>(
  { loaded, stages, fresh, work }: BuildRequest<T>,
  { store, slots, screen, view, options }: Shared,
  signal: AbortSignal,
): Promise<Outcome<T>> => {
  const { name, version } = loaded.recipe;
  await using held = await makeRunFolder(store.folder, {
    name,
    recipe: loaded.secrets.redact(loaded.text),
    secrets: [loaded, ...loaded.hosts.map((host) => host.loaded)].flatMap((one) =>
      secretReferences(one.recipe, one.folder),
    ),
  });
  const runFolder = held.folder;
  const bus = createEventBus({ redact: (text) => loaded.secrets.redact(text) });
  using log = eventLog(`${runFolder}/${EVENT_LOG}`);
  bus.subscribe(withoutScreens(jsonScreen(log.write)));
  bus.subscribe(withoutScreens(screen.subscriberFor(name)));
  if (view) bus.subscribe((event) => view.tell({ build: name, ...event }));
  const onStopped = options.onFailure === 'shell' ? shellOnStopped : undefined;
  const engine = createEngine({
    store,
    bus,
    runFolder,
    signal,
    slots,
    onStopped,
    allowOlder: options.allowOlder,
    showsScreens: view !== undefined,
    ...(fresh ? { fresh } : {}),
  });
  const started = performance.now();
  bus.emit({ type: 'build.start', recipe: name, version, stages, runFolder });
  try {
    const result = await work({ engine, signal });
    const output = result?.output;
    bus.emit({ type: 'build.done', duration: performance.now() - started, ...(output ? { output } : {}) });
    return result === undefined ? { loaded } : { loaded, result };
  } catch (error) {
    const duration = performance.now() - started;
    if (options.onFailure === 'destroy') await destroyUnfinished(runFolder);
    bus.emit({ type: 'build.failed', duration, error: errorShape(error), evidence: runFolder });
    return { loaded, error };
  }
};
