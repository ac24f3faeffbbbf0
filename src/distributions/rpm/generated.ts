/**
 * Files that no rpm package has and that are no surprise: what makes them. A closed list; no rule covers a folder for an
 * administrator's own files.
 */
import type { GeneratedRule } from '../../inspect/package-database.ts';

const rule = (reason: string, ...patterns: readonly RegExp[]): GeneratedRule[] =>
  patterns.map((pattern) => ({ reason, pattern }));
const links = (reason: string, ...patterns: readonly RegExp[]): GeneratedRule[] =>
  patterns.map((pattern) => ({ reason, pattern, linksOnly: true }));

export const GENERATED: readonly GeneratedRule[] = [
  ...rule("rpm's database", /^\/(usr\/lib\/sysimage|var\/lib)\/rpm\//),
  ...rule("dnf's state", /^\/(var\/lib\/dnf|usr\/lib\/sysimage\/libdnf5|var\/cache\/(lib)?dnf5?)\//),
  ...rule("zypper's state", /^\/var\/(lib|cache)\/zypp\//),
  ...rule('initramfs', /^\/boot\/initramfs-[^/]+\.img$/, /^\/boot\/initrd-[^/]+$/),
  ...rule('GRUB', /^\/boot\/(grub2|loader)\//, /^\/boot\/efi\/EFI\/[^/]+\/(grub[^/]*|BOOTX64\.(EFI|CSV))$/i),
  ...rule('depmod', /^\/usr\/lib\/modules\/[^/]+\/modules\./),
  ...rule('ldconfig', /^\/etc\/ld\.so\.cache$/, /^\/var\/cache\/ldconfig\/aux-cache$/),
  ...links('alternatives', /^\/etc\/alternatives\//),
  ...rule('alternatives', /^\/var\/lib\/alternatives\//),
  ...rule('certificates', /^\/etc\/pki\/ca-trust\/extracted\//),
  ...rule('hardware database', /^\/etc\/udev\/hwdb\.bin$/),
  ...links(
    'systemctl enable',
    /^\/etc\/systemd\/(system|user)\/[^/]+\.(wants|requires|upholds)\//,
    /^\/etc\/systemd\/(system|user)\/[^/]+\.(service|socket|timer|target)$/,
  ),
  ...rule('accounts', /^\/etc\/(passwd|group|shadow|gshadow|subuid|subgid)-?$/, /^\/etc\/\.pwd\.lock$/),
  ...rule(
    "the installer's settings",
    /^\/etc\/(fstab|hostname|hosts|machine-id|adjtime|localtime|locale\.conf|vconsole\.conf|resolv\.conf|crypttab)$/,
  ),
  ...rule(
    'SELinux',
    /^\/etc\/selinux\/[^/]+\/(contexts\/files\/[^/]+\.bin|policy\/policy\.\d+)$/,
    /^\/var\/lib\/selinux\//,
  ),
  ...rule('device files', /^\/dev\//),
  ...rule('SSH host keys', /^\/etc\/ssh\/ssh_host_[^/]+_key(\.pub)?$/),
  ...rule("systemd's state", /^\/var\/lib\/systemd\//),
  ...rule('logs', /^\/var\/log\//),
  ...rule('caches', /^\/var\/cache\/(man|fontconfig)\//, /^\/usr\/share\/(mime|icons|applications)\/.*cache$/),
  ...rule('swap', /^\/(swapfile|swap\.img)$/),
];
