/**
 * Images that a builder has to refuse, or to survive: made of a good one, each wrong in one way. They are read and started as
 * strangers' are; odd-roots.ts has those whose root file system lies elsewhere.
 */
import { mkdir, open, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../../src/host/run.ts';
import { BIOS_BOOT, ESP, ROOT_START, SECTOR, TYPES, writeDisk, writeRoot } from './disk.ts';
import type { MakeContext, Maker } from './maker.ts';
import { NOCLOUD } from './vendors.ts';

const TOOLS = ['e2fsprogs', 'fdisk', 'mtools', 'qemu-utils'];

type Odd = Pick<Maker, 'from' | 'make' | 'definition'> & { readonly tools?: readonly string[] };

export const odd = ({ tools = [], ...rest }: Odd): Maker => ({
  release: '12',
  format: 'qcow2',
  needs: { packages: [...TOOLS, ...tools], host: ['root'] },
  packages: [],
  code: ['odd.ts', 'odd-roots.ts', 'disk.ts'],
  ...rest,
});

/** The base as a raw disk of this run's own. */
export const copyOf = async ({ base, work, signal }: MakeContext): Promise<string> => {
  const raw = join(work, 'disk.raw');
  await run('qemu-img', ['convert', '-O', 'raw', base, raw], { signal });
  return raw;
};

export const deliver = (raw: string, image: string, { signal }: MakeContext) =>
  run('qemu-img', ['convert', '-c', '-f', 'raw', '-O', 'qcow2', raw, image], { signal });

/** debugfs(8) on the root file system where it lies. Throws what it says of a command that fails: its status is always 0. */
const edit = async (raw: string, commands: readonly string[], { work, signal }: MakeContext): Promise<void> => {
  const script = join(work, 'commands');
  await writeFile(script, `${commands.join('\n')}\n`);
  const { stderr } = await run('debugfs', ['-w', '-f', script, `${raw}?offset=${ROOT_START * SECTOR}`], { signal });
  const words = stderr.split('\n').filter((line) => line !== '' && !/^debugfs \d/.test(line));
  if (words.length > 0) throw new Error(`debugfs: ${words.join('; ')}`);
};

/** Its root file system as a folder, with owners and modes. */
const rootOf = async (raw: string, { work, signal }: MakeContext): Promise<string> => {
  const root = join(work, 'root');
  await mkdir(root);
  await run('debugfs', ['-R', `rdump / ${root}`, `${raw}?offset=${ROOT_START * SECTOR}`], { signal });
  return root;
};

/** Neither in the first sector, nor in its partition, nor in the EFI system partition. */
export const noBootLoader = odd({
  from: 'mmdebstrap-nocloud',
  definition: 'no boot loader',
  make: async (image, context) => {
    const raw = await copyOf(context);
    {
      await using disk = await open(raw, 'r+');
      await disk.write(Buffer.alloc(440), 0, 440, 0);
      await disk.write(Buffer.alloc(BIOS_BOOT.size * SECTOR), 0, BIOS_BOOT.size * SECTOR, BIOS_BOOT.start * SECTOR);
    }
    await run('mdeltree', ['-i', `${raw}@@${ESP.start * SECTOR}`, '::EFI'], { signal: context.signal });
    await deliver(raw, image, context);
  },
});

/** Not a block is left, not even for root. */
export const full = odd({
  from: 'mmdebstrap-nocloud',
  definition: 'a full root file system',
  make: async (image, context) => {
    const raw = await copyOf(context);
    const at = `${raw}?offset=${ROOT_START * SECTOR}`;
    const filler = join(context.work, 'filler');
    const free = async () => {
      const { stdout } = await run('debugfs', ['-R', 'stats -h', at], { signal: context.signal });
      return Number(/^Free blocks:\s+(\d+)/m.exec(stdout)?.[1] ?? Number.NaN);
    };
    // A large file needs blocks of its own to say where its blocks are, so the rest goes by halves.
    for (let nth = 0, left = await free(); left !== 0; nth += 1, left = await free()) {
      if (nth > 24) throw new Error(`${left} blocks are still free`);
      const blocks = left > 64 ? left - 32 - Math.ceil(left / 300) : Math.ceil(left / 2);
      await run('dd', ['if=/dev/zero', `of=${filler}`, 'bs=4096', `count=${blocks}`, 'status=none']);
      await run('sh', ['-c', 'tr "\\0" x < "$1" > "$1.x" && mv "$1.x" "$1"', 'sh', filler]);
      await edit(raw, [`write ${filler} /var/filler${nth}`], context);
      await rm(filler);
    }
    await deliver(raw, image, context);
  },
});

/** Its final stage never ends, whatever the seed says. */
export const endlessCloudInit = odd({
  from: 'mmdebstrap-cloud',
  definition: 'cloud-init waits for ever',
  make: async (image, context) => {
    const raw = await copyOf(context);
    const script = join(context.work, 'endless');
    await writeFile(script, '#!/bin/sh\nexec sleep infinity\n', { mode: 0o755 });
    const path = '/var/lib/cloud/scripts/per-boot/endless';
    const folders = ['', '/scripts', '/scripts/per-boot'].map((one) => `mkdir /var/lib/cloud${one}`);
    await edit(raw, [...folders, `write ${script} ${path}`, `sif ${path} mode 0100755`], context);
    await deliver(raw, image, context);
  },
});

/** The system has no driver for virtio disks and cards; it starts from others. */
export const noVirtio = odd({
  from: 'mmdebstrap-nocloud',
  definition: 'no driver of virtio',
  make: async (image, context) => {
    const raw = await copyOf(context);
    const root = await rootOf(raw, context);
    const drivers = ['-name', 'virtio*.ko', '-print', '-delete'];
    const { stdout } = await run('find', [join(root, 'lib/modules/'), ...drivers], { signal: context.signal });
    if (!stdout.includes('virtio_blk')) throw new Error(`no driver of virtio was found: ${stdout}`);
    await run('unshare', ['--mount', 'sh', '-ec', RENEW_INITRD, 'sh', root], {
      signal: context.signal,
      keepsEnd: true,
    });
    const { size } = await stat(raw);
    await writeRoot(root, raw, { size, ids: NOCLOUD.ids, signal: context.signal });
    await deliver(raw, image, context);
  },
});

const RENEW_INITRD = `
mount -t proc none "$1/proc"
for one in "$1"/lib/modules/*; do chroot "$1" depmod "$(basename "$one")"; done
chroot "$1" update-initramfs -u
`;

/** Of another architecture: what can be read of a system without starting it, and nothing else. */
export const arm64 = odd({
  definition: 'a system of arm64',
  make: async (image, context) => {
    const root = join(context.work, 'root');
    const files = {
      'usr/lib/os-release':
        'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\n',
      'etc/fstab': `PARTUUID=${NOCLOUD.ids.rootPartition} / ext4 defaults 0 1\n`,
      'var/lib/dpkg/arch': 'arm64\n',
      'var/lib/dpkg/status':
        'Package: base-files\nStatus: install ok installed\nArchitecture: arm64\nVersion: 12.4+deb12u11\nMaintainer: nobody <nobody@example.org>\nDescription: a package\n\n',
      'usr/lib/systemd/systemd': elfHeader(AARCH64),
    };
    for (const [path, content] of Object.entries(files)) {
      await mkdir(join(root, path, '..'), { recursive: true });
      await writeFile(join(root, path), content, { mode: path.endsWith('/systemd') ? 0o755 : 0o644 });
    }
    await mkdir(join(root, 'usr/sbin'), { recursive: true });
    await run('sh', [
      '-ec',
      'cd "$1"; ln -s usr/lib lib; ln -s usr/sbin sbin; ln -s ../usr/lib/os-release etc/os-release; ln -s ../lib/systemd/systemd usr/sbin/init',
      'sh',
      root,
    ]);
    const raw = join(context.work, 'disk.raw');
    await writeDisk(root, raw, {
      size: 512 * 2 ** 20,
      ids: NOCLOUD.ids,
      type: TYPES.rootArm64,
      signal: context.signal,
    });
    await deliver(raw, image, context);
  },
});

/** Of ELF's e_machine. */
const AARCH64 = 183;

/** The first 64 bytes of a program (elf(5)): 64 bits, little endian, executable. */
const elfHeader = (machine: number): Buffer => {
  const header = Buffer.alloc(64);
  header.write('\x7fELF\x02\x01\x01', 'latin1');
  header.writeUInt16LE(2, 16);
  header.writeUInt16LE(machine, 18);
  header.writeUInt32LE(1, 20);
  header.writeUInt16LE(64, 52);
  return header;
};
