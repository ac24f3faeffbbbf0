/** What is on a disk that somebody else has made, read from outside, before anything on it runs. */
import { hasBootCode } from '../capture/boot-code.ts';
import { glob } from '../capture/glob.ts';
import type { GuestFiles, Mount } from '../capture/guest-files.ts';
import { PARTITION_TYPES } from '../capture/partitions.ts';

export interface ForeignSystem {
  /** The machine of its programs, as ELF numbers it; undefined when no program could be found. */
  readonly elfMachine: number | undefined;
  /** What a machine can boot it with. */
  readonly firmware: readonly ('bios' | 'uefi')[];
  readonly hasCloudInit: boolean;
  readonly hasSshd: boolean;
  /** Those of NEEDED_DRIVERS that no kernel of it has. */
  readonly missingDrivers: readonly string[];
  readonly freeBytes: number;
}

export const readForeignSystem = async (files: GuestFiles): Promise<ForeignSystem> => {
  const root = files.mounts.find(({ path }) => path === '/');
  return {
    elfMachine: await elfMachine(files),
    firmware: await bootableBy(files),
    hasCloudInit: (await files.find('/usr/bin/cloud-init')) !== undefined,
    hasSshd: (await files.find('/usr/sbin/sshd')) !== undefined,
    missingDrivers: await missingDrivers(files),
    freeBytes: await freeIn(root),
  };
};

/** Of its root file system, bytes. */
const freeIn = async (root: Mount | undefined): Promise<number> => {
  const { freeBlocks, blockSize } = root?.tree?.superblock ??
    (await root?.ext4?.header()) ?? { freeBlocks: 0, blockSize: 0 };
  return freeBlocks * blockSize;
};

/** e_machine (elf(5)): two bytes at 18, little endian on all that Ingot starts. */
const elfMachine = async (files: GuestFiles): Promise<number | undefined> => {
  for (const path of ['/usr/lib/systemd/systemd', '/usr/bin/true', '/bin/true']) {
    const bytes = await files.read(path);
    if (bytes?.subarray(0, 4).equals(ELF)) return bytes.readUInt16LE(18);
  }
  return undefined;
};

const ELF = Buffer.from('\x7fELF', 'latin1');

/** Boot code in the first sector; what a firmware starts that knows nothing of the disk (UEFI specification, 3.5.1.1). */
const bootableBy = async (files: GuestFiles): Promise<('bios' | 'uefi')[]> => {
  const isEsp = files.table.partitions.some(({ type }) => type === PARTITION_TYPES.esp || type === 'EF');
  const loaders = await Promise.all(
    ['/boot/efi/EFI/BOOT/BOOTX64.EFI', '/efi/EFI/BOOT/BOOTX64.EFI', '/boot/EFI/BOOT/BOOTX64.EFI'].map((path) =>
      glob(files, path),
    ),
  );
  const isMounted = files.mounts.some(({ path }) => path !== '/' && /efi|boot/i.test(path));
  // An EFI system partition that no fstab names (systemd mounts it by itself) is not looked into.
  const byUefi = isEsp && (loaders.flat().length > 0 || !isMounted);
  return [...((await hasBootCode(files.image)) ? (['bios'] as const) : []), ...(byUefi ? (['uefi'] as const) : [])];
};

/** The build machine's disk, the build's way in, and the file by which it is handed in. */
const NEEDED_DRIVERS = ['virtio_blk', 'virtio_console', 'qemu_fw_cfg'] as const;

/** A kernel that is not in a package is not checked: it may have all drivers built in. */
const missingDrivers = async (files: GuestFiles): Promise<string[]> => {
  const kernels = (await files.list('/lib/modules')).filter(({ type }) => type === 'folder');
  const lacking = await Promise.all(
    kernels.map(async ({ name }) => {
      const folder = `/lib/modules/${name}`;
      const texts = await Promise.all(
        ['modules.dep', 'modules.builtin'].map((file) => files.text(`${folder}/${file}`)),
      );
      const known = texts.join('\n');
      return NEEDED_DRIVERS.filter((driver) => !new RegExp(`/${driver.replaceAll('_', '[_-]')}\\.ko`).test(known));
    }),
  );
  const [first = [], ...others] = lacking;
  return first.filter((driver) => others.every((list) => list.includes(driver)));
};
