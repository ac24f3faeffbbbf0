/**
 * Files of a Debian system that no package lists, each with what makes it: a closed list, since people inspect an image for the
 * others. So no rule covers a folder where an administrator puts files of his own. The first rule that matches counts.
 */
import type { GeneratedRule } from '../../../inspect/package-database.ts';

const rule = (reason: string, ...patterns: readonly RegExp[]): GeneratedRule[] =>
  patterns.map((pattern) => ({ reason, pattern }));

const links = (reason: string, ...patterns: readonly RegExp[]): GeneratedRule[] =>
  patterns.map((pattern) => ({ reason, pattern, linksOnly: true }));

export const GENERATED: readonly GeneratedRule[] = [
  ...rule(
    "dpkg's database",
    /^\/var\/lib\/dpkg\/((status|diversions|statoverride)(-old)?|available(-old)?|arch(-native)?|cmethopt|lock(-frontend)?)$/,
    /^\/var\/lib\/dpkg\/(alternatives|triggers|updates|parts)(\/[\w.+-]+)?$/,
    /^\/var\/lib\/dpkg\/info(\/(format|[\w.+:-]+\.(list|md5sums|conffiles|config|templates|shlibs|symbols|triggers|p(re|ost)(inst|rm))))?$/,
    /^\/var\/backups\/(dpkg|alternatives|apt)\./,
  ),
  ...rule('what upgrades leave out (slim)', /^\/etc\/dpkg\/dpkg\.cfg\.d\/90-slim-[a-z-]+$/),
  ...rule("apt's state", /^\/var\/lib\/apt\//, /^\/var\/cache\/apt\//),
  ...rule("debconf's database", /^\/var\/cache\/debconf\//),
  ...rule(
    'GRUB',
    /^\/boot\/grub(\/(fonts|locale|i386-pc|x86_64-efi))?$/,
    /^\/boot\/grub\/(grub\.cfg(\.new)?|grubenv|gfxblacklist\.txt|unicode\.pf2|fonts\/\w+\.pf2|locale\/[\w@.-]+\.mo)$/,
    /^\/boot\/grub\/(i386-pc|x86_64-efi)\/([\w-]+\.(mod|lst|o|sh|img|efi)|load\.cfg)$/,
    /^\/boot\/efi\/EFI\/[^/]+\/((grub|shim|mm|fb)(x64|ia32)?\.(efi|cfg)|BOOTX64\.(EFI|CSV))$/i,
  ),
  ...rule(
    'initramfs',
    /^\/boot\/initrd\.img-/,
    /^\/var\/lib\/initramfs-tools\//,
    /^\/etc\/initramfs-tools\/conf\.d\/resume$/,
  ),
  ...rule('depmod', /^\/usr\/lib\/modules\/[^/]+\/modules\./),
  ...links('links to the kernel', /^\/(boot\/)?(vmlinuz|initrd\.img)(\.old)?$/),
  ...rule('ldconfig', /^\/etc\/ld\.so\.cache$/, /^\/var\/cache\/ldconfig\/aux-cache$/),
  ...links('certificates', /^\/etc\/ssl\/certs\//),
  ...rule(
    'certificates',
    /^\/etc\/ssl\/certs\/(ca-certificates\.crt|java\/cacerts)$/,
    /^\/etc\/ca-certificates\.conf(\.dpkg-old)?$/,
  ),
  ...links('alternatives', /^\/etc\/alternatives\//),
  ...rule('Python byte code', /\/__pycache__\/[^/]+\.pyc$/),
  ...rule(
    'locales',
    /^\/usr\/lib\/locale\/(locale-archive$|[^/]+\/)/,
    /^\/etc\/locale\.(gen|conf)$/,
    /^\/etc\/default\/locale$/,
  ),
  ...rule('hardware database', /^\/(usr\/lib|etc)\/udev\/hwdb\.bin$/),
  ...links(
    'systemctl enable',
    /^\/etc\/systemd\/(system|user)\/[^/]+\.(wants|requires|upholds)\//,
    /^\/etc\/systemd\/(system|user)\/[^/]+\.(service|socket|timer|target)$/,
  ),
  ...links('update-rc.d', /^\/etc\/rc[0-6S]\.d\//),
  ...rule(
    'accounts',
    /^\/etc\/(passwd|group|shadow|gshadow|subuid|subgid)-?$/,
    /^\/etc\/(\.pwd\.lock|shells)$/,
    /^\/var\/lib\/shells\.state$/,
  ),
  ...rule(
    'pam-auth-update',
    /^\/etc\/pam\.d\/common-(account|auth|password|session|session-noninteractive)$/,
    /^\/var\/lib\/pam\//,
    /^\/etc\/security\/opasswd$/,
  ),
  ...rule('ucf', /^\/var\/lib\/ucf\//),
  ...rule(
    "the installer's settings",
    /^\/etc\/(fstab|hostname|hosts|mailname|machine-id|adjtime|localtime|timezone|resolv\.conf|crypttab|kernel-img\.conf|network\/interfaces)$/,
    /^\/etc\/default\/(keyboard|console-setup|grub)$/,
    /^\/etc\/console-setup\/cached_/,
    /^\/etc\/apt\/sources\.list~?$/,
  ),
  ...rule(
    'copies that packages make',
    /^\/(root|home\/[^/]+)\/\.(bashrc|profile|bash_logout)$/,
    /^\/etc\/(nsswitch\.conf|profile|motd|networks|dpkg\/origins\/default|inputrc|rmt|environment)$/,
    /^\/etc\/(hosts\.(allow|deny)|modules|initramfs-tools\/modules|python3\/debian_config|ssh\/sshd_config)$/,
    /^\/var\/lib\/python\/python3[^/]*_installed$/,
  ),
  ...links('links that packages make', /^\/etc\/mtab$/, /^\/usr\/local\/man$/, /^\/var\/spool\/mail$/),
  ...rule(
    'device files',
    /^\/dev\/(console|core|fd|full|null|ptmx|pts|random|shm|std(in|out|err)|tty\d*|urandom|zero)$/,
  ),
  ...rule('SSH host keys', /^\/etc\/ssh\/ssh_host_[^/]+_key(\.pub)?$/),
  ...rule("systemd's state", /^\/var\/lib\/systemd\//, /^\/var\/lib\/dbus\/machine-id$/),
  ...rule(
    'caches',
    /^\/var\/cache\/(man|fontconfig|app-info|swcatalog|PackageKit|samba)\//,
    /^\/usr\/share\/(icons|applications|glib-2\.0\/schemas)\/.*(cache|\.compiled)$/,
    /^\/usr\/share\/mime\//,
    /^\/usr\/lib\/.*\/(gio\/modules\/giomodule|gdk-pixbuf-2\.0\/[^/]+\/loaders|gtk-[34]\.0\/[^/]+\/immodules)\.cache$/,
    /^\/usr\/share\/info\/dir(\.old)?$/,
  ),
  ...rule('AppArmor', /^\/etc\/apparmor\.d\/local\//, /^\/var\/cache\/apparmor\//),
  ...rule('logs', /^\/var\/log\//),
  ...rule('swap', /^\/(swapfile|swap\.img|swap)$/),
];
