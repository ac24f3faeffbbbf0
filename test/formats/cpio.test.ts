/** The cpio writer against GNU cpio, the reader against the writer, GNU cpio and Debian's own installer initrd. */
import { createReadStream, writeFileSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { zstdCompressSync } from 'node:zlib';
import t from 'tap';
import { type CpioEntry, cpioArchive, withParents } from '../../src/formats/archives/cpio.ts';
import { readCpio } from '../../src/formats/archives/cpio-reader.ts';
import { ByteSource, bytesOf } from '../../src/formats/byte-source.ts';
import { expand, gzip } from '../../src/formats/compression/compression.ts';
import { run } from '../../src/host/run.ts';
import { initrdPaths } from '../../src/media/initrd/installer-paths.ts';

const archiveOf = (entries: readonly CpioEntry[], options = {}): Promise<Buffer> =>
  bytesOf(cpioArchive(entries, options));
const gzipped = (bytes: Uint8Array): Promise<Buffer> => bytesOf(gzip([bytes]));

/** Everything, with contents. */
const entriesOf = (bytes: Uint8Array, pieceSize = bytes.length): Promise<CpioEntry<Uint8Array | undefined>[]> =>
  Array.fromAsync(readCpio(inPieces(bytes, pieceSize), () => true));

function* inPieces(bytes: Uint8Array, size: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.slice(at, at + size);
}

const ENTRIES: readonly CpioEntry[] = [
  { type: 'file', path: 'usr/lib/finish-install.d/90hook', mode: 0o755, content: '#!/bin/sh\n' },
  { type: 'directory', path: 'usr/lib', mode: 0o755 },
  { type: 'directory', path: 'usr', mode: 0o755 },
  { type: 'directory', path: 'usr/lib/finish-install.d', mode: 0o750 },
  { type: 'file', path: './preseed.cfg', mode: 0o600, content: new TextEncoder().encode('d-i x string é\n') },
  { type: 'file', path: '/größe', mode: 0o644, content: '' },
  { type: 'symlink', path: 'lib64', target: 'usr/lib' },
  { type: 'character-device', path: 'console', mode: 0o600, major: 5, minor: 1 },
];

t.test('GNU cpio unpacks what is written', async (t) => {
  const folder = t.testdir({ out: {} });
  const archive = join(folder, 'a.cpio');
  await writeFile(archive, cpioArchive(ENTRIES, { mtime: 1_700_000_000 }));
  const listed = await run('cpio', ['-itvn', '--quiet'], { inputFile: archive });
  t.strictSame(
    listed.stdout
      .split('\n')
      .map((line) => line.replace(/\s+/g, ' ').replace(/^(\S+) \d+ (\d+ \d+) (.*)$/, '$1 $2 $3')),
    [
      'crw------- 0 0 5, 1 Nov 14 2023 console',
      '-rw-r--r-- 0 0 0 Nov 14 2023 größe',
      'lrwxrwxrwx 0 0 7 Nov 14 2023 lib64 -> usr/lib',
      '-rw------- 0 0 16 Nov 14 2023 preseed.cfg',
      'drwxr-xr-x 0 0 0 Nov 14 2023 usr',
      'drwxr-xr-x 0 0 0 Nov 14 2023 usr/lib',
      'drwxr-x--- 0 0 0 Nov 14 2023 usr/lib/finish-install.d',
      '-rwxr-xr-x 0 0 10 Nov 14 2023 usr/lib/finish-install.d/90hook',
    ],
  );
  await run('cpio', ['-id', '--quiet', '--no-preserve-owner', 'preseed.cfg', 'usr/*'], {
    inputFile: archive,
    cwd: join(folder, 'out'),
  });
  t.equal(await readFile(join(folder, 'out/preseed.cfg'), 'utf8'), 'd-i x string é\n');
  t.equal(await readFile(join(folder, 'out/usr/lib/finish-install.d/90hook'), 'utf8'), '#!/bin/sh\n');
});

t.test('same entries, same bytes, in whatever order they come, from memory or from files', async (t) => {
  const archive = await archiveOf(ENTRIES);
  t.strictSame(archive, await archiveOf(ENTRIES.toReversed()));
  t.notSame(archive, await archiveOf(ENTRIES.slice(1)));
  const folder = t.testdir({});
  const onHost = ENTRIES.map((entry, index) => {
    if (entry.type !== 'file') return entry;
    const file = join(folder, String(index));
    writeFileSync(file, entry.content);
    return { ...entry, content: { file } };
  });
  t.strictSame(await bytesOf(cpioArchive(onHost)), archive);
  const packed = await gzipped(archive);
  t.equal(packed.subarray(0, 10).toString('hex'), '1f8b0800000000000203');
  t.strictSame(packed, await bytesOf(gzip(inPieces(archive, 7))), 'however the pieces come');
  const gunzipped = await run('sh', ['-c', 'gzip -dc | cpio -it --quiet'], { input: packed });
  t.match(gunzipped.stdout, 'usr/lib/finish-install.d/90hook');
});

/** As the kernel takes it. */
const xz = async (data: Uint8Array, ...more: string[]): Promise<Buffer> => {
  const outputFile = join(t.testdirName, `${data.length}.xz`);
  await mkdir(t.testdirName, { recursive: true });
  await run('xz', ['--check=crc32', '--stdout', ...more], { input: data, outputFile });
  return readFile(outputFile);
};

t.test('the reader follows segments of every kind and returns what was written, in pieces of any size', async (t) => {
  const sorted = await entriesOf(await archiveOf(ENTRIES));
  t.equal(sorted.length, ENTRIES.length);
  t.strictSame(
    sorted.find(({ path }) => path === 'preseed.cfg'),
    { type: 'file', path: 'preseed.cfg', mode: 0o600, content: Buffer.from('d-i x string é\n') },
  );
  const later = await archiveOf([{ type: 'file', path: 'preseed.cfg', mode: 0o644, content: 'second' }]);
  const named = join(t.testdir({}), 'named.cpio');
  await writeFile(named, later);
  await run('gzip', [named]);
  const segments = Buffer.concat([
    await archiveOf(ENTRIES),
    Buffer.alloc(6),
    await gzipped(later),
    zstdCompressSync(later),
    await gzipped(Buffer.concat([later, later])),
    zstdCompressSync(later),
    zstdCompressSync(later),
    await xz(later),
    // Without compression, with the magic number of a footer in it.
    await xz(
      await archiveOf([{ type: 'file', path: 'YZ', mode: 0o644, content: 'YZ'.repeat(99) }]),
      '--lzma2=preset=0,dict=4KiB,nice=2',
    ),
    await readFile(`${named}.gz`),
    later,
  ]);
  for (const size of [1, 5, 512, 4096, segments.length]) {
    const all = await entriesOf(segments, size);
    t.strictSame(all.slice(0, sorted.length), sorted, `pieces of ${size}`);
    t.equal(all.length, ENTRIES.length + 10);
    t.match(all.at(-1), { type: 'file', path: 'preseed.cfg', content: Buffer.from('second') });
  }
});

t.test('only the contents that are asked for are held', async (t) => {
  const entries = await Array.fromAsync(readCpio(cpioArchive(ENTRIES), (path) => path === 'preseed.cfg'));
  const held = entries.flatMap((entry) => (entry.type === 'file' && entry.content !== undefined ? entry.path : []));
  t.strictSame(held, ['preseed.cfg']);
});

t.test('GNU cpio archives: hard links, devices, no trailer left over', async (t) => {
  const folder = t.testdir({ tree: { a: 'linked content', d: { e: 'other' } } });
  const tree = join(folder, 'tree');
  await run('sh', ['-c', 'ln a b && ln -s b c && find . | sort | cpio -o -H newc --quiet'], {
    cwd: tree,
    outputFile: join(folder, 'x.cpio'),
  });
  const entries = await entriesOf(await readFile(join(folder, 'x.cpio')));
  t.strictSame(
    entries.map(({ type, path }) => `${type} ${path}`),
    ['file a', 'file b', 'symlink c', 'directory d', 'file d/e'],
  );
  for (const entry of entries.slice(0, 2)) t.match(entry, { content: Buffer.from('linked content') });
  const one = await Array.fromAsync(readCpio(createReadStream(join(folder, 'x.cpio')), (path) => path === 'a'));
  t.match(one[0], { path: 'a', content: Buffer.from('linked content') }, 'of whichever name');
  t.match(one[1], { path: 'b', content: undefined });
});

t.test("Debian's installer initrd is read as zcat | cpio reads it", async (t) => {
  const initrd = '/usr/lib/debian-installer/images/12/amd64/text/debian-installer/amd64/initrd.gz';
  const listed = await run('sh', ['-c', `zcat ${initrd} | cpio -it --quiet`]);
  const entries = await Array.fromAsync(readCpio(createReadStream(initrd)));
  t.strictSame(
    entries.map(({ path }) => path),
    listed.stdout.split('\n').filter((path) => path !== '.'),
  );
  t.ok(entries.length > 1000);
});

t.test('missing folders are added, but never over what is there already', (t) => {
  const hook: CpioEntry = { type: 'file', path: 'lib/x/y/hook', mode: 0o755, content: '' };
  t.strictSame(
    withParents([hook]).map(({ path }) => path),
    ['lib', 'lib/x', 'lib/x/y', 'lib/x/y/hook'],
  );
  t.strictSame(
    withParents([hook], new Set(['lib', 'lib/x'])).map(({ path }) => path),
    ['lib/x/y', 'lib/x/y/hook'],
  );
  t.end();
});

t.test('a folder is there when links lead to it, and links in a circle lead nowhere', (t) => {
  const paths = initrdPaths(
    new Map([
      ['lib', 'usr/lib'],
      ['usr', undefined],
      ['usr/lib', undefined],
      ['usr/lib/dracut', undefined],
      ['usr/lib/dracut/hooks', '../../../var/lib/dracut/hooks'],
      ['var/lib/dracut/hooks', undefined],
      ['var/lib/dracut/hooks/pre-pivot', undefined],
      ['one', 'two'],
      ['two', 'one'],
      ['root', '/usr'],
    ]),
  );
  const there = [
    'lib',
    'lib/dracut',
    'lib/dracut/hooks',
    'lib/dracut/hooks/pre-pivot',
    'root/lib',
    'usr/lib/dracut/hooks',
  ];
  for (const path of there) t.ok(paths.has(path), path);
  for (const path of ['lib/dracut/hooks/cmdline', 'one/x', 'lib/x', 'root/dracut']) t.notOk(paths.has(path), path);
  const hook: CpioEntry = { type: 'file', path: 'lib/dracut/hooks/pre-pivot/hook', mode: 0o755, content: '' };
  t.strictSame(withParents([hook], paths), [hook]);
  t.end();
});

t.test('what cannot be written or read has a name', async (t) => {
  const file = (path: string): CpioEntry => ({ type: 'file', path, mode: 0o644, content: 'x' });
  await t.rejects(archiveOf([file('../etc/passwd')]), { code: 'media.cpio-path' });
  await t.rejects(archiveOf([file('a'), file('./a')]), { code: 'media.cpio-path' });
  await t.rejects(archiveOf([file('/')]), { code: 'media.cpio-path' });
  const packed = await gzipped(await archiveOf(ENTRIES));
  const wrongSum = Buffer.from(packed);
  wrongSum.writeUInt8(wrongSum.readUInt8(wrongSum.length - 8) ^ 1, wrongSum.length - 8);
  const wrongBlock = Buffer.from(packed).fill(0xff, 20, 24);
  const long = Buffer.from(await archiveOf([file('a')]));
  long.write('7fffffff', 94, 'latin1');
  const zstd = zstdCompressSync(await archiveOf(ENTRIES));
  for (const [bytes, code] of [
    [(await archiveOf([file('a')])).subarray(0, 112), 'media.cpio-damaged'],
    [(await archiveOf([file('a')])).subarray(0, 80), 'media.cpio-damaged'],
    [long, 'media.cpio-damaged'],
    [Buffer.from('this is no archive'), 'media.cpio-damaged'],
    [packed.subarray(0, 60), 'media.compression'],
    [packed.subarray(0, -3), 'media.compression'],
    [wrongSum, 'media.compression'],
    [wrongBlock, 'media.compression'],
    [zstd.subarray(0, -9), 'media.compression'],
    [Buffer.from(zstd).fill(0xff, 12, 30), 'media.compression'],
  ] as const)
    for (const size of [10, bytes.length]) await t.rejects(entriesOf(bytes, size), { code });
  const bzip2 = new ByteSource([Buffer.from('BZh91AY&SY')]);
  await t.rejects(bytesOf(expand(bzip2)), { code: 'media.compression', message: /cannot expand bzip2/ });
  const gone = createReadStream(join(t.testdir({}), 'gone'));
  await t.rejects(Array.fromAsync(readCpio(gone)), { code: 'ENOENT' });
});

t.test('xz data that is cut off or damaged, and a host without xz', async (t) => {
  const packed = await xz(await archiveOf(ENTRIES));
  const damaged = Buffer.from(packed);
  damaged.writeUInt8(damaged.readUInt8(40) ^ 1, 40);
  await t.rejects(entriesOf(packed.subarray(0, -4)), { code: 'media.compression', message: /does not end/ });
  await t.rejects(entriesOf(damaged), { code: 'media.compression', message: /damaged/ });
  const { PATH } = process.env;
  t.teardown(() => Object.assign(process.env, { PATH }));
  process.env['PATH'] = t.testdir({});
  await t.rejects(entriesOf(packed), { code: 'host.tool-missing', hint: /xz-utils/ });
});

t.test('bytes are taken out of pieces that are valid one at a time', async (t) => {
  const whole = Buffer.from(Array.from({ length: 5 * 2 ** 20 }, (_, nth) => nth % 251));
  const once = Buffer.alloc(2 ** 16);
  const source = () =>
    new ByteSource(
      (function* () {
        for (let at = 0; at < whole.length; at += once.length) {
          const length = whole.copy(once, 0, at);
          yield once.subarray(0, length);
        }
      })(),
    );
  for (const size of [0, 1, once.length, once.length + 1, 2 ** 20, 2 ** 22 + 1, whole.length]) {
    await using bytes = source();
    await bytes.take(7);
    const taken = await bytes.take(size);
    t.ok(taken.equals(whole.subarray(7, 7 + size)), `${size} bytes`);
    t.equal(bytes.taken, 7 + taken.length);
  }
  await using short = source();
  t.equal((await short.take(2 * whole.length)).length, whole.length, 'fewer at the end');
  await using nearly = source();
  await nearly.skip(whole.length - 10);
  t.equal((await nearly.take(100)).length, 10);
  t.equal((await nearly.take(100)).length, 0);
});
