/**
 * Media that really boot: Debian's installer kernel on a medium of our own, remastered, started in machines by every
 * way a medium has, until the kernel prints its command line and the answers are seen inside.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { probeAccelerator } from '../../../src/machine/accelerator.ts';
import { type Machine, startMachine } from '../../../src/machine/machine.ts';
import type { BootPath } from '../../../src/media/boot/boot-paths.ts';
import { putFatFile, readFat } from '../../../src/media/boot/efi-image.ts';
import { bootTest } from '../../../src/media/boot-test/boot-test.ts';
import { requireBoots } from '../../../src/media/boot-test/result.ts';
import { BLOCK_SIZE } from '../../../src/media/iso/iso9660.ts';
import { readMedium } from '../../../src/media/iso/medium.ts';
import { silentReporter } from '../../../src/report.ts';
import { guestRun, guestSpec, until } from '../../machine/guest.ts';
import { ANSWERS, COMMAND_LINE, DATE, machineFor, medium, nonce, original, shows, skip } from '../boot-medium.ts';
import { machinesOf } from '../support.ts';

t.setTimeout(45 * 60_000);

const folder = t.testdir({});

const boot = (iso: string, path: BootPath, name: string): Promise<Machine> =>
  startMachine(guestSpec('', machineFor(iso, path)), guestRun(join(folder, name), { throwAway: true }));

t.test('start: now boots at once by every path', { skip }, async (t) => {
  const iso = await medium(await original(folder), 'now');
  for (const path of ['bios-cd', 'bios-usb', 'uefi-cd', 'uefi-usb'] as const) {
    await t.test(path, async (t) => {
      await using machine = await boot(iso, path, path);
      t.ok(await shows(machine, COMMAND_LINE), 'the kernel has the command line');
      if (path.endsWith('cd')) t.ok(await shows(machine, ANSWERS), 'both initrds are unpacked');
    });
  }
});

t.test('start: ask waits at a menu that says what it does, and goes on with a key', { skip }, async (t) => {
  const iso = await medium(join(folder, 'original.iso'), 'ask');
  for (const path of ['bios-cd', 'uefi-cd'] as const) {
    await t.test(path, async (t) => {
      await using machine = await boot(iso, path, `ask-${path}`);
      t.ok(await shows(machine, /Install \(ERASES THE DISK\)/), 'the menu');
      const wasStarted = await shows(machine, COMMAND_LINE, 12_000);
      t.notOk(wasStarted, 'nothing starts by itself');
      machine.console.type('\r');
      await sleep(100);
      t.ok(await shows(machine, COMMAND_LINE), 'a key starts it');
    });
  }
});

t.test('boot-test: every way that is asked for, and a loader that was tampered with', { skip }, async (t) => {
  const accelerator = await probeAccelerator('auto', { cacheFolder: folder, reporter: silentReporter });
  const options = { accelerator, reporter: silentReporter };
  const waiting = join(folder, 'ask.iso');
  const { results, passed } = await bootTest(waiting, { ...options, paths: ['bios-usb', 'uefi-secure-cd'] });
  t.ok(passed, 'a medium whose menu waits is started all the same');
  t.match(results, [
    { path: 'bios-usb', outcome: 'boots' },
    { path: 'uefi-secure-cd', outcome: 'boots', secureBoot: true },
  ]);
  for (const { detail } of results) t.match(detail, `nonce=${nonce}`, 'by its own entry');

  const forged = join(folder, 'forged.iso');
  await copyFile(waiting, forged);
  const { boot } = await readMedium(forged);
  const lba = boot.elTorito.find(({ platform }) => platform === 'UEFI')?.lba ?? 0;
  const image = { path: forged, offset: lba * BLOCK_SIZE };
  const loader = await readFat(image, '/EFI/BOOT/BOOTX64.EFI');
  const at = loader.indexOf(Buffer.from('Security Violation', 'utf16le'));
  loader.write('s', at);
  await writeFile(join(folder, 'forged.efi'), loader);
  await putFatFile(image, '/EFI/BOOT/BOOTX64.EFI', join(folder, 'forged.efi'), DATE);
  const refused = await bootTest(forged, { ...options, paths: ['uefi-secure-cd'] });
  t.match(refused.results, [{ outcome: 'fails', detail: /Access Denied/ }], 'its signature does not fit any more');
  t.throws(() => requireBoots(refused), { code: 'media.boot-test-failed' });
});

t.test('boot-test: interrupted, it leaves no machine', { skip }, async (t) => {
  const main = join(import.meta.dirname, '../../../src/cli/main.ts');
  const args = [main, 'media', 'boot-test', join(folder, 'ask.iso'), '--store', join(folder, 'store')];
  const child = spawn(process.execPath, args, { env: { ...process.env, TMPDIR: folder }, stdio: 'ignore' });
  const ended = once(child, 'exit');
  t.ok(await until(async () => (await machinesOf(folder)).length > 0, 60_000), 'a machine runs');
  child.kill('SIGINT');
  t.same(await ended, [130, null]);
  t.same(await machinesOf(folder), []);
  t.same(
    (await readdir(folder)).filter((name) => name.startsWith('ingot-')),
    [],
    'nor its folders',
  );
});
