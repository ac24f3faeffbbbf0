/**
 * One machine run: QEMU started from its launcher, its sockets, and its end. Disposing of it ends it and leaves the
 * evidence in its folder; however this process ends, QEMU does not outlive it.
 */
import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Duplex } from 'node:stream';
import { type IngotError, interrupted, messageOf, throwIfInterrupted } from '../errors.ts';
import { requireOwn } from '../host/files.ts';
import { makeFolders } from '../host/folders.ts';
import { startLongLived } from '../host/run.ts';
import type { Reporter } from '../report.ts';
import { type Connected, connectMachine, type LogPort } from './connect.ts';
import type { Console } from './console.ts';
import type { Door } from './door.ts';
import { writeLauncher } from './launcher.ts';
import { createLife, type Ending, type Exit, type Life } from './life.ts';
import { showScreens } from './live-screen.ts';
import { SCREEN_PICTURE, saveConsole, saveScreen } from './machine-evidence.ts';
import { guestPanic, onPanicLine } from './panic.ts';
import type { Qmp } from './qmp.ts';
import { requireImages, requireQemu } from './requirements.ts';
import type { MachineSpec } from './spec.ts';

export interface MachineRun {
  /** The machine's folder: launcher, logs, evidence. Made when it is not there. */
  readonly folder: string;
  readonly reporter: Reporter;
  /** Nothing that the guest writes to its disks is kept. */
  readonly throwAway?: boolean;
  /** A file of `saveMachine`: the guest goes on as it was, instead of starting. */
  readonly incoming?: string | undefined;
  /** Takes secrets out of the logs and of the console, once the machine has ended. */
  readonly redact?: (text: string) => string;
  readonly signal?: AbortSignal | undefined;
}

export interface Machine extends AsyncDisposable {
  readonly name: string;
  readonly folder: string;
  readonly pid: number;
  readonly qmp: Qmp;
  readonly console: Console;
  /** Lines of the log port; silent when the machine has none. */
  readonly log: LogPort;
  /** Port of 127.0.0.1 that leads to the guest's port 22. */
  readonly sshPort: number | undefined;
  /** QEMU's end of a `stream` network: Ethernet frames, each after its length (qemu(1), -netdev stream). */
  readonly frames: Duplex | undefined;
  /** They lead to the build's own sshd in the guest. */
  readonly doors: readonly Door[];
  /** Resolves when QEMU has ended, never rejects. */
  readonly ended: Promise<Ending>;
  /** ACPI power button, again every ten seconds; after `limit` milliseconds `quit`, then kill. */
  powerOff(limit: number): Promise<Ending>;
}

/**
 * Starts a machine. Throws `host.tool-missing`, `host.tool-too-old`, `machine.image-missing`, `machine.image-in-use`,
 * `machine.firmware-missing`, `machine.qemu-died` or `interrupted`; what happens later is told by `ended`.
 */
export const startMachine = async (spec: MachineSpec, run: MachineRun): Promise<Machine> => {
  throwIfInterrupted(run.signal);
  await requireQemu();
  await requireImages(spec);
  const folder = resolve(run.folder);
  await makeFolders(folder);
  await requireOwn(folder);
  await rm(join(folder, SCREEN_PICTURE), { force: true });
  const launcher = await writeLauncher(spec, folder);
  const connected = await connectMachine(spec, {
    folder,
    reporter: run.reporter,
    signal: run.signal,
    redact: run.redact,
    start: (runtime) => startLongLived(launcher, launcherArguments(run, runtime), { cwd: folder }),
  });
  const machine = new RunningMachine(spec.name, folder, run, connected);
  await machine.letGo();
  return machine;
};

const launcherArguments = (run: MachineRun, runtime: string): string[] => [
  ...(run.throwAway ? [] : ['--write']),
  ...(run.incoming === undefined ? [] : ['--incoming', run.incoming]),
  ...['--runtime', runtime],
  ...['--parent', String(process.pid)],
];

const QUIT_LIMIT = 10_000;
const BUTTON_INTERVAL = 10_000;
const INCOMING_INTERVAL = 20;

class RunningMachine implements Machine {
  readonly name: string;
  readonly folder: string;
  readonly ended: Promise<Ending>;
  readonly #run: MachineRun;
  readonly #connected: Connected;
  readonly #life: Life;
  #hasEnded = false;

  constructor(name: string, folder: string, run: MachineRun, connected: Connected) {
    this.name = name;
    this.folder = folder;
    this.#run = run;
    this.#connected = connected;
    this.#life = createLife(name, connected.console);
    this.ended = connected.qemu.ended.then((exit) => this.#finish(exit));
    connected.qmp.subscribe((event) => {
      const error = this.#life.see(event);
      if (error) void this.#fail(error);
    });
    const { reporter } = run;
    if (reporter.screen) void showScreens(connected.console, (text) => reporter.screen?.(text), this.ended);
    onPanicLine(connected.console, () => void this.#fail(guestPanic(name, connected.console)));
    run.signal?.addEventListener('abort', this.#onAbort, { once: true });
  }

  get pid(): number {
    return this.#connected.qemu.pid;
  }
  get qmp(): Qmp {
    return this.#connected.qmp;
  }
  get console(): Console {
    return this.#connected.console;
  }
  get log(): LogPort {
    return this.#connected.log;
  }
  get sshPort(): number | undefined {
    return this.#connected.sshPort;
  }

  get frames(): Duplex | undefined {
    return this.#connected.frames;
  }

  get doors(): readonly Door[] {
    return this.#connected.doors.map(({ id, socket }) => ({
      socket,
      // QAPI event VSERPORT_CHANGE: the guest has opened or closed a virtio-serial port.
      onClosed: (listener) =>
        this.qmp.subscribe(({ event, data }) => {
          if (event === 'VSERPORT_CHANGE' && data['id'] === id && data['open'] === false) listener();
        }),
    }));
  }

  /** The guest has waited for everything to be connected. */
  async letGo(): Promise<void> {
    if (this.#run.signal?.aborted) this.#onAbort();
    // If QEMU ends right here, `ended` says so.
    else await this.#start().catch(() => {});
  }

  async #start(): Promise<void> {
    // A guest that was saved while it stood still does not start at the end of its migration, and `cont` before that
    // end would be lost (QEMU's process_incoming_migration_bh).
    while (this.#run.incoming !== undefined && (await this.#status()) === 'inmigrate') await delay(INCOMING_INTERVAL);
    await this.qmp.execute('cont');
  }

  /** QAPI type RunState. */
  async #status(): Promise<string> {
    return ((await this.qmp.execute('query-status')) as { status: string }).status;
  }

  async powerOff(limit: number): Promise<Ending> {
    const press = () => void this.qmp.execute('system_powerdown').catch(() => {});
    press();
    const again = setInterval(press, BUTTON_INTERVAL);
    await Promise.race([this.ended, delay(limit)]);
    clearInterval(again);
    await this.#end();
    return this.ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#end();
  }

  async #end(): Promise<void> {
    if (!this.#hasEnded) {
      await this.#saveScreen();
      await this.#quit();
    }
    await this.ended;
  }

  async #fail(error: IngotError): Promise<void> {
    this.#life.fail(error);
    await this.#saveScreen();
    await this.#quit();
  }

  readonly #onAbort = (): void => {
    this.#life.fail(interrupted(this.#run.signal?.reason));
    void this.#quit();
  };

  async #quit(): Promise<void> {
    await this.qmp.execute('quit', {}, { timeout: QUIT_LIMIT }).catch(() => {});
    await Promise.race([this.#connected.qemu.ended, delay(QUIT_LIMIT)]);
    this.#connected.qemu.kill('SIGKILL');
  }

  async #saveScreen(): Promise<void> {
    const { redact } = this.#run;
    const isTelling = this.#connected.hasSaidSecret;
    await saveScreen(this.qmp, { folder: this.folder, redact, isTelling }).catch((error: unknown) => {
      if (!this.#hasEnded) this.#run.reporter.line(`no picture of the screen: ${messageOf(error)}`);
    });
  }

  async #finish(exit: Exit): Promise<Ending> {
    this.#hasEnded = true;
    this.#run.signal?.removeEventListener('abort', this.#onAbort);
    this.qmp.close();
    await this.#connected.drain();
    await this.#connected.cleanUp();
    await saveConsole(this.console, this.folder, this.#run.redact).catch((error: unknown) => {
      this.#run.reporter.note(`the console could not be saved: ${messageOf(error)}`);
    });
    return this.#life.ending(exit);
  }
}

/** A timer that keeps no process alive. */
const delay = (milliseconds: number): Promise<void> =>
  new Promise((done) => void setTimeout(done, milliseconds).unref());
