/** An image by vmdb2, as its manual makes one for BIOS, with /boot as a partition of its own. */
import { chmod, copyFile, mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { commandFolders } from '../../src/host/command-line.ts';
import { run } from '../../src/host/run.ts';
import type { Maker } from './maker.ts';
import { hasDeviceMapper } from './needs.ts';

const TOOLS = ['vmdb2', 'debootstrap', 'parted', 'zerofree', 'qemu-utils'];

export const VMDB2_PACKAGES = ['linux-image-amd64', 'openssh-server', 'systemd-sysv', 'dbus', 'sudo'];

/** What udev makes: without it GRUB names the root file system by the loop device that it was on. */
const LINKS_BY_UUID = `
mkdir -p /dev/disk/by-uuid
for part in /dev/mapper/loop*p*; do
  link=/dev/disk/by-uuid/$(blkid -c /dev/null -o value -s UUID "$part")
  [ -e "$link" ] || ln -sf "$(readlink -f "$part")" "$link"
done
`;

/** The steps of a specification, which is YAML and so may be JSON. `mirror`: the archive's. */
const steps = (mirror: string, packages: readonly string[]) => [
  { mkimg: '{{ output }}', size: '3G' },
  { mklabel: 'msdos', device: '{{ output }}' },
  { mkpart: 'primary', device: '{{ output }}', start: '1M', end: '500M', tag: 'boot' },
  { mkpart: 'primary', device: '{{ output }}', start: '500M', end: '100%', tag: 'root' },
  { kpartx: '{{ output }}' },
  { mkfs: 'ext2', partition: 'boot', label: 'boot' },
  { mkfs: 'ext4', partition: 'root', label: 'root' },
  { mount: 'root', zerofree: false },
  { mount: 'boot', dirname: '/boot', 'mount-on': 'root', zerofree: false },
  { debootstrap: 'bookworm', mirror, target: 'root', variant: 'minbase', require_empty_target: false },
  { apt: 'install', packages, tag: 'root' },
  { shell: LINKS_BY_UUID, 'root-fs': 'root' },
  { grub: 'bios', tag: 'root', console: 'serial' },
  { fstab: 'root' },
  { chroot: 'root', shell: 'echo vmdb2 > /etc/hostname; passwd --lock root; systemctl enable systemd-networkd' },
  { 'create-file': '/etc/systemd/network/dhcp.network', contents: '[Match]\nName=e*\n\n[Network]\nDHCP=yes\n' },
];

export const byVmdb2 = (packages: readonly string[]): Maker => ({
  release: '12',
  format: 'raw',
  needs: { packages: TOOLS, host: ['root', 'loop'] },
  packages,
  code: ['vmdb2.ts', 'kpartx.sh'],
  definition: steps('', packages),
  make: async (image, { apt, work, signal, tell }) => {
    const specification = join(work, 'image.vmdb');
    await writeFile(specification, JSON.stringify({ steps: steps(apt.mirror, packages) }, undefined, 2));
    const tools = join(work, 'tools');
    await mkdir(tools);
    if (!(await hasDeviceMapper())) {
      await copyFile(join(import.meta.dirname, 'kpartx.sh'), join(tools, 'kpartx'));
      await chmod(join(tools, 'kpartx'), 0o755);
    }
    const made = join(work, 'disk.img');
    await run('vmdb2', ['--output', made, '--log', join(work, 'log'), '--verbose', specification], {
      ...{ signal, keepsEnd: true, onLine: (line) => tell(`vmdb2: ${line}`) },
      env: { PATH: [tools, ...commandFolders()].join(':') },
    });
    await rename(made, image);
  },
});
