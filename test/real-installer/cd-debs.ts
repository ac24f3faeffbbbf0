/**
 * The ordinary packages of a medium: what debootstrap takes, what debian-cd adds for the components of the installer,
 * and for the larger kinds what the packages of an image need, so that one can be built without a mirror.
 */

import { basePackages, resolveClosure } from '../../src/distributions/debian/archive/closure.ts';
import type { PackageEntry } from '../../src/distributions/debian/archive/package-index.ts';
import { requestsFor } from '../../src/distributions/debian/archive/request.ts';
import { recommendedBy, taskPackage } from '../../src/distributions/debian/archive/tasks.ts';
import { IngotError } from '../../src/errors.ts';
import type { DebianCd } from './debian-cd.ts';
import { Incomplete, type Missing } from './incomplete.ts';
import type { Workshop } from './workshop.ts';

export type Kind = 'netinst' | 'dvd' | 'english';

/** What Ingot's answers may ask for (src/distributions/debian/archive/implied.ts), and more that recipes are likely to. */
const FOR_IMAGES = [
  ...['grub-cloud-amd64', 'systemd-resolved', 'systemd-timesyncd', 'systemd-repart', 'dbus', 'libpam-systemd', 'fdisk'],
  ...['openssh-server', 'sudo', 'python3', 'python3-minimal', 'python3-apt', 'cloud-init', 'cloud-guest-utils'],
  ...['qemu-guest-agent', 'locales', 'console-setup', 'keyboard-configuration', 'ca-certificates', 'usr-is-merged'],
  ...['lvm2', 'cryptsetup-initramfs', 'mdadm', 'btrfs-progs', 'xfsprogs', 'nginx-light', 'jq', 'unattended-upgrades'],
  ...['systemd-boot', 'efibootmgr', 'network-manager', 'netplan.io', 'chrony', 'rsync', 'curl', 'vim', 'tmux', 'git'],
  ...['eatmydata', 'man-db', 'bash-completion', 'debconf-utils', 'installation-report', 'ifupdown', 'isc-dhcp-client'],
];

const TASKS = ['ssh-server', 'web-server', 'english', 'laptop'];

export interface CdDebs {
  readonly debs: readonly PackageEntry[];
  /** Asked for, but not in this release: lists name packages of all releases and architectures. */
  readonly unknown: readonly string[];
}

export const cdDebs = async (workshop: Workshop, kind: Kind, debianCd: DebianCd): Promise<CdDebs> => {
  const { debs: index, release, tell } = workshop;
  const base = basePackages(index, release.codename, []);
  const tasks = TASKS.filter((task) => index.find(taskPackage(task)).length > 0);
  const further = [
    ...debianCd.forFirstDisk,
    ...FOR_IMAGES,
    ...index.matching(release.codename, /^Priority:\s*standard\s*$/m),
    ...tasks.map(taskPackage),
    ...recommendedBy(tasks, index).map(({ name }) => name),
  ];
  const wanted = [...new Set([...debianCd.forInstaller, ...(kind === 'netinst' ? [] : further)])];
  const known = wanted.filter((name) => index.find(name).length > 0);
  tell(`the packages that ${known.length} names and the base system need`);
  const { found, missing } = await resolveApart(workshop, base, known);
  if (missing.length > 0) throw new Incomplete('a medium', missing);
  const debs = new Map(found.map((entry) => [entry.sha256, entry]));
  return { debs: [...debs.values()], unknown: wanted.filter((name) => !known.includes(name)) };
};

/** What the names need, each group that cannot be installed together apart; the base system is in all of them. */
const resolveApart = async (
  workshop: Workshop,
  base: readonly string[],
  names: readonly string[],
): Promise<{ readonly found: readonly PackageEntry[]; readonly missing: readonly Missing[] }> => {
  const { apt, debs, context } = workshop;
  try {
    const requests = requestsFor([...base, ...names], 'the medium');
    return { found: await resolveClosure(apt, debs, requests, context), missing: [] };
  } catch (error) {
    if (!(error instanceof IngotError) || error.code !== 'origin.unsolvable') throw error;
    if (names.length < 2) return { found: [], missing: names.map((name) => ({ name, why: error.detail ?? '' })) };
    const middle = Math.ceil(names.length / 2);
    const halves = [names.slice(0, middle), names.slice(middle)];
    const parts = [];
    for (const half of halves) parts.push(await resolveApart(workshop, base, half));
    return { found: parts.flatMap(({ found }) => found), missing: parts.flatMap(({ missing }) => missing) };
  }
};
