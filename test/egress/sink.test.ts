/** The sink network: what it answers to each kind of frame, what it has seen, and that nothing a guest sends throws. */
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { duplexPair } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { decode } from 'dns-packet';
import t from 'tap';
import { ipv6Bytes, ipv6Text } from '../../src/egress/network/address.ts';
import { ETHER_TYPES, parseFrame } from '../../src/egress/network/ethernet.ts';
import { framed, frameReader } from '../../src/egress/network/framing.ts';
import { type Packet, PROTOCOLS, parseIpv4, parseIpv6 } from '../../src/egress/network/ip.ts';
import { pcapHeader, pcapRecord } from '../../src/egress/network/pcap.ts';
import { parseTcp } from '../../src/egress/network/tcp.ts';
import { parseUdp } from '../../src/egress/network/udp.ts';
import { attachSink } from '../../src/egress/observe/attach.ts';
import { createSink, type Sink, type SinkMode } from '../../src/egress/sink.ts';
import { testsSchema } from '../../src/recipe/schema/tests-schema.ts';
import { neverSeen, putOnSink } from '../../src/stages/test/on-sink.ts';
import {
  ACK,
  arp,
  clientHello,
  dhcp,
  dns,
  echo,
  FIN,
  frame,
  GUEST,
  malformed,
  PSH,
  packet,
  RST,
  SYN,
  seeded,
  tcp,
  udp,
} from './guest-frames.ts';

const TIME = Date.UTC(2026, 10, 30);
const sinkOf = (mode: SinkMode = 'sink'): Sink => createSink({ mode, now: () => 1000, time: () => TIME });

const packetOf = (bytes: Buffer | undefined): Packet | undefined => {
  const parsed = bytes && parseFrame(bytes);
  if (parsed === undefined) return undefined;
  return parsed.type === ETHER_TYPES.ipv6 ? parseIpv6(parsed.payload) : parseIpv4(parsed.payload);
};
const segmentOf = (bytes: Buffer | undefined) => {
  const found = packetOf(bytes);
  return found && parseTcp(found.payload);
};
const dataOf = (bytes: Buffer | undefined) => {
  const found = packetOf(bytes);
  return (found && parseUdp(found.payload)?.data) ?? Buffer.alloc(0);
};
const addressIn = (bytes: Buffer | undefined): unknown => {
  const [first] = decode(dataOf(bytes)).answers ?? [];
  return first?.type === 'A' || first?.type === 'AAAA' ? first.data : undefined;
};

t.test('addresses', async (t) => {
  for (const text of ['::', '::1', 'fe80::1', '2001:db8::1:0:0:1', '2001:db8:0:1:1:1:1:1', 'fd00:ec2::254', '1::'])
    t.equal(ipv6Text(ipv6Bytes(text)), text);
});

t.test('frames out of a stream, whatever its pieces', async (t) => {
  const frames = [Buffer.from('one'), Buffer.alloc(0), Buffer.alloc(1500, 1)];
  const stream = Buffer.concat(frames.map(framed));
  for (const size of [1, 3, 700, stream.length]) {
    const reader = frameReader();
    const found: Buffer[] = [];
    for (let at = 0; at < stream.length; at += size) found.push(...reader.push(stream.subarray(at, at + size)));
    t.same(found, frames, `in pieces of ${size}`);
  }
  const reader = frameReader();
  t.same(reader.push(Buffer.from('ffffffff00', 'hex')), []);
  t.ok(reader.isBroken(), 'a length that no frame has ends it');
});

t.test('a link is kept going', async (t) => {
  const sink = sinkOf();
  const [reply] = sink.take(arp('192.0.2.77'));
  t.match(reply && parseFrame(reply)?.payload.toString('hex'), /0002525400531e4bc000024d5254001234560a00020f/);
  t.same(sink.take(arp('10.0.2.15', '0.0.0.0')), [], 'nobody has an address that a guest asks for before it takes it');
  t.same(sink.take(arp('10.0.2.15')), [], 'or tells that it has');
  t.same(sink.take(arp('169.254.169.254')), [], 'a metadata service is not there');
  t.same(sink.flows(), []);
  t.equal(sink.counts().link, 4);
});

t.test('a lease, and what the client says of itself', async (t) => {
  const sink = sinkOf();
  const says = [
    [12, Buffer.from('build-7')],
    [60, Buffer.from('systemd')],
    [61, Buffer.from('ff01', 'hex')],
  ] as const;
  const offer = packetOf(sink.take(dhcp(1, says))[0]);
  const ack = packetOf(sink.take(dhcp(3, [...says, [50, Buffer.from([10, 0, 2, 15])]]))[0]);
  for (const [found, type] of [
    [offer, 2],
    [ack, 5],
  ] as const) {
    const data = (found && parseUdp(found.payload)?.data) ?? Buffer.alloc(0);
    t.equal(data.toString('hex', 16, 20), '0a00020f');
    t.equal(data[242], type);
    t.ok(data.includes(Buffer.from([6, 4, 10, 0, 2, 2])), 'with a name server');
  }
  const [other] = sink.take(dhcp(3, [[50, Buffer.from([192, 168, 1, 9])]]));
  t.equal(dataOf(other)[242], 6, 'another address than the lease is refused');
  t.match(sink.flows(), [
    {
      protocol: 'dhcp',
      tries: 3,
      said: [{ hostName: 'build-7', vendor: 'systemd', client: 'ff01' }, { hostName: undefined }],
    },
  ]);
});

t.test('each name has an address, by which later flows are known', async (t) => {
  const sink = sinkOf();
  t.equal(addressIn(sink.take(dns('one.example'))[0]), '198.18.0.1');
  t.equal(addressIn(sink.take(dns('Two.Example', 'A', '10.0.2.2', true))[0]), '198.18.0.2');
  t.equal(addressIn(sink.take(dns('one.example', 'AAAA'))[0]), '2001:db8:18::1');
  t.equal(addressIn(sink.take(dns('one.example', 'TXT'))[0]), undefined);
  sink.take(udp('198.18.0.2', 9999, Buffer.from('hello')));
  t.match(
    sink.flows().map(({ protocol, name, port, tries, bytes }) => [protocol, name, port, tries, bytes]),
    [
      ['dns', 'one.example', 53, 3],
      ['dns', 'two.example', 53, 1],
      ['udp', 'two.example', 9999, 1, 5],
    ],
  );
  t.same(
    sink.flows()[0]?.said,
    ['A', 'AAAA', 'TXT'].map((type) => ({ kind: 'dns', type })),
  );
});

t.test('time, echo, and what is for many', async (t) => {
  const sink = sinkOf();
  const request = Buffer.alloc(48);
  request[0] = 0x23;
  request.writeUInt32BE(77, 40);
  const [answer] = sink.take(udp('198.18.0.9', 123, request));
  const data = dataOf(answer);
  t.equal(data[0], 0x24, 'a server of the same version');
  t.equal(data.readUInt32BE(40) - 2_208_988_800, TIME / 1000);
  t.equal(data.readUInt32BE(24), 77, 'what the client sent comes back');
  for (const to of ['203.0.113.5', '2001:db8:18::9']) t.equal(packetOf(sink.take(echo(to))[0])?.source, to);
  t.same(sink.take(udp('224.0.0.251', 5353, Buffer.alloc(12))), []);
  t.same(sink.take(echo('169.254.169.254')), [], 'no metadata service, by way of the router either');
  t.same(
    sink.flows().map(({ protocol, address }) => [protocol, address]),
    [
      ['ntp', '198.18.0.9'],
      ['icmp', '203.0.113.5'],
      ['icmp', '2001:db8:18::9'],
      ['mdns', '224.0.0.251'],
      ['icmp', '169.254.169.254'],
    ],
  );
});

/** A connection that says this, in pieces, each after what has come before is acknowledged; all that came back. */
const said = (sink: Sink, pieces: readonly Buffer[], port = 443, to = '198.18.0.1') => {
  const back = [...sink.take(tcp({ to, port, sequence: 100, flags: SYN }))];
  const welcome = segmentOf(back[0]);
  let sequence = 101;
  for (const data of pieces) {
    back.push(
      ...sink.take(tcp({ to, port, sequence, acknowledged: (welcome?.sequence ?? 0) + 1, flags: PSH | ACK, data })),
    );
    sequence += data.length;
  }
  return back.map((one) => segmentOf(one));
};

t.test('a connection is heard once, and ended', async (t) => {
  const hello = clientHello('api.example', ['h2'], 1700);
  const http = Buffer.from(
    'GET /x?id=1 HTTP/1.1\r\nHost: a.example:80\r\nUser-Agent: curl/7.88.1\r\nAccept: */*\r\n\r\n',
  );
  const rows: readonly (readonly [string, readonly Buffer[], unknown, number, string | RegExp])[] = [
    ['TLS', [hello], { kind: 'tls', name: 'api.example', protocols: ['h2'] }, RST | ACK, ''],
    [
      'TLS in two segments',
      [hello.subarray(0, 1400), hello.subarray(1400)],
      { kind: 'tls', name: 'api.example', protocols: ['h2'] },
      RST | ACK,
      '',
    ],
    [
      'HTTP',
      [http],
      { kind: 'http', method: 'GET', target: '/x?id=1', host: 'a.example:80', userAgent: 'curl/7.88.1' },
      PSH | FIN | ACK,
      /^HTTP\/1.1 503/,
    ],
    [
      'HTTP in pieces',
      [http.subarray(0, 5), http.subarray(5, 30), http.subarray(30)],
      { kind: 'http', host: 'a.example:80' },
      PSH | FIN | ACK,
      /^HTTP/,
    ],
    ['anything else', [Buffer.from('\x00\x01secret')], { kind: 'other' }, RST | ACK, ''],
  ];
  for (const [what, pieces, heard, flags, data] of rows) {
    const sink = sinkOf();
    const back = said(sink, pieces);
    t.equal(back[0]?.flags, SYN | ACK, `${what}: taken`);
    t.equal(back.at(-1)?.flags, flags, `${what}: ended`);
    t.match(back.at(-1)?.data.toString(), data);
    const bytes = Buffer.concat(pieces).length;
    t.match(sink.flows(), [{ protocol: 'tcp', port: 443, tries: 1, bytes, said: [heard] }], what);
  }
});

t.test('what comes twice counts once, and what says nothing is seen', async (t) => {
  const sink = sinkOf();
  const to = '198.18.0.1';
  sink.take(tcp({ to, port: 25, sequence: 5, flags: SYN }));
  const [again] = sink.take(tcp({ to, port: 25, sequence: 5, flags: SYN }));
  t.equal(segmentOf(again)?.flags, SYN | ACK);
  const piece = tcp({ to, port: 25, sequence: 6, flags: PSH | ACK, data: Buffer.from('GET ') });
  sink.take(piece);
  const [late] = sink.take(piece);
  t.equal(segmentOf(late)?.acknowledged, 10, 'it is told what has come');
  t.match(sink.flows(), [{ tries: 1, bytes: 4, said: [] }]);
  const [over] = sink.take(tcp({ to, port: 25, sequence: 10, flags: FIN | ACK }));
  t.equal(segmentOf(over)?.flags, RST | ACK, 'what it said so far is heard at its end');
  t.equal(segmentOf(sink.take(tcp({ to, port: 99, sequence: 1, acknowledged: 9, flags: ACK }))[0])?.flags, RST);
});

t.test('refused: no name is known, nothing is open', async (t) => {
  const sink = sinkOf('refuse');
  t.match(decode(dataOf(sink.take(dns('one.example'))[0])), { rcode: 'NXDOMAIN', answers: [] });
  t.equal(segmentOf(sink.take(tcp({ to: '203.0.113.1', port: 80, sequence: 1, flags: SYN }))[0])?.flags, RST | ACK);
  const unreachable = packetOf(sink.take(udp('203.0.113.1', 514, Buffer.from('x')))[0]);
  t.same([unreachable?.protocol, unreachable?.payload[0], unreachable?.payload[1]], [1, 3, 3]);
  t.same(
    sink.flows().map(({ protocol, address, port }) => [protocol, address, port]),
    [
      ['dns', '10.0.2.2', 53],
      ['tcp', '203.0.113.1', 80],
      ['udp', '203.0.113.1', 514],
    ],
    'what was wanted is seen all the same',
  );
});

/** One of each kind that a guest sends, and what the sink sends back. */
const everything = (): Buffer[] => [
  arp('192.0.2.1'),
  dhcp(1, [[12, Buffer.from('host')]]),
  dns('a.example', 'AAAA', '10.0.2.2', true),
  dns('b.example', 'TXT', '8.8.8.8'),
  udp('198.18.0.1', 123, Buffer.alloc(48, 0x1b)),
  udp('2001:db8:18::1', 514, Buffer.from('syslog')),
  echo('192.0.2.1'),
  echo('2001:db8:18::1'),
  tcp({ to: '198.18.0.1', port: 443, sequence: 1, flags: SYN }),
  tcp({ to: '198.18.0.1', port: 443, sequence: 2, flags: PSH | ACK, data: clientHello('a.example') }),
  tcp({ to: '2001:db8:18::1', port: 80, sequence: 1, flags: SYN }),
  tcp({
    to: '2001:db8:18::1',
    port: 80,
    sequence: 2,
    flags: PSH | ACK,
    data: Buffer.from('GET / HTTP/1.1\r\nHost: b\r\n\r\n'),
  }),
  // A router solicitation and a neighbour's: both answered by the link.
  packet('ff02::2', PROTOCOLS.icmp6, Buffer.from('8500000000000000', 'hex')),
  packet(
    'ff02::1:ff00:99',
    PROTOCOLS.icmp6,
    Buffer.concat([Buffer.from('8700000000000000', 'hex'), ipv6Bytes('fe80::99')]),
  ),
  frame(0x88cc, Buffer.from('lldp')),
];

t.test('nothing that a guest sends throws', async (t) => {
  t.setTimeout(120_000);
  const good = everything();
  for (const mode of ['sink', 'refuse'] as const) {
    const sink = sinkOf(mode);
    for (const bytes of malformed(good, 10_000, seeded(26))) {
      try {
        sink.take(bytes);
      } catch (error) {
        t.fail(`${String(error)}: ${bytes.toString('hex')}`);
        return;
      }
    }
    t.ok(sink.counts().unread > 0 && sink.flows().length > 0);
  }
});

t.test('frames of a machine come to the sink, and all of them into the capture', async (t) => {
  const [qemu, ours] = duplexPair();
  const file = join(t.testdir(), 'all.pcap');
  const answers = frameReader();
  const answer = Promise.withResolvers<Buffer>();
  qemu.on('data', (bytes: Buffer) => {
    for (const one of answers.push(bytes)) answer.resolve(one);
  });
  const request = arp('192.0.2.1');
  {
    await using _attached = attachSink(ours, sinkOf(), file);
    const sent = framed(request);
    qemu.write(sent.subarray(0, 9));
    qemu.write(sent.subarray(9));
    t.equal(parseFrame(await answer.promise)?.type, ETHER_TYPES.arp);
  }
  const capture = await readFile(file);
  t.equal(capture.length, 24 + 2 * (16 + 60), 'what came and what was answered');
  t.ok(capture.includes(request));
});

const hasTshark = await promisify(execFile)('tshark', ['--version']).then(
  () => true,
  () => false,
);

t.test('tshark reads every frame alike', { skip: hasTshark ? false : 'tshark is not installed' }, async (t) => {
  t.setTimeout(120_000);
  const sink = sinkOf();
  const frames = everything().flatMap((one) => [one, ...sink.take(one)]);
  const file = join(t.testdir(), 'frames.pcap');
  await writeFile(file, Buffer.concat([pcapHeader(), ...frames.map((one, nth) => pcapRecord(one, TIME + nth))]));
  const fields = [
    'frame.len',
    'eth.type',
    'ip.dst',
    'ipv6.dst',
    'tcp.dstport',
    'udp.dstport',
    'dns.qry.name',
    'tls.handshake.extensions_server_name',
    'http.host',
  ];
  const checks = [
    'ip.checksum.status',
    'tcp.checksum.status',
    'udp.checksum.status',
    'icmp.checksum.status',
    'icmpv6.checksum.status',
  ];
  const preferences = ['ip.check_checksum', 'tcp.check_checksum', 'udp.check_checksum'].flatMap((name) => [
    '-o',
    `${name}:TRUE`,
  ]);
  const { stdout } = await promisify(execFile)('tshark', [
    ...['-r', file, '-T', 'fields', '-E', 'occurrence=f', '-E', 'separator=|'],
    ...preferences,
    ...[...fields, ...checks].flatMap((field) => ['-e', field]),
  ]);
  const rows = stdout
    .trimEnd()
    .split('\n')
    .map((line) => line.split('|'));
  t.equal(rows.length, frames.length);
  for (const [nth, bytes] of frames.entries()) {
    const row = rows[nth] ?? [];
    const parsed = parseFrame(bytes);
    const found = packetOf(bytes);
    const isUnquoted = found !== undefined && found.protocol !== PROTOCOLS.icmp;
    const segment = found?.protocol === PROTOCOLS.tcp ? parseTcp(found.payload) : undefined;
    const datagram = found?.protocol === PROTOCOLS.udp ? parseUdp(found.payload) : undefined;
    t.equal(Number(row[0]), bytes.length);
    t.equal(Number(row[1]), parsed?.type);
    if (isUnquoted) t.equal(row[2] || row[3], found.destination, `frame ${nth}`);
    t.equal(row[4], segment ? String(segment.port) : '');
    t.equal(row[5], datagram ? String(datagram.port) : '');
    const sums = row.slice(fields.length);
    const isAnswer = parsed?.source !== GUEST.mac;
    if (isAnswer) t.notOk(sums.includes('0') && isUnquoted, `the sums of frame ${nth} are right: ${sums.join(' ')}`);
  }
  t.same([...new Set(rows.map((row) => row[6]).filter((name) => name))], ['a.example', 'b.example']);
  t.ok(rows.some((row) => row[7] === 'a.example') && rows.some((row) => row[8] === 'b'));
});

t.test('a machine of the tests on the sink: what has left it when its boot has ended', async (t) => {
  const rows: readonly (readonly [
    what: string,
    allow: readonly string[] | undefined,
    sent: readonly Buffer[],
    verdict: string | undefined,
    told: RegExp,
  ])[] = [
    ['a lease alone', ['dhcp'], [dhcp(1)], 'holds', /^dhcp to 10\.0\.2\.2:67$/],
    ['a lease and the time', ['dhcp', 'ntp'], [dhcp(1), udp('192.0.2.1', 123, Buffer.alloc(48))], 'holds', /ntp to/],
    [
      'the time, which may not',
      ['dhcp'],
      [dhcp(1), udp('192.0.2.1', 123, Buffer.alloc(48))],
      'fails',
      /^ntp to 192\.0\.2\.1:123, 48 bytes/,
    ],
    ['a question', ['dhcp'], [dhcp(1), dns('tracker.example')], 'fails', /^dns to tracker\.example/],
    ['nothing at all, which is as wanted', [], [arp('10.0.2.2')], 'holds', /^nothing left it$/],
    ['not one frame: is there a card?', ['dhcp'], [], 'unjudged', /not one frame/],
    ['nobody asks', undefined, [dhcp(1)], undefined, /^$/],
  ];
  for (const [what, allow, sent, verdict, told] of rows) {
    const [ours, guests] = duplexPair();
    await using sink = putOnSink(
      { frames: ours },
      {
        ...{ name: 'quiet', known: { installed: [], mirrors: [] }, folder: t.testdir(), factor: 1 },
        wanted: allow && { allow: [...allow], watch: 50 },
        signal: new AbortController().signal,
      },
    );
    for (const one of sent) guests.write(framed(one));
    const [result] = await sink.judge();
    t.equal(result?.verdict, verdict, what);
    t.match(result?.message ?? '', told, what);
    if (verdict === undefined) continue;
    const { length } = sink.sent();
    guests.write(framed(udp('192.0.2.9', 9, Buffer.from('of a check'))));
    await delay(20);
    t.match(
      sink.sent()[length],
      { during: 'checks', to: '192.0.2.9:9', protocol: 'udp' },
      `${what}; what checks send is told apart`,
    );
  }
  const sink = testsSchema.parse({ machines: [{ name: 'a', network: 'sink' }, { name: 'b' }], egress: { allow: [] } });
  t.match(neverSeen(sink, 'it has no sshd'), [
    { name: 'a: what leaves it', verdict: 'unjudged', message: 'it has no sshd' },
  ]);
  const chosen = { ...sink, machines: sink.machines.slice(1) };
  t.match(neverSeen(chosen, ''), [{ name: 'machines: what leaves it', verdict: 'unjudged' }], 'another one was chosen');
  t.same(neverSeen(testsSchema.parse({}), ''), [], 'nobody asks');
  t.throws(() => testsSchema.parse({ egress: { allow: ['dhcp'] } }), /network: sink/, 'nothing would be seen');
  t.throws(
    () => testsSchema.parse({ machines: [{ name: 'a', network: 'sink' }], egress: { allow: ['d h'] } }),
    /protocol/,
  );
  t.match(testsSchema.parse({ machines: [{ name: 'a', network: 'sink' }], egress: { allow: [] } }), {
    egress: { allow: [], watch: 10_000 },
  });
});
