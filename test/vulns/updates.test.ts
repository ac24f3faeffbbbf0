/** What needs no feed: newer packages of a signed archive, what their changelogs name, what is not supported. */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import t from 'tap';
import { verifySuite } from '../../src/distributions/debian/archive/verify-signature.ts';
import { namedAbove } from '../../src/distributions/debian/updates/changelog.ts';
import { parseEnded, parseLimited, parseRelease } from '../../src/distributions/debian/updates/support.ts';
import { UPDATES } from '../../src/distributions/debian/updates/updates.ts';
import { fileRef, temporaryFolder } from '../../src/host/files.ts';
import { run } from '../../src/host/run.ts';
import { type BlobStore, openBlobs } from '../../src/origin/blobs.ts';
import type { LockedArchive } from '../../src/recipe/schema/lock-schema.ts';
import { silentReporter } from '../../src/report.ts';
import type { UpdateWish } from '../../src/vulns/updates.ts';
import { httpMirror } from '../distributions/debian/http-mirror.ts';
import { buildPackage, closeArchive, type TinyArchive, tinyArchive } from '../distributions/debian/tiny-archive.ts';
import { statusText } from './debsecan-oracle.ts';
import { installed } from './feed-folder.ts';

t.setTimeout(300_000);

const MAIN = join(import.meta.dirname, '..', '..', 'src', 'cli', 'main.ts');

const entry = (source: string, version: string, text: string): string =>
  `${source} (${version}) bookworm-security; urgency=high\n\n  * ${text}\n\n -- T <t@example.org>  Mon, 02 Nov 2026 10:00:00 +0000\n`;
const changelog = (...entries: readonly string[]): Buffer => gzipSync(entries.join('\n'));

t.test('the entries above what is installed', (t) => {
  const text = [
    entry('web', '1.0-1+deb12u3', 'Fix CVE-2026-11 and CVE-2026-12 (closes: #1).'),
    entry('web', '1.0-1+deb12u2', 'CVE-2026-10000: an overflow.\n  * CVE-2026-13 is postponed.'),
    entry('web', '1.0-1+deb12u1', 'CVE-2025-1111'),
    entry('web', '1.0-1', 'CVE-2020-1111'),
  ].join('\n');
  const rows: readonly (readonly [string, readonly string[]])[] = [
    ['1.0-1+deb12u3', []],
    ['1.0-1+deb12u2', []],
    ['1.0-1+deb12u1', ['CVE-2026-10000']],
    ['1.0-1', ['CVE-2026-10000', 'CVE-2025-1111']],
    ['2:0.1', []],
  ];
  for (const [at, found] of rows) t.same(namedAbove(text, at), found, at);
  t.same(namedAbove('no changelog\n CVE-2026-10000', '1'), []);
  t.same(namedAbove(entry('a', '1:2.0~rc1-1', 'CVE-2026-10000 CVE-2026-10000 (CVE-2026-10001)'), '1:1.9-1'), [
    'CVE-2026-10000',
    'CVE-2026-10001',
  ]);
  t.end();
});

t.test('when support ends', (t) => {
  t.same(parseEnded('# a comment\n\nold   1.0-1  2026-01-31  https://example.org/1\nbad line\n'), [
    { source: 'old', since: '2026-01-31', url: 'https://example.org/1' },
  ]);
  t.same(parseLimited('binutils  Only for trusted content\nalone\n'), [
    { source: 'binutils', note: 'Only for trusted content' },
    { source: 'alone', note: '' },
  ]);
  const csv =
    'version,codename,series,created,release,eol,eol-lts,eol-elts\n12,Bookworm,bookworm,2021-08-14,2023-06-10,2026-07-11,2028-06-30,2033-06-30\n14,Forky,forky,2025-08-09\n';
  t.same(parseRelease(csv, 'bookworm'), { name: 'Debian 12', eol: '2026-07-11', eolLts: '2028-06-30' });
  t.same(parseRelease(csv, 'forky'), { name: 'Debian 14' });
  t.equal(parseRelease(csv, 'sid'), undefined);
  t.end();
});

/** Three sources with an update, two of them for security; one has its changelog in another package. */
const publish = async (archive: TinyArchive): Promise<void> => {
  const doc = (name: string) => `usr/share/doc/${name}/changelog.Debian.gz`;
  const log = changelog(
    entry('websrc', '1.0-1+deb12u2', 'CVE-2026-20001, CVE-2026-20002'),
    entry('websrc', '1.0-1+deb12u1', 'CVE-2026-20000'),
    entry('websrc', '1.0-1', 'CVE-2001-0001'),
  );
  const source = { Source: 'websrc' };
  await buildPackage(archive.path('security'), 'pool/updates/main', {
    name: 'libweb',
    version: '1.0-1+deb12u2',
    fields: source,
  });
  await buildPackage(archive.path('security'), 'pool/updates/main', {
    name: 'web',
    version: '1.0-1+deb12u2',
    fields: source,
    files: { [doc('web')]: log, 'usr/bin/web': 'x'.repeat(5000) },
  });
  await buildPackage(archive.path('security'), 'pool/updates/main', {
    name: 'mail',
    version: '2:1.1-1',
    files: { [doc('mail')]: changelog(entry('mail', '2:1.1-1', 'No name here.')) },
  });
  await buildPackage(archive.path('debian'), 'pool/main', {
    name: 'tidy',
    version: '1.0-2',
    files: { [doc('tidy')]: changelog(entry('tidy', '1.0-2', 'CVE-2026-20003')) },
  });
  await buildPackage(archive.path('debian'), 'pool/main', {
    name: 'same',
    version: '1.0-1+b1',
    fields: { Source: 'same (1.0-1)' },
  });
  await buildPackage(archive.path('debian'), 'pool/main', {
    name: 'debian-security-support',
    arch: 'all',
    files: {
      'usr/share/debian-security-support/security-support-ended.deb12': 'tidy 1.0 2026-01-01 https://example.org\n',
      'usr/share/debian-security-support/security-support-limited': 'mail in part\n',
    },
  });
  await archive.publish();
};

/** As a lock names them, with their files in the store. */
const lockedSuites = async ({ path, keyring }: TinyArchive, store: BlobStore): Promise<LockedArchive['suites']> =>
  await Promise.all(
    ['bookworm', 'bookworm-updates', 'bookworm-security'].map(async (name) => {
      const dist = path(name.endsWith('-security') ? 'security' : 'debian', 'dists', name);
      const kept = async (below: string) => {
        const { size, sha256 } = await fileRef(join(dist, below));
        await store.keep(join(dist, below), { size, sha256 }, below);
        return { size, sha256 };
      };
      const packages = 'main/binary-amd64/Packages.xz';
      const { release, signers } = await verifySuite(name, join(dist, 'InRelease'), keyring);
      return {
        ...{ name, date: release.date.toISOString(), signers: [...signers], inRelease: await kept('InRelease') },
        indexes: [{ path: packages, ...(await kept(packages)) }],
        installerIndexes: [],
      };
    }),
  );

const INSTALLED = [
  installed('web', '1.0-1', { source: 'websrc' }),
  installed('libweb', '1.0-1+b3', { source: 'websrc', sourceVersion: '1.0-1' }),
  installed('mail', '2:1.0-1'),
  installed('tidy', '1.0-1'),
  installed('same', '1.0-1'),
  installed('libfast', '1.1'),
  installed('own', '3.0-1'),
  installed('tool', '9.0-1own1'),
];

t.test('an archive of today', { timeout: 280_000 }, async (t) => {
  await using folder = await temporaryFolder();
  const archive = await tinyArchive(folder.path);
  t.teardown(() => closeArchive(archive));
  await publish(archive);
  const { mirror, security: securityMirror, keyring } = archive;
  const wish = { release: '12', components: [], suites: [], mirror, securityMirror, keyring };
  const folders = { state: join(folder.path, 'state'), packages: join(folder.path, 'blobs') };
  const known = await UPDATES.known(INSTALLED, wish, folders, { reporter: silentReporter });
  t.same(
    known.updates.map(({ name, from, to, suites, isSecurity }) => [name, from, to, suites.join(), isSecurity]),
    [
      ['web', '1.0-1', '1.0-1+deb12u2', 'bookworm-security', true],
      ['libweb', '1.0-1+b3', '1.0-1+deb12u2', 'bookworm-security', true],
      ['mail', '2:1.0-1', '2:1.1-1', 'bookworm-security', true],
      ['tidy', '1.0-1', '1.0-2', 'bookworm', false],
      ['same', '1.0-1', '1.0-1+b1', 'bookworm', false],
    ],
  );
  t.same(known.changelogs, [
    { source: 'websrc', cves: ['CVE-2026-20001', 'CVE-2026-20002', 'CVE-2026-20000'] },
    { source: 'mail', cves: [] },
    { source: 'tidy', cves: ['CVE-2026-20003'] },
  ]);
  t.same([...known.thirdParty], ['own amd64', 'tool amd64']);
  t.match(known.support, { ended: [{ source: 'tidy', since: '2026-01-01' }], limited: [{ source: 'mail' }] });

  await t.test('by the command line', async (t) => {
    const status = join(folder.path, 'status');
    const kept = INSTALLED.filter(({ name }) => name !== 'own' && name !== 'tool');
    const ask = (args: readonly string[]) =>
      run(
        process.execPath,
        [
          MAIN,
          'vulns',
          status,
          '--os',
          'debian:12',
          '--store',
          join(folder.path, 'store'),
          '--mirror',
          mirror,
          '--security-mirror',
          securityMirror,
          '--keyring',
          keyring,
          ...args,
        ],
        { allow: [0, 1, 2] },
      );
    await writeFile(status, statusText(kept));
    t.match(await ask([]), {
      exitCode: 1,
      stdout: /websrc 1\.0-1 → 1\.0-1\+deb12u2\n {6}CVE-2026-20000, CVE-2026-20001, CVE-2026-20002\n/,
    });
    const json = JSON.parse((await ask(['--format', 'json', '--fail-on', 'fixable'])).stdout);
    t.same(
      json.findings.map(({ id, source }: { id: string; source: string }) => `${source} ${id}`),
      ['tidy CVE-2026-20003', 'websrc CVE-2026-20000', 'websrc CVE-2026-20001', 'websrc CVE-2026-20002'],
    );
    // What a rebuild installs has nothing pending; support that has ended stays.
    const rebuilt = kept.map((one) => {
      const update = known.updates.find(({ name }) => name === one.name);
      return update ? { ...one, version: update.to, sourceVersion: update.toSource } : one;
    });
    await writeFile(status, statusText(rebuilt.filter(({ name }) => name !== 'tidy')));
    t.match(await ask([]), { exitCode: 0, stdout: /0 pending updates/ });
    await rm(archive.path('security', 'dists'), { recursive: true });
    await rm(join(folder.path, 'store'), { recursive: true });
    t.match(await ask([]), { exitCode: 2, stdout: /pending updates are not known/ });
    t.match(await ask(['--no-updates']), { exitCode: 2 });
    t.match(await ask(['--fail-on', 'worst']), { exitCode: 2, stderr: /usage\.fail-on/ });
  });

  await t.test('where no mirror can be reached, the indexes at hand tell, each with its day', async (t) => {
    await publish(archive);
    const server = await httpMirror(folder.path);
    const served = { ...wish, mirror: `${server.url}/debian`, securityMirror: `${server.url}/security` };
    const at = (name: string) => ({ state: join(folder.path, name), packages: join(folder.path, `${name}-blobs`) });
    const ask = (name: string, more: Partial<UpdateWish> = {}) =>
      UPDATES.known(INSTALLED, { ...served, ...more }, at(name), { reporter: silentReporter });
    const online = await ask('asked');
    t.equal(online.kept, undefined);
    server.close();
    const offline = await ask('asked');
    t.match(offline.kept, { asOf: online.suites.at(-1)?.date, because: 'the mirror cannot be reached' });
    t.same({ ...offline, kept: undefined }, { ...online, kept: undefined }, 'with what was fetched before');

    const nothing = { code: 'origin.mirror-unreachable' };
    await t.rejects(ask('never'), nothing, 'no index is at hand');
    await t.rejects(ask('asked', { components: ['contrib'] }), nothing, 'a component was not fetched');

    const store = openBlobs(at('locked').packages);
    const locked = await lockedSuites(archive, store);
    const byLock = await ask('locked', { locked });
    t.same(byLock.updates, online.updates);
    t.same(byLock.kept?.asOf, online.suites.at(-1)?.date);
    t.equal(byLock.support, undefined, 'no package of those that tell it');
    t.ok(byLock.changelogs.every(({ unread }) => unread !== undefined));
    const frozen = { urls: { mirror: served.mirror, security: served.securityMirror }, keys: [keyring] };
    const withFirmware = { ...served, locked, components: ['non-free-firmware'] };
    const asked = (system: typeof INSTALLED) =>
      UPDATES.known(system, withFirmware, at('locked'), { reporter: silentReporter });
    t.same(
      (await asked([installed('tool', '1.0'), installed('libtool-x', '1.0')])).updates,
      [],
      'nothing is from there',
    );
    await t.rejects(asked(INSTALLED), nothing, 'something may be from a component that the lock has not');
    t.same((await ask('locked', { locked, frozen, mirror: 'http://127.0.0.1:1' })).updates, online.updates, 'a bundle');
    const [first, ...rest] = locked;
    await rm(store.path(first?.indexes[0] ?? { size: 0, sha256: 'none' }));
    await t.rejects(ask('locked', { locked }), nothing, 'the store has lost one');
    await t.rejects(ask('locked', { locked: rest }), nothing, 'the lock has not all suites');
  });

  await t.test('an index that nobody has signed is not taken', async (t) => {
    await publish(archive);
    const release = archive.path('debian', 'dists', 'bookworm', 'InRelease');
    await writeFile(release, (await readFile(release, 'utf8')).replace('Codename: bookworm', 'Codename: bookworn'));
    await t.rejects(
      UPDATES.known(INSTALLED, wish, { ...folders, state: join(folder.path, 'state2') }, { reporter: silentReporter }),
      { code: 'origin.bad-signature' },
    );
  });
});
