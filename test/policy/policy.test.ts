import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import t from 'tap';
import { fileRef } from '../../src/host/files.ts';
import { run } from '../../src/host/run.ts';
import type { Subject } from '../../src/inspect/subject.ts';
import type { Judged } from '../../src/judgement.ts';
import { matchesName, matchesPath } from '../../src/patterns.ts';
import { createEngine } from '../../src/pipeline/engine.ts';
import { createEventBus } from '../../src/pipeline/events.ts';
import { openStore } from '../../src/pipeline/store.ts';
import type { OtherChecks, VulnerabilityFacts } from '../../src/policy/policy-facts.ts';
import { readPolicy } from '../../src/policy/read-policy.ts';
import { READY } from '../../src/policy/ready.ts';
import { judgeSettings } from '../../src/policy/rules/settings.ts';
import { sysctlSettings } from '../../src/policy/rules/sysctl-settings.ts';
import { judgeVulnerabilities } from '../../src/policy/rules/vulnerabilities.ts';
import { waived } from '../../src/policy/waivers.ts';
import { judgeImage, madeOf } from '../../src/stages/policy/judge-image.ts';
import { requireFeeds } from '../../src/stages/policy/policies.ts';
import { policyStage } from '../../src/stages/policy/policy-stage.ts';
import { counted } from '../../src/trust/report.ts';
import { NO_FEEDS } from '../../src/vulns/feeds/read.ts';
import { limitsOf, type VulnerabilitiesPart } from '../../src/vulns/policy.ts';
import { loadedWeb } from '../attest/finished-folder.ts';
import { diskWith, type Files } from '../capture/small-disk.ts';
import { KEY, PRIVATE_HASH } from '../inspect/small-system.ts';
import { DEBIAN, installed, inventoryOf, writeFeeds } from '../vulns/feed-folder.ts';
import { tracker } from '../vulns/records.ts';
import { PLANTS, PLANTS_POLICY, SOUND } from './planted.ts';

const NO_FILES = counted({ files: new Map(), missing: new Map() });

const { signal } = new AbortController();
const NOW = new Date('2026-11-30T12:00:00Z');

const stanza = (name: string) =>
  `Package: ${name}\nStatus: install ok installed\nPriority: optional\nInstalled-Size: 10\nArchitecture: amd64\nVersion: 1.0-1\n`;
const lists = (names: Readonly<Record<string, readonly string[]>>): Files =>
  Object.fromEntries(
    Object.entries(names).map(([name, paths]) => [`/var/lib/dpkg/info/${name}.list`, ['/.', ...paths, ''].join('\n')]),
  );

const PASSWD =
  'root:x:0:0:root:/root:/bin/bash\ndaemon:x:1:1::/:/usr/sbin/nologin\nada:x:1000:1000::/home/ada:/bin/bash\n';
const SHADOW = 'root:*:19000::::::\nada:!:19000::::::\n';
const SSHD = 'Include /etc/ssh/sshd_config.d/*.conf\nPasswordAuthentication yes\nMatch User x\n  PermitRootLogin yes\n';

const CLEAN: Files = {
  '/etc/os-release': 'PRETTY_NAME="Small Debian"\nID=debian\nVERSION_ID="12"\n',
  '/etc/fstab.kept': '',
  '/etc/machine-id': '',
  '/var/lib/dpkg/status': ['base-files', 'openssh-server'].map(stanza).join('\n'),
  '/var/lib/dpkg/info/format': '1\n',
  ...lists({
    'base-files': ['/etc', '/etc/debian_version'],
    'openssh-server': ['/usr/sbin/sshd', '/usr/bin/ssh-agent'],
  }),
  '/etc/debian_version': '12\n',
  '/usr/sbin/sshd': 'ELF',
  '/usr/bin/ssh-agent': { mode: 0o2755, text: 'ELF' },
  '/etc/passwd': { mode: 0o644, text: PASSWD },
  '/etc/group': { mode: 0o644, text: 'root:x:0:\nsudo:x:27:ada\nada:x:1000:\n' },
  '/etc/shadow': { mode: 0o640, text: SHADOW },
  '/etc/ssh/sshd_config': SSHD,
  '/etc/ssh/sshd_config.d/10-ours.conf': 'PasswordAuthentication no\n',
  '/etc/sysctl.d/10-early.conf': 'net.ipv4.ip_forward = 1\n',
  '/etc/sysctl.d/90-late.conf': '# ours\n-net/ipv4/ip_forward=0\nkernel.kptr_restrict = 2\n',
  '/usr/lib/systemd/system/ssh.service': '[Service]\n',
  '/usr/lib/systemd/system/local.socket': '[Socket]\nListenStream=/run/local.sock\n',
  '/etc/systemd/system/multi-user.target.wants/ssh.service': { link: '/usr/lib/systemd/system/ssh.service' },
  '/etc/systemd/system/sockets.target.wants/local.socket': { link: '/usr/lib/systemd/system/local.socket' },
  '/etc/systemd/system/tmp.mount': '[Mount]\nWhere=/scratch\nOptions=nodev,nosuid\n',
  '/home/ada/.ssh/authorized_keys': `${KEY}\n`,
};

/** What is planted, and how it has to be named: `rule` at `where`. */
const FAULTS: readonly { readonly files: Files; readonly found: string }[] = [
  {
    files: {
      '/var/lib/dpkg/status': ['base-files', 'openssh-server', 'telnetd'].map(stanza).join('\n'),
    },
    found: 'packages.forbid telnetd',
  },
  {
    files: { '/etc/apt/sources.list': 'deb [trusted=yes] http://mirror.test/debian bookworm main\n' },
    found: 'packages.untrusted /etc/apt/sources.list',
  },
  {
    files: { '/etc/apt/sources.list.d/other.list': 'deb http://elsewhere.test/debian bookworm main\n' },
    found: 'packages.sources /etc/apt/sources.list.d/other.list',
  },
  {
    files: {
      '/usr/lib/systemd/system/apt-daily.timer': '[Timer]\nOnCalendar=daily\n',
      '/etc/systemd/system/timers.target.wants/apt-daily.timer': { link: '/usr/lib/systemd/system/apt-daily.timer' },
    },
    found: 'units.forbid apt-daily.timer',
  },
  { files: { '/etc/systemd/system/ssh.service': { link: '/dev/null' } }, found: 'units.require ssh.service' },
  {
    files: {
      '/usr/lib/systemd/system/door.socket': '[Socket]\nListenStream=2323\n',
      '/etc/systemd/system/sockets.target.wants/door.socket': { link: '/usr/lib/systemd/system/door.socket' },
    },
    found: 'units.onlySockets door.socket',
  },
  { files: { '/usr/sbin/sshd': { mode: 0o4755, text: 'ELF' } }, found: 'privileged.only /usr/sbin/sshd' },
  {
    files: { '/usr/local/bin/way-in': { mode: 0o4755, text: 'x' } },
    found: 'privileged.ofNoPackage /usr/local/bin/way-in',
  },
  {
    files: {
      '/etc/passwd': {
        mode: 0o664,
        text: `${PASSWD}eve:x:1001:1001::/home/eve:/bin/sh\nold:x:1002:1002::/home/old:/bin/sh\n`,
      },
    },
    found: 'files.require /etc/passwd',
  },
  {
    files: {
      '/etc/shadow': {
        mode: 0o640,
        text: `root:${PRIVATE_HASH}:19000::::::\nada:!:19000::::::\neve::19000::::::\nold:$1$abcdefgh$0123456789012345678901:19000::::::\n`,
      },
    },
    found: 'accounts.emptyPasswords eve',
  },
  { files: {}, found: 'accounts.passwords eve' },
  { files: {}, found: 'accounts.passwords root' },
  { files: {}, found: 'accounts.methods old' },
  { files: {}, found: 'accounts.logins eve' },
  {
    files: { '/home/ada/.ssh/authorized_keys': 'ssh-dss AAAAB3NzaC1kc3MAAACBAP1 ada\n' },
    found: 'accounts.keyTypes /home/ada/.ssh/authorized_keys',
  },
  {
    files: { '/etc/sudoers.d/ada': 'ada ALL=(ALL) NOPASSWD:ALL\n' },
    found: 'accounts.sudoWithoutPassword /etc/sudoers.d/ada',
  },
  { files: { '/root/.bash_history': 'mysql -p secret\n' }, found: 'files.forbid /root/.bash_history' },
  { files: { '/etc/machine-id': `${'0123456789abcdef'.repeat(2)}\n` }, found: 'files.require /etc/machine-id' },
  { files: { '/opt/tool': { mode: 0o666, text: 'x' } }, found: 'files.worldWritable /opt/tool' },
  { files: {}, found: 'files.unexplained /opt/tool' },
  { files: {}, found: 'files.unexplained /usr/local/bin/way-in' },
  { files: {}, found: 'privileged.only /usr/local/bin/way-in' },
  { files: { '/srv/lost': 'x' }, found: 'files.withoutOwner /srv/lost' },
  {
    files: { '/etc/ssl/private/web.key': '-----BEGIN PRIVATE KEY-----\nx\n' },
    found: 'files.privateKeys /etc/ssl/private/web.key',
  },
  {
    files: { '/etc/ssh/sshd_config.d/05-debug.conf': 'PasswordAuthentication yes\n' },
    found: 'settings.sshd /etc/ssh/sshd_config.d/05-debug.conf',
  },
  {
    files: { '/etc/sysctl.d/99-router.conf': 'net.ipv4.ip_forward = 1\n' },
    found: 'settings.sysctl /etc/sysctl.d/99-router.conf',
  },
  {
    files: { '/etc/systemd/system/tmp.mount': '[Mount]\nWhere=/scratch\nOptions=nodev\n' },
    found: 'settings.mounts /scratch',
  },
  { files: { '/var/log/big.log': 'x'.repeat(2 * 2 ** 20) }, found: 'size.logs' },
  {
    files: {
      '/usr/sbin/popularity-contest': '',
      '/etc/popularity-contest.conf': 'PARTICIPATE="yes"\n',
    },
    found: 'telemetry.switched-on popularity-contest',
  },
  { files: {}, found: 'files.unexplained /usr/sbin/popularity-contest' },
];

const POLICY = `
packages: {forbid: ["telnet*"], require: [openssh-server], untrusted: forbid, sources: [mirror.test, mirror.example]}
units: {forbid: ["*.timer"], require: [ssh.service], onlySockets: []}
telemetry: {forbid: [telemetry, ads], allow: [snapd]}
privileged: {only: [/usr/bin/ssh-agent], ofNoPackage: forbid}
accounts:
  logins: [root, ada, old]
  emptyPasswords: forbid
  passwords: [old]
  methods: [yescrypt, SHA-512]
  keyTypes: [ssh-ed25519]
  sudoWithoutPassword: [root]
files:
  forbid: ["/root/.*_history"]
  require:
    - {path: /etc/passwd, mostMode: "0644"}
    - {path: /etc/machine-id, lacks: "^[0-9a-f]{32}$"}
    - {path: /etc/nothing, optional: true}
  unexplained: {most: 0, allow: ["/etc/**", "/home/**", "/root/**", "/srv/**", "/usr/lib/systemd/**", "/var/log/**", /var/mail, /boot/efi, "/lost+found"]}
  worldWritable: {}
  withoutOwner: forbid
  privateKeys: {}
settings:
  sshd: {PasswordAuthentication: "no", PermitRootLogin: prohibit-password}
  sysctl: {net.ipv4.ip_forward: 0, kernel.kptr_restrict: [1, 2]}
  mounts: {/scratch: [nodev, nosuid]}
size: {logs: 1M}
`;

const judged = async (image: string, ...names: string[]) => {
  const policies = await Promise.all(names.map(readPolicy));
  const [judgement] = await judgeImage(image, { policies, made: undefined, now: NOW, signal });
  if (judgement === undefined) throw new Error('nothing was judged');
  return judgement;
};
const named = (found: readonly Judged[]) =>
  found.map(({ rule, where }) => [rule.replace('policy/', ''), where ?? ''].join(' ').trim()).sort();
const offset = (image: string) => `${image}?offset=${14 * 2 ** 20}`;

t.test('each fault is named by its rule, and a clean image keeps the policy', async (t) => {
  const folder = t.testdir({ 'policy.yaml': POLICY });
  const policy = join(folder, 'policy.yaml');
  const clean = await judged(await diskWith(t, CLEAN), policy);
  t.same(clean.found, []);
  t.equal(clean.verdict, 'holds');

  const faults = Object.assign({}, CLEAN, ...FAULTS.map(({ files }) => files));
  const image = await diskWith(t, faults);
  await run('debugfs', ['-w', '-R', 'set_inode_field /srv/lost uid 4242', offset(image)]);
  const bad = await judged(image, policy);
  t.equal(bad.verdict, 'fails');
  t.same(named(bad.found), FAULTS.map(({ found }) => found).sort());
  t.ok(
    bad.found.every(({ hint, message }) => hint && message),
    'each says what to do',
  );
});

t.test('ways to start again, to be root, to be left without updates', async (t) => {
  const folder = t.testdir({ 'policy.yaml': PLANTS_POLICY });
  const policy = join(folder, 'policy.yaml');
  t.same((await judged(await diskWith(t, SOUND), policy)).found, [], 'a sound system');
  const planted = Object.assign({}, SOUND, ...PLANTS.map(({ files }) => files));
  const { found } = await judged(await diskWith(t, planted), policy);
  t.same(named(found), PLANTS.flatMap((one) => one.found).sort());
  t.ok(found.every(({ hint }) => hint));
});

t.test('the ready policies', async (t) => {
  for (const name of Object.keys(READY)) {
    const { policy } = await readPolicy(name);
    t.ok(policy.accounts?.emptyPasswords, `${name} has the baseline in it`);
  }
});

const isRoot = process.getuid?.() === 0;

t.test(
  'a small disk against the ready policies',
  { skip: isRoot ? false : 'its files belong to whoever makes it: only root makes a right one' },
  async (t) => {
    const image = await diskWith(t, CLEAN);
    t.same((await judged(image, 'baseline')).found, []);
    t.ok(named((await judged(image, 'server-hardened')).found).includes('settings.sysctl /etc/sysctl.d'));
    const offline = await judged(image, 'air-gapped');
    t.equal(offline.verdict, 'unjudged', 'without a manifest its origin cannot be judged');
    t.match(offline.found, [{ rule: 'policy/origin', verdict: 'unjudged' }]);
  },
);

t.test('what the manifest says', async (t) => {
  const image = await diskWith(t, CLEAN);
  const folder = t.testdir({
    'old.yaml': 'age: {most: 30d}\n',
    'origin.yaml': 'origin: {proof: signed, standIns: forbid, families: [debian], releases: ["13"]}\n',
  });
  const manifest = {
    created: '2026-09-01T00:00:00.000Z',
    os: { family: 'debian', release: '12', arch: 'amd64' },
    origin: { kind: 'image' as const, source: 'cloud.qcow2', sha256: 'a'.repeat(64) },
    standIns: [{ name: 'partman', for: 'the mirror has none' }],
  };
  const policies = await Promise.all(['old.yaml', 'origin.yaml'].map((name) => readPolicy(join(folder, name))));
  const found = await judgeImage(image, { policies, made: manifest, now: NOW, signal });
  t.same(
    found.map(({ found }) => named(found)),
    [['age manifest.json'], ['origin.proof cloud.qcow2', 'origin.releases', 'origin.standIns partman']],
  );
  const signed = {
    ...manifest,
    created: NOW.toISOString(),
    origin: { ...manifest.origin, proof: { file: 'x', level: 'signed' as const } },
    standIns: [],
    os: { ...manifest.os, release: '13' },
  };
  for (const { verdict } of await judgeImage(image, { policies, made: signed, now: NOW, signal }))
    t.equal(verdict, 'holds');

  const digest = 'b'.repeat(64);
  await mkdir(join(folder, 'out'));
  await writeFile(join(folder, 'out', 'manifest.json'), JSON.stringify({ ...manifest, images: [{ sha256: digest }] }));
  t.match(await madeOf(join(folder, 'out', 'web.qcow2'), digest), { created: manifest.created });
  t.equal(await madeOf(join(folder, 'out', 'web.qcow2'), 'c'.repeat(64)), undefined, 'it speaks of another image');
  t.equal(await madeOf(image, digest), undefined, 'there is none');
});

t.test('what other checks have said', async (t) => {
  const folder = t.testdir({
    'ours.yaml': 'trust: {unexplained: forbid}\ntests: {require: ["default: boot*", "clones: *"]}\n',
  });
  const image = await diskWith(t, CLEAN);
  const policies = [await readPolicy(join(folder, 'ours.yaml'))];
  const look = async (others: OtherChecks) => {
    const [found] = await judgeImage(image, { policies, made: undefined, others, now: NOW, signal });
    return { verdict: found?.verdict, found: named(found?.found ?? []) };
  };
  const trust = { check: 'trust', verdict: 'holds' as const, facts: [], found: [] };
  const tests = [
    { name: 'default: boot ends', verdict: 'holds' as const },
    { name: 'clones: they differ', verdict: 'holds' as const },
  ];
  t.same(await look({ trust, tests }), { verdict: 'holds', found: [] });
  t.same(await look({}), { verdict: 'unjudged', found: ['tests.require', 'trust.unexplained'] }, 'nothing was judged');
  const way = { rule: 'trust/unexplained', verdict: 'fails' as const, message: 'x', where: '/usr/bin/way-in' };
  t.same(await look({ trust: { ...trust, verdict: 'fails', found: [way] }, tests: tests.slice(0, 1) }), {
    verdict: 'fails',
    found: ['tests.require clones: *', 'trust.unexplained /usr/bin/way-in'],
  });
  t.match(await look({ trust: { ...trust, verdict: 'unjudged', facts: ['no packages'] }, tests }), {
    verdict: 'unjudged',
  });
  t.match(await look({ trust, tests: [{ name: 'default: boot ends', verdict: 'unjudged' }, ...tests.slice(1)] }), {
    verdict: 'fails',
    found: ['tests.require default: boot ends'],
  });
});

t.test('known vulnerabilities, by feeds', async (t) => {
  const release = 'PRETTY_NAME="Small Debian"\nID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\n';
  const image = await diskWith(t, { ...CLEAN, '/etc/os-release': release });
  const content = tracker({
    'openssh-server': {
      'CVE-2026-2001': { status: 'resolved', fixed_version: '2.0-1', urgency: 'high' },
      'CVE-2026-2002': { status: 'open', urgency: 'low' },
    },
  });
  const today = NOW.toISOString();
  const waivers = 'waivers: [{rule: CVE-2026-2001, where: openssh-server, reason: not reached, until: 2027-01-31}]\n';
  const rows: readonly (readonly [
    what: string,
    policy: string,
    fetched: string | undefined,
    verdict: string,
    found: readonly string[],
  ])[] = [
    ['all counts', 'vulnerabilities: {}\n', today, 'fails', ['affected openssh-server', 'affected openssh-server']],
    ['a limit', 'vulnerabilities: {severity: high}\n', today, 'fails', ['affected openssh-server']],
    ['a limit that nothing reaches', 'vulnerabilities: {severity: critical}\n', today, 'holds', []],
    ['waived', `vulnerabilities: {severity: high}\n${waivers}`, today, 'holds', ['waived openssh-server']],
    [
      'too old',
      'vulnerabilities: {severity: critical}\n',
      '2026-11-20T00:00:00Z',
      'unjudged',
      ['feed-old debian-tracker'],
    ],
    [
      'as old as it may be',
      'vulnerabilities: {severity: critical, maxAge: 30d}\n',
      '2026-11-20T00:00:00Z',
      'holds',
      [],
    ],
    ['no feeds', 'vulnerabilities: {severity: critical}\n', undefined, 'unjudged', ['no-feed']],
    ['no mirror', 'vulnerabilities: {pendingUpdates: forbid}\n', undefined, 'unjudged', ['pending-update']],
  ];
  for (const [what, policy, fetched, verdict, found] of rows) {
    const folder = t.testdir({ 'p.yaml': policy });
    if (fetched !== undefined) await writeFeeds(folder, [{ kind: 'debian-tracker', content, fetched }]);
    const policies = [await readPolicy(join(folder, 'p.yaml'))];
    const sources = { feeds: fetched === undefined ? undefined : folder, updates: undefined };
    const [judgement] = await judgeImage(image, { policies, made: undefined, sources, now: NOW, signal });
    t.equal(judgement?.verdict, verdict, what);
    const by = fetched === undefined ? [] : [`debian-tracker of ${fetched.slice(0, 10)}`];
    t.same(judgement?.facts, ['judged: vulnerabilities', ...by], `${what}: by what`);
    t.same(
      named(judgement?.found ?? []),
      found.map((one) => `vulnerabilities.${one}`),
      what,
    );
    t.ok(
      judgement?.found.every(({ hint, verdict }) => hint || verdict === 'holds'),
      `${what}: each says what to do`,
    );
  }
  const folder = t.testdir({
    'p.yaml': 'vulnerabilities: {severity: high}\n',
    'q.yaml': 'vulnerabilities: {pendingUpdates: forbid}\n',
  });
  const [asking, updates] = await Promise.all(['p.yaml', 'q.yaml'].map((name) => readPolicy(join(folder, name))));
  if (asking === undefined || updates === undefined) throw new Error('no policy');
  await t.rejects(requireFeeds([updates, asking], undefined), { code: 'policy.no-feeds' }, 'before a build begins');
  await t.rejects(requireFeeds([asking], folder), { code: 'vulns.no-feeds' });
  await t.resolves(requireFeeds([updates], undefined), 'pending updates take no feed');
});

t.test('a build is judged with its feeds, and again with others', async (t) => {
  const release = 'PRETTY_NAME="Small Debian"\nID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\n';
  const image = await diskWith(t, { ...CLEAN, '/etc/os-release': release });
  const folder = t.testdir({ store: {}, run: {}, feeds: {} });
  const at = (name: string) => join(folder, name);
  const loaded = await loadedWeb(folder);
  await writeFile(at('p.yaml'), 'vulnerabilities: {severity: high}\n');
  const bus = createEventBus();
  const ran: string[] = [];
  bus.subscribe(({ type }) => void ran.push(type));
  const engine = createEngine({ store: await openStore(at('store')), bus, runFolder: at('run'), signal });
  const file = await fileRef(image);
  const build = async (feeds: string | undefined) => {
    ran.length = 0;
    const { judgements } = await engine.run(policyStage, {
      loaded: { ...loaded, recipe: { ...loaded.recipe, policy: ['p.yaml'] } },
      captured: { images: [{ format: 'raw', file, virtualSize: file.size }], packages: [] },
      origin: { sha256: 'a'.repeat(64), lock: undefined },
      trusted: {
        judgement: { check: 'trust', verdict: 'unjudged', facts: [], found: [] },
        counts: NO_FILES,
        record: file,
      },
      tested: undefined,
      lock: undefined,
      feeds,
    });
    return { verdicts: judgements.map(({ verdict }) => verdict), isFound: ran.includes('stage.cached') };
  };
  const feed = async (status: Readonly<Record<string, string>>) => {
    const content = tracker({ 'openssh-server': { 'CVE-2026-2001': { urgency: 'high', ...status } } });
    await writeFeeds(at('feeds'), [{ kind: 'debian-tracker', content, fetched: new Date().toISOString() }]);
    return at('feeds');
  };
  await t.rejects(build(undefined), { code: 'policy.not-kept', detail: /not judged: no feeds are at hand/ });
  const clean = await feed({ status: 'resolved', fixed_version: '0' });
  t.same(await build(clean), { verdicts: ['holds'], isFound: false });
  t.same(await build(clean), { verdicts: ['holds'], isFound: true }, 'the same day, the same feeds');
  await t.rejects(build(await feed({ status: 'open' })), { code: 'policy.not-kept', detail: /CVE-2026-2001 \(high\)/ });
});

t.test('updates that are missing, and the end of support', (t) => {
  const looked: VulnerabilityFacts = {
    inventory: inventoryOf(DEBIAN, [installed('libssl3', '3.0-1', { source: 'openssl' }), installed('old', '1')]),
    feeds: NO_FEEDS,
    updates: {
      suites: [{ name: 'bookworm-security', date: NOW.toISOString() }],
      updates: [
        {
          ...{ name: 'libssl3', architecture: 'amd64', source: 'openssl', from: '3.0-1', to: '3.0-2' },
          ...{ fromSource: '3.0-1', toSource: '3.0-2', suites: ['bookworm-security'], isSecurity: true },
        },
      ],
      changelogs: [{ source: 'openssl', cves: ['CVE-2026-1', 'CVE-2026-2'] }],
      support: { ended: [{ source: 'old', since: '2026-01-01' }], limited: [] },
      thirdParty: new Set(),
    },
    updatesUnknown: undefined,
    notScanned: [],
  };
  const ask = (part: VulnerabilitiesPart, more: Partial<VulnerabilityFacts> = {}) =>
    judgeVulnerabilities(part, { ...looked, ...more }, { waivers: [], now: NOW }).map(
      ({ rule, verdict, where, message }) => [verdict, rule.replace('policy/vulnerabilities.', ''), where, message],
    );
  t.match(ask({ pendingUpdates: 'forbid' }), [
    ['fails', 'pending-update', 'openssl', /libssl3 3\.0-1 .*3\.0-2 \(bookworm-security\); .*CVE-2026-1, CVE-2026-2/],
  ]);
  t.match(ask({ unsupported: 'forbid' }), [['fails', 'support-ended', 'old', /2026-01-01/]]);
  const unknown = { updates: undefined, updatesUnknown: 'the mirror cannot be reached' };
  t.match(ask({ pendingUpdates: 'forbid', unsupported: 'forbid' }, unknown), [
    ['unjudged', 'pending-update', undefined, /cannot be reached/],
    ['unjudged', 'support-ended', undefined, /cannot be reached/],
  ]);
  const kept = (asOf: string, more = {}) => ({
    updates: looked.updates && { ...looked.updates, ...more, kept: { asOf, because: 'the mirror cannot be reached' } },
  });
  const both = { pendingUpdates: 'forbid', unsupported: 'forbid' } as const;
  const rows: readonly (readonly [VulnerabilitiesPart, Partial<VulnerabilityFacts>, readonly string[]])[] = [
    [both, kept('2026-11-28T00:00:00Z'), ['fails pending-update', 'fails support-ended']],
    [
      both,
      kept('2026-11-02T00:00:00Z'),
      ['fails pending-update', 'unjudged pending-update', 'fails support-ended', 'unjudged support-ended'],
    ],
    [{ ...both, maxAge: '30d' }, kept('2026-11-02T00:00:00Z'), ['fails pending-update', 'fails support-ended']],
    [{ pendingUpdates: 'forbid' }, kept('2026-11-28T00:00:00Z', { updates: [] }), []],
    [{ pendingUpdates: 'forbid' }, kept('2026-11-02T00:00:00Z', { updates: [] }), ['unjudged pending-update']],
    [{ unsupported: 'forbid' }, kept('2026-11-28T00:00:00Z', { support: undefined }), ['unjudged support-ended']],
  ];
  for (const [part, more, found] of rows)
    t.same(
      ask(part, more).map(([verdict, rule]) => `${verdict} ${rule}`),
      found,
      `${JSON.stringify(part)} ${more.updates?.kept?.asOf}`,
    );
  t.match(ask({ severity: 'low' }), [['unjudged']], 'a folder whose feeds say nothing is not clean');
  t.same(limitsOf({ exploited: 'forbid' }).maxAge, 7);
  t.end();
});

t.test('waivers', async (t) => {
  const found: Judged = { rule: 'policy/files.forbid', verdict: 'fails', message: 'there', where: '/a/b' };
  const waiver = { rule: 'files.*', reason: 'known', until: '2026-11-30' };
  t.match(waived([found], [waiver], NOW), [{ verdict: 'holds', message: /waived until 2026-11-30: known/ }]);
  t.match(waived([found], [{ ...waiver, where: '/c/*' }], NOW), [{ verdict: 'fails', message: 'there' }], 'elsewhere');
  t.match(
    waived([found], [{ ...waiver, until: '2026-11-29' }], NOW),
    [{ verdict: 'fails' }, { rule: 'policy/waivers', verdict: 'fails' }],
    'one that is over waives nothing, and is a finding',
  );
});

t.test('policies that are not valid', async (t) => {
  const rows: readonly (readonly [text: string, code: string, detail: RegExp])[] = [
    ['packages: {forbid: []}', 'usage.policy-invalid', /at least one entry/],
    ['packages: {forbit: [x]}', 'usage.policy-invalid', /Did you mean `forbid`/],
    ['files: {require: [{path: /x, mode: 644}]}', 'usage.policy-invalid', /octal, quoted/],
    ['files: {require: [{path: /x, contains: "("}]}', 'usage.policy-invalid', /regular expression/],
    ['files: {require: [{path: /x, lacks: "a^b"}]}', 'usage.policy-invalid', /an expression that can fit/],
    ['starts: {ofNoPackage: allow}', 'usage.policy-invalid', /forbid/],
    ['waivers: [{rule: x, reason: y, until: 2026-02-31}]', 'usage.policy-invalid', /calendar/],
    ['waivers: [{rule: x, reason: " ", until: 2026-02-01}]', 'usage.policy-invalid', /1/],
    ['waivers: [{rule: x, reason: y, until: soon}]', 'usage.policy-invalid', /a day such as/],
    ...['packages.forbidden', 'package.forbid', 'packages/forbid', 'trust/unexplained', 'docs.*', 'cve-2026-1234'].map(
      (rule): [string, string, RegExp] => [
        `waivers: [{rule: "${rule}", reason: y, until: 2026-02-01}]`,
        'usage.policy-invalid',
        /there is no rule/,
      ],
    ),
    ['waivers: [{rule: x, until: 2026-02-01}]', 'usage.policy-invalid', /reason/],
    ['vulnerabilities: {severity: hihg}', 'usage.policy-invalid', /high/],
    ['vulnerabilities: {probability: 0}', 'usage.policy-invalid', /0/],
    ['vulnerabilities: {maxAge: 0d}', 'usage.policy-invalid', /number of days/],
    ['include: [baselin]', 'usage.policy-invalid', /Did you mean `baseline`/],
    ['include: [./policy.yaml]', 'usage.policy-invalid', /includes itself/],
    ['include: [./nothing.yaml]', 'usage.policy-unreadable', /^$/],
    ['a: [', 'usage.policy-invalid', /not valid YAML/],
  ];
  for (const [text, code, detail] of rows) {
    const folder = t.testdir({ 'policy.yaml': text });
    await t.rejects(
      readPolicy(join(folder, 'policy.yaml')),
      { code, detail: code === 'usage.policy-invalid' ? detail : undefined },
      text,
    );
  }
  const folder = t.testdir({
    'below.yaml': 'packages: {forbid: [a], most: 5}\nunits: {forbid: [c]}\n',
    'policy.yaml': 'include: [./below.yaml]\npackages: {forbid: [b], most: 7}\n',
  });
  const { policy } = await readPolicy(join(folder, 'policy.yaml'));
  t.same(policy, { packages: { forbid: ['a', 'b'], most: 7 }, units: { forbid: ['c'] } }, 'lists are joined');
});

/** The main file, files that it includes, and for whom the oracle answers; what is found with `no` wanted, or for root alone. */
const SSHD_ROWS: readonly {
  readonly config: string;
  readonly included?: string;
  readonly who: string;
  readonly keyword?: string;
  readonly found: string | undefined;
}[] = [
  {
    config: 'PermitRootLogin no\nMatch User root\n  PermitRootLogin yes\n',
    who: 'user=root',
    found: '/etc/ssh/sshd_config:3',
  },
  { config: 'PermitRootLogin no\nMatch User git,!root,*\n  PermitRootLogin yes\n', who: 'user=root', found: undefined },
  {
    config: 'PermitRootLogin no\nMatch user="r*t"\n  PermitRootLogin yes\n',
    who: 'user=root',
    found: '/etc/ssh/sshd_config:3',
  },
  {
    config: 'PermitRootLogin no\nMatch Address 0.0.0.0/0\n  PermitRootLogin yes\n',
    who: 'user=root',
    found: '/etc/ssh/sshd_config:3',
  },
  {
    config: 'PermitRootLogin no\nMatch LocalPort 22\n  PermitRootLogin yes\n',
    who: 'user=root',
    found: '/etc/ssh/sshd_config:3',
  },
  {
    config: 'PasswordAuthentication no\nMatch User git\n  PasswordAuthentication yes\n',
    who: 'user=git',
    keyword: 'PasswordAuthentication',
    found: '/etc/ssh/sshd_config:3',
  },
  {
    config: 'PasswordAuthentication no\nMatch Host *\n  PasswordAuthentication yes\n',
    who: 'user=git',
    keyword: 'PasswordAuthentication',
    found: '/etc/ssh/sshd_config:3',
  },
  {
    config:
      'PasswordAuthentication yes\nMatch all\n  PasswordAuthentication no\nMatch User git\n  PasswordAuthentication yes\n',
    who: 'user=git',
    keyword: 'PasswordAuthentication',
    found: undefined,
  },
  {
    config: 'PermitRootLogin no\nMatch User root\n  Include INCLUDED\n',
    included: '# ours\nPermitRootLogin yes\n',
    who: 'user=root',
    found: 'INCLUDED:2',
  },
  {
    config: 'Include INCLUDED\nPermitRootLogin no\n',
    included: 'PermitRootLogin yes\n',
    who: 'user=root',
    found: 'INCLUDED:1',
  },
];

t.test('sshd in Match blocks, and as sshd itself reads it', async (t) => {
  const hasSshd = isRoot && existsSync('/usr/sbin/sshd');
  if (hasSshd) await mkdir('/run/sshd', { recursive: true });
  for (const { config, included = '', who, keyword = 'PermitRootLogin', found } of SSHD_ROWS) {
    const folder = t.testdir({ included });
    const path = join(folder, 'included');
    const text = config.replace('INCLUDED', path);
    const texts = new Map([
      ['/etc/ssh/sshd_config', text],
      [path, included],
    ]);
    const files = {
      text: async (name: string) => texts.get(name),
      list: async (at: string) => (path.startsWith(at) ? [{ name: basename(path) }] : []),
      find: async (name: string) => (path.startsWith(name) ? { path: name } : undefined),
    };
    // biome-ignore lint/suspicious/noExplicitAny: what a reader of settings asks of a disk
    const facts = { subject: { files } } as any;
    const [one, ...more] = await judgeSettings({ sshd: { [keyword]: 'no' } }, facts);
    const line = /line (\d+)/.exec(one?.message ?? '')?.[1];
    t.equal(one && `${one.where}:${line}`, found?.replace('INCLUDED', path), text);
    t.same(more, []);
    if (!hasSshd) continue;
    await writeFile(join(folder, 'sshd_config'), text);
    await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, 'key')]);
    const { stdout } = await run('/usr/sbin/sshd', [
      ...['-T', '-f', join(folder, 'sshd_config'), '-h', join(folder, 'key')],
      ...['-C', `${who},host=h,addr=192.0.2.1,laddr=192.0.2.2,lport=22`],
    ]);
    const is = new RegExp(`^${keyword} (.*)$`, 'im').exec(stdout)?.[1];
    t.equal(is === 'no', found === undefined, `sshd: ${is}`);
  }
});

t.test('includes that meet count once', async (t) => {
  const last = 24;
  const chain = Array.from({ length: last }, (_, nth) => [
    `${nth}.yaml`,
    `include: [./${nth + 1}.yaml, ./${nth + 1}.yaml]\n`,
  ]);
  const folder = t.testdir({
    ...Object.fromEntries(chain),
    [`${last}.yaml`]: 'files: {require: [{path: /x}]}\n',
    'left.yaml': `include: [./${last}.yaml]\nfiles: {require: [{path: /x}, {path: /y}]}\n`,
    'right.yaml': `include: [./${last}.yaml, ./left.yaml]\n`,
    'both.yaml': 'include: [./left.yaml, ./right.yaml]\n',
    'one.yaml': 'include: [./other.yaml]\n',
    'other.yaml': 'include: [./one.yaml]\n',
    'round.yaml': 'include: [./one.yaml, ./other.yaml]\n',
  });
  const far = await readPolicy(join(folder, '0.yaml'));
  t.same(far.policy.files?.require, [{ path: '/x' }]);
  t.equal(far.files.length, last + 1);
  const { policy, files } = await readPolicy(join(folder, 'both.yaml'));
  t.same(policy.files?.require, [{ path: '/x' }, { path: '/y' }]);
  t.equal(files.length, 4);
  await t.rejects(readPolicy(join(folder, 'round.yaml')), { code: 'usage.policy-invalid', detail: /includes itself/ });
});

t.test('patterns', async (t) => {
  t.ok(matchesName(['lib*-dev'], 'libc6-dev'));
  t.notOk(matchesName(['libc+6'], 'libcc6'), 'other signs stand for themselves');
  t.ok(matchesPath(['/etc/*.d/x'], '/etc/a.d/x'));
  t.notOk(matchesPath(['/etc/*/x'], '/etc/a/b/x'));
  t.ok(matchesPath(['/etc/**'], '/etc/a/b/x'));
});

t.test('settings of the kernel as systemd-sysctl takes them', async (t) => {
  const texts: Readonly<Record<string, string>> = {
    '/usr/lib/sysctl.d/50-default.conf':
      'net.ipv4.conf.default.rp_filter = 2\nnet.ipv4.conf.*.rp_filter = 2\n-net.ipv4.conf.all.rp_filter\n',
    '/usr/lib/sysctl.d/90-same.conf': 'kernel.sysrq = 16\n',
    '/etc/sysctl.d/90-same.conf':
      '# in its place\nkernel.sysrq=0\n; no = comment\nnet/ipv4/conf/eth0.5/rp_filter = 1\n',
    '/etc/sysctl.d/95-late.conf': 'kernel/sysrq = 1\nnet.ipv4.conf.*.rp_filter = 0\n',
    '/etc/sysctl.d/99-note.txt': 'kernel.sysrq = 7\n',
  };
  const files = {
    list: async (folder: string) =>
      Object.keys(texts).flatMap((path) => (dirname(path) === folder ? [{ name: basename(path) }] : [])),
    text: async (path: string) => texts[path],
  } as unknown as Subject['files'];
  const settings = await sysctlSettings(files);
  const at = (name: string) => {
    const { value, path, line } = settings(name) ?? {};
    return value === undefined ? undefined : `${value} ${basename(path ?? '')}:${line}`;
  };
  t.equal(at('kernel.sysrq'), '1 95-late.conf:1');
  t.equal(at('kernel/sysrq'), '1 95-late.conf:1');
  t.equal(
    at('net.ipv4.conf.default.rp_filter'),
    '2 50-default.conf:1',
    'by its own name, whatever a later pattern says',
  );
  t.equal(at('net.ipv4.conf.lo.rp_filter'), '0 95-late.conf:2', 'the last pattern');
  t.equal(at('net.ipv4.conf.all.rp_filter'), undefined, 'taken out of the pattern');
  t.equal(at('net.ipv4.conf.eth0/5.rp_filter'), '1 90-same.conf:4', 'a dot in a name');
  t.equal(at('no'), undefined);
});
