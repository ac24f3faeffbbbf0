/** `ingot media write`: an ISO onto a USB stick. */
import { createInterface } from 'node:readline/promises';
import { Command } from '@commander-js/extra-typings';
import { IngotError } from '../../errors.ts';
import type { BlockDevice } from '../../media/disk/device.ts';
import { bytes, progress } from '../../ui/format.ts';
import { print, say, sayOver } from '../print.ts';
import { interruptible } from '../signals.ts';

export const writeCommand = () =>
  new Command('write')
    .description('Write an ISO to a USB stick, and read it back. ERASES the stick.')
    .argument('<iso>', 'the ISO')
    .argument('<device>', 'the whole disk: /dev/sdb')
    .option('--yes <name>', "the disk's name (sdb), so that it is not asked for")
    .option('--force', 'also write to a disk that is not removable', false)
    .addHelpText('after', '\nExample:\n  ingot media write web.iso /dev/sdb')
    .action(async (iso, path, options) => {
      const { readMedium } = await import('../../media/iso/medium.ts');
      const { bootPathsOf } = await import('../../media/boot/boot-paths.ts');
      const { inspectDevice } = await import('../../media/disk/device.ts');
      const { writeMedium } = await import('../../media/disk/write.ts');
      using interruption = interruptible();
      const { signal } = interruption;
      const medium = await readMedium(iso, signal);
      if (!bootPathsOf(medium.boot).some((way) => way.endsWith('-usb')))
        throw new IngotError('media.no-usb-boot', 'this medium boots from a CD only', {
          where: iso,
          hint: '`ingot media inspect` shows why.',
        });
      const device = await inspectDevice(path, medium.volume.fileSize, { force: options.force });
      await confirm(device, options.yes, signal);
      const tell = teller();
      try {
        await writeMedium(iso, device, { signal, reporter: { line() {}, note() {}, ...tell } });
      } catch (error) {
        if (!signal.aborted) throw error;
        throw new IngotError('interrupted', 'interrupted; the disk is written in part and does not boot', {
          where: device.path,
          hint: 'Run the same command again.',
          cause: error,
        });
      } finally {
        tell.end();
      }
      print(`${device.path}: ${bytes(medium.volume.fileSize)} written, read back, the same\n`);
    });

const confirm = async (device: BlockDevice, given: string | undefined, signal: AbortSignal): Promise<void> => {
  const what = `${device.path}, ${bytes(device.size)}${device.model === '' ? '' : `, ${device.model}`}`;
  const typed = given ?? (process.stdin.isTTY ? await ask(device, what, signal) : undefined);
  if (typed === device.name) return;
  throw new IngotError(
    'usage.not-confirmed',
    typed === undefined ? 'nobody has confirmed that the disk is erased' : `"${typed}" is not the name of the disk`,
    { where: what, hint: `On a terminal it is asked for; elsewhere give --yes ${device.name}.` },
  );
};

const ask = async (device: BlockDevice, what: string, signal: AbortSignal): Promise<string> => {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    say(`All that is on this disk will be lost: ${what}`);
    return (await terminal.question(`Type its name (${device.name}) to erase it: `, { signal })).trim();
  } finally {
    terminal.close();
  }
};

/** One line that changes on a terminal; one line a phase elsewhere. */
const teller = () => {
  const isTerminal = process.stderr.isTTY === true;
  let phase = '';
  let last = 0;
  return {
    phase(name: string) {
      phase = name;
      if (!isTerminal) say(`${name}`);
    },
    progress(done: number, total: number | undefined, unit: 'bytes' | 'items' | 'percent') {
      if (!isTerminal || performance.now() - last < 200) return;
      last = performance.now();
      sayOver(`${phase} ${progress(done, total, unit)}`);
    },
    end: () => void (isTerminal && sayOver('')),
  };
};
