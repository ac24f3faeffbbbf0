/** Which system an image holds. */
import type { Subject } from './subject.ts';

export interface SystemFacts {
  readonly name: string;
  readonly id: string | undefined;
  readonly version: string | undefined;
  /** As the kernel names it: `x86_64`. */
  readonly architecture: string | undefined;
  readonly hostname: string | undefined;
  /** Those with modules; `hasImage` when a kernel of that version can be started. */
  readonly kernels: readonly { readonly version: string; readonly hasImage: boolean }[];
}

export const systemFacts = async ({ files, tree, osRelease }: Subject): Promise<SystemFacts> => {
  const versions = (await files.list('/usr/lib/modules')).filter(({ type }) => type === 'folder');
  const others = (await files.list('/lib/modules')).filter(({ type }) => type === 'folder');
  const kernels = new Set([...versions, ...others].map(({ name }) => name));
  const hasImage = (version: string) =>
    [`/boot/vmlinuz-${version}`, `/usr/lib/modules/${version}/vmlinuz`].some((path) => tree.has(path));
  return {
    name: osRelease.get('PRETTY_NAME') ?? osRelease.get('NAME') ?? 'unknown: it has no os-release',
    id: osRelease.get('ID'),
    version: osRelease.get('VERSION_ID'),
    architecture: await architectureOf(files),
    hostname: (await files.text('/etc/hostname'))?.trim() || undefined,
    kernels: [...kernels].sort().map((version) => ({ version, hasImage: hasImage(version) })),
  };
};

/** e_machine of an ELF file (elf.h). */
const MACHINES: Readonly<Record<number, string>> = {
  3: 'i686',
  21: 'ppc64le',
  22: 's390x',
  40: 'armv7l',
  62: 'x86_64',
  183: 'aarch64',
  243: 'riscv64',
  258: 'loongarch64',
};
const PROGRAMS = ['/usr/lib/systemd/systemd', '/lib/systemd/systemd', '/bin/sh', '/sbin/init', '/usr/bin/dpkg'];

const architectureOf = async (files: Subject['files']): Promise<string | undefined> => {
  for (const path of PROGRAMS) {
    const bytes = await files.read(path);
    if (bytes === undefined || bytes.length < 20 || bytes.toString('latin1', 1, 4) !== 'ELF') continue;
    const isBig = bytes.readUInt8(5) === 2;
    return MACHINES[isBig ? bytes.readUInt16BE(18) : bytes.readUInt16LE(18)];
  }
  return undefined;
};
