/** A medium of our own: its bytes, and what other readers of ISO 9660 and FAT say of it. */
import { mkdir, readFile, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { digestFile } from '../../src/host/digest.ts';
import { run } from '../../src/host/run.ts';
import { bootPathsOf } from '../../src/media/boot/boot-paths.ts';
import { listFat } from '../../src/media/boot/efi-image.ts';
import { inspectMedium } from '../../src/media/inspect.ts';
import { BLOCK_SIZE } from '../../src/media/iso/iso9660.ts';
import { readMedium, readMediumFile } from '../../src/media/iso/medium.ts';
import { masterIso } from '../../src/media/master.ts';
import { DATE, extractAll, masterFixture, writeTree } from './fixture.ts';

t.test('the same tree gives the same bytes, in another folder, order, umask and time', async (t) => {
  const folder = t.testdir({ b: {} });
  const first = await masterFixture(folder);
  const before = process.umask(0o077);
  const tree = join(folder, 'b', 'other tree');
  await mkdir(tree);
  await writeTree(tree, 'backward');
  await utimes(join(tree, '.disk/info'), 1, 1);
  const output = join(folder, 'b', 'other.iso');
  await masterIso({ tree, output, volumeId: 'FIXTURE', date: DATE, parts: '/' });
  process.umask(before);
  t.equal(await digestFile(output, 'sha256'), await digestFile(first, 'sha256'));
  await masterIso({ tree, output, volumeId: 'FIXTURE', date: DATE + 1, parts: '/' });
  t.not(await digestFile(output, 'sha256'), await digestFile(first, 'sha256'), 'the date is in the bytes');
});

t.test('it claims all four boot paths, and its files are there for other readers', async (t) => {
  const folder = t.testdir({});
  const iso = await masterFixture(folder);
  const info = await inspectMedium(iso);
  t.strictSame(info.bootPaths, ['bios-cd', 'uefi-cd', 'bios-usb', 'uefi-usb']);
  t.match(info, { distribution: { name: 'Debian', release: '12.8', arch: 'amd64' }, volume: { volumeId: 'FIXTURE' } });
  t.strictSame(
    [...info.menus].map(([file, entries]) => [file, ...entries.map(({ id }) => id)]),
    [
      ['/isolinux/isolinux.cfg', 'install'],
      ['/boot/grub/grub.cfg', 'install'],
    ],
  );

  const medium = await readMedium(iso);
  const tree = await extractAll(iso, join(folder, 'out'));
  await run('md5sum', ['-c', '--quiet', '--strict', 'md5sum.txt'], { cwd: tree });
  for (const path of ["/pool/it's a name.deb", '/pool/größe.deb', '/pool/empty.deb']) {
    t.strictSame(await readMediumFile(medium, path), await readFile(join(tree, path)), path);
  }
  const listed = await run('isoinfo', ['-R', '-f', '-i', iso]);
  t.strictSame(
    listed.stdout
      .split('\n')
      .filter((path) => path !== '/isolinux/boot.cat')
      .sort(),
    [...medium.files.keys(), ...medium.others.keys()]
      .filter((path) => !['/', '/isolinux/boot.cat'].includes(path))
      .sort(),
  );
  const [, bios, uefi] = (await run('isoinfo', ['-d', '-i', iso])).stdout.match(/Bootoff \S+ (\d+)[\s\S]*/) ?? [];
  t.equal(Number(bios), medium.boot.elTorito[0]?.lba, `isoinfo agrees on the boot image ${uefi ?? ''}`);
  t.strictSame(
    await pycdlib(iso, '/install.amd/initrd.gz'),
    await digestFile(join(tree, 'install.amd/initrd.gz'), 'md5'),
  );
});

t.test('the EFI image is a FAT that mtools reads, with signed loaders, where the partition table says', async (t) => {
  const folder = t.testdir({});
  const iso = await masterFixture(folder);
  const { boot } = await readMedium(iso);
  const uefi = boot.elTorito.find(({ platform }) => platform === 'UEFI');
  t.equal(boot.mbr.find(({ type }) => type === '0xef')?.start, (uefi?.lba ?? 0) * 4);
  const image = { path: iso, offset: (uefi?.lba ?? 0) * BLOCK_SIZE };
  t.strictSame((await listFat(image)).sort(), [
    '/EFI/BOOT/BOOTX64.EFI',
    '/EFI/BOOT/grubx64.efi',
    '/EFI/debian/grub.cfg',
  ]);
  const shim = join(folder, 'shim');
  await run('mcopy', ['-i', `${iso}@@${image.offset}`, '::/EFI/BOOT/BOOTX64.EFI', shim]);
  t.strictSame(await readFile(shim), await readFile('/usr/lib/shim/shimx64.efi.signed'));
  t.strictSame(bootPathsOf({ ...boot, systemArea: [], mbr: [], gpt: [] }), ['bios-cd', 'uefi-cd']);
});

t.test('what is missing has a name, and leaves nothing behind', async (t) => {
  const folder = t.testdir({ empty: {}, parts: {} });
  const options = { output: join(folder, 'x.iso'), volumeId: 'X', date: DATE, parts: '/' };
  await t.rejects(masterIso({ ...options, tree: join(folder, 'empty') }), { code: 'media.tree-incomplete' });
  const tree = await writeTree(join(folder, 'tree'));
  const parts = join(folder, 'parts');
  await t.rejects(masterIso({ ...options, tree, parts }), { code: 'media.boot-part-missing', hint: /isolinux/ });
  await t.rejects(masterIso({ ...options, tree, volumeId: 'V'.repeat(40) }), { code: 'media.volume-id' });
  t.strictSame((await run('ls', ['-A', folder])).stdout.split('\n'), ['empty', 'parts', 'tree']);
});

/** MD5 of a file as pycdlib, a reader that shares no code with xorriso, finds it by its Rock Ridge path. */
const pycdlib = async (iso: string, path: string): Promise<string> => {
  const script = [
    'import hashlib, io, pycdlib, sys',
    'iso = pycdlib.PyCdlib(); iso.open(sys.argv[1]); out = io.BytesIO()',
    'iso.get_file_from_iso_fp(out, rr_path=sys.argv[2]); print(hashlib.md5(out.getvalue()).hexdigest())',
  ].join('\n');
  return (await run('/usr/bin/python3', ['-c', script, iso, path])).stdout;
};
