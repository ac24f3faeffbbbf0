/** UEFI: the program that it starts from removable media, and what that goes on to (UEFI specification, 3.5.1.1). */
import { basename, dirname } from 'node:path/posix';
import type { BootPath } from '../boot/boot-paths.ts';
import { readFat } from '../boot/efi-image.ts';
import { BLOCK_SIZE } from '../iso/iso9660.ts';
import type { Medium } from '../iso/medium.ts';
import { installerEntry } from '../menus/entry.ts';
import type { EfiMenus, FoundMenus } from '../menus/found-menus.ts';
import { systemdEntries } from '../menus/systemd-boot.ts';
import { grubWay } from './grub-way.ts';
import { uefiProgram } from './uefi-program.ts';
import type { MenuRef, Way } from './way.ts';

interface Door {
  readonly path: BootPath;
  readonly lba: number;
  readonly door: string;
}

const DEFAULT = /^\/EFI\/BOOT\/BOOT([A-Z0-9]+)\.EFI$/i;
/** As GRUB calls the processors. */
const CPUS: Readonly<Record<string, string>> = { x64: 'x86_64', ia32: 'i386', aa64: 'arm64', riscv64: 'riscv64' };

/** One way for each default loader; the medium's own is that for x64 where there is one. */
export const uefiWays = async (
  medium: Medium,
  found: FoundMenus,
  { path, lba, door }: Door,
  signal: AbortSignal | undefined,
): Promise<Way[]> => {
  const image = found.images.find((one) => one.lba === lba);
  const way = { path, door, menus: [], isOther: false };
  if (image === undefined) return [{ ...way, loader: 'nothing', problems: ['it is no FAT file system'] }];
  const loaders = image.all.filter((file) => DEFAULT.test(file));
  if (loaders.length === 0) return [{ ...way, loader: 'nothing', problems: ['it has no /EFI/BOOT/BOOT*.EFI'] }];
  const hasX64 = loaders.some((file) => archOf(file) === 'x64');
  const ways: Way[] = [];
  for (const file of loaders) {
    const arch = archOf(file);
    const isOther = hasX64 && arch !== 'x64';
    const own = isOther ? `${door}, ${basename(file)}` : door;
    ways.push({
      ...way,
      door: own,
      isOther,
      ...(await follow(medium, found, { image, path, file, arch, by: [] }, signal)),
    });
  }
  return ways;
};

const archOf = (file: string): string => (DEFAULT.exec(file)?.[1] ?? '').toLowerCase();

/**
 * A CD is one device for GRUB, whatever image on it was started; but where a partition table that GRUB knows has a
 * partition of just its place and size, it is that partition (grub-core/disk/efi/efidisk.c, grub_efidisk_get_device_name).
 */
const isPartition = ({ boot }: Medium, lba: number, program: Buffer): boolean => {
  const image = boot.elTorito.find((one) => one.lba === lba);
  const size = Math.ceil((image?.sectors ?? 0) / SECTORS) * SECTORS;
  const tables = [
    { module: 'part_gpt', partitions: boot.gpt },
    { module: 'part_msdos', partitions: boot.mbr },
    { module: 'part_apple', partitions: boot.apm },
  ];
  return tables.some(
    ({ module, partitions }) =>
      program.includes(module) && partitions.some(({ start, blocks }) => start === lba * SECTORS && blocks === size),
  );
};

const SECTORS = 4;

const isSame = (a: MenuRef, b: MenuRef): boolean => JSON.stringify(a) === JSON.stringify(b);

interface Program {
  readonly image: EfiMenus;
  readonly path: BootPath;
  readonly file: string;
  readonly arch: string;
  /** What has started it, in words. */
  readonly by: readonly string[];
}

const follow = async (
  medium: Medium,
  found: FoundMenus,
  { image, path, file, arch, by }: Program,
  signal: AbortSignal | undefined,
): Promise<Pick<Way, 'loader' | 'menus' | 'problems'>> => {
  const bytes = await readFat({ path: medium.iso, offset: image.lba * BLOCK_SIZE }, file, { signal });
  const program = uefiProgram(bytes);
  const called = (name: string): string => [...by, name].join(' and ');
  const failed = (name: string, problem: string) => ({ loader: called(name), menus: [], problems: [problem] });
  switch (program.kind) {
    case 'other':
      return failed(program.name, 'it is not followed to its menu');
    case 'shim': {
      const has = (name: string): string | undefined =>
        image.all.find((one) => one.toLowerCase() === `${dirname(file)}/${name}`.toLowerCase());
      // It comes first where shim lies in the default place (shim.c, should_use_fallback).
      if (has(`fb${arch}.efi`) !== undefined) return failed('shim', 'it starts its fallback, which is not followed');
      const name = program.next ?? `grub${arch}.efi`;
      const next = has(name);
      if (next === undefined || by.length > 0) return failed('shim', `${name} is not in its folder`);
      return follow(medium, found, { image, path, file: next, arch, by: ['shim'] }, signal);
    }
    case 'grub': {
      const start = { core: program.core, platform: 'efi', cpu: CPUS[arch] ?? arch, folder: dirname(file) } as const;
      const from = (lba: number | undefined) => grubWay(medium, found, { ...start, image: lba }, signal);
      if (!path.endsWith('cd')) return { loader: called('GRUB'), ...(await from(image.lba)) };
      const ways = [await from(undefined), await from(image.lba)];
      const { menus, problems } = ways[isPartition(medium, image.lba, bytes) ? 1 : 0] ?? { menus: [], problems: [] };
      // Firmware may state another size of the image: the menu reached in that case gets the entry, too.
      const others = ways.flatMap((way) => way.menus).filter((ref) => !menus.some((one) => isSame(one, ref)));
      return { loader: called('GRUB'), menus: [...menus, ...others], problems };
    }
    case 'systemd-boot':
      if (installerEntry(systemdEntries(image.files)) === undefined)
        return failed('systemd-boot', "no file in its /loader/entries starts an installer's kernel with an initrd");
      return { loader: called('systemd-boot'), menus: [{ kind: 'systemd-boot', image: image.lba }], problems: [] };
  }
};
