/** `ingot egress`. */
import { InvalidArgumentError, Option } from '@commander-js/extra-typings';
import { withStore } from '../options.ts';
import { verb } from '../verb.ts';

const UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000 };

const milliseconds = (text: string): number => {
  const [, count, unit = ''] = /^(\d{1,5})([smh])$/.exec(text) ?? [];
  const size = UNITS[unit];
  if (count === undefined || size === undefined) throw new InvalidArgumentError('A duration is needed: 90s, 3m, 1h.');
  return Number(count) * size;
};

const wholeNumber = (text: string): number => {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('A whole number is needed.');
  return Number(text);
};

const collected = (text: string, before: readonly string[] = []): string[] => [
  ...before,
  ...text.split(',').filter((word) => word !== ''),
];

const MINUTE = 60_000;

export const egressCommand = () =>
  withStore(verb('egress'))
    .argument('[image]', 'a disk image: qcow2, raw, VMDK, VHDX, VHD or VDI')
    .option('--observe', 'start it on a network that lets nothing out, and show what it sends', false)
    .addOption(
      new Option('--mode <mode>', 'what the network does: take everything until it is known, or refuse everything')
        .choices(['sink', 'refuse'])
        .default('sink'),
    )
    .option('--for <duration>', 'how long it is watched after its boot: 90s, 3m (default: 1m)', milliseconds, MINUTE)
    .option('--timers', "start each timer's service once", false)
    .option('--pcap <file>', 'write all frames, for tcpdump and wireshark')
    .option('--allow <what,...>', 'what may leave: dhcp,dns,ntp,HOST[:PORT] (repeatable); all else fails', collected)
    .option('--policy <file>', 'a YAML file with `egress` and `telemetry`')
    .option('--predicate <file>', 'write what was found as the predicate of an attestation')
    .option('--memory <MiB>', 'memory in MiB', wholeNumber, 1024)
    .option('--cpus <count>', 'number of processors', wholeNumber, 2)
    .addOption(new Option('--firmware <name>', 'firmware').choices(['bios', 'uefi']).default('bios'))
    .addOption(
      new Option('--bus <name>', 'disk bus').choices(['virtio', 'scsi', 'ahci', 'nvme', 'usb']).default('virtio'),
    )
    .option('--catalogue', 'show what is known to send, without an image', false)
    .option('--json', 'print JSON with everything', false)
    .addHelpText(
      'after',
      '\nExamples:\n  ingot egress out/my-image/my-image.qcow2\n  ingot egress cloud.qcow2 --observe --timers --allow dhcp,dns,ntp\n\nExit status with --allow or --policy: 0 it is kept, 1 it is not, 2 it could not be judged. Without them nothing is judged.',
    )
    .action(async (image, options) => {
      const { showCatalogue, egress } = await import('./run.ts');
      await (options.catalogue ? showCatalogue(options.json) : egress(image, options));
    });
