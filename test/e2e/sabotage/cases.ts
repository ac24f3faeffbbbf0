/** What is done to a working recipe or to its machine, and by which name the build has to end. */

export interface Sabotage {
  readonly name: string;
  readonly code: string;
  /** What the message or the detail has to say. */
  readonly says?: RegExp;
  /** A line of the console, or of the installer's log, with which the machine has stopped: the time runs from there. */
  readonly stop?: RegExp;
  /** Evidence beside what every stop leaves, below the folder of the stage. */
  readonly keeps?: readonly string[];
  /** Changes to the recipe; those of the installation have it begin anew. */
  readonly recipe: Readonly<Record<string, unknown>>;
  /** Done by the host while the phase runs that is named. */
  readonly host?: { readonly phase: string; readonly kill: 'qemu' };
}

const run = (name: string, script: string, more: object = {}) => ({ name, run: { script, ...more } });

/** Root breaks its own system, and starts it again. */
const restart = (script: string, timeout = '1m') => ({
  configure: [run('sabotage', script), { name: 'restart', reboot: { timeout } }],
});
const step = (script: string, more: object = {}) => ({ configure: [run('sabotage', script, more)] });
const installer = (answers: object, more: object = {}) => ({ answers, ...more });

const GRUB = '/boot/grub/grub.cfg';
const kernelArgument = (argument: string) => `sed -i 's|^\\(\\s*linux\\s.*\\)$|\\1 ${argument}|' ${GRUB}`;

const INSTALLER = ['pictures', 'installer/debconf.txt', 'installer/state.txt'];
const GUEST = ['pictures', ...['units', 'journal', 'var-log', 'debconf'].map((name) => `guest/${name}.txt`)];

const ENDLESS_UNIT = `cat > /etc/systemd/system/endless.service <<'EOF'
[Unit]
Before=ssh.service
[Service]
Type=oneshot
TimeoutStartSec=infinity
ExecStart=sleep infinity
[Install]
WantedBy=multi-user.target
EOF
systemctl enable endless.service`;

/** Neither login nor the build's way in without it. */
const FAILING_UNIT = `cat > /etc/systemd/system/failing.service <<'EOF'
[Service]
Type=oneshot
ExecStart=/bin/false
EOF
for unit in ingot-door.service serial-getty@ttyS0.service getty@tty1.service; do
  mkdir -p /etc/systemd/system/$unit.d
  printf '[Unit]\\nRequires=failing.service\\nAfter=failing.service\\n' > /etc/systemd/system/$unit.d/needs.conf
done`;

/** The quickest of each kind: these run with the other tests. */
export const QUICK: readonly Sabotage[] = [
  {
    name: 'a file system in fstab that is not there',
    code: 'boot.emergency',
    says: /srv\.mount/,
    stop: /emergency mode|root account is locked/,
    recipe: restart(
      "echo 'UUID=00000000-1111-2222-3333-444444444444 /srv ext4 defaults,x-systemd.device-timeout=3s 0 2' >> /etc/fstab",
    ),
  },
  {
    name: 'no way in',
    code: 'guest.idle',
    stop: /login:/,
    recipe: restart('systemctl disable ingot-door.service'),
  },
  {
    name: 'an early command that fails',
    code: 'install.preseed-command',
    says: /no such inventory/,
    keeps: INSTALLER,
    recipe: installer({ early: { script: 'echo "no such inventory" >&2; exit 3' } }),
  },
];

export const BOOTS: readonly Sabotage[] = [
  {
    name: 'a root file system that is not there',
    code: 'boot.root-missing',
    stop: /does not exist\. +Dropping to a shell/,
    recipe: restart(`sed -i 's/root=UUID=[^ ]*/root=UUID=00000000-1111-2222-3333-444444444444 rootdelay=3/' ${GRUB}`),
  },
  {
    name: 'no initramfs',
    code: 'boot.no-root',
    stop: /Unable to mount root fs/,
    recipe: restart(`sed -i '/^\\s*initrd\\s/d' ${GRUB}`),
  },
  {
    name: 'half an initramfs',
    code: 'boot.initrd',
    stop: /Kernel panic/,
    recipe: restart('for file in /boot/initrd.img-*; do truncate -s 4M "$file"; done'),
  },
  {
    name: 'no kernel',
    code: 'boot.kernel-missing',
    stop: /vmlinuz.* not found/,
    recipe: restart('rm /boot/vmlinuz-*'),
  },
  {
    name: 'no boot loader',
    code: 'boot.nothing-bootable',
    recipe: restart('dd if=/dev/zero of=/dev/vda bs=512 count=1 conv=notrunc status=none'),
  },
  {
    name: 'no boot menu',
    code: 'boot.grub',
    recipe: restart(`rm ${GRUB}`),
  },
  {
    name: 'too little memory for the kernel',
    code: 'boot.memory',
    stop: /Out of memory|deadlocked on memory|Kernel panic/,
    recipe: restart(kernelArgument('mem=80M')),
  },
  {
    name: 'a rescue target',
    code: 'boot.emergency',
    stop: /root account is locked|rescue mode/,
    recipe: restart('systemctl set-default rescue.target'),
  },
  {
    name: 'a unit that never comes to its end',
    code: 'boot.unit-waits',
    says: /endless\.service/,
    recipe: restart(ENDLESS_UNIT, '40s'),
  },
  {
    name: 'a unit that fails, without which nobody can log in',
    code: 'boot.unit-failed',
    says: /failing\.service/,
    recipe: restart(FAILING_UNIT),
  },
  {
    name: 'a system that powers off when it boots',
    code: 'guest.powered-off',
    recipe: restart(
      'printf "[Unit]\\nDefaultDependencies=no\\n[Service]\\nExecStart=/bin/systemctl poweroff --force\\n[Install]\\nWantedBy=sysinit.target\\n" > /etc/systemd/system/off.service; systemctl enable -q off.service',
    ),
  },
  {
    name: 'a boot loader that restarts for ever',
    code: 'machine.reset-loop',
    recipe: restart(`sed -i '1i reboot' ${GRUB}`),
  },
];

export const STEPS: readonly Sabotage[] = [
  {
    name: 'a step that fails',
    code: 'guest.script-failed',
    says: /status 7/,
    keeps: GUEST,
    recipe: step('echo broken; exit 7'),
  },
  {
    name: 'a step that takes too long',
    code: 'guest.command-timeout',
    recipe: step('sleep 1000', { timeout: '2s' }),
  },
  {
    name: 'a step that fills the disk',
    code: 'disk.full',
    says: /No space left on device[\s\S]*\/var\/tmp/,
    recipe: step('cat /dev/zero > /var/tmp/all'),
  },
  {
    name: 'a package that no repository has',
    code: 'guest.script-failed',
    says: /Unable to locate package/,
    recipe: step('apt-get install -y no-such-package-at-all'),
  },
  {
    name: 'a package whose script fails in a step',
    code: 'packages.script',
    says: /broken, whose post-installation script ended with exit status 3 \(“no such inventory”\)/,
    recipe: step(`mkdir -p broken/DEBIAN
printf 'Package: broken\nVersion: 1\nArchitecture: all\nMaintainer: T <t@example.org>\nDescription: broken\n' > broken/DEBIAN/control
printf '#!/bin/sh\necho no such inventory\nexit 3\n' > broken/DEBIAN/postinst
chmod 755 broken/DEBIAN/postinst
dpkg-deb --build broken
apt-get install -y ./broken.deb`),
  },
  {
    name: 'a kernel that panics in a step',
    code: 'machine.guest-panic',
    stop: /Kernel panic/,
    recipe: step('echo c > /proc/sysrq-trigger'),
  },
  { name: 'a step that powers off', code: 'guest.powered-off', recipe: step('poweroff -f') },
  {
    name: 'a step that ends the build’s own sshd',
    code: 'guest.connection-lost',
    recipe: step('pkill -9 ingot-door; pkill -9 sshd-session'),
  },
  {
    name: 'a QEMU that is killed',
    code: 'machine.qemu-died',
    recipe: step('sleep 1000'),
    host: { phase: 'sabotage', kill: 'qemu' },
  },
];

export const INSTALLATIONS: readonly Sabotage[] = [
  {
    name: 'an early command that nobody finds',
    code: 'install.preseed-command',
    says: /not found/,
    recipe: installer({ early: { script: 'no-such-command --now' } }),
  },
  {
    name: 'too little memory',
    code: 'boot.memory',
    stop: /Kernel panic/,
    recipe: installer({ installerArguments: ['mem=120M'] }),
  },
  {
    name: 'a kernel without its first program',
    code: 'boot.no-root',
    stop: /Kernel panic/,
    recipe: installer({ installerArguments: ['rdinit=/none', 'root=/dev/none'] }),
  },
  {
    name: 'an installer without its disk driver',
    code: 'install.no-disk',
    recipe: installer({
      installerArguments: ['modprobe.blacklist=virtio_blk'],
      early: { script: 'rm -f /lib/modules/*/kernel/drivers/block/virtio_blk.ko*; depmod -a 2> /dev/null || true' },
    }),
  },
  {
    name: 'an installation that powers off in the midst',
    code: 'install.no-success',
    recipe: installer({ early: { script: '(sleep 5; poweroff -f) > /dev/null 2>&1 &' } }),
  },
  {
    name: 'an installation that restarts in the midst',
    code: 'install.no-success',
    recipe: installer({ early: { script: '(sleep 5; reboot -f) > /dev/null 2>&1 &' } }),
  },
  {
    name: 'an early command that waits for ever',
    code: 'install.stalled',
    recipe: { ...installer({ early: { script: 'sleep 100000' } }), machine: { limits: { idle: '30s' } } },
  },
];
