import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { accessUnit } from '../../src/access/access.ts';
import type { AnswerSet } from '../../src/answers/answer-set.ts';
import { parsePreseed } from '../../src/distributions/debian/answers/preseed-value.ts';
import { PRESEED_FOLDER } from '../../src/distributions/debian/answers/render.ts';
import { impliedPackages } from '../../src/distributions/debian/archive/implied.ts';
import { renderAnswers } from '../../src/distributions/render-answers.ts';
import { fileOf } from '../../src/host/files.ts';
import { projectFolder } from '../../src/host/project.ts';
import { run } from '../../src/host/run.ts';
import { lintFile } from '../../src/lint/lint.ts';
import { sourceFile } from '../../src/lint/source-file.ts';
import { BUILD_ONLY } from '../../src/recipe/load/build-arguments.ts';
import { INSTALLER_PHASES } from '../../src/recipe/schema.ts';
import { renderLoaded } from '../../src/stages/answers/answers-stage.ts';
import { mediumStage } from '../../src/stages/medium/medium-stage.ts';
import { HASH, HEAD, KEY, load } from '../recipe/helpers.ts';
import { MIRRORS } from './example-mirrors.ts';

const RICH = `${HEAD}
version: "2.1"
answers:
  hostname: box
  domain: example.org
  locale: de_DE.UTF-8
  keyboard: de
  timezone: Europe/Berlin
  network: {address: 192.0.2.10/24, gateway: 192.0.2.1, nameservers: [192.0.2.2, 2001:db8::2]}
  root: {password: {hash: {env: ROOT_HASH}}, sshKeys: ['${KEY}']}
  users:
    - {name: eva, fullName: Eva Beispiel, password: {hash: '${HASH}'}, sudo: password, groups: [adm, ops]}
    - {name: adam, sudo: nopasswd, sshKeys: [{file: adam.pub}]}
  disk:
    select: {id: 'nvme-*'}
    swap: 512M
    partitions: [{mount: /var, size: 1G}]
  packages: [nginx]
  repositories:
    - {name: mine, uris: ['https://packages.example.org/debian'], suites: [bookworm], key: mine.asc}
  consoles: [ttyS1, 'ttyS0,57600', tty0]
  kernelArguments: [net.ifnames=0]
  installerArguments: [debug]
  guestAgent: true
  early: {script: 'echo early'}
  late: {file: late.sh}
`;
const files = {
  'adam.pub': `# mine\n${KEY}\n`,
  'late.sh': '#!/bin/sh\nchroot /target true\n',
  'mine.asc': '-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nAAAA\n=BBBB\n-----END PGP PUBLIC KEY BLOCK-----\n',
};
const env = { ROOT_HASH: HASH.replace('saltsalt', 'rootroot') };

const render = async (t: Test, yaml: string, delivery = false): Promise<AnswerSet> => {
  const loaded = await load(t, yaml, { files, env });
  return await renderAnswers(loaded.recipe, { ...loaded, mirrors: MIRRORS, delivery });
};

const content = (answers: AnswerSet, path: string): string | undefined =>
  answers.initrd.find((file) => file.path === path)?.content;

const question = (answers: AnswerSet, name: string): string | undefined =>
  parsePreseed(content(answers, 'preseed.cfg') ?? '').find((line) => line.name === name)?.value;

const setting = (answers: AnswerSet, key: string): string | undefined =>
  new RegExp(`^${key}=(.*)$`, 'm').exec(content(answers, 'ingot/settings') ?? '')?.[1];

t.test('a rich recipe', async (t) => {
  const answers = await render(t, RICH, true);
  const expected: Readonly<Record<string, string>> = {
    'passwd/root-login': 'true',
    'passwd/root-password-crypted': env.ROOT_HASH,
    'passwd/username': 'eva',
    'passwd/user-fullname': 'Eva Beispiel',
    'passwd/user-password-crypted': HASH,
    'keyboard-configuration/xkb-keymap': 'us',
    'keyboard-configuration/layoutcode': 'de',
    'debian-installer/country': 'US',
    'grub-installer/skip': 'true',
    'preseed/early_command': 'log-output -t early --pass-stdout /ingot/early',
    'preseed/late_command': '/ingot/late',
    'base-installer/debootstrap_script': 'ingot',
  };
  for (const [name, value] of Object.entries(expected)) t.equal(question(answers, name), value, name);
  t.equal(
    question(answers, 'partman-auto/expert_recipe'),
    [
      'ingot :: 2 2 2 free $iflabel{ gpt } $reusemethod{ } method{ biosgrub } .',
      '269 269 269 free $iflabel{ gpt } $reusemethod{ } method{ efi } format{ } .',
      '537 537 537 linux-swap method{ swap } format{ } .',
      '1074 1074 1074 ext4 method{ format } format{ } use_filesystem{ } filesystem{ ext4 } mountpoint{ /var } .',
      '1611 1000000000 -1 ext4 method{ format } format{ } use_filesystem{ } filesystem{ ext4 } mountpoint{ / } .',
    ].join(' '),
  );
  t.equal(content(answers, 'ingot/users'), `eva:${HASH}:adm,ops:Eva Beispiel\nadam:*::\n`);
  t.equal(content(answers, 'ingot/sudo'), 'eva password\nadam nopasswd\n');
  t.equal(content(answers, 'ingot/ssh/root'), `${KEY}\n`);
  t.equal(content(answers, 'ingot/ssh/adam'), `${KEY}\n`);
  t.equal(content(answers, 'ingot/ssh/eva'), undefined);
  t.equal(content(answers, 'ingot/early'), '#!/bin/sh\nset -e\necho early\n');
  t.equal(content(answers, 'ingot/late'), files['late.sh']);
  t.equal(content(answers, 'ingot/late_command'), '/ingot/late');
  t.equal(content(answers, 'ingot/target/etc/hosts')?.split('\n')[1], '127.0.1.1 box.example.org box');
  t.match(content(answers, 'ingot/target/etc/default/keyboard'), /^XKBLAYOUT="de"$/m);
  t.match(
    content(answers, 'ingot/network'),
    /^Address=192\.0\.2\.10\/24\nGateway=192\.0\.2\.1\nDNS=192\.0\.2\.2\nDNS=2001:db8::2$/m,
  );
  t.match(content(answers, 'ingot/apt.sources'), /^Signed-By:\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n \.\n AAAA\n/m);
  t.match(answers.targetArguments.join(' '), 'console=ttyS1,115200 console=ttyS0,57600 console=tty0 net.ifnames=0');
  t.equal(setting(answers, 'kernel_arguments'), answers.targetArguments.join(' '));
  t.equal(setting(answers, 'disk'), 'by-id nvme-*');
  t.equal(setting(answers, 'locale'), 'de_DE.UTF-8');
  t.equal(setting(answers, 'timezone'), 'Europe/Berlin');
  t.equal(setting(answers, 'grub_terminal'), 'console serial');
});

t.test('build and delivery differ only as needed', async (t) => {
  const build = await render(t, RICH);
  const delivery = await render(t, RICH, true);
  const different = build.initrd
    .filter(({ path, content: text }) => content(delivery, path) !== text)
    .map(({ path }) => path);
  t.same(different, ['ingot/door.service', 'ingot/patience.sh', 'ingot/settings']);
  t.equal(content(build, 'ingot/door.service'), accessUnit());
  t.notOk(
    delivery.initrd.some(({ path }) => /door|patience/.test(path)),
    'no medium for delivery has the way in',
  );
  t.same([setting(build, 'disk'), setting(delivery, 'disk')], ['only', 'by-id nvme-*']);
  t.same([setting(build, 'build_access'), setting(delivery, 'build_access')], ['yes', 'no']);
  t.ok(build.installerArguments.includes('mitigations=off'));
  t.notOk(delivery.installerArguments.includes('mitigations=off'));
  t.equal(build.installerArguments.at(-1), 'debug');
  for (const argument of ['mitigations=off', 'nokaslr', 'debug']) t.notOk(build.targetArguments.includes(argument));
  t.same(delivery.installerArguments.filter((word) => word.startsWith('console=')).at(-1), 'console=tty0');
});

t.test('what the hooks say again is what is said here', async (t) => {
  const installer = join(projectFolder, 'installer');
  const hook = await readFile(join(installer, 'hooks/usr/lib/finish-install.d/95ingot-report'), 'utf8');
  const [, names = ''] = /^for name in (.*); do$/m.exec(hook) ?? [];
  t.same(names.split(' ').sort(), BUILD_ONLY.toSorted(), 'arguments that may not reach the installed system');
  const { installerArguments } = await render(t, HEAD);
  t.ok((await readFile(join(installer, 'README.md'), 'utf8')).includes(`\n${installerArguments.join(' ')} ---\n`));
  const { stdout } = await run('grep', ['-rhoP', '^\\s*say phase \\K.*', join(installer, 'hooks')]);
  const phases: readonly string[] = INSTALLER_PHASES;
  const told = stdout.trim().split('\n');
  t.ok(told.length > 2);
  t.same(
    told.filter((phase) => !phases.includes(phase)),
    [],
    'phases',
  );
});

t.test('the same recipe gives the same bytes; the nonce follows the content', async (t) => {
  const one = await render(t, RICH);
  t.same(await render(t, RICH), one);
  t.match(one.nonce, /^[0-9a-f]{32}$/);
  t.equal(setting(one, 'nonce'), one.nonce);
  t.not((await render(t, RICH.replace('Eva Beispiel', 'Eva'))).nonce, one.nonce);
  const loaded = await load(t, HEAD);
  const given = await renderAnswers(loaded.recipe, {
    ...loaded,
    mirrors: MIRRORS,
    delivery: false,
    nonce: 'abcdef0123456789',
  });
  t.equal(given.nonce, 'abcdef0123456789');
  t.equal(setting(given, 'nonce'), 'abcdef0123456789');
});

t.test('the copy on the medium has no hash', async (t) => {
  const { medium } = await render(t, RICH);
  const text = medium.map((file) => file.content).join('');
  t.match(text, /^d-i passwd\/root-password-crypted password \(not shown\)$/m);
  t.notMatch(text, /\$6\$/);
});

t.test('the least recipe: nobody has a password, nothing is asked', async (t) => {
  const answers = await render(t, HEAD);
  t.equal(question(answers, 'passwd/make-user'), 'false');
  t.equal(question(answers, 'passwd/root-password-crypted'), '*');
  t.equal(question(answers, 'preseed/late_command'), undefined);
  for (const path of ['ingot/users', 'ingot/sudo', 'ingot/late', 'ingot/late_command', 'ingot/network'])
    t.equal(content(answers, path), undefined, path);
  t.match(content(answers, 'ingot/apt.sources'), /^Suites: bookworm-security$/m);
});

t.test('cloud-init gets network and growing where it finds its cloud', async (t) => {
  const answers = await render(t, `${HEAD}answers: {cloudInit: true, cloudDatasources: [NoCloud, None]}\n`);
  t.equal(setting(answers, 'network'), 'cloud');
  t.match(content(answers, 'ingot/target/etc/cloud/cloud.cfg.d/90_ingot.cfg'), /^datasource_list: \[NoCloud, None\]$/m);
});

t.test('an install ISO installs its packages by pkgsel', async (t) => {
  const iso = `name: a\nos: {family: debian, release: "12"}\norigin: {iso: adam.pub, sha256: ${'a'.repeat(64)}}\n`;
  const answers = await render(t, `${iso}answers: {packages: [nginx]}\n`);
  t.match(question(answers, 'pkgsel/include'), /\bgrub-cloud-amd64\b.*\bnginx\b/);
  t.equal(question(answers, 'base-installer/debootstrap_script'), undefined);
  t.equal(question(answers, 'base-installer/kernel/image'), 'linux-image-amd64');
});

const isoHead = (release: string, origin = '') =>
  `name: a\nos: {family: debian, release: "${release}"}\norigin: {iso: adam.pub, sha256: ${'a'.repeat(64)}${origin}}\n`;
const FIXED = '{address: 192.0.2.10/23, nameservers: [192.0.2.2, 192.0.2.3]}';

t.test('an install ISO with a mirror', async (t) => {
  const head = isoHead('12', ', mirror: "https://mirror.example.org:8443/debian/"');
  const answers = await render(t, `${head}answers: {ntpServers: [ntp1.example.org, 192.0.2.5], network: ${FIXED}}\n`);
  const expected: Readonly<Record<string, string | undefined>> = {
    'mirror/protocol': 'https',
    'mirror/https/hostname': 'mirror.example.org:8443',
    'mirror/https/directory': '/debian',
    'mirror/suite': 'bookworm',
    'apt-setup/use_mirror': 'true',
    'apt-setup/no_mirror': undefined,
    'netcfg/enable': undefined,
    'netcfg/disable_autoconfig': 'true',
    'netcfg/get_ipaddress': '192.0.2.10',
    'netcfg/get_netmask': '255.255.254.0',
    'netcfg/get_nameservers': '192.0.2.2 192.0.2.3',
    'netcfg/no_default_route': 'true',
    'clock-setup/ntp-server': 'ntp1.example.org',
  };
  for (const [name, value] of Object.entries(expected)) t.equal(question(answers, name), value, name);
  t.match(content(answers, 'ingot/settings'), /^ntp_servers=ntp1\.example\.org 192\.0\.2\.5$/m);
  const plain = await render(t, head);
  t.equal(question(plain, 'netcfg/disable_autoconfig'), undefined, 'DHCP');
  t.equal(question(plain, 'clock-setup/ntp'), 'false');
  const six = await render(t, `${head}answers: {network: {address: "2001:db8::10/60", gateway: "2001:db8::1"}}\n`);
  t.equal(question(six, 'netcfg/get_netmask'), 'ffff:ffff:ffff:fff0:0:0:0:0');
  t.equal(question(six, 'netcfg/no_default_route'), undefined);
});

t.test('tasks and firmware', async (t) => {
  const iso = await render(t, `${isoHead('12')}answers: {tasks: [web-server, ssh-server], firmware: missing}\n`);
  t.equal(question(iso, 'tasksel/first'), 'web-server, ssh-server');
  t.equal(question(iso, 'pkgsel/run_tasksel'), 'true');
  t.notMatch(question(iso, 'pkgsel/include'), /task-/);
  t.equal(question(iso, 'hw-detect/firmware-lookup'), 'missing');
  t.equal(question(iso, 'hw-detect/load_firmware'), 'true');
  t.equal(question(iso, 'apt-setup/non-free-firmware'), 'true');
  t.equal(question(await render(t, `${HEAD}answers: {tasks: [web-server]}\n`), 'pkgsel/run_tasksel'), 'false');
});

t.test('packages by version and suite', async (t) => {
  const words = "packages: ['nginx=1.22.*', cockpit/bookworm-backports, 'openssh-server=1:9.2*']";
  const mirror = ', mirror: "http://mirror.example.org/debian"';
  const iso = await render(t, `${isoHead('12', mirror)}answers: {${words}}\n`);
  t.match(
    question(iso, 'pkgsel/include'),
    /(^| )cockpit\/bookworm-backports .*nginx=1\.22\.\* .*openssh-server=1:9\.2\*( |$)/,
  );
  t.notMatch(question(iso, 'pkgsel/include'), /openssh-server( |$)/, 'once, and as it is asked for');
  t.equal(question(iso, 'apt-setup/services-select'), 'backports');
  t.match(content(iso, 'ingot/packages'), /^cockpit\n(.*\n)*nginx\n/m, 'names alone');
  const sources = content(await render(t, `${HEAD}answers: {${words}}\n`), 'ingot/apt.sources');
  t.match(sources, /^Suites: bookworm bookworm-updates bookworm-backports$/m, 'updates come from there too');
  const plain = await render(t, isoHead('12', mirror));
  t.equal(question(plain, 'apt-setup/services-select'), '');
  t.match(content(plain, 'ingot/apt.sources'), /^Suites: bookworm bookworm-updates$/m);
});

t.test('users that user-setup would ask about are made by the hooks', async (t) => {
  for (const name of ['first.last', 'admin', 'mysql', '_deploy', 'docker', 'wireshark']) {
    const answers = await render(t, `${HEAD}answers: {users: [{name: ${name}, sudo: nopasswd}, {name: eva}]}\n`);
    t.equal(question(answers, 'passwd/make-user'), 'false', name);
    t.equal(question(answers, 'passwd/username'), undefined);
    t.equal(content(answers, 'ingot/users'), `${name}:*::\neva:*::\n`);
    t.equal(content(answers, 'ingot/sudo'), `${name} nopasswd\n`);
  }
});

t.test('a user whose name a group of a package has gets that group', async (t) => {
  const system = t.testdir({
    etc: { passwd: 'root:x:0:0::/root:/bin/sh\n', group: 'docker:x:900:\n' },
    home: { docker: {}, 'a.b': {} },
    usr: { sbin: { adduser: '' } },
    users: 'docker:*::\na.b:*::\neva:*::\n',
  });
  await chmod(join(system, 'usr/sbin/adduser'), 0o755);
  const users = join(import.meta.dirname, '../../installer/hooks/ingot/users.sh');
  const { stdout } = await run('sh', [
    '-euc',
    `system=${system}; in_system() { echo "$*"; }; in_system_quietly() { cat > /dev/null; }; . ${users}; make_users ${system}/users`,
  ]);
  t.match(stdout, /^useradd .*--gid docker --groups users docker$/m);
  t.match(stdout, /^useradd .*--user-group --groups users a\.b$/m);
  t.match(stdout, /^adduser .* eva$/m);
});

t.test('old names of time zones are in a package of their own on Debian 13', async (t) => {
  const implied = async (release: string, zone: string) => {
    const yaml = HEAD.replace('"12"', `"${release}"`);
    const { recipe } = await load(t, `${yaml}answers: {timezone: ${zone}}\n`);
    return impliedPackages(recipe).some(({ name }) => name === 'tzdata-legacy');
  };
  for (const zone of ['US/Eastern', 'Asia/Calcutta', 'Europe/Kiev', 'CET']) {
    t.equal(await implied('13', zone), true, zone);
    t.equal(await implied('12', zone), false, `${zone}: 12 has it in tzdata`);
  }
  for (const zone of ['America/New_York', 'Asia/Kolkata', 'Etc/UTC']) t.equal(await implied('13', zone), false, zone);
});

t.test('keyboards with model and options, arguments with quotation marks', async (t) => {
  const keyboard = 'keyboard: {layout: de, variant: neo, model: thinkpad, options: ["caps:escape", "compose:ralt"]}';
  const answers = await render(
    t,
    `${HEAD}answers: {${keyboard}, kernelArguments: ['dyndbg="module nvme +p"', quiet]}\n`,
  );
  t.equal(question(answers, 'keyboard-configuration/modelcode'), 'thinkpad');
  t.equal(question(answers, 'keyboard-configuration/variantcode'), 'neo');
  t.equal(question(answers, 'keyboard-configuration/optionscode'), 'caps:escape,compose:ralt');
  t.match(
    content(answers, 'ingot/target/etc/default/keyboard'),
    /^XKBMODEL="thinkpad"\nXKBLAYOUT="de"\nXKBVARIANT="neo"\nXKBOPTIONS="caps:escape,compose:ralt"$/m,
  );
  t.match(setting(answers, 'kernel_arguments'), / dyndbg="module nvme \+p" quiet$/);
});

t.test("quotation marks reach the kernel through the hook's file and the shell that reads it", async (t) => {
  const hook = await readFile(
    join(PRESEED_FOLDER, '..', 'installer/hooks/usr/lib/finish-install.d/04ingot-boot-loader'),
    'utf8',
  );
  const [line = ''] = /^\techo "GRUB_CMDLINE_LINUX=.*$/m.exec(hook) ?? [];
  const value = 'console=ttyS0 dyndbg="module nvme +p" a="$(x)`y`\\z"';
  const script = `setting() { printf '%s' "$VALUE"; }\n${line}\n`;
  const { stdout: written } = await run('sh', ['-c', script], { env: { VALUE: value } });
  const { stdout } = await run('sh', ['-c', `${written}\nprintf '%s' "$GRUB_CMDLINE_LINUX"`]);
  t.equal(stdout, value);
});

t.test('what differs between releases', async (t) => {
  const own = `answers: {firmware: always, repositories: [{name: mine, uris: ['https://p.example.org'], suites: [x], key: mine.asc}]}\n`;
  const old = await render(t, isoHead('11') + own);
  t.equal(question(old, 'hw-detect/firmware-lookup'), undefined);
  t.equal(question(old, 'apt-setup/non-free'), 'true');
  t.notMatch(question(old, 'pkgsel/include'), /usr-is-merged|systemd-re/);
  t.match(content(old, 'ingot/apt.sources'), /^Signed-By: \/etc\/apt\/keyrings\/mine\.asc$/m);
  t.equal(content(old, 'ingot/target/etc/apt/keyrings/mine.asc'), files['mine.asc']);
  t.match(
    content(await render(t, isoHead('11')), 'ingot/apt.sources'),
    /^Suites: bullseye-security\nComponents: main$/m,
  );
  const next = await render(t, isoHead('13') + own);
  t.match(question(next, 'pkgsel/include'), /systemd-repart systemd-resolved/);
  t.match(content(next, 'ingot/apt.sources'), /^Signed-By:\n -----BEGIN/m);
  t.notOk(content(next, 'ingot/target/etc/apt/keyrings/mine.asc'));
});

t.test("the finished system looks where the installer did; its security suite is the host's", async (t) => {
  const head = isoHead('13', ', mirror: "https://mirror.example.org/debian"');
  const loaded = await load(t, head, { files, env });
  const sources = content(await renderLoaded({ loaded, purpose: 'delivery' }), 'ingot/apt.sources');
  t.match(sources, /^URIs: https:\/\/mirror\.example\.org\/debian\nSuites: trixie trixie-updates$/m);
  t.match(sources, /^Suites: trixie-security$/m);
});

t.test('another name or version shares the installation', async (t) => {
  const medium = async (yaml: string) => {
    const loaded = await load(t, yaml, { files, env });
    const answers = await renderAnswers(loaded.recipe, { ...loaded, mirrors: MIRRORS, delivery: false });
    const iso = fileOf({ path: '/no/such.iso', size: 1, sha256: '0'.repeat(64) });
    const input = { loaded, iso, answers, purpose: 'build', added: undefined } as const;
    return await mediumStage('medium').key(input, { secretDigest: (text) => String(text), shared: () => '' });
  };
  const one = await medium(RICH);
  t.same(await medium(RICH.replace('version: "2.1"', 'version: "2.2"')), one, 'a new version');
  t.same(await medium(RICH.replace(/^name: .*$/m, 'name: another')), one, 'another name');
  t.same(await medium(`${RICH}description: what it is for\n`), one, 'a description');
  t.notSame(await medium(RICH.replace('hostname: box', 'hostname: crate')), one);
});

t.test('what a complete installer asks for is answered', async (t) => {
  const answers = await render(
    t,
    `${isoHead('13', ', mirror: "http://m.example.org/debian", proxy: "http://proxy.example.org:3128"')}answers: {keyboard: "us(intl)", network: {address: 192.0.2.9/24, nameservers: [192.0.2.1]}}\n`,
    true,
  );
  const expected: Readonly<Record<string, string>> = {
    // localechooser asks for the country, at any priority, where one of the three is missing.
    'debian-installer/language': 'C',
    'debian-installer/country': 'US',
    'debian-installer/locale': 'C',
    'keyboard-configuration/xkb-keymap': 'us',
    'keyboard-configuration/layoutcode': 'us',
    'keyboard-configuration/variantcode': 'intl',
    // An empty gateway would become the network's first address.
    'netcfg/get_gateway': 'none',
    'mirror/http/proxy': 'http://proxy.example.org:3128',
    // The next boot loader in 13's menu for EFI.
    'grub-installer/skip': 'true',
    'systemd-boot-installer/skip': 'true',
  };
  for (const [name, value] of Object.entries(expected)) t.equal(question(answers, name), value, name);
  t.match(content(answers, 'ingot/target/etc/default/keyboard'), /^XKBLAYOUT="us"\nXKBVARIANT="intl"$/m);
  t.match(content(answers, 'ingot/packages'), /^openssh-server$/m, 'what an installer adds by itself is not there');
  t.notMatch(content(answers, 'ingot/packages'), /microcode|laptop-detect/);
  const older = await render(t, isoHead('12'), true);
  t.equal(question(older, 'systemd-boot-installer/skip'), undefined, 'no question of 12');
});

t.test('the linter has nothing to say about it, for every release', async (t) => {
  const many = (release: string): readonly string[] => [
    isoHead(release),
    `${isoHead(release, ', mirror: "http://mirror.example.org/debian"')}answers: {tasks: [web-server], firmware: missing, ntpServers: [a.org], network: ${FIXED}}\n`,
    `${isoHead(release)}answers: {disk: {layout: automatic, scheme: btrfs}}\n`,
    RICH.replace(HEAD, isoHead(release)),
  ];
  for (const release of ['11', '12', '13'])
    for (const [index, yaml] of many(release).entries()) {
      const text = content(await render(t, yaml, true), 'preseed.cfg') ?? '';
      const found = await lintFile(sourceFile('preseed.cfg', text), { release, inInitrd: true, unattended: true });
      t.same(
        found.filter(({ severity }) => severity !== 'info'),
        [],
        `${release}, recipe ${index}`,
      );
    }
});

t.test(
  "debconf's own parser takes every rendered file",
  { skip: await missing('debconf-set-selections') },
  async (t) => {
    for (const yaml of [
      HEAD,
      RICH,
      `${isoHead('13', ', mirror: "http://m.example.org/debian"')}answers: {tasks: [ssh-server], network: ${FIXED}}\n`,
    ]) {
      const path = join(t.testdir({}), 'preseed.cfg');
      await writeFile(path, content(await render(t, yaml), 'preseed.cfg') ?? '');
      const { stderr } = await run('debconf-set-selections', ['--checkonly', path]);
      t.notMatch(stderr, /error|warning/);
    }
  },
);

async function missing(tool: string): Promise<string | false> {
  const { exitCode } = await run('sh', ['-c', `command -v ${tool}`], { allow: [0, 1, 127] });
  return exitCode === 0 ? false : `${tool} is not on this host`;
}
