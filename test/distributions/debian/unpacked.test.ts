/** Packages unpacked on the host, held against dpkg's own unpacking (run as root: it sets owners). */
import { chmod, link, lutimes, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import t from 'tap';
import { LOCK_FORMAT, type Lock, type LockedDeb } from '../../../src/distributions/debian/archive/package-lock.ts';
import { parseConffiles } from '../../../src/distributions/debian/unpacked/dpkg-database.ts';
import { unpackPackages } from '../../../src/distributions/debian/unpacked/unpack.ts';
import { fileRef } from '../../../src/host/files.ts';
import { run } from '../../../src/host/run.ts';
import { openBlobs } from '../../../src/origin/blobs.ts';
import { silentReporter } from '../../../src/report.ts';

const folder = await mkdtemp(join(tmpdir(), 'ingot-unpacked-'));
t.teardown(() => rm(folder, { recursive: true, force: true }));
const store = openBlobs(join(folder, 'store'));

interface Deb {
  readonly name: string;
  readonly control: string;
  /** Control files beside `control`; scripts are executable. */
  readonly scripts?: Readonly<Record<string, string>>;
  readonly files: Readonly<Record<string, string>>;
  readonly stage?: number;
  /** Further things to do to the tree. */
  readonly prepare?: (tree: string) => Promise<void>;
}

interface Packed {
  readonly path: string;
  readonly deb: LockedDeb;
}

const pack = async ({ name, control, scripts = {}, files, stage = 0, prepare }: Deb): Promise<Packed> => {
  const tree = await mkdtemp(join(folder, `${name}-`));
  await chmod(tree, 0o755);
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(tree, path)), { recursive: true });
    await writeFile(join(tree, path), content, { mode: 0o644 });
  }
  await prepare?.(tree);
  await mkdir(join(tree, 'DEBIAN'), { mode: 0o755 });
  await writeFile(join(tree, 'DEBIAN', 'control'), `Package: ${name}\nVersion: 1.0\n${control}`);
  for (const [file, content] of Object.entries({ md5sums: '', ...scripts })) {
    await writeFile(join(tree, 'DEBIAN', file), content, { mode: content.startsWith('#!') ? 0o755 : 0o644 });
  }
  const path = join(folder, `${name}.deb`);
  await run('dpkg-deb', ['--build', tree, path]);
  const { size, sha256 } = await fileRef(path);
  await store.keep(path, { size, sha256 }, name);
  const arch = /Architecture: (\S+)/.exec(control)?.[1] ?? 'all';
  const deb: LockedDeb = {
    ...{ name, version: '1.0', arch, suite: 'test', filename: `pool/${name}.deb`, size, sha256 },
    ...{ alsoAt: [], stanza: '', install: { stage, mark: 'manual' } },
  };
  return { path, deb };
};

const rest = (arch: string, more = ''): string =>
  `Architecture: ${arch}\nMaintainer: Nobody <nobody@example.org>\n${more}Description: for a test\n of several lines\n`;

const lockOf = (debs: readonly LockedDeb[]): Lock => {
  const identity = { size: 0, sha256: '0'.repeat(64) };
  return {
    format: LOCK_FORMAT,
    release: { number: '12', codename: 'bookworm', arch: 'amd64' },
    suites: [
      {
        name: 'test',
        date: '2026-01-02T03:04:05Z',
        signers: [],
        inRelease: identity,
        indexes: [],
        installerIndexes: [],
      },
    ],
    debs: [...debs],
    udebs: [],
    installer: { kernelRelease: '6.1.0', kernel: identity, initrd: identity },
    parts: [],
    standInChoice: 'where-missing',
    standIns: [],
    components: '0'.repeat(64),
  };
};

let images = 0;
const unpack = (packed: readonly Packed[]) =>
  unpackPackages({
    lock: lockOf(packed.map(({ deb }) => deb)),
    store,
    output: join(folder, `unpacked-${images++}.img`),
    reporter: silentReporter,
  });

const emptyRoot = async (): Promise<string> => {
  const root = await mkdtemp(join(folder, 'root-'));
  await chmod(root, 0o755);
  for (const name of ['bin', 'sbin', 'lib', 'lib64']) {
    await mkdir(join(root, 'usr', name), { recursive: true, mode: 0o755 });
    await symlink(`usr/${name}`, join(root, name));
    await lutimes(join(root, name), 0, 0);
  }
  for (const path of ['info', 'updates', 'triggers'])
    await mkdir(join(root, 'var/lib/dpkg', path), { recursive: true });
  await writeFile(join(root, 'var/lib/dpkg/status'), '');
  return root;
};

/** As the installer does it: archive by archive, and what is to be appended is. */
const LAY_OUT = `
(dd bs=1M skip="$2" count=0 2> /dev/null && tar -x --keep-directory-symlink -C "$3") < "$1"
cd "$3/debootstrap/unpacked"
[ ! -e status ] || cat status >> "$3/var/lib/dpkg/status"
for file in triggers/*; do
  [ ! -e "$file" ] || cat "$file" >> "$3/var/lib/dpkg/$file"
done
rm -rf status triggers`;

const layOut = async (image: string, root: string): Promise<void> => {
  const index = (await readFile(image)).subarray(-4096).toString().trim().split('\n');
  t.equal(index[0], 'ingot-unpacked 1');
  for (const line of index.slice(1)) await run('sh', ['-ec', LAY_OUT, 'sh', image, line.split(' ')[1] ?? '', root]);
  await rm(join(root, 'debootstrap'), { recursive: true });
};

const tree = async (root: string): Promise<string[]> => {
  const { stdout } = await run('find', [
    root,
    '-path',
    '*/var/lib/dpkg',
    '-prune',
    '-o',
    '-type',
    'd',
    '-printf',
    '%P d %m %U %G\\n',
    '-o',
    '-printf',
    '%P %y %m %U %G %s %Ts %l %n\\n',
  ]);
  return stdout.split('\n').sort();
};
const database = async (root: string): Promise<string> => {
  const admin = join(root, 'var/lib/dpkg');
  const all = [
    'Package',
    'Version',
    'Architecture',
    'Multi-Arch',
    'Depends',
    'db:Status-Status',
    'Conffiles',
    'Description',
  ];
  const query = await run('dpkg-query', [
    `--admindir=${admin}`,
    '-W',
    '-f',
    all.map((field) => `\${${field}}\\n`).join(''),
  ]);
  const info = await run('sh', [
    '-c',
    'cd "$1" && for f in info/* triggers/*; do case $f in */format | */Lock | */Unincorp) ;; *) stat -c "%n %a" "$f"; cat "$f";; esac; done',
    'sh',
    admin,
  ]);
  return `${query.stdout}\n${info.stdout}`;
};

const LONG = `usr/share/doc/alpha/${'a-long-name-of-a-folder/'.repeat(6)}file-with-a-name-of-its-own`;
const library: Deb = {
  name: 'alpha',
  control: rest('amd64', 'Multi-Arch: same\nDepends: beta (>= 1)\n'),
  scripts: {
    conffiles: '/etc/alpha/one.conf\n/etc/alpha/two.conf\nremove-on-upgrade /etc/alpha/old.conf\n',
    triggers:
      '# what it is interested in\ninterest-noawait /usr/share/alpha\ninterest alpha-named\nactivate-noawait ldconfig\n',
    postinst: '#!/bin/sh\nexit 0\n',
    md5sums: '00000000000000000000000000000000  usr/bin/alpha\n',
  },
  files: {
    'etc/alpha/one.conf': 'one\n',
    'etc/alpha/two.conf': 'two\n',
    'lib/x86_64-linux-gnu/libalpha.so.1': 'library'.repeat(3000),
    'usr/bin/alpha': 'program',
    'usr/share/alpha/Főtanúsítvány.crt': 'certificate',
    'usr/share/alpha/empty': '',
    [LONG]: 'deep',
  },
  async prepare(tree) {
    await link(join(tree, 'usr/bin/alpha'), join(tree, 'usr/bin/alpha-too'));
    await symlink('libalpha.so.1', join(tree, 'lib/x86_64-linux-gnu/libalpha.so'));
    await mkdir(join(tree, 'var/lib/alpha'), { recursive: true });
    await chmod(join(tree, 'var/lib/alpha'), 0o2770);
    await run('chown', ['0:42', join(tree, 'usr/share/alpha/empty')]);
    await chmod(join(tree, 'usr/share/alpha/empty'), 0o2755);
  },
};
const plain: Deb = {
  name: 'beta',
  control: rest('all'),
  scripts: { triggers: 'interest-await /usr/share/alpha\n' },
  files: { 'sbin/beta': 'beta', 'usr/share/doc/beta/copyright': 'free' },
  stage: 1,
};

t.test(
  'what dpkg would have unpacked',
  { skip: process.getuid?.() !== 0 && 'dpkg unpacks as root only' },
  async (t) => {
    const packed = [await pack(library), await pack(plain)];
    const { image, reason } = await unpack(packed);
    t.equal(reason, undefined);
    t.equal((await unpack(packed)).image?.sha256, image?.sha256, 'the same lock gives the same bytes');
    t.same(await fileRef(image?.path ?? ''), image, 'size and digest are right');
    const [ours, theirs] = [await emptyRoot(), await emptyRoot()];
    await layOut(image?.path ?? '', ours);
    const quiet = ['--force-depends', '--path-include=*', `--log=${join(folder, 'dpkg.log')}`, '--no-triggers'];
    for (const { path } of packed) await run('dpkg', [`--root=${theirs}`, ...quiet, '--unpack', path]);
    t.same(await tree(ours), await tree(theirs));
    t.equal(await database(ours), await database(theirs));
  },
);

t.test('what needs dpkg itself is said, and no image is made', async (t) => {
  const one = await pack({ name: 'one', control: rest('all'), files: { 'bin/tool': '1' } });
  const other = await pack({ name: 'other', control: rest('all'), files: { 'usr/bin/tool': '2' } });
  t.same(await unpack([one, other]), { reason: 'other: /usr/bin/tool is in one too' });
  t.notOk(
    (await readdir(folder)).some((name) => name === `unpacked-${images - 1}.img`),
    'nothing is left of it',
  );
  const diverting = '#!/bin/sh\n# before\ndpkg-divert --add /bin/x\n';
  const diverts = await pack({ name: 'diverts', control: rest('all'), scripts: { preinst: diverting }, files: {} });
  t.same(await unpack([diverts]), { reason: 'diverts: its preinst calls dpkg-divert' });
  const kept = (name: string, command: string) =>
    pack({ name, control: rest('all'), scripts: { preinst: `#!/bin/sh\nset -e\n${command}\n` }, files: {} });
  // Debian 13 keeps the names that files had before /usr took them; that concerns only who still uses one.
  const keeper = await kept(
    'keeper',
    'for lib in a b; do\n\tdpkg-divert --package keeper --no-rename --divert "/lib/$lib.usr-is-merged" --add "/lib/$lib"\ndone',
  );
  const modern = await pack({ name: 'modern', control: rest('all'), files: { 'usr/lib/a': '1' } });
  t.ok((await unpack([keeper, modern])).image);
  t.match((await unpack([keeper, one])).reason, /^one: \/bin\/tool may be diverted by keeper/);
  const onUpgrade = 'if [ "$1" = upgrade ] && true; then\n\tdpkg-divert --add /usr/sbin/x\n\n\ttrue\nfi\n';
  t.ok((await unpack([await kept('later', onUpgrade)])).image, 'nothing is upgraded here');
  t.match(
    (await unpack([await kept('both', `${onUpgrade}dpkg-divert --rename --add /x`)])).reason,
    /^both: its preinst/,
  );
  t.match(
    (
      await unpack([
        await kept('either', 'if [ "$1" = upgrade ] || [ "$1" = install ]; then\n\tdpkg-divert --add /x\nfi'),
      ])
    ).reason,
    /^either: its preinst/,
  );
  const asks = 'if [ "$(dpkg-divert --truename /bin/sh)" != /bin/sh ]; then exit 1; fi';
  t.ok((await unpack([await kept('asks', asks)])).image);
  t.throws(
    () => parseConffiles('/etc/kept\nunheard-of /etc/gone\n'),
    /^its conffile line is not understood here: unheard-of/,
  );
  const folders = await pack({ name: 'folders', control: rest('all'), files: { 'usr/bin/tool/x': '' } });
  t.match((await unpack([one, folders])).reason, /^folders: \/usr\/bin\/tool is a file of one and a folder here/);
});

t.test('a damaged package is an error with a name', async (t) => {
  const packed = await pack({ name: 'gamma', control: rest('all'), files: { 'usr/share/gamma': 'gamma' } });
  await writeFile(store.path(packed.deb), Buffer.alloc(packed.deb.size));
  await t.rejects(unpack([packed]), { code: 'origin.digest-mismatch' });
});
