/**
 * One build as the command line sees it: signals become an abort, events go to the screen and into the run folder,
 * and the end, good or bad, is told once.
 */
import { appendFileSync, closeSync, openSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { IngotError } from '../errors.ts';
import { requireTools } from '../host/tools.ts';
import { createEngine, type Engine, StoppedEarly } from '../pipeline/engine.ts';
import { createEventBus, type EventBus, errorShape } from '../pipeline/events.ts';
import { EVENT_LOG, makeRunFolder } from '../pipeline/runs.ts';
import { defaultStoreFolder, openStore, type Store } from '../pipeline/store.ts';
import type { LoadedRecipe } from '../recipe/load.ts';
import { isAssembled } from '../recipe/origin-schema.ts';
import { jsonScreen } from '../ui/json.ts';
import { lineScreen } from '../ui/lines.ts';

export interface SessionOptions {
  readonly store?: string | undefined;
  readonly json: boolean;
  readonly plain: boolean;
  readonly fresh?: ReadonlySet<string> | true;
  readonly stages: readonly string[];
  /** The stage behind which to stop. */
  readonly until?: string | undefined;
}

export interface Session {
  readonly engine: Engine;
  readonly store: Store;
  readonly bus: EventBus;
  readonly runFolder: string;
  readonly signal: AbortSignal;
}

/** Thrown when the failure was already shown by a screen. */
export class AlreadyReported extends Error {
  readonly reason: unknown;
  constructor(reason: unknown) {
    super('already reported');
    this.reason = reason;
  }
}

/** Runs `work` as a build of `loaded`; returns its result, nothing when it stopped early, or throws `AlreadyReported`. */
export const runSession = async <T extends { readonly output?: string }>(
  loaded: LoadedRecipe,
  options: SessionOptions,
  work: (session: Session) => Promise<T>,
): Promise<T | undefined> => {
  await requireTools(isAssembled(loaded.recipe.origin) ? ['always', 'assemble'] : ['always']);
  const store = await openStore(resolve(options.store ?? defaultStoreFolder()));
  using interruption = interruptible();
  await using _use = await store.inUse(interruption.signal);
  const runFolder = await makeRunFolder(store.folder, loaded.recipe.name, loaded.secrets.redact(loaded.text));
  const bus = createEventBus({ redact: (text) => loaded.secrets.redact(text) });
  using log = eventLog(join(runFolder, EVENT_LOG));
  bus.subscribe(jsonScreen(log.write));
  const screen = await openScreen(bus, options);
  const engine = createEngine({
    store,
    bus,
    runFolder,
    signal: interruption.signal,
    ...(options.fresh === undefined ? {} : { fresh: options.fresh }),
    until: options.until,
  });
  const started = performance.now();
  const { name, version } = loaded.recipe;
  bus.emit({ type: 'build.start', recipe: name, version, stages: options.stages, runFolder });
  try {
    const result = await work({ engine, store, bus, runFolder, signal: interruption.signal });
    bus.emit({ type: 'build.done', duration: performance.now() - started, ...outputOf(result) });
    await screen.finish();
    return result;
  } catch (error) {
    if (error instanceof StoppedEarly) {
      bus.emit({ type: 'build.done', duration: performance.now() - started });
      await screen.finish();
      return undefined;
    }
    const duration = performance.now() - started;
    bus.emit({ type: 'build.failed', duration, error: errorShape(error), evidence: runFolder });
    await screen.finish();
    throw new AlreadyReported(error);
  }
};

const outputOf = (result: { readonly output?: string }) =>
  result.output === undefined ? {} : { output: result.output };

const eventLog = (path: string): Disposable & { write(text: string): void } => {
  const file = openSync(path, 'a', 0o600);
  return { write: (text) => appendFileSync(file, text), [Symbol.dispose]: () => closeSync(file) };
};

const openScreen = async (bus: EventBus, options: SessionOptions): Promise<{ finish(): Promise<void> }> => {
  const write = (text: string) => void process.stdout.write(text);
  if (options.json) bus.subscribe(jsonScreen(write));
  else if (options.plain || !process.stdout.isTTY) bus.subscribe(lineScreen(write));
  else {
    const { terminalScreen } = await import('../ui/terminal.ts');
    const screen = terminalScreen(write);
    bus.subscribe(screen.subscriber);
    return screen;
  }
  return { finish: async () => undefined };
};

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** The first signal asks the build to end cleanly, the second ends this process; its children die with it. */
export const interruptible = (): Disposable & { readonly signal: AbortSignal } => {
  const controller = new AbortController();
  const onSignal = (name: NodeJS.Signals): void => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort(
      new IngotError('interrupted', `interrupted by ${name}`, { hint: 'The same command goes on where it stopped.' }),
    );
  };
  for (const name of SIGNALS) process.on(name, onSignal);
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      for (const name of SIGNALS) process.off(name, onSignal);
    },
  };
};
