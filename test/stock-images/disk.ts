/**
 * A disk of a root folder, laid out as Debian's cloud images: a BIOS boot partition, an EFI system partition and the root file
 * system, each made in its place within one file. No loop device is needed, and nothing is mounted on the host.
 */
import { mkdir, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../../src/host/run.ts';
import { writeBiosGrub } from './grub-bios.ts';

export const SECTOR = 512;
export const MIB = 2 ** 20 / SECTOR;

/** In sectors. */
export const BIOS_BOOT = { start: MIB, size: 3 * MIB };
export const ESP = { start: 4 * MIB, size: 124 * MIB };
export const ROOT_START = 128 * MIB;

export interface Ids {
  readonly disk: string;
  readonly rootFs: string;
  readonly rootPartition: string;
  readonly espPartition: string;
}

export const TYPES = {
  biosBoot: '21686148-6449-6E6F-744E-656564454649',
  esp: 'C12A7328-F81F-11D2-BA4B-00A0C93EC93B',
  /** Of the discoverable partitions specification: root file system, x86-64. */
  lvm: 'E6D6D379-F507-44C2-A23C-238F2A3DF928',
  luks: 'CA7D7CCB-63ED-4C53-861C-1742536059CC',
  /** Of the discoverable partitions specification: root file system, AArch64. */
  rootArm64: 'B921B045-1DF0-41C3-AF44-4C6F280D3FAE',
  root: '4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709',
};

/** All but the last MiB, where the second table of partitions is. In sectors, as everything here. */
export const rootSize = (size: number): number => Math.floor(size / SECTOR / MIB - 1) * MIB - ROOT_START;

/** For sfdisk(8); `size` of the disk in bytes. */
export const partitionTable = ({ disk, rootPartition, espPartition }: Ids, size: number, type = TYPES.root): string =>
  [
    'label: gpt',
    `label-id: ${disk}`,
    '',
    `disk1 : start=${ROOT_START}, size=${rootSize(size)}, type=${type}, uuid=${rootPartition}`,
    `disk14 : start=${BIOS_BOOT.start}, size=${BIOS_BOOT.size}, type=${TYPES.biosBoot}`,
    `disk15 : start=${ESP.start}, size=${ESP.size}, type=${TYPES.esp}, uuid=${espPartition}`,
    '',
  ].join('\n');

export const fstab = ({ rootPartition, espPartition }: Ids, fs: RootFs = 'ext4'): string =>
  [
    fs === 'ext4'
      ? `PARTUUID=${rootPartition} / ext4 rw,discard,errors=remount-ro,x-systemd.growfs 0 1`
      : `PARTUUID=${rootPartition} / ${fs} rw,x-systemd.growfs 0 0`,
    `PARTUUID=${espPartition} /boot/efi vfat defaults 0 0`,
    '',
  ].join('\n');

export type RootFs = 'ext4' | 'btrfs';

export interface DiskWish {
  /** Bytes. */
  readonly size: number;
  readonly ids: Ids;
  /** Of the root file system; ext4 when absent. */
  readonly fs?: RootFs;
  /** Type of the root partition. */
  readonly type?: string;
  readonly signal?: AbortSignal | undefined;
}

/** What GRUB does first, wherever it starts from: find the root file system, and go on with what is there. */
const firstWords = ({ rootFs }: Ids, last = ''): string =>
  `search.fs_uuid ${rootFs} root\nset prefix=($root)'/boot/grub'\n${last}`;

/** Partitions, and the root file system in its own; nothing that boots. */
export const writeDisk = async (
  root: string,
  image: string,
  { size, ids, type, fs, signal }: DiskWish,
): Promise<void> => {
  await writeFile(image, '');
  await truncate(image, size);
  await run('sfdisk', ['--quiet', image], { input: partitionTable(ids, size, type), signal });
  await writeRoot(root, image, { size, ids, signal, ...(fs && { fs }) });
};

/** The root file system alone, in its place on a disk of this size. */
export const writeRoot = async (
  root: string,
  image: string,
  { size, ids, fs = 'ext4', signal }: DiskWish,
): Promise<void> => {
  if (fs === 'ext4') {
    const place = ['-E', `offset=${ROOT_START * SECTOR}`, '-d', root, image, `${rootSize(size) / 2}k`];
    await run('mke2fs', ['-q', '-F', '-t', 'ext4', '-U', ids.rootFs, ...place], { signal });
    return;
  }
  const file = `${image}.btrfs`;
  await writeFile(file, '');
  await truncate(file, rootSize(size) * SECTOR);
  await run('mkfs.btrfs', ['--quiet', '--uuid', ids.rootFs, '--rootdir', root, file], { signal });
  const place = ['bs=1M', `seek=${ROOT_START / MIB}`, 'conv=notrunc,sparse', 'status=none'];
  await run('dd', [`if=${file}`, `of=${image}`, ...place], { signal });
  await rm(file);
};

/** GRUB for BIOS and, at the removable path by way of shim, for UEFI. `root` has Debian's packages of both. */
export const writeBoot = async (root: string, image: string, { ids, fs = 'ext4', signal }: DiskWish): Promise<void> => {
  const work = `${image}.boot`;
  await mkdir(work);
  try {
    await writeFile(join(work, 'first.cfg'), firstWords(ids));
    const modules = join(root, 'usr/lib/grub/i386-pc');
    await run(
      'grub-mkimage',
      [
        ...['-O', 'i386-pc', '-d', modules, '-p', '/boot/grub', '-c', join(work, 'first.cfg')],
        ...['-o', join(work, 'core.img'), 'biosdisk', 'part_gpt', fs === 'ext4' ? 'ext2' : fs, 'search_fs_uuid'],
      ],
      { signal },
    );
    await writeBiosGrub(image, { boot: join(modules, 'boot.img'), core: join(work, 'core.img') }, BIOS_BOOT);

    await run('mkfs.fat', ['-F', '16', `--offset=${ESP.start}`, image, String(ESP.size / 2)], { signal });
    await writeFile(join(work, 'grub.cfg'), firstWords(ids, 'configfile $prefix/grub.cfg\n'));
    const esp = ['-i', `${image}@@${ESP.start * SECTOR}`];
    await run('mmd', [...esp, '::EFI', '::EFI/BOOT', '::EFI/debian'], { signal });
    const signed = join(root, 'usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed');
    const shim = join(root, 'usr/lib/shim/shimx64.efi.signed');
    for (const [from, to] of [
      [shim, 'BOOT/BOOTX64.EFI'],
      [signed, 'BOOT/grubx64.efi'],
      [shim, 'debian/shimx64.efi'],
      [signed, 'debian/grubx64.efi'],
      [join(work, 'grub.cfg'), 'debian/grub.cfg'],
    ] as const) {
      await run('mcopy', [...esp, from, `::EFI/${to}`], { signal });
    }
  } finally {
    await rm(work, { recursive: true });
  }
};
