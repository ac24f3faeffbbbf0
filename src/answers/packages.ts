/** What is installed: the packages that the answers name, and the ones that they and Ingot's hooks imply. */
import type { Recipe } from '../recipe/schema.ts';

export interface ImpliedPackage {
  readonly name: string;
  /** Why it is there, for `ingot render`. */
  readonly because: string;
}

/**
 * What every image has beside required and important: the kernel, both boot loaders, SSH, and the services that keep
 * network, names and time (installer/README.md, "Packages that must be in the closure").
 */
const BASE: readonly ImpliedPackage[] = [
  ...imply('the kernel and its initramfs', 'linux-image-amd64', 'initramfs-tools', 'zstd', 'busybox'),
  ...imply('boots with BIOS and UEFI', 'grub-cloud-amd64'),
  ...imply('network, names, time', 'systemd-resolved', 'systemd-timesyncd', 'ca-certificates'),
  ...imply('logins and services', 'dbus', 'libpam-systemd'),
  ...imply('SSH, and configure steps over it', 'openssh-server', 'sudo', 'python3-minimal'),
  ...imply('grows the root partition, makes file systems', 'fdisk', 'e2fsprogs', 'dosfstools'),
];

/** Important in Debian, but systemd-networkd and systemd-resolved do their work here. */
export const LEFT_OUT: readonly string[] = ['ifupdown', 'isc-dhcp-client', 'isc-dhcp-common'];

export const impliedPackages = ({ answers }: Recipe): readonly ImpliedPackage[] => [
  ...BASE,
  ...(answers.locale === 'C.UTF-8' ? [] : imply(`locale ${answers.locale}`, 'locales')),
  ...(answers.keyboard === 'us'
    ? []
    : imply(`keyboard ${answers.keyboard}`, 'keyboard-configuration', 'console-setup')),
  ...(answers.guestAgent ? imply('guestAgent', 'qemu-guest-agent') : []),
  ...(answers.cloudInit ? imply('cloudInit', 'cloud-init', 'cloud-guest-utils') : []),
];

/** Everything that is installed by name, sorted, each once. */
export const packagesToInstall = (recipe: Recipe): readonly string[] =>
  [...new Set([...impliedPackages(recipe).map(({ name }) => name), ...recipe.answers.packages])].sort();

function imply(because: string, ...names: readonly string[]): ImpliedPackage[] {
  return names.map((name) => ({ name, because }));
}
