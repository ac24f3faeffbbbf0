/** A lock and its tree from an archive made here; apt, gpgv and dpkg say whether they are right. */

import { spawnSync } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { copyFile, cp, mkdir, readdir, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import t from 'tap';
import { fetchPackages, mirrorBases } from '../../../src/distributions/debian/archive/fetch-packages.ts';
import { leftOut, requestedPackages } from '../../../src/distributions/debian/archive/implied.ts';
import { type Lock, lockDate, lockDigest, lockText } from '../../../src/distributions/debian/archive/package-lock.ts';
import { debianRelease } from '../../../src/distributions/debian/archive/releases.ts';
import { type ResolveOptions, resolveDebian } from '../../../src/distributions/debian/archive/resolve.ts';
import { verifyClearsigned } from '../../../src/distributions/debian/archive/verify-signature.ts';
import { assembleDebian } from '../../../src/distributions/debian/medium/assemble.ts';
import type { InstallerComponents } from '../../../src/distributions/debian/medium/installer-parts.ts';
import { buildMediumTree } from '../../../src/distributions/debian/medium/medium-tree.ts';
import { readCpio } from '../../../src/formats/archives/cpio-reader.ts';
import { temporaryFolder } from '../../../src/host/files.ts';
import { run } from '../../../src/host/run.ts';
import { openBlobs } from '../../../src/origin/blobs.ts';
import { recipeSchema } from '../../../src/recipe/schema.ts';
import { silentReporter } from '../../../src/report.ts';
import { httpMirror } from './http-mirror.ts';
import { buildPackage, closeArchive, KERNEL, sha256Of, tinyArchive } from './tiny-archive.ts';

t.setTimeout(280_000);

const work = await temporaryFolder('ingot-debian-');
const archive = await tinyArchive(join(work.path, 'archive'));
t.teardown(async () => {
  await closeArchive(archive);
  await work[Symbol.asyncDispose]();
});

const recipe = (packages: string[], more: { extra?: string[]; standIns?: string; answers?: object } = {}) =>
  recipeSchema.parse({
    name: 'tiny',
    os: { family: 'debian', release: '12' },
    origin: { assemble: 'debian', packages: more.extra ?? [], standIns: more.standIns ?? 'never' },
    answers: { packages, ...more.answers },
  });

const components: InstallerComponents = {
  plan: ({ kernelRelease, udebs }) => ({
    candidates:
      kernelRelease === KERNEL ? ['tiny-udeb', 'gone-udeb', 'never-was'].flatMap((name) => udebs.find(name)) : [],
    choose: (available) => ({ udebs: available.has('tiny-udeb') ? ['tiny-udeb'] : [], standIns: [], debs: ['extra'] }),
  }),
  digest: 'tiny',
};
const standing: InstallerComponents = {
  ...components,
  plan: () => ({
    candidates: [],
    choose: () => ({ udebs: [], standIns: [{ name: 'gone-udeb', reason: 'the mirror lacks it' }], debs: [] }),
  }),
  digest: 'standing',
};

let states = 0;
const options = (over: Partial<ResolveOptions> & { packages?: string[] } = {}): ResolveOptions => ({
  recipe: recipe(over.packages ?? ['tool'], { extra: ['extra'] }),
  mirrors: { urls: { mirror: archive.mirror, security: archive.security }, keys: [archive.keyring] },
  store: openBlobs(join(work.path, 'store')),
  stateFolder: join(work.path, `state-${states++}`),
  components,
  reporter: silentReporter,
  ...over,
});

const missing = (name: string): never => {
  throw new Error(`the lock has no ${name}`);
};
const pick = (lock: Lock, name: string) => lock.debs.find((deb) => deb.name === name);

t.test('a lock', async (t) => {
  const given = options();
  const lock = await resolveDebian(given);

  t.test('has what is asked for, what that needs, and the base system', async (t) => {
    const installed = lock.debs.filter(({ install }) => install).map(({ name }) => name);
    for (const name of [
      'tool',
      'libtool-x',
      'base-files',
      'mawk',
      'libc-x',
      'apt',
      'init',
      'systemd-x',
      'openssh-server',
    ]) {
      t.ok(installed.includes(name), name);
    }
    for (const name of ['ifupdown', 'usrmerge', 'sysv-x', 'hater', 'locales'])
      t.equal(pick(lock, name), undefined, name);
    t.match(pick(lock, 'extra'), { version: '1.0', install: undefined }, 'on the medium, not installed');
    t.match(pick(lock, 'libextra'), { version: '1.1', suite: 'bookworm-updates' });
    t.match(pick(lock, 'libfast'), { version: '1.1', suite: 'bookworm-security' });
    t.match(pick(lock, 'tool')?.install, { mark: 'manual' });
    t.match(pick(lock, 'libtool-x')?.install, { mark: 'auto' });
    t.same(pick(lock, 'libtool-x')?.alsoAt, ['pool/updates/main/l/libtool-x_1.0_amd64.deb']);
  });

  t.test('orders the installation by pre-dependencies', async (t) => {
    const stage = (name: string) => pick(lock, name)?.install?.stage ?? Number.NaN;
    t.same(['base-files', 'mawk', 'libc-x'].map(stage), [0, 0, 0], 'required, with what it pre-depends on');
    t.ok(stage('systemd-x') > 0 && stage('systemd-x') < stage('init'), 'a pre-dependency is earlier');
    t.ok(stage('libfast') < stage('init'), 'and so is what that one depends on');
    t.equal(stage('tool'), stage('init'), 'everything else is last');
  });

  t.test('names every file by its digest', async (t) => {
    for (const deb of [...lock.debs, ...lock.udebs, ...lock.parts]) {
      const root = deb.suite === 'bookworm-security' ? 'security' : 'debian';
      t.equal(deb.sha256, await sha256Of(archive.path(root, deb.filename)), deb.filename);
    }
    for (const suite of lock.suites) {
      const root = archive.path(suite.name === 'bookworm-security' ? 'security' : 'debian', 'dists', suite.name);
      t.equal(suite.inRelease.sha256, await sha256Of(join(root, 'InRelease')));
      for (const index of suite.indexes) t.equal(index.sha256, await sha256Of(join(root, index.path)), index.path);
      t.match(suite.signers, [/^[0-9A-F]{40}$/]);
    }
    t.same(
      lock.udebs.map(({ name }) => name),
      ['tiny-udeb'],
    );
    t.equal(lock.installer.kernelRelease, KERNEL);
    const initrd = readCpio(createReadStream(given.store.path(lock.installer.initrd)));
    t.ok((await Array.fromAsync(initrd)).some(({ path }) => path.endsWith('status')));
    const stored = await readdir(given.store.folder, { recursive: true, withFileTypes: true });
    t.same(
      stored.filter((item) => item.isSymbolicLink()),
      [],
      'nothing in the store points into the mirror',
    );
  });

  t.test('is the same again, and without another look at the packages', async (t) => {
    t.equal(lockText(await resolveDebian({ ...given, stateFolder: options().stateFolder })), lockText(lock));
    const phases: string[] = [];
    const reporter = { ...silentReporter, phase: (name: string) => void phases.push(name) };
    const again = await resolveDebian({ ...given, reporter });
    t.equal(lockDigest(again), lockDigest(lock));
    t.same(phases, ['indexes']);
    const kept = join(given.stateFolder, 'locks');
    for (const damage of ['', lockText(lock).slice(0, -9), '{}']) {
      for (const name of await readdir(kept)) await writeFile(join(kept, name), damage);
      t.equal(lockDigest(await resolveDebian({ ...given, reporter })), lockDigest(lock), 'what is kept is damaged');
    }
    t.equal(phases.filter((name) => name === 'resolving').length, 3);
    const changed = await resolveDebian({ ...given, recipe: recipe([]) });
    t.not(lockDigest(changed), lockDigest(lock));
  });

  t.test('leaves nothing but its state after', async (t) => {
    t.same(
      (await readdir(given.stateFolder)).filter((name) => !/^(lists-\w+|locks|newest)$/.test(name)),
      [],
    );
    t.same(
      (await readdir(given.store.folder)).filter((name) => !/^[0-9a-f]{2}$/.test(name)),
      [],
    );
  });

  t.test('makes a tree that apt trusts and has nothing to upgrade from', async (t) => {
    const { mirrors, store } = given;
    await fetchPackages(lock.debs, store, mirrorBases({ mirrors, release: debianRelease('12') }), {
      reporter: silentReporter,
    });
    const folder = join(work.path, 'tree');
    const initrd = join(work.path, 'whole-initrd');
    await writeFile(initrd, 'initrd+components');
    await buildMediumTree({ lock, store, folder, initrd });

    const stateOf = async (name: string, sources: string[], status: string) => {
      const at = join(work.path, name);
      await mkdir(join(at, 'state/lists/partial'), { recursive: true });
      await mkdir(join(at, 'cache/archives/partial'), { recursive: true });
      await writeFile(join(at, 'sources.list'), sources.join('\n'));
      await writeFile(join(at, 'status'), status);
      const settings = {
        'Dir::Etc::sourcelist': join(at, 'sources.list'),
        'Dir::Etc::sourceparts': '/dev/null',
        'Dir::Etc::preferencesparts': '/dev/null',
        'Dir::State': `${at}/state`,
        'Dir::State::status': join(at, 'status'),
        'Dir::Cache': `${at}/cache`,
        'APT::Sandbox::User': 'root',
        'APT::Get::Always-Include-Phased-Updates': 'true',
      };
      await writeFile(
        join(at, 'conf'),
        Object.entries(settings)
          .map(([key, value]) => `${key} "${value}";\n`)
          .join(''),
      );
      return (...args: string[]) => run('apt-get', ['-c', join(at, 'conf'), ...args], { cwd: at });
    };
    const installed = lock.debs
      .filter(({ install }) => install)
      .map(({ stanza }) => `${stanza.replace(/^(Package: .*)$/m, '$1\nStatus: install ok installed')}\n\n`)
      .join('');

    const signed = ['bookworm', 'bookworm-updates', 'bookworm-security'];
    const sources = signed.map((suite) => `deb [signed-by=${archive.keyring}] file:${folder}/debian ${suite} main`);
    const full = await stateOf('full', sources, installed);
    t.notMatch((await full('update')).stderr, /^[WE]:/m);
    t.match((await full('-s', 'dist-upgrade')).stdout, /^0 upgraded, 0 newly installed, 0 to remove/m);
    await full('download', 'libtool-x', 'libfast', 'extra', 'libextra');
    t.equal(await sha256Of(join(work.path, 'full/libfast_1.1_amd64.deb')), pick(lock, 'libfast')?.sha256);
    t.equal(
      await readlink(join(folder, 'pool/updates/main/l/libtool-x_1.0_amd64.deb')),
      '../../../main/l/libtool-x_1.0_amd64.deb',
    );

    const own = await stateOf('own', [`deb [trusted=yes] file:${folder} bookworm main`], installed);
    await own('update');
    t.match((await own('-s', 'install', 'extra')).stdout, /^Inst extra .*\n/m);
    t.match((await own('-s', 'dist-upgrade')).stdout, /^0 upgraded, 0 newly installed/m);
    t.match((await run('apt-ftparchive', ['packages', 'pool'], { cwd: folder })).stdout, /Package: tool/);

    const list = (await readFile(join(folder, '.disk/ingot-base'), 'utf8'))
      .trim()
      .split('\n')
      .map((line) => line.split(' '));
    t.equal(list.length, lock.debs.filter(({ install }) => install).length);
    t.same(
      list.map(([stage]) => Number(stage)),
      list.map(([stage]) => Number(stage)).sort((a, b) => a - b),
    );
    for (const [, name = '', version, arch, mark, path = '', size, sha256] of list) {
      const file = join(folder, path);
      const { stdout } = await run('dpkg-deb', ['-f', file, 'Package', 'Version', 'Architecture']);
      t.same(stdout, `Package: ${name}\nVersion: ${version}\nArchitecture: ${arch}`);
      t.same([sha256, Number(size)], [await sha256Of(file), (await readFile(file)).length]);
      t.match(mark, /^(manual|auto)$/);
    }
    t.equal(await readFile(join(folder, 'install.amd/initrd.gz'), 'utf8'), 'initrd+components');
    t.match(
      await readFile(join(folder, '.disk/info'), 'utf8'),
      /^Debian GNU\/Linux 12 "bookworm" - Ingot amd64 \d{8}\n$/,
    );
    t.ok(lockDate(lock) <= Date.now() / 1000 && lockDate(lock) > Date.now() / 1000 - 3600);
  });
});

t.test('a package in a version, or from a suite', async (t) => {
  const versions = async (packages: string[], extra: string[] = []) => {
    const lock = await resolveDebian(options({ recipe: recipe(packages, { extra }) }));
    return { lock, of: (name: string) => pick(lock, name)?.version };
  };
  const plain = await versions(['tool']);
  t.same(
    plain.lock.suites.map(({ name }) => name),
    ['bookworm', 'bookworm-updates', 'bookworm-security'],
    'no further suite is fetched',
  );
  const old = await versions(['libfast=1.0', 'tool=1.*']);
  t.equal(old.of('libfast'), '1.0', 'an older one than security has');
  t.equal(old.of('tool'), '1.0');
  t.match(pick(old.lock, 'libfast')?.install, { mark: 'manual' });
  const newer = await versions(['tool/bookworm-backports']);
  t.equal(newer.of('tool'), '2.0~bpo12+1');
  t.equal(newer.of('libtool-x'), '2.0~bpo12+1', 'with what it needs of there');
  t.equal(newer.of('libdeeper'), '2.0~bpo12+1', 'and what that needs');
  t.match(newer.lock.suites.at(-1), { name: 'bookworm-backports' });
  t.match(pick(newer.lock, 'tool'), { suite: 'bookworm-backports' });
  const beside = await versions(['tool'], ['extra/bookworm-backports']);
  t.equal(beside.of('extra'), '2.0~bpo12+1', 'on the medium for steps');
  t.equal(beside.of('tool'), '1.0', 'and nothing else from there');

  const cases: readonly (readonly [string[], RegExp])[] = [
    [['tool=3.*'], /^tool is there as 1\.0 \(bookworm\)$/m],
    [['libfast=1'], /libfast is there as 1\.0 \(bookworm\), 1\.1 \(bookworm-security\)/],
    [['libfast/bookworm-backports'], /libfast is there as 1\.0 \(bookworm\)/],
    [['awk=1'], /awk is there as a virtual package/],
  ];
  for (const [packages, detail] of cases)
    await t.rejects(
      versions(packages),
      { code: 'origin.no-such-version', detail, hint: /NAME=1\.22/ },
      packages.join(),
    );
});

t.test("the installer's hook names what a package needs of its suite", async (t) => {
  const folder = join(work.path, 'hook');
  await mkdir(join(folder, 'lists/partial'), { recursive: true });
  await mkdir(join(folder, 'cache/archives/partial'), { recursive: true });
  await writeFile(join(folder, 'status'), '');
  const suites = ['bookworm', 'bookworm-backports'].map(
    (suite) => `deb [signed-by=${archive.keyring}] ${archive.mirror} ${suite} main\n`,
  );
  await writeFile(join(folder, 'sources.list'), suites.join(''));
  const settings = {
    'Dir::Etc::sourcelist': join(folder, 'sources.list'),
    'Dir::Etc::sourceparts': '/dev/null',
    'Dir::State::lists': join(folder, 'lists'),
    'Dir::State::status': join(folder, 'status'),
    'Dir::Cache': join(folder, 'cache'),
    'APT::Sandbox::User': 'root',
  };
  await writeFile(
    join(folder, 'conf'),
    Object.entries(settings)
      .map(([key, value]) => `${key} "${value}";\n`)
      .join(''),
  );
  await run('apt-get', ['-c', join(folder, 'conf'), 'update']);
  const hook = join(import.meta.dirname, '../../../installer/hooks/ingot/suites.sh');
  const widened = async (...words: string[]) => {
    const script = `target_apt_get() { apt-get -c ${folder}/conf "$@"; }\ntarget_apt_cache() { apt-cache -c ${folder}/conf "$@"; }\n. ${hook}\nwidened "$@"\n`;
    return (await run('sh', ['-c', script, 'sh', ...words], { cwd: folder })).stdout.trim().split(' ');
  };
  t.same(await widened('tool=1.*', 'sudo'), ['tool=1.*', 'sudo'], 'nothing is asked of a suite');
  const words = await widened('tool/bookworm-backports', 'sudo');
  t.same(words.slice(0, 2), ['tool/bookworm-backports', 'sudo']);
  const { stdout } = await run('apt-get', ['-c', join(folder, 'conf'), '-s', 'install', ...words]);
  for (const name of ['tool', 'libtool-x', 'libdeep', 'libdeeper'])
    t.match(stdout, new RegExp(`^Inst ${name} \\(2\\.0~bpo12\\+1 `, 'm'));
  t.match(await widened('gone/bookworm-backports'), ['gone/bookworm-backports'], 'what cannot be is left to apt');
});

t.test('an assembled medium', async (t) => {
  const given = options();
  const lock = await resolveDebian(given);
  const { mirrors, store, reporter } = given;
  const [one, two] = [join(work.path, 'iso-1/medium.iso'), join(work.path, 'iso-2/medium.iso')];
  const ref = await assembleDebian({ lock, mirrors, store, reporter, output: one });
  t.equal(ref.sha256, await sha256Of(one));

  const nobody = { urls: { mirror: 'http://127.0.0.1:1', security: 'http://127.0.0.1:1' }, keys: [] };
  const again = await assembleDebian({ lock, mirrors: nobody, store, reporter, output: two });
  t.equal(again.sha256, ref.sha256, 'the same bytes, without a mirror');
  t.same(await readdir(join(work.path, 'iso-2')), ['medium.iso']);

  const out = join(work.path, 'extracted');
  await run('xorriso', ['-osirrox', 'on', '-indev', one, '-extract', '/', out]);
  const check = await run('md5sum', ['--check', '--quiet', 'md5sum.txt'], { cwd: out });
  t.equal(check.stdout, '');
  t.match(await readFile(join(out, 'md5sum.txt'), 'utf8'), /pool\/main\/t\/tool_1\.0_amd64\.deb/);
  const initrd = readCpio(createReadStream(join(out, 'install.amd/initrd.gz')), (path) => path.endsWith('/status'));
  const status = (await Array.fromAsync(initrd)).findLast(({ path }) => path === 'var/lib/dpkg/status');
  t.match(String(status?.type === 'file' && status.content), /Package: main-menu[\s\S]*Package: tiny-udeb/);

  const lost = lock.debs[0] ?? missing('package');
  await rm(store.path(lost));
  await t.rejects(assembleDebian({ lock, mirrors: nobody, store, reporter, output: two }), {
    code: 'origin.mirror-unreachable',
  });
  await rm(store.path(lock.installer.kernel));
  await assembleDebian({ lock, mirrors, store, reporter, output: two });
  t.equal(await sha256Of(two), ref.sha256, 'what the store lost comes again');
  const index = lock.suites[0]?.inRelease ?? missing('index');
  await rm(store.path(index));
  await t.rejects(assembleDebian({ lock, mirrors, store, reporter, output: two }), {
    code: 'origin.not-in-store',
    hint: /--refresh/,
  });
});

t.test('what is asked for', async (t) => {
  const parse = (answers: object, configure: object[] = [], slim: object = {}) =>
    recipeSchema.parse({
      ...recipe([]),
      origin: { assemble: 'debian' },
      answers,
      configure,
      machine: {},
      slim,
      seal: {},
      capture: {},
      media: {},
    });
  const names = (answers: object, configure: object[] = []) =>
    requestedPackages(parse(answers, configure)).install.map(({ name }) => name);
  const cases: [object, string, boolean][] = [
    [{}, 'openssh-server', true],
    [{}, 'locales', false],
    [{ locale: 'de_DE.UTF-8' }, 'locales', true],
    [{ keyboard: 'de' }, 'console-setup', true],
    [{}, 'console-setup', false],
    [{ guestAgent: true }, 'qemu-guest-agent', true],
    [{ cloudInit: true }, 'cloud-guest-utils', true],
    [{}, 'cloud-init', false],
    [{ cloudInit: true }, 'netplan.io', true],
    [{}, 'netplan.io', false],
    [{ cloudInit: true, packages: ['ifupdown'] }, 'netplan.io', false],
    [{ cloudInit: true, packages: ['network-manager'] }, 'netplan.io', true],
    [{ cloudInit: true, packages: ['ifupdown', 'netplan.io'] }, 'netplan.io', true],
    [{ users: [{ name: 'ada', sudo: 'nopasswd' }] }, 'sudo', true],
    [{ packages: ['nginx'] }, 'nginx', true],
    [{ packages: ['nginx'] }, 'systemd-timesyncd', true],
    [{ packages: ['chrony'] }, 'systemd-timesyncd', false],
    [{ packages: ['dracut'] }, 'initramfs-tools', false],
    [{ packages: ['linux-image-cloud-amd64'] }, 'linux-image-amd64', false],
    [{ packages: ['linux-image-cloud-amd64', 'linux-image-amd64'] }, 'linux-image-amd64', true],
  ];
  for (const [answers, name, expected] of cases) {
    t.equal(names(answers).includes(name), expected, `${JSON.stringify(answers)}: ${name}`);
  }
  const kernels = (answers: object) =>
    requestedPackages(parse(answers, [], { strip: ['cloud-kernel'] }))
      .install.map(({ name }) => name)
      .filter((name) => name.startsWith('linux-image'));
  t.same(kernels({}), ['linux-image-cloud-amd64'], 'the kernel that is stripped never comes');
  t.same(kernels({ packages: ['linux-image-cloud-amd64'] }), ['linux-image-cloud-amd64', 'linux-image-cloud-amd64']);
  t.ok(names({}, [{ ansible: { playbook: 'site.yml' } }]).includes('python3'));
  const without = (answers: object) => leftOut(parse(answers)).map(({ name }) => name);
  t.same(without({}), ['ifupdown', 'isc-dhcp-client', 'isc-dhcp-common', 'dhcpcd-base', 'usrmerge']);
  t.same(without({ cloudInit: true }), ['ifupdown', 'usrmerge'], 'cloud-init depends on the DHCP client');
  t.notOk(without({ packages: ['ifupdown'] }).includes('ifupdown'), 'what is asked for is not left out');
});

t.test('what nobody asked for gives way to what somebody asked for', async (t) => {
  const cases: [asked: string[], there: string[], gone: string[]][] = [
    [[], ['systemd-timesyncd', 'initramfs-tools', 'cron'], ['chrony', 'dracut', 'systemd-cron']],
    [['chrony'], ['chrony'], ['systemd-timesyncd']],
    [['other-clock'], ['other-clock'], ['systemd-timesyncd']],
    [['domain-member'], ['domain-member', 'chrony'], ['systemd-timesyncd']],
    [['no-clock'], ['no-clock'], ['systemd-timesyncd', 'chrony']],
    [
      ['dracut', 'systemd-cron'],
      ['dracut', 'systemd-cron', 'linux-image-amd64'],
      ['initramfs-tools', 'cron'],
    ],
    [['other-initramfs'], ['other-initramfs'], ['initramfs-tools', 'dracut']],
    [['systemd-timesyncd'], ['systemd-timesyncd'], ['chrony']],
    [['bonding'], ['bonding', 'ifupdown'], ['usrmerge', 'dhcpcd-base']],
  ];
  for (const [asked, there, gone] of cases) {
    const lock = await resolveDebian(options({ packages: asked }));
    const installed = lock.debs.filter(({ install }) => install).map(({ name }) => name);
    for (const name of there) t.ok(installed.includes(name), `${asked}: ${name} is there`);
    for (const name of gone) t.notOk(installed.includes(name), `${asked}: ${name} is not`);
  }
  const extra = ['chrony', 'openntpd', 'extra'];
  const lock = await resolveDebian(options({ recipe: recipe(['tool'], { extra }) }));
  for (const name of extra) t.match(pick(lock, name), { install: undefined }, `${name} lies on the medium`);
  t.ok(pick(lock, 'systemd-timesyncd')?.install);
});

type Expected = {
  readonly code: string | RegExp;
  readonly message?: RegExp;
  readonly detail?: string | RegExp;
  readonly where?: RegExp;
};

t.test('errors have names', async (t) => {
  const changed = async (
    change: (path: (...parts: string[]) => string) => Promise<unknown>,
  ): Promise<ResolveOptions> => {
    const copy = join(work.path, `copy-${states}`);
    for (const part of ['debian', 'security']) await cp(archive.path(part), join(copy, part), { recursive: true });
    await change((...parts) => join(copy, ...parts));
    const urls = { mirror: `file://${copy}/debian`, security: `file://${copy}/security` };
    return options({ mirrors: { urls, keys: [archive.keyring] }, store: openBlobs(join(copy, 'store')) });
  };
  const edit = async (path: string, from: string, to: string) => {
    const text = await readFile(path, 'latin1');
    if (!text.includes(from)) throw new Error(`${path} has no ${from}`);
    await writeFile(path, text.replace(from, to), 'latin1');
  };
  const stranger = await tinyKey(join(work.path, 'stranger'));
  const elsewhere = (mirror: string) =>
    options({ mirrors: { urls: { mirror, security: mirror }, keys: [archive.keyring] } });

  const cases: [string, () => Promise<ResolveOptions>, Expected][] = [
    [
      'another key',
      async () => options({ mirrors: { ...options().mirrors, keys: [stranger] } }),
      { code: 'origin.bad-signature' },
    ],
    [
      'a changed InRelease',
      () => changed((at) => edit(at('debian/dists/bookworm/InRelease'), 'Codename: bookworm', 'Codename: bookw0rm')),
      { code: 'origin.bad-signature' },
    ],
    [
      'a changed index',
      () => changed((at) => writeFile(at('debian/dists/bookworm/main/binary-amd64/Packages.xz'), 'x')),
      { code: 'origin.digest-mismatch' },
    ],
    [
      'another suite in its place',
      () =>
        changed((at) =>
          copyFile(at('security/dists/bookworm-security/InRelease'), at('debian/dists/bookworm-updates/InRelease')),
        ),
      { code: /^origin\.(wrong-suite|digest-mismatch)$/ },
    ],
    [
      'no installer images',
      () => changed((at) => rm(at('debian/pool/main/d/debian-installer-12-netboot-amd64_1.0_all.deb'))),
      { code: 'origin.not-on-mirror', where: /netboot/ },
    ],
    [
      'changed installer images',
      () =>
        changed((at) =>
          edit(
            at('debian/pool/main/d/debian-installer-12-netboot-amd64_1.0_all.deb'),
            'debian-binary',
            'debian-b1nary',
          ),
        ),
      { code: 'origin.digest-mismatch' },
    ],
    [
      'unknown packages',
      async () => options({ packages: ['tooll', 'usr-is-mergedd', 'awk'] }),
      { code: 'origin.no-such-package', message: /tooll \(answers.packages\): did you mean tool\?; usr-is-mergedd/ },
    ],
    [
      'a conflict',
      async () => options({ packages: ['tool', 'hater'] }),
      {
        code: 'origin.unsolvable',
        message: /: hater \(answers\.packages\) and tool \(answers\.packages\) exclude each other$/,
        detail: /^ hater/m,
        where: /^answers\.packages$/,
      },
    ],
    [
      'two of a kind',
      async () => options({ packages: ['chrony', 'openntpd'] }),
      {
        code: 'origin.unsolvable',
        message:
          /: chrony \(answers\.packages\) and openntpd \(answers\.packages\) exclude each other: both are time-daemon$/,
      },
    ],
    [
      'two of a kind, one of them brought along',
      async () => options({ packages: ['domain-member', 'openntpd'] }),
      {
        code: 'origin.unsolvable',
        message: /openntpd \(answers\.packages\).*chrony|chrony.*openntpd \(answers\.packages\)/,
      },
    ],
    [
      'something against what the system is set up on',
      async () => options({ packages: ['openresolv'] }),
      {
        code: 'origin.unsolvable',
        message:
          /: openresolv \(answers\.packages\) and systemd-resolved \(implied: name servers .*\) exclude each other: both are resolvconf$/,
      },
    ],
    [
      'a package that lacks another',
      async () => options({ packages: ['lacking'] }),
      {
        code: 'origin.unsolvable',
        message: /: lacking \(answers\.packages\) needs never-was, which the archive does not have$/,
      },
    ],
    ['nobody there', async () => elsewhere('http://127.0.0.1:1/debian'), { code: 'origin.mirror-unreachable' }],
    ['an empty mirror', async () => elsewhere(`file://${work.path}/nothing`), { code: 'origin.not-on-mirror' }],
    [
      'no keyring',
      async () => options({ mirrors: { ...options().mirrors, keys: ['/no/such.gpg'] } }),
      { code: 'origin.keyring-missing' },
    ],
    [
      'stand-ins',
      async () => options({ components: standing }),
      { code: 'origin.stand-ins-needed', detail: 'gone-udeb: the mirror lacks it' },
    ],
    [
      'an unknown release',
      async () => options({ recipe: { ...recipe([]), os: { family: 'debian', release: '99', arch: 'amd64' } } }),
      { code: 'origin.unknown-release' },
    ],
  ];
  for (const [name, make, expected] of cases) await t.rejects(resolveDebian(await make()), expected, name);

  const allowed = options({ components: standing, recipe: recipe([], { standIns: 'where-missing' }) });
  t.match(await resolveDebian(allowed), { standIns: [{ name: 'gone-udeb' }] });
});

/** A keyring that signed nothing. */
const tinyKey = async (gnupg: string): Promise<string> => {
  await mkdir(gnupg, { recursive: true, mode: 0o700 });
  const gpg = (...args: string[]) => run('gpg', ['--homedir', gnupg, '--batch', '--passphrase', '', ...args]);
  await gpg('--quick-generate-key', 'Stranger <s@example.org>', 'ed25519', 'sign', 'never');
  await gpg('--output', join(gnupg, 'keys.gpg'), '--export');
  await run('gpgconf', ['--homedir', gnupg, '--kill', 'all']);
  return join(gnupg, 'keys.gpg');
};

t.test('packages are fetched', async (t) => {
  const server = await httpMirror(archive.folder);
  t.teardown(server.close);
  const mirrors = {
    urls: { mirror: `${server.url}/debian`, security: `${server.url}/security` },
    keys: [archive.keyring],
  };
  const release = debianRelease('12');
  const source = mirrorBases({ mirrors, release });
  const store = openBlobs(join(work.path, 'http-store'));
  const lock = await resolveDebian(options({ mirrors, store }));
  const context = { reporter: silentReporter };

  const file = pick(lock, 'tool') ?? missing('tool');
  const other = pick(lock, 'libfast') ?? missing('libfast');
  const absent = { ...file, filename: 'pool/main/t/no_1.0.deb', sha256: '0'.repeat(64) };
  t.same(await fetchPackages([file, absent, other], store, source, { ...context, tolerateMissing: true }), {
    missing: [absent],
  });
  t.ok((await store.has(file)) && (await store.has(other)), 'the others came all the same');
  t.equal(await sha256Of(store.path(file)), file.sha256);
  await t.rejects(fetchPackages([absent], store, source, context), {
    code: 'origin.not-on-mirror',
    where: /no_1\.0\.deb/,
  });

  const wrong = { ...other, sha256: file.sha256.replace(/^./, file.sha256.startsWith('0') ? '1' : '0') };
  await t.rejects(fetchPackages([wrong], store, source, { ...context, tolerateMissing: true }), {
    code: 'origin.digest-mismatch',
  });
  t.notOk(await store.has(wrong));
  const lost = { ...mirrors.urls, mirror: 'http://127.0.0.1:1' };
  await t.rejects(
    fetchPackages([absent], store, mirrorBases({ mirrors: { ...mirrors, urls: lost }, release }), {
      ...context,
      tolerateMissing: true,
    }),
    { code: 'origin.mirror-unreachable' },
    'a mirror that cannot be reached is not a mirror that lacks a file',
  );

  await writeFile(store.path(file), Buffer.alloc(file.size));
  await t.rejects(store.place(file, join(work.path, 'placed'), 'tool'), { code: 'origin.digest-mismatch' });
  t.notOk(await store.has(file), 'a damaged file is thrown out of the store');
  t.same(
    (await readdir(store.folder)).filter((name) => name.startsWith('.')),
    [],
  );
});

t.test('signatures are checked apart from apt', async (t) => {
  const inRelease = archive.path('debian/dists/bookworm/InRelease');
  const release = await readFile(archive.path('debian/dists/bookworm/Release'), 'utf8');
  const good = await verifyClearsigned(inRelease, archive.keyring);
  t.equal(good.text.trim(), release.trim());
  const around = join(work.path, 'around');
  await writeFile(around, `SHA256: before\n${await readFile(inRelease, 'utf8')}\nSHA256: after\n`);
  const seen = await verifyClearsigned(around, archive.keyring).catch(() => undefined);
  t.ok(seen === undefined || seen.text === good.text, 'text outside of the signature is not read');
  const unsigned = join(work.path, 'unsigned');
  await writeFile(unsigned, release);
  await t.rejects(verifyClearsigned(unsigned, archive.keyring), { code: 'origin.bad-signature' });
  const stranger = await tinyKey(join(work.path, 'stranger-2'));
  await t.rejects(verifyClearsigned(inRelease, stranger), { code: 'origin.bad-signature', detail: /No public key/ });
  const oracle = spawnSync('gpgv', ['--keyring', stranger, inRelease]);
  t.not(oracle.status, 0);
});

t.test('a package added later is found', async (t) => {
  const given = options({ packages: ['late'] });
  await t.rejects(resolveDebian(given), { code: 'origin.no-such-package' });
  await buildPackage(archive.path('debian'), 'pool/main', { name: 'late' });
  await archive.publish();
  t.match(pick(await resolveDebian(given), 'late'), { version: '1.0' });
});

t.test('an archive that goes back in time', async (t) => {
  const given = options();
  const notes: string[] = [];
  const reporter = { ...silentReporter, note: (text: string) => void notes.push(text) };
  const old = join(work.path, 'old-dists');
  const copy = async (from: string, to: string) => {
    await rm(to, { recursive: true, force: true });
    await cp(from, to, { recursive: true, preserveTimestamps: true });
  };
  const dists = archive.path('security/dists');
  await copy(dists, old);
  // Release files count seconds.
  await setTimeout(1100);
  await archive.publish();
  const fresh = join(work.path, 'fresh-dists');
  await copy(dists, fresh);
  const newest = await resolveDebian(given);
  await copy(old, dists);
  const server = await httpMirror(archive.folder);
  t.teardown(server.close);
  const other = { urls: { mirror: archive.mirror, security: `${server.url}/security` }, keys: [archive.keyring] };
  for (const mirrors of [given.mirrors, other])
    await t.rejects(resolveDebian({ ...given, mirrors }), {
      code: 'origin.index-older',
      message: /bookworm-security is of 20.*Z, and one of 20.*Z was seen before/,
      where: mirrors.urls.security,
      hint: /--allow-older/,
    });
  const older = await resolveDebian({ ...given, reporter, allowOlder: true });
  t.match(notes, [/bookworm-security.*--allow-older/]);
  const inRelease = ({ suites }: Lock) => suites.find(({ name }) => name === 'bookworm-security')?.inRelease.sha256;
  t.not(inRelease(older), inRelease(newest), 'the older one is what was taken');
  await t.rejects(resolveDebian(given), { code: 'origin.index-older' }, 'it is no precedent');
  t.equal(inRelease(await resolveDebian(options())), inRelease(older), 'a store that has seen nothing takes it');
  await copy(fresh, dists);
  t.equal(inRelease(await resolveDebian(given)), inRelease(newest));
});
