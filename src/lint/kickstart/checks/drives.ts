/** Drives by their names: what is the name of a partition cannot be one. */
import { shown } from '../findings.ts';
import type { CheckContext, ParsedCommand } from './context.ts';

const DRIVE_OPTIONS: Readonly<Record<string, readonly string[]>> = {
  part: ['--ondisk', '--ondrive'],
  partition: ['--ondisk', '--ondrive'],
  clearpart: ['--drives'],
  ignoredisk: ['--drives', '--only-use'],
  bootloader: ['--boot-drive', '--driveorder'],
};

/** Names the kernel gives to partitions of SCSI, virtio, NVMe and MMC disks. */
const PARTITION = /^(\/dev\/)?((sd|vd|hd)[a-z]{1,3}\d+|(nvme\d+n\d+|mmcblk\d+)p\d+)$/;

export const checkDrives = ({ name, line, args }: ParsedCommand, { tell }: CheckContext): void => {
  for (const { name: option, value, valueAt } of args.options) {
    if (!DRIVE_OPTIONS[name]?.includes(option) || value === undefined) continue;
    const drives = value.split(',').map((drive) => drive.trim());
    if (option === '--boot-drive' && drives.length > 1)
      tell('drive-name', line, valueAt, '--boot-drive takes one drive');
    const partition = drives.find((drive) => PARTITION.test(drive));
    if (partition !== undefined)
      tell('drive-name', line, valueAt, `${shown(partition)} is a partition, ${option} expects a drive`);
    if (drives.every((drive) => drive === '')) tell('drive-name', line, valueAt, `${option} names no drive`);
  }
};
