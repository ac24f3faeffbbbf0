/** Which answers the installer cannot do without: it asks again, or does not go on, where one is lost or garbled. */
import type { Severity } from '../../finding.ts';

/** What asks at the priority `critical`, or has nothing to go by without the answer. */
const STOPS: readonly RegExp[] = [
  /^partman\/(choose_partition|confirm|confirm_nooverwrite|default_filesystem|early_command)$/,
  /^partman-(auto|auto-lvm|auto-raid|auto-crypto|lvm|md|crypto|partitioning|basicfilesystems|efi|ext3|target)\//,
  /^(passwd|netcfg|mirror|preseed|grub-installer|cdrom-detect|network-console)\//,
  /^debian-installer\/(locale|language|country|allow_unauthenticated)$/,
  /^(time\/zone|keyboard-configuration\/xkb-keymap|finish-install\/reboot_in_progress|pkgsel\/include)$/,
  /^apt-setup\/(use_mirror|no_mirror|cdrom\/.*|local\d\/.*)$/,
  /^base-installer\/kernel\//,
];

/** `error` for a mistake in an answer that the installation stops without, `warning` for one in any other. */
export const severityFor = (question: string): Severity =>
  STOPS.some((pattern) => pattern.test(question)) ? 'error' : 'warning';
