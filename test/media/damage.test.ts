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
import { checkSoundness } from '../../src/media/verify/soundness.ts';
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

/** The attributes of `/boot` become a field that goes on elsewhere (SUSP `CE`: block, offset, length). */
const continueAt = (bytes: Buffer, place: 'itself' | readonly [number, number, number]): void => {
  const record = recordAt(bytes, '/', '/boot');
  const length = bytes.readUInt8(record + 32);
  const at = record + 33 + length + (length % 2 === 0 ? 1 : 0);
  bytes.write('CE\x1c\x01', at, 'latin1');
  const own = [Math.floor(at / BLOCK_SIZE), at % BLOCK_SIZE, 28] as const;
  for (const [index, value] of (place === 'itself' ? own : place).entries()) put32(bytes, at + 4 + index * 8, value);
  // Fields that follow begin where this one ends.
  bytes.fill(0, at + 28, record + bytes.readUInt8(record));
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
      /reaches past/,
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
      /not a directory/,
      (bytes) => put32(bytes, recordAt(bytes, '/', '/boot') + 2, nodeAt('/boot/grub/efi.img').lba),
    ],
    ['far', /past the end/, (bytes) => put32(bytes, recordAt(bytes, '/', '/boot') + 2, 2 ** 24)],
    ['small', /\/ has a broken record at byte 0/, (bytes) => put32(bytes, 16 * BLOCK_SIZE + 156 + 10, 3)],
    ['rr-loop', /^\/BOOT goes on for ever/, (bytes) => continueAt(bytes, 'itself')],
    ['rr-large', /^\/BOOT goes on with 4294967295 bytes/, (bytes) => continueAt(bytes, [20, 0, 2 ** 32 - 1])],
    ['rr-far', /^\/BOOT goes on at block 4294967295, past the end/, (bytes) => continueAt(bytes, [2 ** 32 - 1, 0, 28])],
    ['blocks', /blocks of 512 bytes/, (bytes) => bytes.writeUInt16LE(512, 16 * BLOCK_SIZE + 128)],
    [
      'catalog',
      /boot catalog would lie at block 99999999/,
      (bytes) => bytes.writeUInt32LE(99_999_999, 17 * BLOCK_SIZE + 71),
    ],
    [
      'image',
      /boot catalog has a boot image at block 4294967110, past the end/,
      (bytes) => bytes.writeUInt32LE(4_294_967_110, bytes.readUInt32LE(17 * BLOCK_SIZE + 71) * BLOCK_SIZE + 32 + 8),
    ],
    ['xorriso-only', /^xorriso: /, (bytes) => bytes.writeUInt8(255, recordAt(bytes, '/boot', '/boot/grub') + 1)],
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

t.test('what cannot boot is not sound', async (t) => {
  const { boot } = await readMedium(original);
  const bios = boot.elTorito.find(({ platform }) => platform === 'BIOS')?.lba ?? 0;
  const efi = boot.elTorito.find(({ platform }) => platform === 'UEFI')?.lba ?? 0;
  const clean = await readFile(original);
  const catalog = clean.readUInt32LE(17 * BLOCK_SIZE + 71) * BLOCK_SIZE;
  const loader = clean.indexOf(
    (await readFile('/usr/lib/shim/shimx64.efi.signed')).subarray(0, 2048),
    efi * BLOCK_SIZE,
  );
  const header = loader + clean.readUInt32LE(loader + 60);
  const sections = header + 24 + clean.readUInt16LE(header + 20);
  /** The entry of the BIOS image names another block; the validation entry's sum is not about it. */
  const moveBios = (bytes: Buffer, lba: number): unknown => bytes.writeUInt32LE(lba, catalog + 32 + 8);
  const cases: readonly (readonly [string, RegExp, (bytes: Buffer) => unknown])[] = [
    [
      'catalog sum',
      /boot catalog has a wrong checksum/,
      (bytes) => bytes.writeUInt8(bytes.readUInt8(catalog + 5) ^ 1, catalog + 5),
    ],
    ['catalog signature', /boot catalog has no validation entry/, (bytes) => bytes.writeUInt16LE(0, catalog + 30)],
    [
      'BIOS at a folder',
      /BIOS boot image at block \d+ is the folder \/boot\/grub/,
      (bytes) => moveBios(bytes, nodeAt('/boot/grub').lba),
    ],
    [
      "BIOS at a file's middle",
      /BIOS boot image at block \d+ is in the middle of \/boot\/grub\/efi\.img/,
      (bytes) => moveBios(bytes, efi + 3),
    ],
    [
      'BIOS at a text',
      /BIOS boot image at block \d+ is a text/,
      (bytes) => moveBios(bytes, nodeAt('/isolinux/isolinux.cfg').lba),
    ],
    ['BIOS at descriptors', /BIOS boot image at block 16 is where the descriptors/, (bytes) => moveBios(bytes, 16)],
    [
      'BIOS zeroed',
      /BIOS boot image at block \d+ has no code/,
      (bytes) => bytes.fill(0, bios * BLOCK_SIZE, (bios + 1) * BLOCK_SIZE),
    ],
    [
      'loader zeroed',
      /BOOTX64\.EFI of the EFI image does not begin as a program/,
      (bytes) => bytes.fill(0, loader, loader + 2048),
    ],
    [
      'PE header zeroed',
      /BOOTX64\.EFI of the EFI image has no PE header/,
      (bytes) => bytes.fill(0, header, header + 16),
    ],
    [
      'loader for another machine',
      /BOOTX64\.EFI of the EFI image is for machine 0xaa64/,
      (bytes) => bytes.writeUInt16LE(0xaa64, header + 4),
    ],
    [
      'section away',
      /BOOTX64\.EFI of the EFI image is cut: its section/,
      (bytes) => bytes.writeUInt32LE(2 ** 30, sections + 20),
    ],
    ['GPT zeroed', /GPT is gone from its place/, (bytes) => bytes.fill(0, 512, 1024)],
  ];
  t.strictSame((await checkSoundness(await readMedium(original))).problems, []);
  const iso = join(folder, 'unsound.iso');
  for (const [name, problem, damage] of cases) {
    const bytes = Buffer.from(clean);
    damage(bytes);
    await writeFile(iso, bytes);
    const { problems } = await checkSoundness(await readMedium(iso));
    t.match(problems.join('\n'), problem, name);
  }
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
