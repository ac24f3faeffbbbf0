/** What runs before the system does: GRUB's settings and images, the initramfs. Its modules and the EFI programs are copies (`copies.ts`). */
import { posix } from 'node:path';
import { type Check, reads, shown } from '../checks.ts';
import type { DebianRule } from '../debian-rule.ts';
import type { DebianFacts } from '../facts.ts';

/** The partition that the root file system is on, as GRUB names it. */
const rootUuid = ({ files }: DebianFacts): string | undefined =>
  files.mounts.find(({ path }) => path === '/')?.partition.uuid;

const rootPartition = ({ files }: DebianFacts): string | undefined =>
  files.mounts.find(({ path }) => path === '/')?.partition.partitionUuid;

const bootUuids = ({ files }: DebianFacts): string[] =>
  files.mounts.filter(({ path }) => path === '/' || path === '/boot').flatMap(({ partition }) => partition.uuid ?? []);

/** Where GRUB's second stage looks for its settings. */
const search: Check = async ({ path }, facts) => {
  const text = await facts.text(path);
  const [, uuid] =
    /^search\.fs_uuid (\S+) root\s*\nset prefix=\(\$root\)'(\/boot)?\/grub'\n(configfile \$prefix\/grub\.cfg\n?)?$/.exec(
      text,
    ) ?? [];
  if (uuid === undefined) return 'its text is not what grub-install writes';
  return bootUuids(facts).includes(uuid) ? undefined : `it leads to ${uuid}, which is not this system`;
};

/** Lines of grub-mkconfig that are put together from variables. None of them names a program or another place. */
const GRUB_LINES: readonly RegExp[] = [
  /^#/,
  /^$/,
  /^insmod \w+$/,
  /^set (timeout|default|root|saved_entry|timeout_style|have_grubenv|theme|linux_gfx_mode|locale_dir|lang|gfxmode|gfxpayload)=["'\w${}(),./-]*$/,
  /^search --no-floppy --fs-uuid --set=root (--hint-\S+ )*[\w-]+$/,
  /^(menuentry|submenu) '[\w ,./()+:~-]+'( --class [\w-]+)*( --unrestricted)?( \$menuentry_id_option '[\w.+:~-]+')? *\{$/,
  /^echo\s+'[\w ,.+~/-]+'$/,
  /^serial --(speed|unit)=\d+( --(speed|unit)=\d+)*$/,
  /^terminal_(input|output) [\w ]+$/,
  /^if \[ x\$grub_platform = xxen \]; then insmod xzio; insmod lzopio; fi$/,
  /^(load_video|gfxmode \$linux_gfx_mode|fi|else|\}|true)$/,
  /^font="?[\w/.${}-]*"?$/,
];

/** They start another system, or read more settings: only the lines of 41_custom do that, for a file that is judged by itself. */
const ELSEWHERE =
  /(^|[\s;{])(chainloader|configfile|legacy_\w+|extract_\w+|source|\.|multiboot2?|module2?|xen_\w+|xnu_\w+|k\w+bsd\w*|linux16|linuxefi|initrd16|initrdefi|loopback|normal|ntldr|freedos|pxechain\w*|plan9)(\s|$)/;
const CUSTOM = /^source (\$\{config_directory\}|\$prefix)\/custom\.cfg$/;

/** Whether GRUB looks at this system after a line: `undefined` where the line says nothing of that. */
const looksHere = (line: string, uuids: readonly string[]): boolean | undefined => {
  const [, uuid] = /^search .*--set=root (?:--hint-\S+ )*([\w-]+)$/.exec(line) ?? [];
  if (uuid !== undefined) return uuids.includes(uuid);
  return /^set root=|^(menuentry|submenu) /.test(line) ? false : undefined;
};

const ALWAYS = ['ro', 'rw', 'single', 'quiet', 'nomodeset'];

/** What GRUB's own scripts add for the entries to mend a system with. */
const RECOVERY = /\bGRUB_CMDLINE_LINUX_RECOVERY(?::=|=")(?:\$\{?\w+\}?)?([\w .=-]*)/g;

const grubSettings: Check = async ({ path }, facts) => {
  const { text, files, isVerified } = facts;
  const settings = [
    '/etc/default/grub',
    ...(await files.list('/etc/default/grub.d')).map(({ name }) => `/etc/default/grub.d/${name}`),
  ];
  const said = (await Promise.all(settings.map(text))).join('\n');
  const words = new Set(said.split(/[\s"'=]+(?=\S)|[\s"']+/).concat(said.split(/[\s"']+/)));
  const makers = [
    ...(await files.list('/etc/grub.d')).map(({ name }) => `/etc/grub.d/${name}`),
    '/usr/share/grub/grub-mkconfig_lib',
    '/usr/sbin/grub-mkconfig',
  ].filter(isVerified);
  const scripts = (await Promise.all(makers.map(text))).join('\n').replaceAll(/\\([$"`\\])/g, '$1');
  for (const [, value = ''] of scripts.matchAll(RECOVERY)) for (const word of value.split(/\s+/)) words.add(word);
  const uuids = bootUuids(facts);
  let isHere = false;
  for (const whole of (await text(path)).split('\n')) {
    const line = whole.trim();
    const [command = '', file = '', ...rest] = line.split(/\s+/);
    isHere = looksHere(line, uuids) ?? isHere;
    if (command === 'linux' || command === 'initrd') {
      const why =
        command === 'linux'
          ? kernelWhy(file, rest, words, facts)
          : [file, ...rest].map((one) => initrdWhy(one, facts)).find((one) => one !== undefined);
      if (why !== undefined) return why;
      if (!isHere) return `it loads ${file} from a file system that is not this system's`;
    } else if (line.startsWith('search ') && looksHere(line, uuids) === false)
      return `it looks for a file system that is not this system's: "${shown(line)}"`;
    else if (!line.startsWith('#') && ELSEWHERE.test(line) && !CUSTOM.test(line))
      return `it leads to another system: "${shown(line)}"`;
    else if (!GRUB_LINES.some((form) => form.test(line)) && !scripts.includes(line))
      return `nothing accounts for its line "${shown(line)}"`;
  }
  return undefined;
};

const kernelWhy = (
  kernel: string,
  words: readonly string[],
  known: ReadonlySet<string>,
  facts: DebianFacts,
): string | undefined => {
  if (!facts.isVerified(inBoot(kernel))) return `it starts ${kernel}, which is no kernel of a package`;
  const odd = words.find((word) => {
    if (word.startsWith('root='))
      return ![`root=UUID=${rootUuid(facts)}`, `root=PARTUUID=${rootPartition(facts)}`].includes(word);
    return !ALWAYS.includes(word) && !known.has(word);
  });
  return odd === undefined ? undefined : `it starts the kernel with ${odd}, which /etc/default/grub does not say`;
};

const initrdWhy = (path: string, { isOfPackage, tree }: DebianFacts): string | undefined => {
  const version = posix.basename(path).replace(/^initrd\.img-/, '');
  return isOfPackage(`/boot/vmlinuz-${version}`) && tree.has(inBoot(path)) ? undefined : `it loads ${path}`;
};

/** On a partition of its own, GRUB names files from its root. */
const inBoot = (path: string): string => (path.startsWith('/boot/') ? path : `/boot${path}`);

const initramfs: Check = async (file, facts) => {
  const version = posix.basename(file.path).replace(/^initrd\.img-/, '');
  if (!facts.isOfPackage(`/boot/vmlinuz-${version}`)) return `there is no kernel ${version} of a package`;
  const { oddMembers } = await import('../initramfs.ts');
  const odd = await oddMembers(file, facts.namesByDigest(), facts);
  const shown = odd.slice(0, 3).join('; ');
  return odd.length === 0 ? undefined : `${shown}${odd.length > 3 ? `; and ${odd.length - 3} more` : ''}`;
};

export const BOOT_RULES: readonly DebianRule[] = [
  {
    name: 'initramfs',
    reason: 'update-initramfs makes it',
    path: /^\/boot\/initrd\.img-[^/]+$/,
    mode: [0o644, 0o600],
    checks:
      'each member of each archive in it is the same as a file of a package or of this disk, or is made by mkinitramfs',
    check: initramfs,
  },
  {
    name: 'initramfs-record',
    reason: 'update-initramfs notes what it has made',
    path: /^\/var\/lib\/initramfs-tools\/[^/]+$/,
  },
  {
    name: 'grub-settings',
    reason: 'update-grub makes it',
    path: ['/boot/grub/grub.cfg'],
    mode: [0o600, 0o444, 0o644],
    checks:
      'its kernels are verified, their arguments stand in /etc/default/grub, all other lines are of GRUB’s own scripts',
    check: grubSettings,
  },
  {
    name: 'grub-search',
    reason: 'grub-install makes it',
    path: ['/boot/grub/x86_64-efi/load.cfg', '/boot/efi/EFI/debian/grub.cfg', '/boot/efi/EFI/BOOT/grub.cfg'],
    checks: 'it leads to this system',
    check: search,
  },
  {
    name: 'grub-environment',
    reason: 'grub-editenv makes it',
    path: ['/boot/grub/grubenv'],
    checks: 'it holds nothing',
    check: reads(/^# GRUB Environment Block\n(# WARNING: .*\n)?#+\n?$/),
  },
  {
    name: 'grub-core',
    reason: 'grub-mkimage makes it of verified modules',
    path: ['/boot/grub/i386-pc/core.img', '/boot/grub/x86_64-efi/core.efi', '/boot/grub/x86_64-efi/grub.efi'],
  },
  {
    name: 'grub-folders',
    reason: 'grub-install makes them',
    path: [
      '/boot/grub',
      '/boot/grub/fonts',
      '/boot/grub/locale',
      '/boot/grub/i386-pc',
      '/boot/grub/x86_64-efi',
      '/boot/efi',
    ],
    type: 'folder',
  },
  {
    name: 'efi-folders',
    reason: 'grub-install makes them',
    path: ['/boot/efi/EFI', '/boot/efi/EFI/BOOT', '/boot/efi/EFI/debian'],
    type: 'folder',
    mode: [0o755, 0o700],
  },
];
