/**
 * Which files of ordinary packages make up a udeb that the mirror lacks. Patterns are below the package's root; Debian 12
 * still has some files outside /usr.
 */
import type { ReleaseNumber } from './workshop.ts';

export interface Take {
  /** An ordinary package of the udeb's own source. */
  readonly deb: string;
  readonly files: readonly string[];
}

export type Recipes = Readonly<Record<string, readonly Take[]>>;

const LIBRARIES = '{usr/,}lib/x86_64-linux-gnu/*.so.*';

/** All shared libraries of a package. */
const library = (deb: string, ...files: string[]): Take => ({ deb, files: [LIBRARIES, ...files] });
const programs = (deb: string, ...names: string[]): Take => ({
  deb,
  files: names.map((name) => `{usr/,}{bin,sbin}/${name}`),
});

const UTIL_LINUX: Recipes = {
  'libblkid1-udeb': [library('libblkid1')],
  'libuuid1-udeb': [library('libuuid1')],
  'libmount1-udeb': [library('libmount1')],
  'libfdisk1-udeb': [library('libfdisk1')],
  'libsmartcols1-udeb': [library('libsmartcols1')],
  'fdisk-udeb': [programs('fdisk', 'fdisk', 'sfdisk', 'cfdisk')],
  'eject-udeb': [programs('eject', 'eject')],
  'util-linux-udeb': [
    programs('util-linux', 'blkid', 'blkdiscard', 'fstrim', 'mkswap', 'more'),
    programs('util-linux-extra', 'hwclock'),
    programs('mount', 'swapon', 'swapoff'),
  ],
};

const E2FSPROGS = [
  ...['mke2fs', 'e2fsck', 'tune2fs', 'resize2fs', 'badblocks', 'e2label', 'mkfs.ext2', 'mkfs.ext3', 'mkfs.ext4'],
  ...['fsck.ext2', 'fsck.ext3', 'fsck.ext4'],
];

const TRIXIE: Recipes = {
  ...UTIL_LINUX,
  'e2fsprogs-udeb': [
    programs('e2fsprogs', ...E2FSPROGS),
    { deb: 'e2fsprogs', files: ['etc/mke2fs.conf'] },
    library('libext2fs2t64'),
    library('libcom-err2'),
  ],
  'xfsprogs-udeb': [programs('xfsprogs', 'mkfs.xfs', 'xfs_repair', 'fsck.xfs')],
  'ntfs-3g-udeb': [programs('ntfs-3g', 'ntfs-3g', 'mkntfs', 'mkfs.ntfs', 'ntfsresize'), library('libntfs-3g89t64')],
  'libc6-udeb': [library('libc6', 'usr/lib64/ld-linux-x86-64.so.2')],
  'libcrypto3-udeb': [{ deb: 'libssl3t64', files: ['usr/lib/x86_64-linux-gnu/libcrypto.so.*'] }],
  'libssl3-udeb': [{ deb: 'libssl3t64', files: ['usr/lib/x86_64-linux-gnu/libssl.so.*'] }],
  'libpcre2-8-0-udeb': [library('libpcre2-8-0')],
  'libcap2-udeb': [library('libcap2')],
  'libexpat1-udeb': [library('libexpat1')],
  'libglib2.0-udeb': [library('libglib2.0-0t64')],
  'libxfont2-udeb': [library('libxfont2')],
  'libasound2-udeb': [library('libasound2t64')],
  'libatk1.0-udeb': [library('libatk1.0-0t64')],
  'libatk-bridge-2.0-0-udeb': [library('libatk-bridge2.0-0t64')],
  'libatspi0-udeb': [library('libatspi2.0-0t64')],
  'gpgv-udeb': [programs('gpgv', 'gpgv')],
};

const BOOKWORM: Recipes = {
  ...UTIL_LINUX,
  'e2fsprogs-udeb': [
    programs('e2fsprogs', ...E2FSPROGS),
    { deb: 'e2fsprogs', files: ['etc/mke2fs.conf'] },
    library('libext2fs2'),
    library('libcom-err2'),
  ],
  'dosfstools-udeb': [
    programs('dosfstools', 'mkfs.fat', 'mkfs.vfat', 'mkfs.msdos', 'mkdosfs', 'fsck.fat', 'fsck.vfat'),
  ],
  'ntfs-3g-udeb': [programs('ntfs-3g', 'ntfs-3g', 'mkntfs', 'mkfs.ntfs', 'ntfsresize'), library('libntfs-3g89')],
  'xfsprogs-udeb': [programs('xfsprogs', 'mkfs.xfs', 'xfs_repair', 'fsck.xfs')],
  'btrfs-progs-udeb': [programs('btrfs-progs', 'btrfs', 'mkfs.btrfs', 'fsck.btrfs', 'btrfs-find-root')],
  'f2fs-tools-udeb': [programs('f2fs-tools', 'mkfs.f2fs', 'fsck.f2fs')],
  'jfsutils-udeb': [programs('jfsutils', 'mkfs.jfs', 'jfs_fsck', 'fsck.jfs')],
  'parted-udeb': [programs('parted', 'parted')],
  'libparted2-udeb': [library('libparted2')],
  'libparted-fs-resize0-udeb': [library('libparted-fs-resize0')],
  'libdevmapper1.02.1-udeb': [library('libdevmapper1.02.1')],
  'dmsetup-udeb': [programs('dmsetup', 'dmsetup'), { deb: 'dmsetup', files: ['lib/udev/rules.d/*-dm*.rules'] }],
  'lvm2-udeb': [programs('lvm2', 'lv*', 'pv*', 'vg*'), { deb: 'lvm2', files: ['etc/lvm/lvm.conf'] }],
  'libaio1-udeb': [library('libaio1')],
  'mdadm-udeb': [programs('mdadm', 'mdadm', 'mdmon'), { deb: 'mdadm', files: ['lib/udev/rules.d/*.rules'] }],
  'cryptsetup-udeb': [programs('cryptsetup-bin', 'cryptsetup'), { deb: 'cryptsetup', files: ['lib/cryptsetup/**'] }],
  'libcryptsetup12-udeb': [library('libcryptsetup12')],
  'libpopt0-udeb': [library('libpopt0')],
  'libargon2-1-udeb': [library('libargon2-1')],
  'libjson-c5-udeb': [library('libjson-c5')],
  'liburcu8-udeb': [library('liburcu8')],
  'libinih1-udeb': [library('libinih1')],
  'liblzo2-2-udeb': [library('liblzo2-2')],
  'libzstd1-udeb': [library('libzstd1')],
  'libssl3-udeb': [{ deb: 'libssl3', files: ['usr/lib/x86_64-linux-gnu/libssl.so.*'] }],
  'libcrypto3-udeb': [{ deb: 'libssl3', files: ['usr/lib/x86_64-linux-gnu/libcrypto.so.*'] }],
  'fuse3-udeb': [programs('fuse3', 'fusermount3', 'mount.fuse3')],
  'libfuse3-3-udeb': [library('libfuse3-3')],
  'libfuse2-udeb': [library('libfuse2')],
  'grub-mount-udeb': [{ deb: 'grub-common', files: ['usr/bin/grub-mount'] }],
  'dmidecode-udeb': [programs('dmidecode', 'dmidecode')],
  'debootstrap-udeb': [
    programs('debootstrap', 'debootstrap'),
    { deb: 'debootstrap', files: ['usr/share/debootstrap/**'] },
  ],
  'openssh-server-udeb': [
    programs('openssh-server', 'sshd'),
    { deb: 'openssh-sftp-server', files: ['usr/lib/openssh/sftp-server'] },
    programs('openssh-client', 'ssh-keygen'),
  ],
  'openssh-client-udeb': [programs('openssh-client', 'ssh', 'scp', 'sftp')],
  'acl-udeb': [programs('acl', 'getfacl', 'setfacl')],
  'attr-udeb': [programs('attr', 'attr', 'getfattr', 'setfattr')],
  'libattr1-udeb': [library('libattr1')],
  'strace-udeb': [programs('strace', 'strace')],
  'hdparm-udeb': [programs('hdparm', 'hdparm')],
  'kpartx-udeb': [programs('kpartx', 'kpartx')],
};

export const RECIPES: Readonly<Record<ReleaseNumber, Recipes>> = { '12': BOOKWORM, '13': TRIXIE };
