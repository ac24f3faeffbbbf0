/**
 * What small media have of the distributions that are not here: layout, menus and kind of boot structures, as lorax,
 * debian-cd, livecd-rootfs and SUSE's tools write them, around kernels that are not run. `make-distribution.ts` makes them.
 */

type Files = Readonly<Record<string, string | Uint8Array>>;

export interface DistributionMedium {
  readonly volumeId: string;
  readonly files: Files;
  /** Where the EFI image lies: a file of the medium, or a partition after the file system. */
  readonly efi: { readonly path: string; readonly menu: string | undefined } | { readonly menu: string | undefined };
  /** Path of the BIOS boot image; GRUB's where it is not isolinux.bin. */
  readonly bios: string;
  readonly sums?: 'isomd5' | 'md5sum.txt' | 'suse-tag';
}

const grub = (title: string, linux: string, initrd: string, command = 'linux'): string =>
  `set default="0"\nset timeout=60\nmenuentry '${title}' --class os {\n\t${command} ${linux}\n\t${command.replace('linux', 'initrd')} ${initrd}\n}\n`;

const treeinfo = (name: string, short: string, version: string): string =>
  [
    '[checksums]',
    'images/boot.iso = sha256:0000000000000000000000000000000000000000000000000000000000000000',
    'images/efiboot.img = sha256:@images/efiboot.img@',
    'images/pxeboot/vmlinuz = sha256:@images/pxeboot/vmlinuz@',
    '',
    '[general]',
    `family = ${name}`,
    `version = ${version}`,
    'arch = x86_64',
    '',
    '[release]',
    `name = ${name}`,
    `short = ${short}`,
    `version = ${version}`,
    '',
    '[tree]',
    'arch = x86_64',
    '',
  ].join('\n');

const anaconda = {
  'images/install.img': 'squashfs',
  'images/pxeboot/vmlinuz': 'kernel',
  'images/pxeboot/initrd.img': 'i',
};

const rhel = (version: string): DistributionMedium => {
  const [major = '', minor = ''] = version.split('.');
  const volumeId = `RHEL-${major}-${minor}-0-BaseOS-x86_64`;
  const stage2 = `inst.stage2=hd:LABEL=${volumeId}`;
  const name = `Red Hat Enterprise Linux ${version}`;
  const menu = grub(
    `Install ${name}`,
    `/images/pxeboot/vmlinuz ${stage2} quiet`,
    '/images/pxeboot/initrd.img',
    'linuxefi',
  );
  const isolinux = [
    'default vesamenu.c32',
    'timeout 600',
    'label linux',
    `  menu label ^Install ${name}`,
    '  kernel vmlinuz',
    `  append initrd=initrd.img ${stage2} quiet`,
    'label check',
    `  menu label Test this ^media & install ${name}`,
    '  menu default',
    '  kernel vmlinuz',
    `  append initrd=initrd.img ${stage2} rd.live.check quiet`,
    '',
  ].join('\n');
  return {
    volumeId,
    files: {
      ...anaconda,
      '.discinfo': `1713379286.934539\n${name}\nx86_64\n`,
      '.treeinfo': treeinfo('Red Hat Enterprise Linux', 'RHEL', version),
      'isolinux/isolinux.cfg': isolinux,
      'isolinux/vmlinuz': 'kernel',
      'isolinux/initrd.img': 'i',
      'EFI/BOOT/grub.cfg': menu,
      'BaseOS/Packages/bash.rpm': 'x'.repeat(1_000_000),
    },
    efi: { path: 'images/efiboot.img', menu },
    bios: 'isolinux/isolinux.bin',
    sums: 'isomd5',
  };
};

const fedora = (): DistributionMedium => {
  const volumeId = 'Fedora-S-dvd-x86_64-40';
  const linux = `/images/pxeboot/vmlinuz inst.stage2=hd:LABEL=${volumeId} quiet`;
  const menu = grub('Install Fedora 40', linux, '/images/pxeboot/initrd.img');
  return {
    volumeId,
    files: {
      ...anaconda,
      '.discinfo': '1713379286.934539\n40\nx86_64\n',
      'boot/grub2/grub.cfg': menu,
      'EFI/BOOT/grub.cfg': menu,
      'Packages/b/bash.rpm': 'x'.repeat(1_000_000),
    },
    efi: { menu },
    bios: 'images/eltorito.img',
    sums: 'isomd5',
  };
};

/** Without isolinux, as Fedora; with the files that tell of RHEL. */
const rhel10 = (): DistributionMedium => {
  const volumeId = 'RHEL-10-0-BaseOS-x86_64';
  const name = 'Red Hat Enterprise Linux 10.0';
  const linux = `/images/pxeboot/vmlinuz inst.stage2=hd:LABEL=${volumeId} quiet`;
  const menu = grub(`Install ${name}`, linux, '/images/pxeboot/initrd.img');
  const sums = treeinfo('Red Hat Enterprise Linux', 'RHEL', '10.0').replace(/^images\/efiboot.*\n/m, '');
  return {
    ...fedora(),
    volumeId,
    files: {
      ...fedora().files,
      '.discinfo': `1713379286.934539\n${name}\nx86_64\n`,
      '.treeinfo': sums,
      'boot/grub2/grub.cfg': menu,
      'EFI/BOOT/grub.cfg': menu,
    },
    efi: { menu },
  };
};

/** As debian-cd lays it out: a menu in several files, and an entry that is further down in a submenu. */
const debian = (info: string): DistributionMedium => {
  const label = (id: string, text: string, initrd: string, more = ''): string =>
    `label ${id}\n\tmenu label ^${text}\n\tkernel /install.amd/vmlinuz\n\tappend vga=788 initrd=${initrd} ${more}--- quiet\n`;
  return {
    volumeId: 'Debian amd64 n',
    files: {
      '.disk/info': info,
      '.disk/cd_type': 'not_complete\n',
      'install.amd/vmlinuz': 'kernel',
      'install.amd/initrd.gz': 'i',
      'install.amd/gtk/initrd.gz': 'i',
      'isolinux/isolinux.cfg': 'path \ninclude menu.cfg\ndefault vesamenu.c32\nprompt 0\ntimeout 0\n',
      'isolinux/menu.cfg': 'menu hshift 7\ninclude stdmenu.cfg\ninclude gtk.cfg\ninclude txt.cfg\n',
      'isolinux/stdmenu.cfg': 'menu background splash.png\n',
      'isolinux/gtk.cfg': label('installgui', 'Graphical install', '/install.amd/gtk/initrd.gz'),
      'isolinux/txt.cfg': label('install', 'Install', '/install.amd/initrd.gz'),
      'boot/grub/grub.cfg': [
        'if [ x$feature_default_font_path = xy ] ; then\n   font=unicode\nfi\n',
        "menuentry --hotkey=g 'Graphical install' {\n    linux    /install.amd/vmlinuz vga=788 --- quiet\n    initrd   /install.amd/gtk/initrd.gz\n}\n",
        "menuentry --hotkey=i 'Install' {\n    linux    /install.amd/vmlinuz vga=788 --- quiet\n    initrd   /install.amd/initrd.gz\n}\n",
        "submenu --hotkey=a 'Advanced options ...' {\n    menuentry '... Expert install' {\n        linux    /install.amd/vmlinuz priority=low vga=788 ---\n        initrd   /install.amd/initrd.gz\n    }\n}\n",
      ].join(''),
    },
    efi: { path: 'boot/grub/efi.img', menu: undefined },
    bios: 'isolinux/isolinux.bin',
    sums: 'md5sum.txt',
  };
};

const ubuntu = (release: string, codename: string): DistributionMedium => ({
  volumeId: `Ubuntu-Server ${release.slice(0, 5)} LTS amd64`,
  files: {
    '.disk/info': `Ubuntu-Server ${release} LTS "${codename}" - Release amd64 (20240827)`,
    '.disk/casper-uuid-generic': 'f0e1d2c3\n',
    'casper/vmlinuz': 'kernel',
    'casper/initrd': 'i',
    'casper/install-sources.yaml': '- default: true\n',
    'casper/ubuntu-server-minimal.squashfs': 'squashfs',
    'boot/grub/grub.cfg': `loadfont unicode\n${grub('Try or Install Ubuntu Server', '/casper/vmlinuz  ---', '/casper/initrd')}`,
    'boot/grub/loopback.cfg': grub('Try', '/casper/vmlinuz iso-scan/filename=$iso_path ---', '/casper/initrd'),
  },
  efi: { menu: undefined },
  bios: 'boot/grub/i386-pc/eltorito.img',
  sums: 'md5sum.txt',
});

const leap = (): DistributionMedium => {
  const loader = 'boot/x86_64/loader';
  const menu = [
    grub('Installation', `/${loader}/linux splash=silent`, `/${loader}/initrd`),
    grub('Check Installation Media', `/${loader}/linux mediacheck=1 splash=silent`, `/${loader}/initrd`),
  ].join('');
  return {
    volumeId: 'openSUSE-Leap-15.6-DVD-x86_647',
    files: {
      'media.1/media': 'openSUSE - openSUSE-Leap-15.6-DVD-x86_64-Build710.3-Media\nopenSUSE-Leap-15.6-DVD-x86_64\n1\n',
      'media.1/products': '/ openSUSE-Leap 15.6-1\n',
      'boot/x86_64/root': 'squashfs',
      [`${loader}/linux`]: 'kernel',
      [`${loader}/initrd`]: 'i',
      [`${loader}/isolinux.cfg`]: 'default linux\nlabel linux\n  kernel linux\n  append initrd=initrd splash=silent\n',
      'EFI/BOOT/grub.cfg': menu,
    },
    efi: { path: 'boot/x86_64/efi', menu },
    bios: `${loader}/isolinux.bin`,
    sums: 'suse-tag',
  };
};

export const DISTRIBUTIONS = {
  'debian-11': debian('Debian GNU/Linux 11.11.0 "Bullseye" - Official amd64 NETINST 20240831-16:11'),
  'debian-13': debian('Debian GNU/Linux 13.1.0 "Trixie" - Official amd64 DVD Binary-1 with firmware 20250906-11:22'),
  'rhel-8': rhel('8.10'),
  'rhel-9': rhel('9.4'),
  'rhel-10': rhel10(),
  fedora: fedora(),
  'ubuntu-22.04': ubuntu('22.04.5', 'Jammy Jellyfish'),
  'ubuntu-24.04': ubuntu('24.04.1', 'Noble Numbat'),
  leap: leap(),
} as const;
