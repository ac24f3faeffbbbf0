/** The terminal side of `ingot boot`: says where SSH is, hands the serial console over, ends on Ctrl-] or power-off. */
import { temporaryFolder } from '../host/files.ts';
import { attachTerminal, type BootOptions, bootImage } from '../machine/boot.ts';
import type { Machine } from '../machine/machine.ts';
import { silentReporter } from '../report.ts';
import { hostAccelerator } from './accelerator.ts';
import { say } from './print.ts';
import { interruptible } from './signals.ts';

export interface TerminalOptions extends Omit<BootOptions, 'accelerator' | 'memory' | 'disk'> {
  /** MiB and GiB, as the command line has them. */
  readonly memory: number;
  readonly disk: number;
  readonly store?: string | undefined;
}

const POWER_OFF_LIMIT = 60_000;

export const bootOnTerminal = async (image: string, options: TerminalOptions): Promise<void> => {
  const { store, ...machineOptions } = options;
  using interruption = interruptible();
  const { signal } = interruption;
  const reporter = { ...silentReporter, note: say };
  const { accelerator, factor } = await hostAccelerator({ store, reporter, signal });
  await using folder = await temporaryFolder('ingot-boot-');
  const memory = options.memory * 2 ** 20;
  const disk = options.disk * 2 ** 30;
  await using machine = await bootImage(
    image,
    { ...machineOptions, memory, disk, accelerator },
    { folder: folder.path, reporter, signal },
  );
  if (machine.sshPort !== undefined) say(`SSH: ssh -p ${machine.sshPort} USER@127.0.0.1`);
  await untilEnded(machine, factor, say);
};

/** Hands the serial console over, and comes back when the machine has ended. Throws what ended it, if it failed. */
export const untilEnded = async (machine: Machine, factor: number, say: (text: string) => void): Promise<void> => {
  say('Ctrl-] presses the power button, twice ends the machine.');
  let presses = 0;
  using _terminal = attachTerminal(machine, process.stdin, process.stdout, () => {
    presses += 1;
    void machine.powerOff(presses === 1 ? POWER_OFF_LIMIT * factor : 0);
  });
  const ending = await machine.ended;
  if (ending.error) throw ending.error;
};
