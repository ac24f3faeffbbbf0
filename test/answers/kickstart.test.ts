import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { accessUnit, patienceGenerator } from '../../src/access/access.ts';
import type { AnswerSet } from '../../src/answers/answer-set.ts';
import { renderText } from '../../src/cli/rendered.ts';
import { renderAnswers } from '../../src/distributions/render-answers.ts';
import { run } from '../../src/host/run.ts';
import { lintKickstart } from '../../src/lint/kickstart/lint.ts';
import { kickstartRelease } from '../../src/lint/kickstart/release.ts';
import { sourceFile } from '../../src/lint/source-file.ts';
import { preflight } from '../../src/stages/preflight.ts';
import { failure, HASH, KEY, load } from '../recipe/helpers.ts';

const head = (family: string, release: string): string =>
  `name: test\nos: {family: ${family}, release: "${release}"}\norigin: {iso: install.iso, sha256: ${'a'.repeat(64)}}\n`;

const RICH = `answers:
  hostname: box
  domain: example.org
  locale: de_DE.UTF-8
  keyboard: de
  timezone: Europe/Berlin
  network: {address: 192.0.2.10/24, gateway: 192.0.2.1, nameservers: [192.0.2.2, '2001:db8::2']}
  root: {password: {hash: {env: ROOT_HASH}}, sshKeys: ['${KEY}']}
  users:
    - {name: eva, fullName: Eva O'Beispiel, password: {hash: '${HASH}'}, sudo: password, groups: [adm, ops]}
    - {name: adam, sudo: nopasswd, sshKeys: [{file: adam.pub}]}
  disk:
    select: {id: 'nvme-*'}
    swap: 512M
    partitions: [{mount: /var, size: 1G}]
  packages: [nginx, NetworkManager-tui]
  repositories:
    - {name: mine, uris: ['https://packages.example.org/el']}
  consoles: [tty0, 'ttyS0,57600']
  kernelArguments: [net.ifnames=0]
  guestAgent: true
  cloudInit: false
  early: {script: 'echo early'}
  late: {file: late.sh}
`;
const files = {
  'install.iso': 'x',
  'adam.pub': `${KEY}\n`,
  'late.sh': '#!/bin/sh\ntouch /mnt/sysroot/etc/late\n',
};
const env = { ROOT_HASH: HASH.replace('saltsalt', 'rootroot') };

const SYSTEMS: readonly (readonly [string, string])[] = [
  ['redhat', '8'],
  ['redhat', '9'],
  ['redhat', '10'],
  ['fedora', '41'],
  ['fedora', '43'],
];

const render = async (t: Test, yaml: string, delivery = false, more: Readonly<Record<string, string>> = {}) => {
  const loaded = await load(t, yaml, { files: { ...files, ...more }, env });
  return { loaded, answers: await renderAnswers(loaded.recipe, { ...loaded, delivery }) };
};

const content = ({ initrd }: AnswerSet, path: string): string =>
  initrd.find((file) => file.path === path)?.content ?? '';

t.test('what is rendered has nothing to be told about, for every release', async (t) => {
  for (const [family, release] of SYSTEMS)
    for (const yaml of ['', RICH])
      for (const delivery of [false, true]) {
        const { answers } = await render(t, head(family, release) + yaml, delivery);
        const ks = sourceFile('/ks.cfg', content(answers, 'ks.cfg'));
        const findings = lintKickstart(sourceFile('ingot.ks', content(answers, 'ingot.ks')), {
          release: kickstartRelease(family === 'fedora' ? `fedora${release}` : release),
          readInclude: (path) => (path === ks.name ? ks : undefined),
        });
        t.same(findings, [], `${family} ${release}${yaml === '' ? '' : ' rich'}${delivery ? ', delivery' : ''}`);
      }
});

t.test('the build’s way in is in a system that is being built, and in no delivery', async (t) => {
  for (const [family, release] of SYSTEMS) {
    const build = content((await render(t, head(family, release))).answers, 'ingot.ks');
    t.ok(build.includes(accessUnit().trimEnd()), `${family} ${release}`);
    t.match(build, /^systemctl enable ingot-door\.service$/m);
    t.ok(build.includes(patienceGenerator().trimEnd()), `${family} ${release}`);
    const { initrd } = (await render(t, head(family, release), true)).answers;
    t.notMatch(initrd.map((file) => file.content).join('\n'), /ingot-(door|patience)/);
  }
});

t.test('a rich recipe', async (t) => {
  const { answers } = await render(t, head('redhat', '9') + RICH, true);
  const ks = content(answers, 'ks.cfg');
  for (const line of [
    'text',
    'repo --name=mine --baseurl=https://packages.example.org/el --install',
    'lang de_DE.UTF-8',
    'keyboard --xlayouts=de',
    'timezone Europe/Berlin --utc',
    'network --hostname=box.example.org',
    `rootpw --iscrypted '${env.ROOT_HASH}'`,
    `sshkey --username=root '${KEY}'`,
    `user --name=eva --gecos='Eva O'\\''Beispiel' --groups=adm,ops --iscrypted --password='${HASH}'`,
    'user --name=adam --lock',
    `sshkey --username=adam '${KEY}'`,
    'eva ALL=(ALL:ALL) ALL',
    'adam ALL=(ALL:ALL) NOPASSWD: ALL',
    'address1=192.0.2.10/24,192.0.2.1',
    'dns=2001:db8::2;',
    "selector='by-id nvme-*'",
    'part biosboot --fstype=biosboot --size=1',
    'part /boot/efi --fstype=efi --size=256',
    'part swap --fstype=swap --size=512',
    'part /var --fstype=ext4 --size=1024',
    'part / --fstype=ext4 --size=1536 --grow',
    "bootloader --location=mbr --timeout=2 --append='console=tty0 console=ttyS0,57600 net.ifnames=0'",
    '%packages --excludedocs --exclude-weakdeps --inst-langs=de_DE',
    'qemu-guest-agent',
    'NetworkManager-tui',
    '%addon com_redhat_kdump --disable',
    'echo early',
    'touch /mnt/sysroot/etc/late',
    'poweroff',
  ])
    t.ok(ks.split('\n').includes(line), line);
  t.match(ks, /^%pre --erroronfail [^\n]*\n#!\/bin\/sh\nset -e\necho early\n%end$/m);
  t.ok(answers.installerArguments.includes('inst.ks=file:/ingot.ks'));
  t.notOk(answers.installerArguments.includes('mitigations=off'));
});

t.test('packages by version, keyboards with a variant, users and keys', async (t) => {
  for (const [family, release] of SYSTEMS) {
    const { answers } = await render(
      t,
      `${head(family, release)}answers: {packages: ['nginx=1.22.*', 'nginx-mod-stream-1:1.22*'], keyboard: {layout: us, variant: intl, options: ['grp:alt_shift_toggle']}, users: [{name: first.last, sshKeys: ['from="192.0.2.0/24",restrict ${KEY}']}]}\n`,
    );
    const text = answers.initrd.find(({ path }) => path === 'ks.cfg')?.content ?? '';
    t.match(text, /^nginx-1\.22\.\*\nnginx-mod-stream-1:1\.22\*$/m, release);
    t.match(text, /^keyboard --xlayouts='us \(intl\)' --switch=grp:alt_shift_toggle$/m);
    t.match(text, /^user --name=first\.last /m);
    t.match(text, /^sshkey --username=first\.last 'from="192\.0\.2\.0\/24",restrict ssh-ed25519 /m);
  }
});

t.test('packages and time from the network, and groups', async (t) => {
  const of = async (release: string, network: string) => {
    const mirror = head('redhat', release).replace(
      /sha256: (a+)/,
      'sha256: $1, mirror: "https://mirror.example.org/el/BaseOS/os", proxy: "http://proxy.example.org:3128"',
    );
    const yaml = `${mirror}answers: {keyboard: "us(intl)", tasks: [headless-management], ntpServers: [a.org, b.org], network: ${network}}\n`;
    const ks = content((await render(t, yaml, true)).answers, 'ks.cfg');
    const found = lintKickstart(sourceFile('ks.cfg', ks), { release: kickstartRelease(release) });
    t.same(
      found.filter(({ severity }) => severity !== 'info'),
      [],
    );
    return ks;
  };
  const dhcp = await of('9', 'dhcp');
  for (const line of [
    'url --url=https://mirror.example.org/el/BaseOS/os --proxy=http://proxy.example.org:3128',
    "keyboard --xlayouts='us (intl)'",
    'network --device=link --bootproto=dhcp --activate',
    'timesource --ntp-server=a.org',
    'timesource --ntp-server=b.org',
    '@headless-management',
    'chrony',
  ])
    t.ok(dhcp.split('\n').includes(line), line);
  t.notMatch(dhcp, /^cdrom/m);
  const old = await of('8', '{address: 192.0.2.10/24, gateway: 192.0.2.1, nameservers: [192.0.2.2, 192.0.2.3]}');
  t.match(old, /^timezone Etc\/UTC --utc --ntpservers=a\.org,b\.org$/m);
  t.match(
    old,
    /^network --device=link --bootproto=static --ip=192\.0\.2\.10 --netmask=255\.255\.255\.0 --gateway=192\.0\.2\.1 --nameserver=192\.0\.2\.2,192\.0\.2\.3 --activate$/m,
  );
  t.match(
    await of('10', '{address: "2001:db8::5/64"}'),
    /^network --device=link --noipv4 --ipv6=2001:db8::5\/64 --activate$/m,
  );
});

t.test('build and delivery', async (t) => {
  const { answers: build } = await render(t, head('redhat', '10') + RICH);
  const { answers: delivery } = await render(t, head('redhat', '10') + RICH, true);
  t.match(content(build, 'ks.cfg'), /^text --non-interactive\n/m);
  t.match(content(build, 'ks.cfg'), /^selector=only\n/m);
  for (const answers of [build, delivery])
    t.notMatch(content(answers, 'ingot.ks'), /host-key|ssh-keygen/, 'keys of its own for each machine');
  t.match(content(build, 'ingot.ks'), new RegExp(`^say success ${build.nonce}$`, 'm'));
  t.match(build.nonce, /^[0-9a-f]{32}$/);
  t.same((await render(t, head('redhat', '10') + RICH)).answers, build, 'the same bytes again');
  t.not(build.nonce, delivery.nonce);
  t.notMatch(build.medium.map((file) => file.content).join(''), /\$6\$/, 'no hash on the medium');
});

t.test('the text that is printed has no secrets', async (t) => {
  const { loaded, answers } = await render(t, head('redhat', '9') + RICH);
  const text = await renderText(loaded, answers);
  t.match(text, /==> ingot\.ks\n[\s\S]*==> ks\.cfg\n/);
  t.notMatch(text, env.ROOT_HASH);
  t.notMatch(text, /packages that the answers imply/);
});

t.test('a template of the own is included as it is', async (t) => {
  const own = head('redhat', '9').concat('answers: {template: {file: my.ks, values: {zone: Etc/UTC}}}\n');
  const mine =
    "text\nautopart\nrootpw --lock\ntimezone <%= values.zone %> --utc\n<%- include('packages') -%>\nreboot\n";
  const { answers } = await render(t, own, false, { 'my.ks': mine });
  t.match(content(answers, 'ks.cfg'), /^text\nautopart\nrootpw --lock\ntimezone Etc\/UTC --utc\n\n%packages/);
  t.match(content(answers, 'ingot.ks'), /^%include \/ks\.cfg$/m);
  const wrong = async (text: string, error: { code: string; where?: string; message?: RegExp }) => {
    const loaded = await load(t, own, { files: { ...files, 'my.ks': text }, env });
    await t.rejects(renderAnswers(loaded.recipe, { ...loaded, delivery: false }), error);
  };
  await wrong('text\ninstall\n', { code: 'recipe.template', where: 'ks.cfg:2:1' });
  await wrong('text\n%post\ntrue\n', { code: 'recipe.template', message: /does not end with %end/ });
  await wrong('lang <%= values.language %>\n', {
    code: 'recipe.template',
    message: /values\.language is not defined/,
  });
  await wrong('<% while (values.x) {} %>', { code: 'recipe.template' });
  await wrong('<%= answers.packages %>', { code: 'recipe.template', message: /found a list/ });
});

t.test('a script that would end its section', async (t) => {
  const loaded = await load(t, `${head('redhat', '9')}answers: {late: {script: "true\\n%end\\n"}}\n`, { files, env });
  await t.rejects(renderAnswers(loaded.recipe, { ...loaded, delivery: false }), {
    code: 'recipe.template',
    message: /line 4 of the script/,
  });
});

t.test('what a recipe for Anaconda cannot say', async (t) => {
  const say = async (yaml: string) => (await failure(t, yaml, { files })).text;
  t.match(await say(head('redhat', '7')), /there are no answers for redhat 7[\s\S]*"8", "9" and "10"/);
  t.match(await say(head('fedora', '12')), /there are no answers for fedora 12/);
  t.match(
    await say('name: a\nos: {family: redhat, release: "9"}\norigin: {assemble: debian}\n'),
    /origin\.assemble: a Debian medium cannot install redhat/,
  );
  const repository = (more: string) => `${head('redhat', '9')}answers: {repositories: [{name: a, ${more}}]}\n`;
  t.match(await say(repository("uris: ['https://a.org', 'https://b.org']")), /expected one address/);
  t.match(await say(repository("uris: ['https://a.org'], key: adam.pub")), /takes no key/);
  t.match(await say(`${head('redhat', '9')}media: {packages: [{deb: a.deb}]}\n`), /can be added to Debian media only/);
  const { recipe, ...rest } = await load(t, head('redhat', '9'), { files });
  await t.rejects(preflight({ recipe, ...rest }, { image: true }), {
    code: 'recipe.unsupported',
    message: /no image of redhat is built yet/,
  });
});

t.test('the scripts are POSIX shell, and the disk selector selects', async (t) => {
  const folder = t.testdir({});
  const { answers } = await render(t, head('redhat', '9') + RICH);
  for (const [, body = ''] of `${content(answers, 'ks.cfg')}${content(answers, 'ingot.ks')}`.matchAll(
    /^%(?:pre|post|onerror)[^\n]*\n([\s\S]*?)^%end$/gm,
  ))
    t.equal((await run('sh', ['-n'], { input: body, allow: [0, 2] })).stderr, '');
  const lsblk = (disks: string): string =>
    `lsblk() { case $* in *PKNAME*) echo sdz ;; *) cat << X\n${disks}\nX\n;; esac; }\nfindmnt() { :; }\n`;
  const [, script = ''] =
    /^%pre[^\n]*ingot-disk\.log\nselector=only\n([\s\S]*?)^%end$/m.exec(content(answers, 'ks.cfg')) ?? [];
  const choose = async (selector: string, disks: string): Promise<string> => {
    const text = script.replaceAll('/tmp/ingot-disk.ks', join(folder, 'disk.ks'));
    await writeFile(
      join(folder, 'run.sh'),
      `${lsblk(disks)}selector='${selector}'\n${text}\ncat ${join(folder, 'disk.ks')}\n`,
    );
    const { exitCode, stdout } = await run('sh', [join(folder, 'run.sh')], { allow: [0, 1] });
    return exitCode === 0 ? stdout.replace('ignoredisk --only-use=', '') : 'none';
  };
  const two = 'sda 100 disk 0\nvdb 300 disk 0\nsr0 50 rom 0\nsdz 900 disk 0';
  t.equal(
    await choose('only', 'sda 100 disk 0\nsr0 50 rom 0\nsdz 900 disk 0\nzram0 5 disk 0'),
    'sda',
    'not the medium',
  );
  t.equal(await choose('only', two), 'none');
  t.equal(await choose('smallest', two), 'sda');
  t.equal(await choose('largest', two), 'vdb');
  t.equal(await choose('largest', `${two}\nvdc 300 disk 0`), 'none', 'two are as large');
  t.equal(await choose('min-size 200', two), 'vdb');
  t.equal(await choose('min-size 1000', two), 'none');
});
