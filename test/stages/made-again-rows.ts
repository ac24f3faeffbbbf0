/** One trial for each field of a recipe: two recipes that differ in it alone, for test/stages/made-again.test.ts. */

/** Values by the fields they belong to; undefined takes one away. */
export type Values = Readonly<Record<string, unknown>>;

export interface Row {
  /** Absent: the field is not there at first. */
  readonly from?: unknown;
  readonly to: unknown;
  /** What both recipes have beside it. */
  readonly beside?: Values;
  /** What the second one has otherwise, since the field cannot change alone. */
  readonly changes?: Values;
  /** The recipe starts from an ISO. */
  readonly iso?: true;
  /** It starts from a disk image. */
  readonly image?: true;
}

export const hasBoth = (row: Row): boolean => 'from' in row;

const user = { 'answers.users[]': { name: 'someone' } };
const withPassword = { 'answers.users[]': { name: 'someone', password: {} } };
const template = { 'answers.template': { file: 'one.ejs', values: { own: 1 } } };
const repository = {
  'answers.repositories[]': { name: 'a', uris: ['http://a.example.org'], suites: ['bookworm'], key: 'one.asc' },
};
const extra = {
  'media.packages[]': {
    repository: { url: 'http://e.example.org', suite: 'x', key: 'one.asc' },
    packages: ['one'],
  },
};
const bySums = { 'origin.sha256': undefined };
const bySignedSums = {
  'origin.sha256': undefined,
  'origin.sums': { file: 'one.sh', key: '1'.repeat(40), keyring: 'one.asc' },
};
const partition = { 'answers.disk.partitions[]': { mount: '/srv', size: '1G' } };
const copy = { 'configure[]': { copy: { content: 'one', to: '/srv/one' } } };
const run = { 'configure[]': { run: { script: 'echo one' } } };
const playbook = { 'configure[]': { ansible: { playbook: 'one.yml' } } };
const hash = (letter: string): string => `$6$saltsalt$${letter.repeat(86)}`;
const SECRETS = [
  ['env', 'ONE', 'TWO'],
  ['file', 'secret', 'secret2'],
] as const;

/** A secret by reference, in both its forms. */
const secret = (field: string, beside: Values, rest: Omit<Row, 'to'> = {}): Record<string, Row> =>
  Object.fromEntries(SECRETS.map(([form, from, to]) => [`${field}.${form}`, { from, to, beside, ...rest }]));

/** The first device of a list is one on others. */
const vlan = {
  'answers.network': [
    { name: 'top', dhcp: true, vlan: { id: 1, of: 'one' } },
    { name: 'one', match: { name: 'eno1' }, dhcp: true },
    { name: 'two', match: { name: 'eno2' }, dhcp: true },
  ],
};

/** The devices of a network, which may be one or a list. */
const network = (at: string): Record<string, Row> => {
  const one = { [at]: { address: '192.0.2.10/24' } };
  const bond = { [at]: { name: 'one', dhcp: true, bond: { members: [] } } };
  const member = { [at]: { name: 'one', dhcp: true, bond: { members: [{}] } } };
  const rows: Readonly<Record<string, Row>> = {
    name: { from: 'one', to: 'two', beside: { ...bond, [`${at}.bond.members[]`]: { name: 'eno1' } } },
    'match.mac': { from: '52:54:00:12:34:56', to: '52:54:00:12:34:57', beside: one },
    'match.name': { from: 'eno1', to: 'eno2', beside: one },
    'bond.members[].mac': { from: '52:54:00:12:34:56', to: '52:54:00:12:34:57', beside: member },
    'bond.members[].name': { from: 'eno1', to: 'eno2', beside: member },
    'bond.mode': {
      from: 'active-backup',
      to: '802.3ad',
      beside: { ...bond, [`${at}.bond.members[]`]: { name: 'eno1' } },
    },
    dhcp: { from: false, to: true, beside: one },
    address: { from: '192.0.2.10/24', to: '192.0.2.11/24' },
    'address[]': { from: '192.0.2.10/24', to: '192.0.2.11/24' },
    gateway: { to: '192.0.2.1', beside: one },
    'gateway[]': { to: '192.0.2.1', beside: one },
    'nameservers[]': { from: '192.0.2.2', to: '192.0.2.3', beside: one },
    'search[]': { from: 'example.org', to: 'example.net', beside: one },
    mtu: { from: 1400, to: 1450, beside: one },
    'routes[].to': { from: '10.0.0.0/8', to: '10.0.0.0/9', beside: one },
    'routes[].via': { from: '192.0.2.1', to: '192.0.2.2', beside: { ...one, [`${at}.routes[].to`]: '10.0.0.0/8' } },
    'routes[].metric': { from: 1, to: 2, beside: { ...one, [`${at}.routes[].to`]: '10.0.0.0/8' } },
  };
  return Object.fromEntries(Object.entries(rows).map(([field, row]) => [`${at}.${field}`, row]));
};

export const ROWS: Readonly<Record<string, Row>> = {
  name: { from: 'one', to: 'two' },
  version: { from: '1', to: '2' },
  description: { to: 'what it is for' },
  'variables.*': { from: 'one', to: 'two' },
  'variables.*.description': { to: 'what it is for', beside: { 'variables.*': { default: 'a' } } },
  'variables.*.default': { from: 'one', to: 'two' },
  'variants.*[]': { from: 'one', to: 'two', beside: { 'variables.*': 'one' } },
  ...Object.fromEntries(
    [
      ['mac', '52:54:00:00:00:01', '52:54:00:00:00:02'],
      ['serial', 'A1', 'A2'],
      ['uuid', '4c4c4544-0043-3010-8052-b4c04f564231', '4c4c4544-0043-3010-8052-b4c04f564232'],
    ].flatMap(([kind = '', from, to]) => [
      [`hosts.*.match.${kind}`, { from, to }],
      [`hosts.*.match.${kind}[]`, { from, to }],
    ]),
  ),
  'hosts.*.variables.*': {
    from: 'one',
    to: 'two',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a reference of a recipe
    beside: { 'hosts.*.match.serial': 'A1', 'variables.*': 'x', 'answers.hostname': 'h-${var:x}' },
  },
  'hosts.*.answers': { from: {}, to: { hostname: 'two' }, beside: { 'hosts.*.match.serial': 'A1' } },
  'media.unknownHost': { from: 'stop', to: 'recipe', beside: { 'hosts.*.match.serial': 'A1' } },
  'os.family': {
    from: 'debian',
    to: 'redhat',
    changes: { 'os.release': '9', 'answers.repositories[]': undefined },
    iso: true,
  },
  'os.release': { from: '12', to: '13' },
  'os.arch': { to: 'amd64' },
  'origin.assemble': { to: 'debian', changes: { 'origin.iso': undefined, 'origin.sha256': undefined }, iso: true },
  'origin.mirror': { from: 'http://a.example.org', to: 'http://b.example.org' },
  'origin.securityMirror': { from: 'http://a.example.org', to: 'http://b.example.org' },
  'origin.snapshot': { from: 'http://a.example.org', to: 'http://b.example.org' },
  'origin.securitySnapshot': { from: 'http://a.example.org', to: 'http://b.example.org' },
  'origin.keyring': { from: 'one.asc', to: 'two.asc' },
  'origin.packages[]': { from: 'one', to: 'two' },
  'origin.standIns': { from: 'where-missing', to: 'always' },
  'origin.iso': { from: 'one.iso', to: 'two.iso', iso: true },
  'origin.sha256': { from: '1'.repeat(64), to: '2'.repeat(64), iso: true },
  'origin.image': { from: 'one.qcow2', to: 'two.qcow2', image: true },
  'origin.image.recipe': { from: 'one.yaml', to: 'two.yaml', image: true },
  'origin.image.variables.*': { from: '1', to: '2', beside: { 'origin.image.recipe': 'one.yaml' }, image: true },
  'origin.format': { from: 'qcow2', to: 'raw', image: true, beside: { 'origin.image': 'one.image' } },
  'origin.access': { from: 'auto', to: 'offline', image: true },
  'origin.sha512': { from: '1'.repeat(128), to: '2'.repeat(128), beside: { 'origin.sha256': undefined }, iso: true },
  'origin.sums.url': { from: 'https://a.example.org/S', to: 'https://b.example.org/S', beside: bySums, iso: true },
  'origin.sums.file': { from: 'one.pub', to: 'two.pub', beside: bySums, iso: true },
  'origin.sums.signature.url': {
    from: 'https://a.example.org/S',
    to: 'https://b.example.org/S',
    beside: bySignedSums,
    iso: true,
  },
  'origin.sums.signature.file': { from: 'one.pub', to: 'two.pub', beside: bySignedSums, iso: true },
  'origin.sums.key': { from: '1'.repeat(40), to: '2'.repeat(40), beside: bySignedSums, iso: true },
  'origin.sums.keyring': { from: 'one.asc', to: 'two.asc', beside: bySignedSums, iso: true },
  'origin.packageKeys[]': {
    from: 'one.asc',
    to: 'two.asc',
    beside: { 'os.family': 'redhat', 'os.release': '9', 'answers.repositories[]': undefined },
    iso: true,
  },
  'origin.proxy': { to: 'http://proxy.example.org:3128', iso: true },
  'answers.hostname': { from: 'one', to: 'two' },
  'answers.domain': { from: 'example.org', to: 'example.net' },
  'answers.locale': { from: 'de_DE.UTF-8', to: 'fr_FR.UTF-8' },
  'answers.keyboard': { from: 'de', to: 'fr' },
  'answers.keyboard.layout': { from: 'de', to: 'fr' },
  'answers.keyboard.variant': { from: 'neo', to: 'nodeadkeys', beside: { 'answers.keyboard': { layout: 'de' } } },
  'answers.keyboard.model': { from: 'pc105', to: 'pc104', beside: { 'answers.keyboard': { layout: 'de' } } },
  'answers.keyboard.options[]': {
    from: 'caps:escape',
    to: 'caps:none',
    beside: { 'answers.keyboard': { layout: 'de' } },
  },
  'answers.timezone': { from: 'Etc/UTC', to: 'Europe/Berlin' },
  'answers.network': { from: 'dhcp', to: { address: '192.0.2.10/24' } },
  ...network('answers.network'),
  ...network('answers.network[]'),
  'answers.network[].vlan.id': { from: 1, to: 2, beside: vlan },
  'answers.network[].vlan.of': { from: 'one', to: 'two', beside: vlan },
  'answers.ntpServers[]': { from: 'a.example.org', to: 'b.example.org' },
  'answers.root.password.hash': { from: hash('a'), to: hash('b') },
  ...secret('answers.root.password.hash', {}),
  'answers.root.sshKeys[]': { from: { file: 'one.pub' }, to: { file: 'two.pub' } },
  'answers.root.sshKeys[].file': { from: 'one.pub', to: 'two.pub' },
  'answers.users[].name': { from: 'one', to: 'two' },
  'answers.users[].fullName': { to: 'Some One', beside: user },
  'answers.users[].password.hash': { from: hash('a'), to: hash('b'), beside: withPassword },
  ...secret('answers.users[].password.hash', withPassword),
  'answers.users[].sshKeys[]': { from: { file: 'one.pub' }, to: { file: 'two.pub' }, beside: user },
  'answers.users[].sshKeys[].file': { from: 'one.pub', to: 'two.pub', beside: user },
  'answers.users[].sudo': { from: 'none', to: 'nopasswd', beside: user },
  'answers.users[].groups[]': { from: 'adm', to: 'video', beside: user },
  'answers.disk.select': { from: 'smallest', to: 'largest' },
  'answers.disk.select.id': { from: 'a', to: 'b' },
  'answers.disk.select.ids[]': {
    from: 'a',
    to: 'b',
    beside: { 'answers.disk.layout': 'raid1', 'answers.disk.select.ids': ['x', 'y'] },
    iso: true,
  },
  'answers.disk.select.minSize': { from: '1T', to: '2T' },
  'answers.disk.layout': { from: 'plain', to: 'lvm', iso: true },
  'answers.disk.scheme': { from: 'plain', to: 'lvm', beside: { 'answers.disk.layout': 'automatic' }, iso: true },
  ...secret('answers.disk.passphrase', { 'answers.disk.layout': 'encrypted' }, { iso: true }),
  'answers.disk.volumeGroup': { from: 'one', to: 'two', beside: { 'answers.disk.layout': 'lvm' }, iso: true },
  'answers.disk.boot': { from: '1G', to: '2G', beside: { 'answers.disk.layout': 'lvm' }, iso: true },
  'answers.disk.esp': { from: '256M', to: '512M' },
  'answers.disk.swap': { to: '1G' },
  'answers.disk.partitions[].mount': { from: '/srv', to: '/var', beside: partition },
  'answers.disk.partitions[].size': { from: '1G', to: '2G', beside: partition },
  'answers.disk.partitions[].filesystem': { to: 'ext4', beside: partition },
  'answers.disk.filesystem': { to: 'ext4' },
  'answers.packages[]': { from: 'one', to: 'two' },
  'answers.tasks[]': { from: 'one', to: 'two' },
  'answers.firmware': { from: 'missing', to: 'always', iso: true },
  'answers.repositories[].name': { from: 'one', to: 'two', beside: repository },
  'answers.repositories[].uris[]': { from: 'http://a.example.org', to: 'http://b.example.org', beside: repository },
  'answers.repositories[].suites[]': { from: 'one', to: 'two', beside: repository },
  'answers.repositories[].components[]': { from: 'main', to: 'contrib', beside: repository },
  'answers.repositories[].key': { from: 'one.asc', to: 'two.asc', beside: repository },
  'answers.consoles[]': { from: 'tty0', to: 'ttyS0' },
  'answers.kernelArguments[]': { from: 'one', to: 'two' },
  'answers.installerArguments[]': { from: 'one', to: 'two' },
  'answers.guestAgent': { from: false, to: true },
  'answers.cloudInit': { from: false, to: true },
  'answers.cloudDatasources[]': { from: 'NoCloud', to: 'Ec2', beside: { 'answers.cloudInit': true } },
  'answers.early.script': { from: 'echo one', to: 'echo two' },
  'answers.early.file': { from: 'one.sh', to: 'two.sh' },
  'answers.late.script': { from: 'echo one', to: 'echo two' },
  'answers.late.file': { from: 'one.sh', to: 'two.sh' },
  'answers.template.file': { from: 'one.ejs', to: 'two.ejs', beside: template },
  'answers.template.values.*': { from: 1, to: 2, beside: { 'answers.template': { file: 'own.ejs' } } },
  'answers.lint.ignore[]': { from: 'preseed/one', to: 'preseed/two' },
  'machine.cpus': { from: 1, to: 2 },
  'machine.memory': { from: '1G', to: '2G' },
  'machine.disk': { from: '8G', to: '10G' },
  'machine.firmware': { from: 'bios', to: 'uefi' },
  'machine.network': { from: 'isolated', to: 'open' },
  'machine.accelerator': { from: 'auto', to: 'tcg' },
  'machine.checkpoints': { from: true, to: false },
  'machine.limits.phase': { from: '10m', to: '20m' },
  'machine.limits.phases.*': { from: '10m', to: '20m' },
  'machine.limits.firstBoot': { from: '10m', to: '20m' },
  'machine.limits.idle': { from: '10m', to: '20m' },
  'machine.limits.powerOff': { from: '10m', to: '20m' },
  'tuning.skip[]': { from: 'one-processor', to: 'quick-scripts' },
  'configure[].name': { from: 'one', to: 'two', beside: run },
  'configure[].checkpoint': { from: true, to: false, beside: run },
  'configure[].copy.from': {
    from: 'one.sh',
    to: 'two.sh',
    beside: { 'configure[]': { copy: { to: '/srv/one' } } },
  },
  'configure[].copy.content': { from: 'one', to: 'two', beside: copy },
  ...secret('configure[].copy.content', { 'configure[]': { copy: { to: '/srv/one' } } }),
  'configure[].copy.to': { from: '/srv/one', to: '/srv/two', beside: copy },
  'configure[].copy.owner': { from: 'root', to: 'daemon', beside: copy },
  'configure[].copy.mode': { from: '0644', to: '0600', beside: copy },
  'configure[].copy.template': { from: false, to: true, beside: copy },
  'configure[].run.script': { from: 'echo one', to: 'echo two' },
  'configure[].run.file': { from: 'one.sh', to: 'two.sh' },
  'configure[].run.user': { from: 'root', to: 'daemon', beside: run },
  'configure[].run.env.*': { from: 'one', to: 'two', beside: run },
  ...secret('configure[].run.env.*', run),
  'configure[].run.cwd': { from: '/srv', to: '/opt', beside: run },
  'configure[].run.exitCodes[]': { from: 0, to: 1, beside: run },
  'configure[].run.timeout': { from: '1m', to: '2m', beside: run },
  'configure[].ansible.playbook': { from: 'one.yml', to: 'other/two.yml' },
  'configure[].ansible.variables.*': { from: 1, to: 2, beside: playbook },
  ...secret('configure[].ansible.variables.*', playbook),
  'configure[].ansible.tags[]': { from: 'one', to: 'two', beside: playbook },
  'configure[].ansible.timeout': { from: '1m', to: '2m', beside: playbook },
  'configure[].reboot.timeout': { from: '1m', to: '2m' },
  'slim.remove[]': { from: 'nano', to: 'vim-tiny' },
  'slim.strip[]': { from: 'manual-pages', to: 'documentation' },
  'slim.budget.image': { from: '300M', to: '400M' },
  'slim.budget.packages': { from: 200, to: 220 },
  'slim.budget.installed': { to: '500M' },
  'telemetry.off[]': { from: 'time', to: 'update-check' },
  'seal.skip[]': { from: 'logs', to: 'trim' },
  'seal.remove[]': { from: '/var/one', to: '/var/two' },
  'capture.formats[]': { from: 'raw', to: 'qcow2' },
  'capture.thin': { from: false, to: true, image: true },
  'capture.reproducible': { from: false, to: true },
  'capture.medium': { from: false, to: true },
  'trust.unexplained': { from: 'warn', to: 'fail' },
  'capture.sbom': { from: 'none', to: 'spdx' },
  'capture.sbom[]': { from: 'cyclonedx', to: 'spdx' },
  tests: { from: { checks: [{ package: 'one' }] }, to: { checks: [{ package: 'two' }] } },
  'policy[]': { from: 'baseline', to: 'air-gapped' },
  'media.start': { from: 'ask', to: 'countdown' },
  'media.firmware': { from: 'bios', to: 'uefi' },
  'media.volumeId': { from: 'ONE', to: 'TWO' },
  'media.files[].from': { from: 'one.sh', to: 'two.sh', beside: { 'media.files[]': { to: '/one' } } },
  'media.files[].to': { from: '/one', to: '/two', beside: { 'media.files[]': { from: 'one.sh' } } },
  'media.remove[]': { from: '/one', to: '/two' },
  'media.arguments.remove[]': { from: 'one', to: 'two' },
  'media.packages[].deb': { from: 'one.deb', to: 'two.deb' },
  'media.packages[].install': { from: true, to: false, beside: { 'media.packages[]': { deb: 'one.deb' } } },
  'media.packages[].repository.url': { from: 'http://a.example.org', to: 'http://b.example.org', beside: extra },
  'media.packages[].repository.suite': { from: 'one', to: 'two', beside: extra },
  'media.packages[].repository.components[]': { from: 'main', to: 'contrib', beside: extra },
  'media.packages[].repository.key': { from: 'one.asc', to: 'two.asc', beside: extra },
  'media.packages[].packages[]': { from: 'one', to: 'two', beside: extra },
  'media.signingKey': { from: 'one.pem', to: 'two.pem', beside: { 'media.packages[]': { deb: 'one.deb' } } },
  'media.bootTest': { from: false, to: true },
};
