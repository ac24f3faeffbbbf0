/** An installation as on metal: a machine boots from a delivered medium, a key starts its menu's entry, power-off ends it. */
import { run } from '../../src/host/run.ts';
import { probeAccelerator } from '../../src/machine/accelerator.ts';
import { type Machine, startMachine } from '../../src/machine/machine.ts';
import { type Firmware, LOG_PORT, type MachineSpec } from '../../src/machine/spec.ts';
import { silentReporter } from '../../src/report.ts';
import { testStore } from '../e2e/support.ts';
import { until } from '../machine/guest.ts';

/** The firmware shows its own lines and the menu on the serial port too; a kernel's first sign is its stub's. */
const STARTED = /EFI stub|Linux version/;

export interface Installation {
  readonly medium: string;
  readonly disks: MachineSpec['disks'];
  readonly firmware: Firmware;
  /** For the machine's logs. */
  readonly folder: string;
  /** A board without a virtual device, the medium on a stick; a virtual machine with the log port when absent. */
  readonly metal?: boolean;
  /** The menu waits for a key, and says on the serial line what that does; else it starts by itself after a while. */
  readonly asks?: boolean;
}

export interface Outcome {
  /** As it should: nothing started before a key was pressed and a key started it, or it started by itself. */
  readonly started: boolean;
  /** `guest-shutdown`: the installer powered the machine off. Else how it ended, or what it said. */
  readonly ended: string;
}

export const probed = () =>
  probeAccelerator('auto', { cacheFolder: `${testStore}/shared/host`, reporter: silentReporter });

export const emptyDisk = async (path: string, size: string): Promise<string> => {
  await run('qemu-img', ['create', '-q', '-f', 'qcow2', path, size]);
  return path;
};

const pressEnter = (machine: Machine) =>
  machine.qmp.execute('send-key', { keys: [{ type: 'qcode', data: 'ret' }] }).catch(() => undefined);

export const installFrom = async ({ medium, disks, firmware, folder, metal, asks }: Installation): Promise<Outcome> => {
  const { accelerator, factor } = await probed();
  const spec: MachineSpec = {
    name: 'metal',
    // A second processor slows an emulated installer down.
    cpus: accelerator === 'tcg' ? 1 : 2,
    memory: 2 * 2 ** 30,
    firmware,
    accelerator,
    disks,
    ...(metal
      ? { paravirtual: false, usb: medium, boot: ['usb', 'disk'] }
      : { cdrom: medium, boot: ['cdrom', 'disk'] }),
    ...(metal ? {} : { logPort: LOG_PORT }),
    network: { mode: 'isolated', model: metal ? 'e1000e' : 'virtio', forwardSsh: false },
    onReboot: 'shutdown',
  };
  await using machine = await startMachine(spec, { folder, reporter: silentReporter });
  const shows = async (pattern: RegExp) => pattern.test((await machine.console.text()).replaceAll('\n', ''));
  if (asks) {
    if (!(await until(() => shows(/ERASES THE DISK/), 120_000 * factor)))
      return { started: false, ended: 'the menu does not say what it does' };
    // It waits for ever: nothing may happen before the key.
    if (await until(() => shows(STARTED), 15_000)) return { started: false, ended: 'it started by itself' };
    await pressEnter(machine);
  }
  if (!(await until(() => shows(STARTED), 120_000 * factor))) return { started: false, ended: 'no kernel started' };
  const failure = new Promise<string>((resolve) => {
    machine.log.subscribe((line) => {
      if (/ ingot: failure /.test(line)) resolve(line);
    });
  });
  const limit = new Promise<string>((resolve) => {
    setTimeout(() => resolve('never ended'), 10 * 60_000 * factor).unref();
  });
  // Its dialogs stand still on the screen: nothing will come then.
  const ended = await Promise.race([machine.ended.then(({ reason }) => reason), failure, limit, dialog(machine)]);
  return { started: true, ended };
};

/** The screen, once the installer waits for an answer. */
const dialog = async (machine: Machine): Promise<string> => {
  const waits = async () => {
    const { lines } = await machine.console.screen();
    return /<(?:Go Back|Continue|Yes|No)>/.test(lines.join('\n')) ? lines.join('\n') : undefined;
  };
  for (;;) {
    await new Promise((resolve) => void setTimeout(resolve, 30_000).unref());
    const first = await waits();
    if (first === undefined) continue;
    await new Promise((resolve) => void setTimeout(resolve, 60_000).unref());
    if ((await waits()) === first) return first;
  }
};
