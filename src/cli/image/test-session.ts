/** One test of an image on the command line: the same stage as in a build, in the same store, with a run folder of its own. */
import { basename, join, resolve } from 'node:path';
import { compileTests } from '../../checks/compiled.ts';
import { machineNamed } from '../../checks/machines.ts';
import type { TestReport } from '../../checks/report/report.ts';
import { IngotError } from '../../errors.ts';
import { diskFormatOf } from '../../formats/disk-images/disk-image.ts';
import { knownDigest } from '../../host/known-digest.ts';
import { sparseDigest } from '../../host/sparse-digest.ts';
import { requireTools } from '../../host/tools.ts';
import { createEngine } from '../../pipeline/engine.ts';
import { createEventBus, errorShape } from '../../pipeline/events.ts';
import { EVENT_LOG, makeRunFolder } from '../../pipeline/runs.ts';
import { defaultStoreFolder, openStore } from '../../pipeline/store.ts';
import { defaultTests, type LoadedTests, loadTests } from '../../recipe/load/load-tests.ts';
import { testStage } from '../../stages/test/test-stage.ts';
import type { TestInput } from '../../stages/test/test-work.ts';
import { systemHint } from '../../system-error.ts';
import { jsonScreen } from '../../ui/event-json.ts';
import { lineScreen } from '../../ui/plain-lines.ts';
import { eventLog } from '../event-log.ts';
import { say } from '../print.ts';
import { AlreadyReported } from '../reported.ts';
import { openScreen } from '../screen.ts';
import { interruptible } from '../signals.ts';

export interface TestOptions {
  readonly file?: string | undefined;
  readonly var: Readonly<Record<string, string>>;
  readonly machines: readonly string[];
  readonly static: boolean;
  readonly format: string;
  readonly keepDisks: boolean;
  readonly cache: boolean;
  readonly plain: boolean;
  readonly store?: string | undefined;
}

/** Throws what a stage throws; what the tests found is no error here. */
export const testOnce = async (
  image: string,
  options: TestOptions,
): Promise<{ readonly report: TestReport; readonly runFolder: string }> => {
  const loaded = await testsFor(options);
  using interruption = interruptible();
  const { signal } = interruption;
  const store = await openStore(resolve(options.store ?? defaultStoreFolder()));
  await using _use = await store.inUse(signal);
  const known = join(store.shared('host'), 'digests');
  const input = await inputOf(image, loaded, { ...options, known }, signal);
  const name = `test-${basename(image).replaceAll(/[^A-Za-z0-9._-]/g, '-')}`;
  await using held = await makeRunFolder(store.folder, { name, recipe: loaded.text });
  const runFolder = held.folder;
  const bus = createEventBus();
  using log = eventLog(join(runFolder, EVENT_LOG));
  bus.subscribe(jsonScreen(log.write));
  // What another program reads stands alone on stdout.
  const isRead = options.format !== 'text';
  const screen = await openScreen({ json: false, plain: options.plain }, 1);
  bus.subscribe(isRead ? lineScreen((text) => say(text.replace(/\n$/, ''))) : screen.subscriberFor(name));
  const engine = createEngine({ store, bus, runFolder, signal, ...(options.cache ? {} : { fresh: true as const }) });
  const started = performance.now();
  bus.emit({ type: 'build.start', recipe: name, version: '1', stages: [testStage.name], runFolder });
  try {
    const report = await engine.repairing(() => engine.run(testStage, input));
    bus.emit({ type: 'build.done', duration: performance.now() - started });
    await screen.finish();
    return { report, runFolder };
  } catch (error) {
    bus.emit({
      type: 'build.failed',
      duration: performance.now() - started,
      error: errorShape(error),
      evidence: runFolder,
    });
    await screen.finish();
    throw new AlreadyReported(error);
  }
};

const testsFor = async ({ file, var: variables, machines }: TestOptions): Promise<LoadedTests> => {
  const loaded = file === undefined ? defaultTests() : await loadTests(file, { variables, env: process.env });
  if (machines.length === 0) return loaded;
  const { tests } = loaded;
  return { ...loaded, tests: { ...tests, machines: machines.map((name) => machineNamed(name, tests.machines)) } };
};

const inputOf = async (
  image: string,
  { tests, folder }: LoadedTests,
  options: TestOptions & { readonly known: string },
  signal: AbortSignal,
): Promise<TestInput> => {
  const path = resolve(image);
  if (!options.static && tests.checks.some((check) => 'openscap' in check)) await requireTools(['openscap']);
  const [format, digest] = await Promise.all([
    diskFormatOf(path),
    knownDigest(path, options.known, () => sparseDigest(path, signal)),
  ]).catch((cause: unknown) => {
    if (cause instanceof IngotError) throw cause;
    throw new IngotError('usage.no-such-image', 'the image cannot be read', {
      where: image,
      hint: systemHint(cause, 'Name a disk image: qcow2, raw, VMDK, VHDX, VHD or VDI.'),
      cause,
    });
  });
  if (format === undefined)
    throw new IngotError('capture.image-unknown', 'this is not a disk image', {
      where: image,
      hint: 'Images may be qcow2, raw, VMDK, VHDX, VHD or VDI.',
    });
  return {
    image: { path, format, digest, title: basename(image) },
    tests: await compileTests(tests, folder),
    accelerator: 'auto',
    isStatic: options.static,
    toleratesFailures: true,
    keepsDisks: options.keepDisks,
    redact: (text) => text,
  };
};
