/**
 * Bare metal as far as a virtual machine goes: the delivery medium of `ingot media`, remastered from an ISO file with
 * its digest, as a USB stick; an AHCI disk, an e1000e card, no virtio device at all; started by a key at its menu.
 */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { fileRef } from '../../src/host/files.ts';
import { run } from '../../src/host/run.ts';
import { probeAccelerator } from '../../src/machine/accelerator.ts';
import { type Machine, startMachine } from '../../src/machine/machine.ts';
import type { Firmware, MachineSpec } from '../../src/machine/spec.ts';
import { silentReporter } from '../../src/report.ts';
import { bootFresh, exampleRecipe, ingot, testStore, userKey } from '../e2e/support.ts';
import { until } from '../machine/guest.ts';

t.setTimeout(3 * 60 * 60_000);

const key = await userKey();
const work = join(testStore, 'bare-metal');
await rm(work, { recursive: true, force: true });
await mkdir(work, { recursive: true });
const tell = (text: string) => t.comment(text);

/** The same recipe on an ISO file: the medium that the example assembles serves as somebody's install ISO. */
const isoRecipe = async (): Promise<string> => {
  const assembled = join(work, 'assembled.iso');
  const first = ingot(['media', exampleRecipe, '--store', testStore, '-o', assembled, '--var', `key=${key}.pub`], tell);
  const { code, stderr } = await first.ended;
  t.equal(code, 0, stderr);
  const origin = first.events.find((event) => 'stage' in event && event.stage === 'assemble' && 'key' in event);
  const digest = origin && 'key' in origin ? origin.key : '';
  const iso = join(testStore, 'stages', 'assemble', digest, 'medium.iso');
  const { sha256 } = await fileRef(iso);
  const text = await readFile(exampleRecipe, 'utf8');
  const path = join(work, 'metal.yaml');
  const replaced = text
    .replace(/^origin:\n(?: .*\n|\n)+/m, `origin:\n  iso: ${iso}\n  sha256: ${sha256}\n\n`)
    .replace('name: debian-12-minimal', 'name: metal');
  await writeFile(path, replaced);
  return path;
};

const pressEnter = (machine: Machine) =>
  machine.qmp.execute('send-key', { keys: [{ type: 'qcode', data: 'ret' }] }).catch(() => undefined);

/** The firmware shows its own lines and the menu on the serial port too; a kernel's first sign is its stub's. */
const STARTED = /EFI stub|Linux version/;

const install = async (medium: string, disk: string, firmware: Firmware): Promise<string> => {
  await run('qemu-img', ['create', '-q', '-f', 'qcow2', disk, '6G']);
  const { accelerator, factor } = await probeAccelerator('auto', {
    cacheFolder: join(testStore, 'shared', 'host'),
    reporter: silentReporter,
  });
  const spec: MachineSpec = {
    name: 'metal',
    cpus: 2,
    memory: 2 * 2 ** 30,
    firmware,
    accelerator,
    paravirtual: false,
    disks: [{ path: disk, format: 'qcow2', bus: 'ahci' }],
    usb: medium,
    boot: ['usb', 'disk'],
    network: { mode: 'isolated', model: 'e1000e', forwardSsh: false },
    onReboot: 'shutdown',
  };
  await using machine = await startMachine(spec, { folder: join(work, firmware), reporter: silentReporter });
  const shows = async (pattern: RegExp) => pattern.test((await machine.console.text()).replaceAll('\n', ''));
  t.ok(await until(() => shows(/ERASES THE DISK/), 120_000 * factor), 'the menu says what it does');
  // It waits for ever: nothing may happen before the key.
  t.notOk(await until(() => shows(STARTED), 20_000), 'nothing starts by itself');
  await pressEnter(machine);
  t.ok(await until(() => shows(STARTED), 60_000 * factor), 'a key starts it');
  const limit = new Promise<void>((resolve) => void setTimeout(resolve, 20 * 60_000 * factor).unref());
  const ending = await Promise.race([machine.ended, limit]);
  return ending ? ending.reason : 'never ended';
};

t.test('installs from a USB stick on metal and boots', async (t) => {
  const recipe = await isoRecipe();
  const medium = join(work, 'metal.iso');
  const media = ingot(['media', recipe, '--store', testStore, '-o', medium, '--var', `key=${key}.pub`], tell);
  const { code, stderr } = await media.ended;
  t.equal(code, 0, stderr);
  const disk = join(work, 'metal.qcow2');
  t.equal(await install(medium, disk, 'uefi'), 'guest-shutdown', 'the installer powers the machine off');
  const { machine, session } = await bootFresh(
    join(work, 'installed'),
    {
      firmware: 'uefi',
      paravirtual: false,
      disks: [{ path: disk, format: 'qcow2', bus: 'ahci' }],
      network: { mode: 'isolated', model: 'e1000e', forwardSsh: true },
    },
    { privateKey: await readFile(key, 'utf8'), publicKey: await readFile(`${key}.pub`, 'utf8') },
  );
  await using _machine = machine;
  await using _session = session;
  const state = await session.exec('systemctl is-system-running --wait || systemctl --failed --no-legend');
  t.equal(state.stdout.trim(), 'running');
  const access = await session.exec('ls /etc/ssh/sshd_config.d; grep -rl ingot /etc/ssh /etc/systemd/system || true');
  t.notMatch(access.stdout, /build|authorized/, 'no access for a build is on a delivered medium');
});
