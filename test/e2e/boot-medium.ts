/** A medium of Debian's installer kernel whose guest says what it sees and turns the machine off; shared by media and netboot. */
import { randomBytes } from 'node:crypto';
import { access, copyFile, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Machine } from '../../src/machine/machine.ts';
import type { MachineSpec } from '../../src/machine/spec.ts';
import type { BootPath } from '../../src/media/boot/boot-paths.ts';
import { masterIso } from '../../src/media/master.ts';
import type { MenuStart } from '../../src/media/menus/unattended.ts';
import { remaster } from '../../src/media/remaster.ts';
import { silentReporter } from '../../src/report.ts';
import { until } from '../machine/guest.ts';

const INSTALLER = '/usr/lib/debian-installer/images/12/amd64/text/debian-installer/amd64';
export const DATE = 1_700_000_000;
/** For a host where several machines are emulated at once. */
const LIMIT = 600_000;
export const nonce = randomBytes(6).toString('hex');

const hasInstaller = await access(INSTALLER).then(
  () => true,
  () => false,
);
export const skip = hasInstaller ? false : 'debian-installer-12-netboot-amd64 is not installed';

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

export const original = async (folder: string): Promise<string> => {
  const tree = join(folder, 'tree');
  for (const name of ['install.amd', '.disk']) await mkdir(join(tree, name), { recursive: true });
  await copyFile(join(INSTALLER, 'linux'), join(tree, 'install.amd/vmlinuz'));
  await copyFile(join(INSTALLER, 'initrd.gz'), join(tree, 'install.amd/initrd.gz'));
  await writeFile(join(tree, '.disk/info'), 'Debian GNU/Linux 12 "Bookworm" - Test amd64\n');
  const iso = join(folder, 'original.iso');
  await masterIso({ tree, output: iso, volumeId: 'BOOT_TEST', date: DATE, parts: '/' });
  return iso;
};

/** The original with answers, as `START.iso` beside it. */
export const medium = async (iso: string, start: MenuStart): Promise<string> => {
  const output = join(dirname(iso), `${start}.iso`);
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

export const machineFor = (iso: string, path: BootPath): Partial<MachineSpec> => ({
  name: path,
  disks: [],
  memory: 2 ** 30,
  cpus: 2,
  firmware: path.startsWith('uefi') ? 'uefi' : 'bios',
  network: { mode: 'none', model: 'virtio', forwardSsh: false },
  ...(path.endsWith('cd') ? { cdrom: iso, boot: ['cdrom'] } : { usb: iso, boot: ['usb'] }),
});

/**
 * Whether the serial console comes to show it, if only for a moment: GRUB clears its screen and draws it again. A
 * machine that has ended shows nothing more.
 */
export const shows = async (machine: Machine, pattern: RegExp, limit = LIMIT): Promise<boolean> => {
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
export const COMMAND_LINE = new RegExp(`ommand line: .*nonce=${nonce} --- panic=9`);
export const ANSWERS = new RegExp(`answers: the answers ${nonce} installer: /lib/debian-installer end`);
