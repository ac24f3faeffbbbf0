/** Drives by their names: what is the name of a partition cannot be one. */
import { own } from '../../../own.ts';
import type { OptionUse } from '../command-arguments.ts';
import { shown } from '../findings.ts';
import { type CheckContext, commandsNamed, type ParsedCommand } from './check-context.ts';

const DRIVE_OPTIONS: Readonly<Record<string, readonly string[]>> = {
  part: ['--ondisk', '--ondrive'],
  partition: ['--ondisk', '--ondrive'],
  clearpart: ['--drives'],
  ignoredisk: ['--drives', '--only-use'],
  bootloader: ['--boot-drive', '--driveorder'],
};

const ONE_DRIVE = ['--boot-drive', '--ondisk', '--ondrive'];

/** Names the kernel gives to partitions of SCSI, virtio, NVMe and MMC disks. */
const PARTITION = /^(\/dev\/)?((sd|vd|hd)[a-z]{1,3}\d+|(nvme\d+n\d+|mmcblk\d+)p\d+)$/;

export const checkDrives = ({ name, line, args }: ParsedCommand, { tell }: CheckContext): void => {
  for (const { name: option, value, valueAt } of args.options) {
    if (!own(DRIVE_OPTIONS, name)?.includes(option) || value === undefined) continue;
    const drives = value.split(',').map((drive) => drive.trim());
    if (ONE_DRIVE.includes(option) && drives.length > 1) tell('drive-name', line, valueAt, `${option} takes one drive`);
    const partition = drives.find((drive) => PARTITION.test(drive));
    if (partition !== undefined)
      tell('drive-name', line, valueAt, `${shown(partition)} is a partition, ${option} expects a drive`);
    if (drives.every((drive) => drive === '')) tell('drive-name', line, valueAt, `${option} names no drive`);
  }
};

/** Names that each stand for exactly one drive; others (by-path, patterns, multipath) may be another name of the same drive. */
const KERNEL_NAME = /^((sd|vd|hd|xvd)[a-z]{1,3}|nvme\d+n\d+|mmcblk\d+)$/;

const namesOf = ({ value = '' }: OptionUse): string[] =>
  value.split(',').flatMap((drive) => drive.trim().replace(/^\/dev\//, '') || []);

/** A drive that ignoredisk leaves out is not there for part and bootloader. */
export const checkIgnoredDrives = (context: CheckContext): void => {
  const options = commandsNamed(context, 'ignoredisk').flatMap(({ args }) => args.options);
  const drivesOf = (option: string): string[] => options.filter(({ name }) => name === option).flatMap(namesOf);
  const [used, ignored] = [drivesOf('--only-use'), drivesOf('--drives')];
  if (context.document.open || ![...used, ...ignored].every((drive) => KERNEL_NAME.test(drive))) return;
  for (const { line, args } of commandsNamed(context, 'part', 'partition', 'bootloader'))
    for (const use of args.options.filter(({ name }) => ONE_DRIVE.includes(name))) {
      const [drive = ''] = namesOf(use);
      const isLeftOut = (used.length > 0 && !used.includes(drive)) || ignored.includes(drive);
      if (KERNEL_NAME.test(drive) && isLeftOut)
        context.tell('drive-name', line, use.valueAt, `ignoredisk leaves ${shown(drive)} out, so it cannot be used`);
    }
};
