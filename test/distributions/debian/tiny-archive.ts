/** A Debian archive of a few empty packages, signed with a key made for it. */
import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { LEFT_OUT } from '../../../src/distributions/debian/archive/implied.ts';
import { MEDIUM_PACKAGES } from '../../../src/distributions/debian/medium/installer-parts.ts';
import { cpioArchive } from '../../../src/formats/archives/cpio.ts';
import { bytesOf } from '../../../src/formats/byte-source.ts';
import { gzip } from '../../../src/formats/compression/compression.ts';
import { run } from '../../../src/host/run.ts';

export interface TinyPackage {
  readonly name: string;
  readonly version?: string;
  readonly arch?: string;
  /** Further control fields: `Depends`, `Priority`. */
  readonly fields?: Readonly<Record<string, string>>;
  /** Path to content. */
  readonly files?: Readonly<Record<string, Uint8Array | string>>;
  readonly extension?: 'deb' | 'udeb';
}

export interface TinyArchive {
  readonly folder: string;
  /** Base URLs. */
  readonly mirror: string;
  readonly security: string;
  readonly keyring: string;
  /** Makes indexes and signatures anew, after packages were added or changed. */
  readonly publish: () => Promise<void>;
  readonly path: (...parts: string[]) => string;
}

export const KERNEL = '6.1.0-99-amd64';
const IMAGES = 'usr/lib/debian-installer/images/12/amd64/text/debian-installer/amd64';

/** A file that looks like a bzImage to who reads its release. */
export const tinyKernel = (release = KERNEL): Buffer => {
  const image = Buffer.alloc(0x800);
  image.write('HdrS', 0x202, 'latin1');
  image.writeUInt16LE(0x100, 0x20e);
  image.write(`${release} (debian-kernel@lists.debian.org) #1\0`, 0x300, 'latin1');
  return image;
};

const filled = (size: number) => Buffer.alloc(size, 'boot');

/** Nothing boots with these, but a medium can be mastered from them. */
const BOOT_FILES: Readonly<Record<string, Readonly<Record<string, Uint8Array>>>> = {
  isolinux: { 'usr/lib/ISOLINUX/isohdpfx.bin': filled(432), 'usr/lib/ISOLINUX/isolinux.bin': filled(40_000) },
  'syslinux-common': Object.fromEntries(
    ['ldlinux', 'libcom32', 'libutil', 'menu'].map((name) => [
      `usr/lib/syslinux/modules/bios/${name}.c32`,
      filled(5000),
    ]),
  ),
  'shim-signed': { 'usr/lib/shim/shimx64.efi.signed': filled(9000) },
  'grub-efi-amd64-signed': { 'usr/lib/grub/x86_64-efi-signed/gcdx64.efi.signed': filled(9000) },
};

/** An initrd with just what the components are merged into. */
const tinyInitrd = (): Promise<Uint8Array> =>
  bytesOf(
    gzip(
      cpioArchive([
        {
          type: 'file',
          path: 'var/lib/dpkg/status',
          mode: 0o644,
          content: Buffer.from('Package: main-menu\nStatus: install ok installed\n\n'),
        },
        { type: 'file', path: `lib/modules/${KERNEL}/modules.order`, mode: 0o644, content: Buffer.from('') },
      ]),
    ),
  );

const base = (initrd: Uint8Array): TinyPackage[] => [
  { name: 'libc-x', fields: { Priority: 'optional' } },
  { name: 'base-files', fields: { Essential: 'yes', Priority: 'required', 'Pre-Depends': 'awk' } },
  { name: 'mawk', fields: { Priority: 'required', Provides: 'awk', 'Pre-Depends': 'libc-x (>= 1)' } },
  { name: 'apt', fields: { Priority: 'important' } },
  { name: 'init', fields: { Priority: 'important', 'Pre-Depends': 'systemd-x | sysv-x' } },
  { name: 'systemd-x', fields: { Depends: 'libfast' } },
  { name: 'libfast', version: '1.0' },
  { name: 'sysv-x' },
  ...LEFT_OUT.map(({ name }) => ({ name, fields: { Priority: 'important' } })),
  ...['usr-is-merged', 'zstd', 'busybox', 'grub-cloud-amd64', 'fdisk'].map(plain),
  ...['e2fsprogs', 'dosfstools', 'dbus', 'libpam-systemd', 'sudo'].map(plain),
  ...['ca-certificates', 'openssh-server', 'python3-minimal', 'locales'].map(plain),
  ...MEDIUM_PACKAGES.map((name) => ({ name, files: BOOT_FILES[name] ?? {} })),
  { name: 'tool', fields: { Depends: 'libtool-x (>= 1), usrmerge | usr-is-merged' } },
  { name: 'libtool-x' },
  { name: 'libdeep' },
  { name: 'libdeeper' },
  { name: 'extra', fields: { Depends: 'libextra' } },
  { name: 'libextra' },
  { name: 'hater', fields: { Conflicts: 'tool' } },
  { name: 'linux-image-amd64', fields: { Depends: 'initramfs-tools | linux-initramfs-tool' } },
  ...['initramfs-tools', 'dracut', 'other-initramfs'].map((name) => only('linux-initramfs-tool', name)),
  ...['systemd-timesyncd', 'chrony', 'openntpd', 'other-clock'].map((name) => only('time-daemon', name)),
  ...['systemd-resolved', 'openresolv'].map((name) => only('resolvconf', name)),
  { name: 'cron', fields: { Priority: 'important', Provides: 'cron-daemon', Conflicts: 'systemd-cron' } },
  { name: 'systemd-cron', fields: { Provides: 'cron-daemon', Conflicts: 'cron' } },
  { name: 'domain-member', fields: { Depends: 'chrony', Conflicts: 'systemd-timesyncd' } },
  { name: 'no-clock', fields: { Conflicts: 'systemd-timesyncd' } },
  { name: 'bonding', fields: { Depends: 'ifupdown' } },
  { name: 'lacking', fields: { Depends: 'never-was' } },
  {
    name: 'debian-installer-12-netboot-amd64',
    arch: 'all',
    files: { [`${IMAGES}/linux`]: tinyKernel(), [`${IMAGES}/initrd.gz`]: initrd },
  },
];

const plain = (name: string): TinyPackage => ({ name });
/** One of those that provide `work`, of which a system has one. */
const only = (work: string, name: string): TinyPackage => ({ name, fields: { Provides: work, Conflicts: work } });
const tinyUdeb = (name: string): TinyPackage => ({ name, extension: 'udeb' });

/** Newer than the release, and taken only by who asks for them. */
const BACKPORTS: readonly TinyPackage[] = [
  { name: 'tool', version: '2.0~bpo12+1', fields: { Depends: 'libtool-x (>= 2)' } },
  { name: 'libtool-x', version: '2.0~bpo12+1', fields: { Depends: 'libdeep (>= 2) | libnone' } },
  { name: 'libdeep', version: '2.0~bpo12+1', fields: { Depends: 'libdeeper (= 2.0~bpo12+1)' } },
  { name: 'libdeeper', version: '2.0~bpo12+1' },
  { name: 'extra', version: '2.0~bpo12+1' },
];

export const tinyArchive = async (folder: string): Promise<TinyArchive> => {
  const path = (...parts: string[]) => join(folder, ...parts);
  const gnupg = path('gnupg');
  await mkdir(gnupg, { recursive: true, mode: 0o700 });
  const gpg = (...args: string[]) => run('gpg', ['--homedir', gnupg, '--batch', '--yes', '--passphrase', '', ...args]);
  await gpg('--quick-generate-key', 'Tiny Archive <tiny@example.org>', 'ed25519', 'sign', 'never');
  const keyring = path('tiny.gpg');
  await gpg('--output', keyring, '--export');

  await Promise.all([
    ...base(await tinyInitrd()).map((item) => buildPackage(path('debian'), 'pool/main', item)),
    ...['tiny-udeb', 'gone-udeb'].map((name) => buildPackage(path('debian'), 'pool/main', tinyUdeb(name))),
    buildPackage(path('debian'), 'pool/updates-of-release', { name: 'libextra', version: '1.1' }),
    ...BACKPORTS.map((item) => buildPackage(path('debian'), 'pool/backports', item)),
    buildPackage(path('security'), 'pool/updates/main', { name: 'libfast', version: '1.1' }),
    // A point release took it over: in both archives, the very same file.
    buildPackage(path('security'), 'pool/updates/main', { name: 'libtool-x' }),
  ]);

  const publish = async () => {
    const sign = async (root: string, suite: string) => {
      const release = join(root, 'dists', suite, 'Release');
      await gpg('--clearsign', '--output', join(dirname(release), 'InRelease'), release);
    };
    await writeSuite(path('debian'), 'bookworm', { main: 'pool/main', 'main/debian-installer': 'pool/main' });
    await writeSuite(path('debian'), 'bookworm-updates', { main: 'pool/updates-of-release' });
    await writeSuite(path('debian'), 'bookworm-backports', { main: 'pool/backports' });
    await writeSuite(path('security'), 'bookworm-security', { main: 'pool/updates/main' });
    await sign(path('debian'), 'bookworm');
    await sign(path('debian'), 'bookworm-updates');
    await sign(path('debian'), 'bookworm-backports');
    await sign(path('security'), 'bookworm-security');
  };
  await publish();
  return { folder, path, keyring, publish, mirror: `file://${path('debian')}`, security: `file://${path('security')}` };
};

/** Stops the agent that gpg started, whose socket keeps the folder in use. */
export const closeArchive = ({ path }: TinyArchive): Promise<unknown> =>
  run('gpgconf', ['--homedir', path('gnupg'), '--kill', 'all']);

/** `dpkg-deb --build`, at fixed times: the same package gives the same file. */
export const buildPackage = async (root: string, pool: string, item: TinyPackage): Promise<string> => {
  const { name, version = '1.0', arch = 'amd64', fields = {}, files = {}, extension = 'deb' } = item;
  const file = join(root, pool, name.slice(0, 1), `${name}_${version}_${arch}.${extension}`);
  const work = `${file}.d`;
  await mkdir(join(work, 'DEBIAN'), { recursive: true });
  const control = { Package: name, Version: version, Architecture: arch, Maintainer: 'T <t@example.org>', ...fields };
  const lines = Object.entries({ ...control, Description: `tiny ${name}` }).map(([key, value]) => `${key}: ${value}\n`);
  await writeFile(join(work, 'DEBIAN', 'control'), lines.join(''));
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(work, path)), { recursive: true });
    await writeFile(join(work, path), content);
  }
  const env = { SOURCE_DATE_EPOCH: '1700000000' };
  await run('dpkg-deb', ['--root-owner-group', '-Zgzip', '-z1', '--build', work, file], { env });
  await rm(work, { recursive: true });
  return file;
};

/** Packages.xz of each component and the Release over them, by apt-ftparchive. */
const writeSuite = async (root: string, suite: string, components: Readonly<Record<string, string>>): Promise<void> => {
  const dist = join(root, 'dists', suite);
  await rm(dist, { recursive: true, force: true });
  for (const [component, pool] of Object.entries(components)) {
    const folder = join(dist, component, 'binary-amd64');
    await mkdir(folder, { recursive: true });
    const { stdout } = await run('apt-ftparchive', ['packages', pool], { cwd: root });
    const kind = component.includes('installer') ? '.udeb' : '.deb';
    const stanzas = stdout.split('\n\n').filter((stanza) => new RegExp(`^Filename: .*\\${kind}$`, 'm').test(stanza));
    await writeFile(join(folder, 'Packages'), stanzas.map((stanza) => `${stanza.trim()}\n\n`).join(''));
    await run('xz', ['-0', '-f', '-k', 'Packages'], { cwd: folder });
  }
  const options = {
    Codename: suite,
    Suite: suite,
    Components: Object.keys(components).join(' '),
    Architectures: 'amd64',
    ...(suite.endsWith('-backports') ? { NotAutomatic: 'yes', ButAutomaticUpgrades: 'yes' } : {}),
  };
  const settings = Object.entries(options).flatMap(([key, value]) => [
    '-o',
    `APT::FTPArchive::Release::${key}=${value}`,
  ]);
  const { stdout } = await run('apt-ftparchive', [...settings, 'release', dist]);
  await writeFile(join(dist, 'Release'), `${stdout}\n`);
  // Signed, but not offered: so does Debian, and apt wants the sums of both.
  for (const component of Object.keys(components)) await rm(join(dist, component, 'binary-amd64', 'Packages'));
};

export const sha256Of = async (path: string): Promise<string> =>
  createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
