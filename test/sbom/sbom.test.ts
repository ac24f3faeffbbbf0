import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { z } from 'zod';
import { licencesOf } from '../../src/distributions/debian/system/licences.ts';
import { inventoryOf } from '../../src/distributions/inventory.ts';
import { openSubject } from '../../src/distributions/open-subject.ts';
import { packageUrl } from '../../src/formats/packages/package-url.ts';
import { parsePurl, purl } from '../../src/formats/packages/purl.ts';
import { fileRef, sha256 } from '../../src/host/files.ts';
import { factsBeside } from '../../src/sbom/beside.ts';
import { type Bill, personOf } from '../../src/sbom/bill.ts';
import { billText } from '../../src/sbom/forms.ts';
import { type Inventory, inventoryText, parseInventory } from '../../src/sbom/inventory.ts';
import { expressionOf } from '../../src/sbom/licence.ts';
import { sourceDate } from '../../src/sbom/source-date.ts';
import { deliverBills } from '../../src/stages/deliver/deliver-sbom.ts';
import { recordText } from '../../src/trust/record.ts';
import { readBill } from '../../src/vulns/bill.ts';
import { diskWith, type Files } from '../capture/small-disk.ts';
import { SMALL_DEBIAN } from '../inspect/small-system.ts';
import { cycloneDxFaults, spdxFaults } from './valid.ts';

const { signal } = new AbortController();

t.test('package URLs', async (t) => {
  const debian = { id: 'debian', version: '12' };
  const cases = [
    [
      packageUrl({ kind: 'deb', name: 'libstdc++6', version: '12.2.0-14+deb12u1', architecture: 'amd64' }, debian),
      'pkg:deb/debian/libstdc%2B%2B6@12.2.0-14%2Bdeb12u1?arch=amd64&distro=debian-12',
    ],
    [
      packageUrl({ kind: 'deb', name: 'attr', version: '1:2.4.47~rc1-2+b1', architecture: 'all' }, debian),
      'pkg:deb/debian/attr@1:2.4.47~rc1-2%2Bb1?arch=all&distro=debian-12',
    ],
    [
      packageUrl(
        { kind: 'rpm', name: 'Centrum', version: '1:4.22^git-1.el9', architecture: 'x86_64' },
        { id: 'rhel', version: '9.4' },
      ),
      'pkg:rpm/redhat/Centrum@4.22%5Egit-1.el9?arch=x86_64&distro=rhel-9.4&epoch=1',
    ],
    [
      packageUrl({ kind: 'rpm', name: 'a', version: '1-1', architecture: 'noarch' }, { id: 'opensuse-tumbleweed' }),
      'pkg:rpm/opensuse/a@1-1?arch=noarch&distro=opensuse-tumbleweed',
    ],
    [
      purl({ type: 'generic', namespace: 'a b/ü', name: "x'(1)*!", qualifiers: { b: '', a: 'c/d', empty: undefined } }),
      'pkg:generic/a%20b/%C3%BC/x%27%281%29%2A%21?a=c%2Fd',
    ],
  ] as const;
  for (const [found, wanted] of cases) {
    t.equal(found, wanted);
    const { qualifiers = new Map(), ...read } = parsePurl(found) ?? {};
    t.equal(purl({ type: '', name: '', ...read, qualifiers: Object.fromEntries(qualifiers) }), wanted, 'and read back');
  }
});

const DEP5 = 'Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n';

t.test('licences: what means the same in SPDX, and nothing else', async (t) => {
  const cases = [
    ['GPL-2+', 'GPL-2.0-or-later'],
    ['GPL-2.0', 'GPL-2.0-only'],
    ['lgpl-2.1+', 'LGPL-2.1-or-later'],
    ['GFDL-NIV-1.3+', 'GFDL-1.3-no-invariants-or-later'],
    ['AGPL-3', 'AGPL-3.0-only'],
    ['Expat', 'MIT'],
    ['BSD-3-clause', 'BSD-3-Clause'],
    ['Apache-2', 'Apache-2.0'],
    ['GPL-2+ with Font exception', 'GPL-2.0-or-later WITH Font-exception-2.0'],
    ['GPL-2 with Linux-syscall-note', 'GPL-2.0-only WITH Linux-syscall-note'],
    ['GPL-2+ with OpenSSL exception', undefined],
    ['GPL-4', undefined],
    ['GPL', undefined],
    ['Artistic', undefined],
    ['Artistic-1', undefined],
    ['public-domain', undefined],
    ['GPL-2+ or Expat', 'GPL-2.0-or-later OR MIT'],
    ['GPL-2+ or Expat and ISC', 'GPL-2.0-or-later OR (MIT AND ISC)'],
    ['GPL-2+ or Expat, and ISC', '(GPL-2.0-or-later OR MIT) AND ISC'],
    ['MIT AND (Apache-2.0 OR ISC)', 'MIT AND (Apache-2.0 OR ISC)'],
    ['Expat or MIT', 'MIT'],
  ] as const;
  for (const [said, wanted] of cases) {
    const { statements, texts } = licencesOf(`${DEP5}\nFiles: *\nLicense: ${said}\n`, 'x');
    if (wanted !== undefined) t.same([expressionOf(statements), texts], [wanted, []], said);
    else t.match([expressionOf(statements), texts.length], [/^LicenseRef-[A-Za-z0-9.-]+-[0-9a-f]{12}$/, 1], said);
  }
  const mixed = licencesOf(
    `${DEP5}License: none\n\nFiles: *\nLicense: GPL-2+ or own\n\nFiles: a b\nLicense: Expat\n of Expat\n\nLicense: own\n Do what\n .\n you want.\n`,
    'x',
  );
  const [own] = mixed.texts;
  t.match(own, { name: 'own', text: 'Do what\n\nyou want.' });
  t.equal(expressionOf(mixed.statements), `(GPL-2.0-or-later OR ${own?.id}) AND MIT`);
  for (const broken of ['GPL-2+ or', '(a', 'a) b', 'and']) {
    const { texts } = licencesOf(`${DEP5}\nFiles: *\nLicense: ${broken}\n`, 'x');
    t.match(texts, [{ name: broken }], `${broken} is one name`);
  }
  const free = licencesOf('This is Free.\nLicense: GPL-2\n', 'source');
  t.match(free, { texts: [{ name: 'copyright file of source', text: 'This is Free.\nLicense: GPL-2' }] });
  t.equal(
    licencesOf('This is Free.\nLicense: GPL-2\n', 'source').texts[0]?.id,
    free.texts[0]?.id,
    'the same text, the same name',
  );
});

t.test('who made it', async (t) => {
  const cases = [
    ['Ada <ada@x.example>', { name: 'Ada', address: 'ada@x.example' }],
    ['"A, B" <a@x.example>', { name: 'A, B', address: 'a@x.example' }],
    ['<a@x.example>', { name: 'a@x.example', address: 'a@x.example' }],
    ['Red Hat, Inc. <http://x.example/bugs>', { name: 'Red Hat, Inc. <http://x.example/bugs>' }],
    ['Somebody', { name: 'Somebody' }],
  ] as const;
  for (const [text, wanted] of cases) t.same(personOf(text), wanted);
});

const LICENSED: Files = {
  ...SMALL_DEBIAN,
  '/var/lib/dpkg/status': String(SMALL_DEBIAN['/var/lib/dpkg/status'])
    .replace(
      'Package: web\n',
      'Package: web\nMaintainer: Web Team <web@lists.example>\nHomepage: https://web.example/\nSource: web-src (2.0)\n',
    )
    .replace('Package: libweb\n', 'Package: libweb\nMaintainer: Ada <ada@web.example>\nHomepage: see the README\n'),
  '/var/lib/dpkg/info/web.list': '/.\n/usr/share/doc/web/copyright\n/usr/sbin/web\n/usr/share/doc/libweb\n',
  '/var/lib/dpkg/info/mail.list': '/.\n/usr/share/doc/mail/copyright\n',
  '/usr/share/doc/web/copyright': `${DEP5}\nFiles: *\nLicense: GPL-2+ or own\n\nLicense: own\n Own text.\n`,
  '/usr/share/doc/libweb': { link: 'web' },
  '/usr/share/doc/mail/copyright': 'Free text.\n',
  '/etc/secret': { mode: 0o600, text: 'secret' },
  '/srv/closed/below': 'in a closed folder',
  '/opt/app/program': 'of a step',
  '/var/lib/apt/lists/mirror.example_dists_x_Packages': `Package: web\nArchitecture: amd64\nVersion: 0.9\nSHA256: ${'0'.repeat(64)}\n\nPackage: web\nVersion: 1.0-1\nArchitecture: amd64\nDescription: x\nSHA256: ${'1'.repeat(64)}\n\nPackage: other\nVersion: 1.0-1\nArchitecture: amd64\nSHA256: ${'2'.repeat(64)}\n`,
};

const inventoryIn = async (image: string): Promise<Inventory> => {
  await using subject = await openSubject(image, signal);
  return inventoryOf(subject, signal);
};

const component = z.looseObject({ type: z.string(), name: z.string(), 'bom-ref': z.string() });
const written = z.looseObject({
  serialNumber: z.string(),
  metadata: z.looseObject({ timestamp: z.string() }),
  components: z.array(component),
  dependencies: z.array(z.object({ ref: z.string(), dependsOn: z.array(z.string()).optional() })),
  formulation: z.array(z.object({ components: z.array(z.looseObject({ name: z.string() })) })).optional(),
});
const cycloneDxOf = (bill: Bill) => written.parse(JSON.parse(billText('cyclonedx', bill)));
const spdxOf = (bill: Bill): unknown => JSON.parse(billText('spdx', bill));

const PARTS: Bill['parts'] = [
  { role: 'medium', name: 'debian 12', sha256: '3'.repeat(64) },
  { role: 'installer', name: 'base-installer', version: '1.2', architecture: 'all', sha256: '4'.repeat(64) },
  { role: 'installer', name: 'kernel', version: '6' },
  { role: 'stand-in', name: 'partman-base', version: '0.1', description: 'makes partitions' },
];

t.test('a bill of a small Debian, in both forms', async (t) => {
  const image = await diskWith(t, LICENSED);
  const inventory = await inventoryIn(image);
  const bill: Bill = {
    ...{ name: 'small', version: '1', description: 'small', created: '2026-01-02T03:04:05.678Z', ingot: '0.1.0' },
    images: [{ name: 'small.qcow2', sha256: '5'.repeat(64) }],
    parent: { name: 'stock.img', sha256: '6'.repeat(64) },
    parts: PARTS,
    inventory,
  };
  const cdx = cycloneDxOf(bill);
  t.same(await cycloneDxFaults(cdx), []);
  t.same(spdxFaults(spdxOf(bill)), []);

  const url = (name: string) =>
    `pkg:deb/debian/${name}@1.0-1?arch=amd64&distro=debian-12${name === 'web' ? '&upstream=web-src%402.0' : ''}`;
  const find = (name: string) => cdx.components.find((one) => one.name === name);
  t.match(find('web'), {
    type: 'library',
    purl: url('web'),
    supplier: { name: 'Web Team', contact: [{ email: 'web@lists.example' }] },
    hashes: [{ alg: 'SHA-256', content: '1'.repeat(64) }],
    licenses: [{ license: { name: 'GPL-2+ or own', acknowledgement: 'declared' } }],
    externalReferences: [{ type: 'website', url: 'https://web.example/' }],
    properties: [{ value: 'web-src' }, { value: '2.0' }],
  });
  t.match(find('libweb'), { licenses: [{ license: { name: 'GPL-2+ or own' } }] }, 'by a link to the folder of another');
  t.notOk(find('libweb')?.['externalReferences'], 'a sentence is no address');
  t.match(find('mail'), { licenses: [{ license: { name: 'copyright file of mail' } }] });
  t.notOk(find('mawk')?.['licenses'], 'no copyright file');
  t.match(find('/opt/app/program'), { type: 'file', hashes: [{ content: sha256('of a step') }] });
  t.ok(find('/etc/secret'), 'a secret is named');
  t.notOk(find('/etc/secret')?.['hashes'], 'and its digest is not told');
  t.match(find('debian'), { type: 'operating-system', version: '12' });
  t.notOk(find('/usr/sbin/web'), 'what a package owns is its');
  const needs = cdx.dependencies.find(({ ref }) => ref === url('web'))?.dependsOn;
  t.same(needs, [url('libweb'), url('mail'), url('other-mail')], 'alternatives and what packages provide');
  t.match(cdx.metadata, {
    timestamp: '2026-01-02T03:04:05Z',
    component: { pedigree: { ancestors: [{ name: 'stock.img', hashes: [{ content: '6'.repeat(64) }] }] } },
  });
  t.same(
    cdx.formulation?.[0]?.components.map(({ name }) => name),
    PARTS.map(({ name }) => name),
  );
  t.match(spdxOf(bill), {
    packages: [{ packageFileName: 'small.qcow2' }],
    hasExtractedLicensingInfos: [
      { name: 'copyright file of mail', extractedText: 'Free text.' },
      { extractedText: 'Own text.' },
    ],
    relationships: [{ relationshipType: 'DESCRIBES' }],
  });
  const supplierOf = (name: string) => JSON.stringify(spdxOf(bill)).includes(name);
  t.ok(supplierOf('Organization: Web Team (web@lists.example)'));
  t.ok(supplierOf('Person: Ada (ada@web.example)'));

  t.same(parseInventory(inventoryText(inventory)), inventory, 'kept with the captured image');
  const again = await inventoryIn(await diskWith(t, LICENSED));
  t.same(again, inventory, 'another disk of the same');
  const later = cycloneDxOf({ ...bill, inventory: again, created: '2027-01-01T00:00:00Z' });
  t.same({ ...later, metadata: cdx.metadata }, cdx, 'but for its time, the same document');
  t.not(cycloneDxOf({ ...bill, version: '2' }).serialNumber, cdx.serialNumber);

  for (const form of ['cyclonedx', 'spdx'] as const) {
    const { packages } = readBill(billText(form, bill), form);
    const told = packages.filter(({ name }) => inventory.packages.some((one) => one.name === name));
    t.same(
      told.map(({ name, version, source, sourceVersion }) => [name, version, source, sourceVersion]).sort(),
      inventory.packages
        .map(({ name, version, source, sourceVersion }) => [name, version, source, sourceVersion])
        .sort(),
      `${form}: advisories are found by the source packages in it`,
    );
  }

  // The judges judge.
  t.not((await cycloneDxFaults({ ...cdx, components: cdx.components.slice(1) })).length, 0);
  t.not((await cycloneDxFaults({ ...cdx, serialNumber: 'x' })).length, 0);
  t.not(spdxFaults({ ...Object(spdxOf(bill)), hasExtractedLicensingInfos: [] }).length, 0);
  t.not(spdxFaults({ ...Object(spdxOf(bill)), other: 1 }).length, 0);
});

t.test('packages that need each other are reached', async (t) => {
  const one = (name: string, dependsOn: string[]): Inventory['packages'][number] => ({
    ...{ kind: 'deb', name, version: '1', architecture: 'all', source: name, sourceVersion: '1', licences: [] },
    ...{
      purl: `pkg:deb/debian/${name}@1`,
      isRoot: false,
      dependsOn: dependsOn.map((other) => `pkg:deb/debian/${other}@1`),
    },
  });
  const packages = [one('a', ['b']), one('b', ['a']), one('c', [])];
  const inventory: Inventory = {
    format: 1,
    system: { id: 'debian', name: 'x' },
    packages,
    files: [],
    licenceTexts: [],
  };
  const bill: Bill = { name: 'x', created: '2026-01-02T03:04:05Z', images: [], parts: [], ingot: '1', inventory };
  t.same(await cycloneDxFaults(cycloneDxOf(bill)), []);
  t.same(spdxFaults(spdxOf(bill)), []);
});

const manifest = (image: string, digest: string) => ({
  ...{ manifestVersion: 1 as const, name: 'web', version: '3', created: '2026-05-06T07:08:09.000Z' },
  os: { family: 'debian', release: '12', arch: 'amd64' },
  recipe: { file: 'web.yaml', digest: 'x' },
  origin: { kind: 'assembled' as const, source: 'debian 12', sha256: '3'.repeat(64), chain: [] },
  installer: { standIns: 'never', components: [{ name: 'base-installer', version: '1.2' }] },
  standIns: [{ name: 'partman-base', for: 'partitions' }],
  tools: { ingot: '0.1.0' },
  images: [{ file: image, format: 'raw', virtualSize: 1, size: 1, sha256: digest }],
  ...{ seal: { operations: [], skipped: [] }, stages: [], packages: [] },
});

t.test('what the manifest beside an image says, where it is about this image', async (t) => {
  const folder = t.testdir({ 'a.raw': 'image', 'manifest.json': '' });
  const image = join(folder, 'a.raw');
  const cases = [
    ['of another image', JSON.stringify(manifest('a.raw', '0'.repeat(64))), 'a'],
    ['no JSON', '{', 'a'],
    ['of something else', '{"name": "x"}', 'a'],
    ['of this image', JSON.stringify(manifest('a.raw', sha256('image'))), 'web'],
    [
      'of an image below',
      JSON.stringify({
        ...manifest('a.raw', sha256('image')),
        origin: { kind: 'image', source: 'stock', sha256: 'x' },
      }),
      'web',
    ],
  ] as const;
  for (const [title, text, name] of cases) {
    await writeFile(join(folder, 'manifest.json'), text);
    const facts = await factsBeside(image);
    t.equal(facts.name, name, title);
    t.equal(facts.created, name === 'web' ? '2026-05-06T07:08:09.000Z' : (await stat(image)).mtime.toISOString());
    t.equal(facts.parent?.name, title === 'of an image below' ? 'stock' : undefined);
    t.equal(facts.parts.length, name === 'a' ? 0 : title === 'of an image below' ? 2 : 3);
    t.same(facts.images, [{ name: 'a.raw', sha256: sha256('image') }]);
  }
});

t.test('beside a delivered image: digests of the lock, and nothing where nothing was taken', async (t) => {
  const folder = t.testdir({ 'inventory.json': '' });
  const path = join(folder, 'inventory.json');
  await writeFile(path, inventoryText(await inventoryIn(await diskWith(t, LICENSED))));
  const captured = { images: [], packages: [], inventory: await fileRef(path) };
  const added = { name: 'mail', version: '1.0-1', arch: 'amd64', sha256: '7'.repeat(64), source: 'x' };
  const said = { name: 'web', version: '1.0-1', architecture: 'amd64', sha256: '8'.repeat(64), by: 'the ISO' };
  const record = join(folder, 'trust.json');
  await writeFile(record, recordText({ version: 1, packages: [said], files: {} }));
  const input = {
    trusted: { record: await fileRef(record) },
    manifest: manifest('web.raw', '5'.repeat(64)),
    captured,
    origin: {
      lock: undefined,
      added: {
        repositories: [],
        files: [],
        packages: [added],
        signedBy: { fingerprint: 'x', key: 'the recipe' as const },
      },
    },
  };
  const made = await deliverBills(['cyclonedx', 'spdx'], input, folder);
  t.match(made, [{ file: 'web.cdx.json' }, { file: 'web.spdx.json' }]);
  for (const { file, sha256: digest } of made) t.equal(sha256(await readFile(join(folder, file))), digest);
  const text = await readFile(join(folder, 'web.cdx.json'), 'utf8');
  t.same(await cycloneDxFaults(JSON.parse(text)), []);
  t.match(
    written.parse(JSON.parse(text)).components.find(({ name }) => name === 'mail'),
    { hashes: [{ content: '7'.repeat(64) }] },
  );
  t.match(
    written.parse(JSON.parse(text)).components.find(({ name }) => name === 'web'),
    { hashes: [{ content: '8'.repeat(64) }] },
    'what an ISO brought, by what *trust* knows',
  );
  t.same(await deliverBills(['spdx'], { ...input, captured: { images: [], packages: [] } }, folder), []);
});

t.test('SOURCE_DATE_EPOCH', async (t) => {
  const cases = [
    [undefined, undefined],
    ['', undefined],
    ['0', '1970-01-01T00:00:00.000Z'],
    ['1767323045', '2026-01-02T03:04:05.000Z'],
  ] as const;
  for (const [text, wanted] of cases) t.equal(sourceDate({ SOURCE_DATE_EPOCH: text }), wanted);
  for (const text of ['x', '-1', '1e3', '9'.repeat(13)])
    t.throws(() => sourceDate({ SOURCE_DATE_EPOCH: text }), { code: 'usage.source-date' });
});
