/**
 * Packages that nobody asked for by name but that the answers imply, each with the reason; `ingot render` shows them.
 * They come on top of Debian's required and important packages. Who asks for another package that does the same
 * gets that one alone: this file names known replacements of an implied package, the archive tells the others
 * (`give-way.ts`).
 */

import { isAssembled, isImage } from '../../../recipe/schema/origin-schema.ts';
import type { Recipe } from '../../../recipe/schema.ts';
import { isUsualKeyboard } from '../../../recipe/values/keyboard.ts';
import { isLegacyZone } from '../../../recipe/values/legacy-zones.ts';
import { nameOfWish, wishOf } from '../../../recipe/values/package-wish.ts';
import type { Request } from './request.ts';
import { taskPackage } from './tasks.ts';

export interface ImpliedPackage {
  readonly name: string;
  readonly why: string;
}

interface Rule extends ImpliedPackage {
  /** Packages that do the same, and cannot or need not be there at the same time. */
  readonly givesWayTo?: readonly string[];
  /** Nothing takes its place: the system relies on it. */
  readonly stays?: true;
  /** Goes also where what is asked for excludes it and brings nothing in its place. */
  readonly optional?: true;
  /** Always when absent. */
  readonly when?: (recipe: Recipe) => boolean;
}

const usesLocale = ({ answers }: Recipe): boolean => !/^(C|C\.UTF-?8|POSIX)$/i.test(answers.locale);
const usesSudo = ({ answers }: Recipe): boolean => answers.users.some((user) => user.sudo !== 'none');
const usesKeymap = ({ answers }: Recipe): boolean => !isUsualKeyboard(answers.keyboard);
const runsAnsible = ({ configure }: Recipe): boolean => configure.some((step) => 'ansible' in step);
const usesCloudKernel = ({ slim }: Recipe): boolean => slim.strip.includes('cloud-kernel');
const hasLayout =
  (...layouts: readonly string[]) =>
  ({ answers }: Recipe): boolean =>
    layouts.includes(answers.disk.layout);

const hasVolumes = ({ answers: { disk } }: Recipe): boolean =>
  disk.layout === 'automatic' ? disk.scheme === 'lvm' : ['lvm', 'encrypted'].includes(disk.layout);

/** Before and after them it is part of another package. */
const isRelease =
  (...releases: readonly string[]) =>
  ({ os }: Recipe): boolean =>
    releases.includes(os.release);

const RULES: readonly Rule[] = [
  { name: 'usr-is-merged', why: 'the system is made with /usr merged from the start', when: isRelease('12') },
  {
    name: 'linux-image-amd64',
    why: 'the kernel',
    givesWayTo: ['linux-image-cloud-amd64', 'linux-image-rt-amd64'],
    when: (recipe) => !usesCloudKernel(recipe),
  },
  { name: 'linux-image-cloud-amd64', why: 'slim.strip: cloud-kernel', when: usesCloudKernel },
  { name: 'initramfs-tools', why: 'the initramfs', givesWayTo: ['dracut'] },
  { name: 'zstd', why: 'compresses the initramfs quickly' },
  { name: 'busybox', why: 'a shell in the initramfs', givesWayTo: ['busybox-static'] },
  {
    name: 'grub-cloud-amd64',
    why: 'boot loaders for BIOS and UEFI side by side, with shim for Secure Boot',
    when: hasLayout('plain'),
  },
  { name: 'lvm2', why: 'answers.disk.layout has logical volumes', when: hasVolumes },
  { name: 'cryptsetup-initramfs', why: 'answers.disk.layout is encrypted', when: hasLayout('encrypted') },
  {
    name: 'btrfs-progs',
    why: 'answers.disk.scheme is btrfs',
    when: ({ answers: { disk } }) => disk.scheme === 'btrfs',
  },
  { name: 'mdadm', why: 'answers.disk.layout is raid1', when: hasLayout('raid1') },
  { name: 'fdisk', why: 'grows the last partition' },
  { name: 'e2fsprogs', why: 'checks and grows the root file system' },
  { name: 'dosfstools', why: 'checks the EFI system partition' },
  { name: 'dbus', why: 'systemd and logins talk over it' },
  { name: 'libpam-systemd', why: 'logins are sessions that end cleanly at a shutdown', stays: true },
  {
    name: 'systemd-timesyncd',
    why: 'a time service',
    givesWayTo: ['chrony', 'ntpsec', 'openntpd', 'ntp'],
    optional: true,
  },
  {
    name: 'systemd-resolved',
    why: 'name servers that come with the network',
    when: isRelease('12', '13'),
    stays: true,
  },
  { name: 'systemd-repart', why: 'grows the root partition', when: isRelease('13') },
  { name: 'ca-certificates', why: 'https, package sources included' },
  { name: 'openssh-server', why: 'the way in' },
  { name: 'sudo', why: 'users with answers.users[].sudo', when: usesSudo, givesWayTo: ['sudo-ldap'] },
  { name: 'python3', why: 'ansible steps run Python in the guest', when: runsAnsible },
  { name: 'locales', why: 'answers.locale is not C.UTF-8', when: usesLocale },
  {
    name: 'tzdata-legacy',
    why: 'answers.timezone is the old name of a zone',
    when: ({ os, answers }) => os.release === '13' && isLegacyZone(answers.timezone),
  },
  { name: 'keyboard-configuration', why: 'answers.keyboard is not us', when: usesKeymap },
  { name: 'console-setup', why: 'answers.keyboard is not us', when: usesKeymap },
  { name: 'qemu-guest-agent', why: 'answers.guestAgent', when: ({ answers }) => answers.guestAgent },
  { name: 'cloud-init', why: 'answers.cloudInit', when: ({ answers }) => answers.cloudInit },
  {
    name: 'cloud-guest-utils',
    why: 'answers.cloudInit: grows the root partition',
    when: ({ answers }) => answers.cloudInit,
  },
  {
    name: 'netplan.io',
    why: 'answers.cloudInit: a seed may name network cards by patterns and drivers, which only netplan understands',
    givesWayTo: ['ifupdown', 'ifupdown2', 'ifupdown-ng'],
    when: ({ answers }) => answers.cloudInit,
  },
];

export const impliedPackages = (recipe: Recipe): ImpliedPackage[] => {
  const asked = namedPackages(recipe);
  return RULES.filter((rule) => rule.when?.(recipe) ?? true)
    .filter(({ name, givesWayTo = [] }) => asked.has(name) || !givesWayTo.some((other) => asked.has(other)))
    .map(({ name, why }) => ({ name, why }));
};

/** Of what an installation implies, what an image gets as well: the rest is what makes a system start, and an image has that. */
export const NEEDED_BY_ANSWERS: ReadonlySet<string> = new Set([
  'sudo',
  'python3',
  'locales',
  'tzdata-legacy',
  'keyboard-configuration',
  'console-setup',
  'qemu-guest-agent',
  'cloud-init',
  'linux-image-cloud-amd64',
]);

/** The build needs them while it configures, and nobody after it. */
const FOR_THE_BUILD: ReadonlySet<string> = new Set(['python3']);

/** What has to stay when a system is made small, with the reason: what the recipe names, and what its answers need. */
export const neededByRecipe = (recipe: Recipe): ImpliedPackage[] => [
  ...[...namedPackages(recipe)].map((name) => ({ name, why: 'the recipe asks for it' })),
  ...recipe.answers.tasks.map((task) => ({ name: taskPackage(task), why: 'answers.tasks' })),
  { name: 'openssh-server', why: 'the way in' },
  ...impliedPackages(recipe).filter(
    ({ name }) =>
      name !== 'openssh-server' && !FOR_THE_BUILD.has(name) && (!isImage(recipe.origin) || NEEDED_BY_ANSWERS.has(name)),
  ),
];

/** What the recipe has installed by name, on the medium's own packages or on those that it adds. */
const namedPackages = ({ answers, media }: Recipe): Set<string> =>
  new Set([
    ...answers.packages.map(nameOfWish),
    ...media.packages.flatMap((extra) => ('packages' in extra && extra.install ? extra.packages.map(nameOfWish) : [])),
  ]);

export const OPTIONAL: ReadonlySet<string> = new Set(RULES.filter(({ optional }) => optional).map(({ name }) => name));
export const STAYING: ReadonlySet<string> = new Set(RULES.filter(({ stays }) => stays).map(({ name }) => name));

/** Packages of the base system that are left out, and what does their work, where nothing else needs them. */
export const leftOut = ({ answers }: Recipe): ImpliedPackage[] => {
  const needed = [...answers.packages.map(nameOfWish), ...(answers.cloudInit ? CLOUD_INIT_NEEDS : [])];
  return LEFT_OUT.filter(({ name }) => !needed.includes(name));
};

/** cloud-init asks a DHCP server itself before the network is configured: 22.4 (Debian 12) by dhclient, 25.1 (13) by dhcpcd. */
const CLOUD_INIT_NEEDS = ['isc-dhcp-client', 'isc-dhcp-common', 'dhcpcd-base'];

export const LEFT_OUT: readonly ImpliedPackage[] = [
  { name: 'ifupdown', why: 'systemd-networkd brings up any Ethernet card' },
  { name: 'isc-dhcp-client', why: 'systemd-networkd has a DHCP client' },
  { name: 'isc-dhcp-common', why: 'belongs to isc-dhcp-client' },
  { name: 'dhcpcd-base', why: 'systemd-networkd has a DHCP client' },
  { name: 'usrmerge', why: 'usr-is-merged: there is nothing to move' },
];

export const impliedRequests = (recipe: Recipe): Request[] =>
  impliedPackages(recipe).map(({ name, why }) => ({ name, where: `implied: ${why}` }));

export const askedFor = ({ answers }: Recipe): Request[] => [
  ...answers.packages.map((word) => ({ ...wishOf(word), where: 'answers.packages' })),
  ...answers.tasks.map((task) => ({ name: taskPackage(task), where: 'answers.tasks' })),
];

/** All that is asked for by name, with where it comes from; the base system comes on top. */
export const requestedPackages = (recipe: Recipe): { readonly install: Request[]; readonly extra: Request[] } => ({
  install: [...impliedRequests(recipe), ...askedFor(recipe)],
  extra: isAssembled(recipe.origin)
    ? recipe.origin.packages.map((word) => ({ ...wishOf(word), where: 'origin.packages' }))
    : [],
});
