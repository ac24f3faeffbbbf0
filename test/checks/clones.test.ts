/** Clones against each other: what has to differ, what has to be equal, what first boot wrote alike; and machines side by side. */
import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import t from 'tap';
import type { FileNode, FileTree } from '../../src/capture/file-tree.ts';
import { type Clone, compareAll } from '../../src/checks/clones/compare.ts';
import { randomIn } from '../../src/checks/clones/secrets.ts';
import { parseFacts } from '../../src/checks/parse-facts.ts';
import { testsSchema } from '../../src/recipe/schema/tests-schema.ts';
import { WAITS_FOR_ROOM } from '../../src/stages/machines.ts';
import { sideBySide } from '../../src/stages/side-by-side.ts';
import { cloneRuns } from '../../src/stages/test/clones.ts';
import { toldTogether } from '../../src/stages/test/told-together.ts';

type Files = Readonly<Record<string, string | Buffer>>;

const treeOf = (files: Files): FileTree =>
  new Map(
    Object.entries(files).map(([path, text]): [string, FileNode] => {
      const content = Buffer.from(text);
      return [
        path,
        {
          ...{ path, type: 'file', mode: 0o644, uid: 0, gid: 0, size: content.length, allocated: 4096 },
          ...{ identity: path, place: 0 },
          async *content() {
            yield content;
          },
        },
      ];
    }),
  );

const IMAGE: Files = {
  '/etc/hostname': 'a\n',
  '/etc/machine-id': '',
  '/etc/fstab': 'UUID=495189b0-c360-4dc2-9d9d-cb014ebf75e9 /\n',
};
const ID = '0123456789abcdef0123456789abcdef';
const OTHER = 'fedcba9876543210fedcba9876543210';

const clone = (files: Files, bootId: string, more: Partial<Clone> = {}, card = 'enp0s2'): Clone => ({
  tree: treeOf({ ...IMAGE, ...files }),
  facts: parseFacts(`@bootid\n|${bootId}\n@card ${card}\n|52:54:00:00:00:01\n@end\n`),
  packages: ['a 1'],
  enabled: [{ unit: 'ssh.service', by: ['multi-user.target'], from: 'etc' }],
  accounts: ['root (0)'],
  ...more,
});

const failing = async (one: Clone, other: Clone, clones: unknown = 2): Promise<string[]> => {
  const tests = testsSchema.parse({ clones }).clones;
  if (tests === undefined) throw new Error('no clones');
  const results = await compareAll({
    image: treeOf(IMAGE),
    clones: [one, other],
    tests,
    known: new Set(['495189b0c3604dc29d9dcb014ebf75e9']),
    ours: (path) => path.endsWith('/door'),
  });
  return results.filter(({ verdict }) => verdict !== 'holds').map(({ name }) => name.replace('clones: ', ''));
};

const ROWS: readonly (readonly [what: string, one: Clone, other: Clone, wrong: readonly string[]])[] = [
  ['nothing', clone({ '/etc/machine-id': ID }, 'x'), clone({ '/etc/machine-id': OTHER }, 'y'), []],
  [
    'the same machine-id',
    clone({ '/etc/machine-id': ID }, 'x'),
    clone({ '/etc/machine-id': ID }, 'y'),
    ['machine-id differs (/etc/machine-id)'],
  ],
  [
    'one host key of two',
    clone({ '/etc/ssh/ssh_host_rsa_key.pub': 'a', '/etc/ssh/ssh_host_ed25519_key.pub': 'k' }, 'x'),
    clone({ '/etc/ssh/ssh_host_rsa_key.pub': 'b', '/etc/ssh/ssh_host_ed25519_key.pub': 'k' }, 'y'),
    ['SSH host key differs (/etc/ssh/ssh_host_ed25519_key.pub)'],
  ],
  [
    'an initiator name in a file with other lines',
    clone({ '/etc/iscsi/initiatorname.iscsi': '# one\nInitiatorName=iqn.a\n' }, 'x'),
    clone({ '/etc/iscsi/initiatorname.iscsi': '# two\nInitiatorName=iqn.a\n' }, 'y'),
    ['iSCSI initiator name differs (/etc/iscsi/initiatorname.iscsi)'],
  ],
  ['a seed that only one has', clone({ '/var/lib/systemd/random-seed': 's' }, 'x'), clone({}, 'y'), []],
  ['a boot id', clone({}, 'x'), clone({}, 'x'), ['boot ids differ']],
  ['packages', clone({}, 'x'), clone({}, 'y', { packages: ['a 2'] }), ['packages are the same']],
  ['units', clone({}, 'x'), clone({}, 'y', { enabled: [] }), ['enabled units are the same']],
  ['accounts', clone({}, 'x'), clone({}, 'y', { accounts: [] }), ['accounts are the same']],
  ['a card', clone({}, 'x'), clone({}, 'y', {}, 'wan0'), ['names of network cards are the same']],
  ['a file', clone({ '/srv/a': '1' }, 'x'), clone({ '/srv/a': '2' }, 'y'), ['other files are the same']],
  ['a log', clone({ '/var/log/a': '1' }, 'x'), clone({ '/var/log/a': '2' }, 'y'), []],
  ['what the tests wrote', clone({ '/etc/door': ID }, 'x'), clone({ '/etc/door': ID }, 'y'), []],
  [
    'a token',
    clone({ '/srv/token': `token=${ID}` }, 'x'),
    clone({ '/srv/token': `token=${ID}` }, 'y'),
    ['nothing random is shared'],
  ],
  [
    'a UUID of the disk',
    clone({ '/srv/a': '495189b0c3604dc29d9dcb014ebf75e9' }, 'x'),
    clone({ '/srv/a': '495189b0c3604dc29d9dcb014ebf75e9' }, 'y'),
    [],
  ],
];

t.test('clones are compared', async (t) => {
  for (const [what, one, other, wrong] of ROWS) t.same(await failing(one, other), wrong, what);
  const token = { '/srv/token': ID };
  t.same(await failing(clone(token, 'x'), clone(token, 'y'), { mayShare: ['/srv'] }), []);
  t.same(await failing(clone({ '/srv/a': '1' }, 'x'), clone({ '/srv/a': '2' }, 'y'), { mayDiffer: ['/srv/a'] }), []);
  t.same(
    await failing(clone({ '/srv/ab': '1' }, 'x'), clone({ '/srv/ab': '2' }, 'y'), { mayDiffer: ['/srv/a'] }),
    ['other files are the same'],
    'a path is no beginning of another name',
  );
});

/** Bytes as if drawn, the same in each run: a test that draws anew fails once in a while. */
const drawn = (seed: string, bytes: number): Buffer =>
  createHash('shake256', { outputLength: bytes }).update(seed).digest();

t.test('what looks drawn at random', (t) => {
  const known = new Set<string>();
  const isRandom = (content: string | Buffer) => randomIn(Buffer.from(content), known) !== undefined;
  const seeds = Array.from({ length: 20_000 }, (_, nth) => String(nth));
  for (const [bytes, encoding] of [
    [20, 'hex'],
    [32, 'base64'],
    [32, 'base64url'],
  ] as const) {
    const missed = seeds
      .map((seed) => drawn(seed, bytes).toString(encoding))
      .filter((word) => !isRandom(`key: ${word}\n`));
    t.ok(
      missed.length <= 2,
      `${missed.length} of ${seeds.length} words of ${bytes * 8} bits in ${encoding} are missed`,
    );
  }
  t.ok(isRandom('jqWunEcIKXwhMERPWZwAvK+iV/AzqurgSOoVVVUuURI='), 'with one digit');
  t.ok(isRandom('/WPtuwRRjIjqwEJQKTjdAQJtPrdgjhlL/vOePRNSKyw='), 'without a digit');
  t.ok(isRandom(Buffer.concat([Buffer.from([0]), drawn('bytes', 64)])), 'bytes');
  t.ok(isRandom('-----BEGIN OPENSSH PRIVATE KEY-----\n'));
  for (const text of [
    'nothing much\n',
    '/usr/lib/x86_64-linux-gnu/systemd/system-generators\n',
    'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
    '00000000000000000000000000000000',
    'GRUB_CMDLINE_LINUX_DEFAULT="console=ttyS0,115200n8"',
    'systemd-networkd-wait-online.service',
    'en_US.UTF-8 UTF-8 ThisIsAWordOfManyLettersWithoutDigits',
    '',
  ])
    t.notOk(isRandom(text), text);
  t.notOk(isRandom(Buffer.alloc(512)), 'zeros');
  t.end();
});

t.test('the first machine is the first clone', (t) => {
  const runs = cloneRuns(testsSchema.parse({ machines: [{ name: 'a' }, { name: 'b' }], clones: 3 }));
  t.same(
    runs.map(({ name, isClone, isFurther, machine }) => [name, isClone, isFurther, machine.mac]),
    [
      ['a', true, false, undefined],
      ['a-clone-2', true, true, '52:54:00:12:35:02'],
      ['a-clone-3', true, true, '52:54:00:12:35:03'],
      ['b', false, false, undefined],
    ],
  );
  t.same(
    cloneRuns(testsSchema.parse({})).map(({ isClone }) => isClone),
    [false],
  );
  t.end();
});

t.test('machines at the same time are told as one piece of work', (t) => {
  const heard: string[] = [];
  const together = toldTogether(
    {
      line: (text) => void heard.push(`line ${text}`),
      note: (text) => void heard.push(`note ${text}`),
      phase: (name) => void heard.push(name),
      progress() {},
      screen: (text) => void heard.push(`screen ${text}`),
    },
    ['a', 'b'],
  );
  const [a, b] = [together.reporterOf('a'), together.reporterOf('b')];
  b.phase('b: boot');
  b.line('alone');
  a.phase(WAITS_FOR_ROOM);
  b.line('the other waits');
  a.phase('a: boot');
  b.line('both');
  a.screen?.('of the first');
  t.notOk(b.screen, 'one screen alone is shown');
  b.phase('b: facts');
  b.phase('b: facts');
  b[Symbol.dispose]();
  a.line('again alone');
  a.phase(WAITS_FOR_ROOM);
  a[Symbol.dispose]();
  t.same(heard, [
    'b: boot',
    'line alone',
    'line the other waits',
    'a: boot, b: boot',
    'line b: both',
    'screen of the first',
    'a: boot, b: facts',
    'a: boot',
    'line again alone',
    WAITS_FOR_ROOM,
  ]);
  t.end();
});

t.test('the first part that fails ends the others, and is thrown when they have ended', async (t) => {
  const log: string[] = [];
  const work = async (name: string, signal: AbortSignal): Promise<string> => {
    if (name === 'bad') throw new Error('first');
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    await delay(10);
    log.push(`${name} ended`);
    throw new Error('a consequence');
  };
  await t.rejects(sideBySide(['slow', 'bad'], new AbortController().signal, work), { message: 'first' });
  t.same(log, ['slow ended']);
  t.same(await sideBySide([3, 1, 2], new AbortController().signal, (ms) => delay(ms, ms)), [3, 1, 2], 'in their order');
});
