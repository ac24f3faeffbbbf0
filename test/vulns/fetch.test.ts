/** Feeds brought into a folder, and taken from there. */
import { readFile, utimes, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import t from 'tap';
import { temporaryFolder } from '../../src/host/files.ts';
import { run } from '../../src/host/run.ts';
import { silentReporter } from '../../src/report.ts';
import { readBill } from '../../src/vulns/bill.ts';
import { readFeedIndex } from '../../src/vulns/feeds/feed-index.ts';
import { sourcesOf } from '../../src/vulns/feeds/feed-sources.ts';
import { fetchFeeds, parseFeedSource } from '../../src/vulns/feeds/fetch.ts';
import { readFeeds } from '../../src/vulns/feeds/read.ts';
import { withEpochOf } from '../../src/vulns/inventory.ts';
import { statusText } from './debsecan-oracle.ts';
import { DEBIAN, installed, inventoryOf, NOW } from './feed-folder.ts';
import { tracker, updateinfo } from './records.ts';

const MAIN = join(import.meta.dirname, '..', '..', 'src', 'cli', 'main.ts');
t.setTimeout(120_000);

t.test('fetched over https, and from files', async (t) => {
  await using folder = await temporaryFolder();
  const at = (name: string) => join(folder.path, name);
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1'];
  await run('openssl', [
    'req',
    '-x509',
    '-newkey',
    'ed25519',
    '-nodes',
    '-keyout',
    at('key'),
    '-out',
    at('cert'),
    ...subject,
  ]);
  const before = getCACertificates('default');
  setDefaultCACertificates([...before, await readFile(at('cert'), 'utf8')]);
  t.teardown(() => setDefaultCACertificates(before));
  const pages: Record<string, string> = {
    '/tracker': tracker({ a: { 'CVE-2026-1': { status: 'open', urgency: 'low' } } }),
  };
  const server = createServer(
    { key: await readFile(at('key')), cert: await readFile(at('cert')) },
    ({ url = '' }, response) => {
      const path = url.split('?')[0] ?? '';
      if (path === '/away') return void response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end();
      response.writeHead(pages[path] === undefined ? 404 : 200).end(pages[path]);
    },
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  const address = server.address();
  const base = `https://127.0.0.1:${address !== null && typeof address === 'object' ? address.port : 0}`;
  const feeds = at('feeds');
  const options = { reporter: silentReporter, now: NOW };
  const fetched = await fetchFeeds(feeds, [parseFeedSource(`debian-tracker=${base}/tracker?login=secret`)], options);
  t.match(fetched.feeds, [{ kind: 'debian-tracker', fetched: NOW.toISOString(), from: `${base}/tracker` }]);
  t.notMatch(await readFile(join(feeds, 'index.json'), 'utf8'), /secret/);
  const inventory = inventoryOf(DEBIAN, [installed('a', '1-1')]);
  const read = () => readFeeds(feeds, inventory, { now: NOW, maxAge: 7 });
  t.match((await read()).facts, [{ covers: true, unusable: undefined, statements: 1 }]);

  await writeFile(at('updateinfo.xml'), updateinfo([{ id: 'RLSA-1', packages: [['a', '0', '2', '1', 'x86_64']] }]));
  const both = await fetchFeeds(feeds, [parseFeedSource(`updateinfo@rocky:9=${at('updateinfo.xml')}`)], options);
  t.same(
    both.feeds.map(({ kind, scope }) => [kind, scope]),
    [
      ['debian-tracker', undefined],
      ['updateinfo', 'rocky:9'],
    ],
  );

  // A feed that cannot be fetched leaves what is there.
  for (const path of ['/none', '/away'])
    await t.rejects(fetchFeeds(feeds, [parseFeedSource(`debian-tracker=${base}${path}`)], options), {
      code: /^origin\.(download-failed|not-secure)$/,
    });
  t.match((await read()).facts, [{ covers: true, unusable: undefined }, { covers: false }]);
  const [file = ''] = both.feeds.map((one) => one.file);
  await writeFile(join(feeds, file), '{}');
  t.match((await read()).facts, [{ unusable: /is not what was signed|what/ }, {}]);
  await writeFile(join(feeds, 'index.json'), '{"version": 1, "feeds": [{"kind": "osv", "file": "../x"}]}');
  await t.rejects(readFeedIndex(feeds), { code: 'vulns.index-invalid' });
  await t.rejects(readFeeds(at('nowhere'), inventory, { now: NOW, maxAge: 7 }), { code: 'vulns.no-feeds' });
});

t.test('what is written wrong is told', async (t) => {
  for (const text of [
    'osv',
    'nvd=https://example.org',
    'debsecan=https://example.org',
    'updateinfo=x',
    'osv=http://example.org/x',
  ])
    t.throws(() => parseFeedSource(text), { code: 'usage.feed' }, text);
  t.throws(() => sourcesOf('plan9:4'), { code: 'usage.os' });
  t.same(
    sourcesOf('debian:12').map(({ kind }) => kind),
    ['debian-tracker', 'kev', 'epss'],
  );
});

t.test('bills of materials', async (t) => {
  const cycloneDx = {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    components: [
      { type: 'operating-system', name: 'debian', version: '12.9' },
      {
        type: 'library',
        name: 'libssl3',
        purl: 'pkg:deb/debian/libssl3@3.0.15-1~deb12u1?arch=amd64&distro=debian-12.9&upstream=openssl%403.0.15-1',
      },
      {
        type: 'library',
        name: 'cpp',
        purl: 'pkg:deb/debian/cpp@4:12.2.0-3?arch=amd64',
        properties: [
          { name: 'aquasecurity:trivy:SrcName', value: 'gcc-defaults' },
          { name: 'aquasecurity:trivy:SrcVersion', value: '1.203' },
        ],
      },
      { type: 'library', name: 'left-pad', purl: 'pkg:npm/left-pad@1.3.0' },
      { type: 'library', name: 'odd', purl: 'nothing' },
    ],
  };
  t.match(readBill(JSON.stringify(cycloneDx), 'x'), {
    system: { id: 'debian', version: '12.9', codename: 'bookworm' },
    packages: [
      { name: 'libssl3', version: '3.0.15-1~deb12u1', source: 'openssl', sourceVersion: '3.0.15-1' },
      { name: 'cpp', version: '4:12.2.0-3', source: 'gcc-defaults', sourceVersion: '1.203' },
    ],
    notScanned: [{ kind: 'npm' }],
  });
  const locator =
    'pkg:rpm/rocky/openssl-libs@3.0.7-27.el9?arch=x86_64&epoch=1&distro=rocky-9.4&upstream=openssl-3.0.7-27.el9.src.rpm';
  t.match(
    readBill(
      JSON.stringify({
        spdxVersion: 'SPDX-2.3',
        packages: [{ externalRefs: [{ referenceType: 'purl', referenceLocator: locator }] }],
      }),
      'x',
    ),
    {
      system: { id: 'rocky', version: '9.4' },
      packages: [
        {
          name: 'openssl-libs',
          version: '1:3.0.7-27.el9',
          source: 'openssl',
          sourceVersion: '1:3.0.7-27.el9',
          architecture: 'x86_64',
        },
      ],
    },
  );
  // Ingot's own, in both forms: the source has no epoch of its own.
  const own = { purl: 'pkg:rpm/rocky/openssl-libs@3.0.7-27.el9?arch=x86_64&distro=rocky-9.4&epoch=1' };
  const source = { source: 'openssl', sourceVersion: '1:3.0.7-27.el9' };
  const properties = [
    { name: 'ingot:source', value: 'openssl' },
    { name: 'ingot:source-version', value: '3.0.7-27.el9' },
  ];
  const ours = [
    { bomFormat: 'CycloneDX', components: [{ ...own, properties }] },
    {
      spdxVersion: 'SPDX-2.3',
      packages: [
        {
          sourceInfo: 'built from the source package openssl 3.0.7-27.el9',
          externalRefs: [{ referenceType: 'purl', referenceLocator: own.purl }],
        },
      ],
    },
  ];
  for (const bill of ours)
    t.match(readBill(JSON.stringify(bill), 'x'), { system: { id: 'rocky' }, packages: [source] });
  t.equal(withEpochOf('1:2-1', '2-1'), '1:2-1');
  t.equal(withEpochOf('1:2-1', '3:2-1'), '3:2-1');
  t.equal(withEpochOf('2-1', '2-1'), '2-1');
  for (const text of ['{', '{}', '{"bomFormat": "CycloneDX", "components": 1}'])
    t.throws(() => readBill(text, 'x'), { code: 'vulns.bill-invalid' }, text);
});

t.test('by the command line', async (t) => {
  await using folder = await temporaryFolder();
  const cwd = folder.path;
  const ingot = (...args: readonly string[]) =>
    run(process.execPath, [MAIN, 'vulns', ...args], { cwd, allow: [0, 1, 2] });
  await writeFile(
    join(cwd, 'tracker.json'),
    tracker({ a: { 'CVE-2026-1': { status: 'resolved', fixed_version: '2-1', urgency: 'high' } } }),
  );
  await writeFile(join(cwd, 'status'), statusText([installed('a', '1-1')]));
  await writeFile(join(cwd, 'ours.yaml'), 'waivers: [{rule: CVE-2026-1, reason: not reached, until: 2099-01-01}]\n');
  t.match(await ingot('fetch', '-o', 'feeds', 'debian-tracker=tracker.json'), {
    exitCode: 0,
    stdout: /^debian-tracker {2}\d/,
  });
  const ask = (...more: readonly string[]) =>
    ingot('status', '--os', 'debian:12', '--feeds', 'feeds', '--no-updates', ...more);
  t.match(await ask(), { exitCode: 1, stdout: /fixable now\n {2}a 1-1 → 2-1\n {6}CVE-2026-1 \(high\)/ });
  t.match(await ask('--policy', 'ours.yaml'), {
    exitCode: 0,
    stdout: /waived: 'not reached'|not reached \(until 2099-01-01\)/,
  });
  await utimes(join(cwd, 'tracker.json'), new Date('2020-01-01'), new Date('2020-01-01'));
  await ingot('fetch', '-o', 'feeds', 'debian-tracker=tracker.json');
  t.match(await ask('--policy', 'ours.yaml'), { exitCode: 2, stdout: /days old, and may be 7/ });
  t.match(await ask('--max-age', '9999d', '--policy', 'ours.yaml'), { exitCode: 0 });
  await writeFile(join(cwd, 'strict.yaml'), 'vulnerabilities: {severity: high, maxAge: 9999d}\n');
  t.match(
    await ask('--policy', 'strict.yaml'),
    { exitCode: 1 },
    'the policy says how old they may be, and what counts',
  );
  t.match(
    await ask('--policy', 'strict.yaml', '--fail-on', 'critical'),
    { exitCode: 0 },
    'the command line goes before',
  );
  t.match(await ask('--max-age', 'week'), { exitCode: 2 });
  t.match(await ingot('status'), { exitCode: 2, stderr: /usage\.os/ });
  t.match(await ingot('fetch', '-o', 'feeds'), { exitCode: 2, stderr: /usage\.feed/ });
});
