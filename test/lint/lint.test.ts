import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { temporaryFolder } from '../../src/host/files.ts';
import { run } from '../../src/host/run.ts';
import { FILE_RULES } from '../../src/lint/file-rules.ts';
import type { Finding } from '../../src/lint/finding.ts';
import { formatGithub } from '../../src/lint/format/github.ts';
import { formatText } from '../../src/lint/format/text.ts';
import { detectKind, type Kind } from '../../src/lint/kind.ts';
import { lintFile } from '../../src/lint/lint.ts';
import type { Report } from '../../src/lint/lint-report.ts';
import { releaseOf } from '../../src/lint/release.ts';
import { RULES } from '../../src/lint/rules.ts';
import { sourceFile } from '../../src/lint/source-file.ts';
import { processorTime } from '../processor-time.ts';

const NOTHING: Report = { sources: [], findings: [], checked: [], failed: [] };
const root = join(import.meta.dirname, '..', '..');
const MAIN = join(root, 'src', 'cli', 'main.ts');
const PRESEED = '# a comment\nd-i netcfg/get_hostnam string web\nd-i clock-setup/utc boolean true\n';
const KICKSTART = 'text\nlang en_US.UTF-8\nbootloadr --location=mbr\n%packages\n@core\n%end\n';

t.test('rules have names of their own, a source, and examples', (t) => {
  const names = RULES.map(({ name }) => name);
  t.equal(new Set(names).size, names.length);
  for (const { name, summary, source, bad, good } of RULES) {
    t.match(name, /^(file|preseed|kickstart)\/[a-z0-9-]+$/);
    t.ok(summary && source && bad !== good, name);
  }
  t.end();
});

t.test('the kind of a file', (t) => {
  const cases: readonly (readonly [string, string, string | undefined])[] = [
    ['x', PRESEED, 'preseed'],
    ['x', KICKSTART, 'kickstart'],
    ['x', '%post\ntouch /a\n%end\n', 'kickstart'],
    ['x', '#d-i passwd/make-user boolean false\n', 'preseed'],
    ['a/preseed.cfg', '# nothing yet\n', 'preseed'],
    ['ks.cfg', '', 'kickstart'],
    ['notes.txt', 'Dear all,\n', undefined],
    ['notes.txt', 'We have to\nreboot\nthe machine.\n', undefined],
    ['x', 'echo a\nreboot\nif true; then echo b; fi\n', undefined],
    ['x', `text\n%post\n${'echo a\n'.repeat(100)}%end\n`, 'kickstart'],
    ['my.ks', `text\n${'$SNIPPET(x)\nfoo\n'.repeat(10)}`, 'kickstart'],
    ['x', `d-i partman-auto/expert_recipe string a :: \\\n${'1 2 3 ext4 \\\n'.repeat(20)} .\n`, 'preseed'],
    ['x', '#!/usr/bin/debconf-set-selections\nd-i clock-setup/utc boolean true\n', 'preseed'],
    ['x', 'grub-pc\ngrub2\nxserver-xorg\npopularity-contest\nuser\n', undefined],
  ];
  for (const [name, text, kind] of cases) t.equal(detectKind(sourceFile(name, text)), kind, text.slice(0, 60));
  t.end();
});

/** Files of others, and the words that each is told by. */
const FOREIGN: readonly (readonly [RegExp, string])[] = [
  [/autoinstall/, '#cloud-config\nautoinstall:\n  version: 1\n'],
  [/autoinstall/, 'version: 1\nidentity:\n  hostname: a\n'],
  [/autoinstall/, '---\nautoinstall:\n  version: 1\n'],
  [/cloud-config/, '#cloud-config\npackage_update: false\ndebconf_selections: |\n  a a/b boolean false\n'],
  [/cloud-config/, '#cloud-config\nruncmd:\n  - reboot\n'],
  [/cloud-config/, '## template: jinja\n#cloud-config\nruncmd: [reboot]\n'],
  [/cloud-config/, 'packages:\n  - vim\nruncmd:\n  - reboot\n'],
  [/cloud-init/, 'Content-Type: multipart/mixed; boundary="a"\nMIME-Version: 1.0\n\n--a\n'],
  [/cloud-init/, '#include\nhttp://192.0.2.1/a\n'],
  [/a script/, '#!/bin/sh\necho a\nreboot\nif true; then echo b; fi\n'],
  [/a script/, '#!/usr/bin/env python3\ntext = 1\n'],
  [/a script/, '#!/bin/bash\ncat > ks.cfg <<EOF\ntext\nlang en_US\nrootpw --lock\nreboot\nEOF\n'],
  [/shell script/, 'set -e\nfor a in b c; do\n  echo $a\ndone\nreboot\n'],
  [/iPXE/, '#!ipxe\nkernel vmlinuz\nboot\n'],
  [
    /AutoYaST/,
    '<?xml version="1.0"?>\n<!DOCTYPE profile>\n<profile xmlns="http://www.suse.com/1.0/yast2ns">\n</profile>\n',
  ],
  [/XML/, '<html>\n'],
  [/Windows/, '<?xml version="1.0"?>\n<unattend xmlns="urn:schemas-microsoft-com:unattend">\n'],
  [/Agama/, '{\n  "product": { "id": "Tumbleweed" },\n  "user": { "fullName": "A" }\n}\n'],
  [/Agama/, '{\n  product: { id: "SLES" },\n  root: { password: "x" },\n}\n'],
  [/Agama/, "local agama = import 'hw.libsonnet';\n{\n  storage: {},\n}\n"],
  [/Ignition/, '{ "ignition": { "version": "3.4.0" } }\n'],
  [/Butane/, 'variant: fcos\nversion: 1.5.0\n'],
  [/archinstall/, '{ "archinstall-language": "English", "disk_config": {} }\n'],
  [/Proxmox/, '[global]\nkeyboard = "de"\nfqdn = "a.example"\n'],
  [/osbuild/, 'name = "a"\nversion = "1"\n[[packages]]\nname = "vim"\n'],
  [/package/, 'Name: a\nVersion: 1\n%description\nb\n%post\necho\n%files\n'],
  [/GRUB/, 'set timeout=5\nmenuentry "a" {\n  linux /vmlinuz\n}\n'],
  [/SYSLINUX/, 'default a\nlabel a\n  kernel vmlinuz\n  append initrd=initrd.img\n'],
  [/setup-alpine/, 'KEYMAPOPTS="us us"\nDISKOPTS="-m sys /dev/sda"\n'],
  [/NixOS/, '{ config, pkgs, ... }:\n{\n}\n'],
  [/netplan/, 'network:\n  version: 2\n'],
  [/recipe/, 'name: web\nos: { family: debian, release: "12" }\n'],
  [/JSON/, '{"a": 1}\n'],
];

t.test('files of other installers are told by their names', async (t) => {
  for (const [name, text] of FOREIGN) {
    await t.rejects(lintFile(sourceFile('x', text)), { code: 'lint.unknown-kind', message: name }, text.slice(0, 40));
    await t.resolves(lintFile(sourceFile('x', text), { kind: 'preseed' }), 'unless the user says what it is');
  }
  const writes = "text\nlang en_US\n%post\ncat > a <<'E'\n#cloud-config\nautoinstall:\n  version: 1\nusers:\nruncmd:\n";
  t.same(
    (
      await lintFile(sourceFile('x', `${writes}menuentry 'a' {\nlabel b\nkernel c\n[global]\nfqdn = a\nE\n%end\n`))
    ).filter(({ severity }) => severity === 'error'),
    [],
    'what a script writes is not the file',
  );
  const before = process.cpuUsage();
  for (const text of [
    '\n'.repeat(3e6),
    '{ config '.repeat(3e5),
    ' label '.repeat(3e5),
    `{${' '.repeat(3e6)}`,
    'a:\n'.repeat(1e6),
  ])
    await lintFile(sourceFile('x', text)).catch(() => undefined);
  t.ok(processorTime(before) < 20_000, 'however large');
});

t.test('rules about a file', async (t) => {
  for (const { name, severity, bad, good } of Object.values(FILE_RULES)) {
    // What cannot be linted has no findings: the command tells of it.
    if (name === 'file/not-linted') {
      await t.rejects(lintFile(sourceFile('x', bad)), { code: 'lint.unknown-kind' });
      await t.resolves(lintFile(sourceFile('x', good)));
      continue;
    }
    const of = async (text: string) =>
      (await lintFile(sourceFile('x', text), { kind: 'kickstart' })).filter(({ rule }) => rule === name);
    t.match(await of(bad), [{ severity }], `${name}: bad`);
    t.same(await of(good), [], `${name}: good`);
  }
});

/** Name of the file, its text, `--release`, and the release that it is linted for with the reason. */
const CHOSEN: readonly (readonly [Kind, string, string | undefined, string])[] = [
  ['kickstart', '#version=DEVEL\n', undefined, 'fedora stated'],
  ['kickstart', '#version=devel\r\n', undefined, 'fedora stated'],
  ['kickstart', '#version=F41\ntext\n', undefined, 'fedora-41 stated'],
  ['kickstart', '# a head\n#version=Fedora 42\n', undefined, 'fedora-42 stated'],
  ['kickstart', '#version=RHEL8\n', undefined, 'rhel-8 stated'],
  ['kickstart', '#version=Red Hat Enterprise Linux 10.1\n', undefined, 'rhel-10 stated'],
  ['kickstart', '#version=RHEL8\n', 'rhel-10', 'rhel-10 asked'],
  ['kickstart', '#version=RHEL7\n', undefined, 'rhel-9 assumed'],
  ['kickstart', '#version=FC6\n', undefined, 'rhel-9 assumed'],
  ['kickstart', '#version=@VERSION@\n', undefined, 'rhel-9 assumed'],
  ['kickstart', 'text\n', undefined, 'rhel-9 assumed'],
  ['kickstart', 'text\n', 'debian-13', 'rhel-9 assumed'],
  ['kickstart', 'text\n', 'debian-13,rhel-8', 'rhel-8 asked'],
  ['kickstart', 'url --url=https://192.0.2.1/pub/rocky/8.10/BaseOS/x86_64/os/\n', undefined, 'rhel-8 guessed'],
  ['kickstart', 'url --url=https://192.0.2.1/centos-stream/10-stream/BaseOS\n', undefined, 'rhel-10 guessed'],
  [
    'kickstart',
    'url --mirrorlist="https://192.0.2.1/metalink?repo=fedora-43&arch=x86_64"\n',
    undefined,
    'fedora-43 guessed',
  ],
  [
    'kickstart',
    'url --url=https://192.0.2.1/fedora/linux/releases/42/Everything/x86_64/os\n',
    undefined,
    'fedora-42 guessed',
  ],
  ['kickstart', '# url --url=https://192.0.2.1/rhel8/\n', undefined, 'rhel-9 assumed'],
  ['preseed', 'd-i clock-setup/utc boolean true\n', undefined, '12 assumed'],
  ['preseed', 'd-i mirror/suite string trixie\n', undefined, '13 guessed'],
  ['preseed', 'd-i mirror/suite string sid\n', undefined, '12 assumed'],
  ['preseed', '#### Contents of the preconfiguration file (for bullseye)\n', undefined, '11 guessed'],
  ['preseed', 'd-i mirror/suite string trixie\n', 'rhel-9,debian-11', '11 asked'],
  ['preseed', 'd-i mirror/suite string trixie\n', 'rhel-9', '13 guessed'],
];

t.test('the release of a file is its own', async (t) => {
  for (const [kind, text, asked, expected] of CHOSEN) {
    const { name, reason, unknown } = releaseOf(sourceFile('x', text), kind, asked);
    t.equal(`${name} ${reason}`, expected, `${text} ${asked ?? ''}`);
    if (unknown)
      t.equal(text.split('\n')[unknown.line - 1]?.slice(unknown.column - 1, unknown.endColumn - 1), unknown.text);
  }
  for (const asked of ['potato', 'rhel-7', 'rhel-9,potato', '', ','])
    t.throws(() => releaseOf(sourceFile('x', ''), 'preseed', asked), { code: 'usage.release' }, asked);
  const old = 'part / --size=1 --active\n';
  t.match(await lintFile(sourceFile('ks', `#version=RHEL8\n${old}`)), [{ rule: 'kickstart/deprecated-option' }]);
  t.match(await lintFile(sourceFile('ks', `#version=RHEL7\n${old}`)), [
    { rule: 'file/release', severity: 'info', line: 1, message: /RHEL7.*RHEL 9/ },
    { rule: 'kickstart/removed-option' },
  ]);
});

t.test('comments and names switch rules off', async (t) => {
  const rulesOf = async (text: string, ignore: readonly string[] = []) =>
    (await lintFile(sourceFile('p.cfg', text), { ignore }))
      .filter(({ severity }) => severity === 'error')
      .map(({ rule }) => rule);
  t.same(await rulesOf(PRESEED), ['preseed/unknown-question']);
  t.same(await rulesOf(PRESEED, ['preseed/unknown-question']), []);
  t.same(await rulesOf(PRESEED, ['unknown-question']), []);
  t.same(await rulesOf(PRESEED.replace('a comment', 'ingot-lint: ignore unknown-question')), []);
  t.same(await rulesOf(PRESEED.replace('a comment', 'ingot-lint: ignore')), []);
  t.same(await rulesOf(PRESEED.replace('a comment', 'ingot-lint: ignore crlf')), ['preseed/unknown-question']);
  t.same(
    await rulesOf(`# ingot-lint: ignore unknown-question\n\n\n${PRESEED}`),
    ['preseed/unknown-question'],
    'of its line',
  );
  t.same(await rulesOf(`${PRESEED}# ingot-lint: ignore-file preseed/unknown-question\n`), []);
  const typo = PRESEED.replace('a comment', 'ingot-lint: ignore unknown-questoin');
  t.same(await rulesOf(typo), ['preseed/unknown-question']);
  t.match(await lintFile(sourceFile('p.cfg', typo), { release: '12' }), [
    { rule: 'file/unknown-rule', severity: 'warning', line: 1, column: 22, endColumn: 38, hint: /unknown-question/ },
    {},
  ]);
  await t.rejects(lintFile(sourceFile('x', 'Dear all\n')), { code: 'lint.unknown-kind' });
  await t.rejects(lintFile(sourceFile('x', PRESEED), { release: 'potato' }), { code: 'usage.release' });
});

t.test('formats', (t) => {
  const long = `${'x'.repeat(500)}MISTAKE${'y'.repeat(1000)}`;
  const finding: Finding = {
    rule: 'preseed/crlf',
    severity: 'warning',
    file: 'a,b.cfg',
    line: 1,
    column: 501,
    endColumn: 508,
    message: '100 % wrong',
    hint: 'two\nlines',
  };
  const text = formatText({ ...NOTHING, findings: [finding], sources: [sourceFile('a,b.cfg', long)] });
  t.match(text, /^a,b\.cfg:1:501: warning: 100 % wrong {2}\[preseed\/crlf\]\n/);
  t.ok(
    text.split('\n').every((line) => line.length < 200),
    'a long line is cut',
  );
  const [, shown = '', mark = ''] = text.split('\n');
  t.equal(shown.slice(mark.indexOf('^'), mark.lastIndexOf('^') + 1), 'MISTAKE');
  t.match(text, /0 errors, 1 warning, 0 notes\n$/);
  t.equal(
    formatGithub({ ...NOTHING, findings: [finding] }),
    '::warning file=a%2Cb.cfg,line=1,col=501,endColumn=508,title=preseed/crlf::100 %25 wrong two%0Alines\n',
  );
  t.end();
});

t.test('the command', async (t) => {
  await using folder = await temporaryFolder();
  const at = (name: string) => join(folder.path, name);
  const lint = (...args: string[]) =>
    run(process.execPath, [MAIN, 'lint', ...args], { allow: [0, 1, 2], cwd: folder.path });
  await writeFile(at('p.cfg'), PRESEED);
  await writeFile(at('ks.cfg'), KICKSTART);
  await writeFile(at('good.cfg'), 'd-i clock-setup/utc boolean true\n');
  await writeFile(at('warned.cfg'), 'd-i clock-setup/utc boolean true\r\n');
  await writeFile(at('binary'), Buffer.from([1, 2, 0, 3]));

  const found = await lint('p.cfg', 'ks.cfg');
  t.match(found, { exitCode: 1, stdout: /^p\.cfg:2:5: error: .*\n.*\n.*\n +Did you mean netcfg\/get_hostname/m });
  t.match(found.stdout, /^ks\.cfg:3:1: error: .*bootloadr[\s\S]*bootloader/m);
  t.match(await lint('good.cfg'), { exitCode: 0, stdout: /^0 errors, 0 warnings/ });
  t.match(await lint('warned.cfg'), { exitCode: 0, stdout: /1 warning,/ });
  t.match(await lint('warned.cfg', '--fail-on', 'warning'), { exitCode: 1 });
  t.match(await lint('p.cfg', '--ignore', 'preseed/unknown-question'), { exitCode: 0 });
  t.match(await lint('ks.cfg', '--release', 'fedora-41'), { exitCode: 1 });
  t.match(await lint('binary'), { exitCode: 2, stderr: /lint\.binary[\s\S]*binary:1/ });
  t.match(await lint('nothing.cfg'), { exitCode: 2, stderr: /host\.no-such-file/ });
  t.match(await lint('x.ejs'), { exitCode: 2, stderr: /usage\.template/ });
  t.match(await lint(), { exitCode: 2, stderr: /usage\.nothing-to-lint/ });
  t.match(JSON.parse((await lint('p.cfg', '--initrd', '--format', 'json')).stdout), {
    errors: 1,
    findings: [
      { rule: 'preseed/unknown-question', file: 'p.cfg', line: 2, column: 5, replacement: 'netcfg/get_hostname' },
    ],
  });
  const sarif = JSON.parse((await lint('p.cfg', '--initrd', '--format', 'sarif')).stdout);
  t.match(sarif, {
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'ingot',
            rules: [{ id: 'preseed/unknown-question', defaultConfiguration: { level: 'error' } }],
          },
        },
        results: [
          {
            ruleId: 'preseed/unknown-question',
            level: 'error',
            locations: [
              { physicalLocation: { artifactLocation: { uri: 'p.cfg' }, region: { startLine: 2, startColumn: 5 } } },
            ],
          },
        ],
      },
    ],
  });
  t.match((await lint('p.cfg', '--initrd', '--format', 'github')).stdout, /^::error file=p\.cfg,line=2,col=5/);
});

t.test('one bad file does not hide the others', async (t) => {
  await using folder = await temporaryFolder();
  const at = (name: string) => join(folder.path, name);
  const lint = (args: readonly string[], input?: string) =>
    run(process.execPath, [MAIN, 'lint', ...args], {
      allow: [0, 1, 2],
      cwd: folder.path,
      ...(input !== undefined && { input }),
    });
  await writeFile(at('p.cfg'), PRESEED);
  await writeFile(at('ks.cfg'), KICKSTART);
  await writeFile(at('user-data.yaml'), '#cloud-config\nautoinstall:\n  version: 1\n');
  await writeFile(at('broken.yaml'), 'os: 1\nanswers: 2\n');
  const all = ['p.cfg', 'nothing.cfg', 'user-data.yaml', 'broken.yaml', 'ks.cfg'];
  const text = await lint([...all, '--release', 'debian-12', '--release', 'rhel-9']);
  t.match(text, {
    exitCode: 2,
    stdout: /^p\.cfg:2:5: error[\s\S]*^ks\.cfg:3:1: error[\s\S]*3 files could not be checked/m,
  });
  t.match(text.stderr, /nothing\.cfg[\s\S]*autoinstall[\s\S]*user-data\.yaml[\s\S]*broken\.yaml/);
  const json = JSON.parse((await lint([...all, '--format', 'json', '--release', 'debian-13'])).stdout);
  t.match(
    json.findings
      .filter(({ severity }: Finding) => severity === 'error')
      .map(({ file, rule }: Finding) => [file, rule]),
    [
      ['p.cfg', 'preseed/unknown-question'],
      ['ks.cfg', 'kickstart/unknown-command'],
      ['nothing.cfg', 'file/not-linted'],
      ['user-data.yaml', 'file/not-linted'],
      ['broken.yaml', 'file/not-linted'],
    ],
  );
  t.match(json.files, [
    { file: 'p.cfg', kind: 'preseed', release: 'Debian 13 (trixie)', reason: 'asked' },
    { file: 'ks.cfg', kind: 'kickstart', release: 'RHEL 9', reason: 'assumed' },
    { file: 'nothing.cfg', failed: 'host.no-such-file' },
    { file: 'user-data.yaml', failed: 'lint.unknown-kind', message: /autoinstall/ },
    { file: 'broken.yaml', failed: 'recipe.invalid' },
  ]);
  const sarif = JSON.parse((await lint(['nothing.cfg', 'p.cfg', '--format', 'sarif'])).stdout);
  t.match(sarif.runs[0].invocations, [{ executionSuccessful: false }]);
  t.match(
    (await lint(['nothing.cfg', 'ks.cfg', '--format', 'github'])).stdout,
    /^::error file=nothing\.cfg,line=1[\s\S]*^::notice title=file\/release::checked for RHEL 9/m,
  );
  t.match(await lint(['ks.cfg']), {
    stdout: /checked for RHEL 9, which neither a file nor --release named: ks\.cfg$/m,
  });

  t.match(await lint(['user-data.yaml', '--as', 'preseed', '--format', 'json']), {
    stdout: /preseed\/incomplete-line/,
  });
  t.match(await lint(['-', 'p.cfg'], KICKSTART), { exitCode: 1, stdout: /^-:3:1: error[\s\S]*^p\.cfg:2:5: error/m });
  t.match(await lint(['-', '-'], KICKSTART), { exitCode: 2, stderr: /usage\.stdin-twice/ });
  t.match(await lint(['-'], 'name: a\nos: b\n'), { exitCode: 2, stderr: /recipe/ });
  t.match(await lint(['p.cfg', '--ignore', 'unknown-questoin']), {
    exitCode: 2,
    stdout: '',
    stderr: /usage\.unknown-rule[\s\S]*unknown-question/,
  });
  t.match(await lint(['p.cfg', 'ks.cfg', '--tree', 'nowhere']), {
    exitCode: 2,
    stdout: '',
    stderr: /usage\.tree[\s\S]*nowhere/,
  });
  t.match(await lint(['p.cfg', '--release', 'potato']), { exitCode: 2, stdout: '', stderr: /usage\.release/ });
});

t.test('includes of includes are looked for beside the file that names them', async (t) => {
  await using folder = await temporaryFolder();
  const write = async (name: string, text: string): Promise<void> => {
    await mkdir(join(folder.path, name, '..'), { recursive: true });
    await writeFile(join(folder.path, name), text);
  };
  await write('main.ks', '#version=RHEL9\n%include sub/a.ks\n%include sub/main.ks\n');
  await write('sub/a.ks', '%include deep/b.ks\n%include beside-main.ks\n');
  await write('sub/deep/b.ks', 'keybord us\n%include ../a.ks\n');
  await write('beside-main.ks', 'langs en_US\n');
  await write('sub/main.ks', 'textt\n');
  const { stdout } = await run(process.execPath, [MAIN, 'lint', 'main.ks'], { allow: [1], cwd: folder.path });
  t.same(
    stdout.split('\n').flatMap((line) => /^\S+: error.*\[(\S+)\]$/.exec(line)?.[0].replace(/ error: .* /, ' ') ?? []),
    [
      'beside-main.ks:1:1: [kickstart/unknown-command]',
      'sub/deep/b.ks:1:1: [kickstart/unknown-command]',
      'sub/deep/b.ks:2:10: [kickstart/include-cycle]',
      'sub/main.ks:1:1: [kickstart/unknown-command]',
    ],
  );
});

t.test('a recipe is linted as it renders, and nothing starts with a mistake', async (t) => {
  await using folder = await temporaryFolder();
  const at = (name: string) => join(folder.path, name);
  const ingot = (...args: string[]) => run(process.execPath, [MAIN, ...args], { allow: [0, 1, 2], cwd: folder.path });
  await mkdir(at('store'));
  await writeFile(
    at('key.pub'),
    'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKq5u5bq7YBJfPzXKyRgkq3HyOQcs0bSgkZ9bmJ2e0cR someone\n',
  );
  const parts = ['accounts', 'locale', 'network', 'clock', 'partitioning', 'base', 'packages', 'bootloader', 'finish'];
  const includes = parts.map((name) => `<%- include('${name}') -%>\n`).join('');
  await writeFile(at('own.cfg.ejs'), `${includes}d-i netcfg/dhcp_timeot string 60\n`);
  const example = (await readFile(join(root, 'examples', 'debian-12-minimal.yaml'), 'utf8'))
    .replace(
      /^origin:/m,
      'origin:\n  mirror: http://mirror.example/debian\n  securityMirror: http://mirror.example/security',
    )
    .replace('answers:\n', 'answers:\n  template: {file: own.cfg.ejs}\n');
  await writeFile(at('r.yaml'), example);
  const key = ['--var', 'key=key.pub'];
  t.match(await ingot('lint', 'r.yaml', ...key), {
    exitCode: 1,
    stdout:
      /r\.yaml > debian-12-minimal > build > preseed\.cfg:\d+:5: error[\s\S]*> delivery > preseed\.cfg:\d+:5: error/,
  });
  t.match(
    await ingot('lint', 'r.yaml', ...key, '--ignore', 'unknown-question'),
    { exitCode: 0 },
    'of a recipe as well',
  );
  await writeFile(
    at('r.yaml'),
    example.replace('answers:\n', 'answers:\n  lint: {ignore: [preseed/unknown-questoin]}\n'),
  );
  t.match(await ingot('lint', 'r.yaml', ...key), { exitCode: 1, stdout: /file\/unknown-rule[\s\S]*unknown-question/ });
  await writeFile(at('r.yaml'), example);
  for (const verb of ['build', 'validate'])
    t.match(await ingot(verb, 'r.yaml', ...key, ...(verb === 'build' ? ['--store', 'store'] : [])), {
      exitCode: 2,
      stderr: /\[recipe\.answers\][\s\S]*dhcp_timeot/,
    });
  await writeFile(
    at('r.yaml'),
    example.replace('answers:\n', 'answers:\n  lint: {ignore: [preseed/unknown-question]}\n'),
  );
  t.match(await ingot('validate', 'r.yaml', ...key), { exitCode: 0 });
});
