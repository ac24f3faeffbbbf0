/** Which ways to boot a medium's structures claim. That they work shows only a machine. */
import type { BootReport } from './xorriso-report.ts';

export type BootPath = 'bios-cd' | 'uefi-cd' | 'bios-usb' | 'uefi-usb';

/** GPT partition types as their bytes lie on the disk. */
const EFI_SYSTEM = '28732ac11ff8d211ba4b00a0c93ec93b';
const BASIC_DATA = 'a2a0d0ebe5b9334487c068b6b72699c7';

export const bootPathsOf = ({ elTorito, systemArea, mbr, gpt }: BootReport): BootPath[] => {
  const uefi = elTorito.find(({ platform, bootable }) => platform === 'UEFI' && bootable);
  const hasBios = elTorito.some(({ platform, bootable }) => platform === 'BIOS' && bootable);
  const mbrCode = systemArea.some((word) => word === 'isohybrid' || word === 'grub2-mbr');
  const uefiDisk =
    mbr.some(({ type }) => type === '0xef') ||
    gpt.some(({ type, path }) => type === EFI_SYSTEM || (type === BASIC_DATA && path !== undefined));
  return [
    ...(hasBios ? ['bios-cd' as const] : []),
    ...(uefi ? ['uefi-cd' as const] : []),
    ...(mbrCode ? ['bios-usb' as const] : []),
    ...(uefiDisk ? ['uefi-usb' as const] : []),
  ];
};
