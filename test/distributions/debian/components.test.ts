import { execFileSync, spawnSync } from 'node:child_process';
import {
  createReadStream,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import t, { type Test } from 'tap';
import { buildPackageIndex } from '../../../src/distributions/debian/archive/package-index.ts';
import {
  type ComponentChoice,
  componentFolder,
  installerFolder,
  planComponents,
  readComponents,
} from '../../../src/distributions/debian/medium/components.ts';
import { installerInitrd } from '../../../src/distributions/debian/medium/initrd.ts';
import { installerHooks } from '../../../src/distributions/debian/medium/installer-hooks.ts';
import { mergeStatus, withoutTranslations } from '../../../src/distributions/debian/medium/installer-status.ts';
import { udebClosure } from '../../../src/distributions/debian/medium/udeb-closure.ts';
import { type CpioEntry, cpioArchive } from '../../../src/formats/archives/cpio.ts';
import { readCpio } from '../../../src/formats/archives/cpio-reader.ts';
import { bytesOf } from '../../../src/formats/byte-source.ts';
import type { StandInChoice } from '../../../src/recipe/schema/origin-schema.ts';

const RELEASE = '6.1.0-50-amd64';
const RELEASES = ['12', '13'] as const;
const standInFolders = [
  ...new Set(
    RELEASES.flatMap((release) => {
      const { families, own } = readComponents(release);
      return [...families, ...own].map(({ name }) => componentFolder(name));
    }),
  ),
];

const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile());

/** An index of udebs, `NAME: DEPENDS | field: value…`, one a line. */
const indexOf = (folder: string, udebs: Readonly<Record<string, Readonly<Record<string, string>>>>) => {
  const path = join(folder, 'Packages');
  const stanzas = Object.entries(udebs).map(([name, fields]) =>
    Object.entries({
      Package: name,
      Version: '1',
      Architecture: 'amd64',
      ...fields,
      Filename: `pool/${name}.udeb`,
      Size: '1',
      SHA256: '0'.repeat(64),
    })
      .map(([field, value]) => `${field}: ${value}\n`)
      .join(''),
  );
  writeFileSync(path, `${stanzas.join('\n')}\n`);
  return buildPackageIndex([{ suite: 'bookworm', path }]);
};

t.test('what a udeb needs comes with it, less what is there', async (t) => {
  const index = indexOf(t.testdir(), {
    partitioner: { Depends: 'libparted (>= 3), found-disks, tools | other-tools, ext2-modules' },
    libparted: { Depends: 'libdevmapper, libc' },
    libdevmapper: { 'Pre-Depends': 'libudev' },
    libudev: {},
    'other-tools': {},
    // Of several that provide the same, the one of the higher priority.
    'a-disk-finder': { Provides: 'found-disks', Priority: 'optional' },
    'disk-detect': { Provides: 'found-disks, other', Priority: 'standard' },
    [`ext4-modules-${RELEASE}-di`]: { Provides: 'ext2-modules', 'Kernel-Version': RELEASE },
    'ext4-modules-5.0-di': { Provides: 'ext2-modules', 'Kernel-Version': '5.0' },
    circle: { Depends: 'square, gone' },
    square: { Depends: 'circle, also-gone | gone-too' },
  });
  const closure = (names: string[], has: string[] = []) => {
    const { udebs, missing } = udebClosure(names, { index, kernelRelease: RELEASE, has: new Set(has) });
    return { udebs: udebs.map(({ name }) => name).sort(), missing };
  };
  t.same(closure(['partitioner'], ['libc', 'libudev']), {
    udebs: ['disk-detect', `ext4-modules-${RELEASE}-di`, 'libdevmapper', 'libparted', 'other-tools', 'partitioner'],
    missing: [],
  });
  t.same(closure(['partitioner'], ['libc', 'libparted', 'found-disks', 'tools', 'ext2-modules']).udebs, [
    'partitioner',
  ]);
  t.same(closure(['circle', 'nothing']), {
    udebs: ['circle', 'square'],
    missing: [{ name: 'nothing' }, { name: 'gone', neededBy: 'circle' }, { name: 'also-gone', neededBy: 'square' }],
  });
  t.same(closure(['libparted']).missing, [{ name: 'libc', neededBy: 'libparted' }], 'no library is left out silently');
});

for (const release of RELEASES)
  t.test(`a family is real when the mirror has all of it, and a stand-in otherwise: ${release}`, async (t) => {
    const components = readComponents(release);
    const needs: Readonly<Record<string, string>> = {
      'partman-base': 'libparted2-udeb',
      'partman-auto': 'partman-base',
    };
    const names = [
      ...components.kernelModules.map((name) => `${name}-${RELEASE}-di`),
      ...components.udebs,
      ...components.families.flatMap(({ real }) => real),
      'libparted2-udeb',
    ];
    const index = indexOf(
      t.testdir(),
      Object.fromEntries(names.map((name) => [name, needs[name] === undefined ? {} : { Depends: needs[name] }])),
    );
    const plan = (standIns: StandInChoice) =>
      planComponents(components, { kernelRelease: RELEASE, udebs: index, installed: new Set(), standIns });
    const standing = ({ standIns }: ComponentChoice) => standIns.map(({ name }) => name);

    const all = plan('where-missing').candidates.map(({ name }) => name);
    t.same([...all].sort(), [...new Set(names)].sort(), 'what the partitioner needs is looked for as well');
    const full = plan('where-missing').choose(new Set(all));
    t.same(full.standIns, []);
    t.same(full.debs, []);
    t.same([...full.udebs].sort(), [...all].sort());

    for (const { name, real, debs } of components.families) {
      for (const gone of name === 'partman-base' ? [...real, 'libparted2-udeb'] : real) {
        const choice = plan('where-missing').choose(new Set(all.filter((udeb) => udeb !== gone)));
        t.same(standing(choice), [name], `${gone} is not there`);
        t.match(choice.standIns[0]?.reason, `the mirror does not have ${gone}`);
        t.same(
          choice.debs,
          debs.map((part) => part.package),
        );
        t.notOk(
          real.some((udeb) => choice.udebs.includes(udeb)),
          `${name}: no half of a family`,
        );
      }
    }
    const always = plan('always');
    t.same(
      always.candidates.map(({ name }) => name),
      [...components.kernelModules.map((name) => `${name}-${RELEASE}-di`), ...components.udebs],
      'nothing is fetched that is not used',
    );
    t.same(
      standing(always.choose(new Set(all))),
      components.families.map(({ name }) => name),
    );
    t.ok(
      plan('where-missing').choose(new Set()).udebs.includes('base-installer'),
      'what nothing can stand in for is asked for all the same',
    );
  });

t.test('each stand-in is a component that main-menu can run', async (t) => {
  for (const folder of standInFolders) {
    const control = readFileSync(join(folder, 'control'), 'utf8');
    t.equal(/^Package: (.*)$/m.exec(control)?.[1], folder.split('/').at(-1));
    const files = readdirSync(folder);
    if (!/^Installer-Menu-Item:/m.test(control)) continue;
    t.ok(files.includes('postinst'), `${folder} is in the menu, so it has a postinst`);
    const templates = readFileSync(join(folder, 'templates'), 'utf8');
    const stanzas = templates.split(/\n\n+/).filter((stanza) => stanza.trim() !== '');
    for (const stanza of stanzas) t.match(stanza, /^Template: \S+\nType: \w+\n(.*\n)*Description: /);
  }
});

t.test('every script is one that a POSIX shell can read', async (t) => {
  const scripts = [...standInFolders, join(installerFolder(), 'hooks')]
    .flatMap(filesBelow)
    .filter((path) => /^#!\/bin\/sh|\.sh$|scripts\/ingot$|fetch-url\/file$/.test(path) || isScript(path));
  t.ok(scripts.length > 20, `${scripts.length} scripts`);
  for (const script of scripts) {
    const { status, stderr } = spawnSync('sh', ['-n', script], { encoding: 'utf8' });
    t.equal(status, 0, `${script} ${stderr}`);
    t.notMatch(readFileSync(script, 'utf8'), /\[\[|\bfunction \w+|<<</, `${script} has no bashism`);
  }
});

const isScript = (path: string): boolean => readFileSync(path, 'latin1').startsWith('#!/bin/sh');

t.test('the recipe of the partman stand-in shares out the disk as partman-auto does', async (t) => {
  const script = join(componentFolder('partman-base'), 'files/lib/partman/standin/recipe.sh');
  const plan = (recipe: string, disk: number) => {
    const command = `. ${script}; recipe_plan "$1" ${disk}`;
    const { status, stdout, stderr } = spawnSync('sh', ['-c', command, 'sh', recipe], { encoding: 'utf8' });
    return status === 0 ? stdout.trim().split('\n') : stderr.trim();
  };
  const gpt = '$iflabel{ gpt } $reusemethod{ }';
  const efi = `ingot :: 1 1 1 free ${gpt} method{ biosgrub } . 128 128 128 free ${gpt} method{ efi } format{ } .`;
  const root = '900 10000 -1 ext4 method{ format } format{ } use_filesystem{ } filesystem{ ext4 } mountpoint{ / }';
  const cases: [string, number, string[] | string][] = [
    [`${efi} ${root} .`, 8000, ['1|biosgrub||||', '128|efi||||', 'rest|format|ext4|/||']],
    [
      `${efi} 512 512 512 linux-swap method{ swap } format{ } . ${root} label{ my root } options/noatime{ noatime } .`,
      8000,
      ['1|biosgrub||||', '128|efi||||', '512|swap||||', 'rest|format|ext4|/|my root|noatime'],
    ],
    // 2000 are shared out 1000:4000 until the first has its 3000 at most; the rest is the last one's.
    [
      '1000 2000 1100 ext4 method{ format } . 1000 5000 -1 ext4 method{ format } .',
      9000,
      ['1100|format||||', 'rest|format||||'],
    ],
    [
      '1000 2000 -1 ext4 method{ format } . 1000 2000 5000 ext4 method{ format } .',
      6000,
      ['3000|format||||', '3000|format||||'],
    ],
    ['$x . ', 100, "recipe: '$x' is not a size"],
    ['5000 5000 -1 ext4 method{ format } .', 4000, 'recipe: needs 5000 MB, the disk has 4000 MB'],
    ['100 100 -1 ext4 method{ format }', 4000, 'recipe: the last partition does not end in a full stop'],
    ['100 100 -1 ext4 method{ format } in_vg{ x } .', 4000, "recipe: this stand-in does not know 'in_vg{@x@}'"],
    ['', 4000, 'recipe: no partition'],
  ];
  for (const [recipe, disk, expected] of cases) t.same(plan(recipe, disk), expected, recipe);
});

t.test('status and templates', async (t) => {
  const status =
    'Package: anna\nStatus: install ok unpacked\nVersion: 1\n\nPackage: netcfg\nStatus: install ok unpacked\n';
  const control = 'Package: x\nVersion: 2\nMaintainer: M\nDepends: a,\n b\nDescription: X\n long\n';
  t.equal(
    mergeStatus(status, [{ control, info: new Map() }], ['netcfg']),
    'Package: anna\nStatus: install ok unpacked\nVersion: 1\n\n' +
      'Package: x\nStatus: install ok unpacked\nVersion: 2\nDepends: a, b\nDescription: X\n\n',
  );
  t.equal(
    withoutTranslations(
      'Template: a\nType: text\nDescription: A\n long\nDescription-de.UTF-8: B\n lang\n\nTemplate: b\n',
    ),
    'Template: a\nType: text\nDescription: A\n long\n\nTemplate: b\n',
  );
});

t.test('the appended initrd', async (t) => {
  const folder = t.testdir();
  const deb = (name: string, files: Record<string, string>): string => {
    const root = join(folder, name);
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(join(root, path, '..'), { recursive: true });
      writeFileSync(join(root, path), content, { mode: content.startsWith('#!') ? 0o755 : 0o644 });
    }
    mkdirSync(join(root, 'DEBIAN'), { recursive: true });
    const control = `Package: ${name}\nVersion: 1\nArchitecture: all\nMaintainer: M <m@example.org>\nDescription: X\n`;
    writeFileSync(join(root, 'DEBIAN/control'), control);
    execFileSync('dpkg-deb', ['--root-owner-group', '--build', root, `${root}.deb`], { stdio: 'ignore' });
    return `${root}.deb`;
  };
  const parts = readComponents('12').families.find(({ name }) => name === 'debootstrap-udeb')?.debs ?? [];
  const libraries = parts.filter((part) => part.package !== 'debootstrap');
  const debs = new Map(libraries.map(({ package: name, files: [file = ''] }) => [name, deb(name, { [file]: name })]));
  debs.set(
    'debootstrap',
    deb('debootstrap', {
      'usr/sbin/debootstrap': '#!/bin/sh\n',
      'usr/share/debootstrap/functions': 'x() { :; }\n',
      'usr/share/doc/debootstrap/copyright': 'C\n',
    }),
  );
  const udeb = deb('base-installer', {
    'usr/lib/base-installer/library.sh': 'y() { :; }\n',
    'DEBIAN/templates': 'Template: a/b\nType: text\nDescription: B\nDescription-de.UTF-8: C\n',
  });
  const base: CpioEntry[] = [
    { type: 'directory', path: 'usr', mode: 0o755 },
    { type: 'symlink', path: 'lib', target: 'usr/lib' },
    {
      type: 'file',
      path: 'var/lib/dpkg/status',
      mode: 0o644,
      content: 'Package: netcfg\nStatus: install ok unpacked\n\n',
    },
    { type: 'file', path: `usr/lib/modules/${RELEASE}/modules.order`, mode: 0o644, content: 'kernel/inside.ko\n' },
    { type: 'file', path: `usr/lib/modules/${RELEASE}/modules.builtin`, mode: 0o644, content: 'kernel/built/in.ko\n' },
  ];
  const build = (entries: readonly CpioEntry[], given = debs) =>
    bytesOf(
      installerInitrd({
        folder: t.testdirName,
        baseInitrd: cpioArchive(entries),
        kernelRelease: RELEASE,
        udebs: [udeb],
        release: '12',
        standIns: ['debootstrap-udeb'],
        debs: given,
      }),
    );

  const archive = await build(base);
  t.same(await build(base), archive, 'the same bytes again');
  const entries = new Map(
    await Array.fromAsync(
      readCpio([archive], () => true),
      (entry) => [entry.path, entry] as const,
    ),
  );
  t.match(entries.get('usr/sbin/debootstrap'), { type: 'file', mode: 0o755 });
  t.match(entries.get('usr/share/debootstrap/functions'), { type: 'file', mode: 0o644 });
  t.notOk(entries.has('usr'), 'a folder that the base has is not given again');
  t.notOk(entries.has('usr/share/doc/debootstrap/copyright'));
  const content = (path: string) => {
    const entry = entries.get(path);
    return entry?.type === 'file' ? String(entry.content) : undefined;
  };
  t.equal(content('var/lib/dpkg/info/base-installer.templates'), 'Template: a/b\nType: text\nDescription: B\n');
  t.notMatch(content('var/lib/dpkg/status'), 'netcfg');
  t.match(content('var/lib/dpkg/status'), 'Package: debootstrap-udeb\nStatus: install ok unpacked\n');
  t.ok(entries.has(`lib/modules/${RELEASE}/modules.dep.bin`));

  await t.rejects(build([]), { code: 'origin.installer-invalid' });
  await t.rejects(build(base, new Map()), { code: 'origin.stand-in-missing' });
});

t.test("Ingot's hooks can run, and lie where debian-installer looks for them", async (t) => {
  const hooks = new Map((await installerHooks()).map((entry) => [entry.path, entry]));
  for (const path of ['lib/debian-installer-startup.d/S12ingot', 'usr/lib/finish-install.d/95ingot-report']) {
    t.match(hooks.get(path), { type: 'file', mode: 0o755 });
  }
  t.match(hooks.get('ingot/lib.sh'), { type: 'file', mode: 0o644 });
});

const HOST_INITRD = '/usr/lib/debian-installer/images/12/amd64/text/debian-installer/amd64/initrd.gz';

t.test(
  'answers are read as by the installer itself',
  { skip: !existsSync(HOST_INITRD) && `${HOST_INITRD} is not on this host` },
  async (t) => {
    const folder = t.testdir();
    const theirs = join(folder, 'theirs');
    for await (const entry of readCpio(createReadStream(HOST_INITRD), (path) => path === 'bin/debconf-set-selections'))
      if (entry.type === 'file' && entry.content !== undefined && entry.path === 'bin/debconf-set-selections')
        writeFileSync(theirs, entry.content);
    const lib = `log() { echo "log $*"; }; logfile=${join(folder, 'log')}; for verb in set fset register subst; do eval "db_$verb() { echo $verb \\"\\$*\\"; case \\$1 in new/*) [ $verb != set ] || [ -e ${folder}/made ] || { touch ${folder}/made; return 10; } ;; esac; }"; done`;
    const call = (script: string, answers: string, options: readonly string[]) => {
      const text = readFileSync(script, 'utf8')
        .replace('. /usr/share/debconf/confmodule', lib)
        .replace('. /lib/preseed/preseed.sh', '')
        .replace('$(echo -en "\\r")', '$(printf "\\r")');
      const [path, file] = [join(folder, 'script'), join(folder, 'answers')];
      writeFileSync(path, text);
      writeFileSync(file, answers);
      rmSync(join(folder, 'made'), { force: true });
      const { status, stdout } = spawnSync('sh', [path, ...options, file], { encoding: 'utf8' });
      return { status, calls: stdout.replaceAll(/^register debian-installer\/dummy.*\n/gm, '') };
    };
    const ours = join(installerFolder(), 'hooks/bin/debconf-set-selections');
    const cases: readonly string[] = [
      'd-i a/b string some  words here \nd-i a/c boolean true\n',
      '# a comment\n\n  \t\nd-i a/b string\nd-i a/d string \n',
      'd-i a/b string one \\\n   two\\\n# not joined\n three\n',
      'd-i\ta/b\tselect\t a value\n\td-i a/c note\n',
      'd-i a/b seen false\r\nd-i a/c multiselect x, y\r\n',
      'd-i a/b string no end of line',
      'd-i new/one string v\n',
      'd-i a/b string a "c" $HOME `x` *\n',
    ];
    for (const answers of cases)
      for (const options of [[], ['--unseen']])
        t.same(call(ours, answers, options), call(theirs, answers, options), JSON.stringify(answers));
  },
);

/** A function of the hooks, over a folder that stands for the installed system. */
const inHooks = (t: Test, files: Readonly<Record<string, string>>, script: string, ...words: string[]) => {
  const root = t.testdir({});
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  const [file, call] = script.split(' ');
  execFileSync('sh', ['-eu', '-c', `. "$1"; shift; ${call} "$@"`, 'sh', `${HOOKS}/${file}`, root, ...words]);
  return (path: string): string | undefined =>
    existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : undefined;
};
const HOOKS = join(installerFolder(), 'hooks', 'ingot');

t.test('time servers are written for the daemon that is there', async (t) => {
  const servers = ['ntp1.example.org', '192.0.2.5'];
  const both = 'server ntp1.example.org iburst\nserver 192.0.2.5 iburst\n';
  const cases: [daemon: string, files: Record<string, string>, path: string, content: string][] = [
    [
      'systemd-timesyncd',
      { 'lib/systemd/systemd-timesyncd': '' },
      'etc/systemd/timesyncd.conf.d/ingot.conf',
      '[Time]\nNTP=ntp1.example.org 192.0.2.5\n',
    ],
    [
      'chrony',
      { 'etc/chrony/chrony.conf': 'pool 2.debian.pool.ntp.org iburst\nsourcedir /etc/chrony/sources.d\n' },
      'etc/chrony/sources.d/ingot.sources',
      both,
    ],
    [
      'chrony, its own servers',
      { 'etc/chrony/chrony.conf': 'pool 2.debian.pool.ntp.org iburst\n' },
      'etc/chrony/chrony.conf',
      '#pool 2.debian.pool.ntp.org iburst\nsourcedir /etc/chrony/sources.d\n',
    ],
    [
      'ntpsec',
      { 'etc/ntpsec/ntp.conf': 'pool 0.debian.pool.ntp.org iburst\ntos minclock 4 minsane 3\n' },
      'etc/ntpsec/ntp.conf',
      `#pool 0.debian.pool.ntp.org iburst\n#tos minclock 4 minsane 3\n${both}tos minclock 2 minsane 1\n`,
    ],
    [
      'openntpd',
      { 'etc/openntpd/ntpd.conf': '#server x\nservers 0.debian.pool.ntp.org\n' },
      'etc/openntpd/ntpd.conf',
      '#server x\n#servers 0.debian.pool.ntp.org\nserver ntp1.example.org\nserver 192.0.2.5\n',
    ],
  ];
  for (const [daemon, files, path, content] of cases)
    await t.test(daemon, async (t) => {
      const read = inHooks(t, files, 'time-servers.sh write_time_servers', ...servers);
      t.equal(read(path), content);
      if (daemon !== 'systemd-timesyncd') t.equal(read('etc/systemd/timesyncd.conf.d/ingot.conf'), undefined);
      const untouched = inHooks(t, files, 'time-servers.sh write_time_servers');
      t.equal(untouched(path), files[path], "without servers the package's own stay");
    });
});

t.test('three time servers and more have to agree as the package wants it', (t) => {
  const files = { 'etc/ntpsec/ntp.conf': 'tos minclock 4 minsane 3\n' };
  const read = inHooks(t, files, 'time-servers.sh write_time_servers', 'a.example', 'b.example', 'c.example');
  t.match(read('etc/ntpsec/ntp.conf'), /^tos minclock 4 minsane 3\nserver a\.example iburst\n/);
  t.end();
});

t.test('the locale stands before the first package is configured', async (t) => {
  const of = (version: string) => ({
    'usr/lib/os-release': `NAME="Debian"\nVERSION_ID="${version}"\n`,
    'etc/default/x': '',
  });
  const twelve = inHooks(t, of('12'), 'identity.sh write_locale', 'de_DE.UTF-8');
  t.equal(twelve('etc/default/locale'), 'LANG=de_DE.UTF-8\n');
  t.equal(twelve('etc/locale.gen'), 'de_DE.UTF-8 UTF-8\n');
  t.equal(twelve('etc/locale.conf'), undefined);
  await t.test('13', async (t) => {
    const thirteen = inHooks(t, of('13'), 'identity.sh write_locale', 'sr_RS@latin');
    t.equal(thirteen('etc/locale.conf'), 'LANG=sr_RS@latin\n');
    t.equal(thirteen('etc/default/locale'), 'LANG=sr_RS@latin\n', 'a link');
  });
  await t.test('C', async (t) => {
    const plain = inHooks(t, of('12'), 'identity.sh write_locale', 'C.UTF-8');
    t.equal(plain('etc/default/locale'), 'LANG=C.UTF-8\n');
    t.equal(plain('etc/locale.gen'), undefined, 'nothing is generated');
  });
});
