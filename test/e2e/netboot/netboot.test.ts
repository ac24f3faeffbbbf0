/**
 * Debian's installer over the network, and one medium for many hosts: each finds its own answers by serial number or card, and
 * one that nobody has named is left as it is.
 */
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { startMachine } from '../../../src/machine/machine.ts';
import type { MachineSpec } from '../../../src/machine/spec.ts';
import type { NetbootHosts } from '../../../src/media/netboot/host-answers.ts';
import { makeNetboot } from '../../../src/media/netboot/netboot.ts';
import { remaster } from '../../../src/media/remaster.ts';
import { loadRecipe } from '../../../src/recipe/load.ts';
import { silentReporter } from '../../../src/report.ts';
import { renderLoaded } from '../../../src/stages/answers/answers-stage.ts';
import { netbootHosts } from '../../../src/stages/deliver/netboot-answers.ts';
import { guestRun, guestSpec } from '../../machine/guest.ts';
import { ANSWERS, COMMAND_LINE, DATE, machineFor, medium, original, shows, skip } from '../boot-medium.ts';

t.setTimeout(45 * 60_000);

const folder = t.testdir({});
const plain = skip ? '' : await original(folder);
const now = skip ? '' : await medium(plain, 'now');

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
    iso: plain,
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
  await makeNetboot({ iso: now, folder: served, start: 'now', reporter: silentReporter });
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
