/** Files of an image of rpm packages against headers that are signed: packages by rpmbuild, signed by rpmsign, known by rpm's database. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import t from 'tap';
import { openSubject } from '../../src/distributions/open-subject.ts';
import { checkMediumPackages } from '../../src/distributions/rpm/medium-packages.ts';
import { RPM_TRUST } from '../../src/distributions/rpm/trust/trust-of.ts';
import { capabilitiesOf, capabilitiesText } from '../../src/formats/file-capabilities.ts';
import { HEADER_MAGIC, signedPart } from '../../src/formats/packages/rpm-header.ts';
import { sha256File, temporaryFolder } from '../../src/host/files.ts';
import { run } from '../../src/host/run.ts';
import { readMedium } from '../../src/media/iso/medium.ts';
import { loadRecipe } from '../../src/recipe/load.ts';
import { silentReporter } from '../../src/report.ts';
import { chainOf } from '../../src/stages/deliver/chain.ts';
import { fetchStage } from '../../src/stages/origin/fetch-stage.ts';
import { type Files, makeDisk } from '../capture/small-disk.ts';
import { makeSigner } from '../origin/signer.ts';
import { HASH } from '../recipe/helpers.ts';
import { debugfs } from './small-archive.ts';

const { signal } = new AbortController();
const work = await temporaryFolder('ingot-rpm-trust-');
t.teardown(() => work[Symbol.asyncDispose]());

const SPEC = `Name: tool
Version: 1.2
Release: 3
Summary: A tool
License: MIT
BuildArch: noarch
%description
x
%package own
Summary: Of nobody
%description own
x
%install
mkdir -p %{buildroot}/usr/bin %{buildroot}/etc/tool %{buildroot}/usr/lib/systemd/system %{buildroot}/usr/share/doc/tool %{buildroot}/usr/share/locale/de %{buildroot}/var/lib/tool %{buildroot}/usr/lib/modules/6.1 %{buildroot}/opt %{buildroot}/boot %{buildroot}/etc/systemd/system/multi-user.target.wants
printf 'a tool\\n' > %{buildroot}/usr/bin/tool
printf 'power\\n' > %{buildroot}/usr/bin/tool-net
ln -s tool %{buildroot}/usr/bin/tl
printf 'c\\n' > %{buildroot}/etc/tool/tool.conf
printf 'l\\n' > %{buildroot}/etc/tool/local.db
printf '[Service]\\n' > %{buildroot}/usr/lib/systemd/system/tool.service
printf 'doc\\n' > %{buildroot}/usr/share/doc/tool/README
printf 'de\\n' > %{buildroot}/usr/share/locale/de/tool.mo
printf 'kernel\\n' > %{buildroot}/usr/lib/modules/6.1/vmlinuz
printf 'own\\n' > %{buildroot}/opt/own
%files
%attr(0755,root,root) /usr/bin/tool
/usr/bin/tl
%attr(0755,root,root) %caps(cap_net_raw,cap_net_admin=ep) /usr/bin/tool-net
%dir /etc/tool
%config(noreplace) %attr(0640,root,adm) /etc/tool/tool.conf
%verify(not md5 size mtime) %attr(0600,root,root) /etc/tool/local.db
/usr/lib/systemd/system/tool.service
%doc /usr/share/doc/tool/README
%lang(de) /usr/share/locale/de/tool.mo
%dir /var/lib/tool
%ghost %attr(0644,root,root) /var/lib/tool/state
/usr/lib/modules/6.1/vmlinuz
%ghost /boot/vmlinuz-6.1
%ghost /etc/systemd/system/multi-user.target.wants/evil.service
%files own
/opt/own
`;

const signer = await makeSigner();
t.teardown(() => signer[Symbol.asyncDispose]());
const vendor = await signer.key('vendor');
const other = await signer.key('other');
const keyring = await signer.keyring('vendor.gpg', vendor);
const foreign = await signer.keyring('other.gpg', other);

const RPMS = join(work.path, 'top', 'RPMS', 'noarch');
await writeFile(join(work.path, 'tool.spec'), SPEC);
const define = (name: string, value: string) => ['--define', `${name} ${value}`];
await run('rpmbuild', ['-bb', ...define('_topdir', join(work.path, 'top')), join(work.path, 'tool.spec')]);
const [tool, own] = ['tool-1.2-3.noarch.rpm', 'tool-own-1.2-3.noarch.rpm'].map((name) => join(RPMS, name)) as [
  string,
  string,
];
await run('rpmsign', [
  '--addsign',
  ...define('_gpg_name', vendor.fingerprint),
  ...define('_gpg_path', signer.path('home')),
  ...define('_gpg_sign_cmd_extra_args', '--batch --pinentry-mode loopback'),
  ...define('__gpg', '/usr/bin/gpg'),
  tool,
]);

const databaseOf = async (name: string, ...packages: readonly string[]): Promise<string> => {
  const folder = join(work.path, name);
  await mkdir(folder);
  await run('rpm', ['--dbpath', folder, '-i', '--justdb', '--nodeps', '--noscripts', '--ignoreos', ...packages]);
  return join(folder, 'rpmdb.sqlite');
};
const signedOnly = await databaseOf('signed', tool);
const withOwn = await databaseOf('own', tool, own);

const program = (text: string) => ({ mode: 0o755, text });
const FILES: Files = {
  '/etc/os-release': 'ID=fedora\nVERSION_ID="43"\n',
  '/etc/passwd': 'root:x:0:0::/root:/bin/bash\n',
  '/etc/group': 'root:x:0:\nadm:x:4:\n',
  '/usr/bin/tool': program('a tool\n'),
  '/usr/bin/tool-net': program('power\n'),
  '/usr/bin/tl': { link: 'tool' },
  '/etc/tool/tool.conf': { mode: 0o640, text: 'c\n' },
  '/etc/tool/local.db': { mode: 0o600, text: 'what the administrator wrote\n' },
  '/usr/lib/systemd/system/tool.service': '[Service]\n',
  '/etc/systemd/system/multi-user.target.wants/tool.service': { link: '/usr/lib/systemd/system/tool.service' },
  '/var/lib/tool/state': 'made while it runs',
  '/usr/lib/modules/6.1/vmlinuz': 'kernel\n',
  '/boot/vmlinuz-6.1': 'kernel\n',
};
const NET = capabilitiesOf('cap_net_raw,cap_net_admin=ep') ?? Buffer.alloc(0);
const capability = join(work.path, 'capability');
await writeFile(capability, NET);

let made = 0;
const imageOf = async (
  database: string | Buffer,
  { files = {}, commands = [] }: { readonly files?: Files; readonly commands?: readonly string[] } = {},
): Promise<string> => {
  const folder = join(work.path, `image-${made++}`);
  await mkdir(folder);
  const text = typeof database === 'string' ? await readFile(database) : database;
  const all = { ...FILES, '/usr/lib/sysimage/rpm/rpmdb.sqlite': { mode: 0o644, text }, ...files };
  const image = await makeDisk({ folder, files: all });
  await debugfs(image, [
    'sif /etc/tool/tool.conf gid 4',
    `ea_set -f ${capability} /usr/bin/tool-net security.capability`,
    'ea_set /usr/bin/tool security.selinux system_u:object_r:bin_t:s0',
    ...commands,
  ]);
  return image;
};

const judged = async (image: string, { keys }: { readonly keys?: readonly string[] } = { keys: [keyring] }) => {
  await using subject = await openSubject(image, signal);
  return await RPM_TRUST.check(subject, keys === undefined ? {} : { keys }, signal);
};
const told = ({ judgement }: Awaited<ReturnType<typeof judged>>) =>
  judgement.found
    .map(({ rule, where, verdict }) => `${verdict} ${rule}${where === undefined ? '' : ` ${where}`}`)
    // Folders of the small disk, which packages of the system itself would have.
    .filter((line) => !FOLDERS.some((path) => line === `fails trust/unexplained ${path}`))
    .sort();
const FOLDERS = [
  ...['/boot', '/boot/efi', '/etc', '/etc/os-release', '/etc/systemd', '/etc/systemd/system', '/lost+found', '/usr'],
  ...[
    '/etc/systemd/system/multi-user.target.wants',
    '/usr/bin',
    '/usr/lib',
    '/usr/lib/modules',
    '/usr/lib/modules/6.1',
  ],
  ...['/usr/lib/sysimage', '/usr/lib/sysimage/rpm', '/usr/lib/systemd', '/usr/lib/systemd/system', '/var', '/var/lib'],
  '/opt',
];

t.test('a system whose packages are signed', async (t) => {
  const found = await judged(await imageOf(signedOnly));
  t.same(told(found), []);
  const classOf = (path: string) => {
    const { class: name, rule } = found.classification.files.get(path) ?? {};
    return rule === undefined ? name : `${name} ${rule}`;
  };
  t.same(Object.fromEntries(Object.keys(FILES).map((path) => [path, classOf(path)])), {
    '/etc/os-release': 'unexplained',
    '/etc/passwd': 'generated accounts',
    '/etc/group': 'generated accounts',
    '/usr/bin/tool': 'verified',
    '/usr/bin/tool-net': 'verified',
    '/usr/bin/tl': 'verified',
    '/etc/tool/tool.conf': 'verified',
    '/etc/tool/local.db': 'generated rpm-may-change',
    '/usr/lib/systemd/system/tool.service': 'verified',
    '/etc/systemd/system/multi-user.target.wants/tool.service': 'generated systemctl-enable',
    '/var/lib/tool/state': 'generated rpm-ghost',
    '/usr/lib/modules/6.1/vmlinuz': 'verified',
    '/boot/vmlinuz-6.1': 'generated kernel-copy',
  });
  t.match(found.judgement.facts.join('\n'), `1 package signed by ${vendor.fingerprint}`);
  // Documentation and languages may be left out.
  t.notOk([...found.classification.files.keys()].some((path) => path.startsWith('/usr/share')));
  t.equal(found.classification.missing.get('/usr/share/doc/tool/README')?.rule, 'rpm-documentation');
  t.equal(found.classification.missing.get('/usr/share/locale/de/tool.mo')?.rule, 'rpm-language');
});

const MUTATIONS: readonly (readonly [what: string, files: Files, commands: readonly string[], finds: string[]])[] = [
  ['one byte', { '/usr/bin/tool': program('a tooL\n') }, [], ['fails trust/changed /usr/bin/tool']],
  ['setuid', {}, ['sif /usr/bin/tool mode 0104755'], ['fails trust/changed /usr/bin/tool']],
  ['another owner', {}, ['sif /usr/bin/tool uid 1000'], ['fails trust/changed /usr/bin/tool']],
  ['a link elsewhere', { '/usr/bin/tl': { link: '/tmp/tool' } }, [], ['fails trust/changed /usr/bin/tl']],
  ['no capability', {}, ['ea_rm /usr/bin/tool-net security.capability'], ['fails trust/changed /usr/bin/tool-net']],
  [
    'a capability',
    {},
    [`ea_set -f ${capability} /usr/bin/tool security.capability`],
    ['fails trust/changed /usr/bin/tool'],
  ],
  [
    'a configuration file',
    { '/etc/tool/tool.conf': { mode: 0o640, text: 'changed\n' } },
    [],
    ['unjudged trust/configuration /etc/tool/tool.conf'],
  ],
  [
    'the mode of what may change in its content',
    {},
    ['sif /etc/tool/local.db mode 0100666'],
    ['fails trust/changed /etc/tool/local.db'],
  ],
  ['a new program', { '/usr/bin/evil': program('x') }, [], ['fails trust/unexplained /usr/bin/evil']],
  ['another kernel', { '/boot/vmlinuz-6.1': 'Kernel\n' }, [], ['fails trust/unexplained /boot/vmlinuz-6.1']],
  [
    'a unit that is enabled and nobody’s',
    {
      '/etc/systemd/system/multi-user.target.wants/evil.service': { link: '/var/lib/evil.service' },
      '/var/lib/evil.service': '[Service]\n',
    },
    [],
    [
      'fails trust/unexplained /etc/systemd/system/multi-user.target.wants/evil.service',
      'fails trust/unexplained /var/lib/evil.service',
    ],
  ],
  [
    'a setuid file that its package expects',
    {},
    ['sif /var/lib/tool/state mode 0104755'],
    ['fails trust/unexplained /var/lib/tool/state'],
  ],
  ['a program is gone', {}, ['rm /usr/bin/tool'], ['fails trust/missing /usr/bin/tool']],
];

/** In as few images as can be: those that touch different files are made together. */
const rounds: (typeof MUTATIONS)[number][][] = [];
const touched = ([, , , finds]: (typeof MUTATIONS)[number]) => finds.map((line) => line.split(' ').at(-1));
for (const one of MUTATIONS) {
  const round = rounds.find((all) => !all.some((other) => touched(other).some((path) => touched(one).includes(path))));
  if (round === undefined) rounds.push([one]);
  else round.push(one);
}

for (const round of rounds)
  t.test(`changed: ${round.map(([what]) => what).join(', ')}`, async (t) => {
    const files = Object.assign({}, ...round.map(([, one]) => one));
    const commands = round.flatMap(([, , some]) => some);
    t.same(
      told(await judged(await imageOf(signedOnly, { files, commands }))),
      round.flatMap(([, , , finds]) => finds).sort(),
    );
  });

t.test('a package that nobody signed, or somebody else', async (t) => {
  const image = await imageOf(withOwn, { files: { '/opt/own': 'own\n' } });
  const found = await judged(image);
  t.same(told(found), ['unjudged trust/no-package tool-own 1.2-3']);
  t.equal(found.classification.files.get('/opt/own')?.class, 'unjudged');
  t.match(found.judgement.found.at(-1)?.message, 'nobody has signed it');

  const elsewhere = await judged(image, { keys: [foreign] });
  t.equal(elsewhere.judgement.verdict, 'fails', 'what no rule knows is unexplained all the same');
  t.equal(elsewhere.classification.files.get('/usr/bin/tool')?.class, 'unjudged');
  t.match(JSON.stringify(elsewhere.judgement.found), 'which is none of the keys');

  const unnamed = await judged(image, {});
  t.equal(unnamed.judgement.verdict, 'unjudged');
  t.match(JSON.stringify(unnamed.judgement.found), '--keyring');
});

/** The database with the header of the first package changed. */
const withHeader = async (change: (blob: Buffer) => Buffer): Promise<Buffer> => {
  const path = join(work.path, `changed-${made++}.sqlite`);
  await writeFile(path, await readFile(signedOnly));
  using database = new DatabaseSync(path);
  const row = database.prepare('select hnum, blob from Packages').get() as { hnum: number; blob: Uint8Array };
  database.prepare('update Packages set blob = ? where hnum = ?').run(change(Buffer.from(row.blob)), row.hnum);
  database.close();
  return readFile(path);
};

/** Of the part that is signed, in the first entry of the header. */
const offsetSet =
  (offset: number) =>
  (blob: Buffer): Buffer => {
    blob.writeInt32BE(offset, 16);
    return blob;
  };

t.test('a database that was written by somebody else', async (t) => {
  const evil = { '/usr/bin/tool': program('a tooL\n') };
  const [good, bad] = (await Promise.all(
    ['a tool\n', 'a tooL\n'].map(async (text) => (await run('sha256sum', [], { input: text })).stdout.slice(0, 64)),
  )) as [string, string];

  const forged = await withHeader((blob) => {
    const at = blob.indexOf(good);
    t.ok(at > 0);
    blob.write(bad, at);
    return blob;
  });
  const found = await judged(await imageOf(forged, { files: evil }));
  t.equal(found.judgement.verdict, 'fails');
  t.match(JSON.stringify(found.judgement.found), /what rpm's database says of tool 1\.2-3 is not what was signed/);

  // A second list of digests after the part that is signed: rpm's own readers take the last.
  const added = await withHeader((blob) => {
    const [entries, length] = [blob.readUInt32BE(0), blob.readUInt32BE(4)];
    const start = 8 + entries * 16;
    const region = signedPart(blob) ?? Buffer.alloc(0);
    const digestsAt = [...Array(entries).keys()].map((nth) => 8 + nth * 16).find((at) => blob.readInt32BE(at) === 1035);
    if (digestsAt === undefined) throw new Error('no digests');
    const [offset, count] = [blob.readInt32BE(digestsAt + 8), blob.readInt32BE(digestsAt + 12)];
    let end = start + offset;
    for (let nth = 0; nth < count; nth += 1) end = blob.indexOf(0, end) + 1;
    const list = Buffer.from(
      blob
        .subarray(start + offset, end)
        .toString('latin1')
        .replace(good, bad),
      'latin1',
    );
    const entry = Buffer.alloc(16);
    for (const [nth, value] of [1035, 8, length, count].entries()) entry.writeInt32BE(value, nth * 4);
    const head = Buffer.alloc(8);
    head.writeUInt32BE(entries + 1, 0);
    head.writeUInt32BE(length + list.length, 4);
    const made = Buffer.concat([head, blob.subarray(8, start), entry, blob.subarray(start, start + length), list]);
    t.ok(signedPart(made)?.equals(region), 'what is signed is the same');
    return made;
  });
  t.same(told(await judged(await imageOf(added, { files: evil }))), ['fails trust/changed /usr/bin/tool']);

  for (const [what, change] of [
    ['cut', (blob: Buffer) => blob.subarray(0, 40)],
    ['a region that goes beyond its end', offsetSet(0x7fffff00)],
    ['a region of a negative size', offsetSet(-16)],
  ] as const) {
    const image = await imageOf(await withHeader(change));
    const result = await judged(image).then(
      ({ judgement }) => judgement.verdict,
      (error: { code?: string }) => error.code,
    );
    t.match(result, /^(fails|unjudged|inspect\.rpm-header)$/, what);
  }
});

t.test('what is signed is what rpm signs', async (t) => {
  using database = new DatabaseSync(signedOnly, { readOnly: true });
  const { blob } = database.prepare('select blob from Packages').get() as { blob: Uint8Array };
  const signed = signedPart(Buffer.from(blob)) ?? Buffer.alloc(0);
  const { stdout } = await run('sha256sum', [], { input: Buffer.concat([HEADER_MAGIC, signed]) });
  const query = ['--dbpath', join(work.path, 'signed'), '-qa', '--qf', '%{SHA256HEADER}'];
  t.equal(stdout.slice(0, 64), (await run('rpm', query)).stdout.trim());
});

t.test('packages of a medium', async (t) => {
  const tree = join(work.path, 'medium');
  await mkdir(join(tree, 'BaseOS/Packages'), { recursive: true });
  const put = async (name: string, content: Buffer) => writeFile(join(tree, 'BaseOS/Packages', name), content);
  const good = await readFile(tool);
  const flipped = (at: number): Buffer => {
    const content = Buffer.from(good);
    content[at] = (content[at] ?? 0) ^ 1;
    return content;
  };
  await put('good.rpm', good);
  await put('own.rpm', await readFile(own));
  await put('content.rpm', flipped(good.length - 20));
  // In a text of the header: its end has the names of files, of which the summary is not one.
  await put('header.rpm', flipped(good.indexOf('A tool')));
  await put('cut.rpm', good.subarray(0, 200));
  await put('short.rpm', good.subarray(0, good.length - 10));
  await put('none.rpm', Buffer.alloc(300));
  await writeFile(join(tree, 'BaseOS/Packages/index'), 'no package');
  const iso = join(work.path, 'medium.iso');
  await run('xorriso', ['-as', 'mkisofs', '-quiet', '-R', '-V', 'RPMS', '-o', iso, tree]);
  const { packages, signers, problems } = await checkMediumPackages(await readMedium(iso), [keyring], signal);
  t.equal(packages, 7);
  t.same(signers, { [vendor.fingerprint]: 1 });
  t.same(problems.map((line) => line.replace('/BaseOS/Packages/', '').replace(/[0-9A-F]{16,}/, 'KEY')).sort(), [
    'content.rpm: its content is not what its header says',
    'cut.rpm: it is cut off',
    'header.rpm: it is not what KEY signed',
    'none.rpm: it is no rpm package',
    'own.rpm: nobody has signed it',
    'short.rpm: its content is not what its header says',
  ]);
});

t.test('fetch takes an ISO whose packages its vendor has signed', async (t) => {
  const isoOf = async (name: string, files: Readonly<Record<string, string>>): Promise<string> => {
    const tree = join(work.path, name);
    await mkdir(join(tree, 'Packages'), { recursive: true });
    for (const [to, from] of Object.entries(files)) await writeFile(join(tree, 'Packages', to), await readFile(from));
    await run('xorriso', ['-as', 'mkisofs', '-quiet', '-R', '-V', 'RPMS', '-o', `${tree}.iso`, tree]);
    return `${tree}.iso`;
  };
  const fetched = async (iso: string, keys: string, family = 'redhat') => {
    const text = `os: {family: ${family}, release: "${family === 'debian' ? 12 : 9}"}\norigin: {iso: ${iso}, sha256: ${await sha256File(iso)}${keys}}\n`;
    const path = join(work.path, 'dvd.yaml');
    await writeFile(path, `name: dvd\n${text}answers: {root: {password: {hash: '${HASH}'}}}\n`);
    const loaded = await loadRecipe(path);
    if (!('iso' in loaded.recipe.origin)) throw new Error('no ISO');
    const input = { loaded, origin: loaded.recipe.origin };
    const store = join(work.path, 'isos');
    const context = Object.assign(Object.create(null), { reporter: silentReporter, signal, shared: () => store });
    return { key: await fetchStage.key(input, context), out: await fetchStage.run(input, context), loaded };
  };
  const keys = `, packageKeys: [${keyring}]`;
  const good = await isoOf('good', { 'a.rpm': tool });
  const { key, out, loaded } = await fetched(good, keys);
  t.same(out.packages, { [vendor.fingerprint]: 1 });
  t.match(
    chainOf(loaded, {
      ...out,
      sha256: out.iso.sha256,
      lock: undefined,
      added: undefined,
      signedPackages: out.packages,
    }),
    [
      { of: 'good.iso', none: 'pinned by digest only' },
      { of: 'packages on good.iso', signedBy: [vendor.fingerprint], covers: /^1 package, / },
    ],
  );
  const plain = await fetched(good, '');
  t.equal(plain.out.packages, undefined);
  t.not(JSON.stringify(plain.key), JSON.stringify(key), 'other keys judge again');
  await t.rejects(fetched(good, `, packageKeys: [${foreign}]`), { code: 'origin.package-not-signed' });
  await t.rejects(fetched(await isoOf('mixed', { 'a.rpm': tool, 'b.rpm': own }), keys), {
    code: 'origin.package-not-signed',
    message: /^1 of 2 packages/,
    detail: /b\.rpm: nobody has signed it/,
  });
  await t.rejects(fetched(await isoOf('none', {}), keys), { code: 'origin.no-signed-packages' });
  await t.rejects(fetched(good, keys, 'debian'), {
    code: 'recipe.invalid',
    detail: /origin\.packageKeys: packages of Debian are not signed/,
  });
});

t.test('capabilities in words', (t) => {
  for (const text of ['cap_net_raw=ep', 'cap_chown,cap_net_admin=eip', 'cap_net_raw=p', 'cap_checkpoint_restore=i'])
    t.equal(capabilitiesText(capabilitiesOf(text)), text);
  t.equal(capabilitiesText(capabilitiesOf('= cap_net_raw+ep')), 'cap_net_raw=ep');
  t.equal(capabilitiesText(capabilitiesOf('cap_net_raw,cap_chown=ep cap_chown-ep')), 'cap_net_raw=ep');
  for (const text of ['', 'cap_nothing=ep', 'cap_net_raw', 'net raw'])
    t.equal(capabilitiesOf(text), undefined, JSON.stringify(text));
  t.end();
});
