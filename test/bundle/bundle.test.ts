/** Bundles: what is written is read again, and what comes from elsewhere is refused before anything of it is used. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { chmod, cp, mkdir, readdir, readFile, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { Header } from 'tar';
import { BUNDLE_FORMAT, type BundleEntry, type BundleIndex, indexText } from '../../src/bundle/bundle-index.ts';
import { exportBundle } from '../../src/bundle/export-bundle.ts';
import { headerOf, storedEntries } from '../../src/bundle/layout.ts';
import { packIngot } from '../../src/bundle/pack-ingot.ts';
import { openBundle } from '../../src/bundle/read-bundle.ts';
import { takeBundle } from '../../src/bundle/take-bundle.ts';
import { writeBundle } from '../../src/bundle/write-bundle.ts';
import { TAR_END, tarPadding } from '../../src/formats/archives/tar.ts';
import { ed25519Key } from '../../src/formats/signatures/openpgp.ts';
import { fileRef, temporaryFolder } from '../../src/host/files.ts';
import { isThere } from '../../src/host/if-there.ts';
import { run } from '../../src/host/run.ts';
import { silentReporter } from '../../src/report.ts';
import { readFeeds } from '../../src/vulns/feeds/read.ts';
import { buildPackage } from '../distributions/debian/tiny-archive.ts';
import { masterFixture } from '../media/fixture.ts';
import { DEBIAN, type FeedFile, installed, inventoryOf, NOW, writeFeeds } from '../vulns/feed-folder.ts';
import { tracker } from '../vulns/records.ts';

t.setTimeout(240_000);

const MAIN = join(import.meta.dirname, '..', '..', 'src', 'cli', 'main.ts');
const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIDZQqZP0sW8b6aXfCk8PZ7q2kT9sR4uB3fS5kq0vX1y test';
const sha = (text: string | Uint8Array) => createHash('sha256').update(text).digest('hex');

const entry = (path: string, text: string, more: Partial<BundleEntry> = {}): BundleEntry => ({
  path,
  size: Buffer.byteLength(text),
  sha256: sha(text),
  what: 'file',
  ...more,
});
const index = (entries: BundleEntry[], more: Partial<BundleIndex> = {}): BundleIndex => ({
  ingotBundle: BUNDLE_FORMAT,
  ingot: '0.0.0',
  name: 'web',
  recipes: [{ path: 'recipe/0/web.yaml', variables: {}, moved: {}, secretFiles: [] }],
  secrets: [],
  links: [],
  folders: [],
  entries,
  ...more,
});

/** What a bundle is made of, to be put together wrongly. */
const archiveOf = (
  text: string,
  parts: readonly (readonly [Uint8Array, string])[],
  end: Uint8Array = TAR_END,
): Buffer => {
  const bytes = Buffer.from(text);
  const whole = [headerOf('index.json', bytes.length), bytes, tarPadding(bytes.length)];
  for (const [header, content] of parts)
    whole.push(header, Buffer.from(content), tarPadding(Buffer.byteLength(content)));
  return Buffer.concat([...whole, end]);
};
const RECIPE = entry('recipe/0/web.yaml', 'name: web\n', { what: 'recipe' });
const PACKAGE = entry('archive/a.deb', 'a package', { what: 'package' });
const good: readonly (readonly [Uint8Array, string])[] = [
  [headerOf(RECIPE.path, RECIPE.size), 'name: web\n'],
  [headerOf(PACKAGE.path, PACKAGE.size), 'a package'],
];
/** A header of any kind, with the right checksum. */
const header = (fields: object): Buffer => {
  const block = Buffer.alloc(512);
  new Header({
    path: PACKAGE.path,
    mode: 0o644,
    uid: 0,
    gid: 0,
    size: PACKAGE.size,
    mtime: new Date(0),
    type: 'File',
    ...fields,
  }).encode(block);
  return block;
};

/** As `ingot bundle verify` does. */
const read = async (path: string): Promise<void> => {
  await using bundle = await openBundle(path);
  await bundle.read({ begin: async () => undefined });
};

t.test('hostile and damaged bundles are named, and nothing is written outside', async (t) => {
  await using folder = await temporaryFolder();
  const at = (name: string) => join(folder.path, name);
  const whole = indexText(index([RECIPE, PACKAGE]));
  const withIndex = (change: (value: ReturnType<typeof JSON.parse>) => void): Buffer => {
    const value = JSON.parse(whole);
    change(value);
    return archiveOf(JSON.stringify(value), good);
  };
  const path = (text: string) =>
    withIndex((value) => {
      value.entries[1].path = text;
    });
  const second = (block: Uint8Array) => archiveOf(whole, [good[0] ?? [TAR_END, ''], [block, 'a package']]);
  const changed = archiveOf(whole, good);
  changed[changed.length - 1024 - 512] = 0x41;
  const cases: readonly (readonly [string, Uint8Array, string])[] = [
    ['nothing at all', Buffer.alloc(0), 'bundle.not-a-bundle'],
    ['a text', Buffer.from('hello'.repeat(500)), 'bundle.not-a-bundle'],
    [
      'another archive',
      Buffer.concat([headerOf('etc/passwd', 3), Buffer.from('x\ny'), tarPadding(3), TAR_END]),
      'bundle.not-a-bundle',
    ],
    ['an index that is no JSON', archiveOf('{', []), 'bundle.not-a-bundle'],
    ['JSON that is no index', archiveOf('{"a": 1}', []), 'bundle.not-a-bundle'],
    [
      'an unknown version',
      withIndex((value) => {
        value.ingotBundle = 99;
      }),
      'bundle.unknown-format',
    ],
    [
      'an unknown field',
      withIndex((value) => {
        value.more = 1;
      }),
      'bundle.bad-index',
    ],
    [
      'an unknown kind',
      withIndex((value) => {
        value.entries[1].what = 'script';
      }),
      'bundle.bad-index',
    ],
    ['a path upwards', path('../../outside'), 'bundle.bad-index'],
    ['a path upwards within', path('recipe/../../outside'), 'bundle.bad-index'],
    ['an absolute path', path('/etc/outside'), 'bundle.bad-index'],
    ['an empty part', path('a//b'), 'bundle.bad-index'],
    ['a dot', path('./a'), 'bundle.bad-index'],
    ['a backslash', path('a\\b'), 'bundle.bad-index'],
    ['a control character', path('a\nb'), 'bundle.bad-index'],
    ['a NUL', path('a\0b'), 'bundle.bad-index'],
    ['one path twice', path(RECIPE.path), 'bundle.bad-index'],
    ['the path of the index', path('index.json'), 'bundle.bad-index'],
    ['a file as a folder', path(`${RECIPE.path}/x`), 'bundle.bad-index'],
    [
      'a file below a link',
      withIndex((value) => {
        value.links = [{ path: 'recipe/0/l', target: '/etc' }];
        value.entries[1].path = 'recipe/0/l/passwd';
      }),
      'bundle.bad-index',
    ],
    [
      'a link below a link',
      withIndex((value) => {
        value.links = [
          { path: 'recipe/l', target: '/tmp' },
          { path: 'recipe/l/m', target: 'x' },
        ];
      }),
      'bundle.bad-index',
    ],
    ...(
      [
        [
          'a NUL in the target of a link',
          (value) => void Object.assign(value, { links: [{ path: 'l', target: 'a\0b' }] }),
        ],
        ['a line end in its name', (value) => void Object.assign(value, { name: 'web\nok: fine' })],
        ['an escape in its version', (value) => void Object.assign(value, { ingot: '\x1b[31m1' })],
        ['a line end in a secret', (value) => void Object.assign(value, { secrets: ['env A\nok'] })],
        [
          'a line end in the file of a secret',
          (value) => void Object.assign(value.recipes[0], { secretFiles: ['a\nb'] }),
        ],
        [
          'a name of more bytes than a name may have',
          (value) => void Object.assign(value, { links: [{ path: 'é'.repeat(200), target: 'x' }] }),
        ],
      ] as const satisfies readonly (readonly [string, Parameters<typeof withIndex>[0]])[]
    ).map(([name, edit]) => [name, withIndex(edit), 'bundle.bad-index'] as const),
    [
      'a link upwards',
      withIndex((value) => {
        value.links = [{ path: '../l', target: 'x' }];
      }),
      'bundle.bad-index',
    ],
    [
      'a moved path outside',
      withIndex((value) => {
        value.recipes[0].moved = { a: '../../x' };
      }),
      'bundle.bad-index',
    ],
    [
      'a base with a folder',
      withIndex((value) => {
        value.base = { name: '../b', index: PACKAGE.sha256 };
      }),
      'bundle.bad-index',
    ],
    [
      'a negative size',
      withIndex((value) => {
        value.entries[1].size = -1;
      }),
      'bundle.bad-index',
    ],
    [
      'a mode with setuid',
      withIndex((value) => {
        value.entries[1].mode = 0o4755;
      }),
      'bundle.bad-index',
    ],
    [
      'two sizes of one content',
      withIndex((value) => {
        value.entries.push({ ...value.entries[1], path: 'archive/b.deb', size: 4 });
      }),
      'bundle.bad-index',
    ],
    [
      'an immense size',
      withIndex((value) => {
        value.entries[1].size = 2 ** 52;
      }),
      'bundle.truncated',
    ],
    [
      'a size that is too small',
      withIndex((value) => {
        value.entries[1].size = 1;
      }),
      'bundle.damaged',
    ],
    [
      'a size that is too large',
      withIndex((value) => {
        value.entries[1].size = 5000;
      }),
      'bundle.truncated',
    ],
    ['an immense index', Buffer.concat([headerOf('index.json', 2 ** 32), Buffer.alloc(4096)]), 'bundle.bad-index'],
    ['an index without its end', archiveOf(whole, []).subarray(0, 700), 'bundle.truncated'],
    ['a missing file', archiveOf(whole, good.slice(0, 1)), 'bundle.truncated'],
    ['a cut', archiveOf(whole, good).subarray(0, -700), 'bundle.truncated'],
    ['without an end', archiveOf(whole, good, Buffer.alloc(512)), 'bundle.truncated'],
    ['something after the end', archiveOf(whole, good, Buffer.alloc(2048)), 'bundle.damaged'],
    ['something in place of the end', archiveOf(whole, good, Buffer.alloc(1024, 1)), 'bundle.damaged'],
    ['a changed byte', changed, 'bundle.damaged'],
    [
      'another digest',
      withIndex((value) => {
        value.entries[1].sha256 = '0'.repeat(64);
      }),
      'bundle.damaged',
    ],
    ['a symbolic link', second(header({ type: 'SymbolicLink', linkpath: '/etc/passwd' })), 'bundle.damaged'],
    ['a hard link', second(header({ type: 'Link', linkpath: RECIPE.path })), 'bundle.damaged'],
    ['a device', second(header({ type: 'CharacterDevice', devmaj: 1, devmin: 8 })), 'bundle.damaged'],
    ['a fifo', second(header({ type: 'FIFO' })), 'bundle.damaged'],
    ['another name in the archive', second(header({ path: '../outside' })), 'bundle.damaged'],
    ['another mode in the archive', second(header({ mode: 0o4755 })), 'bundle.damaged'],
    ['another owner in the archive', second(header({ uid: 33 })), 'bundle.damaged'],
  ];
  for (const [name, bytes, code] of cases) {
    await writeFile(at('bad.bundle'), bytes);
    await mkdir(at('in/work'), { recursive: true });
    const take = takeBundle(at('bad.bundle'), {
      shared: (kind) => at(`in/shared/${kind}`),
      folder: at('in/work'),
      reporter: silentReporter,
    });
    await t.rejects(take, { code, hint: /./ }, name);
    await t.rejects(read(at('bad.bundle')), { code }, `${name}: verify`);
    const outside = (await readdir(folder.path)).filter((one) => !['bad.bundle', 'in'].includes(one));
    t.same(outside, [], `${name}: nothing outside`);
    t.notOk(await isThere(at(`in/shared/packages/${PACKAGE.sha256.slice(0, 2)}/${'0'.repeat(64)}`)));
    await rm(at('in'), { recursive: true });
  }
  await writeFile(at('good.bundle'), archiveOf(whole, good));
  await mkdir(at('work'));
  const taken = await takeBundle(at('good.bundle'), {
    shared: (kind) => at(`shared/${kind}`),
    folder: at('work'),
    reporter: silentReporter,
  });
  t.equal(await readFile(taken.recipe, 'utf8'), 'name: web\n', 'the one that all these were made from is good');
  t.equal(await readFile(at(`shared/packages/${PACKAGE.sha256.slice(0, 2)}/${PACKAGE.sha256}`), 'utf8'), 'a package');
  await t.rejects(openBundle(at('none.bundle')), { code: 'bundle.missing' });
  await t.rejects(openBundle(folder.path), { code: 'bundle.not-a-bundle' });
});

t.test('writing', async (t) => {
  await using folder = await temporaryFolder();
  const at = (name: string) => join(folder.path, name);
  const texts = ['one', 'two', 'one'];
  const long = `archive/${'long-name-'.repeat(20)}.deb`;
  const entries = texts.map((text, nth) => entry(nth === 1 ? long : `archive/${nth}`, text, { what: 'package' }));
  const contentOf = ({ sha256 }: BundleEntry) => Buffer.from(sha256 === sha('one') ? 'one' : 'two');
  const options = { contentOf, isPrivate: false, reporter: silentReporter };
  const first = await writeBundle(at('a.bundle'), index([RECIPE, ...entries]), {
    ...options,
    contentOf: (one) => (one === RECIPE ? Buffer.from('name: web\n') : contentOf(one)),
  });
  await writeBundle(at('b.bundle'), index([RECIPE, ...entries]), {
    ...options,
    contentOf: (one) => (one === RECIPE ? Buffer.from('name: web\n') : contentOf(one)),
  });
  t.equal((await fileRef(at('a.bundle'))).sha256, first.sha256);
  t.equal((await fileRef(at('b.bundle'))).sha256, first.sha256, 'the same bytes');
  t.equal(storedEntries(index(entries)).length, 2, 'one content is there once');
  const { stdout } = await run('tar', ['-tvf', at('a.bundle')]);
  t.same(
    stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.split(/\s+/)[5]),
    ['index.json', RECIPE.path, 'archive/0', long],
    'tar(1) reads it',
  );
  const listed = await run(process.execPath, [MAIN, 'bundle', 'list', at('a.bundle')]);
  t.match(listed.stdout, /package +2 .*1 more that are in it already/);
  const key = ed25519Key({ point: Buffer.alloc(32, 7), sign: () => Buffer.alloc(64, 9), userId: 'A key', created: 1 });
  const keyring: BundleEntry = {
    ...{ path: 'keys/one', size: key.publicKey.length, what: 'keyring' as const },
    sha256: sha(key.publicKey),
  };
  await writeBundle(at('k.bundle'), index([keyring]), { ...options, contentOf: () => key.publicKey });
  const keyed = await run(process.execPath, [MAIN, 'bundle', 'list', at('k.bundle')]);
  t.match(keyed.stdout, new RegExp(`^key +${key.fingerprint}$`, 'm'), 'whose signatures it would have believed');
  await rm(at('k.bundle'));

  const before = await readdir(folder.path);
  await t.rejects(
    writeBundle(at('c.bundle'), index([entry('archive/0', 'one')]), {
      ...options,
      contentOf: () => Buffer.from('two'),
    }),
    { code: 'bundle.input-changed' },
  );
  await t.rejects(
    writeBundle(at('c.bundle'), index([entry('archive/0', 'one')]), {
      ...options,
      contentOf: () => Buffer.from('longer than that'),
    }),
    { code: 'bundle.input-changed' },
  );
  await writeFile(at('grown'), 'one and more');
  await t.rejects(
    writeBundle(at('c.bundle'), index([entry('archive/0', 'one')]), { ...options, contentOf: () => at('grown') }),
    { code: 'bundle.input-changed', where: at('grown') },
  );
  await rm(at('grown'));
  t.same(await readdir(folder.path), before, 'and nothing is left');
  await writeBundle(at('s.bundle'), index([entry('recipe/0/s', 'one', { what: 'secret' })]), {
    ...options,
    isPrivate: true,
  });
  t.equal((await stat(at('s.bundle'))).mode & 0o777, 0o600, 'with secrets it is for its owner alone');
});

t.test('what is killed or has no room leaves nothing', async (t) => {
  await using folder = await temporaryFolder();
  const at = (name: string) => join(folder.path, name);
  await run('truncate', ['-s', '3G', at('large')]);
  const large = entry('archive/large', '', { what: 'package', size: 3 * 2 ** 30 });
  await writeFile(
    at('export.ts'),
    `import { writeBundle } from ${JSON.stringify(join(import.meta.dirname, '../../src/bundle/write-bundle.ts'))};
const index = ${JSON.stringify(index([large]))};
await writeBundle(process.argv[2], index, { contentOf: () => ${JSON.stringify(at('large'))}, isPrivate: false, reporter: { progress() {} } });
`,
  );
  await mkdir(at('out'));
  const child = spawn(process.execPath, [at('export.ts'), at('out/web.bundle')], { stdio: 'ignore' });
  const begun = async (): Promise<boolean> => (await readdir(at('out'))).some((name) => name.startsWith('.bundle-'));
  while (!(await begun())) await new Promise((resolve) => setTimeout(resolve, 20));
  child.kill('SIGKILL');
  await once(child, 'close');
  t.notOk(await isThere(at('out/web.bundle')), 'there is no half a bundle');
  await writeBundle(at('out/small.bundle'), index([entry('archive/0', 'one')]), {
    contentOf: () => Buffer.from('one'),
    isPrivate: false,
    reporter: silentReporter,
  });
  t.same(await readdir(at('out')), ['small.bundle'], 'the next export removes what was left');

  const mount = process.getuid?.() === 0 ? await run('unshare', ['-m', 'true'], { allow: [0, 1] }) : { exitCode: 1 };
  if (mount.exitCode !== 0) return;
  await truncate(at('large'), 40 * 2 ** 20);
  const digest = (await fileRef(at('large'))).sha256;
  const source = await readFile(at('export.ts'), 'utf8');
  const smaller = source.replace(large.sha256, digest).replace(String(3 * 2 ** 30), String(40 * 2 ** 20));
  await writeFile(at('export.ts'), smaller);
  // The second time, statfs(2) promises room that is not there: the write itself fails.
  const full = (size: string) =>
    run(
      'unshare',
      [
        '-m',
        'sh',
        '-c',
        `mount -t tmpfs -o size=${size} none "$1" && "$2" "$3" "$1/web.bundle" 2>&1; ls -A "$1"`,
        'sh',
        at('out'),
        process.execPath,
        at('export.ts'),
      ],
      { allow: [0, 1] },
    );
  const told = await full('8m');
  t.match(told.stdout, /host\.no-space/);
  t.match(told.stdout, /write it elsewhere with --output/);
  t.notMatch(told.stdout.trim().split('\n').at(-1), /bundle$/, 'nothing is left on the full disk');
  await writeFile(
    at('export.ts'),
    `import fs from 'node:fs/promises';\nimport { syncBuiltinESMExports } from 'node:module';\nfs.statfs = async () => ({ bavail: 1e9, bsize: 4096 });\nsyncBuiltinESMExports();\nawait import('./writing.ts');\n`,
  );
  await writeFile(at('writing.ts'), smaller);
  const late = await full('8m');
  t.match(late.stdout, /host\.no-space[\s\S]*no room|no room[\s\S]*host\.no-space/);
  t.notMatch(late.stdout.trim().split('\n').at(-1), /bundle/, 'nor after a write that failed');
});

t.test('a bundle that carries the difference', async (t) => {
  await using folder = await temporaryFolder();
  const at = (name: string) => join(folder.path, name);
  const collected = (...texts: string[]) => ({
    recipes: index([]).recipes,
    links: [],
    folders: [],
    secrets: [],
    entries: [RECIPE, ...texts.map((text) => entry(`archive/${text}.deb`, text, { what: 'package' }))],
    contents: new Map<string, string | Uint8Array>([
      [RECIPE.sha256, Buffer.from('name: web\n')],
      ...texts.map((text) => [sha(text), Buffer.from(text)] as const),
    ]),
  });
  const options = { name: 'web', reporter: silentReporter };
  await exportBundle(at('1.bundle'), collected('old', 'same'), options);
  await exportBundle(at('2.bundle'), collected('same', 'new'), { ...options, base: at('1.bundle') });
  await exportBundle(at('3.bundle'), collected('same', 'new', 'newer'), { ...options, base: at('2.bundle') });
  await using second = await openBundle(at('2.bundle'));
  t.same(
    storedEntries(second.index).map(({ path }) => path),
    ['archive/new.deb'],
    'only what is new',
  );
  const take = async (name: string, bases: string[] = []) => {
    await rm(at('in'), { recursive: true, force: true });
    await mkdir(at('in'));
    return takeBundle(name, {
      shared: (kind) => at(`in/shared/${kind}`),
      folder: at('in'),
      bases,
      reporter: silentReporter,
    });
  };
  const has = (text: string) => isThere(at(`in/shared/packages/${sha(text).slice(0, 2)}/${sha(text)}`));
  await take(at('3.bundle'));
  t.same(
    await Promise.all(['old', 'same', 'new', 'newer'].map(has)),
    [false, true, true, true],
    'a chain, found beside it',
  );
  await mkdir(at('elsewhere'));
  await cp(at('2.bundle'), at('elsewhere/2.bundle'));
  await t.rejects(take(at('elsewhere/2.bundle')), {
    code: 'bundle.base-missing',
    message: /1\.bundle/,
    detail: /[0-9a-f]{64}/,
  });
  await take(at('elsewhere/2.bundle'), [at('1.bundle')]);
  t.ok(await has('same'), 'or where it is named');
  await exportBundle(at('elsewhere/1.bundle'), collected('other'), options);
  await t.rejects(take(at('elsewhere/2.bundle')), { code: 'bundle.base-differs', where: /1\.bundle/ });
});

t.test('feeds of vulnerabilities go along', async (t) => {
  await using folder = await temporaryFolder();
  const at = (name: string) => join(folder.path, name);
  const feed: FeedFile = { kind: 'debian-tracker', content: tracker({ a: { 'CVE-2026-1': { status: 'open' } } }) };
  await mkdir(at('feeds'));
  await writeFeeds(at('feeds'), [feed]);
  const collected = {
    recipes: index([RECIPE]).recipes,
    ...{ entries: [RECIPE], links: [], folders: [], secrets: [] },
    contents: new Map([[RECIPE.sha256, Buffer.from('name: web\n')]]),
  };
  const options = { name: 'web', reporter: silentReporter };
  const exported = (name: string, feeds?: string) => exportBundle(at(name), collected, { ...options, feeds });
  const take = (name: string) =>
    takeBundle(at(name), {
      shared: (kind) => at(`shared/${kind}`),
      folder: at(`of-${name}`),
      reporter: silentReporter,
    });
  await exported('without.bundle');
  await exported('with.bundle', at('feeds'));
  await mkdir(at('of-without.bundle'));
  t.equal((await take('without.bundle')).feeds, undefined);
  await mkdir(at('of-with.bundle'));
  const { feeds = '' } = await take('with.bundle');
  const inventory = inventoryOf(DEBIAN, [installed('a', '1-1')]);
  const { facts, statements } = await readFeeds(feeds, inventory, { now: NOW, maxAge: 7 });
  t.match(facts, [{ name: 'debian-tracker', fetched: '2026-11-29T00:00:00Z', unusable: undefined }], 'of their day');
  t.match(statements, [{ id: 'CVE-2026-1' }]);

  await t.rejects(exported('x.bundle', at('nowhere')), { code: 'vulns.no-feeds' });
  await writeFile(join(at('feeds'), 'debian-tracker-0'), 'changed');
  await t.rejects(exported('x.bundle', at('feeds')), { code: 'bundle.input-changed' }, 'not what their list says');
});

t.test('Ingot itself', async (t) => {
  await using folder = await temporaryFolder();
  await packIngot(join(folder.path, 'ingot.tar'));
  await run('tar', ['-x', '-C', folder.path, '-f', join(folder.path, 'ingot.tar')]);
  const { stdout } = await run(join(folder.path, 'ingot', 'bin', 'ingot'), ['--version'], {
    env: { PATH: '/usr/bin:/bin' },
  });
  t.match(stdout, /^\d+\.\d+\.\d+$/, 'runs with its own Node and packages');
  t.notOk(await isThere(join(folder.path, 'ingot/node_modules/tap')), 'without what its development needs');
});

t.test('a recipe with files from everywhere goes to another host', async (t) => {
  await using folder = await temporaryFolder();
  const at = (...names: string[]) => join(folder.path, ...names);
  const home = at('home');
  const ingot = (
    args: readonly string[],
    { cwd = at('work', 'web'), alone = false, env = {} }: { cwd?: string; alone?: boolean; env?: object } = {},
  ) =>
    run(
      ...(alone
        ? (['unshare', [process.getuid?.() === 0 ? '-n' : '-rn', process.execPath, MAIN, ...args]] as const)
        : ([process.execPath, [MAIN, ...args]] as const)),
      {
        cwd,
        allow: [0, 1, 2],
        env: { HOME: home, ...env },
      },
    );
  await mkdir(at('work', 'web', 'site', 'empty'), { recursive: true });
  await mkdir(at('work', 'shared', 'roles'), { recursive: true });
  await mkdir(home);
  await masterFixture(at('work'));
  const { sha256 } = await fileRef(at('work', 'original.iso'));
  await buildPackage(at('work', 'web'), 'debs', { name: 'ours' });
  await writeFile(at('work', 'web', 'site', 'index.html'), 'hello');
  await writeFile(at('work', 'web', 'site', 'run.sh'), '#!/bin/sh\n');
  await chmod(at('work', 'web', 'site', 'run.sh'), 0o755);
  await symlink('/usr/share/doc', at('work', 'web', 'site', 'doc'));
  await writeFile(at('work', 'shared', 'site.yml'), '- hosts: all\n  tasks: []\n');
  await writeFile(at('work', 'shared', 'roles', 'vars.yml'), 'a: 1\n');
  await writeFile(at('work', 'web', 'preseed.ejs'), 'd-i debian-installer/locale string en_US.UTF-8\n');
  await writeFile(at('home', 'key.pub'), `${KEY}\n`);
  await writeFile(at('work', 'web', 'token'), 'very-secret-value\n');
  await writeFile(
    at('work', 'web', 'web.yaml'),
    `name: web
os: {family: debian, release: "12"}
variables: {greeting: hello}
origin: {iso: ../original.iso, sha256: '${sha256}'}
answers:
  hostname: \${var:greeting}
  users: [{name: eva, sshKeys: [{file: ~/key.pub}]}]
  repositories: [{name: debian, uris: ['http://archive.example.org/debian'], suites: [bookworm]}]
  template: {file: preseed.ejs}
media: {packages: [{deb: 'debs/o/*.deb'}]}
configure:
  - copy: {from: site/, to: /srv/}
  - run: {script: 'true', env: {TOKEN: {file: token}, OTHER: {env: OTHER_TOKEN}}}
  - ansible: {playbook: ../shared/site.yml}
`,
  );
  const env = { OTHER_TOKEN: 'another-secret' };
  const store = ['--store', at('store'), '--plain'];
  t.match(await ingot(['lock', 'web.yaml', '--check'], { env }), { exitCode: 2, stdout: /could not be judged/ });
  t.match(await ingot(['build', 'web.yaml', '--locked', ...store], { env }), { exitCode: 1, stderr: /lock\.missing/ });
  t.match(await ingot(['lock', 'web.yaml', ...store], { env }), {
    exitCode: 0,
    stdout: /web\.yaml\.lock: ISO original\.iso, 1 added package, 9 files/,
  });
  const lock = await readFile(at('work', 'web', 'web.yaml.lock'), 'utf8');
  t.notMatch(
    lock,
    /secret-value|another-secret|KEY|archive\.example|\/tmp\//,
    'no secret, no address and no path of the host',
  );
  t.match(await ingot(['lock', 'web.yaml', '--check'], { env }), { exitCode: 0, stdout: /fits/ });
  const again = await ingot(['lock', 'web.yaml', ...store], { env });
  t.match(again.stdout, /stays as it is/);
  t.match(await ingot(['lock', 'web.yaml', '--update', 'oours', ...store], { env }), {
    exitCode: 2,
    stderr: /usage\.not-locked[\s\S]*`ours`/,
  });
  t.match(await ingot(['lock', 'web.yaml', '--update', '--check'], { env }), { exitCode: 2 });

  const until = ['--until', 'medium'];
  const here = await ingot(['build', 'web.yaml', '--locked', ...until, ...store], { env });
  t.equal(here.exitCode, 0, here.stderr);

  await writeFile(at('work', 'web', 'site', 'index.html'), 'changed');
  await chmod(at('work', 'web', 'site', 'run.sh'), 0o644);
  await rm(at('work', 'shared', 'roles', 'vars.yml'));
  const differing = await ingot(['build', 'web.yaml', '--locked', ...store], { env });
  t.match(
    differing,
    {
      exitCode: 1,
      stderr:
        /lock\.file-differs[\s\S]*index\.html has another content[\s\S]*run\.sh has mode 644[\s\S]*vars\.yml is in the lock/,
    },
    'all at once',
  );
  t.match(await ingot(['lock', 'web.yaml', '--check'], { env }), {
    exitCode: 1,
    stdout: /does not fit[\s\S]*index\.html/,
  });
  t.match(await ingot(['explain', 'web.yaml', '--store', at('store')], { env }), {
    exitCode: 0,
    stdout: /web\.yaml\.lock\n {2}does not fit[\s\S]*index\.html/,
  });
  const explained = await ingot(['explain', 'web.yaml', '--store', at('store'), '--json'], { env });
  t.match(JSON.parse(explained.stdout), [{ lock: { file: 'web.yaml.lock', says: [/^does not fit/] } }]);
  await writeFile(at('work', 'web', 'site', 'index.html'), 'hello');
  await chmod(at('work', 'web', 'site', 'run.sh'), 0o755);
  await writeFile(at('work', 'shared', 'roles', 'vars.yml'), 'a: 1\n');

  const bundle = at('carried', 'web.bundle');
  const exported = await ingot(['bundle', 'export', 'web.yaml', '-o', bundle, ...store], { env });
  t.match(exported, { exitCode: 0, stdout: /not in it +secrets: env OTHER_TOKEN, file token/ }, exported.stderr);
  t.equal((await run('grep', ['-c', 'very-secret-value', bundle], { allow: [0, 1] })).stdout.trim(), '0');
  t.match(await ingot(['bundle', 'verify', bundle]), { exitCode: 0, stdout: /is whole/ });

  // The other host: nothing of the first one but the bundle, and the secrets that it names.
  const there = at('there');
  await mkdir(there);
  await writeFile(at('carried', 'token'), 'very-secret-value\n');
  await run('mv', [at('work'), at('gone')]);
  await run('mv', [home, at('gone-home')]);
  await mkdir(home);
  const off = ['build', '--bundle', bundle, '--store', at('store-2'), '--plain', ...until];
  const built = await ingot(off, { cwd: there, alone: true, env });
  t.equal(built.exitCode, 0, built.stderr);
  const digestOf = async (place: string) => {
    const keys = await Promise.all(
      (await readdir(at(place, 'stages', 'packages'))).map((stage) =>
        readFile(at(place, 'stages', 'packages', stage, 'key.json'), 'utf8'),
      ),
    );
    return keys.map((key) => JSON.parse(key).locked).find((locked) => locked !== undefined);
  };
  t.equal(await digestOf('store-2'), await digestOf('store'), 'from the same lock');
  t.same(
    (await readdir(at('store-2'))).filter((name) => name.startsWith('bundle-')),
    [],
    'the unpacked recipe goes with the build',
  );
  await rm(at('carried', 'token'));
  t.match(await ingot(off, { cwd: there, env }), { exitCode: 2, stderr: /secret cannot be read/ });
  t.match(await ingot(['build', '--store', at('store-2')], { cwd: there }), {
    exitCode: 2,
    stderr: /usage\.no-recipe/,
  });

  await run('mv', [at('gone'), at('work')]);
  await run('mv', [at('gone-home', 'key.pub'), home]);
  const withSecrets = at('carried', 'secret.bundle');
  t.match(await ingot(['bundle', 'export', 'web.yaml', '-o', withSecrets, '--with-secrets', ...store], { env }), {
    exitCode: 0,
  });
  t.equal((await stat(withSecrets)).mode & 0o777, 0o600);
  t.equal((await run('grep', ['-c', 'very-secret-value', withSecrets], { allow: [0, 1] })).stdout.trim(), '1');
  const own = await ingot(
    ['build', 'web.yaml', '--bundle', withSecrets, '--store', at('store-3'), '--plain', ...until],
    { env },
  );
  t.equal(own.exitCode, 0, own.stderr);
  await writeFile(at('work', 'web', 'site', 'index.html'), 'changed');
  t.match(
    await ingot(['build', 'web.yaml', '--bundle', withSecrets, '--store', at('store-3'), '--plain', ...until], { env }),
    { exitCode: 1, stderr: /lock\.file-differs/ },
    'a recipe of this host has to fit too',
  );
});

t.test('recipes below go along, and an image by its digest', async (t) => {
  await using folder = await temporaryFolder();
  const at = (...names: string[]) => join(folder.path, ...names);
  const ingot = (args: readonly string[], cwd = at('work', 'web')) =>
    run(process.execPath, [MAIN, ...args], { cwd, allow: [0, 1, 2] });
  await mkdir(at('work', 'web'), { recursive: true });
  await mkdir(at('work', 'base', 'files'), { recursive: true });
  await run('qemu-img', ['create', '-q', '-f', 'qcow2', at('work', 'stock.qcow2'), '1G']);
  const os = 'os: {family: debian, release: "12"}';
  const answers = (name: string) => `answers: {hostname: ${name}, users: [{name: eva, sshKeys: ['${KEY}']}]}`;
  await writeFile(at('work', 'base', 'files', 'motd'), 'base');
  await writeFile(
    at('work', 'base', 'base.yaml'),
    `name: base\nvariables: {greeting: x}\n${os}\norigin: {image: ../stock.qcow2}\n${answers('base')}
configure: [{copy: {from: files/motd, to: /etc/motd}}]\n`,
  );
  await writeFile(
    at('work', 'web', 'web.yaml'),
    `name: web\n${os}\norigin: {image: {recipe: ../base/base.yaml, variables: {greeting: hello}}}\n${answers('web')}
policy: [baseline, ../policies/own.yaml]\n`,
  );
  await mkdir(at('work', 'policies'));
  await writeFile(at('work', 'policies', 'own.yaml'), 'include: [common.yaml]\n');
  await writeFile(at('work', 'policies', 'common.yaml'), 'include: [baseline]\n');
  const store = ['--store', at('store'), '--plain'];
  t.match(await ingot(['lock', 'web.yaml', ...store]), { exitCode: 0 });
  const lock = await readFile(at('work', 'web', 'web.yaml.lock'), 'utf8');
  t.match(lock, /below:[\s\S]*image: \{ name: stock\.qcow2, from: \.\.\/stock\.qcow2, sha256: [0-9a-f]{64}/);
  t.match(lock, /files\/motd[\s\S]*$/);
  t.match(lock, /policies\/common\.yaml/, 'with what a policy includes');
  const until = ['--until', 'base: obtain'];
  const locked = await ingot(['build', 'web.yaml', '--locked', ...until, ...store]);
  t.equal(locked.exitCode, 0, locked.stderr);
  const exported = await ingot(['bundle', 'export', 'web.yaml', '-o', at('web.bundle'), ...store]);
  t.match(exported, { exitCode: 0, stdout: /recipe +2 [\s\S]*image +1 / }, exported.stderr);
  await writeFile(at('work', 'base', 'files', 'motd'), 'changed');
  t.match(await ingot(['build', 'web.yaml', '--locked', ...until, ...store]), {
    exitCode: 1,
    stderr: /lock\.file-differs[\s\S]*files\/motd has another content/,
  });
  await rm(at('work'), { recursive: true });
  await mkdir(at('there'));
  const built = await ingot(
    ['build', '--bundle', at('web.bundle'), '--store', at('store-2'), '--plain', ...until],
    at('there'),
  );
  t.equal(built.exitCode, 0, built.stderr);
  const ours = await readdir(at('store', 'stages', 'obtain'));
  t.ok(ours.includes((await readdir(at('store-2', 'stages', 'obtain')))[0] ?? ''), 'the same image, by the same key');
});
