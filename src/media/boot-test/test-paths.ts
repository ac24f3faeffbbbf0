/** The ways to boot that can be tried, by name; nothing else, for the command line to load. */
import type { BootPath } from '../boot/boot-paths.ts';

export type TestPath = BootPath | 'uefi-secure-cd' | 'uefi-secure-usb';

export const TEST_PATHS: readonly TestPath[] = [
  'bios-cd',
  'bios-usb',
  'uefi-cd',
  'uefi-usb',
  'uefi-secure-cd',
  'uefi-secure-usb',
];
