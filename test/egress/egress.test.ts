/** The catalogue, what is read of it from a disk, how it is switched off, what flows belong to it, and what a policy says of all. */
import { chmod, mkdir, readdir, readFile, readlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { openSubject } from '../../src/distributions/open-subject.ts';
import { CATALOGUE, named, switchedOff } from '../../src/egress/catalogue/catalogue.ts';
import type { Setting } from '../../src/egress/catalogue/entry.ts';
import type { Flow } from '../../src/egress/flow.ts';
import { type InstalledEntry, installedEntries } from '../../src/egress/installed.ts';
import { judgeEgress, type Looked } from '../../src/egress/judge.ts';
import { matches, mirrorsOf, nameFlows } from '../../src/egress/name-flows.ts';
import { egressPredicate } from '../../src/egress/predicate.ts';
import { isOff, valueIn } from '../../src/egress/settings.ts';
import { offScript } from '../../src/egress/switch-off.ts';
import { temporaryFolder } from '../../src/host/files.ts';
import { run } from '../../src/host/run.ts';
import { policySchema } from '../../src/policy/policy-schema.ts';
import { SWITCHABLE } from '../../src/recipe/schema/telemetry-schema.ts';
import { type Files, makeDisk } from '../capture/small-disk.ts';

const { signal } = new AbortController();

t.test('the catalogue is whole', async (t) => {
  const ids = CATALOGUE.map(({ id }) => id);
  t.equal(new Set(ids).size, ids.length, 'each id once');
  t.same(
    CATALOGUE.filter(({ off }) => off.length > 0)
      .map(({ id }) => id)
      .toSorted(),
    [...SWITCHABLE].toSorted(),
    'what can be switched off is what a recipe can name',
  );
  const written = CATALOGUE.flatMap(({ off }) => off.flatMap((one) => (one.kind === 'write' ? [one.path] : [])));
  t.equal(new Set(written).size, written.length, 'no entry overwrites what another has written');
  for (const { id, off, packages, files, units, settings, endpoints, source, sends, trigger, advice } of CATALOGUE) {
    t.ok(/^[a-z][a-z0-9-]*$/.test(id) && sends.endsWith('.') && trigger !== '', id);
    t.ok(packages.length + files.length + endpoints.length > 0, `${id} can be found`);
    t.ok(off.length > 0 || advice !== undefined, `${id} says how it is switched off`);
    t.ok(
      source === undefined || (/^20\d\d-\d\d-\d\d$/.test(source.date) && source.what.length > 5),
      `${id} has a source, or none`,
    );
    t.notOk(
      written.some((path) => path.includes('ingot')),
      'sealing takes files with our name away',
    );
    for (const unit of [...units, ...off.flatMap((one) => (one.kind === 'mask' ? one.units : []))])
      t.match(unit, /\.(service|socket|timer|path|target)$/);
    for (const { standard, files: places } of settings) t.ok(places.length > 0 && typeof standard === 'string');
  }
  t.same(
    switchedOff({ off: ['telemetry'] })
      .map(({ id }) => id)
      .includes('popularity-contest'),
    true,
  );
  t.ok(
    named(['telemetry']).some(({ id }) => id === 'geoclue') &&
      !switchedOff({ off: ['telemetry'] }).some(({ id }) => id === 'geoclue'),
  );
});

t.test('settings, as programs read them', async (t) => {
  const rows: readonly (readonly [Partial<Setting>, string, string | undefined])[] = [
    [
      { syntax: 'shell', key: 'PARTICIPATE' },
      '# PARTICIPATE="yes"\nPARTICIPATE="no"\nexport PARTICIPATE=yes # since May\n',
      'yes',
    ],
    [{ syntax: 'shell', key: 'ENABLED' }, 'NOTENABLED=1\n', undefined],
    [
      { syntax: 'ini', section: 'Resolve', key: 'LLMNR' },
      '#LLMNR=no\n[Other]\nLLMNR=no\n[Resolve]\nLLMNR = yes\n',
      'yes',
    ],
    [{ syntax: 'ini', section: 'Resolve', key: 'FallbackDNS' }, '[Resolve]\nFallbackDNS=\n', ''],
    [
      { syntax: 'apt', key: 'APT::Periodic::Enable' },
      '// APT::Periodic::Enable "0";\napt::periodic::enable "1";\n',
      '1',
    ],
    [
      { syntax: 'yaml', key: 'datasource_list' },
      'a:\n  datasource_list: [x]\ndatasource_list: [ NoCloud, None ] # ours\n',
      '[ NoCloud, None ]',
    ],
    [{ syntax: 'words', key: 'nameserver' }, '# nameserver 9.9.9.9\nnameserver\t192.0.2.1 # ours\n', '192.0.2.1'],
    [{ syntax: 'words', key: 'pool' }, 'pool 2.debian.pool.ntp.org iburst\n', '2.debian.pool.ntp.org iburst'],
    [{ syntax: 'forwarding' }, '#*.* @@a.test\n*.* /var/log/all\nmail.* mail@b.test\n', undefined],
    [{ syntax: 'forwarding' }, '*.* @@logs.test:514\n', 'logs.test:514'],
    [{ syntax: 'forwarding' }, 'auth.*\t@192.0.2.7\n', '192.0.2.7'],
    [{ syntax: 'forwarding' }, '*.* action(type="omfwd" target="logs.test" port="514")\n', 'logs.test'],
  ];
  for (const [setting, text, value] of rows)
    t.equal(valueIn(text, { files: [], off: [], standard: '', syntax: 'ini', key: '', ...setting }), value, text);
  t.ok(isOff({ syntax: 'yaml', files: [], key: '', off: ['[NoCloud, None]'], standard: '' }, '[ NoCloud,None ]'));
});

const stanza = (name: string): string =>
  `Package: ${name}\nStatus: install ok installed\nPriority: optional\nInstalled-Size: 1\nArchitecture: amd64\nVersion: 1\n`;

const unit = (name: string): Files => ({ [`/usr/lib/systemd/system/${name}`]: '[Unit]\n' });
const enabled = (name: string, target: string): Files => ({
  ...unit(name),
  [`/etc/systemd/system/${target}.wants/${name}`]: { link: `/usr/lib/systemd/system/${name}` },
});

const TALKATIVE: Files = {
  '/etc/os-release': 'ID=ubuntu\nID_LIKE=debian\nPRETTY_NAME="Talkative"\n',
  '/var/lib/dpkg/status': [
    'popularity-contest',
    'apt',
    'systemd-timesyncd',
    'chrony',
    'systemd-resolved',
    'fwupd',
    'cloud-init',
    'snapd',
    'motd-news-config',
    'apport',
    'debsecan',
    'packagekit',
  ]
    .map(stanza)
    .join('\n'),
  '/var/lib/dpkg/info/format': '1\n',
  '/usr/sbin/popularity-contest': '',
  '/usr/share/popularity-contest/default.conf': 'PARTICIPATE="no"\n',
  '/etc/popularity-contest.conf': 'PARTICIPATE="yes"\n',
  '/usr/lib/apt/apt.systemd.daily': '',
  '/etc/apt/apt.conf.d/20auto-upgrades': 'APT::Periodic::Update-Package-Lists "1";\n',
  ...enabled('apt-daily.timer', 'timers.target'),
  ...enabled('systemd-timesyncd.service', 'sysinit.target'),
  // Installed, and not enabled.
  ...unit('chrony.service'),
  ...enabled('systemd-resolved.service', 'multi-user.target'),
  '/usr/lib/systemd/systemd-resolved': '',
  '/etc/systemd/resolved.conf': '[Resolve]\n#LLMNR=yes\n',
  '/etc/systemd/resolved.conf.d/dns.conf': '[Resolve]\nFallbackDNS=8.8.8.8\n',
  ...enabled('fwupd-refresh.timer', 'timers.target'),
  '/usr/bin/cloud-init': '',
  '/etc/cloud/cloud.cfg': 'datasource_list: [Ec2, None]\n',
  ...enabled('cloud-init.service', 'cloud-init.target'),
  ...enabled('snapd.service', 'multi-user.target'),
  ...enabled('motd-news.timer', 'timers.target'),
  '/etc/default/motd-news': 'ENABLED=1\n',
  ...enabled('apport.service', 'multi-user.target'),
  '/etc/default/apport': 'enabled=1\n',
  ...unit('packagekit.service'),
};

const statesOf = async (image: string): Promise<Record<string, InstalledEntry['state']>> => {
  await using subject = await openSubject(image, signal);
  return Object.fromEntries((await installedEntries(subject)).map(({ id, state }) => [id, state]));
};

/** A folder's files as a table. */
const tableOf = async (tree: string, path = '/'): Promise<Files> => {
  const items = await readdir(join(tree, path), { withFileTypes: true });
  const tables = items.map(async (item): Promise<Files> => {
    const inner = join(path, item.name);
    if (item.isDirectory()) return tableOf(tree, inner);
    if (item.isSymbolicLink()) return { [inner]: { link: await readlink(join(tree, inner)) } };
    return { [inner]: await readFile(join(tree, inner), 'utf8') };
  });
  return Object.assign({}, ...(await Promise.all(tables)));
};

const diskIn = async (t: Test, files: Files): Promise<{ image: string; tree: string; folder: string }> => {
  const temporary = await temporaryFolder('ingot-test-');
  t.teardown(() => temporary[Symbol.asyncDispose]());
  return {
    image: await makeDisk({ folder: temporary.path, files }),
    tree: join(temporary.path, 'tree'),
    folder: temporary.path,
  };
};

/** systemctl of a system in a folder: what `mask` and `disable` leave behind. */
const SYSTEMCTL = `#!/bin/sh
case $1 in
  mask) mkdir -p "$ROOT/etc/systemd/system" && ln -sfn /dev/null "$ROOT/etc/systemd/system/$2" ;;
  disable) rm -f "$ROOT"/etc/systemd/system/*.wants/"$2" ;;
esac
`;

t.test('a list of name servers that is compiled in counts where no file says another', async (t) => {
  const resolved = (text: string, more: Files = {}): Files => ({
    '/etc/os-release': 'ID=other\n',
    ...enabled('systemd-resolved.service', 'multi-user.target'),
    '/usr/lib/systemd/systemd-resolved': text,
    ...more,
  });
  const silenced = { '/etc/systemd/resolved.conf.d/own.conf': '[Resolve]\nFallbackDNS=\n' };
  const rows = [
    ['\0 \0', {}, 'off'],
    ['\0 1.1.1.1#cloudflare-dns.com\0', {}, 'on'],
    ['\0 1.1.1.1#cloudflare-dns.com\0', silenced, 'off'],
  ] as const;
  for (const [text, more, state] of rows)
    t.equal((await statesOf((await diskIn(t, resolved(text, more))).image))['resolved-fallback'], state);
});

t.test('servers that the image names, and agents that were put in', async (t) => {
  const common: Files = {
    '/etc/os-release': 'ID=debian\n',
    '/var/lib/dpkg/status': ['systemd-resolved', 'systemd-timesyncd', 'rsyslog', 'crowdsec', 'datadog-agent', 'chrony']
      .map(stanza)
      .join('\n'),
    '/var/lib/dpkg/info/format': '1\n',
    ...enabled('systemd-resolved.service', 'multi-user.target'),
    ...enabled('systemd-timesyncd.service', 'sysinit.target'),
    ...enabled('chrony.service', 'multi-user.target'),
    ...enabled('rsyslog.service', 'multi-user.target'),
    ...enabled('crowdsec.service', 'multi-user.target'),
    ...enabled('datadog-agent.service', 'multi-user.target'),
  };
  const look = async (files: Files) => {
    await using subject = await openSubject((await diskIn(t, { ...common, ...files })).image, signal);
    return new Map((await installedEntries(subject)).map(({ id, state, because }) => [id, `${state}: ${because}`]));
  };
  const loud = await look({
    '/etc/systemd/resolved.conf.d/ours.conf': '[Resolve]\nDNS=8.8.8.8\n',
    '/etc/resolv.conf': 'search test\nnameserver 9.9.9.9\n',
    '/etc/systemd/timesyncd.conf': '[Time]\nNTP=time.google.com\n',
    '/etc/chrony/chrony.conf': 'pool time.cloudflare.com iburst\n',
    '/etc/rsyslog.d/90-out.conf': '*.* @@logs.test:514\n',
    '/etc/crowdsec/online_api_credentials.yaml': 'url: https://api.crowdsec.net/\nlogin: abc\n',
  });
  t.match(loud.get('resolved-servers'), /^on: DNS is 8\.8\.8\.8/);
  t.match(loud.get('resolv-conf'), /^on: nameserver is 9\.9\.9\.9/);
  t.match(loud.get('systemd-timesyncd'), /^on: NTP is time\.google\.com/);
  t.match(loud.get('chrony'), /^on: pool is time\.cloudflare\.com/);
  t.match(loud.get('rsyslog-forwarding'), /^on: forwarding is logs\.test:514/);
  t.match(loud.get('crowdsec'), /^on: login is abc/);
  t.match(loud.get('datadog-agent'), /^on: datadog-agent\.service is enabled/);
  const quiet = await look({
    '/etc/resolv.conf': { link: '../run/systemd/resolve/stub-resolv.conf' },
    '/etc/rsyslog.conf': '*.* /var/log/syslog\n',
    '/etc/crowdsec/online_api_credentials.yaml': '# no thanks\n',
  });
  for (const id of ['resolved-servers', 'rsyslog-forwarding', 'crowdsec']) t.match(quiet.get(id), /^off: /, id);
  t.notMatch(quiet.get('resolv-conf'), /^on/);
  t.match(quiet.get('systemd-timesyncd'), /^on: NTP is as compiled in/);
});

t.test('what is on is told, and what a recipe switches off is off on the disk', async (t) => {
  t.setTimeout(60_000);
  const { image, tree, folder } = await diskIn(t, TALKATIVE);
  const before = await statesOf(image);
  t.same(before, {
    'popularity-contest': 'on',
    'apt-periodic': 'on',
    'systemd-timesyncd': 'on',
    chrony: 'off',
    'resolved-fallback': 'on',
    'resolved-multicast': 'on',
    'resolved-servers': 'off',
    'fwupd-refresh': 'on',
    packagekit: 'on',
    debsecan: 'on',
    'motd-news': 'on',
    apport: 'on',
    snapd: 'on',
    'cloud-init-metadata': 'on',
  });
  await mkdir(join(folder, 'bin'));
  await writeFile(join(folder, 'bin', 'systemctl'), SYSTEMCTL);
  await chmod(join(folder, 'bin', 'systemctl'), 0o755);
  const script = offScript(switchedOff({ off: ['telemetry', 'ads', 'time', 'dns', 'update-check', 'metadata'] }), tree);
  const env = { PATH: `${join(folder, 'bin')}:${process.env['PATH']}`, ROOT: tree };
  for (let times = 0; times < 2; times += 1) await run('sh', ['-eu', '-s'], { input: script, env });
  const quiet = await diskIn(t, await tableOf(tree));
  const after = await statesOf(quiet.image);
  t.same(Object.keys(after), Object.keys(before), 'nothing was removed');
  t.same(
    Object.entries(after).filter(([, state]) => state === 'on'),
    [['debsecan', 'on']],
    'what Ingot cannot switch off stays on',
  );
  const untouched = await diskIn(t, { '/etc/os-release': 'ID=debian\n' });
  await run('sh', ['-eu', '-s'], {
    input: offScript(
      switchedOff({ off: ['telemetry', 'time', 'dns', 'update-check', 'metadata', 'ads'] }),
      untouched.tree,
    ),
    env,
  });
  t.same(
    await tableOf(untouched.tree).then(Object.keys),
    ['/etc/fstab', '/etc/os-release'],
    'where nothing is, nothing is written',
  );
});

const flow = (given: Partial<Flow>): Flow => ({
  phase: 'boot',
  protocol: 'tcp',
  name: undefined,
  address: '198.18.0.1',
  port: 443,
  first: 0,
  last: 0,
  tries: 1,
  bytes: 10,
  said: [],
  ...given,
});
const entry = (
  id: string,
  state: InstalledEntry['state'] = 'on',
  given: Partial<InstalledEntry> = {},
): InstalledEntry => ({
  id,
  title: id,
  class: 'update-check',
  state,
  because: ['it is installed'],
  sends: '',
  trigger: '',
  isVerified: true,
  canBeSwitchedOff: true,
  advice: undefined,
  ...given,
});

t.test('flows are known by where they go and what they say', async (t) => {
  const apt = {
    kind: 'http',
    method: 'GET',
    target: '/',
    host: 'mirror.example',
    userAgent: 'Debian APT-HTTP/1.3 (2.6.1)',
  } as const;
  const rows: readonly (readonly [Partial<Flow>, string | undefined, (readonly InstalledEntry[])?])[] = [
    [{ name: 'popcon.debian.org', port: 80 }, 'popularity-contest'],
    [{ protocol: 'dns', name: 'popcon.debian.org', port: 53 }, 'popularity-contest'],
    [
      { protocol: 'ntp', name: '2.debian.pool.ntp.org', port: 123 },
      'chrony',
      [entry('systemd-timesyncd', 'off'), entry('chrony')],
    ],
    [{ protocol: 'dns', name: '0.debian.pool.ntp.org', port: 53 }, 'systemd-timesyncd', [entry('systemd-timesyncd')]],
    [{ name: 'mirror.example', port: 80 }, 'apt-periodic'],
    [{ said: [apt], name: 'other.example' }, 'apt-periodic'],
    [{ said: [{ kind: 'tls', name: 'cdn.fwupd.org', protocols: [] }] }, 'fwupd-refresh'],
    [{ address: '169.254.169.254', port: 80 }, 'google-guest-agent', [entry('google-guest-agent')]],
    [{ protocol: 'mdns', address: '224.0.0.251', port: 5353 }, 'avahi'],
    [
      { name: 'mirror.example', phase: 'timer apt-daily.timer' },
      'apt-periodic',
      [entry('cron-apt'), entry('apt-periodic', 'off')],
    ],
    [{ name: 'phone.example' }, undefined],
    [{ name: 'popcon.debian.org.example' }, undefined],
    [{ address: '203.0.113.9' }, undefined],
  ];
  for (const [given, id, installed = []] of rows)
    t.equal(nameFlows([flow(given)], { installed, mirrors: ['mirror.example'] })[0]?.entry, id, JSON.stringify(given));
  const service = flow({ protocol: 'dns', name: '_http._tcp.mirror.example', address: '10.0.2.2', port: 53 });
  t.equal(
    nameFlows([service], { installed: [], mirrors: ['mirror.example'] })[0]?.entry,
    'apt-periodic',
    'by its service',
  );
  const back = (name: string) => flow({ protocol: 'dns', name, address: '10.0.2.2', port: 53 });
  const reversed = nameFlows(
    [
      flow({ protocol: 'icmp', name: 'six.example', address: '2001:db8:18::1', port: undefined }),
      flow({ protocol: 'tcp', name: 'four.example', address: '198.18.0.7', port: 80 }),
      back(`1.${'0.'.repeat(19)}8.1.0.0.8.b.d.0.1.0.0.2.ip6.arpa`),
      back('7.0.18.198.in-addr.arpa'),
      back('9.9.9.9.in-addr.arpa'),
    ],
    { installed: [], mirrors: [] },
  );
  t.same(
    reversed.map(({ about }) => about),
    [undefined, undefined, 'six.example', 'four.example', undefined],
    'a question for the name of an address is about the host that has it',
  );
  t.ok(matches('*.example', 'a.b.example') && !matches('a.example', 'aXexample') && !matches('*.example', 'example'));
  t.same(mirrorsOf(['http://m.example/debian', 'cdrom:[x]', 'https://m.example/security']), ['m.example']);
});

const seen = (flows: readonly Partial<Flow>[], given: Partial<NonNullable<Looked['seen']>> = {}): Looked['seen'] => ({
  mode: 'sink',
  frames: { link: 9, unread: 0 },
  lost: 0,
  isUp: true,
  boot: undefined,
  timers: undefined,
  noWayIn: undefined,
  poweredOff: true,
  length: 1000,
  flows: flows.map((one) => ({ ...flow(one), entry: undefined })),
  ...given,
});

t.test('a policy is kept, is not, or could not be judged', async (t) => {
  const dns = { protocol: 'dns', name: 'a.example', address: '10.0.2.2', port: 53 } as const;
  const time = entry('systemd-timesyncd', 'on', { class: 'time' });
  const rows: readonly (readonly [string, unknown, Looked, string, readonly string[]])[] = [
    ['nothing is asked', {}, { installed: [time], seen: undefined }, 'unjudged', []],
    [
      'what is forbidden is on',
      { telemetry: { forbid: ['time'] } },
      { installed: [time], seen: undefined },
      'fails',
      ['egress/switched-on'],
    ],
    [
      'by its id',
      { telemetry: { forbid: ['systemd-timesyncd'] } },
      { installed: [time], seen: undefined },
      'fails',
      ['egress/switched-on'],
    ],
    [
      'an exception',
      { telemetry: { forbid: ['time'], allow: ['systemd-timesyncd'] } },
      { installed: [time], seen: undefined },
      'holds',
      [],
    ],
    [
      'it is off',
      { telemetry: { forbid: ['time'] } },
      { installed: [{ ...time, state: 'off' }], seen: undefined },
      'holds',
      [],
    ],
    [
      'no source tells it',
      { telemetry: { forbid: ['time'] } },
      { installed: [{ ...time, isVerified: false }], seen: undefined },
      'holds',
      ['egress/unverified'],
    ],
    [
      'not started',
      { egress: { allow: ['dhcp'] } },
      { installed: [], seen: undefined },
      'unjudged',
      ['egress/not-observed'],
    ],
    [
      'quiet',
      { egress: { allow: ['dhcp'] } },
      { installed: [], seen: seen([{ protocol: 'dhcp', port: 67 }]) },
      'holds',
      [],
    ],
    [
      'no frame at all',
      { egress: {} },
      { installed: [], seen: seen([], { frames: { link: 0, unread: 0 } }) },
      'unjudged',
      ['egress/no-network'],
    ],
    [
      'it did not come up',
      { egress: {} },
      { installed: [], seen: seen([], { isUp: false }) },
      'unjudged',
      ['egress/not-up'],
    ],
    ['a full table', { egress: {} }, { installed: [], seen: seen([], { lost: 2 }) }, 'unjudged', ['egress/lost']],
    ['a name is asked for', { egress: { allow: ['dns'] } }, { installed: [], seen: seen([dns]) }, 'holds', []],
    [
      'of another server',
      { egress: { allow: ['dns'] } },
      { installed: [], seen: seen([{ ...dns, address: '8.8.8.8' }]) },
      'fails',
      ['egress/flow'],
    ],
    [
      'a host and its name',
      { egress: { allow: ['a.example:443'] } },
      { installed: [], seen: seen([dns, { name: 'a.example' }]) },
      'holds',
      [],
    ],
    [
      'at another port',
      { egress: { allow: ['a.example:80'] } },
      { installed: [], seen: seen([{ name: 'a.example' }]) },
      'fails',
      ['egress/flow'],
    ],
    [
      'by another transport',
      { egress: { allow: ['a.example:443/udp'] } },
      { installed: [], seen: seen([{ name: 'a.example' }]) },
      'fails',
      ['egress/flow'],
    ],
    [
      'with another name inside',
      { egress: { allow: ['a.example'] } },
      { installed: [], seen: seen([{ name: 'a.example', said: [{ kind: 'tls', name: 'b.example', protocols: [] }] }]) },
      'fails',
      ['egress/flow'],
    ],
    [
      'an address',
      { egress: { allow: ['[2001:db8::9]:443'] } },
      { installed: [], seen: seen([{ address: '2001:db8::9' }]) },
      'holds',
      [],
    ],
  ];
  for (const [what, given, looked, verdict, rules] of rows) {
    const judgement = judgeEgress(looked, policySchema.parse(given));
    t.equal(judgement.verdict, verdict, what);
    t.same(
      judgement.found.map(({ rule }) => rule),
      rules,
      what,
    );
    t.same(JSON.parse(JSON.stringify(egressPredicate(looked, judgement, new Date(0)))).judgement.verdict, verdict);
  }
  for (const wrong of [{ egress: { allow: ['http://a.example'] } }, { telemetry: { forbid: ['tele'] } }, { egres: {} }])
    t.notOk(policySchema.safeParse(wrong).success, JSON.stringify(wrong));
});

t.test('the command: what is on, and its exit status', async (t) => {
  t.setTimeout(60_000);
  const { image, folder } = await diskIn(t, TALKATIVE);
  const main = join(import.meta.dirname, '..', '..', 'src', 'cli', 'main.ts');
  const policy = join(folder, 'policy.yaml');
  const egress = (...words: string[]) => run(process.execPath, [main, 'egress', ...words], { allow: [1, 2] });
  const rows: readonly (readonly [string | undefined, number, string])[] = [
    [undefined, 0, ''],
    ['telemetry: {forbid: [license]}\n', 0, 'the policy is kept'],
    ['telemetry: {forbid: [telemetry]}\n', 1, 'popularity-contest'],
    ['egress: {allow: [dhcp]}\n', 2, 'egress/not-observed'],
    ['egres: {}\n', 2, 'usage.policy'],
    ['a: [\n', 2, 'usage.policy'],
  ];
  for (const [text, status, said] of rows) {
    if (text !== undefined) await writeFile(policy, text);
    const { exitCode, stdout, stderr } = await egress(image, ...(text === undefined ? [] : ['--policy', policy]));
    t.equal(exitCode, status, text ?? 'nothing is asked');
    t.ok(`${stdout}${stderr}`.includes(said), `${text}: ${stdout}${stderr}`);
  }
  const predicate = join(folder, 'predicate.json');
  const { stdout } = await egress(image, '--json', '--allow', 'dhcp,dns', '--predicate', predicate);
  t.match(JSON.parse(stdout), {
    installed: [{ id: 'popularity-contest', state: 'on' }],
    seen: undefined,
    judgement: { verdict: 'unjudged' },
  });
  t.match(JSON.parse(await readFile(predicate, 'utf8')), {
    predicate: { observed: null, judgement: { verdict: 'unjudged' } },
  });
  t.match((await egress('--catalogue')).stdout, /^popularity-contest +telemetry/);
  t.match((await egress()).stderr, /usage\.no-image/);
});
