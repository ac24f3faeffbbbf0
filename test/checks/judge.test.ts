/** Each kind of check on a system that is right and on one that is not, by its verdict and what it says. */
import { existsSync } from 'node:fs';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import t from 'tap';
import { bootOutcomes } from '../../src/checks/boot.ts';
import { compileTests } from '../../src/checks/compiled.ts';
import type { Facts } from '../../src/checks/facts.ts';
import { machineNamed } from '../../src/checks/machines.ts';
import { type Outside, outsideOf } from '../../src/checks/outside.ts';
import type { GuestAnswer, NamedOutcome, Outcome } from '../../src/checks/planned.ts';
import { textFits } from '../../src/checks/text-fits.ts';
import { openSubject } from '../../src/distributions/open-subject.ts';
import { IngotError } from '../../src/errors.ts';
import type { Verdict } from '../../src/judgement.ts';
import { loadTests } from '../../src/recipe/load/load-tests.ts';
import { testsSchema } from '../../src/recipe/schema/tests-schema.ts';
import { diskWith } from '../capture/small-disk.ts';
import { SMALL_DEBIAN } from '../inspect/small-system.ts';

const { signal } = new AbortController();
const compiled = (checks: readonly unknown[]) => compileTests(testsSchema.parse({ checks }), '/nowhere');

type Row = readonly [check: unknown, verdicts: Verdict | readonly Verdict[], told?: RegExp];

const OUTSIDE: readonly Row[] = [
  [{ package: 'web' }, 'holds', /web 1\.0-1/],
  [{ package: 'nothing' }, 'fails', /nothing is not installed/],
  [{ package: 'purged' }, 'fails', /purged is not installed/],
  [{ package: { name: 'nothing', installed: false } }, 'holds'],
  [{ package: { name: 'web', installed: false } }, 'fails', /web 1\.0-1 is installed/],
  [{ package: { name: 'web', version: '>= 1.0-1' } }, 'holds'],
  [{ package: { name: 'web', version: '>= 1.0~rc1' } }, 'holds', /web 1\.0-1/],
  [{ package: { name: 'web', version: '>1.0-1' } }, 'fails', /web is 1\.0-1, not >1\.0-1/],
  [{ package: { name: 'web', version: '< 1:0' } }, 'holds'],
  [{ package: { name: 'web', version: '= 1.0' } }, 'fails'],
  [{ package: { name: 'web', version: '>= latest' } }, 'unjudged'],
  [{ service: { name: 'web.socket', enabled: true } }, 'holds', /enabled/],
  [{ service: { name: 'web', enabled: true } }, 'holds', /static/],
  [{ service: { name: 'noise', enabled: true } }, 'fails', /masked/],
  [{ service: { name: 'noise', enabled: false } }, 'holds'],
  [{ service: { name: 'lost', enabled: true } }, 'fails', /not there/],
  [{ service: { name: 'off', enabled: true } }, 'fails', /off\.service is disabled/],
  [{ service: { name: 'web.socket', enabled: false } }, 'fails'],
  [{ service: { name: 'old-style', enabled: true } }, 'holds', /SysV/],
  [{ file: '/etc/web/web.conf' }, 'holds'],
  [{ file: '/bin/mawk' }, 'holds'],
  [{ file: '/etc/none' }, 'fails', /is not there/],
  [{ file: { path: '/etc/none', exists: false } }, 'holds'],
  [{ file: { path: '/srv/dangling', exists: false } }, 'fails', /is there/],
  [{ file: { path: '/bin/mawk', exists: false } }, 'fails'],
  [{ file: { path: '/etc/none', exists: false } }, 'holds'],
  [{ file: { path: '/etc/web/web.conf', exists: false } }, 'fails', /is there/],
  [{ file: { path: '/usr/sbin/web', mode: '4755', owner: 'root', group: 'root', type: 'file' } }, 'holds'],
  [{ file: { path: '/usr/sbin/web', mode: '0755' } }, 'fails', /its mode is 4755, not 0755/],
  [{ file: { path: '/usr/sbin/web', owner: 'ada' } }, 'fails', /its owner is root, not ada/],
  [{ file: { path: '/etc', type: 'file' } }, 'fails', /folder/],
  [{ file: { path: '/bin', type: 'link', target: 'usr/bin' } }, 'holds'],
  [{ file: { path: '/bin', type: 'folder' } }, 'holds'],
  [{ file: { path: '/bin', target: 'bin' } }, 'fails'],
  [{ file: { path: '/etc/web/web.conf', contains: ['port', '/^port \\d+$/'] } }, 'holds'],
  [{ file: { path: '/etc/web/web.conf', contains: '/^PORT/' } }, 'fails'],
  [{ file: { path: '/etc/web/web.conf', contains: '/^PORT/i', lacks: 'secret' } }, 'holds'],
  [{ file: { path: '/etc/web/web.conf', lacks: '/port/' } }, 'fails', /"\/port\/" is in it/],
  [{ file: { path: '/etc', contains: 'x' } }, 'fails', /no file whose text/],
  [{ file: { path: '/etc/web/web.conf', contains: ['/^port[[:space:]]+[[:digit:]]+$/', '/\\Aport/'] } }, 'holds'],
  [{ file: { path: '/etc/web/web.conf', lacks: '/^port[[:space:]]/' } }, 'fails'],
  [{ file: { path: '/srv/slow', lacks: '/(a+)+b/' } }, 'unjudged', /"\/\(a\+\)\+b\/" was given up/],
  [{ file: { path: '/srv/large', lacks: '/b/' } }, 'unjudged', /"\/b\/".*more than 16 MiB/],
  [
    { user: { name: 'ada', uid: 1000, groups: ['sudo'], shell: '/bin/bash', home: '/home/ada', password: 'set' } },
    'holds',
  ],
  [{ user: { name: 'root', password: 'locked' } }, 'holds'],
  [{ user: { name: 'old', password: 'locked' } }, 'holds'],
  [{ user: { name: 'ada', password: 'locked' } }, 'fails', /its password is set, not locked/],
  [{ user: { name: 'guest', password: 'locked' } }, 'fails', /empty/],
  [{ user: { name: 'daemon', shell: '/bin/bash' } }, 'fails', /nologin/],
  [{ user: { name: 'ada', groups: ['docker'] } }, 'fails', /docker/],
  [{ user: { name: 'eve' } }, 'fails', /no account/],
  [{ user: { name: 'eve', exists: false } }, 'holds'],
  [{ user: { name: 'guest', exists: false } }, 'fails', /exists/],
  [{ setuid: { only: ['/usr/sbin/web'] } }, 'holds'],
  [{ setuid: { only: [] } }, 'fails', /\/usr\/sbin\/web/],
  [{ worldWritable: { only: ['/srv/open', '/srv/folder'] } }, 'holds'],
  [{ worldWritable: { only: ['/srv/open'] } }, 'fails', /\/srv\/folder$/],
];

const UNIT = '[Service]\nExecStart=/bin/true\n';
const INSTALLED = `${UNIT}[Install]\nWantedBy=multi-user.target\n`;
const [LIB, ETC] = ['/usr/lib/systemd/system', '/etc/systemd/system'];

/** What `systemctl is-enabled` calls enabled, linked, … */
const UNITS = {
  [`${LIB}/wanted.service`]: INSTALLED,
  [`${ETC}/multi-user.target.wants/wanted.service`]: { link: `${LIB}/wanted.service` },
  [`${LIB}/required.service`]: INSTALLED,
  [`${ETC}/a.target.requires/required.service`]: { link: `${LIB}/required.service` },
  [`${LIB}/unwanted.service`]: INSTALLED,
  [`${LIB}/several@.service`]: INSTALLED,
  [`${ETC}/multi-user.target.wants/several@1.service`]: { link: `${LIB}/several@.service` },
  [`${LIB}/named.service`]: `${UNIT}[Install]\nAlias=other-name.service\n`,
  [`${ETC}/other-name.service`]: { link: `${LIB}/named.service` },
  '/opt/linked.service': INSTALLED,
  [`${ETC}/linked.service`]: { link: '/opt/linked.service' },
  '/opt/both.service': INSTALLED,
  [`${ETC}/both.service`]: { link: '/opt/both.service' },
  [`${ETC}/multi-user.target.wants/both.service`]: { link: '/opt/both.service' },
};

t.test('whether a unit starts is said as systemctl says it', async (t) => {
  const tree = t.testdir();
  for (const [path, content] of Object.entries(UNITS)) {
    await mkdir(dirname(join(tree, path)), { recursive: true });
    if (typeof content === 'string') await writeFile(join(tree, path), content);
    else await symlink(content.link, join(tree, path));
  }
  await using subject = await openSubject(await diskWith(t, { ...SMALL_DEBIAN, ...UNITS }), signal);
  const { run } = await import('../../src/host/run.ts');
  const isThere = existsSync('/usr/bin/systemctl');
  const units = ['wanted', 'required', 'unwanted', 'several@1', 'several@2', 'named', 'other-name', 'linked', 'both'];
  for (const name of units) {
    const { planned } = await compiled([{ service: { name, enabled: true } }]);
    const own = (await planned[0]?.outside?.(outsideOf(subject)))?.verdict;
    t.equal(own, ['unwanted', 'several@2', 'linked'].includes(name) ? 'fails' : 'holds', name);
    if (!isThere) continue;
    const said = await run('systemctl', [`--root=${tree}`, 'is-enabled', `${name}.service`], { allow: [0, 1] });
    t.equal(own, said.exitCode === 0 ? 'holds' : 'fails', `${name}: systemctl says ${said.stdout.trim()}`);
  }
});

t.test('what is read from the disk', async (t) => {
  const image = await diskWith(t, {
    ...SMALL_DEBIAN,
    '/etc/systemd/system/off.service': '[Service]\nExecStart=/bin/true\n[Install]\nWantedBy=multi-user.target\n',
    '/etc/rc2.d/S01old-style': { link: '../init.d/old-style' },
    '/srv/open': { mode: 0o666, text: 'x' },
    '/srv/folder/': '',
    '/srv/sticky/': '',
    '/srv/slow': 'a'.repeat(100_000),
    '/srv/large': '',
    '/srv/dangling': { link: '/nowhere' },
    ...UNITS,
  });
  const { run } = await import('../../src/host/run.ts');
  for (const [path, mode] of [
    ['/srv/folder', '040777'],
    ['/srv/sticky', '041777'],
  ] as const)
    await run('debugfs', ['-w', '-R', `sif ${path} mode ${mode}`, `${image}?offset=${14 * 2 ** 20}`]);
  await run('debugfs', ['-w', '-R', 'sif /srv/large size 20000000', `${image}?offset=${14 * 2 ** 20}`]);
  await using subject = await openSubject(image, signal);
  const outside: Outside = outsideOf(subject);
  for (const [check, wanted, told] of OUTSIDE) {
    const { planned } = await compiled([check]);
    const outcomes = await Promise.all(planned.map((one) => one.outside?.(outside)));
    t.same(
      outcomes.map((one) => one?.verdict),
      [wanted].flat(),
      JSON.stringify([check, outcomes]),
    );
    if (told) t.match(outcomes[0]?.message, told);
  }
});

const FACTS: Facts = {
  state: 'running',
  failed: [],
  jobs: [],
  bootTime: 30_000,
  longest: ['9.2s slow.service'],
  journal: [
    { priority: 3, who: 'kernel', text: 'odd hardware' },
    { priority: 4, who: 'sshd', text: 'a warning' },
  ],
  units: new Map(
    (
      [
        ['ssh', 'loaded', 'active', 'running', 'notify', 'success', false],
        ['once', 'loaded', 'inactive', 'dead', 'oneshot', 'success', true],
        ['never', 'loaded', 'inactive', 'dead', 'oneshot', 'success', false],
        ['bad', 'loaded', 'failed', 'failed', 'simple', 'exit-code', true],
        ['lost', 'not-found', 'inactive', 'dead', '', 'success', false],
      ] as const
    ).map(([name, load, active, sub, type, result, hasEnded]) => [
      `${name}.service`,
      { unit: `${name}.service`, load, active, sub, type, result, hasEnded },
    ]),
  ),
  listeners: [
    { protocol: 'tcp', address: '0.0.0.0', port: 22, process: 'sshd' },
    { protocol: 'tcp', address: '::', port: 22, process: 'sshd' },
    { protocol: 'tcp', address: '127.0.0.1', port: 25, process: '' },
    { protocol: 'udp', address: '10.0.2.15', port: 68, process: 'systemd-network' },
  ],
  sysctls: new Map([
    ['net.ipv4.ip_forward', '0'],
    ['net.ipv4.tcp_rmem', '4096 131072 6291456'],
  ]),
  mounts: [{ device: '/dev/vda1', path: '/', type: 'ext4', options: ['rw', 'relatime'], size: 4e9, free: 3e9 }],
  files: new Map([
    ['/etc/machine-id', { mode: '0444', owner: 'root', group: 'root', type: 'file', content: 'abc\n' }],
    [
      '/etc/dangling',
      {
        ...{ mode: '0777', owner: 'root', group: 'root', type: 'link', content: undefined },
        link: { mode: '0777', owner: 'root', group: 'root', type: 'link', target: '/nowhere' },
      },
    ],
    ['/etc/large', { mode: '0444', owner: 'root', group: 'root', type: 'file', content: 'abc\n', isCut: true }],
    [
      '/etc/link',
      {
        ...{ mode: '0600', owner: 'root', group: 'root', type: 'file', content: 'x' },
        link: { mode: '0777', owner: 'root', group: 'root', type: 'link', target: 'there' },
      },
    ],
  ]),
  cards: new Map([['enp0s2', '52:54:00:12:34:56']]),
  bootId: 'x',
  diskSize: 4 * 2 ** 30,
};

const INSIDE: readonly Row[] = [
  [{ service: { name: 'ssh', running: true } }, 'holds'],
  [{ service: { name: 'ssh', running: false } }, 'fails', /active/],
  [{ service: { name: 'once', running: true } }, 'holds'],
  [{ service: { name: 'never', running: true } }, 'fails', /inactive/],
  [{ service: { name: 'bad', running: true } }, 'fails', /failed \(failed, exit-code\)/],
  [{ service: { name: 'lost', running: true } }, 'fails', /not there/],
  [{ service: { name: 'unasked', running: true } }, 'unjudged'],
  [{ port: 22 }, 'holds'],
  [{ port: { listen: 'tcp/22', addresses: ['any', '::'] } }, 'holds'],
  [{ port: { listen: 'tcp/22', addresses: ['loopback'] } }, 'fails', /not on loopback/],
  [{ port: { listen: 'tcp/25', addresses: ['any'] } }, 'fails'],
  [{ port: 80 }, 'fails', /nothing listens on tcp\/80/],
  [{ port: { listen: 'tcp/80', listening: false } }, 'holds'],
  [{ port: { listen: 'tcp/22', listening: false } }, 'fails', /sshd/],
  [{ onlyPorts: [22] }, 'holds'],
  [{ onlyPorts: [80] }, 'fails', /tcp\/22 on 0\.0\.0\.0 \(sshd\)/],
  [{ onlyPorts: [] }, 'fails'],
  [{ sysctl: { 'net.ipv4.ip_forward': 0 } }, 'holds'],
  [{ sysctl: { 'net.ipv4.ip_forward': 1 } }, 'fails', /its value is 0, not 1/],
  [{ sysctl: { 'net.ipv4.tcp_rmem': '4096  131072 6291456' } }, 'holds'],
  [{ sysctl: { 'net.none': 1 } }, 'fails', /has no net\.none/],
  [{ mount: { path: '/', type: 'ext4', options: ['rw'], free: '> 1G', size: '>= 3G' } }, 'holds'],
  [{ mount: { path: '/', options: ['noexec'] } }, 'fails', /noexec/],
  [{ mount: { path: '/', free: '> 3G' } }, 'fails', /2\.79G/],
  [{ mount: { path: '/srv' } }, 'fails', /nothing is mounted/],
  [{ file: { path: '/etc/machine-id', when: 'booted', contains: '/^[a-c]+$/', mode: '0444' } }, 'holds'],
  [{ file: { path: '/etc/large', when: 'booted', contains: 'abc' } }, 'holds'],
  [{ file: { path: '/etc/large', when: 'booted', lacks: 'abc' } }, 'fails'],
  [{ file: { path: '/etc/large', when: 'booted', lacks: 'xyz' } }, 'unjudged', /beginning of the file/],
  [{ file: { path: '/etc/none', when: 'booted' } }, 'fails'],
  [{ file: { path: '/etc/none', when: 'booted', exists: false } }, 'holds'],
  [{ file: { path: '/etc/dangling', when: 'booted', exists: false } }, 'fails'],
  [{ file: { path: '/etc/link', when: 'booted', type: 'file', mode: '0600', contains: 'x' } }, 'holds'],
  [{ file: { path: '/etc/link', when: 'booted', type: 'link', target: 'there', mode: '0777' } }, 'holds'],
  [{ file: { path: '/etc/link', when: 'booted', target: 'elsewhere' } }, 'fails', /there, not elsewhere/],
];

t.test('what is judged from facts', async (t) => {
  for (const [check, wanted, told] of INSIDE) {
    const { planned } = await compiled([check]);
    const outcomes = planned.map((one) => one.inside?.(FACTS));
    t.same(
      outcomes.map((one) => one?.verdict),
      [wanted].flat(),
      JSON.stringify([check, outcomes]),
    );
    if (told) t.match(outcomes[0]?.message, told);
  }
});

const answer = (stdout: string, exitCode = 0, stderr = ''): GuestAnswer => ({ stdout, stderr, exitCode });

const RUN: readonly (readonly [check: unknown, answer: GuestAnswer | undefined, verdict: Verdict, told?: RegExp])[] = [
  [{ command: { run: 'true' } }, answer(''), 'holds'],
  [{ command: { run: 'false' } }, answer('', 1, 'no good\n'), 'fails', /exit status is 1, not 0 \(no good\)/],
  [{ command: { run: 'grep', exit: 1 } }, answer('', 1), 'holds'],
  [{ command: { run: 'x', stdout: 'hello' } }, answer('hello world'), 'holds'],
  [{ command: { run: 'x', stdout: '/^bye/' } }, answer('hello world'), 'fails'],
  [{ command: { run: 'x', stderr: ['/ok/'] } }, answer('', 0, 'test is ok'), 'holds'],
  [{ command: { run: 'x', stdout: '/(a+)+b/' } }, answer('a'.repeat(100)), 'unjudged', /was given up/],
  [{ command: { run: 'sleep 99', within: '1s' } }, undefined, 'fails', /within 1 s/],
  [{ http: { url: 'http://127.0.0.1/' } }, answer('HTTP/1.1 200 OK\r\nA: b\r\n\r\nhello'), 'holds'],
  [{ http: { url: 'http://127.0.0.1/', body: 'hello' } }, answer('HTTP/1.0 200 OK\r\nhello: x\r\n\r\nbye'), 'fails'],
  [{ http: { url: 'http://127.0.0.1/', status: 404 } }, answer('HTTP/1.1 200 OK\r\n\r\n'), 'fails', /200, not 404/],
  [{ http: { url: 'http://127.0.0.1/' } }, answer('', 7, 'refused'), 'fails', /does not answer \(refused\)/],
  [{ http: { url: 'https://127.0.0.1/' } }, answer('', 77), 'unjudged'],
];

t.test('what has to run', async (t) => {
  for (const [check, given, verdict, told] of RUN) {
    const { planned } = await compiled([check]);
    const outcome = await planned[0]?.run?.({ run: async () => given, keep: async () => {} });
    const one: Outcome | NamedOutcome | undefined = outcome && ('verdict' in outcome ? outcome : outcome[0]);
    t.equal(one?.verdict, verdict, JSON.stringify([check, outcome]));
    if (told) t.match(one?.message, told);
  }
});

const BOOTS: readonly (readonly [tests: unknown, facts: Partial<Facts>, wrong: readonly string[], told?: RegExp])[] = [
  [{}, {}, []],
  [{}, { state: 'starting', jobs: ['slow.service'] }, ['tests/boot'], /waits for slow\.service/],
  [
    {},
    { state: 'degraded', failed: [{ unit: 'a.service', lines: ['no'] }] },
    ['tests/failed-units'],
    /a\.service failed/,
  ],
  [{ failedUnits: ['a'] }, { state: 'degraded', failed: [{ unit: 'a.service', lines: [] }] }, []],
  [{ failedUnits: ['b'] }, { state: 'degraded', failed: [{ unit: 'a.service', lines: [] }] }, ['tests/failed-units']],
  [{ state: 'degraded' }, { state: 'degraded', failed: [{ unit: 'a.service', lines: [] }] }, []],
  [{}, { state: 'degraded', failed: [{ unit: 'door.service', lines: [] }] }, []],
  [{ within: '20s' }, {}, []],
  [{ within: '10s' }, {}, ['tests/boot-time'], /30\.0 s, the limit is 20\.0 s \(10\.0 s with KVM\)/],
  [{ within: '20s' }, { bootTime: undefined }, ['tests/boot-time']],
  [{ journal: { err: 1 } }, {}, []],
  [{ journal: { err: 0 } }, {}, ['tests/journal'], /1 messages of err/],
  [{ journal: { err: 0, allow: ['/^kernel: odd/'] } }, {}, []],
  [{ journal: { warning: 1 } }, {}, ['tests/journal']],
  [
    { journal: { err: 0, allow: ['/(a+)+b/'] } },
    { journal: [{ priority: 3, who: 'kernel', text: 'a'.repeat(100) }] },
    ['tests/journal'],
    /given up/,
  ],
];

t.test('what is judged of every boot', async (t) => {
  for (const [boot, facts, wrong, told] of BOOTS) {
    const tests = testsSchema.parse({ boot });
    const outcomes = bootOutcomes(
      tests.boot,
      { ...FACTS, ...facts },
      { factor: 2, ours: ['door.service'], disk: undefined },
    );
    const failing = outcomes.filter(({ verdict }) => verdict !== 'holds');
    t.same(
      failing.map(({ rule }) => rule),
      wrong,
      JSON.stringify([boot, facts]),
    );
    if (told) t.match(failing[0]?.message, told);
  }
  const growth = (disk: number) =>
    bootOutcomes(testsSchema.parse({}).boot, FACTS, { factor: 1, ours: [], disk }).at(-1);
  t.match(growth(4 * 2 ** 30), { rule: 'tests/growth', verdict: 'holds' });
  t.match(growth(8 * 2 ** 30), { rule: 'tests/growth', verdict: 'fails', message: /did not grow/ });
});

t.test('checks that could not fail are refused', (t) => {
  for (const checks of [
    [{ service: { name: 'ssh' } }],
    [{ file: { path: '/x', contains: [] } }],
    [{ file: { path: '/x', contains: '' } }],
    [{ file: { path: '/x', contains: '/.*/' } }],
    [{ file: { path: '/x', contains: '/(/' } }],
    // Nothing can fit these: `lacks` would hold whatever is there.
    [{ file: { path: '/x', lacks: '/a^b/' } }],
    [{ file: { path: '/x', lacks: '/$HOME/' } }],
    [{ port: { listen: 'tcp/22', addresses: [] } }],
    [{ user: { name: 'a', groups: [] } }],
    [{ sysctl: {} }],
    [{ mount: { path: '/', options: [] } }],
    [{ command: { run: '' } }],
    [{ command: { run: 'x', stdout: [] } }],
    [{ package: { name: 'x', version: '1.0' } }],
    [{}],
    [{ package: 'a', file: '/b' }],
  ])
    t.equal(testsSchema.safeParse({ checks }).success, false, JSON.stringify(checks));
  t.equal(testsSchema.safeParse({ machines: [] }).success, false);
  t.equal(testsSchema.safeParse({ machines: [{ name: 'a' }, { name: 'a' }] }).success, false);
  t.equal(testsSchema.safeParse({ clones: 1 }).success, false);
  t.end();
});

t.test('expressions of other tools mean here what they mean there, or are refused with what to write', (t) => {
  const fits: readonly (readonly [pattern: string, text: string, isIn: boolean])[] = [
    ['/^PermitRootLogin[[:space:]]+yes/', 'x\nPermitRootLogin \tyes', true],
    ['/^[^[:blank:]#]+$/', '# x', false],
    ['/^[[:alnum:]_.-]+$/', 'a_b.c-1', true],
    ['/^[[:punct:]]{4}$/', ']/`~', true],
    ['/^[[:upper:][:digit:]]+$/', 'A1', true],
    ['/^[[:xdigit:]]+$/u', 'fF0', true],
    ['/[[:cntrl:]]/', 'a\u0007', true],
    ['/\\Ab/', 'a\nb', false],
    ['/a\\z/', 'a\n', false],
    ['/a\\Z/', 'a\n', true],
    ['/\\Q$HOME/a.b\\E$/', 'echo $HOME/a.b', true],
    ['/\\Qa.b\\E/', 'axb', false],
    ['/[\\]\\[:x]+/', '[:]', true],
  ];
  for (const [pattern, text, isIn] of fits) {
    t.ok(testsSchema.safeParse({ checks: [{ command: { run: 'x', stdout: pattern } }] }).success, pattern);
    t.equal(textFits(pattern, text), isIn, pattern);
  }
  const refused: readonly (readonly [pattern: string, told: RegExp])[] = [
    ['/(?i)permit/', /`\/…\/i`/],
    ['/[:space:]x/', /`\[\[:space:\]\]`/],
    ['/[[:spaces:]]/', /known are alpha, digit/],
    ['/[]a]/', /empty brackets/],
    ['/a\\h+/', /without `\\h`/],
    ['/\\p{Lu}/', /flag u/],
    ['/a**/', /JavaScript \(Nothing to repeat\)/],
  ];
  for (const [pattern, told] of refused) {
    const read = testsSchema.safeParse({ boot: { journal: { err: 0, allow: [pattern] } } });
    t.match(read.error?.issues[0]?.message, told, pattern);
  }
  t.end();
});

t.test('expressions that look odd and can fit are taken', (t) => {
  for (const lacks of ['/a\\n^b/', '/(^|x)a/', '/[^a]^b/', '/a\\^b/', '/[$]x/', '/x$|y/', 'a^b', '$HOME'])
    t.ok(testsSchema.safeParse({ checks: [{ file: { path: '/x', lacks } }] }).success, lacks);
  t.end();
});

t.test('a file of tests in another form is told what it is', async (t) => {
  const rows: readonly (readonly [text: string, told: RegExp])[] = [
    ['tests:\n  checks: []\n', /what stands below `tests:`[\s\S]*Leave out the line/],
    ['package: {nginx: {installed: true}}\nport: {"tcp:22": {listening: true}}\n', /goss file[\s\S]*checks: \[\{goss/],
    ['x: &x {owner: root}\nchecks: [{file: {path: /a, <<: *x}}]\n', /Mappings are not merged/],
    ['checks: [{package: a}]\n---\nchecks: [{package: b}]\n', /a second document begins/],
    ['checks: [{pakage: a}]\n', /Did you mean `package`/],
  ];
  for (const [text, told] of rows) {
    const folder = t.testdir({ 'tests.yaml': text });
    const error: unknown = await loadTests(join(folder, 'tests.yaml'), {}).catch((one) => one);
    if (!(error instanceof IngotError)) throw new Error(`${text} was taken`);
    t.match(`${error.message}\n${error.detail}`, told, text);
  }
});

t.test('names of results are unique', async (t) => {
  const { planned } = await compiled([{ package: 'a' }, { package: 'a' }, { service: 'b' }]);
  t.same(
    planned.map(({ name }) => name),
    ['package a', 'package a (2)', 'service b is enabled', 'service b is running'],
  );
});

t.test('machines by name', (t) => {
  t.match(machineNamed('bios-ide', []), { firmware: 'bios', bus: 'ide', memory: 2 ** 30 });
  const { machines } = testsSchema.parse({ machines: [{ name: 'mine', bus: 'scsi' }] });
  t.match(machineNamed('mine', machines), { bus: 'scsi' });
  t.throws(() => machineNamed('bios-id', []), { code: 'usage.no-such-machine', hint: /Did you mean `bios-ide`/ });
  t.end();
});
