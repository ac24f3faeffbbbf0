/**
 * Small media whose loaders come to their menus by ways of their own: as the tools of Arch Linux, SystemRescue, and GRUB's
 * mkrescue lay them out, and cores of GRUB with a configuration inside.
 */
import { copyFile, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { run } from '../../src/host/run.ts';
import { type EfiFile, makeEfiImage } from '../../src/media/boot/efi-image.ts';
import { DATE } from './fixture.ts';

const SYSTEMD_BOOT = '/usr/lib/systemd/boot/efi/systemd-bootx64.efi';
const ISOLINUX = '/usr/lib/ISOLINUX/isolinux.bin';
const MODULES = '/usr/lib/syslinux/modules/bios';
export const KERNEL = 'live/vmlinuz';
export const INITRD = 'live/initrd.img';

type Files = Readonly<Record<string, string | Uint8Array>>;

interface LoaderMedium {
  readonly files: Files;
  /** Modules of ISOLINUX beside isolinux.bin, in which folder. */
  readonly isolinux?: {
    readonly folder: string;
    readonly modules: readonly string[];
    /** Where they have to lie, too: in the folder from which a configuration counts. */
    readonly also?: string;
  };
  /** A core of GRUB as the boot image for BIOS: its own configuration. */
  readonly biosCore?: string;
  /** What the EFI image has as BOOTX64.EFI: a program, or a core of GRUB with this configuration; and beside it. */
  readonly efi?: { readonly program: string } | { readonly core: string } | undefined;
  readonly inImage?: Files | undefined;
  /** The image as a partition after the file system; a file of the medium otherwise. */
  readonly appended?: keyof typeof APPENDED | undefined;
}

const ESP = 'C12A7328-F81F-11D2-BA4B-00A0C93EC93B';
const AS_GPT = ['-partition_offset', '16', '-appended_part_as_gpt'];
const IN_CATALOG = ['-eltorito-alt-boot', '-e', '--interval:appended_partition_2:all::', '-no-emul-boot'];

/** How the tools of several distributions append an EFI image to an isohybrid. */
const APPENDED = {
  mkarchiso: (image: string): string[] => [
    ...['--mbr-force-bootable', '-append_partition', '2', ESP, image, ...AS_GPT],
    ...[...IN_CATALOG, '-isohybrid-gpt-basdat'],
  ],
  /** The MBR only protects the GPT. */
  protective: (image: string): string[] => ['-append_partition', '2', ESP, image, ...AS_GPT, ...IN_CATALOG],
  /** In the MBR, and in the GPT as data. */
  both: (image: string): string[] => ['-append_partition', '2', '0xef', image, ...IN_CATALOG, '-isohybrid-gpt-basdat'],
  /** No boot image of the boot catalog. */
  'partition-only': (image: string): string[] => ['-append_partition', '2', ESP, image, ...AS_GPT],
} as const;

const grubMenu = `set timeout=60\nmenuentry 'Install' {\n\tlinux /${KERNEL} quiet\n\tinitrd /${INITRD}\n}\n`;
const label = (id: string): string =>
  `label ${id}\n\tmenu label Install (${id})\n\tlinux /${KERNEL}\n\tinitrd /${INITRD}\n\tappend quiet from=${id}\n`;
/** What a menu that nobody sees would have. */
const decoy = "menuentry 'Not this' {\n\tlinux /live/vmlinuz wrong\n\tinitrd /live/initrd.img\n}\n";

const BASE: Files = { [KERNEL]: 'kernel', [INITRD]: 'i', '.disk/marker': 'x' };
const SEARCH = 'search --file --set=root /.disk/marker\n';

const arch: LoaderMedium = {
  files: {
    ...BASE,
    'boot/syslinux/syslinux.cfg': [
      'DEFAULT select\n\nLABEL select\nCOM32 whichsys.c32\nAPPEND -pxe- pxe -sys- sys -iso- sys\n',
      'LABEL pxe\nCONFIG archiso_pxe.cfg\n\nLABEL sys\nCONFIG archiso_sys.cfg\n',
    ].join('\n'),
    'boot/syslinux/archiso_sys.cfg':
      'INCLUDE archiso_head.cfg\n\nDEFAULT arch64\nTIMEOUT 150\n\nINCLUDE archiso_linux.cfg\n',
    'boot/syslinux/archiso_pxe.cfg': label('pxe64'),
    'boot/syslinux/archiso_head.cfg': 'UI vesamenu.c32\nMENU TITLE Arch Linux\n',
    'boot/syslinux/archiso_linux.cfg': label('arch64'),
    // Nobody reads it.
    'boot/grub/grub.cfg': decoy,
  },
  isolinux: { folder: 'boot/syslinux', modules: ['ldlinux', 'libcom32', 'libutil', 'vesamenu', 'whichsys'] },
  efi: { program: SYSTEMD_BOOT },
  inImage: {
    'loader/loader.conf': 'timeout 15\ndefault 01-archiso-x86_64-linux.conf\n',
    'loader/entries/01-archiso-x86_64-linux.conf': `title    Arch Linux install medium\nsort-key 01\nlinux    /${KERNEL}\ninitrd   /${INITRD}\noptions  archisobasedir=arch quiet\n`,
    [KERNEL]: 'kernel',
    [INITRD]: 'i',
  },
  appended: 'mkarchiso',
};

export const LOADER_MEDIA = {
  /** COM32 chooser for BIOS, systemd-boot in an appended partition for UEFI. */
  arch,
  /** CONFIG, and the folder from which it counts in a line of its own. */
  'system-rescue': {
    files: {
      ...BASE,
      'isolinux/isolinux.cfg':
        'DEFAULT loadconfig\n\nLABEL loadconfig\n  CONFIG /sysresccd/boot/main.cfg\n  APPEND /sysresccd/boot/\n',
      'sysresccd/boot/main.cfg': `UI menu.c32\nMENU TITLE rescue\nMENU INCLUDE linux.cfg\n`,
      'sysresccd/boot/linux.cfg': label('rescue64'),
      'boot/grub/grubsrcd.cfg': grubMenu,
      'boot/grub/grub.cfg': decoy,
    },
    isolinux: { folder: 'isolinux', modules: ['ldlinux', 'libcom32', 'libutil', 'menu'], also: 'sysresccd/boot' },
    efi: { core: `${SEARCH}configfile ($root)/boot/grub/grubsrcd.cfg\n` },
  },
  /** By the processor, to two configurations. */
  ifcpu: {
    files: {
      ...BASE,
      'isolinux/isolinux.cfg':
        'default ifcpu64.c32\nprompt 0\n\nlabel ifcpu64.c32\n\tcom32 ifcpu64.c32\n\tappend big -- small\n\nlabel big\n\tconfig big.cfg\nlabel small\n\tconfig small.cfg\n',
      'isolinux/big.cfg': `include common.cfg\n${label('big')}`,
      'isolinux/small.cfg': `include common.cfg\n${label('small')}`,
      'isolinux/common.cfg': 'ui menu.c32\ntimeout 300\n',
    },
    isolinux: { folder: 'isolinux', modules: ['ldlinux', 'libcom32', 'libutil', 'libgpl', 'menu', 'ifcpu64'] },
  },
  /** Cores that go to a menu of an unusual name, past the usual one. */
  cores: {
    files: {
      ...BASE,
      'custom/menu.cfg': 'source /custom/entries.cfg\n',
      'custom/entries.cfg': grubMenu,
      'boot/grub/grub.cfg': decoy,
    },
    biosCore: `${SEARCH}if [ -e /custom/menu.cfg ]; then\n\tset prefix=($root)/custom\n\tconfigfile /custom/menu.cfg\nelse\n\tconfigfile /boot/grub/grub.cfg\nfi\n`,
    efi: { core: `${SEARCH}set prefix=($root)/custom\nnormal /custom/menu.cfg\n` },
  },
} as const satisfies Readonly<Record<string, LoaderMedium>>;

const MODULE_NAMES =
  'normal configfile search search_fs_file search_label search_fs_uuid test echo linux iso9660 fat part_gpt part_msdos all_video serial terminal ls true sleep minicmd gfxterm font';

const grubCore = async (folder: string, format: string, config: string): Promise<string> => {
  const [text, output] = [join(folder, `${format}.cfg`), join(folder, `${format}.core`)];
  await writeFile(text, config);
  const extra = format.startsWith('i386') ? ['biosdisk'] : [];
  const args = ['-O', format, '-o', output, '-p', '/boot/grub', '-c', text, ...MODULE_NAMES.split(' '), ...extra];
  await run('grub-mkimage', args);
  return output;
};

const put = async (tree: string, files: Files, kernel: Uint8Array | undefined): Promise<void> => {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(tree, path)), { recursive: true });
    await writeFile(join(tree, path), kernel !== undefined && content === 'kernel' ? kernel : content);
  }
};

/** Makes `NAME.iso` in the folder; one that boots when a kernel is given. */
export const makeLoaderMedium = async (
  folder: string,
  name: string,
  medium: LoaderMedium,
  kernel?: Uint8Array,
): Promise<string> => {
  const [tree, inImage] = [join(folder, `${name}.tree`), join(folder, `${name}.image`)];
  await put(tree, medium.files, kernel);
  const efi = medium.efi === undefined ? [] : await efiArgs(folder, name, { tree, inImage, medium, kernel });
  const bios = await biosArgs(folder, tree, medium);
  const output = join(folder, `${name}.iso`);
  const args = ['-iso-level', '3', '-r', '-J', '-V', `L_${name.toUpperCase().replaceAll('-', '_')}`, '-c', 'boot.cat'];
  await run('xorriso', ['-no_rc', '-as', 'mkisofs', ...args, ...bios, ...efi, '-o', output, tree]);
  return output;
};

const biosArgs = async (folder: string, tree: string, { isolinux, biosCore }: LoaderMedium): Promise<string[]> => {
  const table = ['-no-emul-boot', '-boot-load-size', '4', '-boot-info-table'];
  if (biosCore !== undefined) {
    await mkdir(join(tree, 'grub-bios'));
    await copyFile(await grubCore(folder, 'i386-pc-eltorito', biosCore), join(tree, 'grub-bios/core.img'));
    const mbr = [
      '--grub2-boot-info',
      '--grub2-mbr',
      '/usr/lib/grub/i386-pc/boot_hybrid.img',
      '-partition_offset',
      '16',
    ];
    return ['-b', 'grub-bios/core.img', ...table, ...mbr];
  }
  if (isolinux === undefined) return [];
  await mkdir(join(tree, isolinux.folder), { recursive: true });
  await copyFile(ISOLINUX, join(tree, isolinux.folder, 'isolinux.bin'));
  for (const place of [isolinux.folder, ...(isolinux.also === undefined ? [] : [isolinux.also])])
    for (const module of isolinux.modules)
      await copyFile(join(MODULES, `${module}.c32`), join(tree, place, `${module}.c32`));
  const mbr = ['-isohybrid-mbr', '/usr/lib/ISOLINUX/isohdpfx.bin'];
  return ['-b', `${isolinux.folder}/isolinux.bin`, ...table, ...mbr];
};

interface Making {
  readonly tree: string;
  readonly inImage: string;
  readonly medium: LoaderMedium;
  readonly kernel: Uint8Array | undefined;
}

const efiArgs = async (folder: string, name: string, { tree, inImage, medium, kernel }: Making): Promise<string[]> => {
  const { efi, inImage: beside = {}, appended } = medium;
  if (efi === undefined) return [];
  await put(inImage, beside, kernel);
  const program = 'core' in efi ? await grubCore(folder, 'x86_64-efi', efi.core) : efi.program;
  const files: EfiFile[] = [];
  const add = async (path: string, from: string): Promise<void> => {
    const own = join(folder, `${name}-efi-${files.length}`);
    await writeFile(own, await readFile(from));
    files.push({ path, from: own, size: (await stat(own)).size });
  };
  await add('/EFI/BOOT/BOOTX64.EFI', program);
  for (const path of Object.keys(beside)) await add(`/${path}`, join(inImage, path));
  const image = appended === undefined ? join(tree, 'efi.img') : join(folder, `${name}.efi`);
  await makeEfiImage(image, files, DATE);
  if (appended === undefined) return ['-eltorito-alt-boot', '-e', 'efi.img', '-no-emul-boot', '-isohybrid-gpt-basdat'];
  return APPENDED[appended](image);
};

/** As grub-mkrescue makes it by default: GRUB for BIOS and UEFI, GPT, Apple's partition map, HFS+. */
export const makeRescue = async (folder: string, name: string, kernel?: Uint8Array): Promise<string> => {
  const tree = join(folder, `${name}.tree`);
  await put(tree, { ...BASE, 'boot/grub/grub.cfg': grubMenu }, kernel);
  const output = join(folder, `${name}.iso`);
  const small = ['--locales=', '--fonts=', '--themes='];
  await run('grub-mkrescue', [...small, '-o', output, tree, '--', '-volid', 'RESCUE']);
  return output;
};
