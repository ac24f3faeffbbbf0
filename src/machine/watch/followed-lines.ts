/** What the lines of an installation tell, as they come: phases and progress, the disk, and that it is over. */
import type { Reporter } from '../../report.ts';
import type { Machine } from '../machine.ts';
import { watchIdle } from './idle.ts';
import type { InstallerPhases } from './installer-phases.ts';
import { createPhaseClock, type PhaseClock, type PhaseTime } from './phase-clock.ts';
import { type HookMessage, parseHookLine } from './protocol.ts';
import { type AskedQuestion, hookFailure, stalled } from './watch-errors.ts';

export interface WatchOptions {
  readonly installer: InstallerPhases;
  /** The longest that a phase may take, in milliseconds under KVM; `factor` (see `probeAccelerator`) stretches it. */
  readonly limit: number;
  /** Limits of single phases, by name. */
  readonly limits?: Readonly<Record<string, number | undefined>>;
  readonly factor: number;
  /** For how long it may do nothing at all, in milliseconds; not stretched. */
  readonly idleLimit: number;
  readonly reporter: Reporter;
  readonly signal?: AbortSignal | undefined;
  /** How many lines of the log tell of a package, for a percentage; known for an assembled medium. */
  readonly packageLines?: number | undefined;
  /** What the success line has to carry; anything when absent. */
  readonly nonce?: string | undefined;
  /** Which question is on a screen that waits; asked once. */
  readonly questionOn?: ((screen: string) => Promise<AskedQuestion | undefined>) | undefined;
}

export interface Installation {
  readonly phases: readonly PhaseTime[];
  /** The disk that was chosen. */
  readonly disk?: { readonly device: string; readonly bytes: number };
}

export interface Told {
  readonly clock: PhaseClock;
  /** Rejects as soon as a line says that it is over. */
  readonly failed: Promise<never>;
  readonly state: { disk?: Installation['disk']; isDone: boolean; failedStep?: string };
  release(): void;
}

export const followLines = (machine: Machine, options: WatchOptions): Told => {
  const { installer, reporter } = options;
  const clock = createPhaseClock(installer, () => performance.now(), options.packageLines);
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => {});
  const state: Told['state'] = { isDone: false };
  let hasLog = false;

  const take = (message: HookMessage | undefined): void => {
    if (message?.word === 'disk') state.disk = { device: message.device, bytes: message.bytes };
    if (message?.word === 'success') state.isDone = options.nonce === undefined || message.nonce === options.nonce;
    if (message?.word === 'failure') failed.reject(hookFailure(machine, clock.name, message));
  };
  const releaseLog = machine.log.subscribe(
    (line) => {
      hasLog = true;
      reporter.line(line);
      const { begun, progress } = clock.see(line);
      if (begun) reporter.phase(clock.name);
      if (progress) reporter.progress(progress.done, progress.total, 'items');
      const step = installer.stepFailed.exec(line)?.groups?.['step'];
      if (step !== undefined) state.failedStep = step;
      take(parseHookLine(line));
    },
    { replay: true },
  );
  const releaseConsole = machine.console.subscribe(
    (line) => {
      if (!hasLog) reporter.line(line);
    },
    { replay: true },
  );
  const idleness = watchIdle(machine, (idle) => {
    if (idle >= options.idleLimit) failed.reject(stalled(machine, clock.name, idle));
  });
  return {
    clock,
    failed: failed.promise,
    state,
    release() {
      idleness[Symbol.dispose]();
      releaseLog();
      releaseConsole();
    },
  };
};
