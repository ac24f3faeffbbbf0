/** Words that people use: those that a system takes are taken, for the others it is said what to write. */
import t from 'tap';
import { failure, HASH, HEAD, KEY, load } from './helpers.ts';

const answers = (field: string, value: string): string => `${HEAD}answers: {${field}: ${value}}\n`;
const ISO = (release: string, more = ''): string =>
  `name: test\nos: {family: ${/^\d\d$/.test(release) ? 'debian' : 'redhat'}, release: "${release}"}\norigin: {iso: i.iso, sha256: ${'a'.repeat(64)}${more}}\n`;
const files = { 'i.iso': 'x' };
const quoted = (text: string): string => JSON.stringify(text);
const keys = (key: string): string => answers('root', `{sshKeys: [${quoted(key)}]}`);
const user = (name: string, more = ''): string => answers('users', `[{name: ${quoted(name)}${more}}]`);

/** Recipes that are right. */
const TAKEN: readonly (readonly [string, string])[] = [
  ['a user with a dot', user('first.last', ", sudo: nopasswd, groups: ['team.one']")],
  ['admin', user('admin')],
  ['a name with _ first', user('_deploy')],
  ['ftp, where nothing has it', user('mysql')],
  ...[
    'hvc0',
    'hvc1',
    'xvc0',
    'ttyS0',
    'ttyS1,57600',
    'ttyS0,115200n8',
    'ttyAMA0',
    'ttyUSB0,9600n8r',
    'tty1',
    'lp0',
  ].map((console) => [`console ${console}`, answers('consoles', `[${quoted(console)}]`)] as const),
  ...[
    'us(intl)',
    'de(neo)',
    'fr(bepo)',
    'gb',
    '{layout: de, variant: neo}',
    '{layout: us, variant: intl, model: pc104}',
  ].map(
    (keyboard) =>
      [`keyboard ${keyboard}`, answers('keyboard', keyboard.startsWith('{') ? keyboard : quoted(keyboard))] as const,
  ),
  ['keyboard options', answers('keyboard', "{layout: us, options: ['caps:escape', 'compose:ralt']}")],
  ...[
    'console=hvc0',
    'dyndbg="module nvme +p"',
    'foo="bar"',
    'systemd.setenv="A=b c"',
    'acpi_osi=!',
    'a="b c",d="e f"',
    'pci="resource_alignment=20@0000:00:1c.0;0000:00:1d.0"',
    'memmap="10M&5M"',
    'a=#',
  ].map((word) => [`argument ${word}`, answers('kernelArguments', `[${quoted(word)}]`)] as const),
  ...[
    'nginx=1.22.*',
    'nginx=1.22.1-9+deb12u?',
    'docker.io=20.10.24+dfsg1-1',
    'bind9=1:9.18.*',
    'cockpit/bookworm-backports',
    'g++',
    'libstdc++-12-dev',
    'linux-image-amd64/bookworm-security',
    'nginx/bookworm',
  ].map((word) => [`package ${word}`, answers('packages', `[${quoted(word)}]`)] as const),
  [
    'a package of backports on the medium',
    HEAD.replace('debian}', 'debian, packages: [cockpit/bookworm-backports, "jq=1.6*"]}'),
  ],
  ...[
    `from="192.0.2.0/24,*.example.org" ${KEY}`,
    `restrict,command="/usr/bin/rrsync -ro /srv" ${KEY}`,
    `cert-authority ${KEY}`,
    `cert-authority,principals="a,b" ${KEY}`,
    `no-pty,no-X11-forwarding,no-agent-forwarding ${KEY}`,
    `environment="A=\\"b c\\"" ${KEY}`,
    `expiry-time="20271231" ${KEY}`,
    `permitopen="localhost:80",permitopen="localhost:443" ${KEY}`,
    `${KEY}\n`,
    KEY.replaceAll(' ', '  '),
    KEY.replaceAll(' ', '\t'),
  ].map((key) => [`key ${key.slice(0, 40)}`, keys(key)] as const),
  ['the address of a card as switches write it', answers('network', '{match: {mac: 5254.0012.3456}, dhcp: true}')],
  ...[
    'answers: {users: [{name: deploy, groups: [web]}]}\nconfigure: [{copy: {content: x, to: /x, owner: "deploy:web"}}]',
    'configure: [{run: {script: useradd deploy}}, {run: {script: id, user: deploy}}]',
    'answers: {packages: [nginx]}\nconfigure: [{copy: {content: x, to: /x, owner: "deploy:deploy"}}]',
    'configure: [{copy: {content: x, to: /x, owner: "www-data:adm"}}]',
  ].map((rest) => [rest, `${HEAD}${rest}\n`] as const),
  ...['sr_RS.UTF-8@latin', 'en_US.UTF-8', 'ca_ES.UTF-8@valencia'].map(
    (name) => [name, answers('locale', name)] as const,
  ),
];

/** Recipes that are not, with what is said. */
const REFUSED: readonly (readonly [string, string, RegExp])[] = [
  ...(
    [
      ['en_US', /Did you mean `en_US\.UTF-8`\?/],
      ['sr_RS@latin', /Did you mean `sr_RS\.UTF-8@latin`\?/],
      ['en_US.utf8', /`en_US\.UTF-8`/],
      ['en-us', /`en_US\.UTF-8`/],
      ['de_DE@euro', /`de_DE\.UTF-8`/],
      ['de_DE.ISO-8859-1', /`de_DE\.UTF-8`/],
      ['C', /Write `C\.UTF-8`/],
      ['POSIX', /Write `C\.UTF-8`/],
      ['de', /`de_AT\.UTF-8`, `de_BE\.UTF-8`/],
    ] as const
  ).map(([word, hint]) => [`locale ${word}`, answers('locale', quoted(word)), hint] as const),
  ...(
    [
      ['us-intl', /Write `us\(intl\)`/],
      ['us intl', /Write `us\(intl\)`/],
      ['us, intl', /Write `us\(intl\)`/],
      ['us:intl', /Write `us\(intl\)`/],
      ['de neo', /Write `de\(neo\)`/],
      ['neo', /Write `de\(neo\)`/],
      ['de-latin1-nodeadkeys', /Write `de\(nodeadkeys\)`/],
      ['de-latin1', /Write `de`/],
      ['uk', /Write `gb`/],
      ['en_US', /Write `us`/],
      ['sv-latin1', /Write `se`/],
      ['us(international)', /Variants of us: .*intl/],
      ['us,ru', /a step can set a second one/],
      // There is a variant `us` of `de`.
      ['de,us', /a step can set a second one/],
      ['us(dvorak-int)', /Did you mean `us\(dvorak-intl\)`/],
      // In every object, and no layout.
      ['constructor', /keyboard: /],
      ['constructor(toString)', /keyboard: /],
    ] as const
  ).map(([word, hint]) => [`keyboard ${word}`, answers('keyboard', quoted(word)), hint] as const),
  [
    'a variant of another layout',
    answers('keyboard', '{layout: us, variant: neo}'),
    /keyboard\.variant: expected a variant of this layout/,
  ],
  ['variants by name', answers('keyboard', '{layout: br, variant: abnt2}'), /layout \(.*nodeadkeys/],
  ['languages', answers('locale', '[en_US.UTF-8, de_DE.UTF-8]'), /One value, not a list/],
  ['a layout that every object has', answers('keyboard', '{layout: constructor, variant: x}'), /keyboard\.layout/],
  ['a model', answers('keyboard', '{layout: us, model: pc150}'), /Did you mean `pc105`\?/],
  ...(
    [
      ['UTC+2', /Write `Etc\/GMT-2`/],
      ['utc', /Write `Etc\/UTC`/],
      ['Asia/Beijing', /Write `Asia\/Shanghai`/],
      ['America/San Francisco', /Write `America\/Los_Angeles`/],
      ['Munich', /Write `Europe\/Berlin`/],
      ['Berlin', /Did you mean `Europe\/Berlin`\?/],
      ['europe/berlin', /Did you mean `Europe\/Berlin`\?/],
      ['America/New York', /Did you mean `America\/New_York`\?/],
    ] as const
  ).map(([word, hint]) => [`zone ${word}`, answers('timezone', quoted(word)), hint] as const),
  ...(
    [
      ['Admin', /Write `admin`/],
      ['First Last', /Write `first\.last`/],
      ['1user', /Write `user`/],
      ['4711', /begins with a letter: `u4711`/],
      ['CORP\\max', /Write `max`/],
      ['max@corp.example', /Write `max`/],
      ['jürgen', /Write `jurgen`/],
      ['operator', /does not use, found "operator"[\s\S]*operator1/],
      ['root', /there is answers\.root/],
      ['backup', /backup1/],
    ] as const
  ).map(([name, hint]) => [`user ${name}`, user(name), hint] as const),
  ['wheel on the RHEL family', `${ISO('9')}answers: {users: [{name: wheel}]}\n`, /does not use, found "wheel"/],
  ...(
    [
      ['/dev/ttyS0', /Write `ttyS0`/],
      ['console=hvc0', /Write `hvc0`/],
      ['COM1', /Write `ttyS0`/],
      ['serial', /Write `ttyS0`/],
      ['ttyS0 115200', /Write `ttyS0,115200`/],
      ['vga', /Write `tty0`/],
    ] as const
  ).map(([word, hint]) => [`console ${word}`, answers('consoles', `[${quoted(word)}]`), hint] as const),
  ...(
    [
      ["foo='a b'", /double quotation marks: Write `foo="a b"`/],
      ['quiet splash', /One argument is one entry: \[quiet, splash\]/],
      ['foo="a', /A quotation mark is missing/],
      ['a=$HOME', /Set it in a step/],
      ['pci=a;b', /only between double quotation marks/],
      ['a=b|c', /only between double quotation marks/],
      ['a<b', /only between double quotation marks/],
      ['memmap=10M&5M', /only between double quotation marks/],
      ['a={b}', /only between double quotation marks/],
      ['#loglevel=3', /no # first/],
      ['root=/dev/sda1', /does not set itself[\s\S]*Leave it out/],
      ['initrd=/initrd.img', /Leave it out/],
      ['BOOT_IMAGE=/vmlinuz', /Leave it out/],
      ['GRUB_CMDLINE_LINUX_DEFAULT=quiet', /does not set itself[\s\S]*The arguments alone, one an entry: \[quiet\]/],
      ['---', /answers\.installerArguments/],
    ] as const
  ).map(([word, hint]) => [`argument ${word}`, answers('kernelArguments', `[${quoted(word)}]`), hint] as const),
  ['arguments in one line', answers('kernelArguments', 'quiet net.ifnames=0'), /\[quiet, net\.ifnames=0\]/],
  ['an installer argument in quotation marks', answers('installerArguments', `['foo="bar"']`), /Write `foo=bar`/],
  [
    'quotation marks on the RHEL family',
    `${ISO('9')}answers: {kernelArguments: ['dyndbg="a b"']}\n`,
    /Anaconda[\s\S]*grubby/,
  ],
  ...(
    [
      ['nginx (>= 1.22)', /`nginx=1\.22\*`/],
      ['nginx==1.22.1', /Write `nginx=1\.22\.1`/],
      ['nginx, curl', /One package is one entry: \[nginx, curl\]/],
      ['Nginx', /Write `nginx`/],
      ['libc6:amd64', /Write `libc6`/],
      ['wine32:i386', /another architecture/],
      ['nginx-', /A step can remove/],
      ['-t bookworm-backports cockpit', /Write `cockpit\/bookworm-backports`/],
      ['cockpit -t bookworm-backports', /Write `cockpit\/bookworm-backports`/],
      ['snap:lxd', /other package managers/],
      ['@web-server', /answers\.tasks: `web-server`/],
      ['web-server^', /answers\.tasks: `web-server`/],
      ['vendor/thing.deb', /media\.packages/],
      ['nginx*', /packages are named one by one/],
      [
        'cockpit/trixie-backports',
        /not a suite of Debian 12, which has bookworm, .*bookworm-backports[\s\S]*media\.packages/,
      ],
      ['cockpit/stable', /not a suite of Debian 12/],
      ['foo_bar', /Write `foo-bar`/],
    ] as const
  ).map(([word, hint]) => [`package ${word}`, answers('packages', `[${quoted(word)}]`), hint] as const),
  [
    'backports on an ISO without a mirror',
    `${ISO('12')}answers: {packages: [cockpit/bookworm-backports]}\n`,
    /the installer has bookworm and no bookworm-backports[\s\S]*origin\.mirror/,
  ],
  [
    'security by name, on an ISO with a mirror',
    `${ISO('12', ', mirror: "http://m.example.org/debian"')}answers: {packages: [nginx/bookworm-security]}\n`,
    /no bookworm-security[\s\S]*media\.packages/,
  ],
  [
    'a suite on the RHEL family',
    `${ISO('9')}answers: {packages: [cockpit/epel]}\n`,
    /have no suite[\s\S]*repositories/,
  ],
  ...(
    [
      ['PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\n', /puttygen KEY\.ppk -O public-openssh/],
      [
        '---- BEGIN SSH2 PUBLIC KEY ----\nAAAA\n---- END SSH2 PUBLIC KEY ----\n',
        /RFC 4716[\s\S]*ssh-keygen -i -f FILE/,
      ],
      ['-----BEGIN PUBLIC KEY-----\nAAAA\n', /ssh-keygen -i -m PKCS8/],
      ['-----BEGIN RSA PUBLIC KEY-----\nAAAA\n', /ssh-keygen -i -m PEM/],
      ['-----BEGIN OPENSSH PRIVATE KEY-----\nc2VjcmV0\n', /A private key\. Its public part: `ssh-keygen -y/],
      [KEY.replace('ssh-ed25519 ', 'ssh-ed25519-cert-v01@openssh.com '), /cert-authority ssh-ed25519/],
      [`ssh-dss ${'A'.repeat(60)} me`, /no longer accepts DSA keys/],
      ['~/.ssh/id_ed25519.pub', /\{file: PATH\}/],
      ['gh:someone', /Keys are not fetched/],
      [KEY.slice(0, 40), /The key is cut off/],
      [KEY.replace('e0cR', ''), /that is whole[\s\S]*cut off or changed: `ssh-keygen -l/],
      [KEY.replace('AAAAC3', 'AAAAD3'), /cut off or changed/],
      [KEY.replace('ssh-ed25519', 'ssh-rsa'), /says ssh-rsa, and the key is one of ssh-ed25519/],
      [`ssh-rsa ${'A'.repeat(200)} me`, /cut off or changed/],
      [`github.com ${KEY}`, /`github\.com` is no option of sshd: a line of known_hosts/],
      [`"${KEY}"`, /Leave out the quotation marks/],
      [`form="192.0.2.1" ${KEY}`, /Did you mean the option `from`\?/],
      [`from ${KEY}`, /from has a value in quotation marks/],
      [`restrict="yes" ${KEY}`, /restrict has no value/],
      [`${KEY}\n${KEY}`, /One key is one line/],
    ] as const
  ).map(([key, hint]) => [`key ${key.slice(0, 30)}`, keys(key), hint] as const),
  ...(
    [
      ['db1.example.org', /hostname: db1, domain: example\.org/],
      ['my_host', /Write `my-host`/],
    ] as const
  ).map(([name, hint]) => [`host ${name}`, answers('hostname', name), hint] as const),
  ...(
    [
      ['8GB', /Write `8G`/],
      ['8g', /Write `8G`/],
      ['8 GiB', /Write `8G`/],
      ['8192', /8192M/],
    ] as const
  ).map(([size, hint]) => [`size ${size}`, `${HEAD}machine: {disk: ${size}}\n`, hint] as const),
  ...(
    [
      ['static', /A fixed address is a mapping/],
      ['auto', /Write `dhcp`/],
      ['[dhcp]', /dhcp: true\}/],
      ['{address: 192.0.2.10}', /192\.0\.2\.10\/24`/],
      ['{address: 192.0.2.10/255.255.255.240}', /Write `192\.0\.2\.10\/28`/],
      ['{address: ["2001:db8::1"]}', /2001:db8::1\/64`/],
      ['{match: eno1, dhcp: true}', /Write `\{name: eno1\}`/],
      ['{match: "52:54:00:12:34:56", dhcp: true}', /Write `\{mac: 52:54:00:12:34:56\}`/],
      ['{dhcp: yes}', /Write `true`/],
      ['{match: {mac: "525400123456"}, dhcp: true}', /Write `52:54:00:12:34:56`/],
      ['{dhcp4: true}', /Write `dhcp: true`/],
      ['{version: 2, ethernets: {eth0: {dhcp4: true}}}', /a list of devices, no file of netplan/],
      ['[{name: br0, bridge: {}, dhcp: true}]', /systemd-networkd is to make/],
      ['[{name: b, bond: {mode: lacp, members: [{name: a}]}, dhcp: true}]', /Write `802\.3ad`/],
      ['[{name: b, bond: {mode: 4, members: [{name: a}]}, dhcp: true}]', /Write `802\.3ad`/],
      ['{address: 192.0.2.10/24, routes: [{to: default, via: 192.0.2.1}]}', /the `gateway` of the device/],
      ['{address: 192.0.2.10/24, nameservers: [ns.example.org]}', /known by its address only/],
    ] as const
  ).map(([value, hint]) => [`network ${value}`, answers('network', value), hint] as const),
  ['a duration', `${HEAD}machine: {limits: {phase: 10 min}}\n`, /Write `10m`/],
  ['a day', `${HEAD}machine: {limits: {phase: 1d}}\n`, /Write `24h`/],
  ['a family', HEAD.replace('family: debian', 'family: rocky'), /Write `redhat`/],
  ['a release by name', HEAD.replace('"12"', 'bookworm'), /Write `"12"`/],
  ['an architecture', HEAD.replace('"12"', '"12", arch: x86_64'), /Write `amd64`/],
  ['yes', answers('guestAgent', 'yes'), /Write `true`/],
  ['a rule of sudoers', user('a1', ', sudo: "ALL=(ALL) NOPASSWD:ALL"'), /Write `nopasswd`/],
  ['keys as cloud-init has them', user('a1', ', ssh_authorized_keys: []'), /Write `sshKeys`/],
  ['a shell', user('a1', ', shell: /bin/zsh'), /A step of `configure` sets it: `usermod --shell/],
  ['a full name with a comma', user('a1', ', fullName: "Jürgen, Büro 3"'), /Write `Jürgen Büro 3`/],
  ['mount options', answers('disk', '{partitions: [{mount: /tmp, size: 1G, options: [noexec]}]}'), /step[\s\S]*fstab/],
  ['hosts as a list', `${HEAD}hosts: [{name: a}]\n`, /A mapping by names, without dashes/],
  ['a path without its slash', `${HEAD}configure: [{copy: {content: x, to: etc/motd}}]\n`, /Write `\/etc\/motd`/],
  ['a home', `${HEAD}configure: [{copy: {content: x, to: ~/x}}]\n`, /No shell reads it\. Write `\/root\/x`/],
  ['a mode', `${HEAD}configure: [{copy: {content: x, to: /x, mode: rwxr-x---}}]\n`, /Write `"0750"`/],
  ['a user of nobody', `${HEAD}configure: [{run: {script: id, user: deploy}}]\n`, /no user deploy when this step runs/],
  [
    'a user that is nearly one',
    `${HEAD}answers: {users: [{name: deploy}]}\nconfigure: [{copy: {content: x, to: /x, owner: "deploi:root"}}]\n`,
    /Did you mean `deploy`\?/,
  ],
  ['sudo: true', answers('users', '[{name: a1, sudo: true}]'), /Write `nopasswd`/],
  ['no swap', answers('disk', '{swap: none}'), /Leave it out/],
  ['swap of nothing', answers('disk', '{swap: 0}'), /Leave it out/],
  ['a password', answers('users', '[{name: a1, password: xyzzy}]'), /hash: …\} of `mkpasswd/],
  ['a script as a step', `${HEAD}configure: [{run: "echo hi"}]\n`, /Write `run: \{script: …\}`/],
  ['a folder as a step', `${HEAD}configure: [{copy: site}]\n`, /Write `copy: \{from: …, to: …\}`/],
  ['a playbook as a step', `${HEAD}configure: [{ansible: p.yml}]\n`, /Write `ansible: \{playbook: p\.yml\}`/],
  ['steps by another name', `${HEAD}steps: []\n`, /`configure` has the steps/],
  ['a key of another part', `${HEAD}machine: {formats: [raw]}\n`, /`formats` stands in `capture`/],
  ['a key of several parts', `${HEAD}packages: [nginx]\n`, /stands in `origin`, or in `answers`/],
  ['a key of the top', answers('version', '"2"'), /`version` stands at the top/],
  ['name servers', answers('network', '{address: 192.0.2.10/24, dns: [192.0.2.1]}'), /Write `nameservers`/],
  ['a netmask', answers('network', '{address: 192.0.2.10/24, netmask: 255.255.255.0}'), /length of the prefix stands/],
  ['a word for a list', `${HEAD}policy: baseline\n`, /A list, also of one entry: \[baseline\]/],
  ['a word for a mapping', `${HEAD}capture: qcow2\n`, /Its keys: formats, /],
  ['a file as origin', `name: a1\nos: {family: debian, release: "12"}\norigin: debian.iso\n`, /\{iso: FILE\}/],
  [
    'an ISO without a digest',
    `name: a1\nos: {family: debian, release: "12"}\norigin: {iso: a.iso}\n`,
    /`sha256sum FILE`/,
  ],
  ['Secure Boot', `${HEAD}machine: {firmware: uefi-secure}\n`, /write `uefi`.*firmware: uefi-secure/],
  ['a short form', `${HEAD}slim: {strip: [docs]}\n`, /Did you mean `documentation`/],
  ['a time server with options', answers('ntpServers', '["pool.ntp.org iburst"]'), /The name alone: `pool\.ntp\.org`/],
];

t.test('words that a system takes are taken', async (t) => {
  for (const [name, yaml] of TAKEN) await t.resolves(load(t, yaml), name);
  await t.resolves(
    load(
      t,
      `${ISO('12', ', mirror: "http://m.example.org/debian"')}answers: {packages: [cockpit/bookworm-backports]}\n`,
      { files },
    ),
    'backports, on an ISO with a mirror',
  );
  await t.resolves(load(t, `${ISO('9')}answers: {packages: ["nginx=1.22.*", "nginx-1:1.22*", R]}\n`, { files }));
});

t.test('for the others it is said what to write', async (t) => {
  for (const [name, yaml, hint] of REFUSED) {
    const { text } = await failure(t, yaml, { files });
    t.match(text, hint, name);
  }
});

t.test('a private key in the wrong place is not shown', async (t) => {
  const { text } = await failure(t, keys('-----BEGIN OPENSSH PRIVATE KEY-----\nc2VjcmV0LXBhcnQ=\n'));
  t.notMatch(text, /c2Vj|BEGIN OPENSSH PRIVATE/);
});

t.test('files of keys', async (t) => {
  const cases: readonly (readonly [string, RegExp | undefined])[] = [
    [`# ops\nfrom="192.0.2.1" ${KEY}\ncert-authority ${KEY}\n`, undefined],
    ['---- BEGIN SSH2 PUBLIC KEY ----\nAAAA\n', /RFC 4716/],
    ['PuTTY-User-Key-File-3: ssh-rsa\n', /puttygen/],
    [`${KEY}\nform="x" ${KEY}\n`, /key 2 of the file[\s\S]*`from`/],
  ];
  for (const [content, hint] of cases) {
    const yaml = answers('root', '{sshKeys: [{file: keys}]}');
    if (hint === undefined) await t.resolves(load(t, yaml, { files: { keys: content } }));
    else t.match((await failure(t, yaml, { files: { keys: content } })).text, hint);
  }
});

t.test('password hashes stay unseen', async (t) => {
  const { text } = await failure(t, user('a1', `, password: {hash: "${HASH}x"}`));
  t.notMatch(text, /saltsalt/);
});
