import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { familyOf, parseOsRelease } from '../../src/distributions/family-of.ts';
import { openSubject } from '../../src/distributions/open-subject.ts';
import { capabilitiesText } from '../../src/formats/file-capabilities.ts';
import { temporaryFolder } from '../../src/host/files.ts';
import { run } from '../../src/host/run.ts';
import { passwordOf } from '../../src/inspect/accounts.ts';
import { difference, isSame } from '../../src/inspect/diff.ts';
import { inspect } from '../../src/inspect/inspect.ts';
import type { PackageDatabase, PackageRecord } from '../../src/inspect/package-database.ts';
import { packageGraph } from '../../src/inspect/package-graph.ts';
import { whyInstalled } from '../../src/inspect/why.ts';
import { diskWith, type Files } from '../capture/small-disk.ts';
import { KEY, PRIVATE_HASH, SMALL_DEBIAN } from './small-system.ts';

const { signal } = new AbortController();

t.test('a small Debian is told as it is', async (t) => {
  const image = await diskWith(t, SMALL_DEBIAN);
  const ping = join(image, '..', 'caps');
  await writeFile(ping, Buffer.from('0100000200200000000000000000000000000000', 'hex'));
  await run('debugfs', [
    '-w',
    '-R',
    `ea_set -f ${ping} /usr/bin/mawk security.capability`,
    `${image}?offset=${14 * 2 ** 20}`,
  ]);
  await using subject = await openSubject(image, signal);
  const found = await inspect(subject);

  t.match(found.system, {
    name: 'Small Debian',
    architecture: 'x86_64',
    hostname: 'small',
    kernels: [{ version: '6.1.0-1-amd64', hasImage: true }],
  });
  t.match(found.disk.partitions[3]?.fileSystem, { mount: '/', clean: true });
  const packages = new Map(found.packages?.map((one) => [one.name, one]));
  t.equal(packages.size, 9, 'what is removed but for its configuration is none');
  t.match(packages.get('libc6'), {
    size: 13_000 * 1024,
    manual: false,
    neededBy: [
      { name: 'libweb', kind: 'depends' },
      { name: 'mawk', kind: 'depends' },
    ],
  });
  t.match(
    packages.get('docs'),
    { manual: false, neededBy: [{ name: 'web', kind: 'recommends' }] },
    'marked under the own architecture',
  );
  t.match(packages.get('mawk'), { essential: true, neededBy: [{ name: 'base-files', kind: 'pre-depends' }] });
  t.match(packages.get('other-mail'), { manual: true, neededBy: [{ name: 'web', kind: 'depends' }] });

  t.match(found.units, {
    defaultTarget: 'graphical.target',
    masked: ['noise.service'],
    sockets: [{ unit: 'web.socket', from: 'etc', listens: ['ListenStream=8080'] }],
    timers: [{ unit: 'nightly.timer', when: ['OnCalendar=daily'] }],
  });
  t.match(
    found.units.enabled.find(({ unit }) => unit === 'static.service'),
    { from: 'package', by: ['sysinit.target'] },
  );

  t.same(
    found.accounts.logins.map(({ name, password, method, expires, keys }) => [
      name,
      password,
      method,
      expires,
      keys.length,
    ]),
    [
      ['root', 'none', undefined, undefined, 0],
      ['ada', 'set', 'yescrypt', undefined, 1],
      ['guest', 'empty', undefined, undefined, 1],
      ['old', 'locked', 'SHA-512', '2024-10-04', 0],
    ],
  );
  const fingerprint = (await run('ssh-keygen', ['-l', '-f', '-'], { input: `${KEY}\n` })).stdout.split(' ')[1];
  t.match(found.accounts.logins[1]?.keys, [
    { fingerprint, comment: 'ada@home', options: 'from="10.0.0.0/8",restrict' },
  ]);
  t.same(found.accounts.sudo, [
    { file: '/etc/sudoers', rule: 'root ALL=(ALL:ALL) ALL' },
    { file: '/etc/sudoers', rule: '%sudo ALL=(ALL:ALL) ALL' },
    { file: '/etc/sudoers.d/90-ada', rule: 'ada ALL=(ALL) NOPASSWD:ALL' },
  ]);
  t.notMatch(JSON.stringify(found), PRIVATE_HASH, 'no hash');

  t.match(found.privileged, [
    { path: '/opt/own', setgid: true, setuid: false, package: undefined },
    { path: '/usr/bin/mawk', capabilities: 'cap_net_raw=ep', package: 'mawk' },
    { path: '/usr/sbin/web', setuid: true, package: 'web' },
  ]);
  const { unowned } = found;
  const unexplained = unowned?.unexplained.map(({ path }) => path) ?? [];
  for (const path of [
    '/opt/own',
    '/etc/systemd/system/own.service',
    '/etc/ssl/certs/own.pem',
    '/home/ada/.ssh/authorized_keys',
  ])
    t.ok(unexplained.includes(path), `${path} is nobody's`);
  for (const path of [
    '/usr/lib/libc.so',
    '/usr/bin/tool',
    '/usr/bin/tool.distrib',
    '/etc/ssl/certs/made.pem',
    '/etc/systemd/system/noise.service',
  ])
    t.notOk(unexplained.includes(path), `${path} is explained`);
  t.equal(unowned?.count, unexplained.length + (unowned?.generated.reduce((sum, { count }) => sum + count, 0) ?? 0));
  t.match(found.size.slice(0, 2), [
    { reason: 'kernel modules', files: 2 },
    { reason: 'package libc6', files: 1 },
  ]);
  t.match(
    found.size.find(({ reason }) => reason === 'documentation'),
    { files: 1 },
  );
  t.equal(
    found.size.reduce((sum, { size }) => sum + size, 0),
    found.files.size,
    'each file counts once',
  );
});

t.test('the database is read as dpkg-query reads it', async (t) => {
  const image = await diskWith(t, SMALL_DEBIAN);
  await using subject = await openSubject(image, signal);
  await using folder = await temporaryFolder();
  await run('debugfs', ['-R', `rdump /var/lib/dpkg ${folder.path}`, `${image}?offset=${14 * 2 ** 20}`]);
  const query = async (format: string) =>
    (
      await run('dpkg-query', ['--admindir', join(folder.path, 'dpkg'), '-W', '-f', `\${db:Status-Abbrev}|${format}\n`])
    ).stdout
      .split('\n')
      .filter((line) => line.startsWith('ii'))
      .map((line) => line.replace(/^ii *\|/, ''))
      .sort();
  const records = subject.database?.packages ?? [];
  t.same(
    records
      .map(
        ({ name, version, architecture, size, source }) =>
          `${name} ${version} ${architecture} ${size / 1024} ${source}`,
      )
      .sort(),
    await query(`\${Package} \${Version} \${Architecture} \${Installed-Size} \${source:Package}`),
  );
  const owned = records
    .flatMap(({ name, files }) => files.map((path) => `${name} ${path}`))
    .filter((line) => !line.includes('distrib') && !line.endsWith('/bin/tool'));
  const listed = await Promise.all(
    records.map(async ({ name }) => {
      const { stdout } = await run('dpkg-query', ['--admindir', join(folder.path, 'dpkg'), '-L', name], {
        allow: [0, 1],
      });
      return stdout
        .split('\n')
        .filter((path) => /^\/[^.]/.test(path) && path !== '/bin/tool')
        .map((path) => `${name} ${path}`);
    }),
  );
  t.same(owned.sort(), listed.flat().sort());
});

const record = (name: string, fields: Partial<PackageRecord> = {}): PackageRecord => ({
  name,
  version: '1',
  architecture: 'amd64',
  source: name,
  sourceVersion: '1',
  size: 1000,
  manual: false,
  essential: false,
  provides: [],
  relations: [],
  files: [],
  configuration: [],
  ...fields,
});
const needs = (...names: readonly string[]) =>
  names.map((one) => ({ kind: 'depends' as const, anyOf: one.split('|') }));
const recommends = (name: string) => ({ kind: 'recommends' as const, anyOf: [name] });
const graphOf = (...packages: readonly PackageRecord[]) =>
  packageGraph({ packages } satisfies Pick<PackageDatabase, 'packages'>);

t.test('why a package is there, and what goes with it', async (t) => {
  const graph = graphOf(
    record('site', { manual: true, relations: needs('web') }),
    record('blog', { manual: true, relations: [...needs('engine'), recommends('web')] }),
    record('engine', { relations: needs('web', 'lib') }),
    record('web', { relations: needs('lib', 'mail|mta', 'ring') }),
    record('lib', { relations: [] }),
    record('mail', { provides: ['mta'] }),
    record('mail-2', { provides: ['mta'], manual: true }),
    record('ring', { relations: needs('ring-2') }),
    record('ring-2', { relations: needs('ring') }),
    record('shell', { essential: true, relations: needs('lib') }),
    record('orphan'),
  );
  const chains = (name: string) =>
    whyInstalled(graph, name).chains.map(({ from, because, steps }) =>
      [`${because} ${from}`, ...steps.map(({ kind, name }) => `${kind} ${name}`)].join(' > '),
    );
  t.same(chains('site'), ['manual site']);
  t.same(chains('web'), ['manual site > depends web', 'manual blog > recommends web'], 'the shortest chain of each');
  t.same(chains('lib'), [
    'essential shell > depends lib',
    'manual blog > depends engine > depends lib',
    'manual site > depends web > depends lib',
  ]);
  t.same(chains('ring-2'), [
    'manual site > depends web > depends ring > depends ring-2',
    'manual blog > recommends web > depends ring > depends ring-2',
  ]);
  t.same(chains('orphan'), []);
  const removal = (name: string) => whyInstalled(graph, name).removal;
  t.same(removal('web'), {
    breaks: ['site', 'engine', 'blog'],
    essential: [],
    unneeded: ['mail', 'ring', 'ring-2'],
    size: 7000,
  });
  t.match(removal('mail'), { breaks: [], unneeded: [] }, 'another one takes its place');
  t.match(removal('lib'), { breaks: ['engine', 'web', 'shell', 'site', 'blog'], essential: ['shell'] });
  t.match(removal('ring'), { breaks: ['web', 'ring-2', 'site', 'engine', 'blog'] });
  const cases = [
    ['wep', /Did you mean web/],
    ['mta', /provided by mail, mail-2/],
    ['nothing-like-it', /lists all/],
  ] as const;
  for (const [name, hint] of cases)
    t.throws(() => whyInstalled(graph, name), { code: 'usage.no-such-package', hint }, name);
});

t.test('what differs between two images, and why', async (t) => {
  const status = String(SMALL_DEBIAN['/var/lib/dpkg/status']);
  const changes: Files = {
    '/var/lib/dpkg/status': `${status.replace('Package: libweb\nStatus: install ok installed\nPriority: optional\nInstalled-Size: 100\nArchitecture: amd64\nVersion: 1.0-1', 'Package: libweb\nStatus: install ok installed\nPriority: optional\nInstalled-Size: 100\nArchitecture: amd64\nVersion: 1.0-2').replace(/Package: left-over[\s\S]*?\n\n/, '')}\nPackage: new\nStatus: install ok installed\nArchitecture: all\nVersion: 3\nInstalled-Size: 5\n`,
    '/var/lib/dpkg/info/new.list': '/.\n/usr/bin/new\n',
    '/usr/bin/new': 'n',
    '/usr/lib/libweb.so': 'W',
    '/usr/lib/libc.so': `${'c'.repeat(49_999)}d`,
    '/usr/bin/mawk': { mode: 0o755, text: 'ELF' },
    '/etc/web/web.conf': 'port 81\n',
    '/etc/own.conf': 'mine',
    '/etc/ld.so.cache': 'made',
    '/opt/own': { link: 'other' },
    '/srv/data': 'x',
    '/etc/dpkg/dpkg.cfg.d/90-slim-documentation': 'path-exclude=/usr/share/doc/*\n',
    '/etc/systemd/system/multi-user.target.wants/own.service': { link: '../own.service' },
    '/etc/shadow': { mode: 0o640, text: `root:${PRIVATE_HASH}:19000::::::\n` },
    '/etc/passwd': `${String(SMALL_DEBIAN['/etc/passwd']).replace(/old:.*\n/, '')}eve:x:1003:1003::/home/eve:/bin/sh\n`,
  };
  const image = await diskWith(t, SMALL_DEBIAN);
  await using before = await openSubject(image, signal);
  const { '/usr/share/doc/web/manual': _, ...rest } = SMALL_DEBIAN;
  await using after = await openSubject(await diskWith(t, { ...rest, ...changes }), signal);
  t.ok(isSame(await difference(before, before)));
  const found = await difference(before, after);
  t.match(found.packages, {
    added: [{ name: 'new', version: '3', size: 5120 }],
    removed: [{ name: 'left-over' }],
    changed: [{ name: 'libweb', before: '1.0-1', after: '1.0-2' }],
  });
  const files = new Map(found.files.map((one) => [one.path, one]));
  const expected = {
    '/usr/bin/new': { change: 'added', cause: { kind: 'package', package: 'new' } },
    '/usr/lib/libweb.so': { change: 'changed', what: ['content'], cause: { kind: 'package', package: 'libweb' } },
    '/usr/lib/libc.so': {
      what: ['content'],
      before: { sha256: /^[0-9a-f]{64}$/ },
      cause: { kind: 'altered', package: 'libc6' },
    },
    '/usr/bin/mawk': { what: ['mode'], before: { mode: '0644' }, after: { mode: '0755' }, cause: { kind: 'altered' } },
    '/etc/web/web.conf': { what: ['content'], cause: { kind: 'configuration', package: 'web' } },
    '/etc/own.conf': { change: 'added', cause: { kind: 'configuration' } },
    '/etc/ld.so.cache': { cause: { kind: 'generated', reason: 'ldconfig' } },
    '/opt/own': { what: ['type'], cause: { kind: 'unknown' } },
    '/srv/data': { change: 'added', cause: { kind: 'unknown' } },
    '/srv': { change: 'added' },
    '/usr/share/doc/web/manual': { change: 'removed', cause: { kind: 'generated', reason: /90-slim-documentation/ } },
    '/etc/shadow': { what: ['content'], cause: { kind: 'generated', reason: 'accounts' } },
  };
  for (const [path, change] of Object.entries(expected)) t.match(files.get(path), change, path);
  t.equal(files.has('/usr/bin/tool'), false);
  t.match(found.units, { added: [{ unit: 'own.service' }], removed: [] });
  t.match(found.accounts, [
    { name: 'eve', change: 'added' },
    { name: 'old', change: 'removed' },
    { name: 'root', change: 'changed', what: ['password none → set yescrypt'] },
    { name: 'ada', change: 'changed', what: ['password set yescrypt → none'] },
    { name: 'guest', change: 'changed', what: [/password empty → none/] },
  ]);
  t.notMatch(JSON.stringify(found), PRIVATE_HASH, 'no hash');
});

t.test('families by os-release', async (t) => {
  const cases = [
    ['ID=debian\n', 'debian'],
    ['ID=ubuntu\nID_LIKE=debian\n', 'debian'],
    ['ID=\'kali\'\nID_LIKE="debian"\n', 'debian'],
    ['ID=linuxmint\nID_LIKE="ubuntu debian"\n', 'debian'],
    ['ID="rhel"\nID_LIKE="fedora"\n', 'redhat'],
    ['ID="rocky"\nID_LIKE="rhel centos fedora"\n', 'redhat'],
    ['ID=somebody\nID_LIKE="rhel fedora"\n', 'redhat'],
    ['ID=fedora\n', 'fedora'],
    ['ID=nobara\nID_LIKE="fedora"\n', 'fedora'],
    ['ID=alpine\n', undefined],
    ['', undefined],
  ] as const;
  for (const [text, family] of cases) t.equal(familyOf(parseOsRelease(text)), family, text);
  t.same(
    [...parseOsRelease('# no\nNAME="A \\"b\\" \\$c"\nX=\'d $e\'\nY=f\r\n')],
    [
      ['NAME', 'A "b" $c'],
      ['X', 'd $e'],
      ['Y', 'f'],
    ],
  );
});

t.test('a system without dpkg says so, and tells the rest', async (t) => {
  const { '/var/lib/dpkg/status': _, ...others } = SMALL_DEBIAN;
  const cases = [
    ['ID=alpine\n', SMALL_DEBIAN, /package database of alpine is not read/],
    ['ID="rocky"\nID_LIKE="rhel fedora"\n', SMALL_DEBIAN, /package database of rocky is not read/],
    ['ID=debian\n', others, /there is no \/var\/lib\/dpkg\/status/],
  ] as const;
  for (const [release, files, reason] of cases) {
    await using subject = await openSubject(
      await diskWith(t, { ...files, '/etc/os-release': release }, { without: ['/var/lib/dpkg/status'] }),
      signal,
    );
    const found = await inspect(subject);
    t.equal(found.packages, undefined, release);
    t.equal(found.unowned, undefined, 'nothing is guessed');
    t.match(found.packagesUnread, reason);
    t.equal(found.accounts.logins.length, 4);
  }
});

t.test('passwords and capabilities in words', async (t) => {
  const passwords = [
    ['', 'empty', undefined],
    ['*', 'none', undefined],
    ['!', 'none', undefined],
    ['!!', 'none', undefined],
    ['!*', 'none', undefined],
    ['x', 'none', undefined],
    ['$6$salt$hash', 'set', 'SHA-512'],
    ['!$y$j9T$salt$hash', 'locked', 'yescrypt'],
    ['$2y$10$hash', 'set', 'bcrypt'],
    ['abcdefghijklm', 'set', 'DES'],
    ['$unheard$of', 'set', undefined],
  ] as const;
  for (const [field, password, method] of passwords) t.match(passwordOf(field), { password, method }, field);
  const capabilities = [
    ['0100000200200000000000000000000000000000', 'cap_net_raw=ep'],
    ['0000000200240000000000000000000000000000', 'cap_net_bind_service,cap_net_raw=p'],
    ['010000030000000000000000800000000000000000000000', 'cap_bpf=ep'],
    ['0100000201000000020000000000000000000000', 'cap_chown=ep cap_dac_override=ei'],
    ['00', ''],
  ] as const;
  for (const [value, text] of capabilities) t.equal(capabilitiesText(Buffer.from(value, 'hex')), text);
  t.equal(capabilitiesText(undefined), '');
});
