/* biome-ignore-all lint/suspicious/noTemplateCurlyInString: references to variables of a recipe */
/** `hosts:`: what is read, what a host changes, and what is told of mistakes. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { changedPaths } from '../../src/recipe/load/changed-paths.ts';
import { chooseHost } from '../../src/recipe/load/choose-host.ts';
import { loadRecipe, loadVariants } from '../../src/recipe/load.ts';
import { lintAnswers, requireCleanAnswers } from '../../src/stages/answers/lint-answers.ts';
import { failure, HASH, HEAD, load } from './helpers.ts';

const UUID = '4c4c4544-0043-3010-8052-b4c04f564231';

t.test('a host is the recipe with its changes laid over', async (t) => {
  const { recipe, hosts } = await load(
    t,
    `${HEAD}variables: {address: 192.0.2.10/24, size: {default: 8}}
answers:
  domain: example.org
  hostname: base
  packages: [jq, vim]
  network: {address: "\${var:address}", gateway: 192.0.2.1, nameservers: [192.0.2.53]}
  users: [{name: eva, password: {hash: '${HASH}'}}]
hosts:
  web2:
    match: {serial: [A1, "007"]}
    variables: {address: 192.0.2.12/24, size: 9}
    answers: {hostname: web2}
  web1:
    match: {mac: 52-54-00-AA-00-01, uuid: ${UUID.toUpperCase()}}
    answers:
      domain: null
      network: {gateway: 192.0.2.254, nameservers: []}
      disk: {select: smallest}
      users: []
  web3: {match: {mac: [5254.00aa.0003]}, answers: {network: dhcp}}
`,
  );
  t.match(recipe.answers, { hostname: 'base', network: { address: '192.0.2.10/24' } }, 'the recipe itself stays');
  t.strictSame(
    hosts.map(({ name, match }) => [name, match]),
    [
      ['web2', { serial: ['A1', '007'] }],
      ['web1', { mac: ['52:54:00:aa:00:01'], uuid: [UUID] }],
      ['web3', { mac: ['52:54:00:aa:00:03'] }],
    ],
  );
  const [two, one, three] = hosts.map(({ loaded }) => loaded);
  t.match(two?.recipe.answers, { hostname: 'web2', domain: 'example.org', network: { address: '192.0.2.12/24' } });
  t.strictSame(two?.variables, { address: '192.0.2.12/24', size: 9 });
  t.match(one?.recipe.answers, { hostname: 'base', domain: '', packages: ['jq', 'vim'], disk: { select: 'smallest' } });
  t.match(one?.recipe.answers.network, { address: '192.0.2.10/24', gateway: '192.0.2.254', nameservers: [] });
  t.strictSame(one?.recipe.answers.users, []);
  t.equal(three?.recipe.answers.network, 'dhcp');
  t.strictSame(three?.hosts, []);
  t.strictSame(changedPaths(recipe.answers, one?.recipe.answers), [
    ...['disk.select', 'domain', 'network.gateway', 'network.nameservers', 'users'],
  ]);
});

t.test('anchors, and values that look like references', async (t) => {
  const { hosts } = await load(
    t,
    `${HEAD}variables: {site: a, text: "\${var:site}"}
answers: &base {hostname: base, late: {script: "echo $\${var:site} \${var:site}"}}
hosts:
  one: &one {match: {serial: A1}, variables: {site: b}, answers: &web {hostname: "web-\${var:site}", packages: &p [jq]}}
  two: {match: {serial: A2}, variables: {site: c}, answers: *web}
  three: {match: {serial: A3}, answers: {packages: *p, hostname: three}}
`,
  );
  t.strictSame(
    hosts.map(({ loaded: { recipe } }) => [recipe.answers.hostname, recipe.answers.packages, recipe.answers.late]),
    [
      ['web-b', ['jq'], { script: 'echo ${var:site} b' }],
      ['web-c', ['jq'], { script: 'echo ${var:site} c' }],
      ['three', ['jq'], { script: 'echo ${var:site} a' }],
    ],
  );
});

/** YAML after the head, and what the error has to say. */
const WRONG: Readonly<Record<string, readonly [yaml: string, expected: string | RegExp]>> = {
  'no id': ['hosts: {a: {match: {}}}\n', 'hosts.a.match: expected at least one of mac, serial and uuid'],
  'nothing at all': ['hosts: {a: {}}\n', 'hosts.a.match: missing, expected a mapping'],
  'a name that is no folder': ['hosts: {../a: {match: {serial: A1}}}\n', 'expected the name of a host'],
  'a number': [
    'hosts: {a: {match: {serial: 0012}}}\n',
    /expected a serial number, in quotes: "CZ1234ABCD".*, found 0012/,
  ],
  'a placeholder': [
    'hosts: {a: {match: {serial: To Be Filled By O.E.M.}}}\n',
    'firmware says this when it does not know',
  ],
  'another placeholder': ['hosts: {a: {match: {serial: "0000000000"}}}\n', 'firmware says this when it does not know'],
  'a UUID of many boards': [
    'hosts: {a: {match: {uuid: 03000200-0400-0500-0006-000700080009}}}\n',
    'firmware says this when it does not know',
  ],
  'the address of a group': ['hosts: {a: {match: {mac: "01:00:5e:00:00:01"}}}\n', 'not of a group, and not zero'],
  'half an address': ['hosts: {a: {match: {mac: "52:54:00:12:34"}}}\n', 'a MAC address such as 52:54:00:12:34:56'],
  'mixed marks': ['hosts: {a: {match: {mac: "52:54-00:12:34:56"}}}\n', 'a MAC address such as'],
  'one machine twice': [
    'hosts:\n  a: {match: {serial: A1}}\n  b: {match: {serial: [B1, A1], mac: "52:54:00:12:34:56"}}\n',
    'recipe.yaml:6:14: hosts.b.match: a machine that fits may be the host `a` as well: A1',
  ],
  'an unknown variable': [
    'variables: {address: x}\nhosts: {a: {match: {serial: A1}, variables: {adress: y}}}\n',
    /hosts\.a\.variables\.adress: no variable `adress`[\s\S]*Did you mean `address`/,
  ],
  'a value that does not fit': [
    'variables: {ip: 192.0.2.1/24}\nanswers:\n  network: {address: "${var:ip}"}\nhosts:\n  a: {match: {serial: A1}, variables: {ip: 192.0.2.999/24}}\n',
    /recipe\.yaml:6:22: hosts\.a\.answers\.network\.address: expected an address[\s\S]*The variable `ip` is set in `hosts\.a\.variables`/,
  ],
  'an unknown key': [
    'hosts:\n  a:\n    match: {serial: A1}\n    answers: {hostnam: web}\n',
    /recipe\.yaml:7:15: hosts\.a\.answers\.hostnam: unknown key[\s\S]*Did you mean `hostname`/,
  ],
  'rules across fields': [
    'hosts:\n  a:\n    match: {serial: A1}\n    answers: {cloudInit: true, network: {address: 192.0.2.1/24}}\n',
    'hosts.a.answers.network: a fixed address and `cloudInit: true` exclude each other',
  ],
  'mistakes of several hosts': [
    'hosts:\n  a: {match: {serial: A1}, answers: {hostname: a_}}\n  b: {match: {serial: A2}, answers: {timezone: Mars}}\n',
    /2 things are wrong[\s\S]*hosts\.a\.answers\.hostname[\s\S]*hosts\.b\.answers\.timezone/,
  ],
  'a secret that is not there': [
    'hosts: {a: {match: {serial: A1}, answers: {root: {password: {hash: {env: NONE}}}}}}\n',
    'hosts.a.answers.root.password.hash: the environment variable NONE is not set',
  ],
  'another medium': [
    'variables: {label: A}\nmedia: {volumeId: "${var:label}"}\nhosts: {a: {match: {serial: A1}, variables: {label: B}}}\n',
    'hosts.a.variables: `media` cannot differ for this host',
  ],
};

for (const [name, [yaml, expected]] of Object.entries(WRONG))
  t.test(`refused: ${name}`, async (t) => {
    const { code, text } = await failure(t, `${HEAD}${yaml}`);
    t.equal(code, 'recipe.invalid');
    t.match(text, expected);
  });

t.test('hosts of variants, and one of them by name', async (t) => {
  const path = join(t.testdir({}), 'recipe.yaml');
  await writeFile(
    path,
    `${HEAD}variables: {site: a}\nvariants: {site: [a, b]}\nanswers: {domain: "\${var:site}.example.org"}\nhosts: {web1: {match: {serial: A1}, answers: {hostname: web1}}}\n`,
  );
  const all = await loadVariants(path, { env: {} });
  t.strictSame(
    all.map(({ hosts }) => hosts[0]?.loaded.recipe.answers.domain),
    ['a.example.org', 'b.example.org'],
  );
  const loaded = await loadRecipe(path, { variables: { site: 'b' }, env: {} });
  t.match(chooseHost(loaded, 'web1').recipe, {
    name: 'test-web1',
    answers: { hostname: 'web1', domain: 'b.example.org' },
  });
  t.throws(() => chooseHost(loaded, 'web'), { code: 'usage.no-such-host', hint: /web1/ });
  t.throws(() => chooseHost({ ...loaded, hosts: [] }, 'web'), {
    code: 'usage.no-such-host',
    hint: /no `hosts` at all/,
  });
});

t.test('secrets of hosts are taken out of texts', async (t) => {
  const loaded = await load(
    t,
    `${HEAD}hosts: {a: {match: {serial: A1}, answers: {root: {password: {hash: {env: ROOT}}}}}}\n`,
    { env: { ROOT: HASH } },
  );
  t.equal(loaded.secrets.redact(`x ${HASH} y`), 'x *** y');
  t.ok(loaded.secrets.values().includes(HASH));
  t.match(loaded.secrets.describe(HASH), 'env ROOT');
});

t.test('one medium for all: what it cannot have is told with the host', async (t) => {
  const told = async (answers: string, head = HEAD) => {
    const loaded = await load(
      t,
      `${head}answers: {packages: [jq]}\nhosts:\n  a: {match: {serial: A1}, answers: ${answers}}\n`,
      { files: { 'some.iso': 'x' } },
    );
    return requireCleanAnswers(loaded, 'delivery');
  };
  await told('{hostname: a-1, network: {address: 192.0.2.1/24}, users: [{name: eva}]}');
  const iso = HEAD.replace('assemble: debian', `iso: some.iso, sha256: ${'a'.repeat(64)}`);
  await told('{packages: [vim]}', iso);
  for (const [answers, detail] of [
    ['{packages: [jq, vim]}', /^a: packages that the medium's list lacks: vim$/],
    ['{packages: []}', /^a: packages of the medium's list are installed on every host: jq$/],
    ['{locale: de_DE.UTF-8}', /lacks: locales/],
    ['{installerArguments: [nomodeset]}', /kernel arguments of the installer/],
    ['{kernelArguments: [nomodeset]}', /kernel arguments of the system/],
  ] as const)
    await t.rejects(told(answers), { code: 'recipe.hosts', detail, hint: /variants/ });
});

t.test('what is rendered is linted host by host', async (t) => {
  const loaded = await load(
    t,
    `${HEAD}hosts: {a: {match: {serial: A1}}, b: {match: {serial: A2}, answers: {template: {file: own.cfg}}}}\n`,
    { files: { 'own.cfg': 'd-i partman/choose_partition select nonsense\n' } },
  );
  const { files, findings } = await lintAnswers(loaded, 'recipe.yaml', 'delivery');
  t.strictSame(
    files.map(({ name }) => name),
    ['recipe.yaml > preseed.cfg', 'recipe.yaml > a > preseed.cfg', 'recipe.yaml > b > preseed.cfg'],
  );
  const errors = findings.filter(({ severity }) => severity === 'error');
  t.ok(errors.length > 0);
  t.ok(errors.every(({ file }) => file === 'recipe.yaml > b > preseed.cfg'));
  await t.rejects(requireCleanAnswers(loaded, 'delivery'), { code: 'recipe.answers', where: 'recipe.yaml > b' });
  await requireCleanAnswers(loaded, 'build');
});
