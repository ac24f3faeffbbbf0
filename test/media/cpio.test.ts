/** The cpio writer against GNU cpio, the reader against the writer, GNU cpio and Debian's own installer initrd. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { zstdCompressSync } from 'node:zlib';
import t from 'tap';
import { run } from '../../src/host/run.ts';
import { expand, gzip } from '../../src/media/initrd/compression.ts';
import { type CpioEntry, withParents, writeCpio } from '../../src/media/initrd/cpio.ts';
import { readCpio } from '../../src/media/initrd/cpio-reader.ts';

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
  await writeFile(archive, writeCpio(ENTRIES, { mtime: 1_700_000_000 }));
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

t.test('same entries, same bytes, in whatever order they come', async (t) => {
  t.strictSame(writeCpio(ENTRIES), writeCpio(ENTRIES.toReversed()));
  t.notSame(writeCpio(ENTRIES), writeCpio(ENTRIES.slice(1)));
  const packed = gzip(writeCpio(ENTRIES));
  t.equal(Buffer.from(packed).subarray(0, 10).toString('hex'), '1f8b0800000000000203');
  const gunzipped = await run('sh', ['-c', 'gzip -dc | cpio -it --quiet'], { input: packed });
  t.match(gunzipped.stdout, 'usr/lib/finish-install.d/90hook');
});

t.test('the reader follows segments of every kind and returns what was written', async (t) => {
  const sorted = readCpio(writeCpio(ENTRIES));
  t.equal(sorted.length, ENTRIES.length);
  t.strictSame(readCpio(writeCpio(sorted)), sorted);
  const later = writeCpio([{ type: 'file', path: 'preseed.cfg', mode: 0o644, content: 'second' }]);
  const named = join(t.testdir({}), 'named.cpio');
  await writeFile(named, later);
  await run('gzip', [named]);
  const segments = [
    writeCpio(ENTRIES),
    Buffer.alloc(6),
    gzip(later),
    zstdCompressSync(later),
    gzip(Buffer.concat([later, later])),
    await readFile(`${named}.gz`),
    later,
  ];
  const all = readCpio(Buffer.concat(segments));
  t.equal(all.length, ENTRIES.length + 6);
  t.match(all.at(-1), { type: 'file', path: 'preseed.cfg', content: Buffer.from('second') });
});

t.test('GNU cpio archives: hard links, devices, no trailer left over', async (t) => {
  const folder = t.testdir({ tree: { a: 'linked content', d: { e: 'other' } } });
  const tree = join(folder, 'tree');
  await run('sh', ['-c', 'ln a b && ln -s b c && find . | sort | cpio -o -H newc --quiet'], {
    cwd: tree,
    outputFile: join(folder, 'x.cpio'),
  });
  const entries = readCpio(await readFile(join(folder, 'x.cpio')));
  t.strictSame(
    entries.map(({ type, path }) => `${type} ${path}`),
    ['file a', 'file b', 'symlink c', 'directory d', 'file d/e'],
  );
  for (const entry of entries.slice(0, 2)) t.match(entry, { content: Buffer.from('linked content') });
});

t.test("Debian's installer initrd is read as zcat | cpio reads it", async (t) => {
  const initrd = '/usr/lib/debian-installer/images/12/amd64/text/debian-installer/amd64/initrd.gz';
  const listed = await run('sh', ['-c', `zcat ${initrd} | cpio -it --quiet`]);
  const entries = readCpio(await readFile(initrd));
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

t.test('what cannot be written or read has a name', (t) => {
  const file = (path: string): CpioEntry => ({ type: 'file', path, mode: 0o644, content: 'x' });
  t.throws(() => writeCpio([file('../etc/passwd')]), { code: 'media.cpio-path' });
  t.throws(() => writeCpio([file('a'), file('./a')]), { code: 'media.cpio-path' });
  t.throws(() => writeCpio([file('/')]), { code: 'media.cpio-path' });
  t.throws(() => readCpio(writeCpio([file('a')]).subarray(0, 112)), { code: 'media.cpio-damaged' });
  t.throws(() => readCpio(Buffer.from('this is no archive')), { code: 'media.cpio-damaged' });
  t.throws(() => readCpio(gzip(writeCpio(ENTRIES)).subarray(0, 60)), { code: 'media.compression' });
  t.throws(() => expand(Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0])), { code: 'media.compression' });
  t.end();
});
