/** Where packages come from and who signed them: apt's sources, keyrings, Release files and relations. */
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { aptPaths, renderAptConf, renderSources } from '../../../src/distributions/debian/archive/apt-conf.ts';
import { aptError } from '../../../src/distributions/debian/archive/apt-error.ts';
import { basePackages } from '../../../src/distributions/debian/archive/closure.ts';
import { findMirrors } from '../../../src/distributions/debian/archive/find-mirrors.ts';
import { installationStages } from '../../../src/distributions/debian/archive/order.ts';
import { buildPackageIndex } from '../../../src/distributions/debian/archive/package-index.ts';
import { parseRelations } from '../../../src/distributions/debian/archive/relations.ts';
import { parseReleaseFile } from '../../../src/distributions/debian/archive/release-file.ts';
import { debianRelease } from '../../../src/distributions/debian/archive/releases.ts';
import { readAptSources } from '../../../src/distributions/debian/archive/sources.ts';
import { recommendedBy } from '../../../src/distributions/debian/archive/tasks.ts';
import { readKernelRelease } from '../../../src/distributions/debian/medium/installer-images.ts';
import { parseDeb822Sources, parseOneLineSources } from '../../../src/formats/packages/apt-sources.ts';
import { parseStanzas } from '../../../src/formats/packages/deb822.ts';
import { dearmor, isKeyring } from '../../../src/formats/signatures/armor.ts';
import { temporaryFolder } from '../../../src/host/files.ts';
import { run } from '../../../src/host/run.ts';
import { writeKeyring } from '../../../src/origin/keyring.ts';
import { DEBIAN_KEYRING } from '../../../src/recipe/values/debian-releases.ts';
import { tinyKernel } from './tiny-archive.ts';

const release = debianRelease('12');

const ONE_LINE = `# a comment
deb http://one.example.org/debian bookworm main contrib # with a comment
deb-src http://one.example.org/debian bookworm main
 deb [ arch=amd64 signed-by=/usr/share/keyrings/k.gpg ] http://two.example.org/debian/ bookworm-updates main
deb [trusted=yes] file:/srv/flat ./
#deb http://off.example.org/debian bookworm main
`;

const DEB822 = `# Debian
Types: deb deb-src
URIs: http://three.example.org/debian
 http://four.example.org/debian
# in the middle
Suites: bookworm bookworm-updates
Components: main
 non-free-firmware
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: http://off.example.org/debian
Suites: bookworm
Components: main
Enabled: no


Types: deb-src
URIs: http://source.example.org/debian
Suites: bookworm
Components: main
`;

t.test('package sources are read as apt reads them', async (t) => {
  await using folder = await temporaryFolder();
  const etc = join(folder.path, 'etc');
  await mkdir(join(etc, 'sources.list.d'), { recursive: true });
  await mkdir(join(folder.path, 'state/lists/partial'), { recursive: true });
  await writeFile(join(etc, 'sources.list'), ONE_LINE);
  await writeFile(join(etc, 'sources.list.d/b.sources'), DEB822);
  await writeFile(join(etc, 'sources.list.d/a.list'), 'deb https://five.example.org/x sid main\n');
  await writeFile(join(etc, 'sources.list.d/c.sources.disabled'), DEB822.replaceAll('three', 'never'));
  const sources = await readAptSources(etc);
  const mine = sources.flatMap(({ uris, suites, components }) =>
    uris.flatMap((uri) =>
      suites.flatMap((suite) =>
        components.map((component) => `${uri.replace(/\/+$/, '')}/dists/${suite}/${component}/binary-amd64/Packages`),
      ),
    ),
  );
  const settings = { 'Dir::Etc': etc, 'Dir::State': join(folder.path, 'state'), 'Dir::Etc::parts': '/dev/null' };
  const args = Object.entries(settings).flatMap(([key, value]) => ['-o', `${key}=${value}`]);
  const { stdout } = await run('apt-get', [...args, 'update', '--print-uris']);
  const theirs = [...stdout.matchAll(/^'([^']+binary-amd64\/Packages)(?:\.\w+)?'/gm)].map(([, uri = '']) => uri);
  t.ok(theirs.length > 10);
  t.same(mine.sort(), theirs.sort());
  t.same(sources[0], {
    format: 'one-line',
    types: ['deb'],
    uris: ['http://one.example.org/debian'],
    suites: ['bookworm'],
    components: ['main', 'contrib'],
    signedBy: undefined,
    trusted: false,
  });
  t.equal(parseDeb822Sources(DEB822)[0]?.signedBy, '/usr/share/keyrings/debian-archive-keyring.gpg');
  t.equal(parseOneLineSources(ONE_LINE)[2]?.signedBy, '/usr/share/keyrings/k.gpg');
  t.same(await readAptSources(join(folder.path, 'none')), []);
  await symlink('d.list', join(etc, 'sources.list.d/d.list'));
  await t.rejects(
    readAptSources(etc),
    { code: 'host.link-loop', where: /d\.list$/ },
    'what cannot be read is not empty',
  );
});

t.test('mirrors', async (t) => {
  await using folder = await temporaryFolder();
  const list = join(folder.path, 'mirrors.list');
  await writeFile(list, 'https://listed.example.org/debian/\tpriority:1\n');
  const etc = async (name: string, sources: string) => {
    await mkdir(join(folder.path, name), { recursive: true });
    await writeFile(join(folder.path, name, 'sources.list'), sources);
    return join(folder.path, name);
  };
  const both = await etc(
    'both',
    `deb [signed-by=/k/other.gpg] http://vendor.example.org/x nodistro main
deb [signed-by=/k/main.gpg] http://m.example.org/debian/ bookworm main
deb [signed-by=/k/sec.gpg] http://s.example.org/debian-security bookworm-security main\n`,
  );
  const wish = { mirror: 'file:///m', securityMirror: 'http://s.example.org/' };
  t.same(await findMirrors({}, release, both), {
    urls: { mirror: 'http://m.example.org/debian', security: 'http://s.example.org/debian-security' },
    keys: ['/k/main.gpg', '/k/sec.gpg'],
  });
  t.same(await findMirrors({ ...wish, keyring: '/my.gpg' }, release, both), {
    urls: { mirror: 'file:///m', security: 'http://s.example.org' },
    keys: ['/my.gpg'],
  });
  t.same(
    (await findMirrors(wish, release, both)).keys,
    [DEBIAN_KEYRING],
    "another archive than the host's, not its keys",
  );
  const newer = await etc(
    'newer',
    `deb http://n.example.org/debian trixie main\ndeb mirror+file:${list} trixie-security main\n`,
  );
  t.same((await findMirrors({}, release, newer)).urls, {
    mirror: 'http://n.example.org/debian',
    security: 'https://listed.example.org/debian',
  });
  const none = { code: 'origin.no-mirror', where: 'origin.mirror', hint: /dists\/bookworm/ };
  await t.rejects(findMirrors({}, release, join(folder.path, 'nothing')), none);
  const ubuntu = await etc('ubuntu', 'deb http://u.example.org/ubuntu noble main\n');
  await t.rejects(findMirrors({}, release, ubuntu), none);
  await t.rejects(findMirrors({ mirror: 'http://m/' }, release, ubuntu), {
    code: 'origin.no-mirror',
    where: 'origin.securityMirror',
  });
  await t.rejects(findMirrors({ mirror: 'cdrom://x' }, release, ubuntu), { code: 'origin.no-mirror' });
});

t.test('keyrings', async (t) => {
  await using folder = await temporaryFolder();
  const armored = join(folder.path, 'armored.asc');
  const { stdout } = await run('gpg', [
    '--homedir',
    folder.path,
    '--batch',
    '--enarmor',
    '--output',
    '-',
    DEBIAN_KEYRING,
  ]);
  const asKeys = stdout.replaceAll('ARMORED FILE', 'PUBLIC KEY BLOCK');
  await writeFile(armored, asKeys);
  const binary = await readFile(DEBIAN_KEYRING);
  t.ok(dearmor(asKeys).equals(binary), 'as gpg unpacks it');
  const joined = join(folder.path, 'joined.gpg');
  const listed = async (path: string) =>
    (await run('gpg', ['--homedir', folder.path, '--with-colons', '--show-keys', path])).stdout.match(/^fpr.*$/gm);
  for (const keys of [[DEBIAN_KEYRING], [armored], [asKeys]]) {
    await writeKeyring(keys, joined);
    t.same(await listed(joined), await listed(DEBIAN_KEYRING));
  }
  t.not(await writeKeyring([armored], joined), await writeKeyring([armored, DEBIAN_KEYRING], joined));
  // A Secret-Key packet: tag 5 in the old form (RFC 9580, 4.2.2).
  const secret = Buffer.from(`9458${'04'.padEnd(176, '0')}`, 'hex');
  for (const content of ['no key at all', Buffer.from('\ufeffa text', 'utf16le'), secret]) {
    await writeFile(armored, content);
    await t.rejects(writeKeyring([armored], joined), { code: 'origin.keyring-invalid' });
    t.notOk(isKeyring(Buffer.from(content)), 'nor is it one for a recipe');
  }
  await t.rejects(writeKeyring(['/no/such'], joined), { code: 'origin.keyring-missing' });
});

t.test('apt settings hold against the host', async (t) => {
  await using folder = await temporaryFolder();
  const paths = aptPaths(folder.path);
  await writeFile(paths.config, renderAptConf(paths));
  const host = join(folder.path, 'host.conf');
  await writeFile(
    host,
    `Acquire::http::Proxy "http://proxy.example.org:3128"; APT::Default-Release "sid"; Dir::Cache::pkgcache "";
APT::Architectures { "i386"; }; APT::Update::Post-Invoke { "touch /nowhere"; }; Acquire::PDiffs "true";
Acquire::IndexTargets::deb::Contents-deb::MetaKey "x"; Acquire::AllowInsecureRepositories "true";\n`,
  );
  const { stdout } = await run('apt-config', ['-c', paths.config, 'dump'], { env: { APT_CONFIG: host } });
  t.match(stdout, /Acquire::http::Proxy "http:\/\/proxy.example.org:3128"/);
  t.match(stdout, /Acquire::PDiffs "false"/);
  t.match(stdout, /Acquire::AllowInsecureRepositories "false"/);
  t.notMatch(stdout, /"i386"|sid|touch|Contents-deb::MetaKey/);
  t.match(stdout, `Dir::Cache::pkgcache "${paths.cache}/pkgcache.bin"`);
  const sources = renderSources(release, { urls: { mirror: 'http://m', security: 'http://s' }, keys: [] }, '/k.gpg');
  t.same(
    parseDeb822Sources(sources).map(({ uris, suites, components }) => [uris, suites, components]),
    [
      [['http://m'], ['bookworm'], ['main', 'main/debian-installer']],
      [['http://m'], ['bookworm-updates'], ['main']],
      [['http://s'], ['bookworm-security'], ['main']],
    ],
  );
});

t.test("apt's failures have names", async (t) => {
  const cases: [string, string][] = [
    ['E: Failed to fetch http://m/x.deb  404  Not Found [IP: 192.0.2.1 80]', 'origin.not-on-mirror'],
    ["W: Failed to fetch http://m/InRelease  Could not resolve 'm'", 'origin.mirror-unreachable'],
    [
      'E: Failed to fetch http://m/InRelease  Could not connect to 127.0.0.1:1 (127.0.0.1).',
      'origin.mirror-unreachable',
    ],
    ['E: Failed to fetch http://m/InRelease  503  Service Unavailable [IP: 192.0.2.1 80]', 'origin.mirror-failed'],
    ['E: Failed to fetch http://m/InRelease  429  Too Many Requests [IP: 192.0.2.1 80]', 'origin.mirror-failed'],
    [
      "E: Failed to fetch http://m/InRelease  403  Forbidden [IP: 192.0.2.1 80]\nE: The repository 'http://m x InRelease' is not signed.",
      'origin.mirror-refused',
    ],
    [
      "E: Failed to fetch http://m/InRelease  Clearsigned file isn't valid, got 'NOSPLIT' (does the network require authentication?)\nE: The repository 'http://m x InRelease' is not signed.",
      'origin.not-an-archive',
    ],
    [
      'E: Failed to fetch http://m/InRelease  Error reading from server. Remote end closed connection [IP: 192.0.2.1 80]',
      'origin.mirror-unreachable',
    ],
    ['W: GPG error: http://m InRelease: NO_PUBKEY 0123', 'origin.bad-signature'],
    ["E: The repository 'http://m bookworm InRelease' is not signed.", 'origin.bad-signature'],
    ['E: Failed to fetch http://m/x  Hash Sum mismatch', 'origin.digest-mismatch'],
    ['E: Release file for http://m/InRelease is expired (invalid since 3d).', 'origin.index-expired'],
    ['E: Write error - write (28: No space left on device)', 'host.no-space'],
    ['E: Something else', 'origin.apt-failed'],
  ];
  for (const [output, code] of cases) t.match(aptError(`noise\n${output}`, 'work'), { code, detail: output.trim() });
});

t.test('stanzas and Release files', async (t) => {
  const stanzas = parseStanzas('A: 1\nB:\n x\n y\n# no\nC: 3\n\n \nD: 4\n\n\n');
  t.same(
    stanzas.map((stanza) => Object.fromEntries(stanza)),
    [{ a: '1', b: '\nx\ny', c: '3' }, { d: '4' }],
  );
  const text = `Codename: bookworm\nDate: Sat, 11 Jul 2026 10:16:37 UTC\nMD5Sum:\n ${'0'.repeat(32)} 1 main/x\nSHA256:\n ${'a'.repeat(64)}      12 main/x\n`;
  const parsed = parseReleaseFile(text, 'here');
  t.equal(parsed.date.toISOString(), '2026-07-11T10:16:37.000Z');
  t.same([...parsed.files], [['main/x', { sha256: 'a'.repeat(64), size: 12 }]]);
  for (const bad of [text.replace('SHA256', 'SHA1'), text.replace('Date: Sat', 'Was: Sat')]) {
    t.throws(() => parseReleaseFile(bad, 'here'), { code: 'origin.release-invalid' });
  }
});

const stanza = (name: string, fields: Record<string, string> = {}) =>
  Object.entries({
    Package: name,
    Version: '1',
    Architecture: 'all',
    Filename: `pool/${name}.deb`,
    Size: '1',
    SHA256: 'a'.repeat(64),
    ...fields,
  })
    .map(([key, value]) => `${key}: ${value}\n`)
    .join('');

const indexOf = (t: Test, suites: Readonly<Record<string, string>>) => {
  const folder = t.testdir(suites);
  return buildPackageIndex(Object.keys(suites).map((suite) => ({ suite, path: join(folder, suite) })));
};

t.test('what a task recommends is asked for with it', async (t) => {
  const index = indexOf(t, {
    one: ['task-web', 'apache2', 'b', 'links']
      .map((name) => stanza(name, name === 'task-web' ? { Recommends: 'apache2 (>= 2), lynx | links:any, gone' } : {}))
      .join('\n'),
  });
  t.same(
    recommendedBy(['web', 'none'], index).map(({ name, where }) => `${name} ${where}`),
    ['apache2', 'links'].map((name) => `${name} answers.tasks, recommended by task-web`),
  );
});

t.test('indexes', async (t) => {
  const index = indexOf(t, {
    one: `${stanza('a', { Provides: 'v (= 1), w', Priority: 'required' })}\n${stanza('b', { Essential: 'yes' })}`,
    two: `${stanza('a', { Version: '2' })}\n`,
  });
  t.same(
    index.find('a').map(({ version, suite }) => [version, suite]),
    [
      ['1', 'one'],
      ['2', 'two'],
    ],
  );
  t.equal(index.exact('a', '2')?.suite, 'two');
  t.same(basePackages(index, 'one', []), ['a', 'apt', 'b']);
  t.same(basePackages(index, 'two', ['apt']), []);
  t.same([index.providers('w'), index.providers('v'), index.providers('x')], [['a'], ['a'], []]);
  for (const bad of [{ Filename: '../../etc/passwd' }, { Filename: '/etc/x' }, { SHA256: 'short' }, { Size: 'x' }]) {
    t.same(indexOf(t, { s: stanza('bad', bad) }).find('bad'), [], JSON.stringify(bad));
  }
});

t.test('an index of many pieces, with a stanza that is longer than one', (t) => {
  const names = Array.from({ length: 20_000 }, (_, index) => `package-${index}`);
  const long = stanza('long', { Description: 'ü'.repeat(1.5 * 2 ** 20), Priority: 'important' });
  const middle = names.length / 2;
  const index = indexOf(t, {
    s: [
      ...names.slice(0, middle).map((name) => stanza(name)),
      long,
      ...names.slice(middle).map((name) => stanza(name)),
    ].join('\n'),
  });
  t.same([...index.names()].length, names.length + 1);
  for (const name of names.filter((_, number) => number % 997 === 0))
    t.equal(index.find(name)[0]?.fields.get('package'), name);
  t.equal(index.find('long')[0]?.text, long.trim());
  t.same(basePackages(index, 's', []), ['apt', 'long']);
  t.end();
});

t.test('relations and stages', async (t) => {
  t.same(parseRelations('a (>= 1) | b, c:any, d [amd64] <!x>,e'), [['a', 'b'], ['c'], ['d'], ['e']]);
  t.same(parseRelations(undefined), []);
  const text = [
    stanza('base', { Essential: 'yes', Depends: 'need' }),
    stanza('need'),
    stanza('last', { 'Pre-Depends': 'none | middle' }),
    stanza('middle', { 'Pre-Depends': 'virtual' }),
    stanza('early', { Provides: 'virtual', Depends: 'circle-a' }),
    stanza('circle-a', { Depends: 'circle-b' }),
    stanza('circle-b', { Depends: 'circle-a, need' }),
    stanza('other', { Depends: 'last' }),
    stanza('odd-a', { 'Pre-Depends': 'odd-b' }),
    stanza('odd-b', { 'Pre-Depends': 'odd-a' }),
  ].join('\n');
  const index = indexOf(t, { s: text });
  const entries = [...index.all('s')].filter(({ name }) => !name.startsWith('odd'));
  t.same(Object.fromEntries(installationStages(entries)), {
    base: 0,
    need: 0,
    early: 1,
    'circle-a': 1,
    'circle-b': 1,
    middle: 2,
    last: 3,
    other: 3,
  });
  t.equal(installationStages([...index.all('s')]).size, 10, 'a circle of pre-dependencies ends');
});

t.test('kernel release', async (t) => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, 'linux');
  await writeFile(path, tinyKernel('6.1.0-50-amd64'));
  t.equal(await readKernelRelease(path), '6.1.0-50-amd64');
  await writeFile(path, 'not a kernel');
  await t.rejects(readKernelRelease(path), { code: 'origin.installer-missing' });
  t.throws(() => debianRelease('99'), { code: 'origin.unknown-release' });
});
