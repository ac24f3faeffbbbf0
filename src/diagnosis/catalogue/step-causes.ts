/** debian-installer's dialogs that say which step went wrong, but not why: they come after all causes that say why. */
import type { Cause } from '../cause.ts';
import { template } from './cause-template.ts';

export const STEPS: readonly Cause[] = [
  {
    code: 'install.boot-loader',
    message: 'the boot loader could not be installed',
    hint: 'Is grub-installer/bootdev the disk that the system is on? GRUB for BIOS on a GPT needs a BIOS boot partition, for UEFI an EFI system partition.',
    questions: [
      'grub-installer/grub-install-failed',
      'grub-installer/apt-install-failed',
      'grub-installer/update-grub-failed',
      'grub-installer/mounterr',
    ],
    lines: [/grub-installer: error: Running '.*grub-install.*' failed/, /grub-install: error: .*/],
    screens: [/Unable to install GRUB in|Executing '(?:grub-install|update-grub)[^']*' failed/],
    source: template('grub-installer'),
  },
  {
    code: 'install.kernel-failed',
    message: 'the kernel’s package could not be installed',
    hint: 'installer.log has what apt and dpkg said.',
    questions: ['base-installer/kernel/failed-install', 'base-installer/kernel/failed-package-install'],
    lines: [/base-installer: error: exiting on error base-installer\/kernel\/failed-/],
    source: template('base-installer'),
  },
  {
    code: 'install.base-system',
    message: 'the base system could not be installed',
    hint: 'installer.log has what debootstrap and dpkg said.',
    questions: [
      'base-installer/debootstrap-failed',
      'base-installer/debootstrap/error-exitcode',
      'base-installer/debootstrap/error-abnormal',
      'base-installer/debootstrap/fallback-warning',
      'base-installer/debootstrap/error/couldntdl',
      'base-installer/cannot_install',
      'base-installer/no_target_mounted',
      'base-installer/no_codename',
    ],
    lines: [/base-installer: error: exiting on error base-installer\/(?:debootstrap|cannot_install|no_)/],
    source: template('bootstrap-base', 'base-installer'),
  },
  {
    code: 'install.components',
    message: 'components of the installer could not be loaded: {component}',
    hint: 'Has the medium or mirror them, of the same release as the installer?',
    questions: [
      'anna/install_failed',
      'retriever/cdrom/error',
      'retriever/net/error',
      'debian-installer/missing-provide',
    ],
    screens: [/Loading (?<component>\S+) failed for unknown reasons/],
    source: template('anna', 'cdrom-retriever', 'net-retriever'),
  },
  {
    code: 'install.packages',
    message: 'packages could not be set up or fetched',
    hint: 'installer.log has what apt said; answers.packages and answers.repositories are what it was asked for.',
    questions: [
      'apt-setup/service-failed',
      'apt-setup/mirror/error',
      'apt-setup/no_mirror',
      'apt-setup/cdrom/failed',
      'apt-setup/local/key-error',
    ],
    source: template('apt-setup', 'pkgsel'),
  },
  {
    code: 'install.main-menu',
    message: 'the installer went back to its main menu: a step failed, or nothing can be done next',
    hint: 'installer.log has, in its last lines, the step before the menu and what it said. An answer to the menu itself would only start the same step again.',
    questions: ['debian-installer/main-menu'],
    source: template('main-menu'),
  },
];
