/** rpm's database in an image, held against rpm itself; SQLite's files against SQLite. */
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import t from 'tap';
import { inventoryOf } from '../../src/distributions/inventory.ts';
import { openSubject, requireDatabase } from '../../src/distributions/open-subject.ts';
import { readRpmDatabase } from '../../src/distributions/rpm/database.ts';
import { rpmLicences } from '../../src/distributions/rpm/licences.ts';
import { type RpmRecord, rpmRecord, SIGNATURE_TAGS } from '../../src/distributions/rpm/rpm-package.ts';
import { IngotError } from '../../src/errors.ts';
import { readBerkeleyHash } from '../../src/formats/databases/berkeley-hash.ts';
import { readNdb } from '../../src/formats/databases/rpm-ndb.ts';
import { openSqlite } from '../../src/formats/databases/sqlite.ts';
import { run } from '../../src/host/run.ts';
import { difference } from '../../src/inspect/diff.ts';
import { inspect } from '../../src/inspect/inspect.ts';
import { packageGraph } from '../../src/inspect/package-graph.ts';
import { whyInstalled } from '../../src/inspect/why.ts';
import { billText } from '../../src/sbom/forms.ts';
import { expressionOf } from '../../src/sbom/licence.ts';
import { diskWith, type Files } from '../capture/small-disk.ts';
import { cycloneDxFaults, spdxFaults } from '../sbom/valid.ts';

const { signal } = new AbortController();

const SPEC = `Name: sample
Version: 1.2
Release: 3
Epoch: 2
Summary: A sample
License: MIT AND (Apache-2.0 OR GPL-2.0-only)
URL: https://sample.example
Vendor: Sample Makers
Requires: sample-lib >= 1, config(sample), (sample-doc or any-doc), (other if sample-doc)
Requires(pre): /usr/lib64/libsample.so
Recommends: sample-doc
Provides: virtual-sample = 4
%description
x
%package lib
Summary: lib
Epoch: 0
License: GPLv2+ and MIT
%description lib
lib
%package doc
Summary: doc
BuildArch: noarch
Suggests: sample
%description doc
doc
%install
mkdir -p %{buildroot}/usr/bin %{buildroot}/etc/sample %{buildroot}/usr/lib64 %{buildroot}/usr/share/doc/sample %{buildroot}/var/lib/sample
echo a > %{buildroot}/usr/bin/sample
ln -s sample %{buildroot}/usr/bin/sample-link
echo c > %{buildroot}/etc/sample/sample.conf
head -c 5000 /dev/zero | tr '\\0' l > %{buildroot}/usr/lib64/libsample.so
for one in $(seq 400); do echo $one > %{buildroot}/usr/share/doc/sample/page-$one; done
%files
%attr(4755,root,root) %caps(cap_net_raw=p) /usr/bin/sample
/usr/bin/sample-link
%dir /etc/sample
%config(noreplace) %attr(0640,root,adm) /etc/sample/sample.conf
%ghost /var/lib/sample/state
%dir /var/lib/sample
%files lib
/usr/lib64/libsample.so
%files doc
/usr/share/doc/sample
`;

/** Packages made and installed into a database alone; returns its folder. */
const rpmDatabase = async (folder: string): Promise<string> => {
  await writeFile(join(folder, 'sample.spec'), SPEC);
  const define = (name: string, value: string) => ['--define', `${name} ${value}`];
  const top = join(folder, 'top');
  await run('rpmbuild', [
    '-bb',
    ...define('_topdir', top),
    ...define('_build_id_links', 'none'),
    join(folder, 'sample.spec'),
  ]);
  const database = join(folder, 'db');
  await mkdir(database);
  const packages = ['x86_64/sample-1.2-3.x86_64', 'x86_64/sample-lib-1.2-3.x86_64', 'noarch/sample-doc-1.2-3.noarch'];
  const files = packages.map((name) => join(top, 'RPMS', `${name}.rpm`));
  await run('rpm', ['--dbpath', database, '-i', '--justdb', '--nodeps', '--noscripts', ...files]);
  return database;
};

const FEDORA = 'ID=fedora\nVERSION_ID="41"\nPRETTY_NAME="Fedora Linux 41"\n';

t.test('packages of an image, as rpm tells them', async (t) => {
  const database = await rpmDatabase(t.testdir({}));
  const query = async (format: string) =>
    (await run('rpm', ['--dbpath', database, '-qa', '--qf', format])).stdout
      .replaceAll('(none)', '')
      .split('\n')
      .filter((line) => line !== '')
      .sort();
  const files: Files = {
    '/etc/os-release': FEDORA,
    '/usr/lib/sysimage/rpm/rpmdb.sqlite': { mode: 0o644, text: await readFile(join(database, 'rpmdb.sqlite')) },
    '/usr/bin/sample': 'a\n',
    '/etc/sample/sample.conf': 'c\n',
    '/srv/own': 'of nobody',
  };
  const image = await diskWith(t, files, { without: ['/var/lib/dpkg/status'] });
  await using subject = await openSubject(image, signal);
  const found = requireDatabase(subject);
  const read = await readRpmDatabase(subject.files);
  if (read === undefined) throw new Error('not read');
  const records = read.packages;
  const lines = (of: (one: RpmRecord) => string | readonly string[]) => records.flatMap(of).sort();

  t.same(
    lines(({ name, version, architecture, size, licence, vendor, homepage }) =>
      [name, version.replace(/^(?!\d+:)/, '0:'), architecture, size, licence, vendor, homepage].join('|'),
    ),
    await query('%{NAME}|%{EPOCHNUM}:%{VERSION}-%{RELEASE}|%{ARCH}|%{SIZE}|%{LICENSE}|%{VENDOR}|%{URL}\n'),
  );
  t.same(
    lines(({ name, fileList, digestAlgorithm }) =>
      fileList.map(({ path, size, mode, user, group, digest, flags, target, capabilities }) =>
        [name, path, size, mode.toString(8), user, group, digest, flags, target, capabilities, digestAlgorithm].join(
          '|',
        ),
      ),
    ),
    await query(
      '[%{=NAME}|%{FILENAMES}|%{FILESIZES}|%{FILEMODES:octal}|%{FILEUSERNAME}|%{FILEGROUPNAME}|%{FILEDIGESTS}|%{FILEFLAGS}|%{FILELINKTOS}|%{FILECAPS}|%{=FILEDIGESTALGO}\n]',
    ),
  );
  t.same(
    lines(({ name, header }) => `${name} ${header.string(SIGNATURE_TAGS.sha256)}`),
    await query('%{NAME} %{SHA256HEADER}\n'),
    'what was signed stays at hand',
  );
  t.match(
    records.map(({ name, source, sourceVersion }) => [name, source, sourceVersion]),
    records.map(({ name }) => [name, 'sample', '1.2-3']),
  );

  const told = await inspect(subject);
  t.same(
    told.packages?.map(({ name }) => name),
    ['sample', 'sample-doc', 'sample-lib'],
  );
  t.notMatch(JSON.stringify(told), /fileList|blob/, 'no headers in what is shown');
  t.ok(told.unowned?.unexplained.some(({ path }) => path === '/srv/own'));
  t.notOk(told.unowned?.unexplained.some(({ path }) => path === '/usr/bin/sample'));
  const graph = packageGraph(found);
  t.same(
    graph.neededBy('sample-lib'),
    [{ name: 'sample', kind: 'pre-depends' }],
    'a file that a package has is one of it',
  );
  t.same(
    graph.neededBy('sample-doc'),
    [{ name: 'sample', kind: 'depends' }],
    '(one or other); a condition is no reason',
  );
  t.same(whyInstalled(graph, 'sample-lib').removal.breaks, ['sample']);

  const inventory = await inventoryOf(subject, signal);
  const bill = { name: 'x', created: '2026-01-02T03:04:05Z', images: [], parts: [], ingot: '0.1.0', inventory };
  t.same(await cycloneDxFaults(JSON.parse(billText('cyclonedx', bill))), []);
  t.same(spdxFaults(JSON.parse(billText('spdx', bill))), []);
  t.match(inventory.packages, [
    { purl: 'pkg:rpm/fedora/sample-doc@1.2-3?arch=noarch&distro=fedora-41&epoch=2' },
    {
      purl: 'pkg:rpm/fedora/sample-lib@1.2-3?arch=x86_64&distro=fedora-41',
      supplier: 'Sample Makers',
      licences: [{ said: 'GPLv2+ and MIT', expression: /^LicenseRef-GPLv2-and-MIT-/ }],
    },
    { licences: [{ expression: 'MIT AND (Apache-2.0 OR GPL-2.0-only)' }] },
  ]);

  const other = await diskWith(
    t,
    { ...files, '/etc/sample/sample.conf': 'd\n', '/usr/bin/sample': 'b\n' },
    { without: ['/var/lib/dpkg/status'] },
  );
  await using after = await openSubject(other, signal);
  const changed = new Map((await difference(subject, after)).files.map(({ path, cause }) => [path, cause]));
  t.match(changed.get('/usr/bin/sample'), { kind: 'altered', package: 'sample' });
  t.match(changed.get('/etc/sample/sample.conf'), { kind: 'configuration', package: 'sample' });

  // Whatever is wrong with a header has a name, and ends.
  const [blob] = records.map((one) => one.blob);
  if (blob === undefined) throw new Error('no package');
  for (let nth = 0; nth < 2000; nth += 1) {
    const broken = Buffer.from(blob.subarray(0, nth % 7 === 0 ? (nth * 31) % blob.length : blob.length));
    if (broken.length > 0) broken.writeUInt8((nth * 151) % 256, (nth * 37) % broken.length);
    try {
      rpmRecord(broken, true);
    } catch (error) {
      if (!(error instanceof IngotError)) throw error;
    }
  }
  t.pass('damaged headers are refused or read');
});

/** As rpm lays it out: slots, then blobs, each in blocks of 16 bytes. Debian's rpm cannot write this form. */
const ndbOf = (blobs: readonly Buffer[]): Buffer => {
  const words = (magic: string, ...numbers: readonly number[]): Buffer => {
    const bytes = Buffer.alloc(4 + 4 * numbers.length);
    bytes.write(magic, 'latin1');
    for (const [nth, number] of numbers.entries()) bytes.writeUInt32LE(number, 4 + 4 * nth);
    return bytes;
  };
  let at = 4096;
  const stored = blobs.map((blob, nth) => {
    const start = at;
    const size = Math.ceil((16 + blob.length + 12) / 16) * 16;
    at += size;
    const filling = Buffer.alloc(size - 16 - blob.length - 12);
    const bytes = [
      words('BlbS', nth + 1, 1, blob.length),
      blob,
      filling,
      words('sums', blob.length),
      Buffer.from('BlbE'),
    ];
    return { slot: words('Slot', nth + 1, start / 16, size / 16), bytes: Buffer.concat(bytes) };
  });
  const slots = Array.from({ length: 254 }, (_, nth) => stored[nth]?.slot ?? words('Slot', 0, 0, 0));
  const header = words('RpmP', 0, 1, 1, blobs.length + 1, 0, 0, 0);
  return Buffer.concat([header, ...slots, ...stored.map(({ bytes }) => bytes)]);
};

const headersIn = async (database: string): Promise<Buffer[]> => {
  const rows = openSqlite(await readFile(join(database, 'rpmdb.sqlite'))).rows('Packages') ?? [];
  return [...rows].flatMap(({ values: [, blob] }) => (Buffer.isBuffer(blob) ? [blob] : []));
};

t.test('the form of Berkeley DB', async (t) => {
  const folder = t.testdir({ old: {} });
  const blobs = await headersIn(await rpmDatabase(folder));
  const key = (number: number) => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(number);
    return bytes.toString('hex');
  };
  const records = [
    ` ${key(0)}`,
    ` ${key(99)}`,
    ...blobs.flatMap((blob, nth) => [` ${key(nth + 1)}`, ` ${blob.toString('hex')}`]),
  ];
  const path = join(folder, 'old', 'Packages');
  const input = ['VERSION=3', 'format=bytevalue', 'type=hash', 'HEADER=END', ...records, 'DATA=END', ''].join('\n');
  await run('db5.3_load', [path], { input });
  const file = await readFile(path);
  const query = [
    '--define',
    '_db_backend bdb_ro',
    '--dbpath',
    join(folder, 'old'),
    '-qa',
    '--qf',
    '%{NAME} %{VERSION}\\n',
  ];
  const known = (await run('rpm', query)).stdout.split('\n').filter((line) => line !== '');
  t.equal(known.length, 3);
  const image = await diskWith(
    t,
    { '/etc/os-release': 'ID="rhel"\nVERSION_ID="8.10"\n', '/var/lib/rpm/Packages': { mode: 0o644, text: file } },
    { without: ['/var/lib/dpkg/status'] },
  );
  await using subject = await openSubject(image, signal);
  t.same(
    requireDatabase(subject).packages.map(({ name, version }) => `${name} ${version.replace(/^\d+:|-.*/g, '')}`),
    known.sort(),
  );
  for (let nth = 0; nth < 500; nth += 1) {
    const broken = Buffer.from(file);
    broken.writeUInt8((nth * 151) % 256, (nth * 3571) % file.length);
    try {
      readBerkeleyHash(broken);
    } catch (error) {
      if (!(error instanceof IngotError)) throw error;
    }
  }
});

t.test('the form ndb', async (t) => {
  const blobs = await headersIn(await rpmDatabase(t.testdir({})));
  t.equal(blobs.length, 3);
  const ndb = ndbOf(blobs);
  t.same(readNdb(ndb), blobs);
  const image = await diskWith(
    t,
    {
      '/etc/os-release': 'ID="opensuse-leap"\nVERSION_ID="15.6"\n',
      '/usr/lib/sysimage/rpm/Packages.db': { mode: 0o644, text: ndb },
    },
    { without: ['/var/lib/dpkg/status'] },
  );
  await using subject = await openSubject(image, signal);
  t.same(
    (await inventoryOf(subject, signal)).packages.map(({ purl }) => purl),
    [
      'pkg:rpm/opensuse/sample-doc@1.2-3?arch=noarch&distro=opensuse-leap-15.6&epoch=2',
      'pkg:rpm/opensuse/sample-lib@1.2-3?arch=x86_64&distro=opensuse-leap-15.6',
      'pkg:rpm/opensuse/sample@1.2-3?arch=x86_64&distro=opensuse-leap-15.6&epoch=2',
    ],
  );
  const damages = [
    [0, 'x'],
    [4, 'x'],
    [14, '\x7f'],
    [32, 'x'],
    [40, '\x01'],
    [4096, 'x'],
    [4100, '\x09'],
    [4110, '\x7f'],
  ] as const;
  for (const [at, byte] of damages) {
    const broken = Buffer.from(ndb);
    broken.write(byte, at, 'latin1');
    t.throws(() => readNdb(broken), { code: 'inspect.ndb-damaged' }, String(at));
  }
});

t.test('databases that are not read say so, and the rest is told', async (t) => {
  const cases = [
    [
      'ID=opensuse-leap\n',
      { '/usr/lib/sysimage/rpm/Packages.db': 'RpmP' },
      /form ndb cannot be read: it does not begin/,
    ],
    ['ID="rhel"\n', { '/var/lib/rpm/Packages': 'x' }, /Berkeley DB cannot be read: it is too short/],
    ['ID=fedora\n', { '/usr/lib/sysimage/rpm/rpmdb.sqlite': 'SQLite format 3\0\0\0' }, /cannot be read/],
    ['ID=fedora\n', { '/usr/lib/sysimage/rpm/rpmdb.sqlite': 'no database' }, /does not begin/],
    ['ID=arch\n', {}, /of arch is not read/],
  ] as const;
  for (const [release, files, reason] of cases) {
    const image = await diskWith(t, { '/etc/os-release': release, ...files }, { without: ['/var/lib/dpkg/status'] });
    await using subject = await openSubject(image, signal);
    const found = await inspect(subject);
    t.equal(found.packages, undefined, release);
    t.match(found.packagesUnread, reason);
    t.throws(() => requireDatabase(subject), { code: 'usage.no-packages' });
  }
});

t.test('what a License tag says', async (t) => {
  const cases = [
    ['MIT', 'MIT'],
    [
      'GPL-2.0-or-later WITH Classpath-exception-2.0 AND BSD-3-Clause',
      'GPL-2.0-or-later WITH Classpath-exception-2.0 AND BSD-3-Clause',
    ],
    ['LGPLv2+ and (MIT or ASL 2.0)', undefined],
    ['MIT and BSD', undefined],
    ['LicenseRef-Fedora-Public-Domain AND MIT', undefined],
  ] as const;
  for (const [licence, wanted] of cases) {
    const found = await rpmLicences({ licence });
    const expression = expressionOf(found?.statements ?? []);
    if (wanted === undefined) t.match(found, { texts: [{ name: licence }], statements: [{ said: licence }] });
    else t.equal(expression, wanted);
  }
});

t.test('SQLite files and their logs, as SQLite reads them', async (t) => {
  const folder = t.testdir({});
  for (const pageSize of [512, 4096, 65_536]) {
    const path = join(folder, `${pageSize}.sqlite`);
    const database = new DatabaseSync(path);
    database.exec(`pragma page_size = ${pageSize}; pragma journal_mode = wal; pragma wal_autocheckpoint = 0`);
    database.exec('create table other (x); create table rows (id integer primary key, bytes blob, text text, number)');
    const insert = database.prepare('insert into rows values (?, ?, ?, ?)');
    const numbers = [null, 0, 1, -1, 127, -32_768, 8_388_607, 2 ** 31, -(2 ** 40), 0.5, -1e300];
    const fill = (from: number, to: number) => {
      database.exec('begin');
      for (let id = from; id < to; id += 1)
        insert.run(
          id * 3,
          Buffer.alloc((id * id * 7) % 3 === 0 ? (id * 977) % 20_000 : id % 50, id),
          `é${id}`,
          numbers[id % numbers.length] ?? null,
        );
      database.exec('commit');
    };
    const read = async (log: boolean) => {
      const copy = join(folder, 'copy');
      await copyFile(path, copy);
      const wal = log ? await readFile(`${path}-wal`) : undefined;
      return [...(openSqlite(await readFile(copy), wal).rows('rows') ?? [])].map(({ rowid, values }) => [
        rowid,
        values[1],
        values[2],
        typeof values[3] === 'bigint' ? Number(values[3]) : values[3],
      ]);
    };
    const wanted = () =>
      database
        .prepare('select id, bytes, text, number from rows order by id')
        .all()
        .map(({ id, bytes, text, number }) => [
          id,
          Buffer.from(bytes instanceof Uint8Array ? bytes : []),
          text,
          number,
        ]);
    fill(0, 300);
    t.same(await read(true), wanted(), `${pageSize}: all of it in the log`);
    database.exec('pragma wal_checkpoint(truncate)');
    t.same(await read(true), wanted(), 'all of it in the file');
    fill(300, 500);
    database.exec('update rows set text = 1 where id < 90; delete from rows where id > 900');
    t.same(await read(true), wanted(), 'in both');
    t.equal((await read(false)).length, 300, 'the file alone');
    const wal = await readFile(`${path}-wal`);
    const file = await readFile(path);
    const cut = [...(openSqlite(file, wal.subarray(0, wal.length - 10)).rows('rows') ?? [])].length;
    t.ok(cut >= 300 && cut < 501, 'a transaction that did not end does not count');
    t.equal(openSqlite(file).rows('nothing'), undefined);
    for (let nth = 0; nth < 300; nth += 1) {
      const broken = Buffer.from(file);
      broken.writeUInt8((nth * 151) % 256, (nth * 3571) % Math.min(file.length, 40 * pageSize));
      try {
        for (const _ of openSqlite(broken).rows('rows') ?? []);
      } catch (error) {
        if (!(error instanceof IngotError)) throw error;
      }
    }
    database.close();
  }
});
