/** debian-installer's partitioner: its error dialogs. */
import type { Cause } from '../cause.ts';
import { template } from './cause-template.ts';

export const PARTITIONING: readonly Cause[] = [
  {
    code: 'install.no-disk',
    message: 'the installer finds no disk',
    hint: 'Has the machine a disk, on a bus that the installer has a driver for? Firmware RAID may have to be switched to AHCI.',
    // The last one is the stand-in's (installer/components/disk-detect).
    questions: ['disk-detect/cannot_find', 'disk-detect/module_select', 'disk-detect/no-disk'],
    screens: [/No (?:partitionable media were found|disk drive was detected)/],
    source: template('disk-detect', 'partman-base'),
  },
  {
    code: 'install.disk-small',
    message: 'the disk cannot be partitioned as wanted: it is too small, or the recipe does not fit it',
    hint: 'Give the machine a larger disk (machine.disk), or lower the sizes in answers.disk or in your expert_recipe; `ingot lint` compares the two.',
    questions: [
      'partman-auto/autopartitioning_failed',
      'partman-auto/no_recipe',
      'partman-auto/unusable_space',
      'partman-auto-lvm/unusable_recipe',
      'partman-auto-lvm/small_guided_size',
      'partman-auto-lvm/big_guided_size',
      'partman-efi/too_small_efi',
    ],
    screens: [/Failed to partition the selected disk/, /free space is too small to be automatically partitioned/],
    source: template('partman-auto', 'partman-auto-lvm', 'partman-efi'),
  },
  {
    code: 'install.partition-recipe',
    message: 'the partitioning recipe lacks what a system needs',
    hint: 'A root file system has to be in it, on a file system that can hold it (`mountpoint{ / }`); `ingot lint` says which.',
    questions: [
      'partman-target/no_root',
      'partman-target/must_be_on_root',
      'partman-target/same_mountpoint',
      'partman-basicfilesystems/no_mount_point',
      'partman-basicfilesystems/bad_mountpoint',
      'partman-basicfilesystems/posix_filesystem_required',
      'partman-crypto/crypto_boot_not_possible',
      'partman-auto-raid/error',
      'partman-auto-raid/notenoughparts',
    ],
    screens: [/No root file system is defined/],
    source: template('partman-target', 'partman-basicfilesystems', 'partman-crypto', 'partman-auto-raid'),
  },
  {
    code: 'install.partition-leftovers',
    message: 'the disk has something on it that the installer does not remove unasked',
    hint: 'Allow it: partman-lvm/device_remove_lvm, partman-md/device_remove_md, partman-lvm/confirm (Ingot’s own answers do).',
    questions: [
      'partman-auto-lvm/vg_exists',
      'partman-lvm/device_remove_lvm',
      'partman-lvm/device_remove_lvm_span',
      'partman-md/device_remove_md',
      'partman-base/devicelocked',
      'partman-base/partlocked',
    ],
    source: template('partman-lvm', 'partman-md', 'partman-base'),
  },
  {
    code: 'install.partition-commit',
    message: 'the disk could not be written as partitioned',
    hint: 'installer.log and the installer’s /var/log/partman have the tools’ own words; the host’s disk may be full.',
    questions: [
      'partman-basicfilesystems/create_failed',
      'partman-basicfilesystems/create_swap_failed',
      'partman-target/mount_failed',
      'partman-lvm/commit_failed',
      'partman-md/commit_failed',
      'partman-crypto/commit_failed',
      'partman-auto-lvm/vg_create_error',
      'partman/exception_handler',
      'partman/exception_handler_note',
    ],
    source: template(
      'partman-base',
      'partman-basicfilesystems',
      'partman-target',
      'partman-lvm',
      'partman-md',
      'partman-crypto',
    ),
  },
];
