/** Feeds come from elsewhere: whatever is in them, the answer is a named fault of the feed, or findings. */
import { deflateSync, gunzipSync, gzipSync } from 'node:zlib';
import t from 'tap';
import { TAR_END, tarHeader, tarPadding } from '../../src/formats/archives/tar.ts';
import { temporaryFolder } from '../../src/host/files.ts';
import { readFeeds } from '../../src/vulns/feeds/read.ts';
import type { SystemId } from '../../src/vulns/inventory.ts';
import { matchStatements } from '../../src/vulns/match.ts';
import type { FeedFacts } from '../../src/vulns/report.ts';
import { withThreat } from '../../src/vulns/threats.ts';
import { randomOf } from '../formats/version-pairs.ts';
import { DEBIAN, type FeedFile, installed, inventoryOf, NOW, writeFeeds } from './feed-folder.ts';
import {
  csaf,
  debsecan,
  epss,
  kev,
  nestedCsaf,
  openVex,
  osv,
  osvZip,
  oval,
  secdb,
  tracker,
  updateinfo,
} from './records.ts';
import { zipOf } from './zip.ts';

const UBUNTU: SystemId = { id: 'ubuntu', version: '24.04', codename: 'noble' };
const ALPINE: SystemId = { id: 'alpine', version: '3.21.2' };
const ROCKY: SystemId = { id: 'rocky', version: '9.4' };
const RHEL: SystemId = { id: 'rhel', version: '9.4', cpe: 'cpe:/o:redhat:enterprise_linux:9::baseos' };

const events = [{ introduced: '0' }, { fixed: '2.0-1' }];
const record = osv('CVE-2026-1', 'a', events, {
  upstream: ['CVE-2026-2'],
  severity: [{ type: 'CVSS_V3', score: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H' }],
});
const vex = csaf({
  cve: 'CVE-2026-1',
  status: 'fixed',
  component: 'pkg:rpm/redhat/a@3.0.7-27.el9?arch=x86_64&epoch=1',
});

/** Two documents, without what ends an archive. */
const TAR = Buffer.concat(
  ['a.json', 'b.json'].flatMap((path) => {
    const content = Buffer.from(JSON.stringify(vex));
    const entry = {
      path,
      type: 'File' as const,
      mode: 0o644,
      uid: 0,
      gid: 0,
      size: content.length,
      mtime: new Date(0),
    };
    return [tarHeader(entry), content, tarPadding(content.length)];
  }),
);

const GOOD: readonly (readonly [SystemId, FeedFile])[] = [
  [DEBIAN, { kind: 'osv', content: osvZip([record, osv('CVE-2026-3', 'b', events)]) }],
  [DEBIAN, { kind: 'osv', content: JSON.stringify(record) }],
  [
    DEBIAN,
    {
      kind: 'debian-tracker',
      content: tracker({
        z: { 'CVE-2026-9': { status: 'open' } },
        a: { 'CVE-2026-1': { status: 'resolved', fixed_version: '2.0-1', urgency: 'low' } },
      }),
    },
  ],
  [
    DEBIAN,
    { kind: 'debsecan', scope: 'bookworm', content: debsecan([['CVE-2026-1', 'a', 'SHRF', '2.0-1', '1.0-1+deb12u2']]) },
  ],
  [UBUNTU, { kind: 'ubuntu-oval', content: oval([{ cve: 'CVE-2026-1', packages: ['a'], fixed: '2' }]) }],
  [
    ROCKY,
    {
      kind: 'updateinfo',
      scope: 'rocky:9',
      content: updateinfo([{ id: 'RLSA-1', cves: ['CVE-2026-1'], packages: [['a', '0', '2', '1', 'x86_64']] }]),
    },
  ],
  [
    ROCKY,
    {
      kind: 'updateinfo',
      scope: 'rocky:9',
      content: gzipSync(updateinfo([{ id: 'RLSA-1', packages: [['a', '0', '2', '1', 'x86_64']] }])),
    },
  ],
  [RHEL, { kind: 'csaf-vex', content: JSON.stringify(vex) }],
  [RHEL, { kind: 'csaf-vex', content: zipOf([{ name: 'a.json', content: JSON.stringify(vex) }]) }],
  [RHEL, { kind: 'csaf-vex', content: Buffer.concat([TAR, TAR_END]) }],
  [ALPINE, { kind: 'secdb', content: secdb({ a: { '2-r0': ['CVE-2026-1'], '0': ['CVE-2026-2'] } }) }],
  [DEBIAN, { kind: 'kev', content: kev(['CVE-2026-1', 'CVE-2026-20000']) }],
  [
    DEBIAN,
    {
      kind: 'epss',
      content: epss([
        ['CVE-2026-1', '0.97'],
        ['CVE-2026-20000', '1'],
      ]),
    },
  ],
  [DEBIAN, { kind: 'epss', content: gunzipSync(epss([['CVE-2026-1', '0.00001']])) }],
  [DEBIAN, { kind: 'openvex', content: openVex([{ id: 'CVE-2026-1', products: ['pkg:deb/debian/a@1.0-1'] }]) }],
];

const folder = await temporaryFolder();
t.teardown(() => folder[Symbol.asyncDispose]());

const read = async (system: SystemId, feed: FeedFile): Promise<FeedFacts | undefined> => {
  await writeFeeds(folder.path, [feed]);
  const architecture = system.id === 'rocky' || system.id === 'rhel' ? 'x86_64' : 'amd64';
  const inventory = inventoryOf(system, [installed('a', '1.0-1', { architecture })]);
  const { facts, statements, threats } = await readFeeds(folder.path, inventory, { now: NOW, maxAge: 7 });
  for (const one of matchStatements(inventory, statements)) withThreat(one, threats);
  return facts[0] ?? threats[0]?.facts;
};

const MARKS = [
  '"',
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '\\',
  '\0',
  '\u{ff}',
  '<',
  '>',
  '&',
  '-1',
  '9'.repeat(400),
  'null',
  '\\u0000',
  '__proto__',
  '\n',
  '%',
];

/** A few changes somewhere in the bytes. */
const damaged = (content: string | Buffer, random: (below: number) => number): Buffer => {
  let bytes = Buffer.from(content);
  for (let changes = 1 + random(3); changes > 0; changes--) {
    const [at, other] = [random(bytes.length + 1), random(bytes.length + 1)];
    const mark = Buffer.from(MARKS[random(MARKS.length)] ?? '', 'latin1');
    const ways: readonly (() => Buffer)[] = [
      () => bytes.subarray(0, at),
      () => Buffer.concat([bytes.subarray(0, at), mark, bytes.subarray(at)]),
      () => Buffer.concat([bytes.subarray(0, at), mark, bytes.subarray(at + mark.length)]),
      () => Buffer.concat([bytes.subarray(0, Math.min(at, other)), bytes.subarray(Math.max(at, other))]),
      () =>
        Buffer.concat([
          bytes.subarray(0, at),
          bytes.subarray(Math.min(at, other), Math.max(at, other)),
          bytes.subarray(at),
        ]),
      () => Buffer.from(bytes.map((byte, nth) => (nth === at ? byte ^ (1 << random(8)) : byte))),
    ];
    bytes = Buffer.from(ways[random(ways.length)]?.() ?? bytes);
  }
  return bytes;
};

const ROUNDS = 60;

t.test('what is damaged is told, and ends nothing', { timeout: 100_000 }, async (t) => {
  const random = randomOf(26);
  let [faults, read_] = [0, 0];
  for (const [system, feed] of GOOD) {
    t.equal((await read(system, feed))?.unusable, undefined, feed.kind);
    for (let round = 0; round < ROUNDS; round++) {
      const content = damaged(feed.content, random);
      try {
        if ((await read(system, { ...feed, content }))?.unusable === undefined) read_++;
        else faults++;
      } catch (error) {
        t.fail(`${feed.kind}, round ${round}`, { error, content: content.toString('latin1').slice(0, 2000) });
      }
    }
  }
  t.ok(faults > 200, `${faults} faults`);
  t.ok(read_ > 20, `${read_} read all the same`);
});

const deep = (open: string, close: string, depth = 100_000): string => `${open.repeat(depth)}${close.repeat(depth)}`;
const big = Buffer.alloc(160 * 2 ** 20, 32);
const name = (content: string) => `<?xml version="1.0"?>${content}`;

const BAD: readonly (readonly [string, SystemId, FeedFile])[] = [
  ['empty', DEBIAN, { kind: 'debian-tracker', content: '' }],
  ['a list in place of an object', DEBIAN, { kind: 'debian-tracker', content: '[]' }],
  ['deep nesting of a wanted source', DEBIAN, { kind: 'debian-tracker', content: `{"a":${deep('[', ']')}}` }],
  [
    'a prototype as source',
    DEBIAN,
    { kind: 'debian-tracker', content: '{"a":{"__proto__":{"releases":5}}, "__proto__": {"x": 1' },
  ],
  ['an entry that leads out', DEBIAN, { kind: 'osv', content: zipOf([{ name: '../../x.json', content: '{}' }]) }],
  ['an absolute entry', DEBIAN, { kind: 'osv', content: zipOf([{ name: '/etc/x.json', content: '{}' }]) }],
  [
    'an entry that is larger than it says',
    DEBIAN,
    { kind: 'osv', content: zipOf([{ name: 'x.json', content: ' '.repeat(9_000_000), size: 10 }]) },
  ],
  [
    'an entry beyond the limit',
    DEBIAN,
    { kind: 'osv', content: zipOf([{ name: 'x.json', content: ' ', size: 2 ** 31 }]) },
  ],
  ['an encrypted entry', DEBIAN, { kind: 'osv', content: zipOf([{ name: 'x.json', content: '{}', flags: 1 }]) }],
  ['an entry whose sum is wrong', DEBIAN, { kind: 'osv', content: zipOf([{ name: 'x.json', content: '{}', sum: 1 }]) }],
  [
    'a record of the wrong form about a package',
    DEBIAN,
    {
      kind: 'osv',
      content: osvZip([{ ...record, affected: [{ package: { ecosystem: 'Debian:12', name: 'a' }, ranges: 'all' }] }]),
    },
  ],
  ['a bomb of zlib', DEBIAN, { kind: 'debsecan', scope: 'bookworm', content: deflateSync(Buffer.concat([big, big])) }],
  ['a bomb of gzip', ALPINE, { kind: 'secdb', content: gzipSync(big) }],
  [
    'an index beyond the list of names',
    DEBIAN,
    { kind: 'debsecan', scope: 'bookworm', content: deflateSync('VERSION 1\nCVE-1,,x\n\na,7,SH F,1,\n\n') },
  ],
  [
    'another version of the format',
    DEBIAN,
    { kind: 'debsecan', scope: 'bookworm', content: deflateSync('VERSION 2\n\n\n') },
  ],
  [
    'entities that grow',
    UBUNTU,
    { kind: 'ubuntu-oval', content: name('<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>') },
  ],
  [
    'an entity of a file',
    ROCKY,
    {
      kind: 'updateinfo',
      scope: 'rocky:9',
      content: name('<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><updates>&a;</updates>'),
    },
  ],
  [
    'a page in place of updates',
    ROCKY,
    { kind: 'updateinfo', scope: 'rocky:9', content: name('<html><update/></html>') },
  ],
  ['no updates', ROCKY, { kind: 'updateinfo', scope: 'rocky:9', content: name('<updates/>') }],
  ['a list without packages', ALPINE, { kind: 'secdb', content: secdb({}) }],
  ['null in place of packages', ALPINE, { kind: 'secdb', content: '{"distroversion": "v3.21", "packages": null}' }],
  ['no records', DEBIAN, { kind: 'debsecan', scope: 'bookworm', content: debsecan([]) }],
  [
    'no definitions of vulnerabilities',
    UBUNTU,
    {
      kind: 'ubuntu-oval',
      content: name(
        '<oval_definitions><definitions><definition class="inventory"><metadata><affected><platform>Ubuntu 24.04 LTS</platform></affected></metadata></definition></definitions></oval_definitions>',
      ),
    },
  ],
  ['deep elements', ROCKY, { kind: 'updateinfo', scope: 'rocky:9', content: name(deep('<a>', '</a>')) }],
  [
    'XML that is not UTF-8',
    ROCKY,
    { kind: 'updateinfo', scope: 'rocky:9', content: Buffer.from('<updates>\xff\xfe</updates>', 'latin1') },
  ],
  [
    'a deep tree of products',
    RHEL,
    {
      kind: 'csaf-vex',
      content: `{"document":{},"product_tree":{"branches":[${'{"branches":['.repeat(5000)}${']}'.repeat(5000)}]}}`,
    },
  ],
  ['a catalogue without entries', DEBIAN, { kind: 'kev', content: kev([]) }],
  ['a catalogue of no CVEs', DEBIAN, { kind: 'kev', content: kev(['openssl']) }],
  ['a bomb in place of scores', DEBIAN, { kind: 'epss', content: gzipSync(big) }],
  ['scores of other columns', DEBIAN, { kind: 'epss', content: 'cve,percentile\nCVE-2026-1,0.5\n' }],
  ['a score beyond one', DEBIAN, { kind: 'epss', content: epss([['CVE-2026-1', '1.5']]) }],
  ['a score that is none', DEBIAN, { kind: 'epss', content: epss([['CVE-2026-1', '']]) }],
  ['no scores', DEBIAN, { kind: 'epss', content: epss([]) }],
  [
    'an archive that was cut between two documents',
    RHEL,
    { kind: 'csaf-vex', content: TAR.subarray(0, TAR.length / 2) },
  ],
  [
    'an archive that was cut within a header',
    RHEL,
    { kind: 'csaf-vex', content: TAR.subarray(0, TAR.length / 2 + 100) },
  ],
  [
    'an archive without its last block',
    RHEL,
    { kind: 'csaf-vex', content: Buffer.concat([TAR, TAR_END.subarray(512)]) },
  ],
  [
    'a product that is nowhere told of',
    RHEL,
    { kind: 'csaf-vex', content: JSON.stringify(nestedCsaf([], [], { fixed: ['CSAFPID-1'] })) },
  ],
  ['no archive and no document', RHEL, { kind: 'csaf-vex', content: 'hello' }],
  [
    'a format of somebody else',
    DEBIAN,
    { kind: 'openvex', content: '{"@context": "https://example.org", "statements": []}' },
  ],
];

for (const [what, system, feed] of BAD)
  t.test(`${feed.kind}: ${what}`, async (t) => {
    const started = performance.now();
    t.match((await read(system, feed))?.unusable, /^(the feed is |it |.+)/);
    t.ok((await read(system, feed))?.covers, 'it counts as one that should have said something');
    t.ok(performance.now() - started < 20_000);
  });
