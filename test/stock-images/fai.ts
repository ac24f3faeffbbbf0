/**
 * Images by FAI's fai-diskimage, from its own example of a configuration space and its classes for clouds. parted(8) announces
 * the partitions of a loop device to the kernel, so one that reads no partition tables will do; the EFI variant needs a kernel with FAT.
 */
import { cp, mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../../src/host/run.ts';
import type { MakeContext, Maker } from './maker.ts';
import { mmdebstrapArguments } from './root-folder.ts';

const EXAMPLE = '/usr/share/doc/fai-doc/examples/simple';
const TOOLS = ['fai-server', 'fai-setup-storage', 'fai-doc', 'mmdebstrap', 'parted', 'qemu-utils', 'dosfstools'];
const BASE = ['apt-transport-https', 'ca-certificates', 'gpg'];
const CLASSES = ['DEBIAN', 'BOOKWORM64', 'AMD64', 'FAIBASE', 'DHCPC', 'CLOUD'];

interface Variant {
  readonly firmware: 'bios' | 'uefi';
  /** A class of our own on top, as users of FAI add theirs: text of its package_config. */
  readonly cloudInit: boolean;
}

export const byFai = (variant: Variant): Maker => ({
  release: '12',
  format: 'qcow2',
  needs: { packages: TOOLS, host: variant.firmware === 'uefi' ? ['root', 'loop', 'fat'] : ['root', 'loop'] },
  packages: [...BASE, 'linux-image-amd64', 'openssh-server', ...(variant.cloudInit ? ['cloud-init'] : [])],
  code: ['fai.ts', 'root-folder.ts'],
  definition: { classes: CLASSES, variant },
  make: (image, context) => make(variant, image, context),
});

const make = async ({ firmware, cloudInit }: Variant, image: string, { apt, work, signal, tell }: MakeContext) => {
  const space = join(work, 'config');
  await cp(EXAMPLE, space, { recursive: true });
  await mkdir(join(space, 'basefiles'), { recursive: true });
  const base = mmdebstrapArguments(apt, { packages: BASE }, join(space, 'basefiles/BOOKWORM64.tar')).map((word) =>
    word === '--format=directory' ? '--format=tar' : word,
  );
  await run('mmdebstrap', base, { signal, keepsEnd: true });
  // The host's own settings, without a server that is told of what was installed, and with the archive that its apt names.
  const settings = join(work, 'etc');
  await cp('/etc/fai', settings, { recursive: true });
  await writeFile(join(settings, 'fai.conf'), 'LOGUSER=\n');
  await writeFile(join(settings, 'apt/sources.list'), `${apt.lines.join('\n')}\n`);
  await writeFile(join(space, 'class/INGOT.var'), `LOGUSER=\nrelease=${apt.codename}\nROOTPW=\nusername=\n`);
  const packages = ['PACKAGES install-norec', 'dbus systemd-sysv'];
  if (cloudInit) packages.push('cloud-init cloud-guest-utils netplan.io');
  await writeFile(join(space, 'package_config/INGOT'), `${packages.join('\n')}\n`);
  await mkdir(join(space, 'scripts/INGOT'), { recursive: true });
  await writeFile(join(space, 'scripts/INGOT/10-console'), CONSOLE, { mode: 0o755 });
  const grub = firmware === 'uefi' ? ['GRUB_EFI', 'CLOUD_EFI'] : ['GRUB_PC'];
  const classes = [...CLASSES, ...grub, 'INGOT', 'LAST'].join(',');
  const made = join(work, 'disk.qcow2');
  const words = ['-v', '-C', settings, '-u', 'cloud', '-S', '3G', '-s', `file://${space}`, '-c', classes, made];
  await run('fai-diskimage', words, { signal, keepsEnd: true, onLine: (line) => tell(`fai: ${line}`) });
  await rename(made, image);
};

/** A console on the serial line, which the example has not; and what udev makes, without which GRUB names root by its loop device. */
const CONSOLE = `#!/bin/sh
set -e
sed -i 's/^GRUB_CMDLINE_LINUX=.*/GRUB_CMDLINE_LINUX="console=tty0 console=ttyS0,115200"/' $target/etc/default/grub
mkdir -p $target/dev/disk/by-uuid
part=$(findmnt -n -o SOURCE $target)
link=$target/dev/disk/by-uuid/$(blkid -c /dev/null -o value -s UUID $part)
[ -e "$link" ] || ln -s $part $link
$ROOTCMD update-grub
$ROOTCMD usermod -L root
`;
