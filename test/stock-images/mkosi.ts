/** Images by mkosi 14 as it makes them by itself: systemd-boot and a unified kernel image, for UEFI alone. */
import { join } from 'node:path';
import { run } from '../../src/host/run.ts';
import type { Maker } from './maker.ts';

const TOOLS = ['mkosi', 'debootstrap', 'systemd-container', 'dosfstools', 'fdisk', 'e2fsprogs'];
const PACKAGES = ['openssh-server'];

/** It mounts the EFI system partition that it makes, so the kernel has to know FAT. */
export const byMkosi = (format: 'gpt_ext4' | 'gpt_btrfs'): Maker => ({
  release: '12',
  format: 'raw',
  needs: {
    packages: format === 'gpt_btrfs' ? [...TOOLS, 'btrfs-progs'] : TOOLS,
    host: ['root', 'loop', 'fat'],
  },
  packages: [...PACKAGES, 'dracut', 'systemd-boot', 'linux-image-amd64'],
  code: ['mkosi.ts'],
  definition: [format, PACKAGES],
  make: async (image, { apt, work, signal, tell }) => {
    const words = [
      ...['--distribution', 'debian', '--release', apt.codename, '--mirror', apt.mirror],
      ...['--format', format, '--bootable', '--package', PACKAGES.join(',')],
      ...['--directory', work, '--workspace-dir', work, '--output-dir', join(image, '..'), '--output', image, 'build'],
    ];
    await run('mkosi', words, { cwd: work, signal, keepsEnd: true, onLine: (line) => tell(`mkosi: ${line}`) });
  },
});
