/**
 * debian-installer: its own error dialogs, known by their question, and by their text where the question's component is
 * not in the initrd.
 */
import type { Cause } from '../cause.ts';
import { template } from './cause-template.ts';

export const DEBIAN_INSTALLER: readonly Cause[] = [
  {
    code: 'install.library-missing',
    message: 'a program of the installer cannot start, since the library {library} is not there: {program}',
    hint: 'A component of the installer is on the medium without what it depends on. Where Ingot assembled the medium, build again with --refresh, or with `origin: {standIns: always}`; take another medium otherwise.',
    lines: [
      /(?<program>[\w./+-]+): error while loading shared libraries: (?<library>[^:\s]+): cannot open shared object file/,
      /(?<program>[\w./+-]+): can't load library '(?<library>[^']+)'/,
    ],
    source: 'glibc, elf/dl-load.c; uClibc, ldso',
  },
  {
    code: 'install.preseed-missing',
    message: 'the installer could not get its answer file: {from}',
    hint: 'Is it where the kernel’s argument (preseed/url=, preseed/file=) says, and can the machine reach it?',
    questions: ['preseed/retrieve_error'],
    screens: [/file needed for preconfiguration could not be retrieved from (?<from>\S+)\. The installation/],
    source: template('preseed-common'),
  },
  {
    code: 'install.preseed-syntax',
    message: 'the installer could not read its answer file: {from}',
    hint: '`ingot lint FILE` shows the lines that are wrong.',
    questions: ['preseed/load_error', 'preseed/checksum_error'],
    screens: [/failed to process the preconfiguration file from (?<from>\S+)\. The file/],
    source: template('preseed-common'),
  },
  {
    code: 'install.preseed-command',
    message: 'a command of the answer file failed with exit code {status}: {command}',
    hint: 'Correct the command (preseed/early_command, partman/early_command, preseed/late_command); installer.log has what it said.',
    questions: ['preseed/command_failed'],
    says: / (?:early|log-output|in-target): /,
    screens: [/Execution of preseeded command "(?<command>.+?)" failed with exit code (?<status>\d+)/],
    source: template('preseed-common'),
  },
  {
    code: 'install.memory',
    message: 'the machine has too little memory for the installer',
    hint: 'Give it more (machine.memory).',
    questions: ['lowmem/insufficient'],
    screens: [/does not have enough memory to be supported by this program/],
    source: template('lowmem'),
  },
  {
    code: 'install.medium-missing',
    message: 'the installer does not find its medium',
    hint: 'Is the ISO whole, and its drive of a kind that the installer has a driver for? `ingot media verify ISO` reads it.',
    questions: ['cdrom-detect/retry', 'cdrom-detect/no-medium'],
    screens: [
      /installation media couldn't be mounted/i,
      /No (?:common CD-ROM drive|device for installation media) was detected/,
    ],
    source: template('cdrom-detect'),
  },
  {
    code: 'install.firmware',
    message: 'the hardware needs firmware that the installer does not have: {files}',
    hint: 'Take a medium that has it (Debian 12 and later: any official one), or add the package (non-free-firmware) to the medium.',
    questions: ['hw-detect/load_firmware', 'hw-detect/load_media', 'ethdetect/prompt_missing_firmware'],
    screens: [/missing firmware files are: (?<files>.+?) (?:If you have|Load missing)/],
    source: template('hw-detect', 'ethdetect'),
  },
  {
    code: 'install.no-network-card',
    message: 'the installer finds no network card',
    hint: 'Has the machine one (machine.network), of a kind that the installer has a driver for?',
    questions: ['netcfg/no_interfaces', 'ethdetect/cannot_find'],
    screens: [/No network interfaces (?:were found|detected)/],
    source: template('netcfg', 'ethdetect'),
  },
  {
    code: 'install.network-dhcp',
    message: 'the network was not configured: no DHCP server answers',
    hint: 'Set a static address in the answers (answers.network), or give the machine a network with DHCP (machine.network).',
    questions: ['netcfg/dhcp_failed', 'netcfg/dhcp_options', 'netcfg/no_dhcp_client', 'netcfg/no_default_route'],
    screens: [/network is probably not using the DHCP protocol/, /Network autoconfiguration failed/],
    source: template('netcfg'),
  },
  {
    code: 'install.network-address',
    message: 'the network’s static addresses are not right',
    hint: 'Address, netmask and gateway have to be of one network (answers.network, or netcfg/get_ipaddress, get_netmask, get_gateway).',
    questions: ['netcfg/bad_ipaddress', 'netcfg/gateway_unreachable', 'netcfg/invalid_hostname', 'netcfg/error'],
    screens: [/IP address you provided is malformed/, /gateway address you entered is unreachable/],
    source: template('netcfg'),
  },
  {
    code: 'install.kernel-modules',
    message: 'the installer’s kernel and the components of the mirror or medium are of different versions',
    hint: 'Use kernel and initrd of the same release as the mirror has; a netboot image is outdated by each point release.',
    questions: ['anna/no_kernel_modules', 'debian-installer-launcher/kernel-mismatch/error'],
    screens: [/No kernel modules were found\. This probably is due to a mismatch/],
    source: template('anna'),
  },
  {
    code: 'install.mirror',
    message: 'the mirror is not usable',
    hint: 'Is it right (mirror/http/hostname, mirror/http/directory), up to date, and has it the release (mirror/suite) and the architecture? The machine must reach it.',
    questions: [
      'mirror/bad',
      'mirror/noarch',
      'mirror/no-default',
      'base-installer/debootstrap/error/nogetrel',
      'base-installer/debootstrap/error/invalidrel',
    ],
    screens: [
      /error has been detected while trying to use the specified (?:Debian|Ubuntu)? ?archive mirror/,
      /Bad archive mirror/,
    ],
    source: template('choose-mirror', 'bootstrap-base'),
  },
  {
    code: 'install.mirror-signature',
    message: 'the mirror’s Release file is not signed by a key that the installer knows',
    hint: 'Is it the mirror of this release? Indexes of one’s own need a signature of a key in the initrd (usr/share/keyrings).',
    questions: [
      'base-installer/debootstrap/error/nogetrelsig',
      'base-installer/debootstrap/error/unknownrelsig',
      'base-installer/debootstrap/error/missingrelentry',
    ],
    lines: [
      /(?:net-retriever|debootstrap): .*(?:Bad signature|Release signed by unknown key|Invalid Release signature)/i,
    ],
    source: template('bootstrap-base'),
  },
  {
    code: 'install.kernel-package',
    message: 'the installer finds no kernel to install',
    hint: 'Has the mirror or medium one for this architecture (base-installer/kernel/image names it)?',
    questions: ['base-installer/kernel/no-kernels-found', 'base-installer/kernel/skip-install'],
    lines: [/base-installer: error: exiting on error base-installer\/kernel\/no-kernels-found/],
    source: template('base-installer'),
  },
];
