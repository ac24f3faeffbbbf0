import { randomBytes } from 'node:crypto';
import { open, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { openDisk } from '../../src/capture/disk/disk.ts';
import { openFat } from '../../src/capture/fat.ts';
import { type FileNode, type FileTree, readTree } from '../../src/capture/file-tree.ts';
import { openGuestFiles } from '../../src/capture/guest-files.ts';
import { openImage } from '../../src/capture/open-image.ts';
import { temporaryFolder } from '../../src/host/files.ts';
import { run } from '../../src/host/run.ts';
import { diskWith, type Files, makeDisk } from './small-disk.ts';

const ROOT = 14 * 2 ** 20;

const contentOf = async (node: FileNode | undefined): Promise<Buffer> =>
  Buffer.concat(node ? await Array.fromAsync(node.content(), (piece) => Buffer.from(piece)) : []);

const debugfs = (image: string, request: string, more: readonly string[] = []) =>
  run('debugfs', [...more, '-R', request, `${image}?offset=${ROOT}`]);

const BINARY = randomBytes(700_000).toString('latin1');
const MANY = Object.fromEntries(Array.from({ length: 700 }, (_, nth) => [`/many/a-rather-long-name-${nth}`, `${nth}`]));
const VARIED: Files = {
  ...MANY,
  '/data/binary': BINARY,
  '/data/tiny': 'inline',
  '/data/empty': '',
  '/data/set': { mode: 0o4755, text: 'x' },
  '/data/short': { link: '../etc/hostname' },
  '/data/long': { link: `/${'a'.repeat(80)}/target` },
  '/data/with space and ü': 'named',
};

t.test('every kind of ext file system is read as debugfs reads it', async (t) => {
  const kinds: readonly (readonly [name: string, root: readonly string[]])[] = [
    ['ext4', ['-t', 'ext4']],
    ['lists of blocks', ['-t', 'ext2', '-b', '1024']],
    ['small inodes', ['-t', 'ext3', '-I', '128']],
    ['content in inodes', ['-t', 'ext4', '-O', 'inline_data', '-I', '256']],
    ['small blocks, meta groups', ['-t', 'ext4', '-b', '1024', '-O', 'meta_bg,^resize_inode', '-g', '1024']],
    ['32 bits, two superblocks', ['-t', 'ext4', '-O', '^64bit,sparse_super2,^resize_inode']],
    ['clusters', ['-t', 'ext4', '-O', 'bigalloc', '-C', '16384']],
  ];
  for (const [name, root] of kinds) {
    const image = await diskWith(t, VARIED, { root });
    await writeFile(join(image, '..', 'value'), 'v'.repeat(100));
    await debugfs(image, 'ea_set /data/tiny user.test short', ['-w']);
    await debugfs(image, `ea_set -f ${join(image, '..', 'value')} /data/binary user.long`, ['-w']);
    await using opened = await openImage(image);
    const tree = await readTree(opened.files.mounts);
    await sameAsDebugfs(t, name, image, tree);
    t.equal((await contentOf(tree.get('/data/binary'))).toString('utf8'), BINARY, `${name}: content`);
    t.equal((await contentOf(tree.get('/data/tiny'))).toString(), 'inline', name);
    t.equal(tree.get('/data/long')?.target, `/${'a'.repeat(80)}/target`, name);
    t.equal(tree.get('/data/tiny')?.attributes?.get('user.test')?.toString(), 'short', name);
    t.equal(tree.get('/data/binary')?.attributes?.get('user.long')?.toString(), 'v'.repeat(100), name);
    const { superblock } = opened.files.mounts.find(({ path }) => path === '/')?.tree ?? {};
    const header = (await run('dumpe2fs', ['-h', `${image}?offset=${ROOT}`])).stdout;
    const stated = (field: string) => Number(new RegExp(`^${field}: +(\\d+)$`, 'm').exec(header)?.[1]);
    t.match(superblock, { blocks: stated('Block count'), freeBlocks: stated('Free blocks'), clean: true }, name);
  }
});

/** Names, types, modes, owners and sizes of all folders, as `ls` of debugfs gives them. */
const sameAsDebugfs = async (t: Test, name: string, image: string, tree: FileTree): Promise<void> => {
  const { mounts } = await openGuestFiles(image);
  const root = mounts.find(({ path }) => path === '/');
  const folders = ['/', ...[...tree.values()].filter(({ type }) => type === 'folder').map(({ path }) => path)];
  const expected: unknown[] = [];
  for (const folder of folders.filter((path) => !path.startsWith('/boot/efi'))) {
    const prefix = folder === '/' ? '/' : `${folder}/`;
    for (const entry of (await root?.files.list(folder)) ?? [])
      expected.push(lineOf({ ...entry, path: `${prefix}${entry.name}` }));
  }
  const found = [...tree.values()].filter(({ path }) => !path.startsWith('/boot/efi/')).map(lineOf);
  t.ok(expected.length > 750, `${name}: ${expected.length} names`);
  t.same(found.sort(), expected.sort(), name);
};

const lineOf = ({
  path,
  type,
  mode = 0,
  uid,
  gid,
  size,
}: Pick<FileNode, 'path' | 'type' | 'mode' | 'uid' | 'gid' | 'size'>) =>
  `${path} ${type} ${mode.toString(8)} ${uid}:${gid} ${type === 'folder' ? '' : size}`;

t.test('holes, extents that were never written, and files with many extents', async (t) => {
  const image = await diskWith(t, { '/data/sparse': 'begin' });
  const folder = join(image, '..');
  const sparse = join(folder, 'sparse');
  await writeFile(sparse, 'first');
  await truncate(sparse, 3_000_000);
  await using file = await open(sparse, 'r+');
  for (let at = 100_000; at < 3_000_000; at += 50_000) await file.write(`at ${at}`, at);
  await debugfs(image, `write ${sparse} /data/written`, ['-w']);
  await debugfs(image, 'fallocate /data/sparse 4 40', ['-w']);
  await debugfs(image, 'sif /data/sparse size 100000', ['-w']);
  await using opened = await openImage(image);
  const tree = await readTree(opened.files.mounts);
  t.ok((await contentOf(tree.get('/data/written'))).equals(await readFile(sparse)));
  const unwritten = await contentOf(tree.get('/data/sparse'));
  t.equal(unwritten.length, 100_000);
  t.equal(unwritten.toString('latin1').replace(/\0+$/, ''), 'begin');
});

t.test('an image of any format is the same disk', async (t) => {
  const raw = await diskWith(t, { '/data/binary': BINARY });
  await using expected = await openImage(raw);
  const paths = [...(await readTree(expected.files.mounts)).keys()].sort();
  for (const [format, ...options] of [
    ['qcow2', '-c'],
    ['qcow2', '-o', 'cluster_size=512'],
    ['vmdk'],
    ['vhdx'],
    ['vpc'],
    ['vdi'],
  ] as const) {
    const image = `${raw}.${format}`;
    await run('qemu-img', ['convert', '-f', 'raw', '-O', format, ...options, raw, image]);
    await using opened = await openImage(image);
    const tree = await readTree(opened.files.mounts);
    t.equal(opened.disk.format, format);
    t.same([...tree.keys()].sort(), paths, format);
    t.equal((await contentOf(tree.get('/data/binary'))).toString('utf8'), BINARY, format);
    t.equal(await opened.files.text('/boot/efi/EFI/debian/grub.cfg'), 'configfile\n', format);
  }
});

t.test('FAT of every width, with long names and folders of many clusters', async (t) => {
  await using folder = await temporaryFolder();
  const names = Array.from({ length: 120 }, (_, nth) => `A longer name, number ${nth}.txt`);
  for (const [bits, size] of [
    [12, 4],
    [16, 32],
    [32, 64],
  ] as const) {
    const image = join(folder.path, `fat${bits}`);
    await writeFile(image, '');
    await truncate(image, size * 2 ** 20);
    await run('mkfs.fat', ['-F', String(bits), ...(bits === 32 ? ['-s', '1'] : []), image]);
    await writeFile(join(folder.path, 'big'), BINARY);
    await run('mmd', ['-i', image, '::/EFI', '::/EFI/Boot']);
    await run('mcopy', ['-i', image, join(folder.path, 'big'), '::/EFI/Boot/BOOTX64.EFI']);
    await run('mcopy', ['-i', image, join(folder.path, 'big'), '::/gone']);
    await run('mdel', ['-i', image, '::/gone']);
    for (const name of names) {
      await writeFile(join(folder.path, 'small'), name);
      await run('mcopy', ['-i', image, join(folder.path, 'small'), `::/EFI/${name}`]);
    }
    await using disk = await openDisk(image);
    const files = await openFat(disk, 0);
    t.same(
      (await files.list('/'))?.map(({ name }) => name),
      ['EFI'],
      `FAT${bits}`,
    );
    t.same((await files.list('/EFI'))?.map(({ name }) => name).sort(), ['Boot', ...names].sort(), `FAT${bits}`);
    t.ok(
      (await files.read('/efi/boot/bootx64.efi')).equals(await readFile(join(folder.path, 'big'))),
      'whatever the case',
    );
    t.equal((await files.read(`/EFI/${names[77]}`)).toString(), names[77]);
    t.equal(await files.list('/missing'), undefined);
  }
});

t.test('what is no image, or holds no system, is told by name', async (t) => {
  await using folder = await temporaryFolder();
  const path = (name: string) => join(folder.path, name);
  await writeFile(path('text'), 'not an image');
  await writeFile(path('blank.raw'), '');
  await truncate(path('blank.raw'), 8 * 2 ** 20);
  await run('qemu-img', ['create', '-q', '-f', 'qcow2', path('blank.qcow2'), '8M']);
  await run('qemu-img', [
    'create',
    '-q',
    '-f',
    'qcow2',
    '-u',
    '-b',
    '/etc/shadow',
    '-F',
    'raw',
    path('far.qcow2'),
    '8M',
  ]);
  const unknown = await readFile(path('blank.qcow2'));
  unknown.writeUInt32BE(9, 4);
  await writeFile(path('new.qcow2'), unknown);
  const emptied = await makeDisk({ folder: folder.path, files: {} });
  await using file = await open(emptied, 'r+');
  await file.write(Buffer.alloc(4096), 0, 4096, ROOT);
  const cases = [
    ['missing', 'host.no-such-file'],
    ['.', 'host.is-a-folder'],
    ['text', 'capture.image-unknown'],
    ['blank.raw', 'capture.no-partition-table'],
    ['blank.qcow2', 'capture.no-partition-table'],
    ['far.qcow2', 'machine.image-needs-files'],
    ['new.qcow2', 'capture.image-unreadable'],
    ['disk.raw', 'capture.no-system'],
  ] as const;
  for (const [name, code] of cases) await t.rejects(openImage(path(name)), { code, where: /./, hint: /./ }, name);
});

t.test('a damaged file system ends with its name, not with an endless walk', async (t) => {
  const image = await diskWith(t, { '/data/inner/file': 'x' });
  const inner = /Inode: (\d+)/.exec((await debugfs(image, 'stat /data')).stdout)?.[1];
  await debugfs(image, `link <${inner}> /data/inner/ring`, ['-w']);
  {
    await using opened = await openImage(image);
    const tree = await readTree(opened.files.mounts);
    t.ok(tree.has('/data/inner/ring'));
    t.notOk(tree.has('/data/inner/ring/inner'), 'a ring is not walked');
  }
  const block = Number(/\(0\):(\d+)/.exec((await debugfs(image, 'stat /data')).stdout)?.[1]);
  await using file = await open(image, 'r+');
  await file.write(Buffer.from([1, 0, 0, 0, 3, 0, 200, 1]), 0, 8, ROOT + block * 1024 * (await blockSize(image)));
  await using damaged = await openImage(image);
  await t.rejects(readTree(damaged.files.mounts), { code: 'capture.file-system' });
});

const blockSize = async (image: string): Promise<number> =>
  Number(/^Block size: +(\d+)$/m.exec((await run('dumpe2fs', ['-h', `${image}?offset=${ROOT}`])).stdout)?.[1]) / 1024;

t.test('a folder of FAT that is in two places, and a name that is there twice', async (t) => {
  await using folder = await temporaryFolder();
  const image = join(folder.path, 'fat');
  await writeFile(image, '');
  await truncate(image, 4 * 2 ** 20);
  await run('mkfs.fat', ['-F', '12', image]);
  await run('mmd', ['-i', image, '::/EFI', '::/EFI/BOOT', '::/EFI/OTHER']);
  await run('mcopy', ['-i', image, '/dev/null', '::/EFI/ONE']);
  await run('mcopy', ['-i', image, '/dev/null', '::/EFI/TWO']);
  const whole = await readFile(image);
  const entry = (name: string) => whole.indexOf(name.padEnd(11), 0, 'latin1');
  const cluster = (name: string) => whole.readUInt16LE(entry(name) + 26);
  const cases = {
    'a ring': (bytes: Buffer) => bytes.writeUInt16LE(cluster('EFI'), entry('BOOT') + 26),
    'one folder under two names': (bytes: Buffer) => bytes.writeUInt16LE(cluster('BOOT'), entry('OTHER') + 26),
    'one name for two files': (bytes: Buffer) => bytes.write('ONE', entry('TWO'), 'latin1'),
    'a name with a slash': (bytes: Buffer) => bytes.write('O/E', entry('TWO'), 'latin1'),
  };
  for (const [name, change] of Object.entries(cases)) {
    const bytes = Buffer.from(whole);
    change(bytes);
    await writeFile(image, bytes);
    await using disk = await openDisk(image);
    const files = await openFat(disk, 0);
    await t.rejects(
      files.list('/').then(() => files.list('/EFI')),
      { code: 'capture.file-system' },
      name,
    );
  }
});
