import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import t from 'tap';
import { createBuildKey } from '../../../src/access/key.ts';
import { slimOf, slimText } from '../../../src/cli/explain/slim.ts';
import { parseAptPlan, planLines } from '../../../src/distributions/debian/slim/apt-plan.ts';
import { excludesFile, excludesText, removalScript } from '../../../src/distributions/debian/slim/file-strip.ts';
import { INSTALLED_QUERY, parseInstalled } from '../../../src/distributions/debian/slim/installed.ts';
import { generalKernels, oldKernels } from '../../../src/distributions/debian/slim/kernels.ts';
import { keptPatterns, languagesIn, pathPattern } from '../../../src/distributions/debian/slim/path-patterns.ts';
import { protectedPackages } from '../../../src/distributions/debian/slim/protected.ts';
import { slimGuest } from '../../../src/distributions/debian/slim/slim-guest.ts';
import { STRIP_UNITS } from '../../../src/distributions/debian/slim/strips.ts';
import { askedRemovals, strippedPackages, wouldTakeNeeded } from '../../../src/distributions/debian/slim/targets.ts';
import { openSubject } from '../../../src/distributions/open-subject.ts';
import { Session } from '../../../src/guest/session.ts';
import type { StepContext } from '../../../src/guest/steps/step-context.ts';
import { temporaryFolder } from '../../../src/host/files.ts';
import { run } from '../../../src/host/run.ts';
import { openStore } from '../../../src/pipeline/store.ts';
import { STRIPS } from '../../../src/recipe/schema/slim-schema.ts';
import { type Recipe, recipeSchema } from '../../../src/recipe/schema.ts';
import { silentReporter } from '../../../src/report.ts';
import { slimKey } from '../../../src/stages/configure/slim-key.ts';
import { diskWith, type Files } from '../../capture/small-disk.ts';
import { startSshd } from '../../guest/local-sshd.ts';

const recipe = (more: object = {}): Recipe =>
  recipeSchema.parse({ name: 'x', os: { family: 'debian', release: '12' }, origin: { assemble: 'debian' }, ...more });

t.test('the strips are those of the schema, and docs/slim.md tells each as the data does', async (t) => {
  t.same(new Set(STRIP_UNITS.map(({ name }) => name)), new Set(STRIPS));
  t.equal(STRIP_UNITS.length, STRIPS.length, 'none twice');
  const docs = await readFile('docs/slim.md', 'utf8');
  const rows = [...docs.matchAll(/^\| `([a-z-]+)` \| (.*) \| (.*) \| (.*) \|$/gm)].map(([, name, what, why, risk]) => ({
    name,
    what,
    why,
    risk,
  }));
  t.same(
    rows.filter(({ name }) => STRIPS.some((strip) => strip === name)),
    STRIP_UNITS.map(({ name, what, why, risk }) => ({ name, what, why, risk })),
  );
  for (const unit of STRIP_UNITS) {
    if (unit.work.kind !== 'files') continue;
    // A strip's settings are to stay in the image.
    t.notMatch(excludesFile(unit), /ingot/);
    t.match(excludesFile(unit), /^\/etc\/dpkg\/dpkg\.cfg\.d\/[0-9A-Za-z_-]+$/, 'dpkg reads no other names');
  }
});

/** `apt-get --simulate purge packagekit` of Debian 12. */
const PURGE = `Reading package lists...
Building dependency tree...
Reading state information...
The following packages were automatically installed and are no longer required:
  libstemmer0d libxmlb2 polkitd
Use 'apt autoremove' to remove them.
The following packages will be REMOVED:
  packagekit* packagekit-tools* software-properties-common*
0 upgraded, 0 newly installed, 3 to remove and 127 not upgraded.
Purg software-properties-common [0.99.30-4.1~deb12u1]
Purg packagekit-tools [1.2.6-5+deb12u1]
Purg packagekit [1.2.6-5+deb12u1]
`;

/** With a replacement, another architecture, and a package that is taken apart in two steps. */
const REPLACED = `Reading package lists...
The following NEW packages will be installed:
  systemd-cron
Remv cron [3.0pl1-162] [cron-daemon-common:amd64 ]
Inst systemd-cron (1.15.19-5 Debian:12.11/stable [amd64])
Purg libfoo:i386 [1.0]
Purg cron [3.0pl1-162]
Conf systemd-cron (1.15.19-5 Debian:12.11/stable [amd64])
`;

const NOTHING = `Reading package lists...
0 upgraded, 0 newly installed, 0 to remove and 127 not upgraded.
`;

const list = (table: Readonly<Record<string, number>>, essential: readonly string[] = []): string =>
  Object.entries(table)
    .map(([name, kib]) => `${name}\t1.0\tinstalled\t${essential.includes(name) ? 'yes' : 'no'}\tno\t${kib}\n`)
    .join('');

t.test('what apt would do is told in lines: what was named, what goes with it, and all bytes', (t) => {
  const installed = parseInstalled(
    list({ packagekit: 2048, 'packagekit-tools': 1024, 'software-properties-common': 1024, cron: 10, libfoo: 10 }),
  );
  const cases: readonly [output: string, named: string[], lines: string[]][] = [
    [
      PURGE,
      ['packagekit'],
      ['goes: packagekit', 'goes with it: software-properties-common, packagekit-tools', 'in all 3 packages, 4 MiB'],
    ],
    [PURGE, [], ['goes: software-properties-common, packagekit-tools, packagekit', 'in all 3 packages, 4 MiB']],
    [
      REPLACED,
      ['cron', 'libfoo'],
      ['goes: cron, libfoo', 'comes in its place: systemd-cron', 'in all 2 packages, 1 MiB'],
    ],
    [NOTHING, ['cron'], []],
  ];
  for (const [output, named, lines] of cases) t.same(planLines(parseAptPlan(output), named, installed), lines);
  t.end();
});

t.test('packages are read as dpkg-query lists them', async (t) => {
  const text =
    'bash\t5.2\tinstalled\tyes\tno\t7164\nlibc6\t2.36\tinstalled\tno\tno\t13000\nlibc6\t2.36\tinstalled\tno\tno\t12000\nold\t1\tconfig-files\tno\tno\t9\nlibgcc-s1\t12\tinstalled\t\tyes\t\n';
  t.same(
    [...parseInstalled(text).values()],
    [
      { name: 'bash', version: '5.2', size: 7164 * 1024, essential: true },
      { name: 'libc6', version: '2.36', size: 13_000 * 1024, essential: false },
      { name: 'libgcc-s1', version: '12', size: 0, essential: true },
    ],
  );
  const has = await run('sh', ['-c', 'command -v dpkg-query'], { allow: [0, 127, 1] });
  if (has.exitCode !== 0) return t.pass('the query', { skip: 'this host has no dpkg' });
  const own = parseInstalled((await run('sh', ['-c', INSTALLED_QUERY])).stdout);
  t.ok(
    [...own.values()].some(({ essential, size }) => essential && size > 0),
    'this host has essential packages',
  );
});

t.test('kernels: the running one and the newest of each flavour stay', (t) => {
  const names = [
    'linux-image-amd64',
    'linux-image-6.1.0-9-amd64',
    'linux-image-6.1.0-10-amd64',
    'linux-image-6.1.0-40-amd64',
    'linux-headers-6.1.0-9-amd64',
    'linux-headers-6.1.0-9-common',
    'linux-image-6.1.0-40-cloud-amd64',
    'linux-image-6.12.43+deb13-amd64',
    'linux-image-5.15.0-91-generic',
    'linux-modules-5.15.0-91-generic',
    'linux-image-5.15.0-100-generic',
    'linux-image-unsigned-5.15.0-92-generic',
    'linux-base',
  ];
  t.same(oldKernels(names, '6.1.0-10-amd64'), [
    'linux-image-6.1.0-9-amd64',
    'linux-image-6.1.0-40-amd64',
    'linux-headers-6.1.0-9-amd64',
    'linux-image-5.15.0-91-generic',
    'linux-modules-5.15.0-91-generic',
    'linux-image-unsigned-5.15.0-92-generic',
  ]);
  t.same(generalKernels([...names, 'linux-headers-amd64', 'linux-image-rt-amd64', 'linux-image-cloud-amd64']), [
    'linux-image-amd64',
    'linux-image-6.1.0-9-amd64',
    'linux-image-6.1.0-10-amd64',
    'linux-image-6.1.0-40-amd64',
    'linux-headers-6.1.0-9-amd64',
    'linux-image-6.12.43+deb13-amd64',
    'linux-headers-amd64',
  ]);
  t.end();
});

const BASE = {
  bash: 100,
  'grub-cloud-amd64': 1,
  'grub-pc-bin': 1,
  'initramfs-tools': 1,
  'linux-image-6.1.0-40-amd64': 400_000,
  'linux-image-amd64': 1,
  systemd: 1,
  'openssh-server': 1,
  sudo: 1,
  'cloud-init': 1,
  python3: 1,
  nano: 1,
};

t.test('what stays, and why', (t) => {
  const installed = parseInstalled(list(BASE, ['bash']));
  const image = { origin: { image: 'x.qcow2' } };
  const cases: readonly [more: object, name: string, why: RegExp | undefined][] = [
    [{}, 'bash', /essential/],
    [{}, 'grub-pc-bin', /boot loader/],
    [{}, 'initramfs-tools', /initramfs/],
    [{}, 'systemd', /starts/],
    [{}, 'openssh-server', /way in/],
    [{}, 'linux-image-6.1.0-40-amd64', /runs/],
    [{}, 'linux-image-amd64', /kernel/],
    [image, 'linux-image-amd64', undefined],
    [{ slim: { strip: ['cloud-kernel'] } }, 'linux-image-6.1.0-40-amd64', undefined],
    [{}, 'sudo', undefined],
    [{ answers: { users: [{ name: 'ada', sudo: 'nopasswd' }] } }, 'sudo', /sudo/],
    [{ ...image, answers: { users: [{ name: 'ada', sudo: 'nopasswd' }] } }, 'sudo', /sudo/],
    [image, 'cloud-init', undefined],
    [{ ...image, answers: { cloudInit: true } }, 'cloud-init', /cloudInit/],
    [{ answers: { packages: ['nano=7.*'] } }, 'nano', /asks for it/],
    [{ configure: [{ ansible: { playbook: 'x.yml' } }] }, 'python3', undefined],
    [{}, 'nano', undefined],
  ];
  for (const [more, name, why] of cases) {
    const found = protectedPackages(installed, recipe(more), '6.1.0-40-amd64').get(name);
    if (why === undefined) t.equal(found, undefined, `${name}: ${JSON.stringify(more)}`);
    else t.match(found, why, `${name}: ${JSON.stringify(more)}`);
  }
  t.end();
});

t.test('names: what is not there is noted, what has to stay is an error', async (t) => {
  const installed = parseInstalled(list(BASE, ['bash']));
  const kept = protectedPackages(installed, recipe(), '6.1.0-40-amd64');
  const known = new Set(['nano', 'vim-tiny']);
  const asked = askedRemovals(['nano', 'vim-tiny', 'nanoo', 'xyzzy-game'], { installed, kept, known });
  t.same(asked, {
    names: ['nano'],
    notes: [
      'slim.remove: vim-tiny is not installed',
      'slim.remove: nanoo is no package that this system knows; did you mean nano?',
      'slim.remove: xyzzy-game is no package that this system knows',
    ],
  });
  t.throws(() => askedRemovals(['nano', 'bash', 'systemd'], { installed, kept, known }), {
    code: 'guest.slim-protected',
    message: 'slim.remove names what has to stay: bash, systemd',
    detail: 'bash: dpkg counts it as essential\nsystemd: the system starts with it',
    hint: /slim\.remove/,
  });
  const units = STRIP_UNITS.filter(({ name }) => ['firmware', 'snapd'].includes(name));
  const more = parseInstalled(list({ 'firmware-linux': 1, 'firmware-own': 1, snapd: 1, 'libsnapd-glib': 1 }));
  t.same(
    strippedPackages(units, {
      installed: more,
      kept: new Map([['firmware-own', 'the recipe asks for it']]),
      kernel: '',
    }),
    { names: ['firmware-linux', 'snapd'], lines: ['firmware: firmware-own stays: the recipe asks for it'] },
  );
  const error = await wouldTakeNeeded(['nano', 'libpam-systemd'], kept, async (name) => ({
    removed: name === 'nano' ? ['nano'] : [name, 'systemd'],
    installed: [],
  }));
  t.match(error, {
    code: 'guest.slim-protected',
    detail: 'libpam-systemd would take with it:\n  systemd: the system starts with it',
  });
});

t.test('languages are those of the system', (t) => {
  const cases: readonly [text: string, languages: string[]][] = [
    ['LANG=C.UTF-8\n', []],
    ['', []],
    ['# LANG=fr_FR.UTF-8\nLANG="de_DE.UTF-8"\nLANGUAGE=de_AT:de:en\nLC_TIME=pt_BR.UTF-8\n', ['de', 'en', 'pt']],
    ["export LANG='sr_RS.UTF-8@latin'\n", ['sr']],
    ['LANG=POSIX\n', []],
  ];
  for (const [text, languages] of cases) t.same(languagesIn(text), languages, text);
  t.end();
});

/** Files of a system, and the strip that takes each away with the language de. */
const FILES: Readonly<Record<string, string | undefined>> = {
  '/usr/share/man/man1/ls.1.gz': 'manual-pages',
  '/usr/share/man/de/man1/ls.1.gz': 'manual-pages',
  '/usr/share/man/mk/man1/ls.1.gz': 'manual-pages',
  '/usr/share/man/pt_BR/man8/apt.8.gz': 'manual-pages',
  '/usr/share/man/sr@latin/man8/apt.8.gz': 'manual-pages',
  '/usr/share/man-db/chconfig': undefined,
  '/usr/share/doc/apt/copyright': undefined,
  '/usr/share/doc/apt/changelog.gz': 'documentation',
  '/usr/share/doc/apt/examples/deep/apt.conf': 'documentation',
  '/usr/share/docutils/x': undefined,
  '/usr/share/info/dir': 'documentation',
  '/usr/share/common-licenses/GPL-3': undefined,
  '/usr/share/locale/de/LC_MESSAGES/apt.mo': undefined,
  '/usr/share/locale/de_AT/LC_MESSAGES/apt.mo': undefined,
  '/usr/share/locale/den/LC_MESSAGES/apt.mo': 'locales',
  '/usr/share/locale/fr/LC_MESSAGES/apt.mo': 'locales',
  '/usr/share/locale/locale.alias': undefined,
  '/usr/share/i18n/locales/de_DE': undefined,
  '/usr/lib/python3/dist-packages/apt/__pycache__/a.cpython-311.pyc': 'python-byte-code',
  '/usr/lib/python3.11/__pycache__/os.cpython-311.pyc': 'python-byte-code',
  '/usr/lib/python3.11/os.py': undefined,
};

const below = async (folder: string, keep: (name: { isDirectory(): boolean }) => boolean): Promise<string[]> =>
  (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter(keep)
    .map((item) => join(item.parentPath, item.name).slice(folder.length))
    .sort();

const isNoFolder = (item: { isDirectory(): boolean }): boolean => !item.isDirectory();

const writeAll = async (folder: string): Promise<void> => {
  for (const path of Object.keys(FILES)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), 'x'.repeat(100));
  }
};

t.test('files are deleted by the patterns that dpkg is given, and estimated by the same', async (t) => {
  await using folder = await temporaryFolder();
  const sh = (await run('sh', ['-c', 'command -v dash || command -v sh'])).stdout.trim();
  const files = STRIP_UNITS.flatMap(({ name, what, work }) => (work.kind === 'files' ? [{ name, what, work }] : []));
  for (const { name, what, work } of files) {
    const root = join(folder.path, name);
    await writeAll(root);
    const script = removalScript(work, ['de'], root);
    await run(sh, ['-n'], { input: script });
    for (let times = 1; times <= 2; times++) await run(sh, ['-eu', '-s'], { input: script });
    const stay = Object.entries(FILES).flatMap(([path, strip]) => (strip === name ? [] : [path]));
    t.same(await below(root, isNoFolder), stay.sort(), `${name}: find`);

    const [gone, kept] = [work.paths.map(pathPattern), keptPatterns(work, ['de']).map(pathPattern)];
    t.same(
      Object.keys(FILES)
        .filter((path) => !gone.some((one) => one.test(path)) || kept.some((one) => one.test(path)))
        .sort(),
      stay.sort(),
      `${name}: the estimate`,
    );

    if (!work.forGood) continue;
    const options = excludesText({ what }, work, ['de'])
      .split('\n')
      .flatMap((line) => (line === '' || line.startsWith('#') ? [] : [`--${line}`]));
    t.same(await unpackedByDpkg(join(folder.path, `${name}-dpkg`), options), stay.sort(), `${name}: dpkg`);
  }
  const manual = join(folder.path, 'manual-pages');
  const byDpkg = await below(join(folder.path, 'manual-pages-dpkg', 'root'), (item) => item.isDirectory());
  t.ok(byDpkg.includes('/usr/share/man/man1'), 'so they do in what dpkg unpacks');
  t.ok(
    (await below(manual, (item) => item.isDirectory())).includes('/usr/share/man/man1'),
    'alternatives link into it',
  );
  const documentation = await below(join(folder.path, 'documentation'), (item) => item.isDirectory());
  t.ok(documentation.includes('/usr/share/doc/apt'));
  t.notOk(documentation.includes('/usr/share/doc/apt/examples'), 'empty folders go');
});

/** What dpkg unpacks of a package with all files. */
const unpackedByDpkg = async (folder: string, options: readonly string[]): Promise<string[]> => {
  const [source, root] = [join(folder, 'source'), join(folder, 'root')];
  await writeAll(source);
  await mkdir(join(source, 'DEBIAN'), { recursive: true });
  await writeFile(
    join(source, 'DEBIAN', 'control'),
    'Package: all-files\nVersion: 1\nArchitecture: all\nMaintainer: a <a@example.org>\nDescription: x\n',
  );
  await run('dpkg-deb', ['--root-owner-group', '--build', source, join(folder, 'all.deb')]);
  for (const name of ['info', 'updates', 'triggers'])
    await mkdir(join(root, 'var/lib/dpkg', name), { recursive: true });
  await writeFile(join(root, 'var/lib/dpkg/status'), '');
  const force = '--force-not-root,script-chrootless,bad-path';
  await run('dpkg', [`--root=${root}`, force, '--log=/dev/null', ...options, '--unpack', join(folder, 'all.deb')]);
  return (await below(root, isNoFolder)).filter((path) => !path.startsWith('/var/lib/dpkg/'));
};

/** Commands of a guest: each tells itself, and answers as the table says. */
const fakeCommands = async (folder: string, answers: Readonly<Record<string, string>>): Promise<void> => {
  await mkdir(folder, { recursive: true });
  for (const [name, script] of Object.entries(answers)) {
    const path = join(folder, name);
    await writeFile(path, `#!/bin/sh\necho "${name} $*" >> ${folder}/../calls\n${script}\n`, { mode: 0o755 });
  }
};

/** The host's own sshd, in which the commands of a folder are found first. */
const guestWith = async (folder: string) => {
  const bin = join(folder, 'bin');
  const key = createBuildKey();
  await using opened = new AsyncDisposableStack();
  const settings = [`SetEnv PATH=${bin}:/usr/sbin:/usr/bin:/sbin:/bin HOME=${folder}`];
  const sshd = opened.use(await startSshd(key, { settings }));
  const session = opened.use(await Session.connect({ ...sshd, key, limit: 10_000, reporter: silentReporter }));
  // Nothing of the host itself is ever removed.
  for (const name of ['apt-get', 'apt-mark', 'dpkg-query'])
    if (!(await session.check(`command -v ${name}`)).startsWith(bin)) throw new Error(`${name} is the host's own`);
  const told: string[] = [];
  const reporter = {
    ...silentReporter,
    line: (line: string) => void told.push(line),
    note: (line: string) => void told.push(`note ${line}`),
  };
  const context: StepContext = {
    session,
    folder,
    variables: {},
    secrets: { get: () => '', values: () => [], describe: () => '', redact: (text: string) => text },
    hasMedium: false,
    factor: 1,
    reporter,
  };
  const kept = opened.move();
  return { context, told, [Symbol.asyncDispose]: () => kept.disposeAsync() };
};

t.test('in a guest: simulated and told first, then done by apt', async (t) => {
  await using folder = await temporaryFolder();
  const bin = join(folder.path, 'bin');
  await writeFile(join(folder.path, 'installed'), list({ ...BASE, 'firmware-linux': 2048, left: 10 }, ['bash']));
  await fakeCommands(bin, {
    'dpkg-query': `cat ${folder.path}/installed`,
    uname: 'echo 6.1.0-40-amd64',
    'apt-cache': 'printf "nano\\nvim-tiny\\nvim\\n"',
    'apt-mark': ':',
    df: 'printf "Used\\n500000\\n"',
    'apt-get': `case "$*" in
*--simulate*" autoremove") echo 'Purg left [1]' ;;
*--simulate*nano*) printf 'Purg nano [1]\\nPurg firmware-linux [1]\\n' ;;
*--simulate*python3*) printf 'Purg python3 [1]\\nPurg openssh-server [1]\\n' ;;
*) echo done ;;
esac`,
  });
  await using guest = await guestWith(folder.path);
  const { context, told } = guest;
  const calls = async () => {
    const path = join(folder.path, 'calls');
    const text = await readFile(path, 'utf8');
    await writeFile(path, '');
    return text.split('\n').filter((line) => /^apt-(get|mark)/.test(line));
  };
  await slimGuest(recipe({ slim: { remove: ['nano', 'gone', 'vim-tiny'], strip: ['firmware', 'unneeded'] } }), context);
  const [first, second, mark = '', ...rest] = await calls();
  t.equal(first, 'apt-get -q --simulate purge nano firmware-linux');
  t.equal(second, 'apt-get -q -y purge nano firmware-linux');
  t.match(mark, /^apt-mark manual bash grub-cloud-amd64 .*openssh-server/);
  t.notMatch(mark, / nano| left/);
  t.same(rest, ['apt-get -q --simulate --purge autoremove', 'apt-get -q -y --purge autoremove']);
  t.same(
    told.filter((line) => line !== 'done'),
    [
      'note slim.remove: gone is no package that this system knows',
      'note slim.remove: vim-tiny is not installed',
      'goes: nano, firmware-linux',
      'in all 2 packages, 3 MiB',
      'goes: left',
      'in all 1 package, 1 MiB',
      'slim: 489 MiB of files before, 489 MiB now',
    ],
  );
  await t.rejects(slimGuest(recipe({ slim: { remove: ['python3'] } }), context), {
    code: 'guest.slim-protected',
    detail: 'python3 would take with it:\n  openssh-server: the way in',
  });
  await t.rejects(slimGuest(recipe({ slim: { remove: ['systemd'] } }), context), { code: 'guest.slim-protected' });
  t.same(
    (await calls()).filter((line) => !line.includes('--simulate')),
    [],
    'nothing is done where something has to stay',
  );
});

/** A root of tiny packages, with commands that lead the system's own apt and dpkg into it. */
const tinySystem = async (folder: string): Promise<string> => {
  const root = join(folder, 'root');
  const packages: readonly [name: string, fields: string][] = [
    ['base', 'Essential: yes\n'],
    ['sudo', 'Depends: libsudo\n'],
    ['libsudo', ''],
    ['nano', 'Depends: libnano\n'],
    ['libnano', ''],
    ['editors', 'Depends: nano\n'],
    ['keep', 'Recommends: extra\n'],
    ['extra', ''],
    ['firmware-a', ''],
  ];
  for (const name of [
    'var/lib/dpkg/info',
    'var/lib/dpkg/updates',
    'var/lib/dpkg/triggers',
    'var/lib/apt/lists/partial',
    'var/cache/apt/archives/partial',
    'var/log/apt',
    'etc/apt/preferences.d',
    'etc/apt/apt.conf.d',
  ])
    await mkdir(join(root, name), { recursive: true });
  await writeFile(join(root, 'var/lib/dpkg/status'), '');
  const debs: string[] = [];
  for (const [name, fields] of packages) {
    const source = join(folder, 'debs', name);
    await mkdir(join(source, 'DEBIAN'), { recursive: true });
    await mkdir(join(source, 'usr/share', name), { recursive: true });
    await writeFile(join(source, 'usr/share', name, 'file'), name);
    const control = `Package: ${name}\nVersion: 1\nArchitecture: all\nInstalled-Size: 1024\nMaintainer: a <a@example.org>\n${fields}Description: x\n`;
    await writeFile(join(source, 'DEBIAN', 'control'), control);
    debs.push(join(folder, `${name}.deb`));
    await run('dpkg-deb', ['--root-owner-group', '--build', source, join(folder, `${name}.deb`)]);
  }
  const into = ['--root', root, '--force-not-root', '--force-script-chrootless', '--force-bad-path'];
  await run('dpkg', [...into, '--log=/dev/null', '--install', ...debs]);
  await writeFile(
    join(root, 'var/lib/apt/extended_states'),
    ['sudo', 'libsudo', 'libnano', 'extra']
      .map((name) => `Package: ${name}\nArchitecture: amd64\nAuto-Installed: 1\n`)
      .join('\n'),
  );
  await writeFile(
    join(folder, 'apt.conf'),
    [
      `Dir "${root}";`,
      `Dir::State::status "${root}/var/lib/dpkg/status";`,
      'APT::Architecture "amd64";',
      `DPkg::Options {${into.map((word) => `"${word}";`).join('')} "--log=/dev/null"; };`,
      'DPkg::Use-Pty "0";',
    ].join('\n'),
  );
  const real = async (name: string) => (await run('sh', ['-c', `command -v ${name}`])).stdout.trim();
  const apt = async (name: string) => `APT_CONFIG=${folder}/apt.conf exec ${await real(name)} "$@"`;
  await fakeCommands(join(folder, 'bin'), {
    'dpkg-query': `exec ${await real('dpkg-query')} --admindir=${root}/var/lib/dpkg "$@"`,
    'apt-get': await apt('apt-get'),
    'apt-mark': await apt('apt-mark'),
    'apt-cache': await apt('apt-cache'),
    uname: 'echo 6.1.0-40-amd64',
  });
  return root;
};

t.test('in a guest: the real apt, with packages that came for others', async (t) => {
  const has = await run('sh', ['-c', 'command -v apt-get && command -v apt-mark'], { allow: [0, 1, 127] });
  if (has.exitCode !== 0) return t.pass('not tried', { skip: 'this host has no apt' });
  await using folder = await temporaryFolder();
  const root = await tinySystem(folder.path);
  await using guest = await guestWith(folder.path);
  const there = async () =>
    (await readdir(join(root, 'usr/share'), { withFileTypes: true })).map(({ name }) => name).sort();
  const slimmed = (slim: object) =>
    slimGuest(recipe({ slim, answers: { users: [{ name: 'ada', sudo: 'nopasswd' }] } }), guest.context);
  await t.rejects(slimmed({ remove: ['libsudo', 'nano'] }), {
    code: 'guest.slim-protected',
    detail: /^libsudo would take with it:\n {2}sudo: users with/,
  });
  t.equal((await there()).length, 9, 'nothing is gone');
  await slimmed({ remove: ['nano'], strip: ['firmware'] });
  t.same(await there(), ['base', 'extra', 'keep', 'libnano', 'libsudo', 'sudo'], 'the metapackage too');
  t.match(guest.told.join('\n'), /^goes: .*nano.*\ngoes with it: editors\nin all 3 packages, 3 MiB$/m);
  await slimmed({ strip: ['unneeded'] });
  t.same(await there(), ['base', 'extra', 'keep', 'libsudo', 'sudo'], 'sudo had come for others, and users need it');
  await slimmed({ strip: ['recommended'] });
  t.same(await there(), ['base', 'keep', 'libsudo', 'sudo']);
});

const STATUS = [
  ['linux-image-amd64', '10', 'linux-image-6.1.0-40-amd64'],
  ['linux-image-6.1.0-40-amd64', '400000', ''],
  ['linux-image-6.1.0-39-amd64', '400000', ''],
  ['firmware-linux', '50000', ''],
  ['needs-firmware', '1000', 'firmware-linux'],
  ['left-over', '3000', ''],
];

const SYSTEM: Files = {
  '/etc/os-release': 'ID=debian\nVERSION_ID="12"\n',
  '/etc/default/locale': 'LANG=de_DE.UTF-8\n',
  '/var/lib/dpkg/status': STATUS.map(
    ([name, size, depends]) =>
      `Package: ${name}\nStatus: install ok installed\nInstalled-Size: ${size}\nArchitecture: amd64\nVersion: 1\n${depends === '' ? '' : `Depends: ${depends}\n`}`,
  ).join('\n'),
  '/var/lib/apt/extended_states': 'Package: left-over\nArchitecture: amd64\nAuto-Installed: 1\n',
  ...Object.fromEntries(Object.keys(FILES).map((path) => [path, 'x'.repeat(3000)])),
};

t.test('what strips would save in an image', async (t) => {
  const image = await diskWith(t, SYSTEM);
  const { signal } = new AbortController();
  await using subject = await openSubject(image, signal);
  const savings = new Map((await subject.savings()).map(({ strip, ...saving }) => [strip, saving]));
  const block = 4096;
  const counts = (strip: string) => Object.values(FILES).filter((one) => one === strip).length;
  for (const strip of ['manual-pages', 'documentation', 'locales', 'python-byte-code']) {
    const { size = 0, packages } = savings.get(strip) ?? {};
    t.ok(size > 0 && size <= counts(strip) * block && size % (counts(strip) * 1024) === 0, `${strip}: ${size}`);
    t.same(packages, []);
  }
  t.match(savings.get('old-kernels'), { packages: ['linux-image-6.1.0-39-amd64'], size: 400_000 * 1024 });
  t.match(savings.get('firmware'), { packages: ['firmware-linux', 'needs-firmware'], size: 51_000 * 1024 });
  t.match(savings.get('unneeded'), { packages: ['left-over'], size: 3000 * 1024 });
  t.equal(savings.get('cloud-kernel')?.packages.length, 3);
  t.notOk(savings.has('snapd'), 'what is not there saves nothing');

  // An earlier build of the recipe: its image is what `ingot explain` estimates from.
  await using folder = await temporaryFolder();
  const store = await openStore(folder.path);
  const slim = { strip: ['locales'], budget: { packages: 9 } };
  const said = 'slim             strips locales; has a budget for packages\n';
  const explained = async (more: object) => {
    const found = await slimOf(store, recipe(more), signal);
    return { found, text: found === undefined ? '' : slimText(found) };
  };
  t.same(await explained({ slim }), { found: { remove: [], ...slim }, text: said });
  t.equal((await explained({})).found, undefined, 'a recipe that says nothing of it');
  const work = join(folder.path, 'stages', 'work');
  await mkdir(work, { recursive: true });
  const key = { name: 'x' };
  const out = { images: [{ format: 'raw', file: { path: image, size: 1, sha256: 'x' } }] };
  await store.publish('capture', store.keyDigest('capture', key), work, { key, out, holdsSecrets: false });
  const { found, text } = await explained({ slim });
  t.ok(text.startsWith(`${said}    strips would save in the image made just now, each by itself:\n`), text);
  t.match(text, /^ +\d+ MB {2}old-kernels \(not in the recipe\)$/m);
  t.match(text, /^ +[\d.]+ kB {2}locales$/m);
  // The same form is the JSON.
  const estimate = found?.estimate;
  if (estimate === undefined || !('savings' in estimate)) return t.fail('it has an estimate');
  t.same(
    new Map(estimate.savings.map(({ strip, isInRecipe: _, ...saving }) => [strip, saving])),
    savings,
    'as the image is looked into',
  );
  t.same(
    estimate.savings.filter(({ isInRecipe }) => isInRecipe).map(({ strip }) => strip),
    ['locales'],
  );
  t.same(
    estimate.savings.map(({ size }) => size),
    estimate.savings.map(({ size }) => size).toSorted((one, other) => other - one),
    'the largest first',
  );
  await writeFile(image, 'no disk');
  const unread = await explained({ slim });
  t.match(unread.found?.estimate, { unknown: /./ }, 'an image that cannot be read');
  t.match(unread.text, /^ {4}what it would save is not known: the image made just now cannot be read \(.+\)$/m);
});

t.test('a stage knows what is taken out by names and by what strips do', async (t) => {
  const key = async (slim: object) => slimKey(recipe({ slim }));
  t.same(await key({}), {}, 'recipes that take nothing out stay what they are');
  t.same(await key({ budget: { packages: 1 } }), {});
  t.same(await key({ strip: ['locales', 'firmware'] }), await key({ strip: ['firmware', 'locales'] }));
  t.strictNotSame(await key({ strip: ['locales'] }), await key({ strip: ['firmware'] }));
});
