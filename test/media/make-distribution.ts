/** Makes the media of `distributions.ts`, with boot loaders from Debian's packages and sums by the vendors' own tools. */
import { createHash } from 'node:crypto';
import { copyFile, mkdir, open, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { run } from '../../src/host/run.ts';
import { type EfiFile, makeEfiImage } from '../../src/media/boot/efi-image.ts';
import { DISTRIBUTIONS, type DistributionMedium } from './distributions.ts';
import { DATE } from './fixture.ts';

const GRUB_RESCUE = '/usr/lib/grub-rescue/grub-rescue-cdrom.iso';
const ISOLINUX = '/usr/lib/ISOLINUX/isolinux.bin';

/** Makes `NAME.iso` in the folder; its loaders come to its menus, and from there to a kernel when one is given. */
export const makeDistribution = (
  folder: string,
  name: keyof typeof DISTRIBUTIONS,
  kernel?: Uint8Array,
): Promise<string> => makeMedium(folder, name, DISTRIBUTIONS[name], kernel);

export const makeMedium = async (
  folder: string,
  name: string,
  described: DistributionMedium,
  kernel?: Uint8Array,
): Promise<string> => {
  const medium = bootable(described);
  const tree = join(folder, `${name}.tree`);
  const put = async (path: string, content: string | Uint8Array): Promise<void> => {
    await mkdir(dirname(join(tree, path)), { recursive: true });
    await writeFile(join(tree, path), content);
  };
  for (const [path, content] of Object.entries(medium.files))
    await put(path, kernel !== undefined && content === 'kernel' ? kernel : content);
  if (kernel !== undefined) await putLoaders(tree, medium);
  const isGrub = !medium.bios.endsWith('isolinux.bin');
  await put(medium.bios, isGrub ? await grubImage(folder) : await readFile(ISOLINUX));
  const image = join(folder, `${name}.efi`);
  await makeImage(folder, image, medium.efi.menu, stub(medium));
  if ('path' in medium.efi) await put(medium.efi.path, await readFile(image));
  const treeinfo = medium.files['.treeinfo'];
  if (typeof treeinfo === 'string') await put('.treeinfo', await withSums(treeinfo, tree));
  if (medium.sums === 'md5sum.txt')
    await run(
      'sh',
      [
        '-c',
        "find . -type f ! -name md5sum.txt ! -name eltorito.img ! -name isolinux.bin -exec md5sum '{}' + > md5sum.txt",
      ],
      {
        cwd: tree,
      },
    );
  const output = join(folder, `${name}.iso`);
  await run('xorriso', ['-no_rc', '-as', 'mkisofs', ...mkisofs(medium, image, isGrub), '-o', output, tree]);
  if (medium.sums === 'isomd5') await run('implantisomd5', [output]);
  if (medium.sums === 'suse-tag') await tagSuse(output);
  return output;
};

const mkisofs = ({ volumeId, bios, efi }: DistributionMedium, image: string, isGrub: boolean): string[] => {
  const eltorito = ['-b', bios, '-no-emul-boot', '-boot-load-size', '4', '-boot-info-table'];
  const mbr = isGrub
    ? ['--grub2-boot-info', '--grub2-mbr', GRUB_RESCUE, '-partition_offset', '16']
    : ['-isohybrid-mbr', '/usr/lib/ISOLINUX/isohdpfx.bin'];
  const uefi =
    'path' in efi
      ? ['-eltorito-alt-boot', '-e', efi.path, '-no-emul-boot', '-isohybrid-gpt-basdat']
      : ['-append_partition', '2', '28732ac11ff8d211ba4b00a0c93ec93b', image, '-appended_part_as_gpt'].concat(
          ['-iso_mbr_part_type', 'a2a0d0ebe5b9334487c068b6b72699c7'],
          ['-eltorito-alt-boot', '-e', '--interval:appended_partition_2:all::', '-no-emul-boot'],
        );
  return ['-iso-level', '3', '-r', '-J', '-V', volumeId, '-c', 'boot.cat', ...eltorito, ...mbr, ...uefi];
};

const grubImage = async (folder: string): Promise<Buffer> => {
  const image = join(folder, 'eltorito.img');
  const extract = ['-extract', '/boot/grub/i386-pc/eltorito.img', image];
  await run('xorriso', ['-no_rc', '-osirrox', 'on', '-indev', GRUB_RESCUE, ...extract]);
  return readFile(image);
};

/** With GRUB after the shim; `stub` is the menu where Debian's signed GRUB begins to read. */
const makeImage = async (folder: string, image: string, menu: string | undefined, stub: string): Promise<void> => {
  const files: EfiFile[] = [];
  const add = async (path: string, content: Uint8Array | string): Promise<void> => {
    const from = join(folder, `efi-${files.length}`);
    await writeFile(from, content);
    files.push({ path, from, size: content.length });
  };
  await add('/EFI/BOOT/BOOTX64.EFI', await readFile('/usr/lib/shim/shimx64.efi.signed'));
  if (menu !== undefined) await add('/EFI/BOOT/grub.cfg', menu);
  await add('/EFI/BOOT/grubx64.efi', await readFile('/usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed'));
  await add('/EFI/debian/grub.cfg', stub);
  await makeEfiImage(image, files, DATE);
};

const withSums = async (text: string, tree: string): Promise<string> => {
  let result = text;
  for (const [mark, path] of text.matchAll(/@(.+)@/g)) {
    const sum = createHash('sha256').update(await readFile(join(tree, path ?? '')));
    result = result.replace(mark, sum.digest('hex'));
  }
  return result;
};

/** Vendors' GRUBs look elsewhere for their menu than Debian's, which go on to it from here. */
const stub = ({ volumeId, efi }: DistributionMedium): string =>
  [
    'set image=$root',
    `search --no-floppy --set=root --label '${volumeId}'`,
    efi.menu === undefined ? 'configfile /boot/grub/grub.cfg' : 'configfile ($image)/EFI/BOOT/grub.cfg',
    '',
  ].join('\n');

const bootable = (medium: DistributionMedium): DistributionMedium => ({
  ...medium,
  files: {
    ...(medium.bios.endsWith('isolinux.bin') ? {} : { 'boot/grub/grub.cfg': 'configfile /boot/grub2/grub.cfg\n' }),
    ...medium.files,
  },
});

/** Where Debian's ISOLINUX looks for itself and its menu; SUSE's is told another folder when it is installed. */
const ISOLINUX_FOLDERS = ['boot/isolinux', 'isolinux'];

/** Modules of ISOLINUX beside it, those of GRUB for BIOS where its core looks for them. */
const putLoaders = async (tree: string, { bios }: DistributionMedium): Promise<void> => {
  if (bios.endsWith('isolinux.bin')) {
    const own = dirname(bios);
    const [usual = ''] = ISOLINUX_FOLDERS;
    const folders = ISOLINUX_FOLDERS.includes(own) ? [own] : [own, usual];
    for (const folder of folders) {
      await mkdir(join(tree, folder), { recursive: true });
      for (const name of ['ldlinux', 'libcom32', 'libutil', 'vesamenu'])
        await copyFile(`/usr/lib/syslinux/modules/bios/${name}.c32`, join(tree, folder, `${name}.c32`));
    }
    if (folders.length > 1)
      await writeFile(
        join(tree, usual, 'isolinux.cfg'),
        `default own\nlabel own\n  config /${own}/isolinux.cfg /${own}\n`,
      );
    return;
  }
  await mkdir(join(tree, 'boot/grub'), { recursive: true });
  const modules = ['-extract', '/boot/grub/i386-pc', join(tree, 'boot/grub/i386-pc')];
  await run('xorriso', ['-no_rc', '-osirrox', 'on', '-indev', GRUB_RESCUE, ...modules]);
  await run('chmod', ['-R', 'u+w', join(tree, 'boot/grub/i386-pc')]);
};

/** As tagmedia does: the MBR and the padding are zeros, the area of the tag itself blanks. */
export const suseDigest = async (iso: string, pad: number): Promise<string> => {
  const bytes = await readFile(iso);
  const total = bytes.readUInt32LE(0x8000 + 80) * 2048;
  bytes.fill(0, 0, 512).fill(' ', 0x8373, 0x8573);
  bytes.fill(0, total - pad * 2048, total);
  return createHash('sha256').update(bytes.subarray(0, total)).digest('hex');
};

const tagSuse = async (iso: string): Promise<void> => {
  const tag = `check=1;pad=150;sha256sum=${await suseDigest(iso, 150)}`;
  await using file = await open(iso, 'r+');
  await file.write(tag.padEnd(512), 0x8373);
};
