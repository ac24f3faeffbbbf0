/** Settings that the installer and the recipe's answers make, where their text is known or has a form of its own. */

import { foreignSources, sources } from '../apt-belief.ts';
import { type Check, eachLine, empty, reads, scriptedBy } from '../checks.ts';
import type { DebianRule } from '../debian-rule.ts';
import { ARRAYS } from '../initramfs.ts';

/** Addresses that stay on this machine or this link. */
const LOCAL = /^(127(\.\d+){3}|::1|ff02::[12]|fe00::0|ff00::0)\s+[\w. -]+$/;

/** Every file system is named by a partition of this disk. */
const mounts: Check = async ({ path }, { text, files }) => {
  const known = files.table.partitions.flatMap(({ uuid, partitionUuid }) => [
    `UUID=${uuid}`,
    `PARTUUID=${partitionUuid}`,
  ]);
  const virtual = ['proc', 'tmpfs', '/dev/sr0', '/dev/fd0', '/swapfile', 'none'];
  for (const line of (await text(path)).split('\n')) {
    if (/^\s*(#|$)/.test(line)) continue;
    const [device = ''] = line.split(/\s+/);
    if (![...known, ...virtual].some((one) => one.toLowerCase() === device.toLowerCase().replaceAll('"', '')))
      return `${device} is not on this disk`;
  }
  return undefined;
};

/** Modules of PAM and their arguments, as a profile or a template of a package has them; the jumps between them are counted. */
const pamLines: Check = async (file, facts) => {
  const texts: string[] = [];
  for (const folder of ['/usr/share/pam-configs', '/usr/share/pam'])
    for (const one of facts.verifiedBelow(folder)) texts.push((await facts.text(one)).replaceAll(/[ \t]+/g, ' '));
  return eachLine((line) => {
    const [, module = ''] = /(pam_\w+\.so.*)$/.exec(line.replaceAll(/[ \t]+/g, ' ').trimEnd()) ?? [];
    return module !== '' && texts.some((text) => text.split('\n').some((one) => one.trimEnd().endsWith(module)));
  })(file, facts);
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
  return blocksIn(await facts.text(path)).every((block) => known.has(block))
    ? undefined
    : 'it has a certificate that no package brings';
};
const blocksIn = (text: string): string[] =>
  Array.from(text.matchAll(/-----BEGIN CERTIFICATE-----([\s\S]+?)-----END CERTIFICATE-----/g), ([, body = '']) =>
    body.replaceAll(/\s/g, ''),
  );

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
  /^setfont '\/(usr\/share\/consolefonts|etc\/console-setup)\/[\w.-]+' *('-m' '[\w.-]+' *)?$/,
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

export const SETTINGS: readonly DebianRule[] = [
  answer('mounts', 'the installer writes it', '/etc/fstab', 'each file system is a partition of this disk', mounts),
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
    'ifupdown makes it',
    '/etc/network/interfaces',
    'its text stands in the package’s script',
    scriptedBy('ifupdown'),
  ),
  answer(
    'resolver-before',
    'systemd-resolved keeps the one that was there',
    '/etc/.resolv.conf.systemd-resolved.bak',
    'name servers and domains',
    reads(/^((nameserver|search|domain|options) [\w.: %-]+\n|#.*\n|\s*\n)*$/),
  ),
  ...['keyboard', 'console-setup'].map((name) =>
    answer(
      name,
      'the recipe says it',
      `/etc/default/${name}`,
      'assignments',
      reads(/^(#.*\n|[A-Z_]+=("[\w ,:.[\]/+-]*"|[\w.-]*)\n|\s*\n)*$/),
    ),
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
    reads(/^(#.*\n|[A-Z_]+=(true|false|\d+|"[\w -]*")\n|\s*\n)*$/),
  ),
  answer('encrypted-disks', 'cryptsetup makes it', '/etc/crypttab', 'comments alone', reads(/^(#.*\n|\s*\n)*$/)),
  answer('time-zone-name', 'the recipe says it', '/etc/timezone', 'one name', reads(/^[\w+/-]+\n$/)),
  answer('clock', 'the installer writes it', '/etc/adjtime', 'its three lines', reads(/^0\.0 0 0\.0\n0\nUTC\n$/)),
  answer(
    'locale',
    'the recipe says it',
    '/etc/default/locale',
    'assignments of locales',
    reads(/^(#.*\n|[A-Z_]+="?[\w.@:-]*"?\n)*$/),
  ),
  answer(
    'locale-13',
    'the recipe says it',
    '/etc/locale.conf',
    'assignments of locales',
    reads(/^(#.*\n|[A-Z_]+="?[\w.@:-]*"?\n)*$/),
  ),
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
  answer(
    'apparmor-homes',
    'apparmor makes it',
    '/etc/apparmor.d/tunables/home.d/ubuntu',
    'comments alone',
    reads(/^(#.*\n|\s*\n)*$/),
  ),
  answer(
    'apparmor-folders',
    'apparmor makes it',
    '/etc/apparmor.d/tunables/xdg-user-dirs.d/site.local',
    'comments alone',
    reads(/^(#.*\n|\s*\n)*$/),
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
    checks: 'each module stands with its arguments in a profile or template of a package',
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
