import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { parsePreseed } from '../../src/answers/preseed.ts';
import { type AnswerSet, renderAnswers } from '../../src/answers/render.ts';
import { run } from '../../src/host/run.ts';
import { HASH, HEAD, KEY, load } from '../recipe/helpers.ts';
import { MIRRORS } from './mirrors.ts';

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
  return renderAnswers(loaded.recipe, { ...loaded, mirrors: MIRRORS, delivery });
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
    'keyboard-configuration/xkb-keymap': 'de',
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
  t.same(different, ['ingot/settings']);
  t.same([setting(build, 'disk'), setting(delivery, 'disk')], ['only', 'by-id nvme-*']);
  t.same([setting(build, 'build_access'), setting(delivery, 'build_access')], ['yes', 'no']);
  t.ok(build.installerArguments.includes('mitigations=off'));
  t.notOk(delivery.installerArguments.includes('mitigations=off'));
  t.equal(build.installerArguments.at(-1), 'debug');
  for (const argument of ['mitigations=off', 'nokaslr', 'debug']) t.notOk(build.targetArguments.includes(argument));
  t.same(delivery.installerArguments.filter((word) => word.startsWith('console=')).at(-1), 'console=tty0');
});

t.test('the same recipe gives the same bytes; the nonce follows the content', async (t) => {
  const one = await render(t, RICH);
  t.same(await render(t, RICH), one);
  t.match(one.nonce, /^[0-9a-f]{32}$/);
  t.equal(setting(one, 'nonce'), one.nonce);
  t.not((await render(t, RICH.replace('Eva Beispiel', 'Eva'))).nonce, one.nonce);
  const loaded = await load(t, HEAD);
  const given = renderAnswers(loaded.recipe, {
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

t.test(
  "debconf's own parser takes every rendered file",
  { skip: await missing('debconf-set-selections') },
  async (t) => {
    for (const yaml of [HEAD, RICH]) {
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
