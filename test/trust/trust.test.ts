import { copyFile, cp, mkdir, open, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import t from 'tap';
import { type FileNode, nodeFinder } from '../../src/capture/file-tree.ts';
import { bootSectors } from '../../src/distributions/debian/trust/boot-sectors.ts';
import {
  explainedDiversions,
  explainedOverrides,
  parseDiversions,
  parseOverrides,
} from '../../src/distributions/debian/trust/diversions.ts';
import type { DebianFacts } from '../../src/distributions/debian/trust/facts.ts';
import { RULES } from '../../src/distributions/debian/trust/rules.ts';
import { TRUST } from '../../src/distributions/debian/trust/trust-of.ts';
import { openSubject } from '../../src/distributions/open-subject.ts';
import { fileOf, sha256File, temporaryFolder } from '../../src/host/files.ts';
import { projectFolder } from '../../src/host/project.ts';
import { run } from '../../src/host/run.ts';
import { resultText } from '../../src/pipeline/result-text.ts';
import type { DeliveredOrigin } from '../../src/stages/deliver/delivered-origin.ts';
import { namedMedia, storedMedia } from '../../src/stages/trust/known-medium.ts';
import { originEvidence } from '../../src/stages/trust/origin-evidence.ts';
import { layersOf } from '../../src/trust/layers.ts';
import { parseRecord, recordText } from '../../src/trust/record.ts';
import { ruleFor } from '../../src/trust/rule.ts';
import { load } from '../recipe/helpers.ts';
import { apart, type Change, FORGED } from './forged.ts';
import { AT, debugfs, INITRD, initrd, microcode, PUBLISHED, smallArchive } from './small-archive.ts';

const { signal } = new AbortController();
const small = await smallArchive(t);
const work = await temporaryFolder('ingot-judged-');
t.teardown(() => work[Symbol.asyncDispose]());

type Evidence = Parameters<typeof TRUST.check>[1];

const judged = async (image: string, more: Partial<Evidence> = {}) => {
  await using subject = await openSubject(image, signal);
  const said = { accounts: ['ada'], texts: [] };
  const kept = join(work.path, 'kept');
  return await TRUST.check(subject, { folder: small.folder, keys: [small.keyring], kept, said, ...more }, signal);
};

/** A copy of the image with files written or removed, and what debugfs(8) can do beside that. */
const changed = async (
  files: Readonly<Record<string, string | Buffer | undefined>>,
  commands: readonly string[] = [],
) => {
  const image = join(work.path, 'changed.raw');
  await run('cp', ['--sparse=always', small.image, image]);
  const made: string[] = [];
  for (const [nth, [path, content]] of Object.entries(files).entries()) {
    if (content === undefined) {
      made.push(`rm "${path}"`);
      continue;
    }
    const from = join(work.path, `content-${nth}`);
    await writeFile(from, content);
    const own = [`rm "${path}"`, `write ${from} "${path}"`, `sif "${path}" mode 0100644`];
    made.push(...own, `sif "${path}" uid 0`, `sif "${path}" gid 0`);
  }
  await debugfs(image, [...made, ...commands]);
  return image;
};

const found = ({ judgement }: Awaited<ReturnType<typeof judged>>) =>
  judgement.found.map(({ rule, where, verdict }) => `${verdict} ${rule} ${where ?? ''}`);

t.test('a clean image: all is accounted for', async (t) => {
  const { judgement, classification } = await judged(small.image);
  t.strictSame(judgement.found, []);
  t.equal(judgement.verdict, 'holds');
  const classes = (path: string) => classification.files.get(path)?.class;
  for (const path of [
    '/usr/bin/tool',
    '/usr/bin/tl',
    '/etc/tool.conf',
    '/var/lib/dpkg/info/tool.list',
    '/boot/vmlinuz-6.1.0-1-amd64',
  ])
    t.equal(classes(path), 'verified', path);
  for (const path of [INITRD, '/etc/passwd', '/etc/alternatives/editor', '/boot/efi/EFI/BOOT/BOOTX64.EFI', '/etc/motd'])
    t.equal(classes(path), 'generated', path);
  t.equal(classes('/etc/sudoers.d/90-users'), 'ingot');
  t.match(judgement.facts.join('\n'), /small of 2026-11-20, signed by [0-9A-F]{40}\n14 of 14 packages held/);
});

t.test('each file that the hooks bring into a system has a rule', async (t) => {
  for (const part of ['system', 'cloud']) {
    const folder = join(projectFolder, 'installer/hooks/ingot', part);
    for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name).slice(folder.length);
      const isKnown = ({ path: places, class: name }: (typeof RULES)[number]) =>
        name === 'ingot' && (places instanceof RegExp ? places.test(path) : places.includes(path));
      if (entry.isFile()) t.ok(RULES.some(isKnown), path);
    }
  }
});

/** What is done to the disk, and what has to be found, by rule and name. */
const MUTATIONS: readonly Change[] = [
  {
    name: 'one byte of a program',
    files: { '/usr/bin/tool': 'the toll' },
    commands: ['sif /usr/bin/tool mode 0100755'],
    finds: ['fails trust/changed /usr/bin/tool'],
  },
  {
    name: 'a program that is longer',
    files: { '/usr/lib/tool/part.so': 'x'.repeat(5001) },
    finds: ['fails trust/changed /usr/lib/tool/part.so'],
  },
  { name: 'a setuid bit', commands: ['sif /usr/bin/tool mode 0104755'], finds: ['fails trust/changed /usr/bin/tool'] },
  { name: 'another owner', commands: ['sif /usr/bin/tool uid 1000'], finds: ['fails trust/changed /usr/bin/tool'] },
  {
    name: 'a file that anybody may write',
    commands: ['sif /usr/lib/tool/part.so mode 0100666'],
    finds: ['fails trust/changed /usr/lib/tool/part.so'],
  },
  {
    name: 'a folder that anybody may write',
    commands: ['sif /usr/lib/tool mode 040777'],
    finds: ['fails trust/changed /usr/lib/tool'],
  },
  {
    name: 'a capability',
    commands: ['ea_set /usr/bin/tool security.capability "\\001\\000\\000\\002"'],
    finds: ['fails trust/changed /usr/bin/tool'],
  },
  { name: 'a new file in /usr', files: { '/usr/bin/extra': 'x' }, finds: ['fails trust/unexplained /usr/bin/extra'] },
  { name: 'a new unit', files: { '/etc/motd.service': 'x' }, finds: ['fails trust/unexplained /etc/motd.service'] },
  { name: 'a new folder', commands: ['mkdir /opt'], finds: ['fails trust/unexplained /opt'] },
  {
    name: 'a file that is gone',
    files: { '/usr/share/doc/tool/README': undefined },
    finds: ['fails trust/missing /usr/share/doc/tool/README'],
  },
  {
    name: 'a link that leads elsewhere',
    commands: ['rm /usr/bin/tl', 'symlink /usr/bin/tl busybox', 'sif /usr/bin/tl uid 0'],
    finds: ['fails trust/changed /usr/bin/tl'],
  },
  {
    name: 'an alternative that leads elsewhere',
    commands: ['rm /etc/alternatives/editor', 'symlink /etc/alternatives/editor /usr/bin/busybox'],
    finds: ['fails trust/unexplained /etc/alternatives/editor'],
  },
  {
    name: 'a link in place of a program',
    commands: ['rm /usr/bin/tool', 'symlink /usr/bin/tool /usr/bin/busybox'],
    finds: ['fails trust/changed /usr/bin/tool'],
  },
  {
    name: 'a device in place of a file',
    commands: ['rm /usr/share/doc/tool/README', 'cd /usr/share/doc/tool', 'mknod README b 8 0'],
    finds: ['fails trust/changed /usr/share/doc/tool/README'],
  },
  {
    name: 'edited md5sums',
    files: { '/var/lib/dpkg/info/tool.md5sums': `${'0'.repeat(32)}  usr/bin/tool\n` },
    finds: ['fails trust/changed /var/lib/dpkg/info/tool.md5sums'],
  },
  {
    name: 'an edited list',
    files: { '/var/lib/dpkg/info/tool.list': '/.\n/usr/bin/extra\n' },
    finds: ['fails trust/changed /var/lib/dpkg/info/tool.list'],
  },
  {
    name: 'an edited maintainer script',
    files: { '/var/lib/dpkg/info/tool.postinst': '#!/bin/sh\nevil\n' },
    finds: ['fails trust/changed /var/lib/dpkg/info/tool.postinst'],
  },
  {
    name: 'a changed initramfs member',
    files: { [INITRD]: await initrd({ init: '#!/bin/sh\nevil\n' }) },
    finds: [`fails trust/unexplained ${INITRD}`],
  },
  {
    name: 'a new initramfs member',
    files: { [INITRD]: await initrd({ 'scripts/evil': 'x' }) },
    finds: [`fails trust/unexplained ${INITRD}`],
  },
  {
    name: 'a program under another name in the initramfs',
    files: { [INITRD]: await initrd({ 'usr/bin/mount': 'the tool' }) },
    finds: [`fails trust/unexplained ${INITRD}`],
  },
  {
    name: 'another kernel',
    files: { '/boot/vmlinuz-6.1.0-1-amd64': 'a kernel!!' },
    finds: ['fails trust/changed /boot/vmlinuz-6.1.0-1-amd64'],
  },
  {
    name: 'an account',
    files: {
      '/etc/passwd': 'root:x:0:0:root:/root:/bin/bash\nada:x:1000:0::/home/ada:/bin/bash\neve:x:0:0::/:/bin/sh\n',
    },
    finds: ['fails trust/unexplained /etc/passwd'],
  },
  {
    name: 'a right to use sudo',
    files: { '/etc/sudoers.d/90-users': 'eve ALL=(ALL:ALL) NOPASSWD:ALL\n' },
    commands: ['sif /etc/sudoers.d/90-users mode 0100440'],
    finds: ['fails trust/unexplained /etc/sudoers.d/90-users'],
  },
  {
    name: 'a diversion of nobody',
    files: { '/var/lib/dpkg/diversions': '/usr/bin/tool\n/usr/bin/tool.real\nbusybox\n' },
    finds: ['fails trust/diversion /var/lib/dpkg/diversions'],
  },
  {
    name: 'an override of nobody',
    files: { '/var/lib/dpkg/statoverride': 'root root 4755 /usr/bin/tool\n' },
    commands: ['sif /usr/bin/tool mode 0104755'],
    finds: ['fails trust/override /var/lib/dpkg/statoverride', 'fails trust/changed /usr/bin/tool'],
  },
  {
    name: 'byte code of another source',
    files: { '/usr/lib/python3/__pycache__/mod.cpython-311.pyc': Buffer.alloc(64, 1) },
    finds: ['fails trust/unexplained /usr/lib/python3/__pycache__/mod.cpython-311.pyc'],
  },
  { name: 'a copy that is none', files: { '/etc/motd': 'Hallo.\n' }, finds: ['fails trust/unexplained /etc/motd'] },
  {
    name: 'a zone that leads out',
    commands: ['rm /etc/localtime', 'symlink /etc/localtime /usr/bin/tool'],
    finds: ['fails trust/unexplained /etc/localtime'],
  },
  {
    name: 'a changed conffile, with no record of the build',
    files: { '/etc/tool.conf': 'port 81\n' },
    finds: ['unjudged trust/configuration /etc/tool.conf'],
  },
];

/** As ldconfig writes it, with bytes in its numbers that look like paths. */
function libraries(...paths: readonly string[]): Buffer {
  const head = Buffer.alloc(48);
  head.write('glibc-ld.so.cache1.1', 'latin1');
  head.writeUInt32LE(paths.length, 20);
  const start = head.length + paths.length * 24;
  const texts = Buffer.from(paths.map((path) => `${path}\0`).join(''));
  const entries = paths.map((path) => {
    const entry = Buffer.alloc(24);
    entry.writeUInt32LE(start + texts.indexOf(path), 8);
    entry.write("/'\0", 16, 'latin1');
    return entry;
  });
  return Buffer.concat([head, ...entries, texts]);
}

const SETUPCON = "#!/bin/sh\n# A micro-version of setupcon with static configuration.\nkbd_mode '-u' \n";

const CONSOLE = "#!/bin/sh\n\nkbd_mode '-u' \nloadkeys '/etc/console-setup/cached_UTF-8_del.kmap.gz' > '/dev/null' \n";

/** What systems of other makers have, and the same with something that nobody accounts for. */
const OTHERS: readonly Change[] = [
  {
    name: 'what tmpfiles.d makes',
    commands: [
      'mkdir /var/tidy',
      'sif /var/tidy mode 041770',
      'sif /var/tidy gid 42',
      'sif /etc/closed mode 040700',
      'symlink /etc/tidy ../usr/bin/tool',
    ],
    finds: [],
  },
  {
    name: 'the same with another owner, mode and target',
    commands: ['mkdir /var/tidy', 'sif /etc/closed mode 040777', 'symlink /etc/tidy ../usr/bin/busybox'],
    finds: [
      'fails trust/changed /etc/closed',
      'fails trust/unexplained /etc/tidy',
      'fails trust/unexplained /var/tidy',
    ],
  },
  {
    name: 'a diversion that a script puts together',
    files: { '/var/lib/dpkg/diversions': '/usr/lib/libone.so\n/usr/lib/libone.so.old\ntidy\n' },
    finds: [],
  },
  {
    name: 'one in another folder',
    files: { '/var/lib/dpkg/diversions': '/usr/bin/libone.so\n/usr/bin/libone.so.old\ntidy\n' },
    finds: ['fails trust/diversion /var/lib/dpkg/diversions'],
  },
  {
    name: 'what scripts write, and dpkg',
    files: {
      '/etc/networks': 'loopback\t127.0.0.0\n',
      '/var/lib/dpkg/arch': 'amd64\n',
      '/etc/.resolv.conf.systemd-resolved.bak': 'nameserver 192.0.2.1\nsearch example.org\n',
    },
    finds: [],
  },
  {
    name: 'other text in them',
    files: {
      '/etc/networks': 'loopback\t127.0.0.1\n',
      '/var/lib/dpkg/arch': '$(true)\n',
      '/etc/.resolv.conf.systemd-resolved.bak': 'exec true\n',
    },
    finds: [
      'fails trust/unexplained /etc/.resolv.conf.systemd-resolved.bak',
      'fails trust/unexplained /etc/networks',
      'fails trust/unexplained /var/lib/dpkg/arch',
    ],
  },
  {
    name: 'what ucf has put there, and an empty log',
    files: {
      '/var/lib/ucf/registry': 'tool \t /etc/tool/more.conf\n',
      '/etc/tool/more.conf': 'words\n',
      '/var/lib/ucf/cache/:etc:tool:more.conf': 'words\n',
      '/var/log/tool/tool.log': '',
    },
    finds: [],
  },
  {
    name: 'a file that ucf names and no package has, and one that ucf does not name',
    files: {
      '/var/lib/ucf/registry': 'tool \t /etc/tool/more.conf\nbusybox \t /etc/tool/less.conf\n',
      '/etc/tool/more.conf': 'other words\n',
      '/etc/tool/less.conf': 'words\n',
      '/etc/tool/none.conf': 'words\n',
      '/var/log/tool/tool.log': 'x',
    },
    finds: [
      'fails trust/unexplained /etc/tool/less.conf',
      'fails trust/unexplained /etc/tool/more.conf',
      'fails trust/unexplained /etc/tool/none.conf',
      'fails trust/unexplained /var/log/tool/tool.log',
    ],
  },
  {
    name: 'what setupcon keeps for the boot',
    files: {
      '/etc/console-setup/cached_setup_keyboard.sh': CONSOLE,
      '/etc/default/keyboard': 'XKBMODEL="pc105"\nXKBLAYOUT="de,us"\n\nBACKSPACE="guess"\n',
    },
    commands: ['sif /etc/console-setup/cached_setup_keyboard.sh mode 0100755'],
    finds: [],
  },
  {
    name: 'the same with a line of somebody else',
    files: {
      '/etc/console-setup/cached_setup_keyboard.sh': `${CONSOLE}/usr/bin/tool\n`,
      '/etc/default/keyboard': 'XKBMODEL="$(tool)"\n',
    },
    commands: ['sif /etc/console-setup/cached_setup_keyboard.sh mode 0100755'],
    finds: [
      'fails trust/unexplained /etc/console-setup/cached_setup_keyboard.sh',
      'fails trust/unexplained /etc/default/keyboard',
    ],
  },
  {
    name: 'an alternative whose name a script puts together',
    commands: ['rm /etc/alternatives/editor', 'symlink /etc/alternatives/editor /usr/lib/tool/part.so'],
    files: { '/var/lib/dpkg/alternatives/editor': 'auto\n/usr/bin/editor\n\n/usr/lib/tool/part.so\n10\n\n' },
    finds: [],
  },
  {
    name: 'some of the microcode that a package brings, and what hooks write',
    files: {
      [INITRD]: await initrd({
        'kernel/x86/microcode/GenuineIntel.bin': microcode(2),
        'cryptroot/crypttab': '',
        'etc/mdadm/mdadm.conf.tmp': '# words\nHOMEHOST <system>\nARRAY /dev/md/0 metadata=1.2 UUID=a:b\n',
        'usr/bin/setupcon': `${SETUPCON}exit 0\n`,
      }),
    },
    finds: [],
  },
  {
    name: 'microcode that no package brings, and a disk to open',
    files: {
      [INITRD]: await initrd({
        'kernel/x86/microcode/GenuineIntel.bin': microcode(1) + microcode(3),
        'cryptroot/crypttab': 'a /dev/vda1 none luks,keyscript=/evil\n',
      }),
    },
    finds: [`fails trust/unexplained ${INITRD}`],
  },
  {
    name: 'an array that starts a program',
    files: { [INITRD]: await initrd({ 'etc/mdadm/mdadm.conf.tmp': 'PROGRAM /usr/bin/tool\n' }) },
    finds: [`fails trust/unexplained ${INITRD}`],
  },
  {
    name: 'a keyboard that is set up by more',
    files: { [INITRD]: await initrd({ 'usr/bin/setupcon': `${SETUPCON}/usr/bin/tool\n` }) },
    finds: [`fails trust/unexplained ${INITRD}`],
  },
  {
    name: 'what an installer of others writes, and Ingot’s hook after it',
    files: {
      '/etc/kernel-img.conf':
        '# Kernel image management overrides\ndo_symlinks = yes\ndo_bootloader = no\ndo_initrd = yes\nlink_in_boot = no\n',
      '/etc/network/interfaces': 'auto lo\niface lo inet loopback\nsource /etc/network/interfaces.d/*\n',
    },
    finds: [],
  },
  {
    name: 'programs in them, and an address that no recipe says',
    files: {
      '/etc/kernel-img.conf': 'do_symlinks = yes\npostinst_hook = /usr/bin/tool\n',
      '/etc/network/interfaces': 'auto lo\niface lo inet loopback\n  up /usr/bin/tool\n',
    },
    finds: ['fails trust/unexplained /etc/kernel-img.conf', 'fails trust/unexplained /etc/network/interfaces'],
  },
  { name: 'a cache of libraries', files: { '/etc/ld.so.cache': libraries('/usr/lib/tool/part.so') }, finds: [] },
  ...[libraries('/usr/lib/tool/part.so', '/tmp/evil.so'), Buffer.from('/usr/lib/tool/part.so\0')].map((content) => ({
    name: 'one that names others, or is none',
    files: { '/etc/ld.so.cache': content },
    finds: ['fails trust/unexplained /etc/ld.so.cache'],
  })),
  {
    name: 'sources of packages whose keys are verified',
    files: { '/etc/apt/sources.list': 'deb http://example.org/debian small main # comment\n' },
    finds: [],
  },
  ...[
    'deb [trusted=yes] http://example.org/debian small main\n',
    'deb [ allow-insecure = yes ] http://example.org/debian small main\n',
    'deb [signed-by=/etc/motd] http://example.org/debian small main\n',
  ].map((text) => ({
    name: text,
    files: { '/etc/apt/sources.list': text },
    finds: ['fails trust/unexplained /etc/apt/sources.list'],
  })),
  {
    name: 'a key of nobody that apt believes',
    files: {
      '/etc/apt/trusted.gpg.d/mine.asc': 'a key\n',
      '/etc/apt/sources.list': 'deb http://example.org/debian small main\n',
    },
    finds: ['fails trust/unexplained /etc/apt/sources.list', 'fails trust/unexplained /etc/apt/trusted.gpg.d/mine.asc'],
  },
];

for (const [title, rows] of Object.entries({
  'what other makers leave is known by kind': OTHERS,
  'each change of the disk is found, and named': MUTATIONS,
  'what is forged together is found all the same': FORGED,
}))
  t.test(title, async (t) => {
    for (const together of apart(rows)) {
      const files = Object.assign({}, ...together.map((row) => row.files ?? {}));
      const image = await changed(
        files,
        together.flatMap((row) => row.commands ?? []),
      );
      const finds = together.flatMap((row) => row.finds).sort();
      t.strictSame(found(await judged(image)).sort(), finds, together.map(({ name }) => name).join('; '));
    }
  });

/** Names that debugfs takes no bytes for: they are written over others of the same length. */
const renamed = async (names: Readonly<Record<string, string>>, files: Readonly<Record<string, string>> = {}) => {
  const made = Object.fromEntries(Object.keys(names).map((name) => [`/etc/${name}`, 'x']));
  const image = await changed({ ...made, ...files });
  const bytes = await readFile(image);
  for (const [name, other] of Object.entries(names)) {
    const at = bytes.indexOf(name, AT_BYTE);
    bytes.write(other, at, 'latin1');
  }
  await writeFile(image, bytes);
  return image;
};
const AT_BYTE = 14 * 2 ** 20;

t.test('cards, bonds and VLANs are what the recipe says', async (t) => {
  const network = '[Match]\nName=eno1\n\n[Network]\nAddress=192.0.2.10/24\n';
  const path = '/etc/systemd/network/10-card1.network';
  const folders = ['mkdir /etc/systemd/network'];
  const said = { accounts: ['ada'], texts: [network] };
  const image = join(work.path, 'network.raw');
  await run('cp', ['--sparse=always', small.image, image]);
  const from = join(work.path, 'network');
  await writeFile(from, network);
  await debugfs(image, [
    ...folders,
    `write ${from} ${path}`,
    `sif ${path} mode 0100644`,
    `sif ${path} uid 0`,
    `sif ${path} gid 0`,
  ]);
  const about = async (more: Partial<Evidence> = {}) =>
    found(await judged(image, more)).filter((one) => one.endsWith(path));
  t.strictSame(await about({ said }), []);
  t.strictSame(await about({ said: { ...said, texts: [network.replace('.10/', '.11/')] } }), [
    `fails trust/unexplained ${path}`,
  ]);
});

t.test('names of files are bytes: none hides another one, and none writes a line of its own', async (t) => {
  const names = { 'odd-name-1': 'odd-name-\xff', 'odd-name-2': 'odd-name-\xfe', 'odd+line-3': 'odd\nline-3' };
  t.strictSame(found(await judged(await renamed(names))).sort(), [
    String.raw`fails trust/unexplained /etc/odd-name-\xfe`,
    String.raw`fails trust/unexplained /etc/odd-name-\xff`,
    String.raw`fails trust/unexplained /etc/odd\x0aline-3`,
  ]);
  // A kernel finds the first of two, and no file by a name with a slash in it.
  for (const other of ['tool.conf\0', 'tool/conf+', 'tool.co\0f+'])
    await t.rejects(
      judged(await renamed({ 'tool+conf+': other })),
      { code: 'capture.file-system' },
      JSON.stringify(other),
    );
  await t.rejects(judged(await renamed({ 'tool+conf': 'tool.conf' })), { code: 'capture.file-system' }, 'a name twice');
});

t.test('two partitions of one name', async (t) => {
  const image = await changed({});
  const { stdout } = await run('sfdisk', ['--part-uuid', image, '4']);
  await run('sfdisk', ['-q', '--part-uuid', image, '3', stdout.trim()]);
  t.strictSame(found(await judged(image)), ['fails trust/twin partition 4']);
});

t.test('what the build wrote down holds each file that it saw, whatever a rule says of it', async (t) => {
  const { record } = await judged(small.image);
  const pyc = '/usr/lib/python3/__pycache__/mod.cpython-311.pyc';
  t.strictSame(found(await judged(small.image, { record })), []);
  const header = Buffer.alloc(16);
  header.writeUInt32LE(11, 12);
  const forged = await changed({
    [pyc]: Buffer.concat([header, Buffer.from('other code')]),
    '/etc/hostname': 'other\n',
    '/etc/sudoers.d/90-users': undefined,
  });
  t.strictSame(found(await judged(forged)), [], 'rules alone do not know');
  t.strictSame(found(await judged(forged, { record })).sort(), [
    'fails trust/missing /etc/sudoers.d/90-users',
    'fails trust/unexplained /etc/hostname',
    `fails trust/unexplained ${pyc}`,
  ]);
});

t.test('what nothing accounts for is written down, and that excuses nothing', async (t) => {
  const files = { '/usr/bin/extra': 'x', '/usr/share/doc/tool/README': undefined };
  const image = await changed(files);
  const built = await judged(image);
  const record = parseRecord(recordText(built.record));
  t.strictSame(Object.keys(record?.unexplained ?? {}), ['/usr/bin/extra', '/usr/share/doc/tool/README']);
  t.match(record?.unexplained?.['/usr/bin/extra'], { class: 'unexplained', state: /^file 644 0 0 / });
  t.notOk(record?.files['/usr/bin/extra']);
  t.strictSame(found(await judged(image, { record })), found(built));
  t.ok(parseRecord('{"version":1,"files":{}}'), 'an older one has none');
});

t.test('dpkg’s own record has to say what the packages say', async (t) => {
  const image = await changed({});
  const status = join(work.path, 'status');
  await run('debugfs', ['-R', `dump /var/lib/dpkg/status ${status}`, `${image}?offset=${14 * 2 ** 20}`]);
  const text = await readFile(status, 'utf8');
  const edited = await judged(await changed({ '/var/lib/dpkg/status': text.replace('small tool', 'a tool') }));
  t.strictSame(found(edited), ['fails trust/database /var/lib/dpkg/status']);
  t.match(edited.judgement.found[0]?.message, /tool 1\.0 .*description/);
  const other = text.replace(/(Package: tool\n(?:.+\n)*?Version: )1\.0/, '$19.9');
  const unknown = await judged(await changed({ '/var/lib/dpkg/status': other }));
  t.equal(unknown.judgement.verdict, 'unjudged', 'a version that nobody signed is not judged');
  t.match(unknown.judgement.found, [{ rule: 'trust/no-package', where: 'tool 9.9' }]);
  t.equal(unknown.classification.files.get('/usr/bin/tool')?.class, 'unjudged', 'and never verified');
  const stanza = /Package: tool\n(?:.+\n)+/.exec(text)?.[0] ?? '';
  const twice = await judged(
    await changed({ '/var/lib/dpkg/status': `${stanza.replace('small tool', 'a tool')}\n${text}` }),
  );
  t.match(twice.judgement.found, [{ rule: 'trust/database', message: /2 entries for tool:amd64/ }]);
  const half = await judged(
    await changed({ '/var/lib/dpkg/status': text.replace('install ok installed', 'install ok half-installed') }),
  );
  t.ok(
    found(half).some((line) => line.startsWith('fails trust/database')),
    'half a package is told',
  );
});

/** The archive with something done to it, in a folder of its own. */
const archive = async (change: (folder: string) => Promise<void>): Promise<Partial<Evidence>> => {
  const folder = join(work.path, 'archive');
  await rm(folder, { recursive: true, force: true });
  await cp(small.folder, folder, { recursive: true });
  await change(folder);
  return { folder };
};
const inArchive = (name: string) => (folder: string) => join(folder, name);
const TOOL = inArchive('tool_1.0_amd64.deb');

t.test('what a package at hand would say is not judged without it', async (t) => {
  const [diversion] = parseDiversions('/bin/sh\n/bin/sh.distrib\ndash\n');
  const [override] = parseOverrides('root crontab 2755 /usr/bin/crontab\n');
  if (diversion === undefined || override === undefined) return t.fail('nothing was read');
  const verdicts = (found: readonly { readonly verdict: string }[]) => found.map(({ verdict }) => verdict);
  const without = [{ installed: { name: 'dash' } }];
  t.same(verdicts(explainedDiversions([diversion], new Map(), without).found), ['unjudged']);
  t.same(verdicts(explainedDiversions([diversion], new Map(), []).found), ['fails']);
  t.same(verdicts(explainedOverrides([override], new Map(), new Map([['/usr/bin/crontab', 'cron']])).found), [
    'unjudged',
  ]);
  t.same(verdicts(explainedOverrides([override], new Map(), new Map()).found), ['fails']);

  const sector = Buffer.alloc(512, 7);
  const disk = { read: async () => sector } as const;
  const looked = (files: Readonly<Record<string, Buffer>>) =>
    bootSectors({
      disk: disk as never,
      files: { read: async (path: string) => files[path], table: { partitions: [] } } as never,
    }).then(({ found }) => found.map(({ verdict, message }) => `${verdict} ${message}`));
  const [own, packaged] = ['/boot/grub/i386-pc/boot.img', '/usr/lib/grub/i386-pc/boot.img'];
  t.match(await looked({}), [/^fails there is boot code .* but no boot\.img/]);
  t.match(await looked({ [packaged]: sector }), [/^unjudged what the first sector starts is in no file/]);
  t.match(await looked({ [own]: Buffer.alloc(512, 8) }), [/^fails the first sector is not GRUB's/, /^unjudged/]);
});

t.test('evidence is believed as far as signatures reach', async (t) => {
  const swapped = await judged(small.image, await archive((folder) => copyFile(small.deb('busybox'), TOOL(folder))));
  t.ok(
    found(swapped).some((line) => line.startsWith('fails trust/package ')),
    'a swapped .deb',
  );
  t.match(swapped.judgement.found[0]?.message, /tool 1\.0 is not the one/);

  const gone = await judged(small.image, await archive((folder) => rm(TOOL(folder))));
  t.strictSame(found(gone), ['unjudged trust/no-package tool 1.0'], 'one that is not there');

  const bit = await archive(async (folder) => {
    const file = await open(TOOL(folder), 'r+');
    await file.write('\x7f', 200);
    await file.close();
  });
  t.equal((await judged(small.image, bit)).judgement.verdict, 'fails', 'one byte of a .deb');

  const index = await archive(async (folder) => {
    const path = join(folder, 'Packages');
    await writeFile(path, (await readFile(path, 'utf8')).replace('small tool', 'evil tool'));
  });
  t.match(found(await judged(small.image, index))[0], /^fails trust\/index .*Packages$/, 'an edited index');

  const unsigned = await archive(async (folder) => {
    const path = join(folder, 'InRelease');
    await writeFile(path, (await readFile(path, 'utf8')).replace('Codename: small', 'Codename: smaller'));
  });
  const bad = found(await judged(small.image, unsigned));
  t.match(bad[0], /^fails trust\/signature .*InRelease$/, 'an edited InRelease');
  t.notOk(
    bad.some((line) => line.includes('trust/unexplained /usr/bin/tool')),
    'nothing is said of files then',
  );

  const stranger = await strangersKey();
  t.match(
    found(await judged(small.image, { keys: [stranger] }))[0],
    /^fails trust\/signature/,
    'a key of somebody else',
  );
});

/** Of the host: its packages are signed with other keys. */
const strangersKey = async (): Promise<string> => {
  const other = join(work.path, 'other');
  await run('mkdir', ['-m', '700', other]);
  const gpg = (...args: string[]) => run('gpg', ['--homedir', other, '--batch', '--passphrase', '', ...args]);
  await gpg('--quick-generate-key', 'Other <other@example.org>', 'ed25519', 'sign', 'never');
  await gpg('--output', join(work.path, 'other.gpg'), '--export');
  await run('gpgconf', ['--homedir', other, '--kill', 'all']);
  return join(work.path, 'other.gpg');
};

/** As debian-cd lays it out: an index, packages, and nobody's signature. `change` alters the tree before. */
const mediumOfPackages = async (change: (tree: string) => Promise<unknown> = async () => {}): Promise<string> => {
  const tree = join(work.path, 'medium');
  await rm(tree, { recursive: true, force: true });
  const folder = join(tree, 'dists', 'small', 'main', 'binary-amd64');
  await mkdir(folder, { recursive: true });
  for (const name of (await readdir(small.folder)).filter((one) => one.endsWith('.deb')))
    await copyFile(join(small.folder, name), join(tree, name));
  await writeFile(join(folder, 'Packages.gz'), gzipSync(await readFile(join(small.folder, 'Packages'))));
  await change(tree);
  const iso = join(work.path, 'small.iso');
  await rm(iso, { force: true });
  await run('xorriso', ['-as', 'mkisofs', '-quiet', '-r', '-J', '-V', 'SMALL', '-o', iso, tree]);
  return iso;
};

t.test('a medium that was proved vouches for its packages', async (t) => {
  const on = (path: string) => ({
    ...{ folder: undefined, kept: undefined },
    media: [{ path, sha256: 'a'.repeat(64), by: 'small.iso, pinned by digest only' }],
  });
  const whole = await judged(small.image, on(await mediumOfPackages()));
  t.strictSame(found(whole), []);
  t.equal(whole.judgement.verdict, 'holds');
  const facts = whole.judgement.facts.join('\n');
  t.match(facts, /0 of 14 packages held against what the archive signed/);
  t.match(facts, /14 packages held against what is from small\.iso, pinned by digest only/);

  const planted = await judged(await changed({ '/usr/bin/tool': 'evil' }), on(await mediumOfPackages()));
  t.strictSame(found(planted), ['fails trust/changed /usr/bin/tool']);

  const lacking = await mediumOfPackages((tree) => rm(join(tree, 'tool_1.0_amd64.deb')));
  t.strictSame(found(await judged(small.image, on(lacking))), ['unjudged trust/no-package tool 1.0'], 'of a set');
  const swapped = await mediumOfPackages((tree) => copyFile(small.deb('busybox'), join(tree, 'tool_1.0_amd64.deb')));
  t.match((await judged(small.image, on(swapped))).judgement.found, [
    { rule: 'trust/package', message: /tool 1\.0 is not the one/ },
    { rule: 'trust/no-package' },
  ]);

  const record = parseRecord(recordText(whole.record));
  t.equal(record?.packages?.length, 14);
  t.match(record?.packages?.[0], { by: 'small.iso, pinned by digest only' });
  const debs = await archive(async (folder) => {
    for (const name of ['InRelease', 'Packages']) await rm(join(folder, name));
  });
  const later = await judged(small.image, { ...debs, record });
  t.equal(later.judgement.verdict, 'holds', 'the record and the .debs are enough');
  t.equal((await judged(small.image, debs)).judgement.verdict, 'unjudged', 'without it nobody vouches for them');

  const unsigned = await archive((folder) => rm(join(folder, 'InRelease')));
  t.strictSame(found(await judged(small.image, { ...unsigned, record })), [], 'nothing relies on an index of nobody');
  t.match(found(await judged(small.image, unsigned))[0], /^fails trust\/index .*Packages$/, 'and here all does');
  const pool = { folder: undefined, kept: undefined, pools: [await mediumOfPackages()] };
  t.strictSame(found(await judged(small.image, { ...pool, record })), [], 'packages of an ISO, by their digests');
  t.equal((await judged(small.image, pool)).judgement.verdict, 'unjudged', 'which vouches for nothing');
});

/** What an installer that reads an index tells dpkg. */
const indexText = async (): Promise<string> => readFile(join(small.folder, 'Packages'), 'utf8');

t.test('priority and section are the index’s to say', async (t) => {
  const status = join(work.path, 'status');
  await run('debugfs', ['-R', `dump /var/lib/dpkg/status ${status}`, `${small.image}${AT}`]);
  const prior = 'Package: tool\nPriority: required\nSection: admin\n';
  const text = (await readFile(status, 'utf8')).replace('Package: tool\n', prior);
  const index = (await indexText()).replace('Package: tool\n', prior);
  const image = async (available = index) =>
    changed({ '/var/lib/dpkg/status': text, '/var/lib/dpkg/available': available });
  const inIndex = async (said: string) => {
    const { folder = '' } = await archive((at) => writeFile(join(at, 'Packages'), said));
    return { folder: await small.signed(folder) };
  };
  const clean = await judged(await image(), await inIndex(index));
  t.strictSame(found(clean), [], 'as the signed index says');
  t.equal(clean.classification.files.get('/var/lib/dpkg/available')?.rule, 'dpkg-available');
  const other = ['fails trust/database /var/lib/dpkg/status', 'fails trust/unexplained /var/lib/dpkg/available'];
  t.strictSame(found(await judged(await image(), await inIndex(await indexText()))), other, 'and not as it does not');
  const unlisted = (await indexText()).replace('Package: tool\n', 'Package: tool\nPriority: optional\n');
  t.strictSame(found(await judged(await image(), await inIndex(unlisted))), other, 'another one');

  const iso = await mediumOfPackages((tree) =>
    writeFile(join(tree, 'dists/small/main/binary-amd64/Packages.gz'), gzipSync(index)),
  );
  const medium = { folder: undefined, media: [{ path: iso, sha256: 'a'.repeat(64), by: 'small.iso' }] };
  const built = await judged(await image(), medium);
  t.strictSame(found(built), [], 'the index of a medium that was proved');
  t.strictSame(found(await judged(await image(index.replace('small busybox', 'a busybox')), medium)), [
    'fails trust/unexplained /var/lib/dpkg/available',
  ]);

  const { record } = built;
  const debs = await archive(async (folder) => {
    for (const name of ['InRelease', 'Packages']) await rm(join(folder, name));
  });
  t.strictSame(found(await judged(await image(), { ...debs, record })), [], 'the build had the index');
  const { '/var/lib/dpkg/status': _, '/var/lib/dpkg/available': __, ...files } = record.files;
  t.strictSame(
    found(await judged(await image(), { ...debs, record: { ...record, files } })),
    ['unjudged trust/database /var/lib/dpkg/status'],
    'without one it is not known',
  );
});

t.test('the ISO of a build is found by its digest, where the manifest has it as proved', async (t) => {
  const store = join(work.path, 'store');
  const iso = join(work.path, 'here.iso');
  await writeFile(iso, 'an ISO');
  const sha256 = await sha256File(iso);
  const manifest = (none: string, source = 'here.iso') => ({
    origin: { kind: 'iso', source, sha256, chain: [{ of: source, signedBy: [], none, covers: `the file ${sha256}` }] },
  });
  const pinned = namedMedia(manifest('pinned by digest only'));
  t.strictSame(namedMedia(manifest('taken as it was on this host')), [], 'one that nothing proves');
  const places = async (named = pinned) => (await storedMedia(store, named)).map(({ path }) => path);
  t.strictSame(await places(), []);
  t.strictSame(await places(namedMedia(manifest('pinned by digest only', iso))), [iso], 'as an older manifest says');
  const entry = join(store, 'stages', 'fetch', 'a');
  await mkdir(entry, { recursive: true });
  await writeFile(join(entry, 'result.json'), resultText({ iso: fileOf({ path: iso, size: 6, sha256 }) }));
  t.strictSame(await places(), [iso], 'where the build took it');
  await writeFile(iso, 'on ISO');
  t.strictSame(await places(), [], 'its digest is looked at');
  const kept = join(store, 'shared', 'isos', `${sha256}.iso`);
  await mkdir(join(store, 'shared', 'isos'), { recursive: true });
  await writeFile(kept, 'an ISO');
  t.strictSame(await places(), [kept]);
});

t.test('a package that a recipe adds is known by its digest', async (t) => {
  const { folder = '' } = await archive(async (at) => {
    // The archive lists all but this one.
    await rm(TOOL(at));
    const text = (await readFile(join(at, 'Packages'), 'utf8')).replaceAll(/Package: tool\n/g, 'Package: other\n');
    await writeFile(join(at, 'Packages'), text);
  });
  const signed = await small.signed(folder);
  const [name, version, architecture] = ['tool', '1.0', 'amd64'];
  const sha256 = await sha256File(small.deb('tool'));
  const by = "files/tool.deb, a file of the recipe's";
  const added = { name, version, architecture, sha256, by, path: small.deb('tool') };
  t.strictSame(found(await judged(small.image, { folder: signed })), ['unjudged trust/no-package tool 1.0']);
  const known = await judged(small.image, { folder: signed, vouched: [added] });
  t.strictSame(found(known), []);
  t.match(known.judgement.facts.join('\n'), `1 package held against what is from ${by}`);
  t.strictSame(known.record.packages, [{ name, version, architecture, sha256, by }], 'and no path of this host');
  const { record } = known;
  t.strictSame(found(await judged(small.image, { folder: signed, record })), ['unjudged trust/no-package tool 1.0']);
  const blobs = join(work.path, 'blobs');
  const blob = join(blobs, sha256.slice(0, 2), sha256);
  await mkdir(join(blob, '..'), { recursive: true });
  await copyFile(small.deb('tool'), blob);
  t.strictSame(found(await judged(small.image, { folder: signed, record, blobs })), [], 'a store has it by its digest');
  await copyFile(small.deb('busybox'), blob);
  t.match(found(await judged(small.image, { folder: signed, record, blobs }))[0], /^fails trust\/package /);
  const other = await judged(small.image, { folder: signed, vouched: [{ ...added, path: small.deb('busybox') }] });
  t.match(found(other)[0], /^fails trust\/package /);
  const disputed = await judged(small.image, { vouched: [{ ...added, sha256: 'b'.repeat(64) }] });
  t.strictSame(found(disputed), ['fails trust/package tool'], 'what the archive lists counts');
  t.match(disputed.judgement.facts.join('\n'), /14 of 14 packages held against what the archive signed/);
  const agreed = await judged(small.image, { vouched: [added] });
  t.strictSame(found(agreed), []);
  t.equal(agreed.record.packages, undefined, 'an index says it');
  const text = recordText({
    version: 1,
    packages: [{ name, version, architecture, sha256, by: 'x\x1b[2J' }],
    files: {},
  });
  t.equal(parseRecord(text), undefined, 'what is shown writes no commands to a terminal');
});

t.test('what a build took beside the archive is evidence as far as it was proved', async (t) => {
  const digest = 'c'.repeat(64);
  const iso = fileOf({ path: '/isos/x', size: 1, sha256: digest });
  const os = 'name: x\nos: {family: debian, release: "12"}\n';
  const from = async (origin: string, more: Partial<DeliveredOrigin> = {}) =>
    originEvidence(await load(t, `${os}origin: ${origin}\n`, { files: { 'x.iso': 'x' } }), {
      ...{ sha256: digest, lock: undefined, added: undefined, iso, ...more },
    });
  const pinned = await from(`{iso: x.iso, sha256: "${digest}"}`);
  t.same(pinned.media, [{ path: '/isos/x', sha256: digest, by: 'the ISO cccccccccccc…, pinned by digest only' }]);
  const proof = { file: 'x.iso', signedBy: { fingerprint: 'F'.repeat(40), date: '2026-11-01T00:00:00Z' } };
  const signed = await from(`{iso: x.iso, sha256: "${digest}"}`, { proof: proof as never });
  t.match(signed.media, [{ by: `the ISO cccccccccccc…, by sums that ${'F'.repeat(40)} signed` }]);
  t.same((await from('{assemble: debian}')).media, [], 'what is assembled is judged by its indexes');

  const one = { version: '1', arch: 'amd64' };
  const added = {
    files: [{ to: '/x', file: fileOf({ path: '/store/two.deb', size: 1, sha256: 'd'.repeat(64) }) }],
    packages: [
      { ...one, name: 'one', sha256: 'e'.repeat(64), source: 'https://u:secretword@r.example.org/apt stable' },
      { ...one, name: 'two', sha256: 'd'.repeat(64), source: 'files/two.deb' },
    ],
    repositories: [{ url: 'https://u:secretword@r.example.org/apt', suite: 'stable', signers: ['ABCD'], date: '' }],
    signedBy: { fingerprint: 'F', key: 'the medium' as const },
  };
  const { vouched } = await from('{assemble: debian}', { added });
  t.match(vouched, [
    { name: 'one', by: /^https:\/\/[^u]*r\.example\.org\/apt stable, signed by ABCD$/, path: undefined },
    { name: 'two', by: "files/two.deb, a file of the recipe's", path: '/store/two.deb' },
  ]);
  t.notMatch(JSON.stringify(vouched), /secretword/);
});

t.test('an index that is older than the build’s is refused', async (t) => {
  const lock = lockOf(new Date(PUBLISHED.getTime() + 86_400_000));
  const older = await judged(small.image, { store: { folder: join(work.path, 'no-store'), lock } });
  t.match(found(older)[0], /^fails trust\/old-release .*InRelease$/);
  t.match(older.judgement.found[0]?.message, /2026-11-20, older than .*2026-11-21/);
  const same = await judged(small.image, { store: { folder: join(work.path, 'no-store'), lock: lockOf(PUBLISHED) } });
  t.equal(same.judgement.verdict, 'holds');
});

type Lock = NonNullable<Evidence['store']>['lock'];
const lockOf = (date: Date): Lock => ({
  format: 3,
  release: { number: '12', codename: 'small', arch: 'amd64' },
  suites: [
    {
      name: 'small',
      date: date.toISOString(),
      signers: [],
      inRelease: { size: 0, sha256: '' },
      indexes: [],
      installerIndexes: [],
    },
  ],
  debs: [],
  udebs: [],
  installer: { kernelRelease: '', kernel: { size: 0, sha256: '' }, initrd: { size: 0, sha256: '' } },
  parts: [],
  standInChoice: 'never',
  standIns: [],
  components: '',
});

t.test('what a step changed is known from the build’s disks, and elsewhere from its record', async (t) => {
  const stepped = join(work.path, 'stepped.raw');
  const by = { '/etc/tool.conf': 'port 81\n', '/usr/local.txt': 'own', '/usr/share/doc/tool/README': undefined };
  await run('cp', ['--sparse=always', await changed(by), stepped]);
  const layers = layersOf(async () => {
    const [before, after] = [await openSubject(small.image, signal), await openSubject(stepped, signal)];
    t.teardown(() => Promise.all([before[Symbol.asyncDispose](), after[Symbol.asyncDispose]()]));
    return [
      { find: nodeFinder(before.files.mounts), by: '' },
      { find: nodeFinder(after.files.mounts), by: 'step 1' },
    ];
  });
  const built = await judged(stepped, { layers });
  t.equal(built.judgement.verdict, 'holds');
  t.match(built.judgement.found, [{ rule: 'trust/configuration', verdict: 'holds', message: /tool\.conf.*step 1/ }]);
  t.match(built.classification.files.get('/usr/local.txt'), { class: 'step', by: 'step 1' });
  t.match(built.classification.missing.get('/usr/share/doc/tool/README'), { class: 'step' });

  const record = parseRecord(recordText(built.record));
  t.ok(record, 'what was written is read again');
  t.equal((await judged(stepped, { record })).judgement.verdict, 'holds', 'the record is enough');
  t.equal((await judged(stepped)).judgement.verdict, 'fails', 'without it a file is unexplained');

  const image = await changed({ ...by, '/usr/local.txt': 'other', '/etc/tool.conf': 'port 82\n' });
  t.strictSame(
    found(await judged(image, { layers })).sort(),
    ['fails trust/configuration /etc/tool.conf', 'fails trust/unexplained /usr/local.txt'],
    'what is not as the build left it is not the step’s',
  );
  t.strictSame(found(await judged(image, { record })).sort(), [
    'fails trust/configuration /etc/tool.conf',
    'fails trust/unexplained /usr/local.txt',
  ]);
});

t.test('what dpkg is told to leave out is not missing', async (t) => {
  const exclude = 'path-exclude=/usr/share/doc/*/*\n';
  const files = { '/usr/share/doc/tool/README': undefined };
  const slim = await judged(await changed({ ...files, '/etc/dpkg/dpkg.cfg.d/90-slim-documentation': exclude }));
  t.strictSame(found(slim), []);
  const own = await judged(await changed({ ...files, '/etc/dpkg/dpkg.cfg.d/mine': exclude }));
  t.strictSame(found(own).sort(), [
    'fails trust/missing /usr/share/doc/tool/README',
    'fails trust/unexplained /etc/dpkg/dpkg.cfg.d/mine',
  ]);
});

t.test('what scripts say with variables and loops, and what servers make', async (t) => {
  const scripts = new Map([
    [
      'dovecot-core',
      [
        'CONFFILES="dovecot.conf \\',
        '  conf.d/10-auth.conf"',
        'for conffile in $CONFFILES; do',
        '  ucf --three-way "/usr/share/dovecot/$conffile" "/etc/dovecot/$conffile"',
        'done',
        'ln -s /etc/ssl/certs/snakeoil.pem /etc/dovecot/private/dovecot.pem',
        "echo 'protocols = $protocols imap' > /usr/share/dovecot/protocols.d/imapd.protocol",
      ].join('\n'),
    ],
    [
      'mailutils',
      'for bin in frm from; do\n  update-alternatives --install /usr/bin/$bin $bin /usr/bin/$bin.mailutils 20\ndone\n',
    ],
    ['fonts', 'LOCAL=/usr/local/share/fonts\nmkdir $LOCAL\nchmod 2775 $LOCAL\nchown root:staff $LOCAL\n'],
    ['php8.2-cli', 'ini="/etc/php/8.2/cli/php.ini"\nucf /usr/lib/php/8.2/php.ini-production.cli $ini\n'],
    ['postfix', 'cd /etc/postfix\ncp /usr/share/postfix/master.cf.dist master.cf\n'],
  ]);
  const texts: Readonly<Record<string, string>> = {
    '/etc/aliases': '# who\npostmaster: root\n',
    '/etc/mailname': 'mail.example\n',
    '/var/lib/ucf/registry': 'dovecot-core \t /etc/dovecot/conf.d/10-auth.conf\n',
    '/etc/postfix/postfix-files': '$queue_directory/active:d:$mail_owner:-:700:ucr\n',
    '/usr/share/postfix/main.cf.debian': 'biff = no\n',
    '/usr/share/dovecot/protocols.d/imapd.protocol': 'protocols = $protocols imap\n',
    '/var/lib/dpkg/alternatives/frm': 'auto\n/usr/bin/frm\n\n/usr/bin/frm.mailutils\n20\n\n',
  };
  const signedFiles: Readonly<Record<string, string>> = {
    '/usr/lib/php/8.2/php.ini-production.cli': 'ini',
    '/usr/share/postfix/master.cf.dist': 'master',
    '/usr/share/dovecot/conf.d/10-auth.conf': 'auth',
    '/usr/bin/frm.mailutils': 'frm',
  };
  type File = Partial<FileNode> & {
    readonly path: string;
    readonly is?: string;
    readonly by?: string;
    readonly says?: string;
  };
  const judge = async ({ is, by = 'root:root', says, ...node }: File) => {
    const file = { type: 'file', mode: 0o644, uid: 0, gid: 0, size: 1, ...node } as FileNode;
    const facts = {
      scripts,
      tree: new Map([
        ['/etc/php/8.2/mods-available/gd.ini', file],
        ['/etc/alternatives/frm', file],
      ]),
      files: { list: async () => [{ name: 'frm' }] },
      text: async (path: string) => (path === file.path ? (says ?? texts[path] ?? '') : (texts[path] ?? '')),
      digest: () => is,
      signed: (path: string) =>
        signedFiles[path] === undefined ? undefined : { sha256: signedFiles[path], mode: 0o644 },
      isInPackage: (_: string, sha256: string) => Object.values(signedFiles).includes(sha256),
      isVerified: (path: string) => texts[path] !== undefined,
      verifiedBelow: () => [],
      isOfPackage: (path: string) => path === file.path,
      installed: new Set(['postfix', 'postfix-pcre']),
      ownerOf: () => by,
    } as unknown as DebianFacts;
    const found = await ruleFor(file, RULES, facts);
    return found === undefined || found.why !== undefined ? undefined : found.rule.name;
  };
  const folder = { type: 'folder', mode: 0o755 } as const;
  const link = (path: string, target: string): File => ({ path, type: 'link', target });
  const cases: [File, string | undefined][] = [
    [{ path: '/etc/dovecot/conf.d/10-auth.conf', is: 'auth' }, 'ucf-files'],
    [{ path: '/etc/dovecot/conf.d/10-auth.conf', is: 'other' }, undefined],
    [link('/etc/dovecot/private/dovecot.pem', '/etc/ssl/certs/snakeoil.pem'), 'links-by-scripts'],
    [link('/etc/dovecot/private/dovecot.pem', '/tmp/own.pem'), undefined],
    [link('/etc/dovecot/private/other.pem', '/etc/ssl/certs/snakeoil.pem'), undefined],
    [{ path: '/usr/share/dovecot/protocols.d/imapd.protocol' }, 'lines-by-scripts'],
    [
      { path: '/usr/share/dovecot/protocols.d/imapd.protocol', says: 'protocols = $protocols imap\nx = |sh\n' },
      undefined,
    ],
    [{ path: '/usr/share/dovecot/protocols.d/imapd.protocol', says: '' }, undefined],
    [link('/etc/alternatives/frm', '/usr/bin/frm.mailutils'), 'alternatives'],
    [link('/usr/bin/frm', '/etc/alternatives/frm'), 'alternative-names'],
    [link('/usr/bin/evil', '/etc/alternatives/frm'), undefined],
    [{ path: '/usr/local/share/fonts', ...folder, mode: 0o2775, by: 'root:staff' }, 'folders-by-scripts'],
    [{ path: '/usr/local/share/fonts', ...folder, mode: 0o2777, by: 'root:staff' }, undefined],
    [{ path: '/usr/local/share/fonts', ...folder, mode: 0o2775, by: 'eva:eva' }, undefined],
    [{ path: '/usr/local/share/others', ...folder }, undefined],
    [{ path: '/etc/php/8.2/cli/php.ini', is: 'ini' }, 'copies-by-scripts'],
    [{ path: '/etc/php/8.2/cli/php.ini', is: 'changed' }, undefined],
    [{ path: '/etc/postfix/master.cf', is: 'master' }, 'copies-by-scripts'],
    [{ path: '/etc/cron.d/master.cf', is: 'master' }, undefined],
    [{ path: '/var/spool/postfix/active', ...folder, mode: 0o700, by: 'postfix:root' }, 'postfix-queues'],
    [{ path: '/var/spool/postfix/active', ...folder, mode: 0o777, by: 'postfix:root' }, undefined],
    [{ path: '/var/spool/postfix/own', ...folder, mode: 0o700, by: 'postfix:root' }, undefined],
    [
      { path: '/etc/postfix/main.cf', says: 'biff = no\nmyhostname = mail.example\nrelayhost = \n' },
      'postfix-settings',
    ],
    [{ path: '/etc/postfix/main.cf', says: 'biff = no\nmailbox_command = /bin/sh -c x\n' }, undefined],
    [{ path: '/etc/postfix/main.cf', says: 'biff = no\nrelayhost = [x.example]\n' }, undefined],
    [{ path: '/etc/postfix/main.cf', says: 'alias_maps = pipemap:{x}\n' }, undefined],
    [{ path: '/etc/postfix/dynamicmaps.cf', says: '# head\npcre\tpostfix-pcre.so\tdict_pcre_open\n' }, 'postfix-maps'],
    [{ path: '/etc/postfix/dynamicmaps.cf', says: 'own\t/tmp/own.so\tdict_own_open\n' }, undefined],
    [{ path: '/etc/aliases' }, 'mail-aliases'],
    [{ path: '/etc/aliases', says: 'root: |/bin/sh\n' }, undefined],
    [
      { path: '/etc/aliases.db', says: 'root\0postmaster\0YP_MASTER_NAME\0mail.example\x001796098821' },
      'mail-alias-table',
    ],
    [{ path: '/etc/aliases.db', says: 'root\0|/bin/sh' }, undefined],
    [{ path: '/etc/aliases.db', says: 'root\0| sh' }, undefined],
    [{ path: '/etc/aliases.db', says: 'root\0|w' }, undefined],
    [{ path: '/etc/aliases', says: 'root: eve@elsewhere.example\n' }, undefined],
    [{ path: '/usr/share/dovecot/protocols.d/imapd.protocol', says: 'protocols = $protocols\n' }, undefined],
    [link('/etc/ssl/certs/snakeoil.pem', '/etc/dovecot/private/dovecot.pem'), undefined],
    [{ path: '/etc/mailname' }, 'mail-name'],
    [{ path: '/etc/mailname', says: 'a b\n' }, undefined],
    [link('/etc/php/8.2/cli/conf.d/20-gd.ini', '/etc/php/8.2/mods-available/gd.ini'), 'php-modules'],
    [link('/etc/php/8.2/cli/conf.d/20-gd.ini', '/tmp/gd.ini'), undefined],
    [link('/etc/php/8.2/cli/conf.d/20-own.ini', '/etc/php/8.2/mods-available/own.ini'), undefined],
    [{ path: '/var/lib/php/modules/8.2/cli/enabled_by_maint/gd', size: 0 }, 'php-records'],
    [{ path: '/var/lib/php/modules/8.2/registry/gd', size: 5 }, undefined],
    [{ path: '/var/lib/php/modules/8.2/registry', ...folder }, 'php-record-folders'],
  ];
  for (const [file, rule] of cases)
    t.equal(await judge(file), rule, `${file.path} ${file.target ?? file.says ?? file.is ?? ''}`);
});
