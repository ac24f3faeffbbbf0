/**
 * The power goes at twenty moments of a clone's first boot; each machine comes up afterwards as if nothing had been. The disk is
 * a raw file, so that what the guest has written is there and what it still had in memory is not, and QEMU is killed.
 * INGOT_CUTS=`5` cuts at fewer moments.
 */
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import t from 'tap';
import { run } from '../../src/host/run.ts';
import { probeAccelerator } from '../../src/machine/accelerator.ts';
import { startMachine } from '../../src/machine/machine.ts';
import { silentReporter } from '../../src/report.ts';
import { bootFresh, check, exampleRecipe, healthy, ingot, scanHostKeys, testStore, userKey } from '../e2e/support.ts';

t.setTimeout(6 * 60 * 60_000);

const CUTS = Number(process.env['INGOT_CUTS'] ?? 20);
const key = await userKey();
const buildKey = { privateKey: await readFile(key, 'utf8'), publicKey: await readFile(`${key}.pub`, 'utf8') };
const work = join(testStore, 'power-cuts');
await rm(work, { recursive: true, force: true });
await mkdir(work, { recursive: true });
const raw = join(work, 'out', 'debian-12-minimal', 'debian-12-minimal.raw');

const specFor = (path: string) => ({
  firmware: 'bios' as const,
  disks: [{ path, format: 'raw' as const, bus: 'virtio' as const }],
  network: { mode: 'isolated' as const, model: 'virtio' as const, forwardSsh: true },
});

/** A machine without power: nothing is flushed, nothing said. */
const cutAfter = async (path: string, folder: string, milliseconds: number): Promise<void> => {
  const { accelerator } = await probed();
  await using machine = await startMachine(
    { name: 'cut', cpus: 1, memory: 2 ** 30, accelerator, boot: ['disk'], onReboot: 'reset', ...specFor(path) },
    { folder, reporter: silentReporter },
  );
  await delay(milliseconds);
  process.kill(machine.pid, 'SIGKILL');
  await machine.ended;
};

const probed = () =>
  probeAccelerator('auto', { cacheFolder: join(testStore, 'shared', 'host'), reporter: silentReporter });

const copyOf = async (name: string): Promise<string> => {
  const path = join(work, name);
  await run('cp', ['--sparse=always', '--reflink=auto', raw, path]);
  return path;
};

t.test('the image', async (t) => {
  const words = ['--store', testStore, '--out', join(work, 'out'), '--var', `key=${key}.pub`];
  const { code, stderr } = await ingot(['build', exampleRecipe, ...words], (text) => t.comment(text)).ended;
  t.equal(code, 0, stderr);
});

/** From power-on until SSH answers, which is after all that is made at a first boot. */
const firstBoot = async (): Promise<number> => {
  const path = await copyOf('whole.raw');
  const { accelerator, factor } = await probed();
  await using machine = await startMachine(
    { name: 'whole', cpus: 1, memory: 2 ** 30, accelerator, boot: ['disk'], onReboot: 'reset', ...specFor(path) },
    { folder: join(work, 'whole'), reporter: silentReporter },
  );
  const began = performance.now();
  await scanHostKeys(machine.sshPort ?? 0, 120_000 * factor);
  return performance.now() - began;
};

t.test('cuts', async (t) => {
  const whole = await firstBoot();
  t.comment(`a first boot takes ${Math.round(whole / 1000)} s`);
  await rm(join(work, 'whole.raw'));
  for (let nth = 0; nth < CUTS; nth++) {
    // The kernel's own start writes nothing; the last moments are those in which most is made.
    const at = whole * (0.3 + (0.75 * (nth + 0.5)) / CUTS);
    await t.test(`the power goes after ${(at / 1000).toFixed(1)} s`, async (t) => {
      const path = await copyOf(`cut-${nth}.raw`);
      await cutAfter(path, join(work, `cut-${nth}`), at);
      const { machine, session } = await bootFresh(join(work, `after-${nth}`), specFor(path), buildKey);
      {
        await using _machine = machine;
        await using _session = session;
        await healthy(t, session);
        t.match(await check(session, 'cat /etc/machine-id'), /^[0-9a-f]{32}$/);
        const keys = await check(session, 'for key in /etc/ssh/ssh_host_*_key.pub; do ssh-keygen -l -f $key; done');
        t.equal(keys.split('\n').length, 3, 'whole host keys of each kind');
        t.equal(await check(session, 'sudo sshd -t 2>&1'), '');
      }
      await rm(path);
    });
  }
});
