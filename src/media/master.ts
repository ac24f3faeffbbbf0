/**
 * Makes a bootable hybrid ISO of a folder that holds an installer: ISOLINUX for BIOS, shim and GRUB (both signed)
 * for UEFI, each from CD and from USB. The same folder gives the same bytes, wherever and whenever.
 */
import { copyFile, mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { IngotError, OUR_FAULT } from '../errors.ts';
import { digestFile } from '../host/digest.ts';
import { publish, temporaryFolder, temporaryName } from '../host/files.ts';
import { isThere } from '../host/if-there.ts';
import type { Reporter } from '../report.ts';
import { bootParts } from './boot/boot-parts.ts';
import { makeEfiImage } from './boot/efi-image.ts';
import { formatSums } from './checks/md5sums.ts';
import { requireVolumeId } from './iso/iso9660.ts';
import { writeIso } from './iso/write-iso.ts';
import { masterArgs } from './iso/xorriso-args.ts';
import { grubEntry } from './menus/grub-edit.ts';
import { syslinuxEntry } from './menus/syslinux-edit.ts';

export interface MasterOptions {
  /** The medium's content: kernel and initrd of the installer, `.disk/info`, packages. */
  readonly tree: string;
  readonly output: string;
  /** At most 32 of A-Z 0-9 _. */
  readonly volumeId: string;
  /** Seconds since 1970: the time stamp of everything. */
  readonly date: number;
  /** The folder below which the packages with the boot loaders are unpacked; see `boot-parts.ts`. */
  readonly parts: string;
  /** Paths in the tree; Debian's own when absent. */
  readonly kernel?: string;
  readonly initrd?: string;
  readonly reporter?: Reporter;
  readonly signal?: AbortSignal | undefined;
}

const ISOLINUX = '/isolinux/isolinux.bin';
const CATALOG = '/isolinux/boot.cat';
const EFI_IMAGE = '/boot/grub/efi.img';
/** What mastering itself writes cannot have its sum in a file of the same medium. */
const WITHOUT_SUM = new Set([ISOLINUX, CATALOG, '/md5sum.txt']);

/** Throws `media.boot-part-missing`, `media.tree-incomplete`, `media.volume-id`. */
export const masterIso = async (options: MasterOptions): Promise<void> => {
  const { tree, output, volumeId, date: epoch, reporter, signal } = options;
  const kernel = options.kernel ?? '/install.amd/vmlinuz';
  const initrd = options.initrd ?? '/install.amd/initrd.gz';
  requireVolumeId(volumeId);
  for (const path of [kernel, initrd, '/.disk/info']) await requireInTree(tree, path);

  await using work = await temporaryFolder('.master-', dirname(output));
  const stage = join(work.path, 'stage');
  const mbr = await stageBootFiles(stage, { ...options, kernel, initrd });
  await writeFile(join(stage, 'md5sum.txt'), formatSums(await sumsOf([tree, stage], signal)));

  const temporary = temporaryName(output);
  try {
    const trees = [tree, stage];
    const args = { output: temporary, volumeId, epoch, mbr, isolinux: ISOLINUX, catalog: CATALOG, efiImage: EFI_IMAGE };
    await writeIso(masterArgs({ ...args, trees }), { output: temporary, epoch, reporter, signal });
    await publish(temporary, output);
  } finally {
    await rm(temporary, { force: true });
  }
};

const requireInTree = async (tree: string, path: string): Promise<void> => {
  if (await isThere(join(tree, path))) return;
  throw new IngotError('media.tree-incomplete', `the medium's tree has no ${path}`, { where: tree, hint: OUR_FAULT });
};

type StageOptions = MasterOptions & { readonly kernel: string; readonly initrd: string };

/** Lays out what the boot loaders need; returns the code for the MBR. */
const stageBootFiles = async (stage: string, options: StageOptions): Promise<string> => {
  const parts = await bootParts(options.parts);
  const menus = menuFiles(options.kernel, options.initrd);
  const texts = { '/isolinux/isolinux.cfg': menus.isolinux, '/boot/grub/grub.cfg': menus.grub };
  const efi = { '/EFI/BOOT/BOOTX64.EFI': parts.shim, '/EFI/BOOT/grubx64.efi': parts.grub };
  const copies = {
    [ISOLINUX]: parts.isolinux,
    '/isolinux/ldlinux.c32': parts.ldlinux,
    '/isolinux/libcom32.c32': parts.libcom32,
    '/isolinux/libutil.c32': parts.libutil,
    '/isolinux/menu.c32': parts.menu,
    // Also outside the image, for sticks that are made by copying the files.
    ...efi,
  };
  for (const folder of ['isolinux', 'boot/grub', 'EFI/BOOT', 'EFI/debian']) {
    await mkdir(join(stage, folder), { recursive: true });
  }
  for (const [path, text] of Object.entries({ ...texts, '/EFI/debian/grub.cfg': EFI_STUB })) {
    await writeFile(join(stage, path), text);
  }
  for (const [path, from] of Object.entries(copies)) await copyFile(from, join(stage, path));
  const inImage = [...Object.keys(efi), '/EFI/debian/grub.cfg'].map((path) => ({ path, from: join(stage, path) }));
  const sized = await Promise.all(inImage.map(async (file) => ({ ...file, size: (await stat(file.from)).size })));
  await makeEfiImage(join(stage, EFI_IMAGE), sized, options.date, { signal: options.signal });
  return parts.mbr;
};

/** GRUB starts from the FAT image and has to find the medium, whatever drive that is. */
const EFI_STUB = `search --file --set=root /.disk/info
set prefix=($root)/boot/grub
source $prefix/grub.cfg
`;

/** The menus of a medium that nobody has prepared yet: the installer, asking its questions, when it is chosen. */
const menuFiles = (kernel: string, initrd: string): { readonly isolinux: string; readonly grub: string } => {
  const entry = { id: 'install', title: 'Install', kernel, initrds: [initrd], arguments: [] };
  const isolinux = ['ui menu.c32', 'menu title Debian installer', 'prompt 0', 'timeout 0', ''].join('\n');
  const grub = ['set default=install', 'set timeout=-1', ''].join('\n');
  return {
    isolinux: `${isolinux}\n${syslinuxEntry(entry, false)}`,
    grub: `${grub}\n${grubEntry(entry, { linux: 'linux', initrd: 'initrd' })}`,
  };
};

/** Path on the medium to MD5, for the files of all trees. */
const sumsOf = async (trees: readonly string[], signal: AbortSignal | undefined): Promise<Map<string, string>> => {
  const sums = new Map<string, string>();
  for (const tree of trees) {
    for (const item of await readdir(tree, { recursive: true, withFileTypes: true })) {
      const path = join(item.parentPath, item.name);
      const onMedium = path.slice(tree.replace(/\/$/, '').length);
      if (!item.isFile() || WITHOUT_SUM.has(onMedium)) continue;
      sums.set(onMedium, await digestFile(path, 'md5', signal));
    }
  }
  return sums;
};
