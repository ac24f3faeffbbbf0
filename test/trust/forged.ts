/**
 * What somebody does who knows the rules: files that explain each other, words that a rule takes for comments, links in the place of
 * programs, things where nobody looks. Beside each stand the same files as they may be.
 */
import { cpioArchive } from '../../src/formats/archives/cpio.ts';
import { bytesOf } from '../../src/formats/byte-source.ts';
import { ESP_UUID, ROOT_UUID, SWAP_UUID } from '../capture/small-disk.ts';
import { CERTIFICATE, INITRD, initrd } from './small-archive.ts';

export interface Change {
  readonly name: string;
  readonly files?: Readonly<Record<string, string | Buffer | undefined>>;
  readonly commands?: readonly string[];
  readonly finds: readonly string[];
}

/** Rows that can be on one disk: looking at a disk is what costs. */
export const apart = (rows: readonly Change[]): Change[][] => {
  const disks: { readonly rows: Change[]; readonly taken: Set<string> }[] = [];
  for (const row of rows) {
    const wanted = [
      ...Object.keys(row.files ?? {}),
      ...(row.commands ?? []).flatMap((one) => one.match(/(?<= )\/\S+/g) ?? []),
    ];
    let disk = disks.find(({ taken }) => wanted.every((path) => !taken.has(path)));
    if (disk === undefined) {
      disk = { rows: [], taken: new Set() };
      disks.push(disk);
    }
    disk.rows.push(row);
    for (const path of wanted) disk.taken.add(path);
  }
  return disks.map((disk) => disk.rows);
};

/** A file with this text is found, by its place; or is not, with `isFine`. */
const text = (
  name: string,
  path: string,
  content: string | Buffer,
  more: Partial<Change> & { isFine?: true } = {},
): Change => {
  const { isFine, ...rest } = more;
  return { name, files: { [path]: content }, finds: isFine ? [] : [`fails trust/unexplained ${path}`], ...rest };
};
const fine = { isFine: true } as const;

const PASSWD = 'root:x:0:0:root:/root:/bin/bash\ndaemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin\n';
const shadow = { commands: ['sif /etc/shadow mode 0100640', 'sif /etc/shadow gid 42'] };
const SUDO = 'ada ALL=(ALL:ALL) ALL\n';
const sudo = { commands: ['sif /etc/sudoers.d/90-users mode 0100440'] };

const SOURCES =
  'Types: deb\nURIs: http://example.org/debian\nSuites: small\nSigned-By: /etc/apt/trusted.gpg.d/small.asc\n';
const sources = (name: string, content: string, more = {}) =>
  text(name, '/etc/apt/sources.list.d/ingot.sources', content, more);

const PERMIT = 'auth requisite pam_deny.so\nauth required pam_permit.so\n';
const UNIX = 'auth [success=1 default=ignore] pam_unix.so\n';
const pam = (name: string, content: string, more = {}) => text(name, '/etc/pam.d/common-auth', content, more);

const FSTAB = `UUID=${ROOT_UUID} / ext4 errors=remount-ro 0 1\nUUID=${ESP_UUID} /boot/efi vfat umask=0077 0 1\nUUID=${SWAP_UUID} none swap sw 0 0\n`;
const fstab = (name: string, content: string, more = {}) => text(name, '/etc/fstab', content, more);

const KERNEL = '6.1.0-1-amd64';
const grub = (name: string, lines: readonly string[], more = {}) =>
  text(name, '/boot/grub/grub.cfg', `menuentry 'Small' {\n${lines.map((line) => `\t${line}\n`).join('')}}\n`, more);
const SEARCH = `search --no-floppy --fs-uuid --set=root ${ROOT_UUID}`;
const LINUX = `linux /boot/vmlinuz-${KERNEL} root=UUID=${ROOT_UUID} ro quiet`;
const INITIAL = `initrd /boot/initrd.img-${KERNEL}`;

const SGML = '/var/lib/sgml-base/supercatalog';
const catalog = (id: string, path: string) =>
  `<?xml version="1.0"?>\n<!DOCTYPE catalog PUBLIC "-//OASIS//DTD XML Catalogs V1.0//EN"\n  "file:///usr/share/xml/schema/xml-core/catalog.dtd">\n<catalog xmlns="urn:oasis:names:tc:entity:xmlns:xml:catalog">\n<delegatePublic publicIdStartString="${id}" catalog="file://${path}"/>\n</catalog>\n`;

const wants = (unit: string, target = `/usr/lib/systemd/system/${unit}`) => [
  `symlink /etc/systemd/system/multi-user.target.wants/${unit} ${target}`,
];
const WANTS = '/etc/systemd/system/multi-user.target.wants';

const initramfs = async (name: string, changes: Readonly<Record<string, string>>, more = {}) =>
  text(name, INITRD, await initrd(changes), more);
const EVIL = await bytesOf(
  cpioArchive([{ type: 'file', path: 'scripts/init-top/evil', mode: 0o755, content: Buffer.from('evil') }]),
);
const ABOVE = Buffer.from(EVIL.toString('latin1').replace('scripts/init-top/', '../../../../root/'), 'latin1');

const slim = (strip: string, content: string, more = {}) =>
  text(`dpkg leaves out by ${strip}`, `/etc/dpkg/dpkg.cfg.d/90-slim-${strip}`, content, more);

export const FORGED: readonly Change[] = [
  // Accounts.
  text('accounts that are locked', '/etc/shadow', 'root:*:1::::::\ndaemon:!:1::::::\nada:$y$x:1::::::\n', {
    ...fine,
    ...shadow,
  }),
  text('root with an empty password', '/etc/shadow', 'root::1::::::\n', shadow),
  text('an account of the recipe with an empty password', '/etc/shadow', 'root:*:1::::::\nada::1::::::\n', shadow),
  text('an empty password in passwd', '/etc/passwd', PASSWD.replace('root:x:', 'root::')),
  text('the number of root, written otherwise', '/etc/passwd', PASSWD.replace(':1:1:', ':00:1:')),
  text('the group of root', '/etc/passwd', PASSWD.replace(':1:1:', ':1:0:')),
  text('another shell for root', '/etc/passwd', PASSWD.replace('/bin/bash', '/usr/bin/tool')),
  text('another home for root', '/etc/passwd', PASSWD.replace(':/root:', ':/usr/lib/tool:')),
  text('a number of a group, written otherwise', '/etc/group', 'root:x:0:\nshadow:x:42:\ndaemon:x: 0:\n'),
  text('rights by number', '/etc/sudoers.d/90-users', `${SUDO}#1000 ALL=(ALL:ALL) NOPASSWD:ALL\n`, sudo),
  text('rights from another folder', '/etc/sudoers.d/90-users', `${SUDO}#includedir /var/tmp\n`, sudo),
  // PAM.
  pam('one stack', `# words\n${UNIX}${PERMIT}auth optional pam_cap.so\n`, fine),
  pam(
    'two modules',
    `auth [success=2 default=ignore] pam_unix.so\nauth [success=1 default=ignore] pam_token.so\n${PERMIT}`,
    fine,
  ),
  pam('a module that lets in everybody', `auth sufficient pam_permit.so\n${UNIX}${PERMIT}`),
  pam('a jump over the password', `${UNIX.replace('success=1', 'success=1 auth_err=1')}${PERMIT}`),
  pam('a jump too far', `${UNIX.replace('=1', '=2')}${PERMIT}`),
  pam('no module at all', PERMIT),
  pam('no denial', `${UNIX}auth required pam_permit.so\n`),
  pam('lines in another order', `${PERMIT}${UNIX}`),
  pam('a module of the other place', `auth [success=1 default=ignore] pam_cap.so\n${PERMIT}`),
  // Settings that are read by shells, or put into an environment.
  text('a locale', '/etc/default/locale', 'LANG=C.UTF-8\nLC_TIME="C"\n', fine),
  text('a library for all programs', '/etc/default/locale', 'LANG=C.UTF-8\nLD_PRELOAD=part.so\n'),
  text(
    'a path for the shell that sets up the keyboard',
    '/etc/default/keyboard',
    'XKBLAYOUT="de"\nPATH="/var/tmp:/usr/bin"\n',
  ),
  text('a comment of AppArmor', '/etc/apparmor.d/tunables/home.d/ubuntu', '# words\n', fine),
  text('one that is none', '/etc/apparmor.d/tunables/home.d/ubuntu', '#include "/var/tmp/x"\n'),
  text('certificates of packages', '/etc/ssl/certs/ca-certificates.crt', CERTIFICATE, fine),
  text(
    'one of another form',
    '/etc/ssl/certs/ca-certificates.crt',
    CERTIFICATE + CERTIFICATE.replaceAll('CERT', 'TRUSTED CERT'),
  ),
  // What apt believes.
  sources('a source', SOURCES, fine),
  sources('one that takes unsigned indexes', `${SOURCES}Allow-Insecure: yes\n`),
  sources('one that takes old indexes', `${SOURCES}Check-Valid-Until: no\n`),
  sources('two keys in one', `${SOURCES}signed-by: /etc/motd\n`),
  text(
    'old indexes, in one line',
    '/etc/apt/sources.list',
    'deb [check-valid-until=no] http://example.org/debian small main\n',
  ),
  text('a hook of apt', '/etc/apt/apt.conf', 'DPkg::Post-Invoke {"true";};\n'),
  // Mounts.
  fstab('a CD over the system', `${FSTAB}/dev/sr0 /usr iso9660 ro 0 0\n`),
  fstab('a layer over settings', `${FSTAB}none /etc overlay lowerdir=/etc,upperdir=/srv/x,workdir=/srv/y 0 0\n`),
  fstab('memory over settings', `${FSTAB}tmpfs /etc/ssh tmpfs defaults 0 0\n`),
  fstab('a part of the disk as something else', `${FSTAB}UUID=${SWAP_UUID} /usr none bind 0 0\n`),
  {
    ...fstab('an EFI system partition that nothing mounts', `UUID=${ROOT_UUID} / ext4 defaults 0 1\n`),
    finds: ['unjudged trust/not-mounted partition 2'],
  },
  {
    name: 'a file below a mount',
    files: { '/boot/efi/x': 'x' },
    finds: ['unjudged trust/hidden /boot/efi'],
  },
  // GRUB.
  grub('its menu', [SEARCH, LINUX, INITIAL], fine),
  grub('a second initial file system', [SEARCH, LINUX, `${INITIAL} (hd1,gpt1)/x`]),
  grub('another root by its partition', [SEARCH, LINUX.replace(`UUID=${ROOT_UUID}`, 'PARTUUID=1234'), INITIAL]),
  grub('another disk', [SEARCH.replace(ROOT_UUID, '1234-5678'), LINUX, INITIAL]),
  grub('another disk after it', [SEARCH, "set root='(hd1,gpt1)'", LINUX, INITIAL]),
  grub('no disk', [LINUX, INITIAL]),
  grub('another boot sector', [SEARCH, 'chainloader +1', LINUX, INITIAL]),
  grub('settings from elsewhere', [SEARCH, 'configfile (hd1)/grub.cfg', LINUX, INITIAL]),
  text(
    'kernel arguments',
    '/etc/default/grub.d/50-ingot.cfg',
    'GRUB_CMDLINE_LINUX="console=tty0 console=ttyS0,115200"\n',
    fine,
  ),
  text('a shell for everybody', '/etc/default/grub.d/50-ingot.cfg', 'GRUB_CMDLINE_LINUX="systemd.debug_shell=1"\n'),
  text('a module of GRUB', '/boot/grub/evil.mod', 'x'),
  text('a program of the firmware', '/boot/grub/custom.cfg', 'x'),
  // The initramfs.
  await initramfs(
    'links as the disk has them',
    { 'usr/bin/tl': 'link:tool', 'usr/bin/tool': 'the tool', 'usr/bin/cat': 'link:busybox' },
    fine,
  ),
  await initramfs('a link to another program', { 'usr/bin/mount': 'link:tool', 'usr/bin/tool': 'the tool' }),
  await initramfs('busybox in the place of init', { init: 'ELF busybox' }),
  await initramfs('a link to it', { init: 'link:usr/bin/busybox' }),
  text('a member above the root', INITRD, Buffer.concat([await initrd(), ABOVE])),
  await initramfs('a program for a module', {
    [`usr/lib/modules/${KERNEL}/modules.softdep`]: 'install a /usr/bin/tool\n',
  }),
  text('a second archive after it', INITRD, Buffer.concat([await initrd(), EVIL])),
  text('bytes after it', INITRD, Buffer.concat([await initrd(), Buffer.from('evil')])),
  text('a list of modules', `/usr/lib/modules/${KERNEL}/modules.softdep`, '# words\nsoftdep a pre: b\n', fine),
  text('one that starts a program', `/usr/lib/modules/${KERNEL}/modules.softdep`, 'install a /usr/bin/tool\n'),
  // Units.
  {
    name: 'units that somebody enables',
    commands: ['tool.service', 'other.service', 'preset.service'].flatMap((unit) => wants(unit)),
    finds: [],
  },
  {
    name: 'a unit that nobody enables',
    commands: wants('debug-shell.service'),
    finds: [`fails trust/unexplained ${WANTS}/debug-shell.service`],
  },
  {
    name: 'a unit that is masked',
    commands: ['symlink /etc/systemd/system/apparmor.service /dev/null'],
    finds: ['fails trust/unexplained /etc/systemd/system/apparmor.service'],
  },
  {
    name: 'an addition to a unit',
    commands: [
      'mkdir /etc/systemd/system/tool.service.d',
      'symlink /etc/systemd/system/tool.service.d/x.conf /usr/bin/tool',
    ],
    finds: [
      'fails trust/unexplained /etc/systemd/system/tool.service.d',
      'fails trust/unexplained /etc/systemd/system/tool.service.d/x.conf',
    ],
  },
  // Records that explain a change.
  {
    name: 'a program that is made an alternative',
    files: { '/var/lib/dpkg/alternatives/tl': 'auto\n/usr/bin/tl\n\n/usr/bin/tool\n10\n\n' },
    commands: [
      'rm /usr/bin/tl',
      'symlink /usr/bin/tl /etc/alternatives/tl',
      'symlink /etc/alternatives/tl /usr/bin/tool',
    ],
    finds: ['fails trust/changed /usr/bin/tl', 'fails trust/unexplained /etc/alternatives/tl'],
  },
  {
    name: 'a name more of an alternative',
    files: {
      '/var/lib/dpkg/alternatives/editor':
        'auto\n/usr/bin/editor\nnologin\n/usr/sbin/nologin\n\n/usr/bin/tool\n10\n/usr/bin/busybox\n\n',
    },
    commands: [
      'symlink /usr/bin/nologin /etc/alternatives/nologin',
      'symlink /etc/alternatives/nologin /usr/bin/busybox',
    ],
    finds: ['fails trust/unexplained /etc/alternatives/nologin', 'fails trust/unexplained /usr/bin/nologin'],
  },
  {
    name: 'an override of a script',
    files: { '/var/lib/dpkg/statoverride': 'root shadow 2755 /usr/lib/tool/part.so\n' },
    commands: ['sif /usr/lib/tool/part.so mode 0102755', 'sif /usr/lib/tool/part.so gid 42'],
    finds: [],
  },
  {
    name: 'an override for another file, and what a script says in a comment',
    files: { '/var/lib/dpkg/statoverride': 'root shadow 2755 /usr/bin/busybox\n' },
    commands: ['sif /usr/bin/busybox mode 0102755', 'sif /usr/bin/busybox gid 42'],
    finds: ['fails trust/changed /usr/bin/busybox', 'fails trust/override /var/lib/dpkg/statoverride'],
  },
  {
    name: 'a mode and an owner of a script',
    commands: ['sif /usr/bin/tool mode 0104750', 'sif /usr/bin/tool gid 42'],
    finds: [],
  },
  {
    name: 'its mode, for somebody else',
    commands: ['sif /usr/bin/tool mode 0104750', 'sif /usr/bin/tool gid 1'],
    finds: ['fails trust/changed /usr/bin/tool'],
  },
  { name: 'a folder that a script closes', commands: ['sif /usr/lib/tool mode 040700'], finds: [] },
  {
    name: 'a folder that a script opens in a comment alone',
    commands: ['sif /usr/lib/tool mode 040777'],
    finds: ['fails trust/changed /usr/lib/tool'],
  },
  {
    name: 'a folder of a package in /usr/local, and another one',
    commands: [
      'mkdir /usr/local',
      'mkdir /usr/local/share',
      'mkdir /usr/local/share/tool',
      'mkdir /usr/local/share/evil',
    ],
    // Without base-files nothing makes the folders above.
    finds: ['', '/share', '/share/evil'].map((one) => `fails trust/unexplained /usr/local${one}`),
  },
  text('an XML catalog', '/etc/xml/tool.xml', catalog('-//a//DTD b//EN', '/usr/share/doc/tool/README'), fine),
  text('an XML catalog of them', '/etc/xml/catalog', catalog('-//a//DTD b//EN', '/etc/xml/tool.xml'), fine),
  text('a definition that no script adds', '/etc/xml/a.xml', catalog('-//a//DTD c//EN', '/usr/share/doc/tool/README')),
  text('a definition from elsewhere', '/etc/xml/b.xml', catalog('-//a//DTD b//EN', '/var/tmp/b.dtd')),
  text('an SGML catalog', `${SGML}.old`, '--\n## words\n--\nCATALOG /usr/share/doc/tool/README\n', fine),
  text('an SGML catalog from elsewhere', SGML, '--\n--\nCATALOG /var/tmp/x\n'),
  {
    name: 'a diversion to another folder',
    files: { '/var/lib/dpkg/diversions': '/usr/lib/libone.so\n/etc/tool/libone.so\ntidy\n' },
    finds: ['fails trust/diversion /var/lib/dpkg/diversions'],
  },
  slim('documentation', '# words\npath-exclude=/usr/share/doc/*/*\npath-include=/usr/share/doc/*/copyright\n', fine),
  slim('evil', 'path-exclude=/usr/lib/tool/*\n'),
  slim('locales', 'path-exclude=/usr/bin/*\n'),
  {
    name: 'ucf, for a place that no script names',
    files: { '/var/lib/ucf/registry': 'tool \t /etc/tool/rule.conf\n', '/etc/tool/rule.conf': 'words\n' },
    finds: ['fails trust/unexplained /etc/tool/rule.conf'],
  },
  // Places.
  { name: 'a root folder that anybody may write', commands: ['sif / mode 040777'], finds: ['fails trust/changed /'] },
  {
    name: 'a file that nobody may mend',
    commands: ['sif /usr/lib/tool/part.so flags 0x80010'],
    finds: ['fails trust/changed /usr/lib/tool/part.so'],
  },
  {
    name: 'an attribute of layers',
    commands: ['ea_set /usr/share/doc/tool/README trusted.overlay.redirect "/etc/motd"'],
    finds: ['fails trust/changed /usr/share/doc/tool/README'],
  },
  { name: 'a device', commands: ['cd /dev', 'mknod sda b 8 0', 'cd /'], finds: ['fails trust/unexplained /dev/sda'] },
  {
    name: 'a pipe',
    commands: ['cd /var/log/tool', 'mknod pipe p', 'cd /'],
    finds: ['fails trust/unexplained /var/log/tool/pipe'],
  },
  {
    name: 'a second name of a program',
    commands: ['ln /usr/lib/python3/mod.py /usr/lib/python3/sitecustomize.py'],
    finds: ['fails trust/unexplained /usr/lib/python3/sitecustomize.py'],
  },
  text('code that Python starts with', '/usr/lib/python3/x.pth', 'import os\n'),
  text('a library for all programs, by the linker', '/etc/ld.so.preload', '/usr/lib/tool/part.so\n'),
  text('a file without a package in /boot', '/boot/vmlinuz-9', 'x'),
];
