/**
 * One machine run: QEMU started from its launcher, its sockets, and its end. Disposing of it ends it and leaves the
 * evidence in its folder; whatever becomes of this process, QEMU does not outlive it.
 */
import { access, mkdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { IngotError, interrupted, messageOf, throwIfInterrupted } from '../errors.ts';
import { startLongLived } from '../host/run.ts';
import { toolVersion } from '../host/tools.ts';
import type { Reporter } from '../report.ts';
import { connectMachine } from './connect.ts';
import type { Console } from './console.ts';
import { SCREEN_PICTURE, saveConsole, saveScreen } from './evidence.ts';
import type { LineFeed } from './feed.ts';
import { writeLauncher } from './launcher.ts';
import { createLife, type Ending } from './life.ts';
import type { Qmp } from './qmp.ts';
import type { MachineSpec } from './spec.ts';

export interface MachineRun {
  /** The machine's folder: launcher, logs, evidence. Made when it is not there. */
  readonly folder: string;
  readonly reporter: Reporter;
  /** Nothing that the guest writes to its disks is kept. */
  readonly throwAway?: boolean;
  readonly signal?: AbortSignal | undefined;
}

export interface Machine extends AsyncDisposable {
  readonly name: string;
  readonly folder: string;
  readonly pid: number;
  readonly qmp: Qmp;
  readonly console: Console;
  /** Lines of the log port; silent when the machine has none. */
  readonly log: LineFeed;
  /** Port of 127.0.0.1 that leads to the guest's port 22. */
  readonly sshPort: number | undefined;
  /** Resolves when QEMU has ended, never rejects. */
  readonly ended: Promise<Ending>;
  /** ACPI power button, again every ten seconds; after `limit` milliseconds `quit`, then kill. */
  powerOff(limit: number): Promise<Ending>;
}

const QUIT_LIMIT = 10_000;
const BUTTON_INTERVAL = 10_000;
const OLDEST_QEMU = [7, 1] as const;

export const startMachine = async (spec: MachineSpec, run: MachineRun): Promise<Machine> => {
  throwIfInterrupted(run.signal);
  await requireQemu();
  await requireImages(spec);
  const folder = resolve(run.folder);
  await mkdir(folder, { recursive: true });
  const launcher = await writeLauncher(spec, folder);
  await rm(join(folder, SCREEN_PICTURE), { force: true });
  const life = createLife(spec.name);
  const connected = await connectMachine(spec, {
    signal: run.signal,
    start: (runtime) => startLongLived(launcher, launcherArguments(run, runtime), { cwd: folder }),
  });
  const { qemu, qmp, console } = connected;

  const quit = async (): Promise<void> => {
    await qmp.execute('quit', {}, { timeout: QUIT_LIMIT }).catch(() => {});
    await Promise.race([qemu.ended, delay(QUIT_LIMIT)]);
    qemu.kill('SIGKILL');
  };
  const saveEvidence = async (): Promise<void> => {
    await saveScreen(qmp, folder).catch((error: unknown) => run.reporter.line(`no screen: ${messageOf(error)}`));
  };
  const fail = async (error: IngotError): Promise<Ending> => {
    life.fail(error);
    await saveEvidence();
    await quit();
    return ended;
  };
  qmp.subscribe((event) => {
    const error = life.see(event);
    if (error) void fail(error);
  });
  const onAbort = (): void => {
    life.fail(interrupted(run.signal?.reason));
    void quit();
  };
  const ended = qemu.ended.then(async (exit): Promise<Ending> => {
    run.signal?.removeEventListener('abort', onAbort);
    qmp.close();
    await connected.drain();
    await saveConsole(console, folder).catch((error: unknown) => run.reporter.note(messageOf(error)));
    return life.ending(exit);
  });

  const machine: Machine = {
    name: spec.name,
    folder,
    pid: qemu.pid,
    qmp,
    console,
    log: connected.log,
    sshPort: connected.sshPort,
    ended,
    async powerOff(limit) {
      const press = () => void qmp.execute('system_powerdown').catch(() => {});
      press();
      const again = setInterval(press, BUTTON_INTERVAL);
      const inTime = await Promise.race([ended.then(() => true), delay(limit).then(() => false)]);
      clearInterval(again);
      if (!inTime) {
        await saveEvidence();
        await quit();
      }
      return ended;
    },
    async [Symbol.asyncDispose]() {
      if (await Promise.race([ended.then(() => false), delay(0).then(() => true)])) {
        await saveEvidence();
        await quit();
      }
      await ended;
    },
  };
  run.signal?.addEventListener('abort', onAbort, { once: true });
  if (run.signal?.aborted) onAbort();
  else await qmp.execute('cont');
  return machine;
};

const launcherArguments = (run: MachineRun, runtime: string): string[] => [
  ...(run.throwAway ? [] : ['--write']),
  ...['--runtime', runtime],
  ...['--parent', String(process.pid)],
];

/** A timer that keeps no process alive. */
const delay = (milliseconds: number): Promise<void> =>
  new Promise((done) => void setTimeout(done, milliseconds).unref());

const requireQemu = async (): Promise<void> => {
  const version = await toolVersion('qemu-system-x86_64');
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > OLDEST_QEMU[0] || (major === OLDEST_QEMU[0] && minor >= OLDEST_QEMU[1])) return;
  throw new IngotError('host.tool-too-old', `QEMU ${version} is too old, ${OLDEST_QEMU.join('.')} is needed`, {
    hint: 'Install a newer qemu-system-x86.',
  });
};

const requireImages = async (spec: MachineSpec): Promise<void> => {
  const { cdrom, usb, kernel } = spec;
  const paths = [...spec.disks.map(({ path }) => path), cdrom, usb, kernel?.image, kernel?.initrd];
  for (const path of paths) {
    if (path === undefined) continue;
    await access(path).catch((cause: unknown) => {
      throw new IngotError('machine.image-missing', `cannot read ${path}`, { where: spec.name, cause });
    });
  }
};
