/** A few small packages in an archive of their own, signed with a key that is made for it, and a disk on which dpkg has installed them. */
import { chmod, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { cpioArchive } from '../../src/formats/archives/cpio.ts';
import { bytesOf } from '../../src/formats/byte-source.ts';
import { zstd } from '../../src/formats/compression/compression.ts';
import { temporaryFolder } from '../../src/host/files.ts';
import { run } from '../../src/host/run.ts';
import { type Files, makeDisk } from '../capture/small-disk.ts';

interface SmallPackage {
  readonly name: string;
  readonly files: Files;
  readonly conffiles?: readonly string[];
  readonly postinst?: string;
}

const KERNEL = '6.1.0-1-amd64';
export const INITRD = `/boot/initrd.img-${KERNEL}`;
const INIT = '#!/bin/sh\nexec /sbin/init\n';
const BUSYBOX = 'ELF busybox';
const MODULE = 'a module'.repeat(500);
const SOURCE = 'print("x")\n';

/** An update as its header says its size; all in ASCII. */
export function microcode(nth: number): string {
  const update = Buffer.alloc(64, nth);
  update.writeUInt32LE(update.length, 32);
  return update.toString('latin1');
}

export const CERTIFICATE = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';

const PACKAGES: readonly SmallPackage[] = [
  {
    name: 'base-files',
    files: {
      '/etc/issue': 'Small\n',
      '/etc/os-release': 'ID=debian\nVERSION_ID="12"\n',
      '/usr/share/base-files/motd': 'Hello.\n',
      '/usr/share/zoneinfo/Etc/UTC': 'TZif',
      '/etc/alternatives/': '',
      '/etc/dpkg/dpkg.cfg.d/': '',
      '/boot/': '',
      '/home/': '',
      '/root/': '',
      '/dev/': '',
      '/var/lib/dpkg/alternatives/': '',
      '/var/lib/dpkg/info/': '',
      '/var/lib/dpkg/updates/': '',
      '/etc/sudoers.d/': '',
      '/etc/apt/': '',
      '/etc/network/': '',
    },
    conffiles: ['/etc/issue'],
  },
  {
    name: 'base-passwd',
    files: {
      '/usr/share/base-passwd/passwd.master':
        'root:*:0:0:root:/root:/bin/bash\ndaemon:*:1:1:daemon:/usr/sbin:/usr/sbin/nologin\n',
      '/usr/share/base-passwd/group.master': 'root:*:0:\nshadow:*:42:\n',
    },
  },
  {
    name: 'tool',
    files: {
      '/usr/bin/tool': { mode: 0o755, text: 'the tool' },
      '/usr/bin/tl': { link: 'tool' },
      '/usr/lib/tool/part.so': 'x'.repeat(5000),
      '/usr/lib/python3/mod.py': SOURCE,
      '/usr/share/doc/tool/README': 'words\n',
      '/etc/tool.conf': 'port 80\n',
    },
    conffiles: ['/etc/tool.conf'],
    postinst: [
      'true || update-alternatives --install /usr/bin/editor editor /usr/bin/tool 10 --slave $dir/part.$kind',
      'true || ucf $file /etc/tool/more.conf',
      'PART=/usr/lib/tool/part.so',
      '# dpkg-statoverride --add root shadow 2755 /usr/bin/busybox',
      'true || dpkg-statoverride --update --add root "$GROUP" 2755 "$PART"',
      "GROUP=shadow; true || deb-systemd-helper enable 'tool.service'",
      'true || set_perms root shadow 4750 /usr/bin/tool',
      'true || chmod 0700 /usr/lib/tool',
      '# chmod 0777 /usr/lib/tool',
      'true || update-xmlcatalog --add --type public --id "-//a//DTD b//EN" --package tool --root',
      'true <<-DATA\n/usr/local/share/tool default\nDATA',
    ].join('\n'),
  },
  {
    name: 'units',
    files: {
      '/usr/lib/systemd/system/tool.service': '[Install]\nWantedBy=multi-user.target\nAlso=other.service\n',
      '/usr/lib/systemd/system/other.service': '[Install]\nWantedBy=multi-user.target\n',
      '/usr/lib/systemd/system/preset.service': '[Install]\nWantedBy=multi-user.target\n',
      '/usr/lib/systemd/system/debug-shell.service': '[Install]\nWantedBy=multi-user.target\n',
      '/usr/lib/systemd/system-preset/90-units.preset': 'enable preset.service\ndisable debug-shell.service\n',
      '/etc/systemd/system/multi-user.target.wants/': '',
    },
  },
  {
    name: 'pam',
    files: {
      '/usr/share/pam/common-auth':
        '# words\n$auth_primary\nauth\trequisite\t\tpam_deny.so\nauth\trequired\t\tpam_permit.so\n$auth_additional\n',
      '/usr/share/pam-configs/unix':
        'Name: Unix\nAuth-Type: Primary\nAuth:\n\t[success=end default=ignore]\tpam_unix.so try_first_pass\nAuth-Initial:\n\t[success=end default=ignore]\tpam_unix.so\n',
      '/usr/share/pam-configs/token':
        'Name: T\nAuth-Type: Primary\nAuth:\n\t[success=end default=ignore] pam_token.so\n',
      '/usr/share/pam-configs/cap': 'Name: Cap\nAuth-Type: Additional\nAuth:\n\toptional\tpam_cap.so\n',
      '/etc/pam.d/': '',
    },
  },
  {
    name: 'grub',
    files: {
      '/etc/grub.d/30_os-prober': { mode: 0o755, text: 'chainloader +1\n' },
      '/etc/default/grub': 'GRUB_CMDLINE_LINUX="quiet"\n',
      '/boot/grub/': '',
      '/etc/default/grub.d/': '',
    },
  },
  {
    name: 'certificates',
    files: {
      '/usr/share/ca-certificates/one.crt': CERTIFICATE,
      '/etc/ssl/certs/': '',
      '/etc/apparmor.d/tunables/home.d/': '',
      '/etc/apt/sources.list.d/': '',
      '/usr/lib/modules/6.1.0-1-amd64/': '',
    },
  },
  { name: 'busybox', files: { '/usr/bin/busybox': { mode: 0o755, text: BUSYBOX } } },
  { name: 'initramfs-tools-core', files: { '/usr/share/initramfs-tools/init': { mode: 0o755, text: INIT } } },
  {
    name: 'linux-image',
    files: { [`/boot/vmlinuz-${KERNEL}`]: 'the kernel', [`/usr/lib/modules/${KERNEL}/kernel/a.ko`]: MODULE },
  },
  {
    name: 'tidy',
    files: {
      '/usr/lib/tmpfiles.d/tidy.conf':
        '# comment\nd /var/tidy 1770 root shadow\nd$ /etc/closed 0700 - -\nL+ /etc/tidy - - - - ../usr/bin/tool\n',
      '/etc/closed/': '',
      '/etc/xml/': '',
      '/var/lib/sgml-base/': '',
      '/etc/apt/trusted.gpg.d/small.asc': 'a key\n',
      '/etc/tool/': '',
      '/etc/default/': '',
      '/etc/console-setup/': '',
      '/var/log/tool/': '',
      '/var/lib/ucf/cache/': '',
    },
    postinst: 'for name in one two; do true || dpkg-divert --add "/usr/lib/lib$name.so"; done',
  },
  {
    name: 'intel-microcode',
    files: { '/usr/lib/firmware/intel-ucode/06-01': { mode: 0o644, text: microcode(1) + microcode(2) } },
  },
  { name: 'netbase', files: {}, postinst: 'true || cat > /etc/networks <<-EOF\n\tloopback\t127.0.0.0\nEOF' },
  { name: 'shim-signed', files: { '/usr/lib/shim/shimx64.efi.signed': 'MZ shim' } },
];

export interface SmallArchive {
  /** Packages, Packages file and InRelease. */
  readonly folder: string;
  readonly keyring: string;
  readonly deb: (name: string) => string;
  /** Signs the index again, as of a day. */
  readonly sign: (date: Date) => Promise<void>;
  /** Signs the index of a copy, whatever it says by now; gives the copy. */
  readonly signed: (folder: string) => Promise<string>;
  /** The image; what is written into it is on a copy. */
  readonly image: string;
}

export interface Teardown {
  teardown(done: () => unknown): unknown;
}

export const PUBLISHED = new Date('2026-11-20T10:00:00Z');

export const smallArchive = async (t: Teardown): Promise<SmallArchive> => {
  const work = await temporaryFolder('ingot-trust-');
  const home = join(work.path, 'gpg');
  t.teardown(async () => {
    await run('gpgconf', ['--homedir', home, '--kill', 'all']);
    await work[Symbol.asyncDispose]();
  });
  const folder = join(work.path, 'archive');
  await mkdir(folder);
  for (const item of PACKAGES) await build(item, work.path, folder);
  await mkdir(home, { mode: 0o700 });
  const gpg = (...args: string[]) => run('gpg', ['--homedir', home, '--batch', '--yes', '--passphrase', '', ...args]);
  await gpg('--quick-generate-key', 'Small <small@example.org>', 'ed25519', 'sign', 'never');
  const keyring = join(work.path, 'keys.gpg');
  await gpg('--output', keyring, '--export');
  const { stdout } = await run('apt-ftparchive', ['packages', '.'], { cwd: folder });
  await writeFile(join(folder, 'Packages'), `${stdout}\n`);
  const signIn = async (at: string, date: Date) => {
    const sha256 = (await run('sha256sum', ['Packages'], { cwd: at })).stdout.slice(0, 64);
    const size = (await readFile(join(at, 'Packages'))).length;
    const text = `Suite: small\nCodename: small\nDate: ${date.toUTCString()}\nSHA256:\n ${sha256} ${size} main/binary-amd64/Packages\n`;
    await writeFile(join(work.path, 'Release'), text);
    await gpg('--clearsign', '--output', join(at, 'InRelease'), join(work.path, 'Release'));
    return at;
  };
  const sign = async (date: Date) => void (await signIn(folder, date));
  const signed = (at: string) => signIn(at, PUBLISHED);
  await sign(PUBLISHED);
  const deb = (name: string) => join(folder, `${name}_1.0_amd64.deb`);
  const image = await installed(
    PACKAGES.map(({ name }) => deb(name)),
    work.path,
  );
  return { folder, keyring, deb, sign, signed, image };
};

const build = async (
  { name, files, conffiles = [], postinst }: SmallPackage,
  work: string,
  folder: string,
): Promise<void> => {
  const tree = join(work, 'packages', name);
  await mkdir(join(tree, 'DEBIAN'), { recursive: true });
  for (const [path, content] of Object.entries(files)) await place(join(tree, path), content);
  const control = `Package: ${name}\nVersion: 1.0\nArchitecture: amd64\nMaintainer: T <t@example.org>\nDescription: small ${name}\n`;
  await writeFile(join(tree, 'DEBIAN', 'control'), control);
  if (conffiles.length > 0)
    await writeFile(join(tree, 'DEBIAN', 'conffiles'), conffiles.map((path) => `${path}\n`).join(''));
  if (postinst !== undefined)
    await place(join(tree, 'DEBIAN', 'postinst'), { mode: 0o755, text: `#!/bin/sh\n${postinst}\n` });
  await run('dpkg-deb', [
    '--root-owner-group',
    '-Zgzip',
    '-z1',
    '--build',
    tree,
    join(folder, `${name}_1.0_amd64.deb`),
  ]);
};

const place = async (target: string, content: Files[string]): Promise<void> => {
  if (target.endsWith('/')) return void (await mkdir(target, { recursive: true }));
  await mkdir(dirname(target), { recursive: true });
  if (typeof content === 'string') return writeFile(target, content);
  if ('link' in content) return symlink(content.link, target);
  await writeFile(target, content.text);
  await chmod(target, content.mode);
};

const file = (path: string, text: string, mode = 0o644) =>
  ({ type: 'file', path, mode, content: Buffer.from(text) }) as const;

const EARLY = [{ type: 'directory', path: 'kernel', mode: 0o755 } as const];

/** Links are a text with `link:` before it. */
const member = (path: string, text: string) =>
  text.startsWith('link:') ? ({ type: 'symlink', path, target: text.slice(5) } as const) : file(path, text, 0o755);

/** Microcode's archive before the compressed one, as the kernel takes them; `changes` by path. */
export const initrd = async (changes: Readonly<Record<string, string>> = {}): Promise<Buffer> => {
  const members = {
    init: INIT,
    'usr/bin/busybox': BUSYBOX,
    'usr/bin/sh': BUSYBOX,
    'conf/arch.conf': 'DPKG_ARCH=amd64\n',
    'conf/conf.d/resume': 'RESUME=none\n',
    [`usr/lib/modules/${KERNEL}/kernel/a.ko`]: MODULE,
    ...changes,
  };
  const main = cpioArchive(Object.entries(members).map(([path, text]) => member(path, text)));
  return Buffer.concat([await bytesOf(cpioArchive(EARLY)), await bytesOf(zstd(main))]);
};

/** A pyc as py3compile writes it, as far as its header: flags, time and size of the source. */
const byteCode = (): string => {
  const header = Buffer.alloc(16);
  header.writeUInt32LE(SOURCE.length, 12);
  return header.toString('latin1');
};

/** dpkg itself writes its database; what scripts of real packages would make stands in the table. */
const installed = async (debs: readonly string[], work: string): Promise<string> => {
  const tree = join(work, 'tree');
  await mkdir(join(tree, 'var/lib/dpkg/info'), { recursive: true });
  await mkdir(join(tree, 'var/lib/dpkg/updates'), { recursive: true });
  await writeFile(join(tree, 'var/lib/dpkg/status'), '');
  const force = ['--force-not-root', '--force-script-chrootless', '--force-depends', '--force-bad-path'];
  await run('dpkg', [`--root=${tree}`, ...force, '--install', ...debs], { env: { DPKG_FORCE: 'unsafe-io' } });
  await mkdir(join(tree, 'boot'), { recursive: true });
  await writeFile(join(tree, INITRD), await initrd());
  const image = await makeDisk({ folder: work, files: SYSTEM, espFiles: { '/EFI/BOOT/BOOTX64.EFI': 'MZ shim' } });
  await ownedByRoot(image, tree);
  return image;
};

const SYSTEM: Files = {
  '/etc/motd': 'Hello.\n',
  '/etc/hostname': 'small\n',
  '/etc/machine-id': { mode: 0o444, text: '' },
  '/etc/passwd':
    'root:x:0:0:root:/root:/bin/bash\ndaemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin\nada:x:1000:0::/home/ada:/bin/bash\n',
  '/etc/group': 'root:x:0:\nshadow:x:42:\n',
  '/etc/localtime': { link: '/usr/share/zoneinfo/Etc/UTC' },
  '/etc/sudoers.d/90-users': { mode: 0o440, text: 'ada ALL=(ALL:ALL) NOPASSWD:ALL\n' },
  '/etc/alternatives/editor': { link: '/usr/bin/tool' },
  '/usr/bin/editor': { link: '/etc/alternatives/editor' },
  '/var/lib/dpkg/alternatives/editor': 'auto\n/usr/bin/editor\n\n/usr/bin/tool\n10\n\n',
  '/usr/lib/python3/__pycache__/mod.cpython-311.pyc': byteCode(),
};

export const AT = `?offset=${14 * 2 ** 20}`;

/** `mke2fs -d` keeps the owners of this host; and dpkg leaves a few files that an installed system has otherwise. */
const ownedByRoot = async (image: string, tree: string): Promise<void> => {
  const { stdout } = await run('find', ['.', '-mindepth', '1'], { cwd: tree });
  const paths = [...stdout.split('\n').map((path) => path.slice(1)), '/lost+found'].filter((path) => path !== '');
  await debugfs(image, [
    ...['/', ...paths].flatMap((path) => [`sif "${path}" uid 0`, `sif "${path}" gid 0`]),
    'rm /var/log/dpkg.log',
  ]);
};

export const debugfs = async (image: string, commands: readonly string[]): Promise<void> => {
  await run('debugfs', ['-w', '-f', '-', `${image}${AT}`], { input: `${commands.join('\n')}\n` });
};
