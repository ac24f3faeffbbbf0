/**
 * Microcode before the initramfs proper: each processor maker's updates in one member, put together of what packages bring. It is
 * judged update by update, since hooks leave out those that the system does not need.
 */
import type { GuestFiles } from '../../../capture/guest-files.ts';

export interface VerifiedFiles {
  readonly files: Pick<GuestFiles, 'read'>;
  /** Paths of files that are as their packages have them. */
  readonly verifiedBelow: (folder: string) => readonly string[];
  /** The disk has a link of this name to such a one, in whatever folders. */
  readonly isLink: (name: string, target: string) => boolean;
}

/** Where the packages have what a member is made of, and how it falls into parts. */
const MEMBERS: Readonly<Record<string, { readonly folder: string; readonly parts: (bytes: Buffer) => Buffer[] }>> = {
  'kernel/x86/microcode/GenuineIntel.bin': { folder: '/usr/lib/firmware/intel-ucode', parts: intelUpdates },
  'kernel/x86/microcode/AuthenticAMD.bin': { folder: '/usr/lib/firmware/amd-ucode', parts: amdContainers },
};

/** Undefined when it is no microcode; otherwise what is to be said against it, empty for nothing. */
export const microcodeWhy = async (
  path: string,
  content: Uint8Array,
  { files, verifiedBelow }: VerifiedFiles,
): Promise<string | undefined> => {
  const made = Object.hasOwn(MEMBERS, path) ? MEMBERS[path] : undefined;
  if (made === undefined) return undefined;
  const known = new Set<string>();
  for (const file of verifiedBelow(made.folder)) {
    const bytes = await files.read(file);
    for (const part of bytes === undefined ? [] : made.parts(bytes)) known.add(part.toString('base64'));
  }
  const odd = made.parts(Buffer.from(content)).some((part) => !known.has(part.toString('base64')));
  return odd ? 'has microcode that no package brings' : '';
};

/** Intel SDM volume 3, "Microcode Update Facilities": the total size stands at byte 32 of each update's header. */
function intelUpdates(bytes: Buffer): Buffer[] {
  const found: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const size = at + 48 <= bytes.length ? bytes.readUInt32LE(at + 32) || 2048 : 0;
    const end = size < 48 ? bytes.length : Math.min(bytes.length, at + size);
    found.push(bytes.subarray(at, end));
    at = end;
  }
  return found;
}

const AMD_MAGIC = Buffer.from('DMA\0');

/** Each container begins with a mark of its own (the kernel's arch/x86/kernel/cpu/microcode/amd.c). */
function amdContainers(bytes: Buffer): Buffer[] {
  const found: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const next = bytes.indexOf(AMD_MAGIC, at + AMD_MAGIC.length);
    const end = next < 0 ? bytes.length : next;
    found.push(bytes.subarray(at, end));
    at = end;
  }
  return found;
}
