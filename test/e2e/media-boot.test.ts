/**
 * Media that really boot: Debian's installer kernel on a medium of our own, remastered, started in machines by every
 * way a medium has, until the kernel prints its command line and the answers are seen inside.
 */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { access, copyFile, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { probeAccelerator } from '../../src/machine/accelerator.ts';
import { type Machine, startMachine } from '../../src/machine/machine.ts';
import type { MachineSpec } from '../../src/machine/spec.ts';
import type { BootPath } from '../../src/media/boot/boot-paths.ts';
import { putFatFile, readFat } from '../../src/media/boot/efi-image.ts';
import { bootTest } from '../../src/media/boot-test/boot-test.ts';
import { requireBoots } from '../../src/media/boot-test/result.ts';
import { BLOCK_SIZE } from '../../src/media/iso/iso9660.ts';
import { readMedium } from '../../src/media/iso/medium.ts';
import { masterIso } from '../../src/media/master.ts';
import type { MenuStart } from '../../src/media/menus/unattended.ts';
import type { NetbootHosts } from '../../src/media/netboot/host-answers.ts';
import { makeNetboot } from '../../src/media/netboot/netboot.ts';
import { remaster } from '../../src/media/remaster.ts';
import { loadRecipe } from '../../src/recipe/load.ts';
import { silentReporter } from '../../src/report.ts';
import { renderLoaded } from '../../src/stages/answers/answers-stage.ts';
import { netbootHosts } from '../../src/stages/deliver/netboot-answers.ts';
import { guestRun, guestSpec, until } from '../machine/guest.ts';
import { machinesOf } from './support.ts';

const INSTALLER = '/usr/lib/debian-installer/images/12/amd64/text/debian-installer/amd64';
const DATE = 1_700_000_000;
const LIMIT = 240_000;
const nonce = randomBytes(6).toString('hex');

t.setTimeout(20 * 60_000);

const hasInstaller = await access(INSTALLER).then(
  () => true,
  () => false,
);
const skip = hasInstaller ? false : 'debian-installer-12-netboot-amd64 is not installed';

const folder = t.testdir({});

/** The first process of the guest: it sees Debian's initrd and ours, says so, and turns the machine off. */
const FIRST_PROCESS = `#!/bin/sh
mount -t devtmpfs devtmpfs /dev
{
  echo
  echo "answers: $(cat /preseed.cfg) installer: $(ls -d /lib/debian-installer) end"
  [ ! -e /cdrom/.disk/info ] || echo "medium: $(cat /cdrom/.disk/info)"
} > /dev/ttyS0
sleep 1
poweroff -f
`;

const original = async (): Promise<string> => {
  const tree = join(folder, 'tree');
  for (const name of ['install.amd', '.disk']) await mkdir(join(tree, name), { recursive: true });
  await copyFile(join(INSTALLER, 'linux'), join(tree, 'install.amd/vmlinuz'));
  await copyFile(join(INSTALLER, 'initrd.gz'), join(tree, 'install.amd/initrd.gz'));
  await writeFile(join(tree, '.disk/info'), 'Debian GNU/Linux 12 "Bookworm" - Test amd64\n');
  const iso = join(folder, 'original.iso');
  await masterIso({ tree, output: iso, volumeId: 'BOOT_TEST', date: DATE, parts: '/' });
  return iso;
};

const medium = async (iso: string, start: MenuStart): Promise<string> => {
  const output = join(folder, `${start}.iso`);
  await remaster({
    iso,
    output,
    initrdEntries: [
      { type: 'file', path: 'preseed.cfg', mode: 0o600, content: `the answers ${nonce}` },
      { type: 'file', path: 'ingot/first', mode: 0o755, content: FIRST_PROCESS },
    ],
    mediumFiles: [],
    kernelArguments: { installer: ['rdinit=/ingot/first', 'console=ttyS0', `nonce=${nonce}`], target: ['panic=9'] },
    menu: { start, title: 'Install', serial: true },
    date: DATE,
    reporter: silentReporter,
  });
  return output;
};

const machineFor = (iso: string, path: BootPath): Partial<MachineSpec> => ({
  name: path,
  disks: [],
  memory: 2 ** 30,
  cpus: 2,
  firmware: path.startsWith('uefi') ? 'uefi' : 'bios',
  network: { mode: 'none', model: 'virtio', forwardSsh: false },
  ...(path.endsWith('cd') ? { cdrom: iso, boot: ['cdrom'] } : { usb: iso, boot: ['usb'] }),
});

const boot = (iso: string, path: BootPath, name: string): Promise<Machine> =>
  startMachine(guestSpec('', machineFor(iso, path)), guestRun(join(folder, name), { throwAway: true }));

/**
 * Whether the serial console comes to show it, if only for a moment: GRUB clears its screen and draws it again. A
 * machine that has ended shows nothing more.
 */
const shows = async (machine: Machine, pattern: RegExp, limit = LIMIT): Promise<boolean> => {
  let hasEnded = false;
  let wasShown = false;
  void machine.ended.then(() => {
    hasEnded = true;
  });
  const look = async () => {
    wasShown ||= pattern.test((await machine.console.text()).replaceAll('\n', ''));
    return wasShown;
  };
  await until(async () => (await look()) || hasEnded, limit);
  return look();
};

/**
 * The kernel breaks no lines, the terminal does. It says it twice (`Command line:`, `Kernel command line:`), and an emulated
 * serial line of a busy host loses a letter now and then.
 */
const COMMAND_LINE = new RegExp(`ommand line: .*nonce=${nonce} --- panic=9`);
const ANSWERS = new RegExp(`answers: the answers ${nonce} installer: /lib/debian-installer end`);

t.test('start: now boots at once by every path', { skip }, async (t) => {
  const iso = await medium(await original(), 'now');
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
  const main = join(import.meta.dirname, '../../src/cli/main.ts');
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

const SAY = `#!/bin/sh
{
  echo
  echo "host: $(sed -n 's/.*netcfg.get_hostname string //p' /preseed.cfg) hosts left: $(ls -d /ingot/hosts 2>&1) end"
} > /dev/ttyS0
poweroff -f
`;

const FLEET = `name: fleet
os: {family: debian, release: "12"}
origin: {assemble: debian}
answers: {hostname: nobody}
hosts:
  by-serial: {match: {serial: CZ 1234}, answers: {hostname: by-serial}}
  by-card: {match: {mac: "52:54:00:00:00:0b"}, answers: {hostname: by-card}}
`;

/** Debian's installer as it is, with the answers of two hosts. */
const fleet = async (): Promise<{ iso: string; hosts: NetbootHosts }> => {
  await writeFile(join(folder, 'fleet.yaml'), FLEET);
  const loaded = await loadRecipe(join(folder, 'fleet.yaml'), { env: {} });
  const { initrd } = await renderLoaded({ loaded, purpose: 'delivery' });
  const iso = join(folder, 'fleet.iso');
  await remaster({
    iso: join(folder, 'original.iso'),
    output: iso,
    initrdEntries: [
      ...initrd.map((file) => ({ type: 'file' as const, ...file })),
      { type: 'file', path: 'lib/debian-installer-startup.d/S13ingot-test', mode: 0o755, content: SAY },
    ],
    mediumFiles: [],
    kernelArguments: { installer: ['console=ttyS0'], target: [] },
    menu: { start: 'now', title: 'Install', serial: true },
    date: DATE,
    reporter: silentReporter,
  });
  return { iso, hosts: await netbootHosts(loaded, true) };
};

t.test('one medium for many hosts: by serial number, by card, and one that it does not know', { skip }, async (t) => {
  const { iso, hosts } = await fleet();
  const machine = (name: string, more: Partial<MachineSpec>) =>
    startMachine(
      guestSpec('', { ...machineFor(iso, 'bios-cd'), ...more }),
      guestRun(join(folder, `fleet-${name}`), { throwAway: true }),
    );
  const card = (mac: string) => ({ mode: 'isolated', model: 'virtio', forwardSsh: false, mac }) as const;
  await t.test('by serial number', async (t) => {
    await using started = await machine('serial', { system: { serial: 'CZ 1234' } });
    t.ok(await shows(started, /host: by-serial hosts left: ls: .*No such file or directory end/), 'its answers alone');
  });
  await t.test('none of them', async (t) => {
    const uuid = '4c4c4544-0043-3010-8052-b4c04f564231';
    const ids = { system: { serial: 'CZ 1', uuid }, network: card('52:54:00:00:00:0c') };
    await using started = await machine('unknown', ids);
    t.ok(
      await shows(started, /Nothing was changed on it[\s\S]*CZ 1 [\s\S]*52:54:00:00:00:0c/),
      'it says what it is known by',
    );
    t.ok((await started.console.text()).includes(uuid));
    t.notOk(await shows(started, /host: /, 5000), 'and goes no further');
  });
  const served = join(folder, 'fleet-netboot');
  await mkdir(served);
  await makeNetboot({ iso, folder: served, start: 'now', hosts, reporter: silentReporter });
  const overNetwork = (mac: string): Partial<MachineSpec> => {
    const { cdrom: _, ...plain } = machineFor(iso, 'bios-cd');
    const network = { ...card(mac), netboot: { folder: served, file: 'boot.ipxe' } };
    return { ...plain, boot: ['network'], network };
  };
  await t.test('by card, over the network', async (t) => {
    await using started = await startMachine(
      guestSpec('', overNetwork('52:54:00:00:00:0b')),
      guestRun(join(folder, 'fleet-card')),
    );
    t.ok(await shows(started, /host: by-card hosts left/));
  });
});

/** What a server has to serve; `file` is what DHCP names. */
const netboots = async (t: Test, name: string, file: string, more: Partial<MachineSpec>, prepare = noMore) => {
  const served = join(folder, `netboot-${name}`);
  await mkdir(served);
  await makeNetboot({ iso: join(folder, 'now.iso'), folder: served, start: 'now', reporter: silentReporter });
  await prepare(served);
  const spec: Partial<MachineSpec> = {
    name: 'netboot',
    disks: [],
    memory: 2 ** 30,
    boot: ['network'],
    network: { mode: 'isolated', model: 'virtio', forwardSsh: false, netboot: { folder: served, file } },
    ...more,
  };
  await using machine = await startMachine(guestSpec('', spec), guestRun(join(folder, `netboot-run-${name}`)));
  t.ok(await shows(machine, COMMAND_LINE), 'the kernel has the command line');
  t.ok(await shows(machine, ANSWERS), 'installer and answers are unpacked');
  t.ok(await shows(machine, /medium: Debian GNU\/Linux 12/), 'and the medium');
};
const noMore = async (_served: string) => {};

t.test('netboot: by DHCP, TFTP and iPXE into the installer, its answers and its medium', { skip }, (t) =>
  netboots(t, 'bios', 'boot.ipxe', {}),
);

t.test('netboot: the same by UEFI', { skip }, (t) => netboots(t, 'uefi', 'boot.ipxe', { firmware: 'uefi' }));

t.test('netboot: by UEFI and a signed GRUB, with grub.cfg', { skip }, (t) =>
  netboots(t, 'grub', 'grubnetx64.efi', { firmware: 'uefi' }, async (served) => {
    await copyFile('/usr/lib/grub/x86_64-efi-signed/grubnetx64.efi.signed', join(served, 'grubnetx64.efi'));
    // Debian's GRUB looks there.
    await mkdir(join(served, 'grub'));
    await writeFile(join(served, 'grub/grub.cfg'), 'source /grub.cfg\n');
  }),
);
