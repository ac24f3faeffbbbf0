import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { loadRecipe } from '../../src/recipe/load.ts';
import { preflight } from '../../src/stages/preflight.ts';
import { expectationOf } from '../long/expectation.ts';
import { processorTime } from '../processor-time.ts';
import { failure, HASH, HEAD, KEY, load } from './helpers.ts';

t.test('fills in defaults, sizes and durations', async (t) => {
  const { recipe, folder, path, digest } = await load(
    t,
    `${HEAD}machine: {disk: 1.5T, memory: 512M, limits: {phase: 2h}}\n`,
  );
  t.equal(recipe.machine.disk, 1.5 * 2 ** 40);
  t.equal(recipe.machine.memory, 512 * 2 ** 20);
  t.equal(recipe.machine.limits.phase, 7_200_000);
  t.equal(recipe.answers.locale, 'C.UTF-8');
  t.same(recipe.capture.formats, ['qcow2']);
  t.equal(path, `${folder}/recipe.yaml`);
  t.match(digest, /^[0-9a-f]{64}$/);
});

t.test('the digest follows the meaning, not the writing', async (t) => {
  const digestOf = async (yaml: string, key = KEY) => (await load(t, yaml, { files: { 'a.pub': `${key}\n` } })).digest;
  const keyed = `${HEAD}answers: {root: {sshKeys: [{file: a.pub}]}}\n`;
  const digest = await digestOf(keyed);
  t.equal(await digestOf(`# a comment\n${keyed}version: "1"\n`), digest, 'comments and defaults');
  t.not(await digestOf(`${keyed}version: "2"\n`), digest, 'a value');
  t.not(await digestOf(keyed, KEY.replace('someone', 'other')), digest, 'the content of a key file');
});

/** YAML after the head, and what the error has to say, line by line. */
const WRONG: Readonly<Record<string, readonly [yaml: string, expected: string]>> = {
  'a wrong type': [
    'machine:\n  disk: 8\n',
    'recipe.yaml:5:9: machine.disk: expected a size such as 512M or 8G, found 8\n  5 |   disk: 8\n    |         ^',
  ],
  'an unknown key': [
    'machin: {}\n',
    'recipe.yaml:4:1: machin: unknown key\n  4 | machin: {}\n    | ^\n  Did you mean `machine`?',
  ],
  'an unknown key without a likeness': [
    'seal: {colour: 1}\n',
    'recipe.yaml:4:8: seal.colour: unknown key\n  4 | seal: {colour: 1}\n    |        ^\n  Allowed here: skip, remove.',
  ],
  'a word of a list': [
    'media: {start: askk}\n',
    'media.start: expected ask, countdown or now, found "askk"\n  4 | media: {start: askk}\n    |                ^\n  Did you mean `ask`?',
  ],
  'a number that is no text': [
    'version: 12.10\n',
    'recipe.yaml:4:10: version: expected a version: letters, digits and . _ + ~ -, found 12.10\n  4 | version: 12.10\n    |          ^\n  Quote it: "12.10".',
  ],
  'a step of an unknown kind': [
    'configure:\n  - cpoy: {to: /x}\n',
    'recipe.yaml:5:5: configure[0].cpoy: unknown key, expected `copy`, `run`, `ansible` or `reboot`\n  5 |   - cpoy: {to: /x}\n    |     ^\n  Did you mean `copy`?',
  ],
  'a step of two kinds': [
    'configure:\n  - run: {script: a}\n    reboot: {}\n',
    'configure[0]: run and reboot exclude each other',
  ],
  'packages of a repository without its key': [
    'media:\n  packages:\n    - repository: {url: https://a.example.org/debian, suite: stable}\n',
    'media.packages[0].repository.key: missing, expected the path of a file: absolute, relative to the recipe, or ~/…',
  ],
  'a .deb with a repository’s fields': [
    'media:\n  packages: [{deb: a.deb, packages: [b]}]\n',
    'media.packages[0].packages: unknown key',
  ],
  'a step that is not one': [
    'configure: [reboot]\n',
    'recipe.yaml:4:13: configure[0]: expected a mapping (key: value), found "reboot"',
  ],
  'only the branch that was meant': [
    'configure:\n  - run: {script: a, timeout: soon}\n',
    'recipe.yaml:5:31: configure[0].run.timeout: expected a duration such as 90s, 10m or 2h, found "soon"',
  ],
  'neither of two': [
    'configure:\n  - run: {}\n',
    'configure[0].run: expected either `script` or `file`, exactly one\n',
  ],
  'both of two': [
    'configure:\n  - copy: {from: recipe.yaml, content: x, to: /x}\n',
    'configure[0].copy: expected either `from` or `content`, exactly one\n',
  ],
  'a secret as a template': [
    'configure:\n  - copy: {content: {file: recipe.yaml}, to: /x, template: true}\n',
    'configure[0].copy.template: a secret cannot be the text of a template\n',
  ],
  'a list that is too short': ['capture: {formats: []}\n', 'capture.formats: expected a list of at least 1 entries'],
  'a list item in a union': [
    'answers: {root: {sshKeys: [12]}}\n',
    'answers.root.sshKeys[0]: expected an OpenSSH public key (the line of a .pub file), or a mapping (key: value), found 12',
  ],
  'a user without a name': ['answers: {users: [{sudo: none}]}\n', 'answers.users[0].name: missing, expected '],
  'a duplicate key': ['name: again\n', 'recipe.yaml:4:1: not valid YAML: Map keys must be unique'],
  'a tab': ['machine:\n\tdisk: 8G\n', 'recipe.yaml:5:1: not valid YAML: '],
  'a host name with an underscore': ['answers: {hostname: my_host}\n', 'answers.hostname: expected a host name'],
  'a reserved user name': [
    'answers: {users: [{name: backup}]}\n',
    'answers.users[0].name: expected a name that the system itself does not use',
  ],
  'a user name that user-setup refuses': [
    'answers: {users: [{name: -x}]}\n',
    'answers.users[0].name: expected a lower-case letter or _ first',
  ],
  'two users of one name': [
    'answers: {users: [{name: eva}, {name: eva}]}\n',
    'recipe.yaml:4:39: answers.users[1].name: `eva` is there twice',
  ],
  'sudo with a password that is not there': [
    'answers: {users: [{name: eva, sudo: password}]}\n',
    'answers.users[0].sudo: expected a password for this user, or `nopasswd`',
  ],
  'an MD5 hash': [
    'answers: {root: {password: {hash: $1$abc$def}}}\n',
    'answers.root.password.hash: expected a crypt hash',
  ],
  'a time zone': ['answers: {timezone: Europe/Berlinn}\n', 'answers.timezone: expected a time zone of the tz database'],
  'a time zone in the wrong case': ['answers: {timezone: europe/berlin}\n', 'answers.timezone: expected a time zone'],
  'an address without a prefix': [
    'answers: {network: {address: 192.0.2.1}}\n',
    'answers.network.address: expected an address with prefix length',
  ],
  'a /var/tmp in which no initramfs can be made': [
    'answers: {disk: {partitions: [{mount: /var/tmp, size: 256M}]}}\n',
    'answers.disk.partitions[0].size: expected at least 512M for /var/tmp',
  ],
  'a disk that is too small': ['machine: {disk: 1G}\n', 'machine.disk: too small, the layout needs'],
  'a disk that swap makes too small': ['machine: {disk: 2G}\nanswers: {disk: {swap: 1G}}\n', 'machine.disk: too small'],
  'a mount point that root needs': [
    'answers: {disk: {partitions: [{mount: /etc, size: 1G}]}}\n',
    'answers.disk.partitions[0].mount: expected a mount point',
  ],
  'two partitions in one place': [
    'answers: {disk: {partitions: [{mount: /var, size: 1G}, {mount: /var, size: 1G}]}}\n',
    '`/var` is there twice',
  ],
  'a kernel argument with a blank': [
    'answers: {kernelArguments: ["a b"]}\n',
    'answers.kernelArguments[0]: expected one printable word',
  ],
  'a kernel argument that ends the installer’s': [
    'answers: {kernelArguments: ["---"]}\n',
    'answers.kernelArguments[0]: expected one printable word',
  ],
  'a missing file': [
    'configure:\n  - run: {file: setup.sh}\n',
    'recipe.yaml:5:17: configure[0].run.file: there is no file at setup.sh',
  ],
  'a folder for a file': ['configure:\n  - run: {file: .}\n', 'configure[0].run.file: expected a file, '],
  'a secret that is not set': [
    'answers: {root: {password: {hash: {env: NOT_THERE}}}}\n',
    'recipe.yaml:4:35: answers.root.password.hash: the environment variable NOT_THERE is not set',
  ],
  'too little memory': ['machine: {memory: 256M}\n', 'machine.memory: too small, the installer needs 512M'],
  'a fixed address with cloud-init': [
    'answers: {cloudInit: true, network: {address: 192.0.2.1/24}}\n',
    'answers.network: a fixed address and `cloudInit: true` exclude each other',
  ],
  'a full name that chfn refuses': [
    'answers: {users: [{name: eva, fullName: a=b}]}\n',
    'answers.users[0].fullName: expected a name without',
  ],
};

t.test('says what is wrong, where, and what is allowed', async (t) => {
  for (const [name, [yaml, expected]] of Object.entries(WRONG)) {
    await t.test(name, async (t) => {
      const { code, text } = await failure(t, `${HEAD}${yaml}`);
      t.equal(code, 'recipe.invalid');
      t.ok(text.includes(expected), `\n${text}\n--- expected\n${expected}`);
    });
  }
});

t.test('all errors at once, in the order of the text', async (t) => {
  const { text, error } = await failure(
    t,
    'name: Bad\nos: {family: debian}\norigin: {iso: a.iso}\nmachine: {cpus: 0, disc: 8G}\n',
  );
  t.match(error.message, /5 things are wrong/);
  t.match(error.where, /recipe\.yaml:1:7$/);
  const places = [...text.matchAll(/^recipe\.yaml:(\d+):(\d+): (\S+):/gm)].map(
    ([, line, column, path]) => `${line}:${column} ${path}`,
  );
  t.same(places, ['1:7 name', '2:1 os.release', '3:1 origin.sha256', '4:17 machine.cpus', '4:20 machine.disc']);
});

t.test('a password in clear is not repeated', async (t) => {
  const { text } = await failure(t, `${HEAD}answers: {root: {password: {hash: hunter22}}}\n`);
  t.match(text, /expected a crypt hash/);
  t.notMatch(text, /hunter22/);
});

t.test('files of the wrong kind', async (t) => {
  const files = {
    'id.pub': '-----BEGIN OPENSSH PRIVATE KEY-----\nx\n',
    'junk.pub': `${KEY}\nnot a key\n`,
    'late.sh': '#!/bin/bash\necho hi\n',
    'good.pub': `# mine\n\n${KEY}\n`,
  };
  const keys = (file: string) => `${HEAD}answers: {root: {sshKeys: [{file: ${file}}]}}\n`;
  t.match((await failure(t, keys('id.pub'), { files })).text, /a private key; expected its \.pub file/);
  t.match((await failure(t, keys('junk.pub'), { files })).text, /key 2 of the file is not an OpenSSH public key/);
  t.match(
    (await failure(t, `${HEAD}answers: {late: {file: late.sh}}\n`, { files })).text,
    /no \/bin\/bash, only \/bin\/sh/,
  );
  const { files: read } = await load(t, keys('good.pub'), { files });
  t.equal(new TextDecoder().decode(read.get('good.pub')), files['good.pub']);
});

t.test('firmware lies on install media of Debian only', async (t) => {
  const iso = `origin: {iso: a.iso, sha256: ${'a'.repeat(64)}}\nanswers: {firmware: missing}\n`;
  const files = { 'a.iso': 'x' };
  const assembled = await failure(t, `${HEAD}answers: {firmware: missing}\n`);
  t.match(assembled.text, /answers\.firmware: an assembled medium has no firmware/);
  const redhat = await failure(t, `name: a\nos: {family: redhat, release: "9"}\n${iso}`, { files });
  t.match(redhat.text, /answers\.firmware: firmware is Debian's/);
  await load(t, `${HEAD}answers: {firmware: never}\n`);
});

t.test('what cannot be built yet has a name of its own', async (t) => {
  const iso = `origin: {iso: a.iso, sha256: ${'a'.repeat(64)}}\n`;
  const files = { 'a.iso': 'x' };
  const redhat = await failure(t, `name: a\nos: {family: redhat, release: "7"}\n${iso}`, { files });
  t.equal(redhat.code, 'recipe.unsupported');
  t.match(redhat.text, /recipe\.yaml:2:\d+: os\.release: there are no answers for redhat 7/);
  const old = await failure(t, `name: a\nos: {family: debian, release: "7"}\n${iso}`, { files });
  t.equal(old.code, 'recipe.unsupported');
  const assembled = await failure(t, 'name: a\nos: {family: debian, release: "11"}\norigin: {assemble: debian}\n');
  t.match(assembled.text, /recipe\.yaml:3:\d+: origin\.assemble: no medium of Debian 11 is assembled yet/);
  for (const release of ['11']) {
    const loaded = await load(t, `name: a\nos: {family: debian, release: "${release}"}\n${iso}`, { files });
    await t.rejects(preflight(loaded, { image: true }), {
      code: 'recipe.unsupported',
      message: new RegExp(`no image of Debian ${release} is built yet`),
    });
  }
  const mirror = iso.replace('}', ', mirror: "http://m.example.org/debian"}');
  const isolated = await load(t, `name: a\nos: {family: debian, release: "12"}\n${mirror}`, { files });
  await t.rejects(preflight(isolated, { image: true }), { code: 'recipe.unsupported', where: 'machine.network' });
});

t.test('a password that was written into the recipe is not repeated', async (t) => {
  for (const written of [
    'hunter2secret',
    '{text: hunter2secret}',
    '{hash: {clear: hunter2secret}}',
    '[hunter2secret]',
  ]) {
    const { text } = await failure(t, `${HEAD}answers: {root: {password: ${written}}}\n`);
    t.match(text, /answers\.root\.password/, written);
    t.notMatch(text, /hunter2/, written);
  }
  const beside = await failure(t, `${HEAD}answers: {users: [{name: eva, sudo: yep, password: {hash: "${HASH}"}}]}\n`);
  t.match(beside.text, /sudo: expected/);
  t.notMatch(beside.text, /saltsalt/, 'nor beside another mistake of its line');
});

t.test('a mistyped key where a word would do as well', async (t) => {
  const disk = await failure(t, `${HEAD}answers: {disk: {select: {minsize: 5G}}}\n`);
  t.match(
    disk.text,
    /answers\.disk\.select\.minsize: unknown key, expected `id`, `ids` or `minSize`[\s\S]*Did you mean `minSize`/,
  );
  const network = await failure(t, `${HEAD}answers: {network: {adress: 192.0.2.1/24}}\n`);
  t.match(network.text, /answers\.network\.adress: unknown key[\s\S]*Did you mean `address`/);
});

t.test('what would fail late, or do nothing, is refused', async (t) => {
  const cases: Readonly<Record<string, RegExp>> = {
    'seal: {remove: [/]}': /seal\.remove\[0\]: expected a path below the base folders/,
    'seal: {remove: [/etc/]}': /below the base folders/,
    'seal: {remove: [/srv/../etc]}': /below the base folders/,
    'seal: {remove: ["/var/*.log"]}': /patterns are not expanded/,
    'capture: {formats: [qcow2, qcow2]}': /capture\.formats: expected each format once/,
    'machine: {limits: {phases: {base: 5m}}}': /machine\.limits\.phases/,
    'answers: {repositories: [{name: a, uris: ["https://me:pw@example.org/"], suites: [x]}]}': /without a user name/,
    'answers: {repositories: [{name: a, uris: ["https://example.org/"], suites: [x], key: key.txt}]}':
      /key: expected an OpenPGP keyring/,
    'answers: {users: [{name: systemd-coredump}]}': /answers\.users\[0\]\.name/,
  };
  for (const [yaml, wanted] of Object.entries(cases)) {
    const { text } = await failure(t, `${HEAD}${yaml}\n`, { files: { 'key.txt': 'no key' } });
    t.match(text, wanted, yaml);
  }
  await t.resolves(
    load(t, `${HEAD}seal: {remove: [/srv, /etc/motd]}\nmachine: {limits: {phases: {base system: 40m}}}\n`),
  );
  await t.resolves(load(t, `${HEAD}answers: {users: [{name: coredump}]}\n`));
});

t.test('slim removes nothing that the recipe asks for, and has the strips of its family', async (t) => {
  const user = 'answers: {users: [{name: ada, sudo: nopasswd}]}';
  const files = { 'one.qcow2': '' };
  const image = 'name: test\nos: {family: debian, release: "12"}\norigin: {image: one.qcow2}\n';
  const cases: readonly [yaml: string, wanted: RegExp | undefined, head?: string][] = [
    [
      'slim: {remove: [jq]}\nanswers: {packages: ["jq=1.*"]}',
      /slim\.remove\[0\]: `jq` cannot be removed: the recipe asks/,
    ],
    ['slim: {remove: [nano, openssh-server]}', /slim\.remove\[1\]: .*the way in[\s\S]*Take it out/],
    [`slim: {remove: [sudo]}\n${user}`, /`sudo` cannot be removed: users with/],
    ['slim: {remove: [sudo]}', undefined],
    ['slim: {remove: [cloud-init]}\nanswers: {cloudInit: true}', /`cloud-init` cannot be removed/],
    ['slim: {remove: [dosfstools]}', /checks the EFI system partition/],
    ['slim: {remove: [dosfstools]}', undefined, image],
    ['slim: {remove: [cloud-init]}', undefined, image],
    ['slim: {remove: [cloud-init]}\nanswers: {cloudInit: true}', /cannot be removed/, image],
    ['slim: {strip: [cloud-kernel]}\nanswers: {packages: [linux-image-amd64]}', /slim\.strip\[0\]: cloud-kernel takes/],
    ['slim: {strip: [cloud-kernel], remove: [linux-image-amd64]}', undefined],
    ['slim: {remove: [nano, nano]}', /`nano` is there twice/],
    ['slim: {strip: [locale]}', /slim\.strip\[0\]: expected [\s\S]*Did you mean `locales`/],
    ['slim: {budget: {image: 300MB}}', /slim\.budget\.image: expected a size[\s\S]*300M/],
    ['slim: {budget: {packages: 0}}', /slim\.budget\.packages/],
  ];
  for (const [yaml, wanted, head = HEAD] of cases) {
    if (wanted === undefined) await t.resolves(load(t, `${head}${yaml}\n`, { files }), yaml);
    else t.match((await failure(t, `${head}${yaml}\n`, { files })).text, wanted, yaml);
  }
  const rocky = `name: a\nos: {family: redhat, release: "9"}\norigin: {iso: i.iso, sha256: ${'a'.repeat(64)}}\n`;
  const { text } = await failure(t, `${rocky}slim: {strip: [locales]}\n`, { files: { 'i.iso': '' } });
  t.match(text, /slim\.strip\[0\]: systems of the family redhat have no strip `locales`[\s\S]*none so far/);
});

t.test('a seal operation is one that the family has', async (t) => {
  const head = `name: a\nos: {family: redhat, release: "9"}\norigin: {iso: i.iso, sha256: ${'a'.repeat(64)}}\n`;
  const files = { 'i.iso': '' };
  const none = await failure(t, `${HEAD}seal: {skip: [machine-ids]}\n`);
  t.match(none.text, /seal\.skip\[0\]: expected .*\n.*\n.*\n {2}Did you mean `machine-id`\?/, 'no family has it');
  const others = await failure(t, `${head}seal: {skip: [logs, debconf-passwords]}\n`, { files });
  t.match(
    others.text,
    /recipe\.yaml:4:\d+: seal\.skip\[1\]: sealing has no operation `debconf-passwords` for systems of the family redhat/,
  );
  t.match(others.text, /Leave it out\. Possible: build-access, ssh-host-keys, .*trim\./);
  t.notMatch(others.text, /Possible: .*package-caches/);
  await t.resolves(load(t, `${HEAD}seal: {skip: [debconf-passwords]}\n`));
});

t.test('a recipe that is no recipe', async (t) => {
  await t.rejects(loadRecipe('/nonexistent/recipe.yaml'), { code: 'recipe.unreadable', hint: /ingot init/ });
  await t.rejects(loadRecipe(t.testdir({})), { code: 'recipe.unreadable' });
  t.match((await failure(t, '')).text, /the recipe is empty/);
  t.match((await failure(t, '- a\n')).text, /expected a mapping/);
  t.match((await failure(t, 'a: *b\n')).text, /not valid YAML/);
  const laughs = [
    'a: &a [x, x]',
    ...'bcdefghijkl'.split('').map((name, index) => `${name}: &${name} [${`*${'abcdefghijkl'[index]}, `.repeat(9)}]`),
  ];
  t.match((await failure(t, `${laughs.join('\n')}\n`)).text, /not valid YAML/, 'a billion laughs');
});

t.test('anchors: an error points at the text that was written', async (t) => {
  const { text } = await failure(t, `${HEAD}answers:\n  users:\n    - &one {name: eva, sudo: yes}\n    - *one\n`);
  t.match(text, /^recipe\.yaml:6:\d+: answers\.users\[0\]\.sudo/m);
  t.match(text, /^recipe\.yaml:6:\d+: answers\.users\[1\]\.sudo/m);
});

t.test('hashes of every accepted kind', async (t) => {
  const hashes = [
    HASH,
    `$6$rounds=656000$salt.salt/$${'b'.repeat(86)}`,
    '$y$j9T$xH3fQcO8Z4nLqC2mT8sQk1$7bDPrpVwcB9dZqYh7n7VfYp1sGmCqhQ9lEoZ5Xj0c4D',
    `$5$salt$${'c'.repeat(43)}`,
    `$2b$12$${'d'.repeat(53)}`,
  ];
  for (const hash of hashes) await t.resolves(load(t, `${HEAD}answers: {root: {password: {hash: "${hash}"}}}\n`), hash);
});

t.test('a recipe that is made to take time or memory is refused by name, soon', async (t) => {
  const levels = Array.from(
    { length: 12 },
    (_, nth) => `a${nth + 1}: &a${nth + 1} [${Array(9).fill(`*a${nth}`).join()}]`,
  );
  const bomb = `a0: &a0 [x]\n  ${levels.join('\n  ')}`;
  const many = 'abcdefgh'.split('');
  const values = `[${Array.from({ length: 10 }, (_, nth) => nth).join()}]`;
  const cases: Readonly<Record<string, readonly [yaml: string, said: RegExp]>> = {
    'aliases in variables': [`variables:\n  ${bomb}\n`, /not valid YAML: .*alias/],
    'aliases elsewhere': [`answers:\n  ${bomb}\n`, /not valid YAML: .*alias/],
    'aliases in variants': [`variants:\n  ${bomb}\n`, /not valid YAML: .*alias/],
    'aliases in hosts': [`hosts:\n  ${bomb}\n`, /not valid YAML: .*alias/],
    'an alias within itself': ['answers: &x {early: *x}\n', /:4:21: not valid YAML: the alias \*x is inside the value/],
    'an alias far within itself': ['hosts: {a: &x {answers: {b: [{c: *x}]}}}\n', /the alias \*x is inside the value/],
    hosts: [
      `hosts: {${Array.from({ length: 1001 }, (_, nth) => `h${nth}: {match: {serial: S${nth}}}`)}}\n`,
      /hosts: 1001 hosts are too many: at most 1000/,
    ],
    'unknown keys': [
      Array.from({ length: 200_000 }, (_, nth) => `key${nth}: 1\n`).join(''),
      /key49: unknown key[\s\S]*and 199950 more unknown keys/,
    ],
    'wrong entries': [
      `answers: {users: [${Array(20_000).fill('{x: 1}').join()}]}\n`,
      /users\[0\]\.name: missing[\s\S]*\nand 39800 more$/,
    ],
    'a repeated key': [`${'k: 1\n'.repeat(100_000)}`, /Map keys must be unique/],
    nesting: [`answers: ${'['.repeat(50_000)}\n`, /not valid YAML/],
    'a long line': [`name: ${'x'.repeat(2_000_000)}\n`, /name/],
    builds: [
      `variables: {${many.map((name) => `${name}: 0`)}}\nvariants: {${many.map((name) => `${name}: ${values}`)}}\n`,
      /variants: 100000000 builds are asked for; one recipe makes at most 1000/,
    ],
  };
  for (const [name, [yaml, said]] of Object.entries(cases)) {
    const before = process.cpuUsage();
    const { code, text } = await failure(t, `${HEAD}${yaml}`);
    t.equal(code, 'recipe.invalid', name);
    t.match(text, said, name);
    t.ok(text.length < 200_000, `${name}: ${text.length} characters`);
    t.ok(processorTime(before) < 40_000, `${name}: ${processorTime(before)} ms`);
  }
});

t.test('rules across fields, files and secrets are looked at beside wrong fields', async (t) => {
  const yaml = `${HEAD}machine: {cpus: none, memory: 100M, disk: 1M}
answers:
  hostname: '-'
  users:
    - {name: Bad Name}
    - {name: good, sshKeys: [{file: nowhere.pub}], password: {hash: {env: NOT_SET}}}
    - {name: good, sshKeys: [{file: '\${var:missing}'}]}
configure:
  - run: {script: a, colour: red}
  - run: {file: nowhere.sh}
`;
  const { text } = await failure(t, yaml);
  const found = text.split('\n').filter((line) => /^recipe.yaml:[0-9:]+ /.test(line));
  t.same(
    found.map((line) => line.replace(/^recipe.yaml:\d+:\d+: ([^:]+): (.{0,28}).*$/, '$1: $2')),
    [
      'machine.cpus: expected a number, found "no',
      'machine.memory: too small, the installer nee',
      'machine.disk: too small, the layout needs ',
      'answers.hostname: expected a host name: 2 to 6',
      'answers.users[0].name: expected a lower-case letter',
      'answers.users[1].sshKeys[0].file: there is no public key at no',
      'answers.users[1].password.hash: the environment variable NOT',
      'answers.users[2].sshKeys[0].file: no variable `missing`',
      'configure[0].run.colour: unknown key',
      'configure[1].run.file: there is no file at nowhere.',
    ],
  );
});

t.test('the recipes of test/images, and what is expected of their machines, are of their forms', async (t) => {
  const images = join(import.meta.dirname, '..', 'images');
  const key = join(t.testdir({ 'key.pub': `${KEY}\n` }), 'key.pub');
  for (const name of await readdir(images)) {
    await t.resolves(loadRecipe(join(images, name, 'recipe.yaml'), { env: {}, variables: { key } }), name);
    const { commands } = await expectationOf(join(images, name));
    for (const { run, says } of commands) {
      t.ok(new RegExp(says, 'm'), says);
      // One of several would be enough.
      t.notMatch(run, /systemctl is-\w+ \S+ \S.*\| *sort -u/, `${name}: ${run}`);
    }
  }
});
