/**
 * An image with twelve planted ways to phone home is started on the sink network: each is seen, nothing else is left unexplained, tshark
 * reads the frames alike, and once the catalogue has switched it off, an image sends nothing but for its lease. A million malformed frames.
 * INGOT_EGRESS_IMAGE=`FILE` takes an image (ext4, systemd, OpenSSH, cron) instead of building the example; INGOT_EGRESS=`planted,quiet`
 * runs some of it.
 */
import { execFile } from 'node:child_process';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import t from 'tap';
import { switchedOff } from '../../src/egress/catalogue/catalogue.ts';
import type { NamedFlow } from '../../src/egress/name-flows.ts';
import { createSink } from '../../src/egress/sink.ts';
import { run } from '../../src/host/run.ts';
import { exampleRecipe, ingot, root, testStore, userKey } from '../e2e/support.ts';
import {
  ACK,
  arp,
  clientHello,
  dhcp,
  dns,
  echo,
  malformed,
  PSH,
  SYN,
  seeded,
  tcp,
  udp,
} from '../egress/guest-frames.ts';
import { offFiles, PLANTS, type Planted, plant } from '../egress/plants.ts';

t.setTimeout(4 * 60 * 60_000);

const PARTS = ['planted', 'refused', 'quiet', 'fuzz'] as const;
const asked = (process.env['INGOT_EGRESS'] ?? '').split(',').filter((name) => name !== '');
const skip = (part: (typeof PARTS)[number]) => asked.length > 0 && !asked.includes(part) && 'not asked for';

const work = join(testStore, 'egress');
const main = join(root, 'src', 'cli', 'main.ts');

const image = async (): Promise<string> => {
  const given = process.env['INGOT_EGRESS_IMAGE'];
  if (given !== undefined) return given;
  const key = await userKey();
  const words = ['--store', testStore, '--out', join(work, 'out'), '--var', `key=${key}.pub`];
  const { code, stderr } = await ingot(['build', exampleRecipe, ...words], (text) => t.comment(text)).ended;
  if (code !== 0) throw new Error(stderr);
  return join(work, 'out', 'debian-12-minimal', 'debian-12-minimal.qcow2');
};

interface Told {
  readonly seen: {
    readonly flows: readonly NamedFlow[];
    readonly isUp: boolean;
    readonly poweredOff: boolean;
    readonly frames: { readonly unread: number };
    readonly boot: { readonly state: string; readonly failed: readonly string[] } | null;
    readonly timers: readonly { readonly timer: string; readonly result: string }[];
  };
  readonly judgement: { readonly verdict: string };
}

/** The image with these files in it, looked at. */
const look = async (
  name: string,
  files: Planted,
  words: readonly string[],
): Promise<Told & { readonly code: number }> => {
  await mkdir(work, { recursive: true });
  const raw = join(work, `${name}.raw`);
  await run('qemu-img', ['convert', '-O', 'raw', await image(), raw]);
  await plant(raw, files, join(work, `${name}-files`));
  const all = [main, 'egress', raw, '--observe', '--json', '--store', testStore, ...words];
  const { exitCode, stdout, stderr } = await run(process.execPath, all, {
    allow: [1, 2],
    onLine: (line, stream) => void (stream === 'stderr' && t.comment(line)),
  });
  await rm(raw);
  if (!stdout.startsWith('{')) throw new Error(stderr);
  return { ...(JSON.parse(stdout) as Told), code: exitCode };
};

const text = ({ phase, protocol, name, address, port, entry }: NamedFlow) =>
  `${phase}: ${protocol} ${name ?? address} ${port ?? ''} ${entry ?? ''}`;

t.test('each of twelve is seen', { skip: skip('planted') }, async (t) => {
  const pcap = join(work, 'planted.pcap');
  const files: Planted = Object.assign({}, ...PLANTS.map((one) => one.files));
  const { seen, code, judgement } = await look('planted', files, [
    '--timers',
    '--for',
    '80s',
    '--pcap',
    pcap,
    '--allow',
    'dhcp,dns',
  ]);
  for (const { name, isSeen } of PLANTS) t.ok(seen.flows.some(isSeen), name);
  const explained = (flow: NamedFlow) =>
    flow.protocol === 'dhcp' ||
    flow.entry !== undefined ||
    PLANTS.some(({ isSeen }) => isSeen(flow)) ||
    /\.phone\.example$/.test(flow.about ?? flow.name ?? '');
  t.same(seen.flows.filter((flow) => !explained(flow)).map(text), [], 'nothing else');
  t.ok(seen.isUp && seen.poweredOff);
  t.equal(seen.frames.unread, 0);
  t.same([code, judgement.verdict], [1, 'fails']);
  t.comment(seen.flows.map(text).join('\n'));

  const fields = ['dns.qry.name', 'tls.handshake.extensions_server_name', 'http.host', 'ip.dst', 'tcp.dstport'];
  const { stdout } = await promisify(execFile)(
    'tshark',
    [
      '-r',
      pcap,
      '-Y',
      'eth.src != 52:54:00:53:1e:4b',
      '-T',
      'fields',
      '-E',
      'occurrence=f',
      '-E',
      'separator=|',
      ...fields.flatMap((one) => ['-e', one]),
    ],
    { maxBuffer: 2 ** 28 },
  );
  const rows = stdout
    .trimEnd()
    .split('\n')
    .map((line) => line.split('|'));
  const told = (nth: number) => new Set(rows.map((row) => row[nth]?.toLowerCase()).filter((one) => one));
  const names = (kind: string) =>
    new Set(
      seen.flows.flatMap(({ said }) =>
        said.flatMap((one) =>
          one.kind === kind && 'host' in one ? [one.host] : one.kind === kind && 'protocols' in one ? [one.name] : [],
        ),
      ),
    );
  t.same(
    [...told(0)].toSorted(),
    [
      ...new Set(
        seen.flows.filter(({ protocol }) => ['dns', 'mdns', 'llmnr'].includes(protocol)).map(({ name }) => name),
      ),
    ]
      .filter((one) => one)
      .toSorted(),
    'tshark sees the same names asked for',
  );
  t.same([...told(1)].toSorted(), [...names('tls')].toSorted(), 'the same server names');
  t.same([...told(2)].toSorted(), [...names('http')].toSorted(), 'and the same hosts');
  await rm(pcap);
});

t.test('refused, it comes up all the same, and what it wanted is seen', { skip: skip('refused') }, async (t) => {
  const { seen } = await look('refused', {}, ['--mode', 'refuse', '--for', '20s']);
  t.ok(seen.isUp && seen.poweredOff);
  t.same(seen.boot?.failed, []);
  t.ok(seen.flows.some(({ protocol, entry }) => protocol === 'dns' && entry === 'systemd-timesyncd'));
});

t.test('switched off by the catalogue, it sends nothing but for its lease', { skip: skip('quiet') }, async (t) => {
  const switchable = PLANTS.filter(({ name }) =>
    ['popularity-contest', 'systemd-timesyncd', 'apt-daily'].includes(name),
  );
  const files: Planted = Object.assign({}, ...switchable.map((one) => one.files));
  const entries = switchedOff({ off: ['popularity-contest', 'systemd-timesyncd', 'apt-periodic'] });
  const off = offFiles(entries.flatMap((one) => one.off));
  const { seen, code, judgement } = await look('quiet', { ...files, ...off }, [
    '--timers',
    '--for',
    '80s',
    '--allow',
    'dhcp',
  ]);
  t.same(seen.flows.filter(({ protocol }) => protocol !== 'dhcp').map(text), []);
  t.same([code, judgement.verdict], [0, 'holds']);
});

t.test('a million malformed frames', { skip: skip('fuzz') }, async (t) => {
  const good = [
    arp('192.0.2.1'),
    dhcp(1, [[12, Buffer.from('host')]]),
    dns('a.example', 'AAAA', '10.0.2.2', true),
    udp('198.18.0.1', 123, Buffer.alloc(48, 0x1b)),
    echo('192.0.2.1'),
    echo('2001:db8:18::1'),
    tcp({ to: '198.18.0.1', port: 443, sequence: 1, flags: SYN }),
    tcp({ to: '198.18.0.1', port: 443, sequence: 2, flags: PSH | ACK, data: clientHello('a.example') }),
    tcp({
      to: '2001:db8:18::1',
      port: 80,
      sequence: 2,
      flags: PSH | ACK,
      data: Buffer.from('GET / HTTP/1.1\r\nHost: b\r\n\r\n'),
    }),
  ];
  for (const mode of ['sink', 'refuse'] as const) {
    const sink = createSink({ mode, now: () => 0, time: () => 0 });
    const before = process.memoryUsage().rss;
    for (const frame of malformed(good, 500_000, seeded(1))) {
      try {
        sink.take(frame);
      } catch (error) {
        t.fail(`${String(error)}: ${frame.toString('hex')}`);
        return;
      }
    }
    const grown = process.memoryUsage().rss - before;
    t.ok(
      grown < 300 * 2 ** 20,
      `${mode}: ${Math.round(grown / 2 ** 20)} MiB, ${sink.flows().length} flows, ${sink.lost()} lost`,
    );
  }
});

t.teardown(() => rm(work, { recursive: true, force: true }));
