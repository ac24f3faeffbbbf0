/** Settings that the installer and the recipe's answers make, where their text is known or has a form of its own. */

import { shownPath } from '../../../../capture/file-names.ts';
import { foreignSources, sources } from '../apt-belief.ts';
import { type Check, eachLine, empty, reads, scriptedBy } from '../checks.ts';
import type { DebianRule } from '../debian-rule.ts';
import { ARRAYS } from '../initramfs.ts';
import { pamWhy } from '../pam.ts';

/** Addresses that stay on this machine or this link. */
const LOCAL = /^(127(\.\d+){3}|::1|ff02::[12]|fe00::0|ff00::0)\s+[\w. -]+$/;

/** What no partition has, each where it belongs: a line for another place could lay anything over a folder of the system. */
const VIRTUAL: readonly RegExp[] = [
  /^proc \/proc proc /,
  /^(sysfs|sys) \/sys sysfs /,
  /^tmpfs (\/tmp|\/var\/tmp|\/run|\/dev\/shm) tmpfs /,
  /^devpts \/dev\/pts devpts /,
  /^\/dev\/(sr|cdrom|scd)\d* \/media\/[\w-]+ (udf,iso9660|iso9660|udf|auto) /,
  /^\/dev\/fd\d \/media\/[\w-]+ auto /,
  /^\/swap(file|\.img) (none|swap|\/) swap /,
];

/** Every file system is named by a partition of this disk, and is mounted as what it is. */
const mounts: Check = async ({ path }, { text, files }) => {
  for (const line of (await text(path)).split('\n')) {
    if (/^\s*(#|$)/.test(line)) continue;
    const [device = '', place = '', type = '', options = 'defaults'] = line.trim().split(/\s+/);
    if (VIRTUAL.some((form) => form.test(`${[device, place, type].join(' ')} `))) continue;
    const named = device.toLowerCase().replaceAll('"', '');
    const partition = files.table.partitions.find(({ uuid, partitionUuid }) =>
      [`uuid=${uuid?.toLowerCase()}`, `partuuid=${partitionUuid?.toLowerCase()}`].includes(named),
    );
    if (partition === undefined) return `${shownPath(device)} is not on this disk`;
    if (!FITS[partition.content ?? '']?.includes(type)) return `${shownPath(device)} is mounted as ${shownPath(type)}`;
    const odd = options
      .split(',')
      .find((one) => /^(r?bind|loop|offset|sizelimit|subvol|context|X-mount\.subdir)/.test(one));
    if (odd !== undefined) return `${shownPath(device)} is mounted with ${shownPath(odd)}`;
  }
  return undefined;
};

/** By what blkid sees in a partition. */
const FITS: Readonly<Record<string, readonly string[]>> = {
  ext2: ['ext2', 'ext3', 'ext4', 'auto'],
  ext3: ['ext3', 'ext4', 'auto'],
  ext4: ['ext4', 'auto'],
  vfat: ['vfat', 'auto'],
  swap: ['swap'],
  xfs: ['xfs', 'auto'],
  btrfs: ['btrfs', 'auto'],
};

const pamLines: Check = async ({ path }, facts) => {
  const profiles = await Promise.all(facts.verifiedBelow('/usr/share/pam-configs').map(facts.text));
  const template = `/usr/share/pam/${path.replace(/^.*\//, '')}`;
  return pamWhy(await facts.text(path), {
    template: facts.isVerified(template) ? await facts.text(template) : '',
    profiles,
  });
};

const auditRules: Check = async (file, facts) => {
  const texts: string[] = [];
  for (const { name } of await facts.files.list('/etc/audit/rules.d'))
    texts.push(await facts.text(`/etc/audit/rules.d/${name}`));
  return eachLine((line) => texts.some((text) => text.split('\n').includes(line.trim())))(file, facts);
};

const certificates: Check = async ({ path }, facts) => {
  const known = new Set<string>();
  for (const one of facts.verifiedBelow('/usr/share/ca-certificates'))
    for (const block of blocksIn(await facts.text(one))) known.add(block);
  const text = await facts.text(path);
  if (!blocksIn(text).every((block) => known.has(block))) return 'it has a certificate that no package brings';
  // OpenSSL takes blocks with other titles as well (PEM_read_bio_X509_AUX).
  return text.replaceAll(BLOCK, '').trim() === '' ? undefined : 'it has more than certificates';
};
const BLOCK = /-----BEGIN CERTIFICATE-----([\s\S]+?)-----END CERTIFICATE-----/g;
const blocksIn = (text: string): string[] =>
  Array.from(text.matchAll(BLOCK), ([, body = '']) => body.replaceAll(/\s/g, ''));

/** As netcfg writes them: none starts a program (`up` and its like), and files beside it are judged by themselves. */
const INTERFACES =
  /^(auto lo|iface lo inet loopback|source(-directory)? \/etc\/network\/interfaces\.d(\/\*)?|(auto|allow-hotplug) [\w.:-]+|iface [\w.:-]+ inet (dhcp|static)|iface [\w.:-]+ inet6 (auto|dhcp|static))$/;
const ADDRESSES = /^(address|netmask|gateway|dns-nameservers|dns-search) ([\w.:/ -]+)$/;

const interfaces: Check = async (file, facts) => {
  const isStated = (values = '') =>
    values.split(' ').every((value) => facts.said?.texts.some((text) => text.includes(value)) ?? false);
  const script = facts.scripts.get('ifupdown') ?? '';
  return eachLine((whole) => {
    const line = whole.trim();
    return INTERFACES.test(line) || isStatedAddress(line, isStated) || script.includes(line);
  })(file, facts);
};

const isStatedAddress = (line: string, isStated: (values?: string) => boolean): boolean => {
  const [, , values] = ADDRESSES.exec(line) ?? [];
  return values !== undefined && isStated(values);
};

/** kernel-img.conf(5) knows hooks as well, which are programs. */
const KERNEL_LINKS = /^(do_symlinks = (yes|no)|do_bootloader = no|do_initrd = yes|link_in_boot = (yes|no))$/;

const answer = (
  name: string,
  reason: string,
  path: string,
  checks: string,
  check: Check,
  more: Partial<DebianRule> = {},
): DebianRule => ({
  name,
  reason,
  path: [path],
  checks,
  check,
  ...more,
});

/** What setupcon(1) puts together: none of it starts another program, or writes to another place. */
const CONSOLE_LINES: readonly RegExp[] = [
  /^setfont '\/(usr\/share\/consolefonts|etc\/console-setup)\/[\w.-]+' *('-m' '(\/(usr\/share\/consoletrans|etc\/console-setup)\/)?[\w.-]+' *)?$/,
  /^if ls \/dev\/fb\* >\/dev\/null 2>\/dev\/null; then$/,
  /^for i in \/dev\/vcs\[0-9\]\*; do$/,
  /^(\{ :|done|fi|exit 0)$/,
  /^\} < \/dev\/tty\$\{(i#\/dev\/vcs|1#vcs)\} > \/dev\/tty\$\{(i#\/dev\/vcs|1#vcs)\}$/,
  /^mkdir -p \/run\/console-setup$/,
  /^> \/run\/console-setup\/[\w-]+$/,
  /^printf '\\033%%[G@]' *$/,
  /^if \[ -f \/run\/console-setup\/keymap_loaded \]; then$/,
  /^rm \/run\/console-setup\/keymap_loaded$/,
  /^kbd_mode '-[au]' *$/,
  /^loadkeys '\/etc\/console-setup\/cached_[\w-]+\.kmap\.gz' > '\/dev\/null' *$/,
];

/** Programs read these into their environment: no other variable may be set. */
const LOCALES = reads(/^(#.*\n|(LANG|LANGUAGE|LC_[A-Z]+)="?[\w.@:-]*"?\n)*$/);

/** Shells read these: settings of the console alone, and nothing that they run. */
const CONSOLE_SETTINGS = reads(
  /^(#.*\n|(XKB(MODEL|LAYOUT|VARIANT|OPTIONS)|BACKSPACE|KMAP|ACTIVE_CONSOLES|CHARMAP|CODESET|FONT|FONTFACE|FONTSIZE|FONT_MAP|CONSOLE_MAP|VIDEOMODE|VERBOSITY|VERBOSE_OUTPUT|SCREEN_WIDTH|SCREEN_HEIGHT)=("[\w ,:.[\]/+-]*"|[\w.-]*)\n|\s*\n)*$/,
);

/** `#include` is no comment there (apparmor.d(5)). */
const NO_PROFILE = reads(/^(#(?!include).*\n|\s*\n)*$/);

export const SETTINGS: readonly DebianRule[] = [
  answer(
    'mounts',
    'the installer writes it',
    '/etc/fstab',
    'each file system is a partition of this disk, mounted as what it is; others only where they belong',
    mounts,
  ),
  answer('host-name', 'the recipe says it', '/etc/hostname', 'one name', reads(/^[\w.-]+\n?$/)),
  answer(
    'hosts',
    'the recipe says the host’s name',
    '/etc/hosts',
    'only addresses of this machine and of its own links',
    eachLine((line) => LOCAL.test(line.replaceAll('\t', ' ').trimEnd())),
  ),
  answer(
    'networks',
    'netbase makes it',
    '/etc/networks',
    'its text stands in the package’s script',
    scriptedBy('netbase'),
  ),
  answer(
    'interfaces',
    'ifupdown makes it, or netcfg and Ingot’s hook at the end of the installation',
    '/etc/network/interfaces',
    'each line is one that they write, and starts nothing; addresses stand in the recipe’s answers',
    interfaces,
  ),
  answer(
    'kernel-links',
    'base-installer says how links to kernels are kept',
    '/etc/kernel-img.conf',
    'its four settings, none of which names a program',
    eachLine((line) => KERNEL_LINKS.test(line)),
  ),
  answer(
    'resolver-before',
    'systemd-resolved keeps the one that was there',
    '/etc/.resolv.conf.systemd-resolved.bak',
    'name servers and domains',
    reads(/^((nameserver|search|domain|options) [\w.: %-]+\n|#.*\n|\s*\n)*$/),
  ),
  ...['keyboard', 'console-setup'].map((name) =>
    answer(name, 'the recipe says it', `/etc/default/${name}`, 'assignments', CONSOLE_SETTINGS),
  ),
  {
    name: 'console-scripts',
    reason: 'setupcon writes what sets up font and keyboard at boot',
    path: /^\/etc\/console-setup\/cached_setup_(font|keyboard|terminal)\.sh$/,
    mode: [0o755],
    checks: 'lines of setupcon, on fonts of packages and its own copies',
    check: eachLine((line) => CONSOLE_LINES.some((form) => form.test(line.trim())), /^(#!\/bin\/sh)?$/),
  },
  {
    name: 'console-keymap',
    reason: 'setupcon compiles the recipe’s keyboard',
    path: /^\/etc\/console-setup\/cached_[\w-]+\.kmap\.gz$/,
  },
  answer(
    'raid-arrays',
    'mdadm makes it',
    '/etc/mdadm/mdadm.conf',
    'arrays, and nothing that is started',
    reads(ARRAYS),
  ),
  answer(
    'raid-settings',
    'mdadm makes it',
    '/etc/default/mdadm',
    'assignments',
    reads(/^(#.*\n|(AUTOCHECK|AUTOSCAN|START_DAEMON|VERBOSE)=(true|false)\n|DAEMON_OPTIONS="(--syslog)?"\n|\s*\n)*$/),
  ),
  answer('encrypted-disks', 'cryptsetup makes it', '/etc/crypttab', 'comments alone', reads(/^(#.*\n|\s*\n)*$/)),
  answer('time-zone-name', 'the recipe says it', '/etc/timezone', 'one name', reads(/^[\w+/-]+\n$/)),
  answer('clock', 'the installer writes it', '/etc/adjtime', 'its three lines', reads(/^0\.0 0 0\.0\n0\nUTC\n$/)),
  answer('locale', 'the recipe says it', '/etc/default/locale', 'assignments of locales', LOCALES),
  answer('locale-13', 'the recipe says it', '/etc/locale.conf', 'assignments of locales', LOCALES),
  answer(
    'locales-to-make',
    'the recipe says it',
    '/etc/locale.gen',
    'names of locales',
    reads(/^(#.*\n|[\w.@-]+ [\w-]+ *\n|\s*\n)*$/),
  ),
  answer(
    'machine-id',
    'sealing empties it, and systemd fills it at the first boot of each clone',
    '/etc/machine-id',
    'it is empty',
    reads(/^(uninitialized\n)?$/),
    { mode: [0o444, 0o644] },
  ),
  answer('environment', 'libpam-modules makes it', '/etc/environment', 'it is empty', empty),
  answer(
    'apt-sources-place',
    'Ingot says where the sources are',
    '/etc/apt/sources.list',
    'comments alone',
    reads(/^(#.*\n|\s*\n)*$/),
    { class: 'ingot' },
  ),
  answer(
    'apt-sources',
    'Ingot writes the recipe’s mirrors',
    '/etc/apt/sources.list.d/ingot.sources',
    'each source names a verified key, none is trusted without one',
    sources,
    { class: 'ingot' },
  ),
  {
    name: 'apt-sources-of-others',
    reason: 'whoever made the system says where packages come from',
    path: /^\/etc\/apt\/sources\.list(\.d\/[\w.-]+\.(list|sources))?$/,
    checks:
      'each source names a verified key, or the keys that apt believes of itself are all verified; none is trusted without one',
    check: foreignSources,
  },
  answer(
    'tcp-wrappers',
    'the libwrap0 package makes them',
    '/etc/hosts.allow',
    'its text stands in the package’s script',
    scriptedBy('libwrap0'),
  ),
  answer(
    'tcp-wrappers-deny',
    'the libwrap0 package makes them',
    '/etc/hosts.deny',
    'its text stands in the package’s script',
    scriptedBy('libwrap0'),
  ),
  answer(
    'kernel-modules',
    'kmod makes it',
    '/etc/modules',
    'its text stands in the package’s script',
    scriptedBy('kmod'),
  ),
  answer(
    'initramfs-modules',
    'initramfs-tools makes it',
    '/etc/initramfs-tools/modules',
    'the same as the package’s example',
    async (file, facts) => {
      const text = await facts.text('/usr/share/initramfs-tools/modules');
      return eachLine(
        (line) =>
          text.includes(line) ||
          [...facts.scripts].some(([name, script]) => name.startsWith('initramfs') && script.includes(line)),
        /^\s*(#|$)/,
      )(file, facts);
    },
  ),
  answer(
    'resume',
    'Ingot’s hook writes it: a clone has no place to resume from',
    '/etc/initramfs-tools/conf.d/resume',
    'it says none',
    reads(/^RESUME=none\n$/),
    { class: 'ingot' },
  ),
  answer(
    'python-settings',
    'python3-minimal makes it',
    '/etc/python3/debian_config',
    'its text stands in the package’s script',
    scriptedBy('python3', 'python3-minimal', 'python3.11-minimal', 'python3.13-minimal'),
  ),
  {
    name: 'apparmor-local-folder',
    reason: 'dh_apparmor makes it, for additions to profiles',
    path: ['/etc/apparmor.d/local'],
    type: 'folder',
  },
  answer('apparmor-homes', 'apparmor makes it', '/etc/apparmor.d/tunables/home.d/ubuntu', 'comments alone', NO_PROFILE),
  answer(
    'apparmor-folders',
    'apparmor makes it',
    '/etc/apparmor.d/tunables/xdg-user-dirs.d/site.local',
    'comments alone',
    NO_PROFILE,
  ),
  {
    name: 'apparmor-local',
    reason: 'dh_apparmor makes one for each profile, for additions',
    path: /^\/etc\/apparmor\.d\/local\/[\w.-]+$/,
    checks: 'it is empty',
    check: empty,
  },
  answer(
    'audit-rules',
    'augenrules makes it of /etc/audit/rules.d',
    '/etc/audit/audit.rules',
    'each line stands in /etc/audit/rules.d',
    auditRules,
    { mode: [0o640] },
  ),
  answer(
    'certificate-choice',
    'ca-certificates makes it',
    '/etc/ca-certificates.conf',
    'names of certificates that the package brings',
    eachLine((line, { isVerified }) => isVerified(`/usr/share/ca-certificates/${line.replace(/^!/, '')}`)),
  ),
  answer(
    'certificates',
    'update-ca-certificates makes it',
    '/etc/ssl/certs/ca-certificates.crt',
    'each certificate in it is one of the package’s',
    certificates,
  ),
  {
    name: 'pam',
    reason: 'pam-auth-update makes them of what packages bring',
    path: /^\/etc\/pam\.d\/common-(account|auth|password|session|session-noninteractive)$/,
    checks:
      'the lines of a package’s template, with those of packages’ profiles in its two places; jumps lead where they have to',
    check: pamLines,
  },
  {
    name: 'pam-record',
    reason: 'what pam-auth-update has made',
    path: /^\/var\/lib\/pam\/(account|auth|password|seen|session|session-noninteractive)$/,
  },
  answer(
    'grub-cloud',
    'grub-cloud-amd64 notes that it has set itself up',
    '/etc/grub.d/enable_cloud',
    'it is empty',
    empty,
  ),
];
