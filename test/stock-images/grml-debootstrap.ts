/** Images by grml-debootstrap into a file (`--vmfile`): one partition, GRUB for BIOS. It asks for a kernel with device-mapper. */
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../../src/host/run.ts';
import type { Maker } from './maker.ts';

const TOOLS = ['grml-debootstrap', 'debootstrap', 'kpartx', 'parted', 'qemu-utils'];

export const byGrml = (packages: readonly string[]): Maker => ({
  release: '12',
  format: 'raw',
  needs: { packages: TOOLS, host: ['root', 'loop', 'device-mapper'] },
  packages: [...packages, 'linux-image-amd64', 'grub-pc'],
  code: ['grml-debootstrap.ts'],
  definition: packages,
  make: async (image, { apt, work, signal, tell }) => {
    const list = join(work, 'packages');
    await writeFile(list, `${packages.join('\n')}\n`);
    const made = join(work, 'disk.img');
    const words = [
      ...['--force', '--vmfile', '--vmsize', '3G', '--target', made, '--release', apt.codename, '--mirror', apt.mirror],
      ...[
        '--hostname',
        'grml',
        '--nopassword',
        '--packages',
        list,
        '--bootappend',
        'console=tty0 console=ttyS0,115200',
      ],
    ];
    await run('grml-debootstrap', words, {
      signal,
      keepsEnd: true,
      onLine: (line) => tell(`grml-debootstrap: ${line}`),
    });
    await rename(made, image);
  },
});
