/** Locks: what is written is read again as it was, holds a build to it, and says all that differs or cannot be had. */

import { appendFile, cp, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import t from 'tap';
import { canonicalJson } from '../../src/canonical-json.ts';
import { contentText, notHeldText } from '../../src/cli/lock/text.ts';
import {
  archiveOf,
  type FrozenOptions,
  frozenLock,
  indexFiles,
  packageFiles,
} from '../../src/distributions/debian/archive/locked-archive.ts';
import type { PackageEntry } from '../../src/distributions/debian/archive/package-index.ts';
import { lockDigest, lockText } from '../../src/distributions/debian/archive/package-lock.ts';
import { unmetIn } from '../../src/distributions/debian/archive/relations.ts';
import { resolveDebian } from '../../src/distributions/debian/archive/resolve.ts';
import type { InstallerComponents } from '../../src/distributions/debian/medium/installer-parts.ts';
import { keyFingerprints } from '../../src/formats/signatures/fingerprints.ts';
import { temporaryFolder } from '../../src/host/files.ts';
import { run } from '../../src/host/run.ts';
import { changeLine, lockChanges } from '../../src/lock/changes.ts';
import { fileMisfits, misfits } from '../../src/lock/fit.ts';
import { frozenRecipe } from '../../src/lock/frozen-recipe.ts';
import { lockFileText, parseLockFile } from '../../src/lock/lock-text.ts';
import { localParts, lockedBuild, lockFileOf, wantedOf } from '../../src/lock/make-lock.ts';
import { lockedFiles, namedFiles } from '../../src/lock/named-files.ts';
import { trustedMirrors } from '../../src/lock/trusted-mirrors.ts';
import { openBlobs } from '../../src/origin/blobs.ts';
import { loadRecipe } from '../../src/recipe/load.ts';
import type { LockedArchive, LockedNamedFile } from '../../src/recipe/schema/lock-schema.ts';
import { isAssembled } from '../../src/recipe/schema/origin-schema.ts';
import { silentReporter } from '../../src/report.ts';
import { stepKeys } from '../../src/stages/configure/step-key.ts';
import { namedFiles as statedFiles } from '../../src/stages/deliver/named-files.ts';
import { lockedExtra } from '../../src/stages/origin/locked-extra.ts';
import { mirrorsOf } from '../../src/stages/origin/mirrors.ts';
import { buildPackage, closeArchive, KERNEL, tinyArchive } from '../distributions/debian/tiny-archive.ts';
import { load } from '../recipe/helpers.ts';

t.setTimeout(240_000);

const work = await temporaryFolder('ingot-lock-');
const at = (...names: string[]) => join(work.path, ...names);
const archive = await tinyArchive(at('archive'));
t.teardown(async () => {
  await closeArchive(archive);
  await work[Symbol.asyncDispose]();
});

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIDZQqZP0sW8b6aXfCk8PZ7q2kT9sR4uB3fS5kq0vX1y test';
const recipeText = (more: { packages?: string; snapshot?: string; user?: string } = {}): string => `name: tiny
os: {family: debian, release: "12"}
origin:
  assemble: debian
  mirror: ${archive.mirror}
  securityMirror: ${archive.security}
  keyring: ${archive.keyring}
  packages: [extra]
  standIns: never
answers:
  users: [{name: ${more.user ?? 'eva'}, sshKeys: ['${KEY}']}]
  packages: [${more.packages ?? 'tool'}]
`;
await writeFile(at('tiny.yaml'), recipeText());
const loaded = await loadRecipe(at('tiny.yaml'));
const mirrors = { urls: { mirror: archive.mirror, security: archive.security }, keys: [archive.keyring] };
const nobody = { urls: { mirror: 'http://127.0.0.1:1', security: 'http://127.0.0.1:1' }, keys: [archive.keyring] };
const components: InstallerComponents = {
  plan: ({ kernelRelease, udebs }) => ({
    candidates: kernelRelease === KERNEL ? udebs.find('tiny-udeb') : [],
    choose: () => ({ udebs: ['tiny-udeb'], standIns: [], debs: ['extra'] }),
  }),
  digest: 'a'.repeat(64),
};
const resolved = await resolveDebian({
  recipe: loaded.recipe,
  mirrors,
  store: openBlobs(at('store')),
  stateFolder: at('state'),
  components,
  reporter: silentReporter,
});
const made = { lock: resolved, file: undefined, added: undefined, below: undefined };
const build = await lockedBuild(loaded, made);
const text = lockFileText(await lockFileOf({ tiny: build }), 'tiny.yaml');

const frozen = (over: Partial<FrozenOptions> = {}) =>
  frozenLock({
    archive: archiveOf(resolved),
    request: build.request,
    components,
    mirrors,
    snapshots: {},
    store: openBlobs(at('store')),
    folder: work.path,
    where: 'tiny.yaml.lock',
    reporter: silentReporter,
    ...over,
  });

t.test('a lock as text', async (t) => {
  t.same(parseLockFile(text, 'x').builds['tiny'], JSON.parse(JSON.stringify(build)), 'is read as it was written');
  t.equal(lockFileText(parseLockFile(text, 'x'), 'tiny.yaml'), text, 'and written the same again');
  const lines = text.split('\n');
  t.equal(lines.filter((line) => /name: libtool-x, version: "?1\.0"?, /.test(line)).length, 1, 'a package is one line');
  t.match(lines[0], /^# What tiny\.yaml is built from/);
  const stanza = `Package: htop\nVersion: 3.2\nDescription: "processes"\n all of them\n`;
  const htop = {
    name: 'htop',
    version: '3.2',
    arch: 'amd64',
    from: 'x',
    sha256: 'b'.repeat(64),
    size: 1,
    file: 'h',
    stanza,
  };
  const added = { repositories: [], install: ['htop=3.2'], packages: [htop] };
  const withAdded = lockFileText(await lockFileOf({ tiny: { ...build, added } }), 'tiny.yaml');
  t.match(withAdded, /^ *- \{ name: htop, .*, stanza: .*all of them.* \}$/m, 'with what its repository says of it');
  t.same(parseLockFile(withAdded, 'x').builds['tiny']?.added, added);
  t.notMatch(text, /file:\/\/|\/tmp\/|KEY|stanza/, 'no address, no path of this host');
  const request = { install: ['nginx'], onMedium: [], leftOut: [], standIns: 'never' as const };
  const over = { ...build, archive: undefined, request, below: { ...build, added } };
  t.match(contentText(over), /without nginx, .*; over tiny\.yaml: .* 1 added package, /, 'what no lock holds is told');
  t.match(
    notHeldText(over),
    /no lock holds nginx\..* install them in that recipe/,
    'to who carries a bundle away as well',
  );
  t.equal(notHeldText(build), '');
  const image = { name: 'stock.qcow2', from: 'stock.qcow2', sha256: 'a'.repeat(64), proved: 'not at all' };
  t.equal(notHeldText({ ...over, below: { ...over.below, image } }), '', 'over an image it is chosen beforehand');
  const cases: [string, string, string][] = [
    ['no YAML', '{', 'lock.unreadable'],
    ['a merge that was not finished', text.replace('format: 1', '<<<<<<< ours\nformat: 1\n======='), 'lock.unreadable'],
    ['one key twice', `${text}\nformat: 1\n`, 'lock.unreadable'],
    ['aliases', text.replace('ingot:', 'more: &a [1]\nagain: *a\ningot:'), 'lock.unreadable'],
    ['an unknown field', `${text}\nmore: 1\n`, 'lock.unreadable'],
    ['a path out of the archive', text.replace(/file: pool\/main\/t/, 'file: ../../t'), 'lock.unreadable'],
    ['half a digest', text.replace(/sha256: [0-9a-f]{64}/, 'sha256: abc'), 'lock.unreadable'],
    ['another format', text.replace('format: 1', 'format: 7'), 'lock.unknown-format'],
  ];
  for (const [name, changed, code] of cases) {
    t.not(changed, text, name);
    t.throws(() => parseLockFile(changed, 'tiny.yaml.lock'), { code, where: 'tiny.yaml.lock', hint: /./ }, name);
  }
});

t.test('the list of packages comes back from the lock', async (t) => {
  t.equal(lockText(await frozen()), lockText(resolved), 'the very same');
  t.equal(
    lockDigest(await frozen({ store: openBlobs(at('store-2')) })),
    lockDigest(resolved),
    'also with an empty store',
  );
  t.equal(lockDigest(await frozen({ mirrors: nobody })), lockDigest(resolved), 'and without a mirror');
});

t.test('what the archive did not sign is refused, whatever the lock says', async (t) => {
  const change = (edit: (value: LockedArchive) => void): LockedArchive => {
    const value = structuredClone(archiveOf(resolved));
    edit(value);
    return value;
  };
  const [one, other] = archiveOf(resolved).packages;
  const first = (value: LockedArchive) => value.packages[0] ?? t.fail('no package');
  const cases: [string, (value: LockedArchive) => void, string][] = [
    ['another version', (value) => Object.assign(first(value), { version: '9.9' }), 'lock.not-signed'],
    [
      'another file under its name',
      (value) => Object.assign(first(value), { sha256: other?.sha256, size: other?.size }),
      'lock.not-signed',
    ],
    ['another path', (value) => Object.assign(first(value), { file: other?.file }), 'lock.not-signed'],
    ['a component', (value) => Object.assign(value.udebs[0] ?? {}, { version: '9.9' }), 'lock.not-signed'],
    ['no index of the components', (value) => value.suites[0]?.installerIndexes.pop(), 'lock.not-signed'],
    [
      'a digest that no file has',
      (value) => Object.assign(first(value), { sha256: '1'.repeat(64) }),
      'lock.not-signed',
    ],
    ['another initrd', (value) => Object.assign(value.installer.initrd, other), 'lock.not-signed'],
    ['a part of the installer', (value) => Object.assign(value.parts[0] ?? {}, { version: '9.9' }), 'lock.not-signed'],
    ['another suite', (value) => Object.assign(first(value), { suite: 'bookworm-updates' }), 'lock.not-signed'],
    [
      'another date',
      (value) => Object.assign(value.suites[0] ?? {}, { date: '2031-01-01T00:00:00.000Z' }),
      'lock.not-signed',
    ],
    ['another key', (value) => Object.assign(value.suites[0] ?? {}, { signers: ['F'.repeat(40)] }), 'lock.not-signed'],
    ['one more key', (value) => value.suites[0]?.signers.push('F'.repeat(40)), 'lock.not-signed'],
    ['no key', (value) => Object.assign(value.suites[0] ?? {}, { signers: [] }), 'lock.not-signed'],
    [
      'an index of another suite',
      (value) => Object.assign(value.suites[0] ?? {}, { indexes: value.suites[1]?.indexes }),
      'origin.digest-mismatch',
    ],
    [
      'an InRelease of another suite',
      (value) => Object.assign(value.suites[0] ?? {}, { inRelease: value.suites[1]?.inRelease }),
      'origin.wrong-suite',
    ],
  ];
  t.ok(one?.sha256 !== other?.sha256);
  for (const [name, edit, code] of cases) await t.rejects(frozen({ archive: change(edit) }), { code }, name);
  await run('gpg', [
    '--homedir',
    at('archive', 'gnupg'),
    '--batch',
    '--passphrase',
    '',
    '--quick-generate-key',
    'Other <o@example.org>',
    'ed25519',
    'sign',
    'never',
  ]);
  await run('gpg', [
    '--homedir',
    at('archive', 'gnupg'),
    '--batch',
    '--output',
    at('other.gpg'),
    '--export',
    'o@example.org',
  ]);
  await t.rejects(
    frozen({ mirrors: { ...mirrors, keys: [at('other.gpg')] } }),
    { code: 'origin.bad-signature' },
    'the wrong keys',
  );
});

t.test('a lock that has lost lines is told before anything is made', async (t) => {
  const without = (pick: (value: LockedArchive) => { name: string }[], name: string): LockedArchive => {
    const value = structuredClone(archiveOf(resolved));
    const list = pick(value);
    const nth = list.findIndex((one) => one.name === name);
    t.ok(nth >= 0, name);
    list.splice(nth, 1);
    return value;
  };
  const cases: [string, LockedArchive, RegExp][] = [
    ['a dependency', without(({ packages }) => packages, 'libtool-x'), /^tool needs libtool-x/m],
    ['what the recipe asks for', without(({ packages }) => packages, 'tool'), /^the recipe asks for tool$/m],
    [
      'what it wants on the medium',
      without(({ packages }) => packages, 'extra'),
      /^the recipe wants extra on the medium$/m,
    ],
    ['what each system needs', without(({ packages }) => packages, 'apt'), /^every system needs apt$/m],
    ['a component', without(({ udebs }) => udebs, 'tiny-udeb'), /^the installer needs tiny-udeb$/m],
    [
      'the installer',
      without(({ parts }) => parts, 'debian-installer-12-netboot-amd64'),
      /^the medium is made with debian-/m,
    ],
    ['a boot loader', without(({ parts }) => parts, 'isolinux'), /^the medium is made with isolinux$/m],
  ];
  for (const [name, lock, detail] of cases)
    await t.rejects(frozen({ archive: lock }), { code: 'lock.incomplete', detail, hint: /./ }, name);
});

t.test('what is satisfied by version', (t) => {
  const entry = (name: string, fields: Record<string, string>): PackageEntry => ({
    ...{
      name,
      version: fields['version'] ?? '1.0',
      arch: 'amd64',
      suite: 's',
      filename: 'f',
      size: 1,
      sha256: '',
      text: '',
    },
    fields: new Map(Object.entries(fields)),
  });
  const libs = [entry('lib', { version: '1:1.2-3' }), entry('mta', { provides: 'mail-agent, smtp (= 2.0)' })];
  const needing = (depends: string) => unmetIn([...libs, entry('web', { depends })]);
  for (const depends of [
    'lib',
    'lib (>= 1:1.2)',
    'lib:any (<< 1:1.3)',
    'none | lib (= 1:1.2-3)',
    'mail-agent',
    'smtp (>= 1)',
    '',
  ])
    t.same(needing(depends), [], depends);
  for (const depends of [
    'lib (>= 1:1.2-4)',
    'lib (<< 1.3)',
    'mail-agent (>= 1)',
    'smtp (>> 2.0)',
    'none',
    'none | lib (= 1)',
  ])
    t.equal(needing(depends).length, 1, depends);
  t.same(needing('none | lib (= 1)'), ['web needs none or lib (= 1)']);
  t.same(unmetIn([entry('a', { 'pre-depends': 'b (>= 1)' })]), ['a needs b (>= 1)']);
  t.end();
});

t.test('what a bundle brings is not believed more than what the recipe of this host names', async (t) => {
  const { stdout } = await run('gpg', [
    '--homedir',
    at('archive', 'gnupg'),
    '--with-colons',
    '--show-keys',
    archive.keyring,
  ]);
  const [, wanted = ''] = /^fpr:+([0-9A-F]+):/m.exec(stdout) ?? [];
  t.same(keyFingerprints(await readFile(archive.keyring)), [wanted], 'as gpg tells it');
  t.same(keyFingerprints((await readFile(archive.keyring)).subarray(0, 20)), [], 'of a part of a key nothing');
  const brought = (keys: string[]) => ({ urls: nobody.urls, keys });
  await t.rejects(trustedMirrors(loaded, brought([at('other.gpg')])), {
    code: 'bundle.unknown-keys',
    detail: new RegExp(`in the bundle: [0-9A-F]{40}\nhere: ${wanted}`),
  });
  await cp(archive.keyring, at('both.gpg'));
  await appendFile(at('both.gpg'), await readFile(at('other.gpg')));
  const trusted = await trustedMirrors(loaded, brought([at('both.gpg')]));
  t.same(trusted.keys, [archive.keyring], 'a foreign key beside the known one does not count');
  const { origin } = loaded.recipe;
  const taken = await mirrorsOf(
    { ...loaded, frozen: { build, where: 'x', sha256: 'x', mirrors: trusted } },
    'assemble' in origin ? origin : {},
  );
  t.same(taken, mirrors, 'and addresses that the recipe names win');
});

t.test('an added package is fetched again from where its repository had it', async (t) => {
  const tool = archiveOf(resolved).packages.find(({ name }) => name === 'tool') ?? t.fail('no tool');
  const { name, version, arch, size, sha256, file } = tool as LockedArchive['packages'][number];
  const one = {
    name,
    version,
    arch,
    size,
    sha256,
    at: file,
    from: 'origin.mirror bookworm',
    file: 'pool/t.deb',
    stanza: 'x',
  };
  const withAdded = (packages: object[]) => ({
    ...loaded,
    frozen: { where: 'x.lock', sha256: '', build: { ...build, added: { repositories: [], install: [], packages } } },
  });
  const context = { reporter: silentReporter };
  const extra = async (nth: number, more: object) =>
    lockedExtra(withAdded([{ ...one, ...more }]) as typeof loaded, openBlobs(at(`added-${nth}`)), context);
  t.match((await extra(1, {})).packages, [{ name: 'tool', filename: 'pool/t.deb', isLocal: false }]);
  t.equal(
    (await extra(2, { from: `${archive.mirror} bookworm` })).packages.length,
    1,
    'by the address that the recipe names',
  );
  const refused: [object, RegExp][] = [
    [{ at: undefined }, /^tool 1\.0 {2}sha256 \w+ {2}origin\.mirror bookworm$/],
    [{ at: 'pool/none.deb' }, /origin\.mirror bookworm: does not have tool/],
    [{ from: 'https://other.example stable' }, /https:\/\/other\.example stable: no repository of the recipe/],
    [{ sha256: '1'.repeat(64) }, /origin\.mirror bookworm: /],
  ];
  for (const [nth, [more, detail]] of refused.entries())
    await t.rejects(extra(nth + 3, more), { code: 'lock.cannot-be-had', detail }, JSON.stringify(more));
});

t.test('what is gone from the mirror', async (t) => {
  await cp(at('archive'), at('snapshot'), { recursive: true, filter: (path) => !path.includes('gnupg') });
  const served = createServer((request, response) => {
    readFile(join(at('snapshot'), decodeURIComponent(request.url ?? ''))).then(
      (data) => response.writeHead(200, { 'content-length': data.length }).end(data),
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve) => served.listen(0, '127.0.0.1', resolve));
  t.teardown(() => served.close());
  const url = `http://127.0.0.1:${(served.address() as AddressInfo).port}`;
  // The archive goes on: a new version in the place of the old one.
  const gone = archiveOf(resolved).packages.find(({ name }) => name === 'tool');
  await rm(at('archive', 'debian', gone?.file ?? ''));
  await buildPackage(archive.path('debian'), 'pool/main', {
    name: 'tool',
    version: '1.1',
    fields: { Depends: 'libtool-x' },
  });
  await archive.publish();
  const empty = (name: string) => openBlobs(at(name));
  const refused = await frozen({ store: empty('empty-1') }).then(
    () => t.fail('it was found'),
    (error) => error,
  );
  t.match(refused, { code: 'lock.cannot-be-had', hint: /origin\.snapshot/ });
  t.match(refused.detail, /tool 1\.0 {2}sha256 [0-9a-f]{64}/, 'names the package');
  t.match(refused.detail, /InRelease of bookworm .*\n[\s\S]*the mirror/, 'and the indexes, all in one');
  t.notMatch(refused.detail, /libtool-x/, 'and not what the mirror still has');
  const snapshots = { mirror: `${url}/debian`, security: `${url}/security/` };
  t.equal(
    lockDigest(await frozen({ store: empty('empty-2'), snapshots })),
    lockDigest(resolved),
    'a mirror that keeps old files has it',
  );
  await t.rejects(frozen({ store: empty('empty-3'), mirrors: nobody }), {
    code: 'lock.cannot-be-had',
    detail: /the mirror: the mirror cannot be reached/,
  });
  const [store, full] = [empty('empty-4'), openBlobs(at('store'))];
  for (const file of [...packageFiles(archiveOf(resolved)), ...indexFiles(archiveOf(resolved))])
    await store.keep(full.path(file), file, 'file');
  t.equal(
    lockDigest(await frozen({ store, mirrors: nobody })),
    lockDigest(resolved),
    'or the store, without any mirror',
  );
});

t.test('whether a lock fits', async (t) => {
  const rules = async (changed: string) => {
    await writeFile(at('tiny.yaml'), changed);
    return (await misfits(await loadRecipe(at('tiny.yaml')), build)).filter(({ rule }) => rule !== 'lock/components');
  };
  t.same(await rules(recipeText()), []);
  t.same(await rules(recipeText({ user: 'adam' })), [], 'what is no input is not in it');
  t.match(await rules(recipeText({ packages: 'tool, chrony' })), [
    { rule: 'lock/request', message: /chrony/ },
    { rule: 'lock/request', message: /systemd-timesyncd/ },
  ]);
  t.match(await rules(recipeText().replace('standIns: never', 'standIns: always')), [
    { rule: 'lock/request', message: /always/ },
  ]);
  t.match(await rules(recipeText().replace('release: "12"', 'release: "13"')), [{ rule: 'lock/system' }]);
  await writeFile(at('tiny.yaml'), recipeText());
  await t.rejects(frozenRecipe(loaded), { code: 'lock.missing', hint: /ingot lock tiny\.yaml/ });
  await writeFile(at('tiny.yaml.lock'), text);
  await t.rejects(
    frozenRecipe(loaded),
    { code: 'lock.differs', detail: /stand-ins/ },
    'stand-ins of a test are not those of this Ingot',
  );
  await rm(at('tiny.yaml.lock'));

  const file = (path: string, more: Partial<LockedNamedFile> = {}): LockedNamedFile => ({
    at: 'configure[0].copy.from',
    path,
    kind: 'file',
    mode: '644',
    size: 1,
    sha256: 'a'.repeat(64),
    ...more,
  });
  const cases: [string, LockedNamedFile[], LockedNamedFile[], string[]][] = [
    ['the same', [file('a')], [file('a')], []],
    ['another content', [file('a', { sha256: 'b'.repeat(64) })], [file('a')], ['lock/file-differs']],
    ['another mode', [file('a', { mode: '755' })], [file('a')], ['lock/file-differs']],
    ['another kind', [file('a', { kind: 'link', target: 'b' })], [file('a')], ['lock/file-differs']],
    [
      'another target',
      [file('a', { kind: 'link', target: 'b' })],
      [file('a', { kind: 'link', target: 'c' })],
      ['lock/file-differs'],
    ],
    ['a new one and one that is gone', [file('a')], [file('b')], ['lock/file-new', 'lock/file-gone']],
    ['another name on another host', [file('…/a')], [file('…/b')], []],
    ['another place in the recipe', [file('a', { at: 'x' })], [file('a')], ['lock/file-new', 'lock/file-gone']],
  ];
  for (const [name, now, locked, wanted] of cases)
    t.same(
      fileMisfits(now, locked).map(({ rule }) => rule),
      wanted,
      name,
    );
});

t.test('files that a recipe names', async (t) => {
  await mkdir(at('real', 'roles'), { recursive: true });
  await mkdir(at('files', '.git'), { recursive: true });
  for (const name of ['real/run.sh', 'real/site.yml', 'real/key.pub', 'files/plain', 'files/.git/config'])
    await writeFile(at(name), name.endsWith('.pub') ? `${KEY}\n` : 'one');
  const links = { 'run.sh': 'real/run.sh', 'key.pub': 'real/key.pub', tree: 'files', 'files/inner': 'plain' };
  for (const [name, target] of Object.entries(links)) await symlink(target, at(name));
  await mkdir(at('play'));
  await symlink('../real/site.yml', at('play/site.yml'));
  await writeFile(
    at('named.yaml'),
    `${recipeText().replace(`'${KEY}'`, '{file: key.pub}')}configure:
  - run: {file: run.sh}
  - copy: {from: tree, to: /srv/}
  - ansible: {playbook: play/site.yml}
`,
  );
  const look = async () => {
    const recipe = await loadRecipe(at('named.yaml'));
    return {
      locked: lockedFiles(await namedFiles(recipe)).filter(({ at: place }) => !place.startsWith('origin')),
      keys: await stepKeys(recipe, { secretDigest: () => '' }),
      stated: (await statedFiles(recipe)).filter(({ name }) => !/keyring|gpg/.test(name ?? '')),
    };
  };
  const before = await look();
  t.same(
    before.locked.map(({ path, kind }) => `${path} ${kind}`),
    ['key.pub file', 'run.sh file', 'tree/inner link', 'tree/plain file', 'play/site.yml file'],
    'a link that is named is followed, one in a folder is not, and there is no .git',
  );
  t.notOk(before.stated.some(({ name }) => name?.includes('.git')));
  for (const [place, name] of [...['real/run.sh', 'files/plain', 'real/site.yml'].entries()]) {
    const { locked, keys, stated } = await look();
    await writeFile(at(name), 'another');
    const now = await look();
    t.not(canonicalJson(now.locked), canonicalJson(locked), `${name} is in the lock`);
    t.not(canonicalJson(now.stated), canonicalJson(stated), `${name} is in the provenance`);
    t.not(canonicalJson(now.keys[place] ?? null), canonicalJson(keys[place] ?? null), `${name} is in its step's key`);
  }
  const recipe = await loadRecipe(at('named.yaml'));
  const each: (() => Promise<unknown>)[] = [
    () => namedFiles(recipe),
    () => stepKeys(recipe, { secretDigest: () => '' }),
    () => statedFiles(recipe),
  ];
  await run('mkfifo', [at('files', 'pipe')]);
  for (const walk of each)
    await t.rejects(walk(), { code: 'host.special-file', message: /a FIFO/, where: at('tree', 'pipe') });
  await t.rejects(
    loadRecipe(at('named.yaml')),
    { code: 'recipe.invalid', detail: /pipe is a FIFO/ },
    'known before anything is opened',
  );
  await rm(at('files', 'pipe'));
  const unnamed = Buffer.concat([Buffer.from(at('files/a')), Buffer.from([0xff])]);
  await writeFile(unnamed, '');
  for (const walk of each)
    await t.rejects(walk(), { code: 'host.name-not-utf8', message: /the name a\\xff is no UTF-8/, where: at('tree') });
  // Node removes no folder with such a name in it.
  await rm(unnamed);
});

t.test('a changelog', async (t) => {
  const edit = (change: (value: typeof build) => void) => {
    const value = structuredClone(build);
    change(value);
    return lockChanges(build, value).map(changeLine);
  };
  t.same(
    edit(() => {}),
    [],
  );
  const place = build.archive?.packages.findIndex(({ name }) => name === 'tool') ?? -1;
  t.same(
    edit(({ archive }) => void Object.assign(archive?.packages[place] ?? {}, { version: '1.1' })),
    ['  package   tool  1.0 → 1.1'],
  );
  t.same(
    edit(({ archive }) => void Object.assign(archive?.packages[place] ?? {}, { sha256: '0'.repeat(64) })),
    ['  package   tool  1.0, another file'],
  );
  t.same(
    edit(({ archive }) => void archive?.packages.splice(place, 1)),
    ['- package   tool  1.0'],
  );
  t.match(
    edit(({ archive }) => void Object.assign(archive?.suites[0] ?? {}, { date: '2030-01-01T00:00:00.000Z' })),
    [/^ {2}suite +bookworm .* → 2030-01-01/],
  );
  t.match(lockChanges(undefined, build).map(changeLine)[0], /^\+ suite/);
});

t.test('what a recipe says of its ISO is what the lock was written for', async (t) => {
  const of = (says: string) =>
    load(t, `name: a\nos: {family: debian, release: "12"}\norigin: {iso: i.iso, ${says}}\n`, {
      files: { 'i.iso': '', 'k.gpg': '-----BEGIN PGP PUBLIC KEY BLOCK-----\n' },
    });
  const sums = (key: string) =>
    `sums: {url: "https://mirror.example.org/SHA512SUMS", key: ${key.repeat(40)}, keyring: k.gpg}`;
  const buildOf = async (says: string, digest: string) => {
    const loaded = await of(says);
    if (isAssembled(loaded.recipe.origin)) throw new Error('no ISO');
    const iso = { name: 'i.iso', from: 'i.iso', sha256: digest, proved: 'x', ...wantedOf(loaded.recipe.origin) };
    return { ...(await localParts(loaded)), iso };
  };
  const [one, other] = ['a', 'b'];
  const rows: [was: string, is: string, fits: boolean][] = [
    [`sha512: ${one.repeat(128)}`, `sha512: ${one.repeat(128)}`, true],
    [`sha512: ${one.repeat(128)}`, `sha512: ${other.repeat(128)}`, false],
    [`sha512: ${one.repeat(128)}`, `sha256: ${one.repeat(64)}`, true],
    [`sha512: ${one.repeat(128)}`, `sha256: ${other.repeat(64)}`, false],
    [sums(one), sums(one), true],
    [sums(one), sums(other), false],
    [sums(one), `sha512: ${one.repeat(128)}`, false],
  ];
  for (const [was, is, fits] of rows)
    t.same(
      (await misfits(await of(is), await buildOf(was, one.repeat(64))))
        .map(({ rule }) => rule)
        .filter((rule) => rule === 'lock/origin'),
      fits ? [] : ['lock/origin'],
      `${was} → ${is}`,
    );
});
