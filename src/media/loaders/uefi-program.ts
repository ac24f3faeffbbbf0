/** Which program a file for UEFI is, by what it says of itself. */
import { peSections } from '../boot/pe.ts';
import { type GrubCore, grubCore } from './grub-core.ts';

export type UefiProgram =
  /** What it starts, in its own folder. */
  | { readonly kind: 'shim'; readonly next: string | undefined }
  | { readonly kind: 'grub'; readonly core: GrubCore }
  | { readonly kind: 'systemd-boot' }
  | { readonly kind: 'other'; readonly name: string };

const wide = (text: string): Buffer => Buffer.from(text, 'utf16le');

export const uefiProgram = (bytes: Buffer): UefiProgram => {
  if (bytes.includes('UEFI SHIM')) return { kind: 'shim', next: nextOfShim(bytes) };
  if (bytes.includes('#### LoaderInfo: systemd-boot ')) return { kind: 'systemd-boot' };
  const sections = peSections(bytes);
  if (sections.includes('.linux')) return { kind: 'other', name: 'a unified kernel image' };
  if (sections.includes('mods')) {
    const core = grubCore(bytes);
    if (core !== undefined) return { kind: 'grub', core };
  }
  if (bytes.toString('latin1', 0x202, 0x206) === 'HdrS') return { kind: 'other', name: 'a kernel with an EFI stub' };
  for (const name of ['rEFInd', 'Clover', 'OpenCore'])
    if (bytes.includes(wide(name)) || bytes.includes(name)) return { kind: 'other', name };
  for (const name of ['iPXE', 'Limine', 'ELILO'])
    if (bytes.includes(name) || bytes.includes(wide(name))) return { kind: 'other', name };
  return { kind: 'other', name: 'an unknown program' };
};

/** `\\grubx64.efi`; SUSE's has `\\grub.efi` (DEFAULT_LOADER when it is built). */
const nextOfShim = (bytes: Buffer): string | undefined => {
  const begin = wide('\\grub');
  for (let at = bytes.indexOf(begin); at >= 0; at = bytes.indexOf(begin, at + 2)) {
    const [, name] = /^\\+(grub\w*\.efi)/i.exec(bytes.toString('utf16le', at, at + 64)) ?? [];
    if (name !== undefined) return name;
  }
  return undefined;
};
