/** Before an installer or a system runs: firmware, boot loaders, the kernel. */
import type { Cause } from '../cause.ts';

const PANICS = 'Linux: init/do_mounts.c, init/main.c, init/initramfs.c';

export const KERNEL: readonly Cause[] = [
  {
    code: 'boot.signature',
    message: 'Secure Boot refuses the boot loader or the kernel: its signature is not one that the firmware trusts',
    hint: 'Use a medium whose shim, GRUB and kernel are signed, or a machine without Secure Boot (machine.firmware: uefi).',
    lines: [/BdsDxe: failed to (?:load|start) .*(?:Access Denied|Security Violation)/i, /bad shim signature/i],
    screens: [/Security Viola ?tion/, /Verification failed: \(0x1A\)/, /bad shim signature/i],
    source: 'edk2: BdsDxe, SecurityPkg; shim; GRUB: kern/efi/sb.c',
  },
  {
    code: 'boot.kernel-missing',
    message: 'the boot loader does not find {file}',
    hint: 'Do the boot menus of the medium name files that are on it? `ingot media inspect ISO` lists both.',
    screens: [
      /(?:Could not find kernel image|Failed to load (?:COM32 file|ldlinux\.c32)):? ?(?<file>[^ ]*)/,
      /error: file [`‘'](?<file>[^'’]+)['’] not found/,
      /error: (?:\.\.\/[\w/.-]+:)?(?:\d+:)?file [`‘'](?<file>[^'’]+)['’] not found/,
    ],
    // GRUB goes on without a font or a translation.
    lines: [/^error: .*file [`‘'](?<file>[^'’]*(?:vmlinuz|linux|initrd)[^'’]*)['’] not found/],
    isFinal: true,
    source: 'SYSLINUX: com32/elflink, core; GRUB: kern/fs.c, commands/loader',
  },
  {
    code: 'boot.nothing-bootable',
    message: 'the firmware finds nothing to boot',
    hint: 'Does the medium boot with this firmware (machine.firmware; `ingot media inspect ISO` lists its boot paths), and has the installed disk its boot loader?',
    lines: [
      /^(?:No bootable device|Boot failed: not a bootable disk)/,
      /BdsDxe: No bootable option or device was found/,
    ],
    screens: [/No bootable device/, /No bootable option or device was found/],
    isFinal: true,
    source: 'SeaBIOS: boot.c; edk2: BdsDxe',
  },
  {
    code: 'boot.architecture',
    message: 'the kernel is for another processor than the machine has: {needs}',
    hint: 'Use the medium of the machine’s architecture (os.arch).',
    lines: [/This kernel requires an? (?<needs>.+ CPU), but only detected/],
    screens: [/This kernel requires an? (?<needs>\S+ CPU), but only detected/],
    source: 'Linux: arch/x86/boot/cpu.c',
  },
  {
    code: 'boot.memory',
    message: 'the kernel ran out of memory',
    hint: 'Give the machine more memory (machine.memory).',
    lines: [
      /Kernel panic - not syncing: (?:System is deadlocked on memory|Out of memory)/,
      /\bOut of memory: Killed process \d+ \((?<process>[^)]+)\)/,
      /Initramfs unpacking failed: write error/,
    ],
    source: 'Linux: mm/oom_kill.c, init/initramfs.c',
  },
  {
    code: 'boot.initrd',
    message: 'the kernel cannot unpack its initrd',
    hint: 'Is the initrd on the medium whole, and of a compression that this kernel knows? `ingot media verify` reads it.',
    lines: [/Initramfs unpacking failed/, /rootfs image is not initramfs \(/],
    with: /Kernel panic - not syncing/,
    source: PANICS,
  },
  {
    code: 'boot.no-init',
    message: 'the kernel finds no program to start in its initrd or root file system',
    hint: 'Does the boot menu name an initrd of the same architecture, with an /init in it?',
    lines: [/Kernel panic - not syncing: (?:No working init found|Requested init \S+ failed)/],
    source: PANICS,
  },
  {
    code: 'boot.no-root',
    message: 'the kernel has no root file system: {what}',
    hint: 'Does the boot menu name the initrd? For an installed system: are the drivers of its disk in its initramfs?',
    lines: [/Kernel panic - not syncing: (?<what>VFS: Unable to mount root fs.*)/],
    source: PANICS,
  },
];
