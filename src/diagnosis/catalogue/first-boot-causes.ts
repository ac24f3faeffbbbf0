/**
 * The installed system that does not come up. What is final ends the wait for SSH at once. A file system with errors is
 * not final, since one that may fail (nofail) does not stop the boot, and any other ends in a shell or in emergency mode.
 */

import { failedUnits, pendingUnits } from '../boot-units.ts';
import type { Cause } from '../cause.ts';

/** A unit may fail, or be slow, in a guest that is well. */
const NO_LOGIN = ['guest.ssh-timeout', 'guest.idle'];

export const FIRST_BOOT: readonly Cause[] = [
  {
    code: 'boot.fsck',
    message: 'a file system has errors that must be repaired by hand',
    hint: 'The disk was not written completely; build it again (`ingot build --from install`).',
    lines: [/UNEXPECTED INCONSISTENCY; RUN fsck MANUALLY/, /\[FAILED\] Failed to start .*File System Check/],
    source: 'e2fsprogs: e2fsck/message.c; systemd: units',
  },
  {
    code: 'boot.root-missing',
    message: 'the initramfs does not find the root file system: {device}',
    hint: 'Are the drivers of this disk’s bus in the initramfs (MODULES=most), and is root= an identifier that the disk has?',
    lines: [
      /ALERT! +(?<device>\S+) does not exist\. +Dropping to a shell!/,
      /Gave up waiting for root (?:file system )?device/,
    ],
    source: 'initramfs-tools: scripts/local',
    isFinal: true,
  },
  {
    code: 'boot.initramfs',
    message: 'the boot stands at the initramfs’ prompt',
    hint: 'The lines before it on the console say why.',
    lines: [/BusyBox v\S+ .*built-in shell \(ash\)/],
    screens: [/\(initramfs\)$/],
    source: 'initramfs-tools: scripts/functions; BusyBox: shell/ash.c',
    isFinal: true,
  },
  {
    code: 'boot.grub',
    message: 'the boot stands at GRUB’s prompt: it finds no menu',
    hint: 'Is /boot on the disk that GRUB was installed to?',
    screens: [/grub(?: rescue)?>$/],
    isFinal: true,
    source: 'GRUB: normal/main.c, kern/rescue_reader.c',
  },
  {
    code: 'boot.emergency',
    message: 'the system stands in emergency mode: {found}',
    hint: 'Most often a file system in /etc/fstab cannot be mounted; it may be marked nofail there.',
    lines: [
      /You are in (?:emergency|rescue) mode/,
      /Cannot open access to console, the root account is locked/,
      /Entering emergency mode\. Exit the shell to continue/,
    ],
    names: (console) => failedUnits(console).slice(0, 3).join(', ') || undefined,
    source: 'systemd: units/emergency.service; util-linux: sulogin; dracut',
    isFinal: true,
  },
  {
    code: 'boot.ssh-service',
    message: 'the guest’s SSH server does not start',
    hint: 'Is openssh-server installed, and is what a step or a package wrote into /etc/ssh right? `sshd -t` in the guest says so.',
    // systemd shortens what is too long for a line: `ssh.servic… - OpenBSD Secure Shell server.`
    lines: [/\[FAILED\] Failed to start (?:sshd?\.|.*OpenBSD Secure Shell server|.*OpenSSH server daemon)/],
    explains: NO_LOGIN,
    source: 'systemd: status lines',
  },
  {
    code: 'boot.network',
    message: 'the guest’s network does not come up: {unit}',
    hint: 'Does the guest’s network configuration name a card or address of another machine?',
    lines: [
      /\[FAILED\] Failed to start (?<unit>systemd-networkd(?:-wait-online)?\.service|networking\.service|.*[Nn]etwork.*)/,
    ],
    explains: NO_LOGIN,
    source: 'systemd: status lines',
  },
  {
    code: 'boot.unit-waits',
    message: 'the boot waits for a unit: {found}',
    hint: 'What it waits for is missing, or slow: a device, a network, a mount of /etc/fstab. serial.log has the boot.',
    find: (console) => pendingUnits(console).join(', ') || undefined,
    explains: NO_LOGIN,
    source: 'systemd: src/core/job.c',
  },
  {
    code: 'boot.unit-failed',
    message: 'a unit of the guest fails: {unit}',
    hint: '`ingot shell` gives the guest’s console: `systemctl status` there says why the unit fails.',
    lines: [/\[FAILED\] Failed to (?:start|mount|activate) (?<unit>.+?)\.?$/],
    explains: NO_LOGIN,
    source: 'systemd: status lines',
  },
];
