/** Packages added to a medium: what apt resolves, and a repository that a real apt takes with its key alone. */
import { generateKeyPairSync } from 'node:crypto';
import { copyFile, mkdir, readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import t from 'tap';
import { imageGround, mediumGround } from '../../../src/distributions/debian/added/ground.ts';
import { findDebs } from '../../../src/distributions/debian/added/local-debs.ts';
import { packagesIndex, repositoryFiles } from '../../../src/distributions/debian/added/repository-files.ts';
import {
  type ExtraOptions,
  resolveExtra,
  type WantedRepository,
} from '../../../src/distributions/debian/added/resolve-added.ts';
import { derivedKey, readSigningKey } from '../../../src/distributions/debian/added/signing-key.ts';
import { releaseText } from '../../../src/distributions/debian/archive/release-file.ts';
import { clearsign } from '../../../src/formats/signatures/openpgp.ts';
import { temporaryFolder } from '../../../src/host/files.ts';
import { run } from '../../../src/host/run.ts';
import { openBlobs } from '../../../src/origin/blobs.ts';
import { silentReporter } from '../../../src/report.ts';
import { buildPackage, closeArchive, sha256Of, type TinyPackage, tinyArchive } from './tiny-archive.ts';

t.setTimeout(120_000);

const work = await temporaryFolder('ingot-extra-');
const archive = await tinyArchive(join(work.path, 'archive'));
t.teardown(async () => {
  await closeArchive(archive);
  await work[Symbol.asyncDispose]();
});
const at = (...parts: string[]) => join(work.path, ...parts);

/** As a CD of Debian's is: the packages, and an index of them. */
const makeMedium = async (name: string, packages: readonly TinyPackage[]): Promise<string> => {
  const tree = at(name);
  for (const item of packages) await buildPackage(tree, 'pool/main', item);
  const folder = join(tree, 'dists/bookworm/main/binary-amd64');
  const udebs = join(tree, 'dists/bookworm/main/debian-installer/binary-amd64');
  for (const one of [folder, udebs]) await mkdir(one, { recursive: true });
  const { stdout } = await run('apt-ftparchive', ['packages', 'pool'], { cwd: tree });
  await writeFile(join(folder, 'Packages'), stdout);
  await run('gzip', ['-9n', join(folder, 'Packages')]);
  // Components of the installer are no packages.
  await writeFile(join(udebs, 'Packages'), stdout.replaceAll(/^Package: .*/gm, 'Package: tool'));
  const iso = at(`${name}.iso`);
  await run('xorriso', ['-as', 'mkisofs', '-quiet', '-r', '-o', iso, tree]);
  return iso;
};

const iso = await makeMedium('medium', [
  { name: 'there' },
  { name: 'libtool-x', fields: { Depends: 'there' } },
  { name: 'libextra' },
  { name: 'base', fields: { Priority: 'required', Depends: 'usrmerge | usr-is-merged' } },
  { name: 'usr-is-merged' },
]);
const local = (item: TinyPackage) => buildPackage(at('local'), '.', item);
const ours = await local({ name: 'ours', fields: { Depends: 'tool, there' }, files: { 'usr/share/ours': 'ours\n' } });

const repository = (over: Partial<WantedRepository> = {}): WantedRepository => ({
  where: 'media.packages[1].repository',
  url: archive.mirror,
  suite: 'bookworm',
  components: ['main'],
  keys: [archive.keyring],
  packages: [],
  install: true,
  ...over,
});
const deb = (path: string, install = true) => ({ where: 'media.packages[0]', path, install });
const options = (over: Partial<ExtraOptions> = {}): ExtraOptions => ({
  ground: (folder) => mediumGround(iso, folder),
  arch: 'amd64',
  debs: [deb(ours)],
  repositories: [repository()],
  store: openBlobs(at('store')),
  folder: work.path,
  reporter: silentReporter,
  ...over,
});

t.test('what is needed and not on the medium is added, in the versions that the medium already has', async (t) => {
  const extra = await resolveExtra(options());
  t.same(
    extra.packages.map(({ name, version }) => `${name} ${version}`),
    ['ours 1.0', 'tool 1.0'],
    'libtool-x and there are on the medium, and usr-is-merged, the second of two alternatives',
  );
  t.same(extra.install, ['ours=1.0']);
  const [own, tool] = extra.packages;
  t.match(own, { source: ours, isLocal: true, filename: 'pool/o/ours_1.0_amd64.deb', sha256: await sha256Of(ours) });
  t.match(tool, { source: `${archive.mirror} bookworm`, isLocal: false });
  t.equal(await sha256Of(tool?.file ?? ''), tool?.sha256);

  const asked = await resolveExtra(
    options({
      debs: [],
      repositories: [
        repository({ packages: ['libtool-x', 'extra'], install: false }),
        repository({ suite: 'bookworm-updates' }),
      ],
    }),
  );
  t.same(asked.there, ['libtool-x=1.0']);
  t.same(
    asked.packages.map(({ name, version }) => `${name} ${version}`),
    ['extra 1.0'],
    'libextra 1.1 is not taken: the medium has 1.0',
  );
  t.same(asked.install, []);
});

t.test('over a system that is installed: what it has stays, unless something newer is needed', async (t) => {
  const status = ['there 1.0', 'libtool-x 1.0', 'usr-is-merged 1.0', 'libextra 1.0', 'ours 0.9']
    .map((one) => one.split(' '))
    .map(
      ([name, version]) => `Package: ${name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: ${version}\n`,
    );
  const ground = () => imageGround({ text: async () => status.join('\n') });
  const extra = await resolveExtra(
    options({ ground, repositories: [repository({ packages: ['libextra'] })], names: ['tool', 'extra=1.*'] }),
  );
  t.same(
    extra.packages.map(({ name, version }) => `${name} ${version}`),
    ['extra 1.0', 'ours 1.0', 'tool 1.0'],
  );
  t.same(extra.install, ['extra=1.0', 'libextra=1.0', 'ours=1.0', 'tool=1.0']);
  t.same(extra.there, ['libextra=1.0']);
  t.same(extra.elsewhere.get('ours'), ['0.9']);
  const missing = resolveExtra(options({ ground, debs: [], names: ['nowhere'] }));
  await t.rejects(missing, { code: 'origin.unsolvable', where: /answers\.packages/, detail: /nowhere/ });
});

t.test('a repository may be named twice, by one who does not know that the origin is the same', async (t) => {
  const key = at('copy-of-the-key.gpg');
  await copyFile(archive.keyring, key);
  const twice = [repository({ url: `${archive.mirror}/`, keys: [key], packages: ['extra'] }), repository()];
  const extra = await resolveExtra(options({ debs: [deb(ours)], repositories: twice }));
  t.same(extra.packages.map(({ name }) => name).sort(), ['extra', 'ours', 'tool']);
});

t.test('a newer version comes where it is needed, and the medium’s stays beside it', async (t) => {
  const picky = await local({ name: 'picky', fields: { Depends: 'libextra (>= 1.1)' } });
  const updates = repository({ suite: 'bookworm-updates' });
  const extra = await resolveExtra(options({ debs: [deb(picky)], repositories: [updates] }));
  t.same(
    extra.packages.map(({ name, version }) => `${name} ${version}`),
    ['libextra 1.1', 'picky 1.0'],
  );
  t.same(extra.elsewhere.get('libextra'), ['1.0']);
});

t.test('who signed a repository, and when; one that is older than before is refused', async (t) => {
  const seen = { folder: at('newest'), allowOlder: false };
  const given = options({ seen });
  const { repositories } = await resolveExtra(given);
  t.match(repositories, [{ url: archive.mirror, suite: 'bookworm', signers: [/^[0-9A-F]{40}$/], date: /^20.*Z$/ }]);
  const [file = ''] = await readdir(seen.folder);
  const record = await readFile(join(seen.folder, file), 'utf8');
  await writeFile(join(seen.folder, file), record.replace(/"date":"[^"]*"/, '"date":"2099-01-01T00:00:00.000Z"'));
  await t.rejects(resolveExtra(given), { code: 'origin.index-older', where: /media\.packages/ });
  const notes: string[] = [];
  const reporter = { ...silentReporter, note: (text: string) => void notes.push(text) };
  await resolveExtra(options({ seen: { ...seen, allowOlder: true }, reporter }));
  t.match(notes, [/2099-01-01.*--allow-older/]);
});

t.test('an index that has not changed is not fetched again', async (t) => {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const path = join(archive.folder, decodeURIComponent(request.url ?? ''));
    const since = request.headers['if-modified-since'];
    void Promise.all([readFile(path), stat(path)]).then(
      ([data, { mtime }]) => {
        const isOld = since !== undefined && Math.floor(mtime.getTime() / 1000) * 1000 <= Date.parse(since);
        if (!isOld) asked.push(path.slice(path.lastIndexOf('/') + 1));
        response.writeHead(isOld ? 304 : 200, { 'last-modified': mtime.toUTCString() }).end(isOld ? undefined : data);
      },
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/debian`;
  const lists = at('lists');
  const indexes = async () => {
    asked.length = 0;
    await resolveExtra(options({ lists, repositories: [repository({ url })] }));
    return asked.filter((name) => /^(InRelease|Packages)/.test(name));
  };
  t.match(await indexes(), ['InRelease', /^Packages/]);
  t.same(await indexes(), []);
  t.ok(
    (await readdir(lists)).every((name) => name.startsWith('127.0.0.1')),
    'nothing of the host is kept',
  );
  await archive.publish();
  t.match(await indexes(), ['InRelease'], 'signed anew');
});

t.test('a repository without suites, signed beside its Release', async (t) => {
  const flat = at('flat');
  await buildPackage(flat, '.', { name: 'leaf' });
  await buildPackage(flat, '.', { name: 'leaf', version: '1:0.9' });
  const { stdout } = await run('apt-ftparchive', ['packages', '.'], { cwd: flat });
  await writeFile(join(flat, 'Packages'), stdout);
  const release = await run('apt-ftparchive', ['release', '.'], { cwd: flat });
  await writeFile(join(flat, 'Release'), release.stdout);
  const gpg = ['--homedir', archive.path('gnupg'), '--batch', '--yes', '--armor', '--detach-sign'];
  await run('gpg', [...gpg, '--output', join(flat, 'Release.gpg'), join(flat, 'Release')]);
  const leaf = repository({ url: `file://${flat}/`, suite: './', packages: ['leaf'] });
  const extra = await resolveExtra(options({ debs: [], repositories: [leaf] }));
  t.same(extra.install, ['leaf=1:0.9'], 'the newest one');
  const old = await resolveExtra(options({ debs: [], repositories: [{ ...leaf, packages: ['leaf=1.*'] }] }));
  t.same(old.install, ['leaf=1.0'], 'or the one that is asked for');
  const none = resolveExtra(options({ debs: [], repositories: [{ ...leaf, packages: ['leaf=3.*'] }] }));
  await t.rejects(none, { code: 'origin.no-such-version', detail: /1\.0.*1:0\.9|1:0\.9.*1\.0/ });
  t.equal(extra.packages[0]?.filename, 'pool/l/leaf_0.9_amd64.deb');
});

t.test('what goes wrong is named with its place', async (t) => {
  const refused = async (
    over: Partial<ExtraOptions>,
    expected: { code: string; where?: string; detail?: RegExp; hint?: RegExp; message?: RegExp },
    what: string,
  ) => t.rejects(resolveExtra(options(over)), expected, what);

  await refused(
    { debs: [deb(await local({ name: 'arm', arch: 'arm64' }))] },
    { code: 'media.deb-architecture' },
    'arm64',
  );
  const cut = at('local', 'cut_1.0_amd64.deb');
  await copyFile(
    await local({ name: 'cut', files: { big: Buffer.alloc(90_000, 'x').map((_, i) => (i * i * 7) % 251) } }),
    cut,
  );
  await truncate(cut, 900);
  await refused({ debs: [deb(cut)] }, { code: 'media.deb-damaged', where: cut }, 'a .deb that ends too early');
  const other = await local({ name: 'ours', version: '2.0' });
  await refused(
    { debs: [deb(ours), deb(other)] },
    { code: 'media.deb-versions', detail: /1\.0 .*\n2\.0 / },
    'two versions',
  );
  const mine = await local({ name: 'there', files: { 'usr/mine': 'other content' } });
  await refused(
    { debs: [deb(mine)] },
    { code: 'media.deb-differs', message: /there 1\.0/ },
    'the same version, another file',
  );
  const needy = await local({ name: 'needy', fields: { Depends: 'nowhere (>= 3)' } });
  await refused(
    { debs: [deb(needy)] },
    { code: 'origin.unsolvable', detail: /needy : Depends: nowhere \(>= 3\)[\s\S]*the medium[\s\S]*bookworm/ },
    'which dependency, of which package, where it was looked for',
  );
  const rivals = await Promise.all(
    ['one-agent', 'other-agent'].map((name) => local({ name, fields: { Provides: 'agent', Conflicts: 'agent' } })),
  );
  await refused(
    { debs: rivals.map((path) => deb(path)) },
    {
      code: 'origin.unsolvable',
      message: /exclude each other: one-agent : Conflicts: agent; other-agent : Conflicts: agent/,
    },
    'two that exclude each other',
  );
  await refused(
    { repositories: [repository({ packages: ['tol'] })] },
    { code: 'origin.no-such-package', where: 'media.packages[1].repository', hint: /`tool`/ },
    'an unknown name',
  );
  await refused(
    { repositories: [repository({ keys: [at('nowhere.gpg')] })] },
    { code: 'origin.keyring-missing' },
    'no key',
  );
  const stranger = at('stranger.gpg');
  await writeFile(stranger, derivedKey('stranger').publicKey);
  await refused(
    { repositories: [repository({ keys: [stranger] })] },
    { code: 'origin.bad-signature', where: 'media.packages[1].repository', hint: /`key`/ },
    'the key of somebody else',
  );
  await refused({ repositories: [repository({ suite: 'trixie' })] }, { code: 'origin.not-on-mirror' }, 'no such suite');
  await t.rejects(findDebs('nothing-*.deb', at('local'), 'media.packages[0].deb'), { code: 'media.no-deb' });
  t.same(await findDebs('o/ours_*.deb', at('local'), ''), [ours, other]);
});

t.test('an index that held until 2022', async (t) => {
  const old = at('old');
  const folder = join(old, 'dists/old/main/binary-amd64');
  await buildPackage(old, 'pool', { name: 'leaf' });
  const { stdout } = await run('apt-ftparchive', ['packages', 'pool'], { cwd: old });
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'Packages'), stdout);
  const dates = { date: Date.parse('2022-01-01') / 1000, suite: 'old', label: 'old', arch: 'amd64', component: 'main' };
  const release = releaseText([['main/binary-amd64/Packages', stdout]], dates);
  const key = derivedKey('old');
  const limited = release.replace('Architectures', 'Valid-Until: Sun, 02 Jan 2022 00:00:00 UTC\nArchitectures');
  await writeFile(join(old, 'dists/old/InRelease'), clearsign(limited, key, dates.date));
  await writeFile(at('old.gpg'), key.publicKey);
  const over = {
    repositories: [repository({ url: `file://${old}`, suite: 'old', keys: [at('old.gpg')], packages: ['leaf'] })],
    debs: [],
  };
  // A host whose apt asks for no dates, for frozen archives, has its way.
  const { stdout: asks } = await run('apt-config', ['shell', 'ASKS', 'Acquire::Check-Valid-Until/b']);
  const told: string[] = [];
  const reporter = { ...silentReporter, note: (text: string) => void told.push(text) };
  if (asks.includes('false')) {
    t.same((await resolveExtra({ ...options(over), reporter })).install, ['leaf=1.0']);
    t.match(told, [/the index of old on file:.* expired on 2022-01-02, but this host's apt accepts it/]);
  } else await t.rejects(resolveExtra(options(over)), { code: 'origin.index-expired' });
});

t.test('the repository is the same each time, and apt takes it with its key alone', async (t) => {
  const extra = await resolveExtra(options());
  const stanzas = extra.packages.map(({ stanza }) => stanza);
  const content = { stanzas, install: extra.install, arch: 'amd64', date: 1_700_000_000 };
  const key = derivedKey(packagesIndex(stanzas));
  const files = repositoryFiles(content, key);
  t.same(repositoryFiles(content, derivedKey(packagesIndex(stanzas))), files);

  const root = at('repository');
  for (const { path, content: bytes } of files) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), bytes);
  }
  for (const { file, filename } of extra.packages) {
    await mkdir(dirname(join(root, filename)), { recursive: true });
    await copyFile(file, join(root, filename));
  }
  const shown = await run('gpg', [
    '--homedir',
    archive.path('gnupg'),
    '--show-keys',
    '--with-colons',
    join(root, 'key.gpg'),
  ]);
  t.match(shown.stdout, `fpr:::::::::${key.fingerprint}:`, 'gpg agrees on the fingerprint');

  const apt = async (signedBy: string, ...args: string[]) => {
    const dir = at(`apt-${args.length}-${signedBy.length}`);
    for (const folder of ['etc/apt', 'lists/partial', 'cache/archives/partial'])
      await mkdir(join(dir, folder), { recursive: true });
    const source = (uri: string, suite: string, trust: string) =>
      `Types: deb\nURIs: ${uri}\nSuites: ${suite}\nComponents: main\n${trust}\n\n`;
    const sources = join(dir, 'all.sources');
    await writeFile(join(dir, 'status'), '');
    await writeFile(
      sources,
      source(`file:${root}`, 'ingot', `Signed-By: ${signedBy}`) +
        source(`file:${at('medium')}`, 'bookworm', 'Trusted: yes'),
    );
    const settings = {
      'Dir::Etc::SourceList': sources,
      'Dir::Etc::SourceParts': '-',
      'Dir::State': dir,
      'Dir::State::Status': join(dir, 'status'),
      'Dir::Cache': join(dir, 'cache'),
      'APT::Sandbox::User': 'root',
      'APT::Architecture': 'amd64',
      'APT::Update::Error-Mode': 'any',
    };
    const set = Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
    const updated = await run('apt-get', [...set, 'update'], { allow: [100] });
    if (updated.exitCode !== 0) return { ...updated, stdout: updated.stderr };
    return await run('apt-get', [...set, '-y', '--download-only', ...args], { allow: [100] });
  };
  const installed = await apt(join(root, 'key.gpg'), 'install', 'ours');
  t.equal(installed.exitCode, 0, installed.stderr);
  t.match(installed.stdout, /ours.*\n?[\s\S]*download only/i);
  const refused = await apt(archive.keyring, 'install', 'ours');
  t.match(refused.stdout, /NO_PUBKEY|not signed|verified/, 'another key does not do');
  const index = join(root, 'dists/ingot/main/binary-amd64/Packages');
  await writeFile(index, (await readFile(index, 'utf8')).replace('Package: ours', 'Package: evil'));
  const changed = await apt(join(root, 'key.gpg'), 'install', '-q', 'evil');
  t.not(changed.exitCode, 0, 'nor does a changed index');
});

t.test('a key of one’s own', async (t) => {
  const path = at('own.pem');
  const { privateKey } = generateKeyPairSync('ed25519');
  await writeFile(path, privateKey.export({ type: 'pkcs8', format: 'pem' }));
  const key = await readSigningKey(path);
  t.same(await readSigningKey(path).then(({ publicKey }) => publicKey), key.publicKey);
  await writeFile(at('own.gpg'), key.publicKey);
  // Lines that begin with a dash, and blanks at a line's end, are where signed texts differ.
  await writeFile(at('own.txt'), clearsign('Origin: x \n- dash\n\t\nlast', key, 1_700_000_000));
  const said = await run('gpgv', ['--keyring', at('own.gpg'), at('own.txt')], { env: { GNUPGHOME: work.path } });
  t.match(said.stderr, /Good signature/);
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  await writeFile(at('rsa.pem'), rsa.export({ type: 'pkcs8', format: 'pem' }));
  await t.rejects(readSigningKey(at('rsa.pem')), { code: 'media.signing-key', detail: /rsa/ });
  await t.rejects(readSigningKey(at('none.pem')), { code: 'media.signing-key' });
});
