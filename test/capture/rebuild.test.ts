import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { convert, convertArguments } from '../../src/capture/convert.ts';
import { type FileTree, readTree } from '../../src/capture/file-tree.ts';
import { openImage } from '../../src/capture/open-image.ts';
import type { CanonicalRule } from '../../src/capture/rebuild/canonical.ts';
import { identityOf } from '../../src/capture/rebuild/identity.ts';
import { rebuildDisk } from '../../src/capture/rebuild/rebuild.ts';
import { crc32c } from '../../src/formats/crc32c.ts';
import { sha256File } from '../../src/host/files.ts';
import { run } from '../../src/host/run.ts';
import { fileChanges } from '../../src/inspect/file-changes.ts';
import { silentReporter } from '../../src/report.ts';
import { diskWith, type Files, ROOT_UUID } from './small-disk.ts';

const ROOT = 14 * 2 ** 20;
const TIME = Date.UTC(2026, 0, 2) / 1000;

const debugfs = (image: string, ...requests: readonly string[]) =>
  run('debugfs', ['-w', '-f', '-', `${image}?offset=${ROOT}`], { input: `${requests.join('\n')}\n` });

const BINARY = randomBytes(3_000_000).toString('latin1');
const MANY = Object.fromEntries(Array.from({ length: 900 }, (_, nth) => [`/many/a-rather-long-name-${nth}`, `${nth}`]));
/** Every second block is a hole: more extents than an inode has room for, in one block of them. */
const HOLES = Array.from({ length: 40 }, (_, nth) => (nth % 2 === 0 ? '\0'.repeat(4096) : 'x'.repeat(4096))).join('');

const FILES: Files = {
  ...MANY,
  '/data/binary': BINARY,
  '/data/empty': '',
  '/data/holes': HOLES,
  '/data/only-a-hole': '\0'.repeat(100_000),
  '/data/set': { mode: 0o4755, text: 'x' },
  '/data/short': { link: '../etc/hostname' },
  '/data/fifty-nine': { link: 'a'.repeat(59) },
  '/data/sixty': { link: 'a'.repeat(60) },
  '/data/long': { link: `/${'a'.repeat(180)}/target` },
  [`/data/${'ü'.repeat(127)}`]: 'the longest name',
  '/data/with space': 'named',
  '/var/log/clock': `written at ${Date.now()}`,
  '/var/cache/notes': 'of this disk',
  '/boot/grub/grub.cfg': `search --fs-uuid ${ROOT_UUID}\nlinux root=UUID=${ROOT_UUID.toUpperCase()}\n`,
};

/** What a tree of files on the host cannot have without root. */
const odd = async (image: string): Promise<void> => {
  const value = join(image, '..', 'value');
  const capability = join(image, '..', 'capability');
  const acl = join(image, '..', 'acl');
  await writeFile(value, 'v'.repeat(300));
  await writeFile(capability, Buffer.from('0100000200200000000000000000000000000000', 'hex'));
  // ext4's own form: version, then tag and permissions of each entry.
  await writeFile(
    acl,
    Buffer.from('0100000001000600020004002a0000000400040010000400200004 00'.replaceAll(' ', ''), 'hex'),
  );
  await debugfs(
    image,
    'ln /data/binary /data/again',
    'ln /data/binary /many/again',
    'sif /data/binary links_count 3',
    'cd /data',
    'mknod tty c 4 64',
    'mknod disk b 259 700',
    'mknod pipe p',
    `ea_set -f ${capability} /data/set security.capability`,
    `ea_set -f ${value} /data/empty user.long`,
    'ea_set /data/empty trusted.short x',
    `ea_set -f ${acl} /data/holes system.posix_acl_access`,
    'sif /data/holes flags 0x80010',
    'sif /data/binary uid 100000',
    'sif /data/binary gid 70000',
    'sif /data/set mtime 1000000000',
    'sif /data/short uid 33',
  );
};

const RULES: readonly CanonicalRule[] = [
  { name: 'clock', files: /^\/var\/log\/clock$/, where: '', why: '', what: '', make: () => Buffer.from('written') },
  { name: 'notes', files: /^\/var\/cache\/notes$/, where: '', why: '', what: '', make: 'remove' },
];

const rebuilt = async (from: string, name = 'again'): Promise<string> => {
  const to = join(from, '..', `${name}.raw`);
  await rebuildDisk(from, to, { rules: RULES, identity: identityOf('seed', TIME), reporter: silentReporter });
  return to;
};

const treeOf = async <T>(image: string, use: (tree: FileTree) => Promise<T>): Promise<T> => {
  await using opened = await openImage(image);
  return await use(await readTree(opened.files.mounts));
};

const clean = async (t: Test, image: string): Promise<void> => {
  const { stdout, exitCode } = await run('e2fsck', ['-fn', `${image}?offset=${ROOT}`], { allow: [1, 4, 8] });
  t.equal(exitCode, 0, `e2fsck has nothing to say: ${stdout}`);
  await run('sfdisk', ['--verify', image]);
};

t.test('a check sum as RFC 3720 has it', async (t) => {
  const sum = (bytes: Buffer) => ~crc32c(0xffffffff, bytes) >>> 0;
  t.equal(sum(Buffer.alloc(32)), 0x8a9136aa);
  t.equal(sum(Buffer.alloc(32, 0xff)), 0x62a8ab43);
  t.equal(sum(Buffer.from(Array.from({ length: 32 }, (_, nth) => nth))), 0x46dd794e);
  t.equal(sum(Buffer.from('123456789')), 0xe3069283, 'not only whole words');
});

t.test('two disks with the same files, made in different ways, become the same bits', async (t) => {
  const one = await diskWith(t, FILES);
  await odd(one);
  const backwards = Object.fromEntries(Object.entries(FILES).reverse());
  const other = await diskWith(
    t,
    { ...backwards, '/var/log/clock': 'another day', '/var/cache/notes': 'of the other disk' },
    {
      root: [
        '-t',
        'ext4',
        '-O',
        'metadata_csum_seed,^dir_index',
        '-E',
        'hash_seed=11111111-2222-3333-4444-555555555555',
      ],
    },
  );
  // Blocks and inodes are used up, and some are free again.
  await debugfs(other, 'mkdir /away', `write ${other.replace(/[^/]*$/, 'root.ext4')} /away/large`);
  await debugfs(other, 'rm /away/large', 'rmdir /away');
  await odd(other);
  t.not(await sha256File(one), await sha256File(other));
  const [first, second] = [await rebuilt(one), await rebuilt(other)];
  t.equal(await sha256File(first), await sha256File(second), 'the same bits');
  await clean(t, first);
  t.equal(await sha256File(first), await sha256File(await rebuilt(first, 'third')), 'and again from itself');

  const changes = await treeOf(one, (before) => treeOf(first, (after) => fileChanges(before, after)));
  t.strictSame(
    changes.map(({ path, change, what }) => [path, change, ...what]),
    [
      ['/boot/grub/grub.cfg', 'changed', 'content'],
      ['/etc/fstab', 'changed', 'content'],
      ['/var/cache/notes', 'removed'],
      ['/var/log/clock', 'changed', 'content'],
    ],
    'nothing else differs',
  );
  await using opened = await openImage(first);
  const root = opened.files.mounts.find(({ path }) => path === '/');
  const text = await opened.files.text('/boot/grub/grub.cfg');
  t.equal(text?.toLowerCase(), `search --fs-uuid ${root?.partition.uuid}\nlinux root=uuid=${root?.partition.uuid}\n`);
  t.match(await opened.files.text('/etc/fstab'), new RegExp(`UUID=${root?.partition.uuid} / `));
  t.not(root?.partition.uuid, ROOT_UUID);
});

t.test('what stat(2) shows is kept, and no time is younger than the image', async (t) => {
  const one = await diskWith(t, FILES, { root: ['-t', 'ext4', '-b', '4096'] });
  await odd(one);
  const image = await rebuilt(one);
  await clean(t, image);
  const stat = async (path: string) =>
    (await run('debugfs', ['-R', `stat ${path}`, `${image}?offset=${ROOT}`])).stdout.replaceAll(/ +/g, ' ');
  const hex = (seconds: number) => `0x${seconds.toString(16)}`;
  t.match(await stat('/data/set'), `mtime: ${hex(1_000_000_000)}`, 'an older time stays');
  for (const name of ['ctime', 'atime', 'mtime', 'crtime'])
    t.match(await stat('/data/binary'), `${name}: ${hex(TIME)}`);
  t.match(await stat('/data/binary'), /Links: 3 /);
  t.match(await stat('/data/binary'), /User: 100000 Group: 70000 /);
  t.match(await stat('/data/tty'), /character special[\s\S]*Device major\/minor number: 04:64/);
  t.match(await stat('/data/disk'), /block special[\s\S]*Device major\/minor number: 259:700/);
  t.match(await stat('/data/holes'), /Flags: 0x80010\b/, 'immutable');
  t.match(await stat('/data/holes'), /Blockcount: 168\b/, 'twenty blocks, and one of extents');
  t.match(await stat('/data/only-a-hole'), /Blockcount: 0\b/);
  t.match(await stat('/data/sixty'), /Blockcount: 8\b/);
});

t.test('a disk in the same pieces gives the same qcow2', async (t) => {
  const raw = await rebuilt(await diskWith(t, FILES));
  const made = async (name: string): Promise<string> => {
    const path = join(raw, '..', name);
    const options = { reporter: silentReporter, order: 'of the disk' } as const;
    await convert({ path: raw, format: 'raw' }, { path, format: 'qcow2' }, options);
    return await sha256File(path);
  };
  t.equal(await made('one.qcow2'), await made('two.qcow2'));
  t.notOk(convertArguments({ path: 'a', format: 'raw' }, { path: 'b', format: 'qcow2' }, 'of the disk').includes('-W'));
});

t.test('other names and locks give other identifiers, the same ones the same', (t) => {
  const [one, again, other] = [identityOf('a', 1), identityOf('a', 2), identityOf('b', 1)];
  t.equal(one.uuid('disk'), again.uuid('disk'));
  t.not(one.uuid('disk'), other.uuid('disk'));
  t.not(one.uuid('disk'), one.uuid('partition 1'));
  t.match(one.uuid('disk'), /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  t.end();
});

t.test('what cannot be written again is refused by name', async (t) => {
  for (const [root, message] of [
    [['-t', 'ext3'], /is ext2 or ext3|has ext3/],
    [['-t', 'ext4', '-O', 'bigalloc', '-C', '16384'], /has features that are not rebuilt/],
    [['-t', 'ext4', '-O', 'inline_data', '-I', '256'], /has features that are not rebuilt/],
  ] as const) {
    const image = await diskWith(t, { '/a': 'a' }, { root });
    await t.rejects(rebuilt(image), { code: 'capture.cannot-rebuild', message });
  }
});
