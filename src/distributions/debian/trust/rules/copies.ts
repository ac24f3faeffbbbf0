/** Files that packages' scripts copy from a place that the package owns: the copy is held against the signed original. */
import { type Check, copyOf } from '../checks.ts';
import type { DebianRule } from '../debian-rule.ts';
import { commandsOf, saysPlace } from '../spelt.ts';

const copy = (
  name: string,
  reason: string,
  path: DebianRule['path'],
  source: Parameters<typeof copyOf>[0],
  more: Partial<DebianRule> = {},
): DebianRule => ({
  name,
  reason,
  path,
  checks: typeof source === 'string' ? `the same as ${source}` : 'the same as the original in its package',
  check: copyOf(source),
  ...more,
});

const base = (path: string) => `/usr/share/base-files/${path.replace(/^.*\/\.?/, '')}`;

/** Of which package ucf has put it there, as its own registry says; the content is then one of that package's files. */
const byUcf: Check = async (file, { text, isInPackage, digest, scripts }) => {
  const [, kept] = /^\/var\/lib\/ucf\/cache\/(:.+)$/.exec(file.path) ?? [];
  const place = kept?.replaceAll(':', '/') ?? file.path;
  const line = (await text('/var/lib/ucf/registry')).split('\n').find((one) => one.split(/\s+/)[1] === place);
  if (line === undefined) return 'ucf does not know it';
  const [name = ''] = line.split(/\s+/);
  // The registry is a file of the disk: the script of the package has to name the place as well.
  const isPut = commandsOf(scripts).some(
    (one) => one.package === name && one.words.has('ucf') && saysPlace(one, place),
  );
  if (!isPut) return `no script of ${name} puts it there`;
  if (file.uid !== 0) return 'it is not root’s';
  return isInPackage(name, digest(file)) ? undefined : `it is not the same as a file of ${name}`;
};

export const COPIES: readonly DebianRule[] = [
  copy(
    'base-files-copies',
    'base-files puts them there once, so that an administrator may change them',
    ['/etc/motd', '/etc/profile', '/etc/nsswitch.conf'],
    (path) => [base(path), `/usr/share/libc-bin/${path.slice(5)}`],
  ),
  copy(
    'root-home',
    'base-files puts them there once',
    ['/root/.bashrc', '/root/.profile'],
    (path) => `/usr/share/base-files/dot.${path.slice(7)}`,
  ),
  copy('info-folder', 'base-files puts it there once', ['/usr/share/info/dir'], '/usr/share/base-files/info.dir'),
  copy('inputrc', 'readline-common puts it there once', ['/etc/inputrc'], '/usr/share/readline/inputrc'),
  copy(
    'sshd-config',
    'openssh-server puts it there by ucf',
    ['/etc/ssh/sshd_config', '/var/lib/ucf/cache/:etc:ssh:sshd_config'],
    '/usr/share/openssh/sshd_config',
  ),
  copy(
    'ufw-rules',
    'ufw puts them there by ucf',
    /^\/(etc\/ufw\/|var\/lib\/ucf\/cache\/:etc:ufw:)(after|before|user)6?\.(rules|init)$/,
    (path) => {
      const name = path.replace(/^.*[/:]/, '');
      return name.endsWith('.init') ? `/usr/share/ufw/${name}` : `/usr/share/ufw/iptables/${name}`;
    },
    { mode: [0o640, 0o644] },
  ),
  {
    name: 'ucf-files',
    reason: 'ucf puts there what packages bring for administrators to change',
    path: /^\/(etc\/.+|var\/lib\/ucf\/cache\/:.+)$/,
    isWide: true,
    mode: [0o644, 0o640, 0o600],
    owner: 'any',
    checks:
      'ucf’s registry says of which package it is; a script of that package puts it there, and the package has a file that is the same',
    check: byUcf,
  },
  copy(
    'nginx-page',
    'nginx-common puts it there once',
    ['/var/www/html/index.nginx-debian.html'],
    '/usr/share/nginx/html/index.html',
  ),
  copy('console-fonts', 'setupcon copies the chosen font', /^\/etc\/console-setup\/cached_[\w-]+\.psf\.gz$/, (path) =>
    path.replace('/etc/console-setup/cached_', '/usr/share/consolefonts/'),
  ),
  copy(
    'console-maps',
    'setupcon copies the map of the recipe’s character set',
    /^\/etc\/console-setup\/cached_[\w-]+\.acm\.gz$/,
    (path) => path.replace('/etc/console-setup/cached_', '/usr/share/consoletrans/'),
  ),
  copy('ufw-settings', 'ufw puts it there once', ['/etc/ufw/ufw.conf'], '/usr/share/ufw/ufw.conf'),
  copy(
    'skeleton',
    'adduser copies them into a new home',
    /^\/home\/[^/]+\/\.(bashrc|profile|bash_logout)$/,
    (path) => `/etc/skel/${path.replace(/^.*\//, '')}`,
    { owner: 'any' },
  ),
  copy(
    'grub-modules',
    'grub-install copies GRUB’s modules and lists to where it reads them',
    /^\/boot\/grub\/(i386-pc|x86_64-efi)\/[\w-]+\.(mod|lst|o|sh|img)$/,
    (path) => path.replace('/boot/grub/', '/usr/lib/grub/'),
  ),
  copy(
    'grub-font',
    'grub-install copies it',
    ['/boot/grub/fonts/unicode.pf2', '/boot/grub/unicode.pf2'],
    '/usr/share/grub/unicode.pf2',
  ),
  copy(
    'grub-translations',
    'grub-install copies them',
    /^\/boot\/grub\/locale\/[^/]+\.mo$/,
    (path) => `/usr/share/locale/${path.replace(/^.*\/|\.mo$/g, '')}/LC_MESSAGES/grub.mo`,
  ),
  copy(
    'efi-programs',
    'grub-install copies the signed boot programs to the EFI system partition',
    /^\/boot\/efi\/EFI\/(debian|BOOT)\/(shimx64|mmx64|fbx64|grubx64|BOOTX64)\.(efi|EFI|CSV)$/,
    (path) => {
      const name = path.replace(/^.*\//, '');
      if (name === 'BOOTX64.CSV') return '/usr/lib/shim/BOOTX64.CSV';
      if (name === 'grubx64.efi') return '/usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed';
      return `/usr/lib/shim/${name.replace(/^BOOTX64\.EFI$/i, 'shimx64.efi')}.signed`;
    },
  ),
];
