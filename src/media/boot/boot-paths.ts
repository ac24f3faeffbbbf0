/** Which ways to boot a medium's structures claim. Only a machine shows that they work. */
import type { BootImage, BootReport, ReportedPartition } from '../iso/xorriso-report.ts';

export type BootPath = 'bios-cd' | 'uefi-cd' | 'bios-usb' | 'uefi-usb';

/** Types of MBR and GPT partitions; the latter as their bytes lie on the disk. */
const EFI_SYSTEM = ['0xef', '28732ac11ff8d211ba4b00a0c93ec93b'];
const BASIC_DATA = 'a2a0d0ebe5b9334487c068b6b72699c7';

export const imageBoots = ({ platform, bootable }: BootImage): BootPath | undefined => {
  if (!bootable) return undefined;
  return platform === 'BIOS' ? 'bios-cd' : platform === 'UEFI' ? 'uefi-cd' : undefined;
};

/** UEFI looks for a FAT file system in EFI system partitions, and finds one in a basic data partition, too. */
export const partitionBoots = ({ type, path }: ReportedPartition): BootPath | undefined =>
  EFI_SYSTEM.includes(type) || (type === BASIC_DATA && path !== undefined) ? 'uefi-usb' : undefined;

/** By the code in the MBR. */
export const systemAreaBoots = ({ systemArea }: BootReport): BootPath | undefined =>
  systemArea.some((word) => word === 'isohybrid' || word === 'grub2-mbr') ? 'bios-usb' : undefined;

const ORDER: readonly BootPath[] = ['bios-cd', 'uefi-cd', 'bios-usb', 'uefi-usb'];

export const bootPathsOf = (boot: BootReport): BootPath[] => {
  const claimed = new Set([
    ...boot.elTorito.map(imageBoots),
    systemAreaBoots(boot),
    ...[...boot.mbr, ...boot.gpt].map(partitionBoots),
  ]);
  return ORDER.filter((path) => claimed.has(path));
};

export const PATH_WORDS: Readonly<Record<BootPath, string>> = {
  'bios-cd': 'BIOS from CD',
  'uefi-cd': 'UEFI from CD',
  'bios-usb': 'BIOS from USB',
  'uefi-usb': 'UEFI from USB',
};
