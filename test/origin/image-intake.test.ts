/**
 * Images as people publish them are taken in; broken and hostile ones are refused by name, before QEMU opens them, with the
 * file as it was and nothing left behind. Oracles: qemu-img makes every image and compares what came of it.
 */
import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import t, { type Test } from 'tap';
import { IngotError } from '../../src/errors.ts';
import { temporaryFolder } from '../../src/host/files.ts';
import { checkHeaders } from '../../src/origin/image-headers.ts';
import { type IntakeOptions, takeImage } from '../../src/origin/image-intake.ts';
import type { IntakeFormat } from '../../src/recipe/schema/origin-schema.ts';
import { readImageName } from '../../src/recipe/values/image-name.ts';
import { silentReporter } from '../../src/report.ts';
import { mutateHeaders } from './mutated-headers.ts';

const runFile = promisify(execFile);
const work = await temporaryFolder('ingot-intake-');
t.teardown(() => work[Symbol.asyncDispose]());
const at = (name: string): string => join(work.path, name);
const sh = (command: string) => runFile('sh', ['-ec', command], { cwd: work.path, encoding: 'buffer' });
const digest = async (path: string): Promise<string> =>
  createHash('sha256')
    .update(await readFile(path))
    .digest('hex');

const MIB = 2 ** 20;
const content = Buffer.alloc(8 * MIB);
randomBytes(300_000).copy(content, MIB);
content.fill('end', 7 * MIB, 7 * MIB + 5000);
await writeFile(at('disk.raw'), content);

/** File, format and options of `qemu-img convert`. */
const MADE: readonly (readonly [string, string, string?])[] = [
  ['disk.qcow2', 'qcow2'],
  ['v2.qcow2', 'qcow2', 'compat=0.10'],
  ['zstd.qcow2', 'qcow2', 'compression_type=zstd,cluster_size=1M'],
  ['extended.qcow2', 'qcow2', 'extended_l2=on,cluster_size=128k'],
  ['small.qcow2', 'qcow2', 'cluster_size=512'],
  ['lazy.qcow2', 'qcow2', 'lazy_refcounts=on'],
  ['disk.vmdk', 'vmdk'],
  ['stream.vmdk', 'vmdk', 'subformat=streamOptimized'],
  ['disk.vhd', 'vpc'],
  ['fixed.vhd', 'vpc', 'subformat=fixed'],
  ['disk.vhdx', 'vhdx'],
  ['fixed.vhdx', 'vhdx', 'subformat=fixed'],
  ['disk.vdi', 'vdi'],
  ['static.vdi', 'vdi', 'static=on'],
];
for (const [name, format, options] of MADE)
  await runFile('qemu-img', [
    ...['convert', '-f', 'raw', '-O', format],
    ...(options === undefined ? [] : ['-o', options]),
    at('disk.raw'),
    at(name),
  ]);

const u16le = (at: number, value: number) => (bytes: Buffer) => void bytes.writeUInt16LE(value, at);
const u32 = (at: number, value: number) => (bytes: Buffer) => void bytes.writeUInt32BE(value, at);
const u32le = (at: number, value: number) => (bytes: Buffer) => void bytes.writeUInt32LE(value, at);
const u64 = (at: number, value: bigint) => (bytes: Buffer) => void bytes.writeBigUInt64BE(value, at);
const u64le = (at: number, value: bigint) => (bytes: Buffer) => void bytes.writeBigUInt64LE(value, at);
const cut = (end: number) => (bytes: Buffer) => bytes.subarray(0, end < 0 ? bytes.length + end : end);
/** In a VMDK's descriptor, whose length stays. */
const words = (from: RegExp, to: string) => (bytes: Buffer) => {
  const text = bytes.toString('latin1', 512, 2560);
  if (!from.test(text)) throw new Error(`no ${from}`);
  Buffer.from(text.replace(from, to).padEnd(2048, '\0').slice(0, 2048), 'latin1').copy(bytes, 512);
};
/** And the sum that a VHD's footer carries. */
const footer =
  (patch: Patch, sumAt = 64, from = 0, length = 512) =>
  (bytes: Buffer) => {
    patch(bytes);
    const part = bytes.subarray(from, from + length);
    part.writeUInt32BE(0, sumAt);
    part.writeUInt32BE(~part.reduce((sum, byte) => sum + byte, 0) >>> 0, sumAt);
  };
/** Changes the bytes, or gives others. */
type Patch = (bytes: Buffer) => unknown;

const applied = (bytes: Buffer, patch: Patch): Buffer => {
  const made = patch(bytes);
  return Buffer.isBuffer(made) ? made : bytes;
};

const VHD_HEADER = 512;
/** Where qemu-img put the metadata of the VHDX, and their values behind the table. */
const METADATA = (await readFile(at('disk.vhdx'))).indexOf('metadata');
const FAR = '/etc/passwd';

/** An image, what is done to its bytes, and the error. */
const BROKEN: Readonly<Record<string, readonly [string, Patch, string]>> = {
  'qcow2: a backing file': ['disk.qcow2', withName(8, 16, FAR), 'needs-files'],
  'qcow2: a backing file beside it': ['disk.qcow2', withName(8, 16, 'disk.raw'), 'needs-files'],
  'qcow2: a backing file as json:': ['disk.qcow2', withName(8, 16, 'json:{"driver":"nbd"}'), 'needs-files'],
  'qcow2: a length of a backing name alone': ['disk.qcow2', u32(16, 9), 'needs-files'],
  'qcow2: a data file': ['disk.qcow2', u64(72, 4n), 'needs-files'],
  'qcow2: the name of a data file': ['disk.qcow2', both(u32(112, 0x44415441), u32(116, 8)), 'needs-files'],
  'qcow2: AES': ['disk.qcow2', u32(32, 1), 'encrypted'],
  'qcow2: LUKS': ['disk.qcow2', u32(32, 2), 'encrypted'],
  'qcow2: a header of LUKS': ['disk.qcow2', both(u32(112, 0x0537be77), u32(116, 16)), 'encrypted'],
  'qcow2: version 1': ['disk.qcow2', u32(4, 1), 'unsupported'],
  'qcow2: version 4': ['disk.qcow2', u32(4, 4), 'unsupported'],
  'qcow2: a feature nobody knows': ['disk.qcow2', u64(72, 1n << 40n), 'unsupported'],
  'qcow2: marked as corrupt': ['disk.qcow2', u64(72, 2n), 'truncated'],
  'qcow2: clusters of 2^63': ['disk.qcow2', u32(20, 63), 'header'],
  'qcow2: clusters of 2^8': ['disk.qcow2', u32(20, 8), 'header'],
  'qcow2: an L1 table of 4 Gi entries': ['disk.qcow2', u32(36, 0xffff_ffff), 'header'],
  'qcow2: an L1 table too small for the disk': ['small.qcow2', u32(36, 1), 'header'],
  'qcow2: an L1 table between clusters': ['disk.qcow2', u64(40, 0x30100n), 'header'],
  'qcow2: an L1 table over the header': ['disk.qcow2', u64(40, 0n), 'header'],
  'qcow2: an L1 table beyond the end': ['disk.qcow2', u64(40, 1n << 40n), 'truncated'],
  'qcow2: an L1 table beyond all numbers': ['disk.qcow2', u64(40, 0xffff_ffff_ffff_0000n), 'truncated'],
  'qcow2: a reference table of no clusters': ['disk.qcow2', u32(56, 0), 'header'],
  'qcow2: a reference table of 4 Gi clusters': ['disk.qcow2', u32(56, 0xffff_ffff), 'header'],
  'qcow2: a reference table beyond the end': ['disk.qcow2', u64(48, 1n << 41n), 'truncated'],
  'qcow2: 4 Gi snapshots': ['disk.qcow2', u32(60, 0xffff_ffff), 'header'],
  'qcow2: snapshots beyond the end': ['disk.qcow2', both(u32(60, 3), u64(64, 1n << 40n)), 'truncated'],
  'qcow2: a header of 4 GiB': ['disk.qcow2', u32(100, 0xffff_fff8), 'header'],
  'qcow2: a header of 8 bytes': ['disk.qcow2', u32(100, 8), 'header'],
  'qcow2: reference counts of 2^7 bits': ['disk.qcow2', u32(96, 7), 'header'],
  'qcow2: an extension of 4 GiB': ['disk.qcow2', both(u32(112, 0x6803f857), u32(116, 0xffff_fff0)), 'header'],
  'qcow2: a disk of 8 EiB': ['disk.qcow2', u64(24, 1n << 63n), 'too-large'],
  'qcow2: a disk without bytes': ['disk.qcow2', u64(24, 0n), 'header'],
  'qcow2: a disk larger than its tables': ['disk.qcow2', u64(24, 2n ** 43n), 'header'],
  'qcow2: cut off in its header': ['disk.qcow2', cut(80), 'truncated'],
  'qcow2: cut off in its tables': ['disk.qcow2', cut(70_000), 'truncated'],
  'qcow2: cut off in its data': ['disk.qcow2', cut(-200_000), 'truncated'],
  'qcow2: clusters that lead elsewhere': [
    'disk.qcow2',
    (bytes) => void bytes.fill(0xff, 0x30000, 0x30008),
    'truncated',
  ],
  'raw: half a sector': ['disk.raw', cut(8 * MIB - 100), 'truncated'],
  'raw: empty': ['disk.raw', cut(0), 'header'],
  'vmdk: a parent': ['disk.vmdk', words(/parentCID=ffffffff/, `parentCID=12345678`), 'needs-files'],
  'vmdk: the name of a parent': [
    'disk.vmdk',
    words(/ddb\.tools/, `parentFileNameHint="${FAR}"\nddb.tools`),
    'needs-files',
  ],
  'vmdk: the name of a parent amid a line': [
    'disk.vmdk',
    words(/ddb\.tools/, `x parentFileNameHint="${FAR}"\nd`),
    'needs-files',
  ],
  'vmdk: an extent elsewhere': ['disk.vmdk', words(/RW \d+ SPARSE "[^"]*"/, `RW 16384 FLAT "${FAR}" 0`), 'needs-files'],
  'vmdk: two extents': ['disk.vmdk', words(/(RW \d+ SPARSE ")/, `RW 8 FLAT "${FAR}" 0\n$1`), 'needs-files'],
  'vmdk: no extent': ['disk.vmdk', words(/RW \d+ SPARSE "[^"]*"/, '#'), 'needs-files'],
  'vmdk: another type': ['disk.vmdk', words(/monolithicSparse/, 'twoGbMaxExtentSparse'), 'unsupported'],
  'vmdk: a header before a descriptor': ['disk.vmdk', u64le(12, 0n), 'needs-files'],
  'vmdk: no descriptor': ['disk.vmdk', u64le(28, 0n), 'unsupported'],
  'vmdk: a descriptor beyond the end': ['disk.vmdk', u64le(28, 1n << 40n), 'truncated'],
  'vmdk: version 9': ['disk.vmdk', u32le(4, 9), 'unsupported'],
  'vmdk: grains of 3 sectors': ['disk.vmdk', u64le(20, 3n), 'header'],
  'vmdk: grains of 2^50 sectors': ['disk.vmdk', u64le(20, 1n << 50n), 'header'],
  'vmdk: grain tables of 4 Gi entries': ['disk.vmdk', u32le(44, 0xffff_ffff), 'header'],
  'vmdk: a disk of 8 EiB': ['disk.vmdk', u64le(12, 1n << 54n), 'too-large'],
  'vmdk: line ends changed': ['disk.vmdk', (bytes) => void bytes.write('\n\n', 75), 'header'],
  'vmdk: a directory beyond the end': ['disk.vmdk', u64le(56, 1n << 40n), 'truncated'],
  'vmdk: a footer that is not there': ['stream.vmdk', u64le(56, 0xffff_ffff_ffff_ffffn), 'truncated'],
  'vmdk: a footer with a descriptor': [
    'stream.vmdk',
    both(u64le(56, 0xffff_ffff_ffff_ffffn), withFooter(u64le(12, 0n))),
    'header',
  ],
  'vmdk: a compression nobody knows': ['stream.vmdk', u16le(77, 9), 'unsupported'],
  'vmdk: cut off in its data': ['disk.vmdk', cut(-200_000), 'truncated'],
  'vmdk: stream, cut off in its data': ['stream.vmdk', cut(-200_000), 'truncated'],
  'vhd: differencing': ['disk.vhd', footer(u32(60, 4)), 'needs-files'],
  'vhd: of a type nobody knows': ['disk.vhd', footer(u32(60, 9)), 'unsupported'],
  'vhd: a parent in the header': ['disk.vhd', footer(u32(VHD_HEADER + 40, 7), 36, VHD_HEADER, 1024), 'needs-files'],
  'vhd: a wrong sum': ['disk.vhd', u32(60, 4), 'header'],
  'vhd: a table of 4 Gi blocks': [
    'disk.vhd',
    footer(u32(VHD_HEADER + 28, 0xffff_ffff), 36, VHD_HEADER, 1024),
    'header',
  ],
  'vhd: blocks of 3 bytes': ['disk.vhd', footer(u32(VHD_HEADER + 32, 3), 36, VHD_HEADER, 1024), 'header'],
  'vhd: a table beyond the end': [
    'disk.vhd',
    footer(u64(VHD_HEADER + 16, 1n << 40n), 36, VHD_HEADER, 1024),
    'truncated',
  ],
  'vhd: a block beyond the end': ['disk.vhd', u32(1536, 0x7fff_ffff), 'truncated'],
  'vhd: a disk of 8 EiB': ['disk.vhd', footer(u64(48, 1n << 63n)), 'too-large'],
  'vhd: cut off in its data': ['disk.vhd', cut(-400_000), 'truncated'],
  'vhd: fixed, without its begin': ['fixed.vhd', (bytes) => bytes.subarray(MIB), 'truncated'],
  'vhdx: differencing': ['disk.vhdx', u32le(METADATA + 64 * 1024 + 4, 2), 'needs-files'],
  'vhdx: blocks of 7 bytes': ['disk.vhdx', u32le(METADATA + 64 * 1024, 7), 'header'],
  'vhdx: a disk of 8 EiB': ['disk.vhdx', u64le(METADATA + 64 * 1024 + 8, 1n << 63n), 'too-large'],
  'vhdx: 65535 metadata': ['disk.vhdx', u16le(METADATA + 10, 0xffff), 'header'],
  'vhdx: no region table': ['disk.vhdx', u32le(192 * 1024, 0), 'header'],
  'vhdx: 4 Gi regions': ['disk.vhdx', u32le(192 * 1024 + 8, 0xffff_ffff), 'header'],
  'vhdx: cut off in its data': ['disk.vhdx', cut(-5 * MIB), 'truncated'],
  'vhdx: cut off in its header': ['disk.vhdx', cut(100_000), 'truncated'],
  'vdi: differencing': ['disk.vdi', u32le(76, 4), 'needs-files'],
  'vdi: linked to another': ['disk.vdi', u32le(424, 1), 'needs-files'],
  'vdi: a parent': ['disk.vdi', u32le(440, 1), 'needs-files'],
  'vdi: another version': ['disk.vdi', u32le(68, 2), 'unsupported'],
  'vdi: a table of 4 Gi blocks': ['disk.vdi', u32le(384, 0xffff_fff0), 'header'],
  'vdi: a table too short': ['disk.vdi', u32le(384, 1), 'header'],
  'vdi: blocks of 1 byte': ['disk.vdi', u32le(376, 1), 'header'],
  'vdi: a table beyond the end': ['disk.vdi', u32le(340, 0x7fff_ffff), 'truncated'],
  'vdi: a block beyond the end': ['disk.vdi', u32le(512 + 4, 0x7fff_ffff), 'truncated'],
  'vdi: a disk of 8 EiB': ['disk.vdi', u64le(368, 1n << 63n), 'too-large'],
  'vdi: cut off in its data': ['disk.vdi', cut(-400_000), 'truncated'],
};

function both(...patches: readonly Patch[]): Patch {
  return (bytes) => patches.reduce(applied, bytes);
}

/** A name in the free part of the first cluster, with its place and length in the header. */
function withName(place: number, length: number, name: string): Patch {
  return both(u64(place, 4096n), u32(length, name.length), (bytes) => void bytes.write(name, 4096));
}

/** The last three sectors that VMware writes, with a copy of the header in the middle. */
function withFooter(patch: Patch): Patch {
  return (bytes) => {
    const copy = Buffer.from(bytes.subarray(0, 512));
    copy.writeBigUInt64LE(0x1an, 56);
    patch(copy);
    const marker = Buffer.alloc(512);
    marker.writeBigUInt64LE(1n, 0);
    marker.writeUInt32LE(3, 12);
    return Buffer.concat([bytes, marker, copy, Buffer.alloc(512)]);
  };
}

const patched = async (name: string, patch: Patch): Promise<Buffer> => applied(await readFile(at(name)), patch);

const folder = at('taken');
const take = (path: string, options: Partial<IntakeOptions> = {}) =>
  takeImage(path, { folder, reporter: silentReporter, ...options });

/** The error of an image that has to be refused; the file stays as it was, and the folder empty. */
const refusal = async (t: Test, path: string, options: Partial<IntakeOptions> = {}): Promise<IngotError> => {
  const before = await digest(path);
  const error = await take(path, options).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  t.equal(await digest(path), before, 'the file is as it was');
  t.same(await readdir(folder).catch(() => []), [], 'nothing is left');
  await rm(folder, { recursive: true, force: true });
  if (!(error instanceof IngotError)) throw new Error(`not refused: ${error}`);
  t.ok(error.hint, 'it says what to do');
  return error;
};

/** What came of an image holds the same disk. */
const accepted = async (t: Test, path: string, options: Partial<IntakeOptions> = {}) => {
  const before = await digest(path);
  const taken = await take(path, options);
  t.equal(await digest(path), before, 'the file is as it was');
  t.same(await readdir(folder), ['image.qcow2'], 'and there is nothing else');
  await runFile('qemu-img', ['compare', '-f', 'qcow2', '-F', 'raw', taken.path, at('disk.raw')]);
  const { stdout } = await runFile('qemu-img', ['info', '-f', 'qcow2', '--output=json', taken.path]);
  t.match(JSON.parse(stdout), { format: 'qcow2', 'virtual-size': taken.virtualSize });
  t.notMatch(stdout, /backing/);
  const isSame = (await digest(taken.path)) === before;
  await rm(folder, { recursive: true });
  return { ...taken, isSame };
};

t.test('every format that qemu-img writes', async (t) => {
  for (const [name, format] of [['disk.raw', 'raw'], ...MADE] as const)
    await t.test(name, async (t) => {
      const taken = await accepted(t, at(name));
      t.equal(taken.from.format, format);
      t.equal(taken.isSame, format === 'qcow2', 'a qcow2 stays as it is');
    });
});

t.test('a qcow2 with snapshots, and one that was not closed, are written anew', async (t) => {
  await sh('cp disk.qcow2 snapshot.qcow2 && qemu-img snapshot -c one snapshot.qcow2');
  await writeFile(at('dirty.qcow2'), await patched('lazy.qcow2', u64(72, 1n)));
  for (const name of ['snapshot.qcow2', 'dirty.qcow2']) t.equal((await accepted(t, at(name))).isSame, false, name);
});

t.test('a footer in place of the header’s directory, as VMware writes it', async (t) => {
  const whole = both(
    u64le(56, 0xffff_ffff_ffff_ffffn),
    withFooter(() => undefined),
  );
  await writeFile(at('footer.vmdk'), await patched('stream.vmdk', whole));
  t.match(await accepted(t, at('footer.vmdk')), { from: { format: 'vmdk' } });
});

t.test('compressions, archives and names', async (t) => {
  await sh('for f in disk.raw disk.qcow2 stream.vmdk; do gzip -k $f; xz -0 -k $f; zstd -q -1 -k $f; done');
  await sh(
    'head -c 4000000 disk.raw | gzip > two.raw.gz; tail -c +4000001 disk.raw | gzip >> two.raw.gz; head -c 512 /dev/zero >> two.raw.gz',
  );
  await sh('head -c 4000000 disk.raw | xz -0 > two.raw.xz; tail -c +4000001 disk.raw | xz -0 >> two.raw.xz');
  await sh('head -c 4000000 disk.raw | zstd -q > two.raw.zst; tail -c +4000001 disk.raw | zstd -q >> two.raw.zst');
  await sh(
    'echo text > README; tar -cJf one.tar.xz disk.raw; tar -czf read.tar.gz README disk.qcow2; tar -cJf dot.tar.xz ./disk.raw',
  );
  await sh(
    'tar --sparse -cJf sparse.tar.xz disk.raw; tar --sparse --format=pax -czf pax.tgz disk.raw; tar -cf plain.tar disk.raw',
  );
  await sh(
    'cp disk.raw closed.raw; chmod 000 closed.raw; tar -czf closed.tar.gz closed.raw 2>/dev/null || { chmod 600 closed.raw; tar --mode=000 -czf closed.tar.gz closed.raw; }',
  );
  await sh(
    'cp disk.qcow2 ubuntu.img; cp disk.raw by-digest; cp disk.raw "nbd.x:1.raw"; mkdir -p u; cp disk.raw -- u/-O.raw',
  );
  const cases: readonly (readonly [string, Partial<IntakeOptions>, object])[] = [
    ...['disk.raw', 'disk.qcow2', 'stream.vmdk', 'two.raw'].flatMap((name) =>
      (['gz', 'xz', 'zst'] as const).map(
        (end) => [`${name}.${end}`, {}, { compression: { gz: 'gzip', xz: 'xz', zst: 'zstd' }[end] }] as const,
      ),
    ),
    ['one.tar.xz', {}, { format: 'raw', compression: 'xz', container: 'tar' }],
    ['dot.tar.xz', {}, { format: 'raw', container: 'tar' }],
    ['read.tar.gz', {}, { format: 'qcow2', compression: 'gzip', container: 'tar' }],
    ['sparse.tar.xz', {}, { format: 'raw', container: 'tar' }],
    ['pax.tgz', {}, { format: 'raw', compression: 'gzip', container: 'tar' }],
    ['plain.tar', {}, { format: 'raw', container: 'tar' }],
    ['closed.tar.gz', {}, { format: 'raw', container: 'tar' }],
    ['ubuntu.img', { format: 'qcow2' }, { format: 'qcow2' }],
    ['disk.vhd', { format: 'vhd' }, { format: 'vpc' }],
    ['by-digest', { name: 'debian.raw' }, { format: 'raw' }],
    ['u/-O.raw', {}, { format: 'raw' }],
    ['nbd.x:1.raw', {}, { format: 'raw' }],
  ];
  for (const [name, options, from] of cases)
    await t.test(name, async (t) => {
      t.match((await accepted(t, at(name), options)).from, from);
    });
});

const ovf = (rest: { disks?: string; file?: string; head?: string } = {}): string =>
  `<?xml version="1.0"?>${rest.head ?? ''}<!-- <DiskSection><Disk ovf:fileRef="no"/></DiskSection> -->
<Envelope xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1"><References>
<File ovf:id="f&amp;1" ovf:href="stream.vmdk" ovf:size="1" ${rest.file ?? ''}/><File ovf:id="f2" ovf:href="disk.vmdk"/></References>
<ovf:DiskSection><Info>disks</Info>${rest.disks ?? "<Disk ovf:diskId='d1' ovf:fileRef='f&amp;1'/><Disk ovf:diskId='empty' ovf:capacity='1'/>"}
</ovf:DiskSection></Envelope>`;

t.test('an OVA', async (t) => {
  const text = ovf();
  const mf = async (algorithm: string) =>
    `${algorithm.toUpperCase()}(m.ovf)= ${createHash(algorithm).update(text).digest('hex')}\n` +
    `${algorithm.toUpperCase()}(stream.vmdk)= ${createHash(algorithm)
      .update(await readFile(at('stream.vmdk')))
      .digest('hex')}\n`;
  const wrong = (await mf('sha256')).replace(/[0-9a-f]{64}\n$/, `${'0'.repeat(64)}\n`);
  /** What is in it beside the disk. */
  const make = async (name: string, files: Readonly<Record<string, string>>, ...disks: readonly string[]) => {
    const from = at(`${name}.d`);
    await mkdir(from);
    for (const [file, written] of Object.entries(files)) await writeFile(join(from, file), written);
    for (const disk of disks) await sh(`cp ${disk} '${from}'`);
    const order = [...Object.keys(files), ...disks];
    await runFile('tar', ['-C', from, '--format=ustar', '-cf', at(name), '--', ...order]);
    return at(name);
  };
  const disk = 'stream.vmdk';
  const good: readonly (readonly [string, string, Partial<IntakeOptions>?])[] = [
    ['plain', await make('a.ova', { 'm.ovf': text }, disk)],
    ['SHA-256', await make('b.ova', { 'm.ovf': text, 'm.mf': await mf('sha256') }, disk)],
    ['SHA-1', await make('c.ova', { 'm.ovf': text, 'm.mf': await mf('sha1') }, disk)],
    ['more files', await make('d.ova', { 'm.ovf': text, 'x.nvram': 'x' }, disk, 'disk.vmdk')],
    ['named by the recipe', await make('e', { 'm.ovf': text }, disk), { format: 'ova' }],
  ];
  for (const [what, path, options] of good)
    t.match((await accepted(t, path, options)).from, { container: 'ova' }, what);
  await sh('gzip -k a.ova');
  t.match((await accepted(t, at('a.ova.gz'))).from, { format: 'vmdk', compression: 'gzip', container: 'ova' });

  const two = "<Disk ovf:fileRef='f&amp;1'/><Disk ovf:fileRef='f2'/>";
  const invalid = 'origin.ovf-invalid';
  const bad: readonly (readonly [string, string, string])[] = [
    ['a wrong sum', await make('1.ova', { 'm.ovf': text, 'm.mf': wrong }, disk), 'origin.digest-mismatch'],
    [
      'another descriptor',
      await make('2.ova', { 'm.ovf': `${text}\n`, 'm.mf': wrong }, disk),
      'origin.digest-mismatch',
    ],
    [
      'no sum of the disk',
      await make(
        '3.ova',
        { 'm.ovf': text, 'm.mf': `SHA256(m.ovf)= ${createHash('sha256').update(text).digest('hex')}\n` },
        disk,
      ),
      'origin.image-archive',
    ],
    ['a page as sums', await make('4.ova', { 'm.ovf': text, 'm.mf': '<html>' }, disk), 'origin.sums-unreadable'],
    [
      'several disks',
      await make('5.ova', { 'm.ovf': ovf({ disks: two }) }, disk, 'disk.vmdk'),
      'origin.image-several-disks',
    ],
    ['no disk', await make('6.ova', { 'm.ovf': ovf({ disks: '<Disk ovf:capacity="1"/>' }) }, disk), invalid],
    [
      'a file nobody names',
      await make('7.ova', { 'm.ovf': ovf({ disks: '<Disk ovf:fileRef="f9"/>' }) }, disk),
      invalid,
    ],
    ['pieces', await make('8.ova', { 'm.ovf': ovf({ file: 'ovf:chunkSize="9"' }) }, disk), invalid],
    [
      'a compression nobody knows',
      await make('9.ova', { 'm.ovf': ovf({ file: 'ovf:compression="lz"' }) }, disk),
      invalid,
    ],
    [
      'a document type',
      await make('10.ova', { 'm.ovf': ovf({ head: '<!DOCTYPE x SYSTEM "file:///etc/passwd">' }) }, disk),
      invalid,
    ],
    ['half a tag', await make('16.ova', { 'm.ovf': `${text}<Disk ` }, disk), invalid],
    ['many tags that do not end', await make('17.ova', { 'm.ovf': '<Disk '.repeat(500_000) }, disk), invalid],
    ['many comments that do not end', await make('18.ova', { 'm.ovf': '<!-- '.repeat(500_000) }, disk), invalid],
    ['an attribute of a megabyte', await make('19.ova', { 'm.ovf': `<Disk ${'a'.repeat(2 ** 20)}>` }, disk), invalid],
    [
      'a section that does not end',
      await make('20.ova', { 'm.ovf': text.replace('</ovf:DiskSection>', '') }, disk),
      invalid,
    ],
    ['text', await make('11.ova', { 'm.ovf': 'text' }, disk), invalid],
    ['a disk that is not there', await make('12.ova', { 'm.ovf': text }), 'origin.image-archive'],
    [
      'a path out of it',
      await make('13.ova', { 'm.ovf': text.replace('stream.vmdk', '../disk.raw') }, disk),
      'origin.image-archive',
    ],
    ['no descriptor', await make('14.ova', { README: 'x' }, disk), 'origin.image-archive'],
    ['two descriptors', await make('15.ova', { 'm.ovf': text, 'n.ovf': text }, disk), 'origin.image-archive'],
    ['no archive', at('disk.raw.ova'), 'origin.image-archive'],
  ];
  await sh('cp disk.raw disk.raw.ova');
  for (const [what, path, code] of bad) t.match(await refusal(t, path), { code }, what);
});

t.test('broken and hostile headers', async (t) => {
  t.ok(Object.keys(BROKEN).length >= 30);
  // Each call of qemu-img is written down, and then made.
  const calls = at('calls');
  const real = (await sh('command -v qemu-img')).stdout.toString().trim();
  await mkdir(at('bin'));
  await writeFile(at('bin/qemu-img'), `#!/bin/sh\necho "$*" >>'${calls}'\nexec '${real}' "$@"\n`, { mode: 0o755 });
  const path = process.env['PATH'];
  process.env['PATH'] = `${at('bin')}:${path}`;
  t.teardown(() => {
    process.env['PATH'] = path;
  });
  for (const [what, [from, patch, code]] of Object.entries(BROKEN))
    await t.test(what, async (t) => {
      const broken = at(`broken.${from.split('.').at(-1)}`);
      await writeFile(broken, await patched(from, patch));
      await writeFile(calls, '');
      const error = await refusal(t, broken);
      t.match(error, { code: `origin.image-${code}`, where: broken });
      // What its tables say of its data QEMU alone knows.
      const called = await readFile(calls, 'utf8');
      if (!error.message.includes('qemu-img check')) return void t.equal(called, '', 'QEMU has not seen it');
      t.match(what, /data|elsewhere/);
      t.match(called, /^check -q -f (qcow2|vmdk|vhdx|vdi) \S+\n$/, 'and is told the format');
    });
  await writeFile(calls, '');
  await accepted(t, at('disk.raw'));
  t.match(await readFile(calls, 'utf8'), /^convert -p -W -m 8 -f raw -O qcow2 \S+ \S+\n/);
});

t.test('whatever stands in a header, the answer is a size or a named error', async (t) => {
  // The same bytes each time: a linear congruential generator (Numerical Recipes).
  let state = 1;
  const next = (below: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const path = at('odd');
  const places: Readonly<Record<string, readonly [IntakeFormat, number, number]>> = {
    'disk.qcow2': ['qcow2', 0, 200],
    'stream.vmdk': ['vmdk', 0, 1200],
    'disk.vhd': ['vhd', 0, 1600],
    'disk.vhdx': ['vhdx', 192 * 1024, 100],
    'disk.vdi': ['vdi', 64, 500],
  };
  let refused = 0;
  for (const [name, [format, from, length]] of Object.entries(places)) {
    const whole = (await readFile(at(name))).subarray(0, 4 * MIB);
    for (let round = 0; round < 60; round++) {
      const bytes = Buffer.from(whole);
      for (let flip = 0; flip < 1 + (round % 4); flip++)
        bytes[from + next(length)] = [0, 0xff, next(256)][next(3)] ?? 0;
      await writeFile(path, bytes);
      const named = readImageName(path, format).format;
      const answer = await checkHeaders(path, named).catch((error: unknown) => error);
      if (answer instanceof IngotError && answer.code.startsWith('origin.image-')) refused += 1;
      else if (answer instanceof Error) t.fail(`${name}, round ${round}: ${answer}`);
      else if (!Number.isSafeInteger(Object(answer).virtualSize)) t.fail(`${name}, round ${round}: no size`);
    }
  }
  t.ok(refused > 20, `${refused} of 300`);
});

t.test('layers that qemu-img makes, and descriptors', async (t) => {
  const make = (format: string, name: string, ...options: string[]) =>
    runFile('qemu-img', ['create', '-q', '-f', format, ...options, name, '8M'], { cwd: work.path });
  await make('qcow2', 'layer.qcow2', '-F', 'raw', '-b', at('disk.raw'));
  await make('qcow2', 'near.qcow2', '-F', 'qcow2', '-b', 'disk.qcow2');
  await make('qcow2', 'data.qcow2', '-o', `data_file=${at('data.img')}`);
  await make('vmdk', 'layer.vmdk', '-F', 'vmdk', '-b', at('disk.vmdk'));
  await make('vmdk', 'flat.vmdk', '-o', 'subformat=monolithicFlat');
  await make('vmdk', 'two.vmdk', '-o', 'subformat=twoGbMaxExtentSparse');
  await writeFile(
    at('own.vmdk'),
    `# Disk DescriptorFile\nversion=1\nCID=1\nparentCID=ffffffff\ncreateType="monolithicFlat"\nRW 8 FLAT "${FAR}" 0\n`,
  );
  for (const name of ['layer.qcow2', 'near.qcow2', 'data.qcow2', 'layer.vmdk', 'flat.vmdk', 'two.vmdk', 'own.vmdk'])
    t.match(await refusal(t, at(name)), { code: 'origin.image-needs-files' }, name);
});

t.test('names that do not fit, archives that hide something, what is damaged', async (t) => {
  const copies: Readonly<Record<string, string>> = {
    'q.raw': 'disk.qcow2',
    'v.raw': 'fixed.vhd',
    'g.raw': 'disk.raw.gz',
    'r.qcow2': 'disk.raw',
    'm.vdi': 'disk.vmdk',
    'g.qcow2': 'disk.qcow2.gz',
    'x.raw.gz': 'disk.raw.xz',
    'n.raw.gz': 'disk.raw',
    'i.img': 'disk.qcow2',
    noname: 'disk.raw',
    'l.qcow2.gz': 'disk.raw.gz',
  };
  for (const [to, from] of Object.entries(copies)) await sh(`cp ${from} ${to}`);
  await sh(
    'head -c 100000 disk.raw.gz > cut.raw.gz; head -c 100000 disk.raw.xz > cut.raw.xz; head -c 100000 disk.raw.zst > cut.raw.zst',
  );
  await sh(
    'cp disk.raw.gz bad.raw.gz; printf xxxx | dd of=bad.raw.gz bs=1 seek=200000 conv=notrunc status=none; (cat disk.raw.gz; echo rest) > rest.raw.gz',
  );
  await sh(
    'cp disk.raw second.raw; tar -czf several.tar.gz disk.raw second.raw; tar -czf none.tar.gz README; gzip -c README > text.tar.gz',
  );
  await sh(
    'tar -czf up.tar.gz --absolute-names --transform "s,^,../," disk.raw; tar -czf deep.tar.gz --transform "s,^,a/b/," disk.raw; tar -czf dup.tar.gz disk.raw disk.raw --hard-dereference; head -c 300000 one.tar.xz > cut.tar.xz',
  );
  await symlink('/etc/passwd', at('link.raw'));
  await sh('tar -czf link.tar.gz link.raw; tar -czf both.tar.gz link.raw --transform "s,second,link," second.raw');
  const differs = 'origin.image-format-differs';
  const archive = 'origin.image-archive';
  const cases: readonly (readonly [string, string, Partial<IntakeOptions>?])[] = [
    ['q.raw', differs],
    ['v.raw', differs],
    ['g.raw', differs],
    ['r.qcow2', differs],
    ['m.vdi', differs],
    ['g.qcow2', differs],
    ['x.raw.gz', differs],
    ['n.raw.gz', differs],
    ['l.qcow2.gz', differs],
    ['disk.qcow2', differs, { format: 'raw' }],
    ['i.img', differs, { format: 'raw' }],
    ['one.tar.xz', differs, { format: 'qcow2' }],
    ['i.img', 'origin.image-format-unnamed'],
    ['noname', 'origin.image-format-unnamed'],
    ['cut.raw.gz', 'media.compression'],
    ['cut.raw.xz', 'media.compression'],
    ['cut.raw.zst', 'media.compression'],
    ['bad.raw.gz', 'media.compression'],
    ['rest.raw.gz', 'media.compression'],
    ['several.tar.gz', archive],
    ['none.tar.gz', 'origin.image-format-unnamed'],
    ['text.tar.gz', archive],
    ['up.tar.gz', archive],
    ['deep.tar.gz', archive],
    ['link.tar.gz', archive],
    ['cut.tar.xz', 'media.compression'],
    ['disk.raw', 'origin.image-no-room', { leftFree: 2 ** 60 }],
    ['one.tar.xz', 'media.expands-too-far', { leftFree: 2 ** 60 }],
    ['disk.raw.gz', 'media.expands-too-far', { leftFree: 2 ** 60 }],
    ['disk.raw.zst', 'media.expands-too-far', { leftFree: 2 ** 60 }],
    ['plain.tar', archive, { leftFree: 2 ** 60 }],
  ];
  for (const [name, code, options] of cases)
    await t.test(`${name} ${JSON.stringify(options ?? {})}`, async (t) => {
      t.match(await refusal(t, at(name), options), { code });
    });
  for (const path of [
    'json:{"driver":"raw"}',
    'nbd:localhost:10809',
    'nbd://localhost/x.raw',
    'ssh://a/b.qcow2',
    'file:/x.raw',
  ])
    await t.rejects(take(path), { code: 'origin.image-name', hint: /./ }, path);
  for (const path of [at('none.raw'), at('u')])
    await t.rejects(take(path, { format: 'raw' }), { code: 'origin.image-missing' });
  const stopped = AbortSignal.abort();
  await t.rejects(take(at('disk.raw.gz'), { signal: stopped }), { code: 'interrupted' });
  t.same(await readdir(folder), []);
});

t.test('a file of the store is linked, one of the user is not', async (t) => {
  for (const isOwn of [true, false]) {
    const { path } = await take(at('disk.qcow2'), { isOwn });
    t.equal((await stat(path)).ino === (await stat(at('disk.qcow2'))).ino, isOwn);
    await rm(folder, { recursive: true });
  }
});

t.test('headers that were changed by chance end with a fact or a name', async (t) => {
  for (const name of ['disk.qcow2', 'disk.vmdk', 'stream.vmdk', 'disk.vhd', 'fixed.vhd', 'disk.vhdx', 'disk.vdi']) {
    const before = await digest(at(name));
    const found = await mutateHeaders(at(name), 12, 24);
    t.same(
      found.filter(({ code }) => code !== undefined && !code.startsWith('origin.image-')),
      [],
      name,
    );
    t.equal(await digest(at(name)), before);
  }
});
