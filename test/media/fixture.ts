/** A small installer medium for the tests: Debian's layout around a kernel and an initrd that are not run. */
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { cpioArchive } from '../../src/formats/archives/cpio.ts';
import { bytesOf } from '../../src/formats/byte-source.ts';
import { gzip } from '../../src/formats/compression/compression.ts';
import { run } from '../../src/host/run.ts';
import { masterIso } from '../../src/media/master.ts';

export const DATE = 1_700_000_000;

const FILES: Readonly<Record<string, string | Uint8Array>> = {
  '.disk/info': 'Debian GNU/Linux 12.8 "Bookworm" - Unofficial amd64 NETINST',
  'install.amd/vmlinuz': 'not a kernel',
  'install.amd/initrd.gz': await bytesOf(
    gzip(
      cpioArchive([
        { type: 'symlink', path: 'lib', target: 'usr/lib' },
        { type: 'directory', path: 'usr', mode: 0o755 },
        { type: 'directory', path: 'usr/lib', mode: 0o755 },
      ]),
    ),
  ),
  "pool/it's a name.deb": 'x'.repeat(70_000),
  'pool/größe.deb': 'y'.repeat(3000),
  'pool/empty.deb': '',
};

/** A tree for `masterIso`, in `folder`. */
export const writeTree = async (folder: string, order: 'forward' | 'backward' = 'forward'): Promise<string> => {
  const files = Object.entries(FILES);
  for (const [path, content] of order === 'forward' ? files : files.toReversed()) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
  return folder;
};

export const masterFixture = async (folder: string, output = join(folder, 'original.iso')): Promise<string> => {
  await writeTree(join(folder, 'tree'));
  await masterIso({ tree: join(folder, 'tree'), output, volumeId: 'FIXTURE', date: DATE, parts: '/' });
  return output;
};

/** Everything on a medium, by xorriso's own extraction. */
export const extractAll = async (iso: string, folder: string): Promise<string> => {
  await run('xorriso', ['-no_rc', '-osirrox', 'on', '-indev', iso, '-extract', '/', folder]);
  await run('chmod', ['-R', 'u+w', folder]);
  return folder;
};

/** The same medium built once more with its files changed by hand: an original of another kind. */
export const rebuilt = async (
  iso: string,
  folder: string,
  change: (tree: string) => Promise<void>,
  options: readonly string[] = [],
): Promise<string> => {
  const tree = await extractAll(iso, join(folder, 'rebuilt'));
  await change(tree);
  const output = join(folder, 'rebuilt.iso');
  const bios = ['-b', 'isolinux/isolinux.bin', '-no-emul-boot', '-boot-load-size', '4', '-boot-info-table'];
  const efi = ['-eltorito-alt-boot', '-e', 'boot/grub/efi.img', '-no-emul-boot'];
  const boot = options.length > 0 ? options : ['-c', 'isolinux/boot.cat', ...bios, ...efi];
  await run('xorriso', ['-no_rc', '-as', 'mkisofs', '-r', '-V', 'REBUILT', '-o', output, ...boot, tree]);
  return output;
};

export const copyOf = async (iso: string, to: string): Promise<string> => {
  await cp(iso, to);
  return to;
};
