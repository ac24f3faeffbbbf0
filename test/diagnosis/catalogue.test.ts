import { glob, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { watchBoot } from '../../src/diagnosis/boot-stop.ts';
import { BOOT, INSTALLATION } from '../../src/diagnosis/catalogue/catalogue.ts';
import { type Cause, diagnose } from '../../src/diagnosis/cause.ts';
import { diagnosed } from '../../src/diagnosis/diagnosed.ts';
import { IngotError, none } from '../../src/errors.ts';

const ROOT = join(import.meta.dirname, '../..');
const ALL = [...new Set([...INSTALLATION, ...BOOT])];

const seen = (lines: readonly string[], rest: { screen?: string; question?: string } = {}) => ({
  log: lines,
  console: [],
  screen: rest.screen ?? '',
  question: rest.question,
});

const dialog = (...lines: string[]) =>
  [`  ┌────────┤ [!!] Title ├────────┐`, ...lines.map((line) => `  │ ${line.padEnd(60)} │`), '  └──────┘'].join('\n');

/** What is seen, and what it is called: of debian-installer unless said otherwise. */
const LINES: readonly [code: string, message: RegExp, ...lines: string[]][] = [
  [
    'disk.full',
    /full/,
    'in-target: dpkg: error processing archive x.deb (--unpack):',
    ' cannot copy: No space left on device',
  ],
  [
    'media.unreadable',
    /: sr0, sector 1234/,
    'kernel: [   12.3] I/O error, dev sr0, sector 1234 op 0x0:(READ) flags 0x80700',
  ],
  [
    'install.library-missing',
    /libdevmapper\.so\.1\.02\.1 is not there: parted_server/,
    'partman: parted_server: error while loading shared libraries: libdevmapper.so.1.02.1: cannot open shared object file: No such file or directory',
  ],
  ['media.unreadable', /unable to read/, 'kernel: SQUASHFS error: unable to read id index table'],
  ['disk.errors', /: vda, sector 99/, 'kernel: [   99.1] I/O error, dev vda, sector 99 op 0x1:(WRITE)'],
  ['boot.memory', /memory/, 'kernel: [  80.0] Out of memory: Killed process 811 (apt-get) total-vm:99kB'],
  ['boot.memory', /memory/, 'Kernel panic - not syncing: System is deadlocked on memory'],
  [
    'boot.no-init',
    /no program to start/,
    'Kernel panic - not syncing: No working init found.  Try passing init= option',
  ],
  [
    'boot.no-root',
    /unknown-block\(0,0\)/,
    'Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)',
  ],
  [
    'boot.initrd',
    /initrd/,
    'Initramfs unpacking failed: invalid magic at start of compressed archive',
    'Kernel panic - not syncing: VFS: Unable to mount root fs',
  ],
  [
    'boot.architecture',
    /an? x86-64 CPU|: x86-64 CPU/,
    'This kernel requires an x86-64 CPU, but only detected an i686 CPU.',
  ],
  [
    'boot.signature',
    /Secure Boot/,
    'BdsDxe: failed to load Boot0001 "UEFI QEMU DVD-ROM" from PciRoot(0x0): Access Denied',
  ],
  ['packages.unknown', /no package frobnicate$/, 'in-target: E: Unable to locate package frobnicate'],
  ['packages.unknown', /no package nginx-full$/, "in-target: E: Package 'nginx-full' has no installation candidate"],
  ['packages.unknown', /no package zsh-foo/, "debootstrap: E: Couldn't find these debs: zsh-foo"],
  [
    'packages.signature',
    /not signed/,
    'in-target:   The following signatures were not verified: NO_PUBKEY 6ED0E7B82643E131',
  ],
  [
    'packages.clock',
    /clock/,
    'in-target: E: Release file for file:/srv/dists/x/InRelease is expired (invalid since 3d 2h)',
  ],
  ['packages.damaged', /sum/, 'in-target: E: Failed to fetch file:/x.deb  Hash Sum mismatch'],
  ['packages.dependencies', /depends on/, 'in-target: The following packages have unmet dependencies:'],
  ['packages.name-resolution', /: mirror\.example$/, "choose-mirror[811]: wget: bad address 'mirror.example'"],
  ['packages.name-resolution', /: mirror\.example$/, "in-target:   Temporary failure resolving 'mirror.example'"],
  [
    'packages.unreachable',
    /reached/,
    "choose-mirror: wget: can't connect to remote host (10.0.2.2): Connection refused",
  ],
  ['packages.not-found', /404/, 'net-retriever: wget: server returned error: HTTP/1.1 404 Not Found'],
  [
    'packages.script',
    /could not be set up: mariadb-server, whose script failed$/,
    'in-target: dpkg: error processing package mariadb-server (--configure):',
  ],
  ['install.boot-loader', /boot loader/, 'grub-installer: error: Running \'grub-install  --force "/dev/sdx"\' failed.'],
  [
    'install.kernel-package',
    /no kernel/,
    'base-installer: error: exiting on error base-installer/kernel/no-kernels-found',
  ],
  ['install.base-system', /base system/, 'base-installer: error: exiting on error base-installer/debootstrap-failed'],
];

const SCREENS: readonly [code: string, message: RegExp, screen: string][] = [
  [
    'install.preseed-missing',
    /: file:\/\/\/cdrom\/x\.cfg/,
    dialog(
      'Failed to retrieve the preconfiguration file',
      'The file needed for preconfiguration could not be retrieved from',
      'file:///cdrom/x.cfg. The installation will proceed in',
      'non-automated mode.',
    ),
  ],
  [
    'install.preseed-syntax',
    /: file:\/\/\/preseed\.cfg/,
    dialog(
      'The installer failed to process the preconfiguration file from',
      'file:///preseed.cfg. The file may be corrupt.',
    ),
  ],
  [
    'install.preseed-command',
    /exit code 3: sh \/x\.sh$/,
    dialog(
      'Failed to run preseeded command',
      'Execution of preseeded command "sh /x.sh" failed with exit code 3.',
      '<Continue>',
    ),
  ],
  ['install.memory', /memory/, dialog('This system does not have enough memory to be supported by this', 'program.')],
  [
    'install.network-dhcp',
    /DHCP/,
    dialog('Network autoconfiguration failed', 'Your network is probably not using the DHCP protocol.'),
  ],
  ['install.no-network-card', /card/, dialog('No network interfaces were found. The installation system was')],
  ['install.no-disk', /no disk/, dialog('No disk drive was detected. If you know the name')],
  ['install.disk-small', /too small/, dialog('Failed to partition the selected disk')],
  [
    'install.partition-recipe',
    /lacks/,
    dialog('No root file system is defined.', 'Please correct this from the partitioning menu.'),
  ],
  ['install.components', /: partman-lvm$/, dialog('Loading partman-lvm failed for unknown reasons. Aborting.')],
  ['install.mirror', /mirror/, dialog('Bad archive mirror')],
  ['boot.kernel-missing', /find \/linux\.img/, 'Booting...\nCould not find kernel image: /linux.img\nboot:'],
  [
    'boot.kernel-missing',
    /find \/boot\/vmlinuz/,
    "error: file `/boot/vmlinuz' not found.\nPress any key to continue...",
  ],
  ['boot.nothing-bootable', /nothing to boot/, 'Booting from Hard Disk...\nNo bootable device.'],
];

const BOOTS: readonly [code: string, ...lines: string[]][] = [
  ['boot.root-missing', 'ALERT!  UUID=1234 does not exist.  Dropping to a shell!'],
  ['boot.fsck', '/dev/vda3: UNEXPECTED INCONSISTENCY; RUN fsck MANUALLY.'],
  ['boot.emergency', 'You are in emergency mode. After logging in, type "journalctl -xb" to view'],
  ['boot.emergency', 'Cannot open access to console, the root account is locked.'],
  ['boot.ssh-service', '[FAILED] Failed to start ssh.service - OpenBSD Secure Shell server.'],
  ['boot.ssh-service', '[FAILED] Failed to start ssh.servic…[0m - OpenBSD Secure Shell server.'],
  ['boot.network', '[FAILED] Failed to start systemd-networkd.service - Network Configuration.'],
  ['boot.unit-failed', '[FAILED] Failed to mount srv-data.mount - /srv/data.'],
];

t.test('what was seen has a name', (t) => {
  for (const [code, message, ...lines] of LINES) {
    const diagnosis = diagnose(INSTALLATION, seen(['main-menu[300]: INFO: Menu item selected', ...lines]));
    t.match(diagnosis, { cause: { code }, message }, `${code}: ${lines[0]}`);
    t.ok(
      diagnosis?.lines.every((line) => lines.includes(line)),
      'the decisive lines, and no others',
    );
  }
  for (const [code, message, screen] of SCREENS)
    t.match(diagnose(INSTALLATION, seen([], { screen })), { cause: { code }, message }, code);
  for (const [code, ...lines] of BOOTS) t.match(diagnose(BOOT, seen(lines)), { cause: { code } }, code);
  t.end();
});

interface Recorded {
  /** What it has to be called. */
  readonly code: string;
  /** Within the message. */
  readonly says?: string;
  readonly stage: 'install' | 'configure';
  readonly log: readonly string[];
  readonly console: readonly string[];
  readonly screen: readonly string[];
  readonly question?: string;
}

const time = (lines: readonly string[]) => lines.map((line) => `Nov 29 16:33:00 ${line}`);
/** As many as a large installation has after the failure. */
const others = Array.from({ length: 300 }, (_, at) => `debootstrap: Setting up other-${at} (1.0) ...`);

const POSTFIX = [
  'debootstrap: Setting up libicu72:amd64 (72.1-3) ...',
  'debootstrap: Setting up postfix (3.7.11-0+deb12u1) ...',
  'kernel: [  99.0] random: crng reseeded',
  'debootstrap: setting myhostname: .UNKNOWN',
  'debootstrap: newaliases: fatal: bad parameter value: .UNKNOWN',
  'debootstrap: ',
  // dpkg's progress and its errors come by two ways.
  'debootstrap: Setting up libwww-robotrules-perl (6.02-1) ...',
  'debootstrap: dpkg: error processing package postfix (--configure):',
  'debootstrap:  installed postfix package post-installation script subprocess returned error exit status 75',
];
const CONSEQUENCES = [
  'debootstrap: dpkg: dependency problems prevent configuration of mailutils:',
  'debootstrap:  mailutils depends on default-mta | mail-transport-agent; however:',
  'debootstrap: dpkg: error processing package mailutils (--configure):',
  'debootstrap:  dependency problems - leaving unconfigured',
  'debootstrap: Errors were encountered while processing:',
  'debootstrap:  postfix',
  'debootstrap:  mailutils',
  'base-installer: error: exiting on error base-installer/debootstrap-failed',
];

t.test('a package whose script failed is the cause, whatever came after it', (t) => {
  const asked = 'base-installer/debootstrap/fallback-warning';
  const cases: [name: string, log: string[], message: string][] = [
    [
      'far back in the log, the dependent ones after it',
      time([...POSTFIX, ...others, ...CONSEQUENCES]),
      'postfix, whose post-installation script ended with exit status 75 (“newaliases: fatal: bad parameter value: .UNKNOWN”)',
    ],
    [
      'the first of the packages to be unpacked by the host',
      time([
        'debootstrap: Setting up a (1) ...',
        'debootstrap: no such user',
        'debootstrap: E: The preinst script of b failed',
      ]),
      'b, whose pre-installation script failed (“no such user”)',
    ],
    [
      'a package of pkgsel, killed',
      time([
        'in-target: Preparing to unpack .../x_1_amd64.deb ...',
        'in-target: dpkg: error processing archive /var/cache/apt/archives/x_1_amd64.deb (--unpack):',
        'in-target:  new x package pre-installation script subprocess was killed by signal (Killed)',
        'in-target: E: Sub-process /usr/bin/dpkg returned an error code (1)',
      ]),
      'x, whose pre-installation script was killed by signal (Killed)',
    ],
  ];
  for (const [name, log, message] of cases) {
    const evidence = { log: log.slice(-120), wholeLog: log, console: [], screen: '', question: asked };
    const found = diagnose(INSTALLATION, evidence);
    t.match(found, { cause: { code: 'packages.script' }, message: `a package could not be set up: ${message}` }, name);
    t.ok(found?.lines.every((line) => log.includes(line)));
  }
  const overcome = time([...POSTFIX, ...others]);
  t.equal(
    diagnose(INSTALLATION, { log: overcome.slice(-120), wholeLog: overcome, console: [], screen: '' }),
    undefined,
    'what went on after it is no cause',
  );
  t.match(diagnose(INSTALLATION, seen([], { question: asked })), { cause: { code: 'install.base-system' } });
  const scriptlets: [line: string, told: string][] = [
    [
      'error: %post(httpd-2.4.57-5.el9.x86_64) scriptlet failed, exit status 127',
      'httpd, whose %post scriptlet ended with exit status 127 (“/sbin/x: not found”)',
    ],
    ['Error in POSTIN scriptlet in rpm package httpd', 'httpd, whose POSTIN scriptlet failed (“/sbin/x: not found”)'],
  ];
  for (const [line, told] of scriptlets) {
    const log = ['  Running scriptlet: httpd-2.4.57-5.el9.x86_64   7/12', '/sbin/x: not found', line];
    t.match(diagnose(INSTALLATION, seen(log)), { message: `a package could not be set up: ${told}` }, line);
  }
  t.end();
});

t.test('recorded stops of real machines keep their names', async (t) => {
  const folder = join(import.meta.dirname, 'fixtures');
  const names = await readdir(folder);
  t.ok(names.length > 20);
  const catalogued = new Set(ALL.map(({ code }) => code));
  for (const name of names) {
    const { code, says, stage, screen, ...lines }: Recorded = JSON.parse(await readFile(join(folder, name), 'utf8'));
    const evidence = { ...lines, screen: screen.join('\n') };
    const catalogue = stage === 'install' ? INSTALLATION : BOOT;
    // What no pattern knows keeps the name of how it showed.
    const shown = new IngotError(catalogued.has(code) ? 'guest.idle' : code, 'it has stopped', {
      hint: none('of a test'),
    });
    const error = diagnosed(shown, catalogue, evidence);
    t.match(error, { code }, name);
    if (says !== undefined) t.match(error, { message: says }, name);
    if (catalogued.has(code)) continue;
    // An error with a reason of its own is never asked about: its console must name no other cause either.
    const anyTime = catalogue.filter(({ explains }) => explains === undefined);
    t.equal(diagnose(anyTime, evidence)?.cause.code, undefined, `${name}: no other cause is seen`);
  }
});

t.test('a healthy installation has none, at no moment', async (t) => {
  const lines = (await readFile(join(ROOT, 'test/machine/fixtures/debian-12.log'), 'utf8')).split('\n');
  t.ok(lines.length > 500);
  for (let end = 0; end <= lines.length + 50; end += 50)
    for (const catalogue of [INSTALLATION, BOOT])
      t.equal(diagnose(catalogue, seen(lines.slice(Math.max(0, end - 120), end)))?.cause.code, undefined);
  const login = 'Debian GNU/Linux 12 golden ttyS0\n\ngolden login:';
  t.equal(
    diagnose(BOOT, seen(['[  OK  ] Started ssh.service - OpenBSD Secure Shell server.'], { screen: login })),
    undefined,
  );
});

t.test('a cause comes before what follows from it', (t) => {
  const full = [
    'in-target: tar: write error: No space left on device',
    "grub-installer: error: Running 'grub-install' failed.",
  ];
  t.equal(diagnose(INSTALLATION, seen(full))?.cause.code, 'disk.full');
  const nobody = [
    'in-target: E: Unable to locate package grub-cloud',
    'base-installer: error: exiting on error base-installer/kernel/failed-install',
  ];
  t.equal(
    diagnose(INSTALLATION, seen(nobody, { question: 'base-installer/kernel/failed-install' }))?.cause.code,
    'packages.unknown',
  );
  t.equal(
    diagnose(INSTALLATION, seen([], { question: 'base-installer/kernel/failed-install' }))?.cause.code,
    'install.kernel-failed',
  );
  t.end();
});

t.test('the questions are the installers’, each said by one cause', async (t) => {
  const known = new Set<string>();
  for (const release of ['11', '12', '13']) {
    const set = JSON.parse(await readFile(join(ROOT, `preseed/templates/debian-${release}.json`), 'utf8'));
    for (const name of Object.keys(set.questions)) known.add(name);
  }
  for await (const path of glob(join(ROOT, 'installer/components/*/templates')))
    for (const [, name = ''] of (await readFile(path, 'utf8')).matchAll(/^Template: (.*)$/gm)) known.add(name);
  const asked = INSTALLATION.flatMap(({ questions = [] }) => questions);
  t.same(
    asked.filter((name) => !known.has(name)),
    [],
    'all are in the shipped templates, or in those of stand-ins',
  );
  t.same(
    asked.filter((name, at) => asked.indexOf(name) !== at),
    [],
    'none twice',
  );
});

t.test('an error without a reason gets one; others stay', (t) => {
  const waiting = new IngotError('install.waiting', 'the installer waits for an answer', {
    where: 'install/components',
    detail: 'a screen',
    hint: none('of a test'),
  });
  const evidence = seen(["choose-mirror[811]: wget: bad address 'mirror.example'"]);
  t.match(diagnosed(waiting, INSTALLATION, evidence), {
    code: 'packages.name-resolution',
    message: /mirror\.example \(the installer waits for an answer\)/,
    where: 'install/components',
    detail: /bad address[\s\S]*a screen/,
    cause: waiting,
  });
  const own = new IngotError('install.disk-none', 'no disk matches', { hint: none('of a test') });
  t.equal(diagnosed(own, INSTALLATION, evidence), own);
  t.equal(diagnosed(waiting, INSTALLATION, seen(['nothing of note'])), waiting);
  const other = new Error('a mistake of ours');
  t.equal(diagnosed(other, INSTALLATION, evidence), other);
  t.end();
});

t.test('a unit that a boot waits for explains that no login works, and nothing else', (t) => {
  const boot = [
    '[    0.000000] Linux version 6.1.0-44-amd64',
    '         Starting dbus.service - D-Bus System Message Bus...',
    '         Starting e2scrub_reap.serv…e ext4 Metadata Check Snapshots...',
    '         Starting endless.service...',
    '[  OK  ] Started dbus.service - D-Bus System Message Bus.',
    '[  OK  ] Finished e2scrub_reap.serv…ine ext4 Metadata Check Snapshots.',
    'minimal login:',
  ];
  const evidence = { log: [], console: ['         Starting of-the-boot-before.service...', ...boot], screen: '' };
  const idle = new IngotError('guest.idle', 'no SSH login works', { hint: none('of a test') });
  t.match(diagnosed(idle, BOOT, evidence), {
    code: 'boot.unit-waits',
    message: 'the boot waits for a unit: endless.service (no SSH login works)',
  });
  const refused = new IngotError('guest.auth-refused', 'the key is refused', { hint: none('of a test') });
  t.equal(diagnosed(refused, BOOT, evidence), refused);
  const healthy = { ...evidence, console: [...boot, '[  OK  ] Finished endless.service.'] };
  t.equal(diagnosed(idle, BOOT, healthy), idle);
  const quickPrompt = boot.filter((line) => !/endless|Finished/.test(line));
  t.equal(diagnosed(idle, BOOT, { ...evidence, console: quickPrompt }), idle, 'a prompt that was quicker');
  t.end();
});

t.test('a boot that stops is told at once, and only once', async (t) => {
  const lines: string[] = [];
  let listener = (_: string): void => {};
  let shown = 'Minimal BASH-like line editing is supported.';
  const console = {
    last: (count: number) => lines.slice(-count),
    subscribe: (each: (line: string) => void) => {
      listener = each;
      return () => {};
    },
    screen: async () => ({ lines: ['GNU GRUB  version 2.06', '', shown] }),
  };
  const qmp = { monitor: async () => '' };
  const told: IngotError[] = [];
  const stop = Promise.withResolvers<void>();
  const feed = (line: string) => {
    lines.push(line);
    listener(line);
  };
  using _ = watchBoot({ log: { last: () => [] }, console, qmp }, 'configure/first boot', (error) => {
    told.push(error);
    stop.resolve();
  });
  feed('Booting the kernel.');
  feed('ALERT!  /dev/sda1 does not exist.  Dropping to a shell!');
  feed('ALERT!  /dev/sda1 does not exist.  Dropping to a shell!');
  feed("Enter 'help' for a list of built-in commands.");
  await stop.promise;
  t.match(told, [{ code: 'boot.root-missing', message: /: \/dev\/sda1$/, detail: /built-in commands/ }]);
  t.equal(told.length, 1);

  lines.length = 0;
  const prompt = Promise.withResolvers<IngotError>();
  using _prompt = watchBoot({ log: { last: () => [] }, console, qmp }, 'configure/first boot', prompt.resolve);
  shown = 'grub> ';
  t.match(await prompt.promise, { code: 'boot.grub' }, 'a prompt ends no line');
});

t.test('the docs list every cause', async (t) => {
  const docs = await readFile(join(ROOT, 'docs/diagnosis.md'), 'utf8');
  const row = ({ code, message, hint }: Cause) =>
    `| \`${code}\` | ${message.replaceAll(/:? \{\w+\}/g, '')} | ${hint} |`;
  const missing = ALL.map(row).filter((line) => !docs.includes(line));
  t.same(missing, []);
});
