import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import t from 'tap';
import { run } from '../../src/host/run.ts';
import type { Finding } from '../../src/lint/finding.ts';
import { lintPreseed, PRESEED_RULES, type PreseedContext, shippedTemplates } from '../../src/lint/preseed/lint.ts';
import { parsePreseedFile } from '../../src/lint/preseed/preseed-file.ts';
import { sourceFile } from '../../src/lint/source-file.ts';
import { CLEAN } from './preseed-files.ts';
import { MISTAKES } from './preseed-mistakes.ts';

t.setTimeout(120_000);
const templates = await shippedTemplates('12');
const lint = (text: string, more: Partial<PreseedContext> = {}): readonly Finding[] =>
  lintPreseed(sourceFile('preseed.cfg', text), { templates, ...more });
const serious = (findings: readonly Finding[]): readonly Finding[] =>
  findings.filter(({ severity }) => severity !== 'info');
const told = (findings: readonly Finding[]): string[] =>
  findings.map(({ line, rule, message }) => `${line} ${rule}: ${message}`);

t.test('each rule finds its bad example, and nothing in its good one', async (t) => {
  for (const rule of PRESEED_RULES) {
    const early = rule.name === 'preseed/early-question' || rule.name === 'preseed/command-line-only';
    const context = { inInitrd: !early, diskSize: 10e9 };
    const bad = lint(rule.bad, context);
    t.ok(
      bad.some((finding) => finding.rule === rule.name),
      `${rule.name}: bad\n${told(bad).join('\n')}`,
    );
    const others = serious(bad).filter((finding) => finding.rule !== rule.name);
    t.same(told(others), [], `${rule.name}: nothing else in its bad example`);
    const good = lint(rule.good, context);
    t.same(told(good.filter((finding) => finding.rule === rule.name)), [], `${rule.name}: good`);
    t.same(told(serious(good)), [], `${rule.name}: nothing serious in its good example`);
  }
  t.equal(new Set(PRESEED_RULES.map(({ name }) => name)).size, PRESEED_RULES.length, 'names are unique');
});

t.test('files that install are clean', async (t) => {
  for (const [name, { release, text }] of Object.entries(CLEAN)) {
    const context = { templates: await shippedTemplates(release) };
    const found = lintPreseed(sourceFile('preseed.cfg', text), context);
    t.same(told(serious(found)), [], name);
    const unattended = name.includes('templates')
      ? []
      : lintPreseed(sourceFile('x', text), { ...context, unattended: true });
    t.same(told(unattended.filter(({ rule }) => rule === 'preseed/unanswered')), [], `${name}: nothing is left open`);
    t.same(
      told(serious(lint(text.replaceAll('\n', '\r\n'))).filter(({ rule }) => rule !== 'preseed/crlf')),
      told(serious(lint(text))),
      `${name}: CR LF`,
    );
  }
});

const EXAMPLE = '/usr/share/doc/installation-guide-amd64/example-preseed.txt.gz';

t.test(
  "the installation guide's example",
  { skip: !existsSync(EXAMPLE) && 'apt install installation-guide-amd64' },
  async (t) => {
    const text = gunzipSync(await readFile(EXAMPLE)).toString();
    for (const release of ['11', '12', '13']) {
      const found = lintPreseed(sourceFile('example', text), { templates: await shippedTemplates(release) });
      t.same(told(serious(found)), [], `no alarm with the templates of ${release}`);
    }
    t.ok(MISTAKES.length >= 30);
    for (const { name, from, to, rule, at } of MISTAKES) {
      const match = from.exec(text);
      if (!match) {
        t.fail(`${name}: the example has no ${from}`);
        continue;
      }
      const changed = text.replace(from, to);
      const line = text.slice(0, match.index).split('\n').length + (at ?? 0);
      const found = lint(changed, { diskSize: 20e9 });
      t.ok(
        found.some((finding) => finding.rule === rule && finding.line === line),
        `${name}: ${rule} in line ${line}\n${told(found).join('\n')}`,
      );
      // Some of its lines are there twice.
      const others = serious(found).filter((finding) => ![rule, 'preseed/duplicate-answer'].includes(finding.rule));
      t.same(told(others), [], `${name}: nothing else`);
    }
  },
);

t.test('lines as the installer reads them', async (t) => {
  const { answers, troubles } = parsePreseedFile(
    sourceFile(
      'x',
      '  d-i   a/b \\\n#dropped\n\n  string  one \\\n\t two \nx c/d seen true\n#d-i e/f string\nd-i g/h string\n',
    ),
  );
  t.match(
    answers.map(({ owner, question, type, value }) => [owner.text, question.text, type.text, value.text]),
    [
      ['d-i', 'a/b', 'string', 'one two '],
      ['x', 'c/d', 'seen', 'true'],
      ['d-i', 'g/h', 'string', ''],
    ],
  );
  t.same(troubles, []);
  t.match(answers[0]?.type, { line: 4, column: 3, endColumn: 9 });
  t.match(answers[0]?.placeInValue(4, 3), { line: 5, column: 3, endColumn: 6 });
});

t.test('positions and replacements', async (t) => {
  const [found] = lint('d-i  clock-setup/utc boolean   yes\n');
  t.match(found, { rule: 'preseed/boolean-value', line: 1, column: 32, endColumn: 35, replacement: 'true' });
  const recipe = lint(
    'd-i partman-auto/expert_recipe string one :: \\\n  5GB 10 -1 ext4 \\\n  method{ format } mountpoint{ / } use_filesystem{ } .\n',
  );
  t.match(recipe, [{ rule: 'preseed/recipe-size', line: 2, column: 3, endColumn: 6, replacement: '5000' }]);
});

t.test('codes that people take for those of a country', async (t) => {
  const meant = (line: string) => lint(`d-i ${line}\n`, { inInitrd: true }).map(({ replacement }) => replacement);
  t.same(meant('mirror/country string uk'), ['GB']);
  t.same(meant('mirror/country string de'), ['DE']);
  t.same(meant('mirror/country string XX'), [undefined]);
  t.same(meant('debian-installer/language string en\nd-i debian-installer/country string UK'), ['GB']);
  t.same(meant('debian-installer/language string ja\nd-i debian-installer/country string JA'), ['JP']);
  t.same(meant('debian-installer/locale string en_uk.UTF-8'), ['en_GB.UTF-8']);
});

/** Answers to locale, language and country, and what localechooser makes of them: `!` asks in any case, `?` at `high`. */
const LOCATIONS: readonly (readonly [locale: string, language: string, country: string, asks: string])[] = [
  ['en_US.UTF-8', '', '', ''],
  ['en_US', '', '', ''],
  ['pt_BR.UTF-8', '', '', ''],
  ['de_DE@euro', '', '', ''],
  ['C', 'C', 'US', ''],
  ['C.UTF-8', 'en', 'US', ''],
  ['', 'en', 'US', ''],
  ['lb_LU.UTF-8', 'en', 'LU', ''],
  ['C', 'de_AT:de', 'AT', ''],
  ['C', '', '', '!'],
  ['C.UTF-8', '', '', '!'],
  ['de', '', '', '!'],
  ['de.UTF-8', '', '', '!'],
  ['cs', '', '', '?'],
  ['lb_LU.UTF-8', '', '', '!'],
  ['en_US.UTF-8', 'en', '', '!'],
  ['en_US.UTF-8', '', 'US', '!'],
  ['C', 'C', '', '!'],
  ['cs_CZ.UTF-8', 'cs', '', '?'],
  ['', 'lb', 'LU', '!'],
  ['', '', 'US', '!'],
  ['eo', '', '', '!'],
];

t.test('language and country as localechooser asks for them', async (t) => {
  for (const [locale, language, country, asks] of LOCATIONS) {
    const lines = Object.entries({ locale, language, country }).flatMap(([name, value]) =>
      value === '' ? [] : [`d-i debian-installer/${name} string ${value}\n`],
    );
    const text = lines.join('');
    const severities = (context: Partial<PreseedContext>) =>
      lint(text, context).flatMap(({ rule, severity }) => (rule === 'preseed/location' ? [severity] : []));
    const expected = asks === '' ? [] : [asks === '!' ? 'error' : 'warning'];
    t.same(severities({}), expected, text);
    t.same(severities({ inInitrd: true, unattended: true }), expected, text);
    t.same(severities({ inInitrd: false }), asks === '' ? [] : ['info'], 'asked before it is read');
    t.same(severities({ unattended: false }), [], 'somebody answers');
    t.same(
      lint(`${text}d-i preseed/include string more.cfg\n`).filter(({ rule }) => rule === 'preseed/location'),
      [],
    );
  }
  const silent = lint('d-i clock-setup/utc boolean true\n', { inInitrd: true, unattended: true });
  t.ok(
    silent.some(({ rule, severity }) => rule === 'preseed/location' && severity === 'warning'),
    'nothing answers',
  );
});

t.test('the keyboard and the time zone', async (t) => {
  const rest =
    'd-i mirror/country string manual\nd-i netcfg/get_hostname string a\nd-i partman/mount_style select uuid\n';
  const asked = (text: string, context: Partial<PreseedContext> = {}): string[] =>
    lint(text + rest, context).flatMap(({ rule, severity, message }) => {
      const [name] = /xkb-keymap|time\/zone/.exec(message) ?? [];
      return rule === 'preseed/unanswered' && name !== undefined ? [`${severity} ${name}`] : [];
    });
  const locale = 'd-i debian-installer/locale string en_US.UTF-8\n';
  const keymap = 'd-i keyboard-configuration/xkb-keymap select us\n';
  t.same(asked(locale), ['info xkb-keymap'], 'the command line may have it');
  t.same(asked(locale, { inInitrd: true }), ['warning xkb-keymap']);
  t.same(asked(locale + keymap, { inInitrd: true }), []);
  t.same(asked(`${locale}${keymap}d-i clock-setup/utc boolean true\n`), ['info time/zone']);
  t.same(asked(`${locale.replace('US', 'GB')}${keymap}d-i clock-setup/utc boolean true\n`), [], 'one zone');
});

/** Commands of late_command, and what is told: the rule's last word with the text at its place. */
const TARGETS: readonly (readonly [command: string, ...told: string[]])[] = [
  ['in-target systemctl enable ssh'],
  ['"in-target systemctl enable ssh"', 'program "in-target systemctl enable ssh"'],
  ["'apt-install vim'; in-target true", "program 'apt-install vim'"],
  ['systemctl enable ssh', 'program systemctl'],
  ['in-target apt-get update && apt-get -y upgrade', 'program apt-get'],
  ['FOO=1 /usr/sbin/useradd -m a', 'program /usr/sbin/useradd'],
  ['if true; then update-grub; fi', 'program update-grub'],
  ['log-output -t late in-target apt-get update'],
  ['log-output -t late apt-get update', 'program apt-get'],
  ['in-target "apt-get update"', 'program "apt-get update"'],
  ["chroot /target 'apt-get update'", "program 'apt-get update'"],
  ['chroot /target apt-get update'],
  ["in-target sh -c 'apt-get update; useradd a > /etc/b'"],
  ['in-target echo hello > /etc/motd', 'output /etc/motd'],
  ['echo a >> /root/.bashrc; echo b >/target/root/.bashrc', 'output /root/.bashrc'],
  ['echo a 2>/dev/null >/tmp/b 2>&1; cat /etc/c < /etc/d'],
  ['echo systemctl; printf "%s" apt-get; mkdir -p /target/etc/sudo'],
  ['for program in apt dpkg; do in-target which $program; done'],
  ['cp /cdrom/a /target/a # apt-get update'],
  ['"$(cat /a)" b; $c d; `e f`'],
  ['wget -O - http://192.0.2.1/a | sh'],
  ['sed -i "s/a b/c d/" /target/etc/e; awk "{ print }" f'],
];

t.test('where a command runs, and where it writes', async (t) => {
  for (const [command, ...expected] of TARGETS) {
    const line = `d-i preseed/late_command string ${command}`;
    const found = lint(`${line}\n`).flatMap(({ rule, column, endColumn }) =>
      /command-(program|output)$/.test(rule) ? [`${rule.slice(16)} ${line.slice(column - 1, endColumn - 1)}`] : [],
    );
    t.same(found, expected, command);
  }
  t.match(lint('d-i preseed/early_command string apt-get update\n'), [{ hint: /not there yet/ }]);
  t.same(lint('d-i preseed/early_command string echo a > /etc/b\n'), [], 'its own files are meant');
});

t.test('typographic characters in values and commands', async (t) => {
  const found = (line: string): string[] =>
    lint(`${line}\n`).flatMap(({ rule, severity, column }) =>
      rule === 'preseed/odd-character' ? [`${severity} ${line[column - 1]}`] : [],
    );
  t.same(found('d-i preseed/late_command string in-target sh -c ‘echo a’'), ['error ‘']);
  t.same(found('d-i preseed/late_command string in-target apt-get –y upgrade'), ['error –']);
  t.same(found('d-i netcfg/get_hostname string “web1”'), ['error “']);
  t.same(found('d-i passwd/user-fullname string Zoë O’Brien – the boss'), ['info ’']);
  t.same(found('d-i passwd/user-fullname string Anna\u00a0B'), ['error \u00a0']);
});

t.test('a line end of printf is lost only on the way through the initrd', async (t) => {
  const text = "d-i preseed/late_command string printf 'one\\ntwo\\n' > /target/root/a\n";
  t.same(lint(text), []);
  t.same(lint(text, { inInitrd: false }), []);
  t.match(lint(text, { inInitrd: true }), [{ rule: 'preseed/command-newline', severity: 'warning' }]);
});

t.test('what is not covered is never unknown', async (t) => {
  t.match(lint('my-package my-package/colour string blue\n'), [{ rule: 'preseed/not-checked', severity: 'info' }]);
  t.match(lint('d-i partman/of_a_blend string blue\n'), [{ rule: 'preseed/not-checked', severity: 'info' }]);
  t.match(lint('d-i debian-installer/locael string C\n'), [
    { rule: 'preseed/unknown-question', replacement: 'debian-installer/locale' },
  ]);
  t.match(lint('d-i netcfg/no_such_thing_at_all boolean true\n', { inInitrd: true }), [
    { rule: 'preseed/unknown-question', severity: 'warning' },
  ]);
});

t.test('what is left open', async (t) => {
  const rest =
    'd-i clock-setup/utc boolean true\nd-i mirror/country string DE\nd-i finish-install/reboot_in_progress note\n';
  const text = `d-i passwd/username string anna\nd-i passwd/root-login boolean false\n${rest}`;
  t.match(lint(text), [
    { line: 1, severity: 'info', message: /partman-auto/ },
    { line: 1, severity: 'warning', message: /user-fullname/ },
    { line: 1, severity: 'warning', message: /user-password/ },
  ]);
  t.same(lint(text, { unattended: false }), [], 'somebody answers');
  t.same(lint(`${text}d-i preseed/include string accounts.cfg\n`), [], 'a fragment');
  t.ok(lint('d-i clock-setup/utc boolean true\n', { unattended: true }).length > 3, 'nothing else is there');
  t.same(lint('d-i clock-setup/utc boolean true\n'), [], 'a fragment by its looks');
});

t.test('accounts that the installer asks for', async (t) => {
  const rest = 'd-i mirror/country string DE\nd-i netcfg/get_hostname string a\nd-i partman/mount_style select uuid\n';
  const asked = (text: string): string[] =>
    lint(text + rest).flatMap(({ rule, severity, message }) =>
      rule === 'preseed/unanswered' && severity === 'warning' ? [(/passwd\/[a-z-]+/.exec(message) ?? [''])[0]] : [],
    );
  const none = 'd-i passwd/make-user boolean false\n';
  t.same(asked(`${none}d-i passwd/root-password-crypted password *\n`), []);
  t.same(asked(`${none}d-i passwd/root-password-crypted password !\n`), ['passwd/root-password'], 'asked for again');
  t.same(
    asked(`${none}d-i passwd/root-login boolean false\n`),
    ['passwd/user-fullname', 'passwd/username', 'passwd/user-password'],
    'without root there is a user in any case',
  );
  const user = 'd-i passwd/root-login boolean false\nd-i passwd/user-password-crypted password *\n';
  const named = (full: string): string =>
    `${user}d-i passwd/user-fullname string ${full}\nd-i passwd/username string\n`;
  t.same(asked(named('Anna Example')), [], 'the first word will do');
  t.same(asked(named('')), ['passwd/username']);
  t.same(serious(lint(`${none}d-i passwd/username string Anna\n`)), [], 'nobody looks at it');
  t.same(serious(lint(`${user}d-i passwd/root-password password x\n`)), [], 'nor at this');
});

t.test('how bad it is: an error is what the installer stops at', async (t) => {
  const cases: Readonly<Record<string, string>> = {
    'd-i partman/confirm boolean yes': 'error preseed/boolean-value',
    'd-i apt-setup/contrib boolean yes': 'warning preseed/boolean-value',
    'd-i partman-auto/method lvm': 'error preseed/unknown-type',
    'd-i localechooser/supported-locales de_DE.UTF-8': 'warning preseed/unknown-type',
    'partman/confirm boolean true': 'error preseed/unknown-type',
    'd-i netcfg/get_domain string my_domain': 'info preseed/hostname',
    'd-i netcfg/get_hostname string web1.': 'error preseed/hostname',
    'd-i netcfg/dhcp_timeout string 60s': 'warning preseed/seconds',
    'd-i netcfg/link_wait_timeout string 0': 'error preseed/seconds',
    'd-i netcfg/get_ipaddress string dhcp': 'warning preseed/address',
    'd-i partman-auto/choose_recipe select atmoic': 'warning preseed/partman-value',
    'd-i partman/choose_partition select finish': '',
    'd-i partman/choose_partition select 90finish': '',
    'd-i partman/choose_partition select 90finish__________finish': '',
    'd-i partman/choose_partition select Finish partitioning and write changes to disk': 'error preseed/partman-value',
    'd-i partman/choose_partition select lvm': 'error preseed/partman-value',
    'd-i partman/choose_partition select Finish': 'error preseed/partman-value',
    'd-i partman-auto/init_automatically_partition select some_device': '',
    'd-i partman-auto/init_automatically_partition select 60some_device_lvm__________/var/lib/partman/devices/=dev=sda':
      '',
    'd-i partman-auto/init_automatically_partition select Guided - use entire disk': 'error preseed/partman-value',
    'd-i partman-auto/init_automatically_partition select some_devise': 'error preseed/partman-value',
    'd-i mirror/country string manual': '',
    'd-i mirror/country string GB': '',
    'd-i mirror/country string uk': 'warning preseed/suite',
    'd-i mirror/country string UK': 'warning preseed/suite',
    'd-i partman-lvm/device_remove_lvm_span boolean true': 'info preseed/wrong-type',
    'd-i grub-installer/progress/step_bootdev string x': 'info preseed/not-checked',
    'd-i passwd/user-fullname string User #1': '',
    'd-i passwd/root-password-crypted password *LOCKED*': '',
    'd-i preseed/late_command string a; \\\n # b': 'info preseed/indented-comment',
    'd-i preseed/late_command string a; \\\n # b; \\\n c': 'warning preseed/indented-comment',
    'd-i preseed/late_command string x=$(case a in a) b;; esac)': '',
  };
  for (const [text, expected] of Object.entries(cases)) {
    const found = lint(`${text}\n`, { inInitrd: true }).map(({ severity, rule }) => `${severity} ${rule}`);
    t.same(found, expected === '' ? [] : [expected], text);
  }
  const both = 'd-i partman/confirm boolean true\nd-i partman/confrim boolean true\n';
  t.match(lint(both), [{ line: 2, severity: 'warning', rule: 'preseed/unknown-question' }], 'the real one is there');
});

t.test('a static network', async (t) => {
  const text = (rest: string): string => `d-i netcfg/disable_autoconfig boolean true\n${rest}`;
  const found = (rest: string): string[] =>
    lint(text(rest), { inInitrd: true }).map(({ line, severity, rule }) => `${line} ${severity} ${rule}`);
  const mask = 'd-i netcfg/get_ipaddress string 192.0.2.200\nd-i netcfg/get_netmask string 255.255.255.128\n';
  t.same(found(`${mask}d-i netcfg/get_gateway string 192.0.2.129\n`), []);
  t.same(found(`${mask}d-i netcfg/get_gateway string 192.0.2.1\n`), ['4 error preseed/address']);
  t.same(found('d-i netcfg/get_ipaddress string 192.0.2.9/24\nd-i netcfg/get_gateway string 192.0.3.1\n'), [
    '3 error preseed/address',
  ]);
  t.same(found('d-i netcfg/get_nameservers string 192.0.2.1 ns\n'), ['2 warning preseed/address']);
  t.same(found('d-i netcfg/get_nameservers string 192.0.2.1,192.0.2.2\n'), ['2 error preseed/address']);
  t.same(found('d-i netcfg/get_ipaddress string\n'), ['2 error preseed/empty-value']);
  t.same(found('d-i netcfg/confirm_static boolean false\n'), ['2 warning preseed/refused-confirmation']);
});

t.test('RAID recipes', async (t) => {
  const found = (value: string): string[] =>
    lint(`d-i partman-auto-raid/recipe string ${value}\n`).map(({ message }) => message);
  t.same(found('1 2 0 ext4 /boot raidid=1 . 1 2 0 lvm - raidid=2 .'), []);
  t.same(found('1 2 0 ext4 / /dev/sda1#missing .'), []);
  t.same(found('5 3 1 ext4 / /dev/sda1#/dev/sdb1#/dev/sdc1 /dev/sdd1 .'), []);
  for (const [value, message] of [
    ['1 2 0 ext4 / /dev/sda1#/dev/sdb1', /no `\.` at its end/],
    ['1 2 0 ext4 / /dev/sda#1 /dev/sdb#1 .', /no path of a device/],
    ['1 2 0 swap /dev/sda2#/dev/sdb2 .', /an array has/],
    ['5 2 0 ext4 / /dev/sda1#/dev/sdb1 .', /needs 3 devices/],
    ['1 2 0 ext4 / /dev/sda1#/dev/sdb1#/dev/sdc1 .', /2 devices, here are 3/],
    ['mirror 2 0 ext4 / /dev/sda1#/dev/sdb1 .', /no RAID level/],
  ] as const)
    t.match(found(value), [message], value);
});

t.test('a disk that is large enough, and one that is not', async (t) => {
  const text =
    `d-i partman-auto/expert_recipe string one :: 9000 9000 -1 ext4 method{ format } format{ } use_filesystem{ }
`.replace('\n', ' filesystem{ ext4 } mountpoint{ / } .\n');
  t.same(lint(text, { diskSize: 10e9 }), []);
  t.match(lint(text, { diskSize: 8e9 }), [
    { rule: 'preseed/recipe-disk', message: /9000 MB at least, the disk has 8000 MB/ },
  ]);
});

t.test('slips in recipes, each at its word', async (t) => {
  const good =
    'one :: 500 600 -1 ext4 method{ format } format{ } use_filesystem{ } filesystem{ ext4 } mountpoint{ / } .';
  const cases: Readonly<Record<string, readonly [from: string, to: string, rule: string, at: string]>> = {
    'no colons': ['one ::', 'one', 'recipe-syntax', 'one'],
    'colons without a blank': ['one ::', 'one::', 'recipe-syntax', 'one::'],
    'a size with a unit': ['500', '500MB', 'recipe-size', '500MB'],
    'a maximum below the minimum': ['-1', '400', 'recipe-size', '400'],
    'a size too few': ['500 600', '500', 'recipe-size', '500'],
    'a file system': ['-1 ext4', '-1 etx4', 'recipe-size', 'etx4'],
    'the file system to be made': ['{ ext4', '{ ex4', 'recipe-specifier', 'filesystem{'],
    'no blanks in braces': ['format{ } use', 'format{} use', 'recipe-syntax', 'format{}'],
    'a blank before a brace': ['method{', 'method {', 'recipe-syntax', 'method'],
    'no closing brace': ['method{ format }', 'method{ format', 'recipe-syntax', 'method{'],
    'a full stop that hangs on': ['} .', '}.', 'recipe-syntax', '500'],
    'no full stop': [' .', '', 'recipe-syntax', '500'],
    'a misspelled specifier': ['mountpoint', 'mountpiont', 'recipe-specifier', 'mountpiont{'],
    'a misspelled method': ['{ format }', '{ fromat }', 'recipe-specifier', 'method{'],
    'no path': ['{ / }', '{ root }', 'recipe-specifier', 'mountpoint{'],
    'no method': ['method{ format } ', '', 'recipe-specifier', 'mountpoint{'],
    'no format': [' format{ }', '', 'recipe-specifier', 'mountpoint{'],
    'no file system': [' filesystem{ ext4 }', '', 'recipe-specifier', 'mountpoint{'],
    'another method': ['{ format }', '{ make }', 'recipe-specifier', 'method{'],
    'a $ too few': ['method{', 'bootable{ } method{', 'recipe-specifier', 'bootable{'],
    'a blank before the brace of its own': ['method{', '$primary { } method{', 'recipe-syntax', '$primary'],
    'a priority with a unit': ['600', '600MB', 'recipe-size', '600MB'],
    'a lost full stop': [' .', ' 64 512 300% linux-swap method{ swap } format{ } .', 'recipe-syntax', '64'],
    'a lost full stop, and a file system by name': [
      ' .',
      ' 1+5% 2 -1 $default_filesystem method{ keep } .',
      'recipe-syntax',
      '1+5%',
    ],
    'a second method': ['method{', 'method{ swap } method{', 'recipe-specifier', 'method{'],
    'a second mount point': ['mountpoint{', 'mountpoint{ /srv } mountpoint{', 'recipe-specifier', 'mountpoint{'],
  };
  t.same(serious(lint(`d-i partman-auto/expert_recipe string ${good}\n`)), []);
  for (const [name, [from, to, rule, at]] of Object.entries(cases)) {
    const text = `d-i partman-auto/expert_recipe string ${good.replace(from, to)}`;
    const found = lint(`${text}\n`).map((one) => `${one.rule} ${text.slice(one.column - 1, one.endColumn - 1)}`);
    t.ok(found.includes(`preseed/${rule} ${at}`), `${name}: ${found.join(', ')}`);
  }
});

t.test('a lost full stop is the one mistake that is told', async (t) => {
  const root =
    '3000 8000 -1 ext4 $primary{ } method{ format } format{ } use_filesystem{ } filesystem{ ext4 } mountpoint{ / }';
  const text = `d-i partman-auto/expert_recipe string a :: ${root} 500 700 1000 linux-swap method{ swap } format{ } .\n`;
  t.match(lint(text), [{ rule: 'preseed/recipe-syntax', severity: 'error', message: /two become one/ }]);
  t.equal(lint(text).length, 1);
});

const VOLUME =
  '3000 8000 -1 ext4 $lvmok{ } method{ format } format{ } use_filesystem{ } filesystem{ ext4 } mountpoint{ / } .';
const BOOT = '500 600 700 ext4 method{ format } format{ } use_filesystem{ } filesystem{ ext4 } mountpoint{ /boot } .';

t.test('recipes for LVM', async (t) => {
  const found = (recipe: string, method = 'lvm', more = ''): string =>
    lint(`d-i partman-auto/method string ${method}\nd-i partman-auto/expert_recipe string a :: ${recipe}\n${more}`)
      .flatMap(({ rule, severity, message }) => (rule === 'preseed/recipe-lvm' ? [`${severity}: ${message}`] : []))
      .join('\n');
  const glued = VOLUME.replace('$lvmok{ }', '$lvmok{}');
  const none = VOLUME.replace('$lvmok{ }', '');
  const bootVolume = BOOT.replace('method', '$lvmok{ } method');
  t.equal(found(`${BOOT} ${VOLUME}`), '');
  t.equal(found(`${BOOT} ${glued}`), '', 'the mark is looked for as text');
  t.equal(found(`${BOOT} ${VOLUME.replace('$lvmok{ }', '$lvmok')}`), '');
  t.match(found(`${BOOT} ${none}`), /^error: no partition has/);
  t.match(found(`${BOOT} ${VOLUME.replace('method', '$lvmignore{ } method')}`), /no partition has/, 'left out');
  t.equal(found(`${none} ${VOLUME.replace('/ }', '/srv }')}`), '', '/ outside of LVM boots as well');
  for (const method of ['lvm', 'crypto']) t.match(found(VOLUME, method), /^error: neither \/ nor \/boot/, method);
  t.match(found(`${BOOT.replace('method', '$lvmignore{ } method')} ${VOLUME}`), /neither/, 'a /boot that is left out');
  t.match(found(`${bootVolume} ${VOLUME}`), /\/boot is to be a logical[\s\S]*neither/);
  t.equal(found(VOLUME, 'lvm', 'd-i partman-auto-lvm/no_boot boolean true\n'), '', 'answered');
  t.match(found(VOLUME, 'lvm', 'd-i partman-auto-lvm/no_boot boolean false\n'), /neither/);
  t.equal(found(VOLUME, 'regular'), '');
  const array = 'd-i partman-auto-raid/recipe string 1 2 0 ext4 /boot raidid=1 . 1 2 0 lvm - raidid=2 .\n';
  t.equal(found(VOLUME, 'raid', array), '', 'the array has /boot');
  t.match(found(none, 'raid', array), /no partition has/);
  t.match(found(bootVolume, 'raid', array), /\/boot is to be a logical/);
});

t.test('an unknown release', async (t) => {
  await t.rejects(shippedTemplates('etch'), { code: 'usage.release' });
  for (const name of ['12', '12.8', 'bookworm', 'debian-12', 'Bookworm'])
    t.equal((await shippedTemplates(name)).release, '12');
});

const line = fc.oneof(
  fc.string(),
  fc.constantFrom(
    'd-i',
    'netcfg/get_hostname',
    'string',
    '\\',
    '#',
    '\t',
    '  ',
    '"',
    "'",
    '$(',
    '{ }',
    '.',
    '::',
    '\r',
    '\ufeff',
    'constructor',
    '__proto__',
  ),
  fc.constantFrom(...Object.values(CLEAN).flatMap(({ text }) => text.split('\n'))),
  fc.constantFrom(
    'd-i partman-auto/expert_recipe string a :: ',
    'd-i preseed/late_command string ',
    'd-i partman-auto-raid/recipe string ',
  ),
);
const file = fc
  .array(
    fc.array(line, { maxLength: 6 }).map((words) => words.join(' ')),
    { maxLength: 30 },
  )
  .map((lines) => lines.join('\n'));

t.test('words that every object has are words like others', (t) => {
  const lines = ['constructor string x', 'd-i constructor string x', 'd-i netcfg/get_hostname constructor x'];
  for (const text of [
    ...lines,
    'd-i keyboard-configuration/xkb-keymap select constructor',
    'd-i partman-auto-raid/recipe string constructor 2 0 ext4 / /dev/sda1#/dev/sdb1 .',
  ]) {
    const found = lintPreseed(sourceFile('x', text), { templates, unattended: true, diskSize: 1e10 });
    t.notMatch(JSON.stringify(found), /function|native code|undefined/, text);
    t.notOk(
      found.some(({ rule }) => rule === 'short-name' || rule === 'deprecated'),
      text,
    );
  }
  t.end();
});

t.test('whatever a file holds: no throw, and places that exist', async (t) => {
  fc.assert(
    fc.property(file, fc.boolean(), (text, unattended) => {
      const source = sourceFile('x', text);
      for (const finding of lintPreseed(source, { templates, unattended, diskSize: 1e10 })) {
        const { line: number, column, endColumn } = finding;
        const length = source.lines[number - 1]?.length ?? -1;
        if (number < 1 || column < 1 || endColumn < column || endColumn > length + 2)
          throw new Error(JSON.stringify(finding));
      }
    }),
    { numRuns: 300 },
  );
  t.pass();
});

t.test('large files take no time', async (t) => {
  const long = 'x'.repeat(10_000_000);
  const cases: Readonly<Record<string, string>> = {
    'one word': long,
    'one value': `d-i preseed/late_command string ${long}`,
    'a value of blanks': `d-i pkgsel/include string ${' '.repeat(10_000_000)}`,
    'a value of words': `d-i pkgsel/include string ${'a/b string '.repeat(900_000)}`,
    'a recipe': `d-i partman-auto/expert_recipe string ${'a{ '.repeat(3_000_000)}`,
    backslashes: '\\ '.repeat(5_000_000),
    'many lines': 'd-i netcfg/get_hostname string web1\n'.repeat(20_000),
    'many continued lines': `d-i pkgsel/include string ${'a \\\n'.repeat(500_000)}`,
    'many unknown questions': Array.from({ length: 3000 }, (_, index) => `d-i netcfg/thing${index} string x`).join(
      '\n',
    ),
    quotes: `d-i preseed/late_command string ${'"$('.repeat(300_000)}`,
  };
  for (const [name, text] of Object.entries(cases)) {
    // Processor time: the wall clock tells of what else the machine does.
    const before = process.cpuUsage();
    lint(text);
    const took = process.cpuUsage(before).user / 1000;
    t.ok(took < 2000, `${name}: ${took.toFixed(0)} ms`);
  }
});

t.test('debconf-set-selections accepts what has no error of syntax', async (t) => {
  const folder = t.testdir({});
  const accepts = async (text: string): Promise<boolean> => {
    const path = join(folder, 'preseed.cfg');
    await writeFile(path, text);
    const { exitCode, stderr } = await run('debconf-set-selections', ['-c', path], {
      allow: [0, 1, 2, 9, 22, 25, 29, 255],
    });
    return exitCode === 0 && !/warning: Unknown type|error: parse error/.test(stderr);
  };
  for (const [name, { text }] of Object.entries(CLEAN)) {
    if (name.includes('templates')) continue;
    // Between continued lines debconf's own program takes a comment for a part of the value.
    t.ok(await accepts(text.replace(/^# a comment between.*\n/m, '')), name);
  }
  for (const text of ['d-i netcfg/get_hostname\n', 'd-i partman/confirm true\n', 'one\n']) {
    t.notOk(await accepts(text), text);
    t.ok(
      lint(text).some(({ severity }) => severity === 'error'),
      text,
    );
  }
});
