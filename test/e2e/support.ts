/** What the end-to-end tests share: the CLI as a user runs it, and captured images in fresh machines. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Test } from 'tap';
import type { BuildKey } from '../../src/access/key.ts';
import { Session } from '../../src/guest/session.ts';
import { run } from '../../src/host/run.ts';
import { probeAccelerator } from '../../src/machine/accelerator.ts';
import { type Machine, startMachine } from '../../src/machine/machine.ts';
import type { MachineSpec } from '../../src/machine/spec.ts';
import type { StampedEvent } from '../../src/pipeline/events.ts';
import { silentReporter } from '../../src/report.ts';
import { keep } from '../real-installer/made.ts';
import { skipReason } from '../stock-images/not-made.ts';
import { stockImage } from '../stock-images/stock-image.ts';

export const root = join(import.meta.dirname, '..', '..');
/** Kept between runs in a checkout: what is installed once serves every later test. */
export const testStore = process.env['INGOT_TEST_STORE'] ?? join(root, '.test-store');
const OWN_STORES = join(testStore, 'lanes');
/** A store of a test's own, empty, for a build that runs beside those of the shared one; it goes when all is well. */
export const ownStore = async (t: Test, name: string): Promise<string> => {
  const folder = join(OWN_STORES, name);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  t.teardown(async () => {
    if (t.passing()) await rm(folder, { recursive: true, force: true });
  });
  return folder;
};

/** A stock image, or why it cannot be made here today. */
export const stockOrSkip = (
  name: Parameters<typeof stockImage>[0],
  tell: (line: string) => void,
): Promise<{ readonly image: string; readonly skip: string | false }> =>
  stockImage(name, { folder: join(testStore, 'stock'), signal: new AbortController().signal, tell }).then(
    (image) => ({ image, skip: false as const }),
    (error: unknown) => {
      const skip = skipReason(error);
      if (skip === undefined) throw error;
      return { image: '', skip };
    },
  );

export const exampleRecipe = join(root, 'examples', 'debian-12-minimal.yaml');

/**
 * A key pair of the test's own, kept beside the store since its public half is part of what is installed. It appears whole:
 * lanes ask for it at the same moment.
 */
export const userKey = async (): Promise<string> => {
  await mkdir(testStore, { recursive: true, mode: 0o700 });
  const folder = await keep(testStore, 'user-key', 'for-tests', async (to) => {
    await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'test', '-f', join(to, 'user_ed25519')]);
  });
  return join(folder, 'user_ed25519');
};

export interface IngotRun {
  readonly child: ChildProcess;
  readonly events: StampedEvent[];
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null; readonly stderr: string }>;
  /** Resolves with the first event that fits; rejects when the process ends without one. */
  until(fits: (event: StampedEvent) => boolean): Promise<StampedEvent>;
}

/** `ingot … --json`, each event kept; phases are told on stderr so that a long test shows what it does. */
export const ingot = (args: readonly string[], tell: (text: string) => void = () => {}): IngotRun => {
  const child = spawn(process.execPath, [join(root, 'src', 'cli', 'main.ts'), ...args, '--json'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const events: StampedEvent[] = [];
  const waiting: { fits: (event: StampedEvent) => boolean; resolve: (event: StampedEvent) => void }[] = [];
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += String(chunk);
  });
  createInterface({ input: child.stdout }).on('line', (line) => {
    const event: StampedEvent = JSON.parse(line);
    events.push(event);
    if (event.type === 'stage.phase') tell(`${event.at} ${event.stage}: ${event.phase}`);
    if (event.type === 'stage.failed') tell(JSON.stringify(event.error, null, 2));
    for (const one of waiting) if (one.fits(event)) one.resolve(event);
  });
  const ended = new Promise<Awaited<IngotRun['ended']>>((resolve) =>
    child.on('close', (code, signal) => resolve({ code, signal, stderr })),
  );
  return {
    child,
    events,
    ended,
    until: (fits) =>
      new Promise((resolve, reject) => {
        const seen = events.find(fits);
        if (seen) resolve(seen);
        waiting.push({ fits, resolve });
        void ended.then(({ code }) => reject(new Error(`ingot ended with ${code}: ${stderr}`)));
      }),
  };
};

/** Pids of QEMU processes whose command line names something below `folder`. */
export const machinesOf = async (folder: string): Promise<number[]> => {
  const { stdout } = await run('ps', ['-eo', 'pid=,args=', '-ww']);
  return stdout
    .split('\n')
    .filter((line) => line.includes('qemu-system') && line.includes(folder))
    .map((line) => Number.parseInt(line, 10));
};

/** Those of the store that most tests share. */
export const storeMachines = async (): Promise<number[]> => {
  const others = await machinesOf(`${OWN_STORES}/`);
  return (await machinesOf(`${testStore}/`)).filter((pid) => !others.includes(pid));
};

export interface FreshMachine {
  readonly machine: Machine;
  readonly session: Session;
}

const BOOT_LIMIT = 120_000;

/** Boots `overlay` as a stranger's hypervisor would: no credential, no log port; and logs in with the user's key. */
export const bootFresh = async (
  folder: string,
  spec: Pick<MachineSpec, 'disks' | 'firmware' | 'network'> & Partial<MachineSpec>,
  key: BuildKey,
  user = 'admin-user',
): Promise<FreshMachine> => {
  const { accelerator, factor } = await probeAccelerator('auto', {
    cacheFolder: join(testStore, 'shared', 'host'),
    reporter: silentReporter,
  });
  const machine = await startMachine(
    { name: 'fresh', cpus: 2, memory: 2 ** 30, accelerator, boot: ['disk'], onReboot: 'reset', ...spec },
    { folder, reporter: silentReporter },
  );
  try {
    const port = machine.sshPort ?? 0;
    const hostKeys = await scanHostKeys(port, BOOT_LIMIT * factor);
    const session = await Session.connect({
      port,
      hostKeys,
      key,
      user,
      limit: BOOT_LIMIT,
      reporter: silentReporter,
    });
    return { machine, session };
  } catch (error) {
    await machine[Symbol.asyncDispose]();
    throw error;
  }
};

/** A fresh clone's keys are not known beforehand: they are learned here, as a first login would. */
export const scanHostKeys = async (port: number, limit: number): Promise<string[]> => {
  const deadline = performance.now() + limit;
  while (performance.now() < deadline) {
    const { stdout } = await run('ssh-keyscan', ['-T', '10', '-p', String(port), '-t', 'ed25519', '127.0.0.1'], {
      allow: [0, 1],
    });
    const keys = stdout.split('\n').filter((line) => line.includes('ssh-ed25519'));
    if (keys.length > 0) return keys.map((line) => line.split(' ').slice(1).join(' '));
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
  throw new Error(`no SSH host key on port ${port} within ${limit / 1000} s`);
};

export const overlay = async (image: string, format: 'qcow2' | 'raw', path: string, size?: number): Promise<string> => {
  await run('qemu-img', [
    'create',
    '-q',
    '-f',
    'qcow2',
    '-F',
    format,
    '-b',
    image,
    path,
    ...(size ? [String(size)] : []),
  ]);
  return path;
};

/** What a command says; one that fails is an error. */
export const check = async (session: Session, command: string): Promise<string> => {
  const { stdout, stderr, exitCode } = await session.exec(command);
  if (exitCode !== 0) throw new Error(`${command} ended with ${exitCode}: ${stdout}${stderr}`);
  return stdout.trim();
};

/** What must be clean in every machine that the image boots in. */
export const healthy = async (t: Test, session: Session): Promise<void> => {
  t.equal(await check(session, 'systemctl is-system-running --wait || systemctl --failed --no-legend'), 'running');
  t.equal(await check(session, 'sudo dpkg --audit'), '');
  await check(session, 'sudo apt-get check');
  t.match(await check(session, 'cat /proc/cmdline'), /root=UUID=/);
  t.notMatch(await check(session, 'cat /proc/cmdline'), /mitigations=off|nokaslr|norandmaps|audit=0/);
  t.match(await check(session, 'timedatectl show -p LocalRTC -p NTP'), /LocalRTC=no/);
  t.match(await check(session, 'cat /etc/motd'), /Made with Ingot/);
  t.match(await check(session, 'systemctl show --property Before ssh-host-keys.service'), /\bssh\.service\b/);
};
