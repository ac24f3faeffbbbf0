/** Damaged and hostile media, missing and old tools: each has a name, and nothing is left behind. */
import { chmod, copyFile, mkdir, open, readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { run } from '../../src/host/run.ts';
import { inspectMedium } from '../../src/media/inspect.ts';
import { type IsoNode, readTree } from '../../src/media/iso/iso-tree.ts';
import { BLOCK_SIZE } from '../../src/media/iso/iso9660.ts';
import { readMedium } from '../../src/media/iso/medium.ts';
import { decodeMenu, encodeMenu } from '../../src/media/menus/encoding.ts';
import { remaster } from '../../src/media/remaster.ts';
import { silentReporter } from '../../src/report.ts';
import { copyOf, DATE, extractAll, masterFixture, rebuilt } from './fixture.ts';

const MAIN = join(import.meta.dirname, '../../src/cli/main.ts');
const folder = t.testdir({ made: {} });
const original = await masterFixture(folder);
const nodes = await readTree(original);

const nodeAt = (path: string): IsoNode => {
  const node = nodes.find((one) => one.path === path);
  if (node === undefined) throw new Error(`no ${path}`);
  return node;
};

/** Where the record of a node stands: found by its extent, which is unique for what is not empty. */
const recordAt = (bytes: Buffer, parent: string, path: string): number => {
  const { lba, size } = nodeAt(parent);
  for (let at = lba * BLOCK_SIZE; at < lba * BLOCK_SIZE + size; at += bytes[at] ?? 0) {
    if (bytes.readUInt32LE(at + 2) === nodeAt(path).lba) return at;
  }
  throw new Error(`no record of ${path}`);
};

const put32 = (bytes: Buffer, at: number, value: number): void => {
  bytes.writeUInt32LE(value, at);
  bytes.writeUInt32BE(value, at + 4);
};

const output = join(folder, 'made', 'out.iso');
const remastered = (iso: string, to = output) =>
  remaster({
    iso,
    output: to,
    initrdEntries: [{ type: 'file', path: 'x', mode: 0o600, content: 'x' }],
    mediumFiles: [],
    kernelArguments: { installer: [], target: [] },
    menu: { start: 'ask', title: 'x' },
    date: DATE,
    reporter: silentReporter,
  });

t.test('directory records that loop, overlap, lie or are cut', async (t) => {
  const cases: readonly (readonly [string, RegExp, (bytes: Buffer) => void])[] = [
    ['loops', /it loops/, (bytes) => put32(bytes, recordAt(bytes, '/boot', '/boot/grub') + 2, nodeAt('/').lba)],
    [
      'lies',
      /reaches behind/,
      (bytes) => put32(bytes, recordAt(bytes, '/boot/grub', '/boot/grub/efi.img') + 10, 2 ** 31),
    ],
    [
      'differs',
      /two different/,
      (bytes) => bytes.writeUInt32LE(9, recordAt(bytes, '/boot/grub', '/boot/grub/efi.img') + 10),
    ],
    ['cut', /broken record/, (bytes) => bytes.writeUInt8(7, recordAt(bytes, '/boot', '/boot/grub'))],
    [
      'overlaps',
      /overlap/,
      (bytes) => put32(bytes, recordAt(bytes, '/boot/grub', '/boot/grub/efi.img') + 2, nodeAt('/boot').lba),
    ],
    [
      'elsewhere',
      /no directory/,
      (bytes) => put32(bytes, recordAt(bytes, '/', '/boot') + 2, nodeAt('/boot/grub/efi.img').lba),
    ],
    ['far', /behind the end/, (bytes) => put32(bytes, recordAt(bytes, '/', '/boot') + 2, 2 ** 24)],
  ];
  for (const [name, detail, damage] of cases) {
    const iso = join(folder, `${name}.iso`);
    const bytes = await readFile(original);
    damage(bytes);
    await writeFile(iso, bytes);
    await t.rejects(inspectMedium(iso), { code: 'media.damaged', detail }, name);
    await t.rejects(remastered(iso), { code: 'media.damaged' }, name);
  }
});

t.test('an EFI image whose FAT is broken', async (t) => {
  const { boot } = await readMedium(original);
  const at = (boot.elTorito.find(({ platform }) => platform === 'UEFI')?.lba ?? 0) * BLOCK_SIZE;
  const iso = await copyOf(original, join(folder, 'fat.iso'));
  await using file = await open(iso, 'r+');
  await file.write(Buffer.alloc(512, 0xff), 0, 512, at);
  await t.rejects(inspectMedium(iso), { code: 'media.efi-image', where: /fat\.iso@@\d+/ });
  await t.rejects(remastered(iso), { code: 'media.efi-image' });
});

t.test('a menu that is no UTF-8 keeps its bytes', async (t) => {
  const odd = Buffer.concat([Buffer.from('# na\xefve \u00e9 ', 'latin1'), Buffer.from([0x80, 0xff, 10])]);
  t.ok(encodeMenu(decodeMenu(odd)).equals(odd));
  t.equal(decodeMenu(Buffer.from('größe')), 'größe');
  const iso = await rebuilt(original, t.testdir({}), async (tree) => {
    const menu = join(tree, 'isolinux/isolinux.cfg');
    await writeFile(menu, Buffer.concat([odd, await readFile(menu)]));
  });
  await remastered(iso, join(t.testdirName, 'out.iso'));
  const after = await extractAll(join(t.testdirName, 'out.iso'), join(t.testdirName, 'out'));
  const menu = await readFile(join(after, 'isolinux/isolinux.cfg'));
  t.ok(menu.subarray(0, odd.length).equals(odd));
  t.match(menu.toString('latin1'), 'label ingot');
});

t.test('no boot loader; no room', async (t) => {
  const iso = join(folder, 'plain.iso');
  await run('xorriso', ['-no_rc', '-as', 'mkisofs', '-quiet', '-o', iso, join(folder, 'tree')]);
  await t.rejects(remastered(iso), { code: 'media.no-boot-loader' });
  t.match(await inspectMedium(iso), { bootPaths: [], distribution: { name: 'Debian' } });
  const vast = await copyOf(original, join(folder, 'vast.iso'));
  await truncate(vast, 2 ** 43);
  await t.rejects(remastered(vast), { code: 'host.no-space' });
});

t.test('no xorriso, and one that is too old', async (t) => {
  const bin = join(folder, 'bin');
  await mkdir(bin);
  const inspect = () =>
    run(process.execPath, [MAIN, 'media', 'inspect', original], { env: { PATH: bin }, allow: [0, 1] });
  t.match(await inspect(), { exitCode: 1, stderr: /host\.tool-missing/ });
  await writeFile(join(bin, 'xorriso'), '#!/bin/sh\necho "xorriso version   :  1.3.2"\n');
  await chmod(join(bin, 'xorriso'), 0o755);
  await copyFile('/bin/sh', join(bin, 'sh'));
  t.match(await inspect(), { exitCode: 1, stderr: /xorriso 1\.3\.2 is too old[\s\S]*host\.tool-too-old/ });
});

t.test('nothing of all that left a trace', async (t) => {
  t.strictSame(await readdir(join(folder, 'made')), []);
});
