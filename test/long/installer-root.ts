/**
 * The installer of a medium without its kernel: its initrd is unpacked into a folder, and what debian-installer would start
 * for the base system runs there, in namespaces of its own, at the speed of the host. Needs root.
 */
import { createReadStream } from 'node:fs';
import { chmod, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { readCpio } from '../../src/formats/archives/cpio-reader.ts';
import { run } from '../../src/host/run.ts';

/** Of the network, too: an installer without one has not even a loopback interface that is up. */
const NAMESPACES = ['--mount', '--uts', '--net', '--pid', '--fork'];

/** Why it cannot be had here, or false. */
export const noNamespaces = async (): Promise<string | false> => {
  if (process.getuid?.() !== 0) return 'only root can make a system in a folder';
  const tried = await run('unshare', [...NAMESPACES, 'true'], { allow: [1] });
  return tried.exitCode !== 0 && 'this host gives no namespaces';
};

/** Unpacks the medium to `folder`/cdrom, and its initrds around it. */
export const installerRoot = async (iso: string, folder: string): Promise<void> => {
  await rm(folder, { recursive: true, force: true });
  const cdrom = join(folder, 'cdrom');
  await mkdir(cdrom, { recursive: true });
  await run('xorriso', ['-osirrox', 'on', '-indev', iso, '-extract', '/', cdrom]);
  await run('chmod', ['-R', 'u+w', cdrom]);
  for (const initrd of ['install.amd/initrd.gz', 'ingot/initrd.gz'])
    for await (const entry of readCpio(createReadStream(join(cdrom, initrd)), () => true)) {
      const path = join(folder, entry.path);
      await mkdir(dirname(path), { recursive: true });
      if (entry.type === 'directory') await mkdir(path, { recursive: true });
      else if (entry.type === 'symlink' || entry.type === 'file') await rm(path, { force: true });
      if (entry.type === 'symlink') await symlink(entry.target, path);
      if (entry.type === 'file') {
        await writeFile(path, entry.content ?? '');
        await chmod(path, entry.mode & 0o777);
      }
    }
};

/** The base system, in `folder`/target, by the medium's own debootstrap script. */
export const installBase = (folder: string, onLine: (line: string) => void): Promise<unknown> =>
  inNamespaces(
    `mkdir -p ${folder}/target ${folder}/proc ${folder}/dev
mount -t proc proc ${folder}/proc
mount --bind /dev ${folder}/dev
exec chroot ${folder} /usr/bin/env -i PATH=/sbin:/usr/sbin:/bin:/usr/bin HOME=/ /usr/sbin/debootstrap \\
  --arch=amd64 --components=main --no-check-gpg bookworm /target file:///cdrom /usr/share/debootstrap/scripts/ingot`,
    onLine,
  );

/** A script in the installed system, which is called `hostname`, with its medium at /media/cdrom; no service starts. */
export const inSystem = (
  folder: string,
  hostname: string,
  script: string,
  onLine: (line: string) => void = () => {},
): Promise<{ readonly stdout: string }> =>
  inNamespaces(
    `cd ${folder}/target
hostname ${hostname}
ip link set lo up
mount -t proc proc proc
mount -t sysfs sysfs sys
mkdir -p media/cdrom
mount --bind ${folder}/cdrom media/cdrom
printf '#!/bin/sh\\nexit 101\\n' > usr/sbin/policy-rc.d
chmod 755 usr/sbin/policy-rc.d
rm -f usr/sbin/apt-get usr/sbin/apt-cdrom
status=0
chroot . /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 INITRD=No \\
  DEBIAN_FRONTEND=noninteractive sh -eu -c '${script.replaceAll("'", `'\\''`)}' || status=$?
rm -f usr/sbin/policy-rc.d
exit $status`,
    onLine,
  );

const inNamespaces = (script: string, onLine: (line: string) => void) =>
  run('unshare', [...NAMESPACES, 'sh', '-eu', '-c', script], { onLine });
