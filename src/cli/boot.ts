/** `ingot boot`: start what was built, without changing it. */
import { InvalidArgumentError, Option } from '@commander-js/extra-typings';
import { withStore } from './options.ts';
import { verb } from './verb.ts';

const wholeNumber = (text: string): number => {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('A whole number is needed.');
  return Number(text);
};

const fitting = (pattern: RegExp, what: string) => (text: string) => {
  if (pattern.test(text)) return text;
  throw new InvalidArgumentError(`${what} is needed.`);
};

export const bootCommand = () =>
  withStore(verb('boot'))
    .argument('<image>', 'a disk image (qcow2, raw) or an ISO')
    .option('--memory <MiB>', 'memory in MiB', wholeNumber, 2048)
    .option('--cpus <count>', 'number of processors', wholeNumber, 2)
    .option('--disk <GiB>', 'size in GiB of the empty disk for an ISO', wholeNumber, 16)
    .option('--cdrom <iso>', 'an ISO for the CD drive of a disk image, such as a cloud-init seed')
    .addOption(new Option('--firmware <name>', 'firmware').choices(['bios', 'uefi', 'uefi-secure']).default('bios'))
    .addOption(
      new Option('--bus <name>', 'disk bus').choices(['virtio', 'scsi', 'ahci', 'nvme', 'usb']).default('virtio'),
    )
    .addOption(new Option('--network <mode>', 'network').choices(['isolated', 'open', 'none']).default('isolated'))
    .option(
      '--mac <address>',
      'MAC address of its network card',
      fitting(/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i, 'A MAC address'),
    )
    .option('--serial <number>', 'serial number of the system (SMBIOS)', fitting(/^[\x20-\x7e]+$/, 'A serial number'))
    .option(
      '--uuid <uuid>',
      'UUID of the system (SMBIOS)',
      fitting(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i, 'A UUID'),
    )
    .addHelpText(
      'after',
      '\nExample:\n  ingot boot out/my-image/my-image.qcow2\n  ingot boot my-fleet.iso --serial CZ1234ABCD   as this host\n\nWhat the machine writes is not kept. Ctrl-] presses its power button; Ctrl-] twice ends it.',
    )
    .action(async (image, options) => {
      const { bootOnTerminal } = await import('./boot-terminal.ts');
      await bootOnTerminal(image, options);
    });
