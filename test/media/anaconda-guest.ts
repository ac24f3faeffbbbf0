/**
 * A RHEL 9 medium that boots: Debian's kernel, and an initrd that does what Anaconda's does until its second stage would
 * start. It finds the medium by the label of `inst.stage2=`, reads the kickstart of `inst.ks=` and the file that this
 * one includes, or, without it, the one on the volume OEMDRV, and says on the serial console what it has read.
 */
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type CpioEntry, cpioArchive, withParents } from '../../src/formats/archives/cpio.ts';
import { bytesOf } from '../../src/formats/byte-source.ts';
import { temporaryFolder } from '../../src/host/files.ts';
import { run } from '../../src/host/run.ts';
import { DISTRIBUTIONS, type DistributionMedium } from './distributions.ts';
import { DATE } from './fixture.ts';
import { makeMedium } from './make-distribution.ts';

const FIRST_PROCESS = `#!/bin/busybox sh
export PATH=/bin
/bin/busybox mkdir -p /dev /proc /medium /oemdrv
/bin/busybox --install -s /bin
mount -t devtmpfs devtmpfs /dev
mount -t proc proc /proc
exec > /dev/ttyS0 2>&1
for module in /modules/*; do insmod $module; done
# GRUB escapes each backslash once more (grub-core/lib/cmdline.c), that of RHEL does not.
unescaped() { printf %b "$1"; }
for word in $(cat /proc/cmdline); do
  case $word in
    inst.stage2=hd:LABEL=*) label=$(unescaped "$(unescaped "\${word#*LABEL=}")") ;;
    inst.ks=file:*) kickstart=\${word#inst.ks=file:} ;;
  esac
done
mounted() {
  tries=0
  until device=$(findfs "LABEL=$1") || [ $tries -gt 300 ]; do sleep 0.2; tries=$((tries + 1)); done
  mount -t iso9660 -o ro "$device" "$2"
}
mounted "$label" /medium
[ -n "$kickstart" ] || { mounted OEMDRV /oemdrv; kickstart=/oemdrv/ks.cfg; }
digest() { sha256sum < "$1" | cut -c 1-64; }
included=$(sed -n 's/^%include //p' "$kickstart")
echo
echo "found: $label"
echo "stage2: $(digest /medium/images/install.img)"
echo "kickstart: $(digest "$kickstart")"
[ ! -f "$included" ] || echo "answers: $(digest "$included")"
[ ! -f /medium/ks.cfg ] || echo "copy: $(digest /medium/ks.cfg)"
echo "end of the guest"
sleep 1
poweroff -f
`;

/** CD drive and USB stick of a machine, and what reads them. */
const MODULES = ['ahci', 'sr_mod', 'sd_mod', 'xhci_pci', 'usb_storage', 'isofs'];

export interface AnacondaGuest {
  readonly iso: string;
  readonly label: string;
  readonly stage2: string;
}

/** `cache` keeps the kernel and the initrd; the packages come from apt. */
export const makeAnacondaGuest = async (folder: string, cache: string, label?: string): Promise<AnacondaGuest> => {
  const [kernel, initrd] = await readKernel(cache);
  const like = named(DISTRIBUTIONS['rhel-9'], label);
  const stage2 = 'the second stage';
  const initrds = Object.keys(like.files).filter((path) => path.endsWith('initrd.img'));
  const files = {
    ...like.files,
    'images/install.img': stage2,
    ...Object.fromEntries(initrds.map((path) => [path, initrd])),
  };
  return { iso: await makeMedium(folder, 'anaconda', { ...like, files }, kernel), label: like.volumeId, stage2 };
};

/** With another label; on the kernel's command line a blank is written as udev does, for Debian's GRUB in quotes. */
const named = (medium: DistributionMedium, label = medium.volumeId): DistributionMedium => {
  const renewed = (text: string) => {
    const quote = text.includes('menuentry') && label.includes(' ') ? "'" : '';
    const found = `inst.stage2=hd:LABEL=${label.replaceAll(' ', '\\x20')}`;
    return text
      .replaceAll(`inst.stage2=hd:LABEL=${medium.volumeId}`, `${quote}${found}${quote}`)
      .replaceAll(medium.volumeId, label);
  };
  // Its own menu starts after a second instead of a minute.
  const files = Object.entries(medium.files).map(([path, content]) => [
    path,
    typeof content === 'string' ? renewed(content).replace('timeout 600', 'timeout 10') : content,
  ]);
  const menu = medium.efi.menu === undefined ? undefined : renewed(medium.efi.menu);
  return { ...medium, volumeId: label, files: Object.fromEntries(files), efi: { ...medium.efi, menu } };
};

const readKernel = async (cache: string): Promise<readonly [Buffer, Buffer]> => {
  const version = createHash('sha256').update(FIRST_PROCESS).digest('hex').slice(0, 12);
  const files = [join(cache, 'vmlinuz'), join(cache, `initrd-${version}.img`)] as const;
  const [kernel, initrd] = await Promise.all(files.map((file) => readFile(file).catch(() => undefined)));
  if (kernel && initrd) return [kernel, initrd];
  await mkdir(cache, { recursive: true });
  await using work = await temporaryFolder('kernel-', cache);
  const tree = join(work.path, 'tree');
  for (const name of [await kernelPackage(), 'busybox-static']) {
    await run('apt-get', ['download', name], { cwd: work.path });
    const [deb = ''] = (await readdir(work.path)).filter((file) => file.startsWith(`${name}_`));
    await run('dpkg-deb', ['--extract', join(work.path, deb), tree]);
  }
  const [release = ''] = await readdir(join(tree, 'lib/modules'));
  const plain = join(work.path, 'initrd');
  const entries = withParents(await initrdEntries(tree, release), new Set());
  await writeFile(plain, await bytesOf(cpioArchive(entries, { mtime: DATE })));
  await run('xz', ['--check=crc32', '--stdout', '-0', plain], { outputFile: files[1] });
  await writeFile(files[0], await readFile(join(tree, `boot/vmlinuz-${release}`)));
  return [await readFile(files[0]), await readFile(files[1])];
};

const kernelPackage = async (): Promise<string> =>
  /Depends: (linux-image-\S+)/.exec((await run('apt-cache', ['depends', 'linux-image-amd64'])).stdout)?.[1] ?? '';

/** Modules are numbered in the order in which they go in. */
const initrdEntries = async (tree: string, release: string): Promise<CpioEntry[]> => {
  await run('depmod', ['-b', tree, release]);
  const { stdout } = await run('modprobe', ['-d', tree, '-S', release, '-a', '--show-depends', ...MODULES]);
  const modules = [...new Set([...stdout.matchAll(/^insmod (\S+)/gm)].map(([, path = '']) => path))];
  const file = async (path: string, from: string, mode: number): Promise<CpioEntry> => ({
    type: 'file',
    path,
    mode,
    content: await readFile(from),
  });
  return [
    { type: 'file', path: 'init', mode: 0o755, content: FIRST_PROCESS },
    await file('bin/busybox', join(tree, 'bin/busybox'), 0o755),
    ...(await Promise.all(
      modules.map((path, index) => file(`modules/${String(index).padStart(3, '0')}.ko`, path, 0o644)),
    )),
  ];
};
