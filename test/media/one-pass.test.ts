/** A copy that grows: the frame first, the bulk in one pass after all else, or blocks that are shared. */
import { createHash } from 'node:crypto';
import { copyFile, mkdir, open, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { digestFile } from '../../src/host/digest.ts';
import { temporaryFolder } from '../../src/host/files.ts';
import { run } from '../../src/host/run.ts';
import { checkIsoMd5 } from '../../src/media/checks/isomd5.ts';
import { between, bulkOf, liesWithin } from '../../src/media/iso/bulk.ts';
import { beginCopy } from '../../src/media/iso/copy-iso.ts';
import { growthOf, mendStatedSizes, stateSize } from '../../src/media/iso/growth.ts';
import { BLOCK_SIZE, readVolume } from '../../src/media/iso/iso9660.ts';
import { readMedium } from '../../src/media/iso/medium.ts';
import { passThrough } from '../../src/media/iso/pass-through.ts';
import { parseBlocks, sharedSpans } from '../../src/media/iso/shared-blocks.ts';
import { masterIso } from '../../src/media/master.ts';
import { type RemasterOptions, remaster } from '../../src/media/remaster.ts';
import { verifyMedium } from '../../src/media/verify/verify.ts';
import { silentReporter } from '../../src/report.ts';
import { DATE, writeTree } from './fixture.ts';

const MIB = 2 ** 20;
const folder = t.testdir({});

/** Bytes of which no two blocks are the same. */
const numbered = (length: number, seed: number): Buffer => {
  const bytes = Buffer.alloc(length);
  for (let at = 0; at + 8 <= length; at += 8) bytes.writeUInt32LE(at + seed, at);
  return bytes;
};

/** Two long runs of files with short ones before, between and after them, in the order of their names. */
const makeOriginal = async (): Promise<string> => {
  const tree = await writeTree(join(folder, 'tree'));
  await mkdir(join(tree, 'pool', 'large'), { recursive: true });
  for (const [name, size] of [
    ['a', 3 * MIB],
    ['b', 700_001],
    ['c', 1500],
    ['d', 2 * MIB + 1],
  ] as const)
    await writeFile(join(tree, 'pool', 'large', name), numbered(size, size));
  const iso = join(folder, 'original.iso');
  await masterIso({ tree, output: iso, volumeId: 'ONEPASS', date: DATE, parts: '/' });
  return iso;
};

const original = await makeOriginal();
const medium = await readMedium(original);

const remastered = (output: string, options: Partial<RemasterOptions> = {}) =>
  remaster({
    iso: original,
    output,
    initrdEntries: [{ type: 'file', path: 'preseed.cfg', mode: 0o600, content: 'answers' }],
    mediumFiles: [{ path: '/preseed.cfg', content: 'answers' }],
    kernelArguments: { installer: ['auto=true'], target: [] },
    menu: { start: 'ask', title: 'One pass' },
    date: DATE + 60,
    reporter: silentReporter,
    ...options,
  });

t.test('the bulk is long runs of files, without what boots', async (t) => {
  const bulk = bulkOf(medium);
  const large = [...medium.files].filter(([path]) => path.startsWith('/pool/large/')).flatMap(([, extents]) => extents);
  t.ok(
    large.every((extent) => liesWithin(bulk, extent)),
    'short files of a long run are in it',
  );
  for (const path of ['/boot/grub/efi.img', '/isolinux/isolinux.bin'])
    t.notOk(liesWithin(bulk, medium.files.get(path)?.[0] ?? { lba: 0, size: 1 }), path);
  const { fileSize } = medium.volume;
  const all = [...bulk, ...between(bulk, fileSize)].sort((a, b) => a.at - b.at);
  t.equal(
    all.reduce((end, { at, length }) => (at === end ? end + length : Number.NaN), 0),
    fileSize,
    'bulk and frame are the whole, and nothing twice',
  );
  t.strictSame(between([], 5), [{ at: 0, length: 5 }]);
});

t.test('nothing but the bulk is missing in a frame, and the pass brings it', async (t) => {
  const output = join(folder, 'frame.iso');
  const growth = growthOf(medium, 0) ?? { end: 0 };
  t.strictSame(growth, { end: medium.volume.volumeSize / BLOCK_SIZE });
  const { isShared, bulk } = await beginCopy(medium, growth, output);
  if (isShared) return void t.pass('not tried', { skip: 'blocks are shared here: there is no frame' });
  const frame = await stat(output);
  t.equal(frame.size, medium.volume.fileSize);
  t.ok(frame.blocks * 512 < frame.size - 5 * MIB, 'the holes take no room');
  t.match(await readMedium(output), { files: medium.files, boot: medium.boot }, 'it reads as the original');

  const seen: number[] = [];
  const progress: number[] = [];
  let next = 0;
  const originals = createHash('sha256');
  await passThrough({
    iso: original,
    output,
    bulk,
    seeOriginal: ({ bytes }) => void originals.update(bytes),
    see: ({ bytes, at }) => {
      t.equal(at, next);
      next = at + bytes.length;
      seen.push(at);
    },
    reporter: { ...silentReporter, progress: (done) => void progress.push(done) },
  });
  t.equal(next, frame.size, 'all went by');
  t.equal(originals.digest('hex'), await digestFile(original, 'sha256'), 'of the original too, in its order');
  t.strictSame(progress.at(-1), frame.size);
  t.equal(await digestFile(output, 'sha256'), await digestFile(original, 'sha256'));
});

t.test('where a medium can grow, and what it then states', async (t) => {
  const { boot, volume } = medium;
  const end = volume.volumeSize / BLOCK_SIZE;
  const [bios, uefi] = boot.elTorito;
  if (bios === undefined || uefi === undefined) return void t.fail('it boots by both');
  const gpt = boot.gpt.slice(0, 1);
  const efi = {
    number: 2,
    type: 'ab',
    name: 'Appended2',
    active: false,
    start: uefi.lba * 4,
    blocks: 100,
    path: undefined,
  };
  const gap = { ...efi, number: 3, name: 'Gap1', start: efi.start + 100 };
  const hidden = { ...boot, elTorito: [bios, { ...uefi, path: undefined }], gpt: [...gpt, efi, gap], mbr: [] };
  const files = new Map([...medium.files].filter(([, all]) => all.every(({ lba }) => lba < uefi.lba)));
  const place = { number: 2, at: uefi.lba * BLOCK_SIZE, length: 51_200, isBootImage: true };
  const inGpt = { ...place, type: 'ab', isGpt: true, isProtected: false };
  const protective = { ...efi, number: 1, type: '0xee', start: 1 };
  const isohybrid = { ...hidden, systemArea: ['MBR', 'isohybrid', 'GPT'] };
  for (const [why, other, appended] of [
    ['in the GPT', hidden, inGpt],
    ['a protective MBR', { ...isohybrid, mbr: [protective] }, { ...inGpt, isProtected: true }],
    ['in both', { ...isohybrid, mbr: [{ ...efi, type: '0xef' }] }, { ...inGpt, type: '0xef', isGpt: false }],
  ] as const)
    t.strictSame(growthOf({ ...medium, files, boot: other }, 0), { end: uefi.lba, appended }, why);
  for (const [why, other] of [
    [
      'not UEFI',
      { ...medium, files, boot: { ...hidden, elTorito: [bios, { ...uefi, path: undefined, platform: 'BIOS' }] } },
    ],
    ['not the last image', { ...medium, files, boot: { ...hidden, elTorito: hidden.elTorito.toReversed() } }],
    ['HFS+', { ...medium, files, boot: { ...hidden, apm: [{ ...efi, type: 'Apple_HFS' }] } }],
    ['a file after it', { ...medium, boot: hidden }],
    ['no partition for it', { ...medium, files, boot: { ...hidden, gpt } }],
    ['two more', { ...medium, files, boot: { ...hidden, gpt: [...gpt, efi, { ...gap, name: 'data' }] } }],
    ['longer than the file', { ...medium, files, boot: { ...hidden, gpt: [...gpt, { ...efi, blocks: 2 ** 31 }] } }],
    [
      'two images',
      { ...medium, files, boot: { ...hidden, elTorito: hidden.elTorito.map((one) => ({ ...one, path: undefined })) } },
    ],
    ['a partition that is no image', { ...medium, boot: { ...boot, gpt: [], mbr: [{ ...efi, start: end * 4 }] } }],
  ] as const)
    t.equal(growthOf(other, 0), undefined, why);

  t.equal(growthOf({ ...medium, files, boot: hidden }, 2 ** 32), undefined, 'libisofs counts in 32 bits there');
  t.ok(growthOf(medium, 2 ** 33), 'but not here');

  const copy = join(folder, 'stated.iso');
  await copyFile(original, copy);
  const stated = async (): Promise<number> => (await readVolume(copy)).volumeSize / BLOCK_SIZE;
  await mendStatedSizes(copy, { end });
  t.equal(await stated(), end, 'it is right');
  await stateSize(copy, end - 20);
  t.equal(await stated(), end - 20);
  await truncate(copy, 2 ** 33 + 2 ** 30);
  // As xorriso would say of one that has grown by 20 blocks, after 8 GiB.
  await mendStatedSizes(copy, { end: end - 40 + 2 ** 22 });
  t.equal(await stated(), end - 20 + 2 ** 22);
  await rm(copy);
});

t.test('a remaster by frame and bulk is right by every reader, whoever counts', async (t) => {
  const phases: string[] = [];
  const output = join(folder, 'ask.iso');
  const reporter = { ...silentReporter, phase: (name: string) => void phases.push(name) };
  const { changed } = await remastered(output, { reporter });
  t.match(phases, ['menus', 'write', /^(copy|verify)$/]);
  const after = await readMedium(output);
  // Without a word of what was copied: each byte is read.
  t.match(await verifyMedium(medium, after, changed), { unchanged: medium.files.size - 3 });
  const tree = join(folder, 'extracted');
  await run('xorriso', ['-no_rc', '-osirrox', 'on', '-indev', output, '-extract', '/', tree]);
  await run('md5sum', ['-c', '--quiet', '--strict', 'md5sum.txt'], { cwd: tree });

  // What was said to be copied is not read; what lies elsewhere, or is not of that, is.
  const place = (path: string): number => (after.files.get(path)?.[0]?.lba ?? 0) * BLOCK_SIZE;
  const bulk = bulkOf(medium);
  for (const [path, isSeen] of [
    ['/pool/large/a', false],
    ['/boot/grub/efi.img', true],
  ] as const) {
    const copy = join(folder, 'damaged.iso');
    await copyFile(output, copy);
    {
      await using file = await open(copy, 'r+');
      await file.write('?', place(path) + 3);
    }
    const damaged = await readMedium(copy);
    await t.rejects(verifyMedium(medium, damaged, changed), { code: 'media.verify-files', detail: path });
    const told = verifyMedium(medium, damaged, changed, { copied: bulk });
    if (isSeen) await t.rejects(told, { code: 'media.verify-files', detail: path });
    else await t.resolves(told);
  }
  const moved = new Map(after.files).set('/pool/large/a', after.files.get('/pool/large/d') ?? []);
  await t.rejects(verifyMedium(medium, { ...after, files: moved }, changed, { copied: bulk }), {
    code: 'media.verify-files',
    detail: '/pool/large/a',
  });
});

t.test('isomd5 is that of the finished medium', async (t) => {
  const iso = join(folder, 'isomd5.iso');
  const without = ['-boot_image', 'any', 'replay', '-rm', '/md5sum.txt', '--', '-commit'];
  await run('xorriso', ['-no_rc', '-indev', original, '-outdev', iso, ...without]);
  await run('implantisomd5', ['--supported-iso', iso]);
  const output = join(folder, 'isomd5-out.iso');
  await remastered(output, { iso });
  t.match(await checkIsoMd5(output), { holds: true, implanted: { isSupported: true } });
  t.equal((await run('checkisomd5', [output])).exitCode, 0);
});

t.test('an end in the middle has a name, and leaves nothing', async (t) => {
  const place = t.testdir({});
  const output = join(place, 'out.iso');
  let ends = 0;
  for (const at of ['write', 'copy', 'verify']) {
    const stop = new AbortController();
    const reporter = { ...silentReporter, phase: (name: string) => void (name === at && stop.abort()) };
    const ended = remastered(output, { reporter, signal: stop.signal });
    await ended.catch((error: unknown) => t.match(error, { code: 'interrupted' }, `${at}: ${++ends}`));
  }
  t.equal(ends, 2, 'at the write, and at the one of the others that there is');
  await rm(output, { force: true });
  t.strictSame(await readdir(place), []);

  const shorter = join(folder, 'shorter.iso');
  await copyFile(original, shorter);
  await truncate(shorter, 4 * MIB);
  await writeFile(output, '');
  const bulk = bulkOf(medium);
  const passing = { iso: shorter, output, bulk, reporter: silentReporter };
  await t.rejects(passThrough(passing), { code: 'media.truncated', message: /4194304 of \d+ bytes/ });
  await t.rejects(passThrough({ ...passing, iso: original, output: '/dev/full' }), {
    code: 'host.no-space',
    where: '/dev',
  });
});

/** As filefrag 1.47 prints it. */
const FRAGMENTS = `Filesystem type is: 58465342
File size of /x/one is 20971520 (5120 blocks of 4096 bytes)
 ext:     logical_offset:        physical_offset: length:   expected: flags:
   0:        0..    2047:         24..      2071:   2048:             shared
   1:     2048..    4095:       9024..     11071:   2048:       2072: shared
   2:     4096..    5119:      50000..     51023:   1024:      11072: last,shared,eof
/x/one: 3 extents found
File size of /x/other is 20971520 (5120 blocks of 4096 bytes)
 ext:     logical_offset:        physical_offset: length:   expected: flags:
   0:        0..      19:         24..        43:     20:             shared
   1:       20..      21:       5164..      5165:      2:         44:
   2:       22..    2047:         46..      2071:   2026:       5166: shared
   3:     2048..    4095:       9024..     11071:   2048:       2072: shared
   4:     4096..    5119:      50000..     51023:   1024:      11072: last,encoded,shared,eof
/x/other: 5 extents found
`;

t.test('which blocks are the same, by what filefrag prints', async (t) => {
  const [one = [], other = []] = parseBlocks(FRAGMENTS);
  t.equal(one.length, 3);
  t.strictSame(other[1], { at: 20 * 4096, from: 5164 * 4096, length: 2 * 4096 });
  t.equal(other.length, 4, 'packed blocks are not what they seem');
  t.strictSame(parseBlocks('nothing'), []);
  // A command of that name says what the real one would.
  const tools = t.testdir({ filefrag: `#!/bin/sh\ncat <<'END'\n${FRAGMENTS}END\n` });
  await run('chmod', ['+x', join(tools, 'filefrag')]);
  const path = process.env['PATH'];
  process.env['PATH'] = `${tools}:${path}`;
  t.strictSame(await sharedSpans('/x/one', '/x/other'), [
    { at: 0, length: 20 * 4096 },
    { at: 22 * 4096, length: 4074 * 4096 },
  ]);
  process.env['PATH'] = path;
  t.strictSame(await sharedSpans('/x/one', '/x/other'), [], 'no files, no blocks');
  const copy = join(folder, 'copied');
  await copyFile('/etc/hostname', copy);
  t.strictSame(await sharedSpans('/etc/hostname', copy), []);
});

t.test('a file system that shares blocks: the same bytes, and what is shared is not read', async (t) => {
  await using place = await temporaryFolder();
  const [image, mounted] = [join(place.path, 'image'), join(place.path, 'mounted')];
  await mkdir(mounted);
  await writeFile(image, '');
  await truncate(image, 400 * MIB);
  await run('mkfs.xfs', ['-q', image]);
  const { exitCode } = await run('mount', ['-o', 'loop', image, mounted], { allow: [0, 1, 32] });
  if (exitCode !== 0) return void t.pass('not tried', { skip: 'mounting takes root and a loop device' });
  await using _mounted = { [Symbol.asyncDispose]: async () => void (await run('umount', [mounted])) };
  const iso = join(mounted, 'original.iso');
  await copyFile(original, iso);
  const output = join(mounted, 'out.iso');
  await remastered(output, { iso });
  t.ok((await readFile(output)).equals(await readFile(join(folder, 'ask.iso'))), 'as on any other file system');
  const bulk = bulkOf(medium);
  const shared = await sharedSpans(iso, output);
  t.ok(
    bulk.every(({ at, length }) => liesWithin(shared, { lba: at / BLOCK_SIZE, size: length - 2 * BLOCK_SIZE })),
    'the bulk is shared',
  );
  t.notOk(liesWithin(shared, { lba: 16, size: BLOCK_SIZE }), 'the volume descriptor is not');
  {
    await using file = await open(output, 'r+');
    await file.write('?', (bulk[0]?.at ?? 0) + 5000);
  }
  const { at = 0 } = bulk[0] ?? {};
  t.notOk(liesWithin(await sharedSpans(iso, output), { lba: at / BLOCK_SIZE, size: MIB }), 'a written byte ends it');
});
