/** From findings to a verdict: waivers, age, what counts, and every form of the report. */
import t from 'tap';
import { toldUpdates, updatesText } from '../../src/cli/explain/updates.ts';
import { FORMATS } from '../../src/cli/vulns/formats.ts';
import { rendered } from '../../src/cli/vulns/rendered.ts';
import { temporaryFolder } from '../../src/host/files.ts';
import { cvssSeverity } from '../../src/vulns/cvss.ts';
import { parseFailOn } from '../../src/vulns/fail-on.ts';
import { NO_FEEDS, readFeeds } from '../../src/vulns/feeds/read.ts';
import type { Installed, SystemId } from '../../src/vulns/inventory.ts';
import { judgeVulnerabilities } from '../../src/vulns/judge.ts';
import { matchStatements } from '../../src/vulns/match.ts';
import { limitsOf, type VulnerabilitiesPart } from '../../src/vulns/policy.ts';
import type { Report } from '../../src/vulns/report.ts';
import type { KnownUpdates } from '../../src/vulns/updates.ts';
import type { Waiver } from '../../src/waivers.ts';
import { cycloneDxFaults } from './cyclonedx-faults.ts';
import { DEBIAN, type FeedFile, installed, inventoryOf, NOW, writeFeeds } from './feed-folder.ts';
import { epss, kev, openVex, osv, secdb, tracker, updateinfo } from './records.ts';

const folder = await temporaryFolder();
t.teardown(() => folder[Symbol.asyncDispose]());

const FEED: FeedFile = {
  kind: 'debian-tracker',
  content: tracker({
    a: {
      'CVE-2026-1': { status: 'resolved', fixed_version: '2-1', urgency: 'high' },
      'CVE-2026-2': { status: 'open', urgency: 'low' },
      'CVE-2026-3': { status: 'open', urgency: 'not yet assigned' },
      'CVE-2026-4': { status: 'resolved', fixed_version: '0' },
    },
  }),
};
const A = installed('a', '1-1');
const KEV: FeedFile = { kind: 'kev', content: kev(['CVE-2026-2000', 'CVE-2026-2']) };
const EPSS: FeedFile = {
  kind: 'epss',
  content: epss([
    ['CVE-2026-1', '0.97'],
    ['CVE-2026-4000', '0.0001'],
  ]),
};

interface Case {
  readonly feeds?: readonly FeedFile[];
  readonly packages?: readonly Installed[];
  readonly system?: SystemId;
  readonly failOn?: string;
  readonly waivers?: readonly Waiver[];
  readonly limits?: VulnerabilitiesPart;
  readonly updates?: KnownUpdates;
  readonly notScanned?: readonly string[];
}

const reportOf = async ({
  feeds = [FEED],
  packages = [A],
  system = DEBIAN,
  failOn,
  waivers = [],
  limits = {},
  updates,
  notScanned = [],
}: Case): Promise<Report> => {
  const inventory = inventoryOf(system, packages);
  await writeFeeds(folder.path, feeds);
  const { facts, statements, threats, vex } =
    feeds.length === 0 ? NO_FEEDS : await readFeeds(folder.path, inventory, { now: NOW, maxAge: 7 });
  return judgeVulnerabilities(
    {
      inventory,
      feeds: facts,
      threats,
      matched: matchStatements(inventory, statements),
      updates,
      updatesUnknown: updates === undefined ? 'the mirror cannot be reached' : undefined,
      notScanned: notScanned.map((path) => ({ kind: 'python', path })),
    },
    {
      maxAge: limitsOf(limits).maxAge,
      failOn: failOn === undefined ? limitsOf(limits).failOn : parseFailOn(failOn),
      waivers,
      vex,
      now: NOW,
    },
  );
};

const waiver = (rule: string, more: Partial<Waiver> = {}): Waiver => ({
  rule,
  reason: 'we do not use it',
  until: '2027-01-31',
  ...more,
});
const allThree = (more: Partial<Waiver> = {}): Waiver[] =>
  ['CVE-2026-1', 'CVE-2026-2', 'CVE-2026-3'].map((id) => waiver(id, more));
const NONE: KnownUpdates = {
  suites: [{ name: 'bookworm', date: '2026-11-28T00:00:00Z' }],
  updates: [],
  changelogs: [],
  support: undefined,
  thirdParty: new Set(),
};
/** Where no mirror was reached. */
const keptOf = (day: string): KnownUpdates => ({
  ...NONE,
  kept: { asOf: `${day}T00:00:00Z`, because: 'the mirror cannot be reached' },
});
const UPDATE = {
  name: 'a',
  architecture: 'amd64',
  from: '1-1',
  to: '2-1',
  source: 'a',
  fromSource: '1-1',
  toSource: '2-1',
  suites: ['bookworm-security'],
  isSecurity: true,
};
const EMPTY: FeedFile = { kind: 'debian-tracker', content: tracker({ other: { 'CVE-2026-9': { status: 'open' } } }) };

const ALPINE: SystemId = { id: 'alpine', version: '3.21.2' };
const MAIN: FeedFile = { kind: 'secdb', scope: 'main', content: secdb({ x: {} }) };
const COMMUNITY: FeedFile = { kind: 'secdb', scope: 'community', content: secdb({ y: {} }, 'v3.21', 'community') };
const ROCKY: SystemId = { id: 'rocky', version: '9.4' };
const updatesOf = (scope: string, repository?: string): FeedFile => ({
  kind: 'updateinfo',
  scope,
  content: updateinfo([{ id: 'X', packages: [['x', '0', '2', '1', 'x86_64']] }], repository),
});

/** What is asked, the verdict, and rules that are found. */
/** What is said of a vulnerability in `a` and `a-doc`, both of the source `a`. */
const VEX_ROWS: readonly (readonly [
  string,
  readonly { readonly products: readonly string[]; readonly status?: string; readonly timestamp?: string }[],
  'holds' | 'fails',
])[] = [
  ['of the source', [{ products: ['pkg:deb/debian/a@1-1'] }], 'holds'],
  ['of the source, as such', [{ products: ['pkg:deb/debian/a@1-1?arch=source&distro=bookworm'] }], 'holds'],
  ['of any version', [{ products: ['pkg:deb/a'] }], 'holds'],
  ['of another kind of package', [{ products: ['pkg:npm/a@1-1', 'pkg:rpm/debian/a@1-1'] }], 'fails'],
  ['of another vendor', [{ products: ['pkg:deb/ubuntu/a@1-1'] }], 'fails'],
  ['of another release', [{ products: ['pkg:deb/debian/a@1-1?distro=debian-11'] }], 'fails'],
  ['of a point release of it', [{ products: ['pkg:deb/debian/a@1-1?distro=debian-12.7'] }], 'holds'],
  ['of another architecture', [{ products: ['pkg:deb/debian/a@1-1?arch=arm64'] }], 'fails'],
  ['of one package of two', [{ products: ['pkg:deb/debian/a@1-1?arch=amd64'] }], 'fails'],
  [
    'of each package',
    [{ products: ['pkg:deb/debian/a@1-1?arch=amd64'] }, { products: ['pkg:deb/debian/a-doc@1-1?arch=all'] }],
    'holds',
  ],
  [
    'that is taken back',
    [
      { products: ['pkg:deb/debian/a@1-1'] },
      { products: ['pkg:deb/debian/a'], status: 'affected', timestamp: '2026-11-02T00:00:00Z' },
    ],
    'fails',
  ],
  [
    'that is looked into again',
    [
      { products: ['pkg:deb/debian/a@1-1'] },
      { products: ['pkg:deb/debian/a@1-1'], status: 'under_investigation', timestamp: '2026-11-02T00:00:00+01:00' },
    ],
    'fails',
  ],
  [
    'that came after another, wherever it stands',
    [
      { products: ['pkg:deb/debian/a@1-1'] },
      { products: ['pkg:deb/debian/a@1-1'], status: 'affected', timestamp: '2026-10-02T00:00:00Z' },
    ],
    'holds',
  ],
];

type Row = readonly [what: string, asked: Case, verdict: Report['judgement']['verdict'], rules: readonly string[]];
const ROWS: readonly Row[] = [
  ['all counts', {}, 'fails', ['vulns/affected']],
  ['nothing known of it', { feeds: [EMPTY] }, 'holds', []],
  ['high: one is, one may be', { failOn: 'high' }, 'fails', ['vulns/affected']],
  ['critical: none is, one may be', { failOn: 'critical' }, 'unjudged', ['vulns/affected']],
  [
    'high and fixable, waived',
    { failOn: 'high,fixable', waivers: [waiver('CVE-2026-1')] },
    'holds',
    ['vulns/affected', 'vulns/waived'],
  ],
  ['all waived', { waivers: allThree() }, 'holds', ['vulns/waived']],
  ['all waived by a pattern', { waivers: [waiver('CVE-2026-*')] }, 'holds', ['vulns/waived']],
  [
    'all waived by their rule',
    { waivers: [waiver('vulnerabilities.affected', { where: 'a' })] },
    'holds',
    ['vulns/waived'],
  ],
  [
    'waivers of other parts of a policy, of use or not',
    { feeds: [EMPTY], waivers: [waiver('files.forbid'), waiver('size.logs', { until: '2020-01-01' })] },
    'holds',
    [],
  ],
  [
    'waived for another package',
    { waivers: allThree({ where: 'b' }) },
    'fails',
    ['vulns/affected', 'vulns/waiver-unused'],
  ],
  ['waived for its source', { waivers: allThree({ where: 'a' }) }, 'holds', ['vulns/waived']],
  ['on its last day', { waivers: allThree({ until: '2026-11-30' }) }, 'holds', ['vulns/waived']],
  [
    'after its last day',
    { waivers: allThree({ until: '2026-11-29' }) },
    'fails',
    ['vulns/affected', 'vulns/waiver-expired'],
  ],
  [
    'an expired waiver is a finding by itself',
    { feeds: [EMPTY], waivers: [waiver('CVE-2020-1', { until: '2020-01-01' })] },
    'fails',
    ['vulns/waiver-expired'],
  ],
  ['an unused one is told', { feeds: [EMPTY], waivers: [waiver('CVE-2020-1')] }, 'holds', ['vulns/waiver-unused']],
  [
    'an old feed is not clean',
    { feeds: [{ ...EMPTY, fetched: '2026-11-20T00:00:00Z' }] },
    'unjudged',
    ['vulns/feed-old'],
  ],
  ['indexes at hand, of this week', { feeds: [], updates: keptOf('2026-11-28') }, 'holds', []],
  ['indexes at hand that are old', { feeds: [], updates: keptOf('2026-11-02') }, 'unjudged', ['vulns/updates-old']],
  ['old indexes beside a feed of today', { feeds: [EMPTY], updates: keptOf('2026-11-02') }, 'holds', []],
  ['exactly as old as it may be', { feeds: [{ ...EMPTY, fetched: '2026-11-23T00:00:00Z' }] }, 'holds', []],
  [
    'a feed from the future',
    { feeds: [{ ...EMPTY, fetched: '2027-11-20T00:00:00Z' }] },
    'unjudged',
    ['vulns/feed-old'],
  ],
  ['a damaged feed', { feeds: [{ ...EMPTY, content: '{"a": ' }] }, 'unjudged', ['vulns/feed-old']],
  ['a feed of another system', { system: { id: 'fedora', version: '41' } }, 'unjudged', ['vulns/no-feed']],
  ['one repository of two', { system: ALPINE, feeds: [MAIN] }, 'unjudged', ['vulns/no-feed']],
  ['both repositories', { system: ALPINE, feeds: [MAIN, COMMUNITY] }, 'holds', []],
  [
    'one of two, and one that is damaged',
    { system: ALPINE, feeds: [MAIN, { ...COMMUNITY, content: secdb({}, 'v3.21', 'community') }] },
    'unjudged',
    ['vulns/feed-old', 'vulns/no-feed'],
  ],
  [
    'one repository beside a feed of all',
    {
      system: ALPINE,
      feeds: [MAIN, { kind: 'osv', content: JSON.stringify(osv('X', 'x', [], {}, {}, 'Alpine:v3.21')) }],
    },
    'holds',
    [],
  ],
  [
    'BaseOS alone, by the name of its collection',
    { system: ROCKY, feeds: [updatesOf('rocky:9', 'rocky-linux-9-x86-64-baseos-rpms')] },
    'unjudged',
    ['vulns/no-feed'],
  ],
  ['a repository that nobody names', { system: ROCKY, feeds: [updatesOf('rocky:9')] }, 'unjudged', ['vulns/no-feed']],
  [
    'BaseOS and AppStream, named',
    { system: ROCKY, feeds: [updatesOf('rocky:9/BaseOS'), updatesOf('rocky:9/AppStream')] },
    'holds',
    [],
  ],
  ['no packages', { packages: [] }, 'unjudged', ['vulns/no-packages']],
  [
    'exploited alone counts, and one is',
    { feeds: [FEED, KEV], limits: { exploited: 'forbid' } },
    'fails',
    ['vulns/affected'],
  ],
  [
    'exploited alone counts, and none is',
    { feeds: [FEED, { ...KEV, content: kev(['CVE-2026-4000']) }], limits: { exploited: 'forbid' } },
    'holds',
    ['vulns/affected'],
  ],
  [
    'what is exploited is not known',
    { limits: { exploited: 'forbid' } },
    'unjudged',
    ['vulns/affected', 'vulns/no-feed'],
  ],
  [
    'what is exploited was known too long ago',
    { feeds: [FEED, { ...KEV, fetched: '2026-11-01T00:00:00Z' }], limits: { exploited: 'forbid' } },
    'unjudged',
    ['vulns/affected', 'vulns/no-feed'],
  ],
  [
    'an empty catalogue is damaged',
    { feeds: [FEED, { ...KEV, content: kev([]) }], limits: { exploited: 'forbid' } },
    'unjudged',
    ['vulns/affected', 'vulns/no-feed'],
  ],
  ['nothing to attack', { feeds: [EMPTY], limits: { exploited: 'forbid', probability: 0.1 } }, 'holds', []],
  ['a catalogue alone is no feed of this system', { feeds: [KEV] }, 'unjudged', ['vulns/updates-unknown']],
  ['probable enough', { feeds: [FEED, EPSS], limits: { probability: 0.9 } }, 'fails', ['vulns/affected']],
  [
    'not so probable, but two have no score',
    { feeds: [FEED, EPSS], limits: { probability: 0.98 } },
    'unjudged',
    ['vulns/affected'],
  ],
  [
    'attacked or critical',
    { feeds: [FEED, KEV], limits: { severity: 'critical', exploited: 'forbid' }, waivers: [waiver('CVE-2026-3')] },
    'fails',
    ['vulns/affected', 'vulns/waived'],
  ],
  ['neither feed nor mirror', { feeds: [] }, 'unjudged', ['vulns/updates-unknown']],
  ['indexes alone, nothing pending', { feeds: [], updates: NONE }, 'holds', []],
  [
    'a pending update with a CVE',
    { feeds: [], updates: { ...NONE, updates: [UPDATE], changelogs: [{ source: 'a', cves: ['CVE-2026-8'] }] } },
    'fails',
    ['vulns/affected'],
  ],
  [
    'a pending update without one',
    { feeds: [], updates: { ...NONE, updates: [UPDATE], changelogs: [{ source: 'a', cves: [] }] } },
    'fails',
    ['vulns/pending-update'],
  ],
  [
    'of unknown severity',
    { feeds: [], failOn: 'high', updates: { ...NONE, updates: [UPDATE] } },
    'unjudged',
    ['vulns/pending-update'],
  ],
  ...(['fixable', 'high'] as const).map(
    (failOn): Row => [
      `an update whose changelog could not be read, beside a vulnerability that it does not fix: ${failOn}`,
      {
        failOn,
        feeds: [
          {
            kind: 'debian-tracker',
            content: tracker({ a: { 'CVE-2026-5': { status: 'open', urgency: 'unimportant' } } }),
          },
        ],
        updates: {
          ...NONE,
          updates: [UPDATE],
          changelogs: [{ source: 'a', cves: [], unread: 'the package cannot be reached' }],
        },
      },
      failOn === 'fixable' ? 'fails' : 'unjudged',
      ['vulns/affected', 'vulns/changelog-unread', 'vulns/pending-update'],
    ],
  ),
  [
    'an update that a finding tells of',
    { failOn: 'critical', waivers: [waiver('CVE-2026-3')], updates: { ...NONE, updates: [UPDATE] } },
    'holds',
    ['vulns/affected', 'vulns/waived'],
  ],
  [
    'a fix that only a later update brings',
    {
      failOn: 'critical',
      waivers: [waiver('CVE-2026-3')],
      updates: { ...NONE, updates: [{ ...UPDATE, to: '1-2', toSource: '1-2' }] },
    },
    'unjudged',
    ['vulns/affected', 'vulns/pending-update', 'vulns/waived'],
  ],
  [
    'an update that is not for security',
    { feeds: [], updates: { ...NONE, updates: [{ ...UPDATE, isSecurity: false }] } },
    'holds',
    [],
  ],
  [
    'not the vendor’s',
    { feeds: [EMPTY], packages: [{ ...A, origin: 'third-party' }] },
    'unjudged',
    ['vulns/third-party'],
  ],
  [
    'not the vendor’s, answered for',
    {
      feeds: [EMPTY],
      packages: [{ ...A, origin: 'third-party' }],
      waivers: [waiver('vulnerabilities.third-party', { where: 'a' })],
    },
    'holds',
    ['vulns/third-party'],
  ],
  ['a package of a language', { feeds: [EMPTY], notScanned: ['/opt/x/METADATA'] }, 'unjudged', ['vulns/not-scanned']],
  [
    'packages of a language, answered for',
    {
      feeds: [EMPTY],
      notScanned: ['/opt/x/METADATA'],
      waivers: [waiver('vulnerabilities.not-scanned', { where: 'python' })],
    },
    'holds',
    ['vulns/not-scanned'],
  ],
  [
    'support of a source has ended',
    { feeds: [EMPTY], updates: { ...NONE, support: { ended: [{ source: 'a', since: '2026-01-01' }], limited: [] } } },
    'fails',
    ['vulns/support-ended'],
  ],
  [
    'support will end',
    { feeds: [EMPTY], updates: { ...NONE, support: { ended: [{ source: 'a', since: '2027-01-01' }], limited: [] } } },
    'holds',
    [],
  ],
  [
    'the release is long-term alone',
    {
      feeds: [EMPTY],
      updates: {
        ...NONE,
        support: { ended: [], limited: [], release: { name: 'Debian 12', eol: '2026-07-11', eolLts: '2028-06-30' } },
      },
    },
    'holds',
    ['vulns/support-long-term'],
  ],
  [
    'the release has ended',
    {
      feeds: [EMPTY],
      updates: {
        ...NONE,
        support: { ended: [], limited: [], release: { name: 'Debian 10', eol: '2022-09-10', eolLts: '2024-06-30' } },
      },
    },
    'fails',
    ['vulns/support-ended'],
  ],
  [
    'said not to be affected, by VEX',
    {
      feeds: [
        FEED,
        {
          kind: 'openvex',
          content: openVex(
            ['CVE-2026-1', 'CVE-2026-2', 'CVE-2026-3'].map((id) => ({ id, products: ['pkg:deb/debian/a@1-1'] })),
          ),
        },
      ],
    },
    'holds',
    ['vulns/waived'],
  ],
  [
    'VEX for another version',
    {
      feeds: [FEED, { kind: 'openvex', content: openVex([{ id: 'CVE-2026-1', products: ['pkg:deb/debian/a@0-1'] }]) }],
    },
    'fails',
    ['vulns/affected'],
  ],
  ...VEX_ROWS.map(
    ([what, statements, verdict]): Row => [
      `VEX ${what}`,
      {
        feeds: [
          { kind: 'debian-tracker', content: tracker({ a: { 'CVE-2026-1': { status: 'open', urgency: 'high' } } }) },
          { kind: 'openvex', content: openVex(statements.map((one) => ({ id: 'CVE-2026-1', ...one }))) },
        ],
        packages: [A, installed('a-doc', '1-1', { source: 'a', architecture: 'all' })],
      },
      verdict,
      [verdict === 'holds' ? 'vulns/waived' : 'vulns/affected'],
    ],
  ),
  [
    'VEX for no package',
    { feeds: [FEED, { kind: 'openvex', content: openVex([{ id: 'CVE-2026-1', products: ['our image'] }]) }] },
    'fails',
    ['vulns/affected'],
  ],
];

t.test('verdicts', async (t) => {
  for (const [what, asked, verdict, rules] of ROWS) {
    const { judgement } = await reportOf(asked);
    t.same(
      { verdict: judgement.verdict, rules: [...new Set(judgement.found.map(({ rule }) => rule))].sort() },
      { verdict, rules: [...rules].sort() },
      what,
    );
    for (const { hint, verdict: one } of judgement.found)
      t.ok(one === 'holds' || hint !== undefined, `${what}: a hint`);
  }
});

t.test('in the order of what can be done', async (t) => {
  const { findings } = await reportOf({ waivers: [waiver('CVE-2026-3')] });
  t.same(
    findings.map(({ id }) => id),
    ['CVE-2026-1', 'CVE-2026-2', 'CVE-2026-3', 'CVE-2026-4'],
  );
});

t.test('every form', async (t) => {
  const report = await reportOf({ waivers: [waiver('CVE-2026-3')] });
  const form = Object.fromEntries(FORMATS.map((format) => [format, rendered(report, format)]));
  t.match(
    form['text'],
    /fixable now\n {2}a 1-1 → 2-1\n {6}CVE-2026-1 \(high\)\n\nno fix yet\n {2}a 1-1\n {6}CVE-2026-2 \(low\)\n/,
  );
  const json = (format: string) => JSON.parse(form[format] ?? '');
  t.match(json('json'), { version: 1, judgement: { verdict: 'fails' } });
  const attacked = await reportOf({ feeds: [FEED, KEV, EPSS] });
  t.match(rendered(attacked, 'text'), /CVE-2026-1 \(high; EPSS 0\.97\).*CVE-2026-2 \(low; known to be exploited\)/s);
  t.match(JSON.parse(rendered(attacked, 'json')), {
    findings: [{ id: 'CVE-2026-1', threat: { isExploited: false, probability: 0.97 } }],
    feeds: [{ kind: 'debian-tracker' }, { kind: 'kev', statements: 2 }, { kind: 'epss', statements: 2 }],
  });
  t.match(rendered(attacked, 'sarif'), /CVE-2026-2 \(low, known to be exploited\)/);
  t.match(json('sarif'), { version: '2.1.0', runs: [{ results: [{ ruleId: 'vulns/affected', level: 'error' }] }] });
  const results: { suppressions?: unknown }[] = json('sarif').runs[0].results;
  t.equal(results.filter(({ suppressions }) => suppressions !== undefined).length, 1);
  t.match(json('cyclonedx-vex'), {
    specVersion: '1.6',
    vulnerabilities: [
      {
        id: 'CVE-2026-1',
        ratings: [{ severity: 'high' }],
        analysis: { state: 'exploitable', response: ['update'] },
        affects: [{ ref: 'pkg:deb/debian/a@1-1?arch=amd64&distro=debian-12' }],
      },
      { analysis: { state: 'exploitable' } },
      {
        analysis: {
          state: 'exploitable',
          response: ['will_not_fix'],
          detail: 'accepted until 2027-01-31: we do not use it',
        },
      },
      { analysis: { state: 'not_affected' } },
    ],
  });
  t.same(await cycloneDxFaults(json('cyclonedx-vex')), []);
  t.match(json('openvex'), {
    '@context': 'https://openvex.dev/ns/v0.2.0',
    statements: [
      { status: 'affected' },
      { status: 'affected' },
      { status: 'affected', action_statement: 'accepted until 2027-01-31: we do not use it' },
      { status: 'not_affected' },
    ],
  });
  t.match(json('in-toto'), {
    predicateType: 'https://in-toto.io/attestation/vulns/v0.2',
    predicate: {
      scanner: {
        db: { lastUpdate: '2026-11-29T00:00:00Z' },
        result: [
          { id: 'CVE-2026-1' },
          { id: 'CVE-2026-2' },
          { id: 'CVE-2026-3', annotations: [{ waived: { reason: 'we do not use it', until: '2027-01-31' } }] },
        ],
      },
    },
  });
});

t.test('our own OpenVEX, read back, waives what a VEX waived and nothing else', async (t) => {
  const ids = ['CVE-2026-1', 'CVE-2026-2', 'CVE-2026-3'];
  const said = openVex(ids.map((id) => ({ id, products: ['pkg:deb/debian/a@1-1'] })));
  for (const [asked, verdict] of [
    [{ waivers: allThree() }, 'fails'],
    [{ feeds: [FEED, { kind: 'openvex', content: said }] }, 'holds'],
  ] as const) {
    const report = await reportOf(asked);
    t.equal(report.judgement.verdict, 'holds');
    const content = rendered(report, 'openvex');
    t.equal((await reportOf({ feeds: [FEED, { kind: 'openvex', content }] })).judgement.verdict, verdict);
    const statuses = new Set(
      JSON.parse(rendered(report, 'cyclonedx-vex')).vulnerabilities.map(
        (one: { affects: { versions: { status: string }[] }[] }) => one.affects[0]?.versions[0]?.status,
      ),
    );
    t.equal(statuses.has('affected'), verdict === 'fails');
  }
});

t.test('scores of CVSS', async (t) => {
  for (const [vector, score, level] of [
    ['CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H', 9.8, 'critical'],
    ['CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H', 10, 'critical'],
    ['CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N', 6.1, 'medium'],
    ['CVSS:3.0/AV:L/AC:H/PR:L/UI:N/S:U/C:H/I:N/A:N', 4.7, 'medium'],
    ['CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H', 7.8, 'high'],
    ['CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N', 0, 'negligible'],
  ] as const)
    t.match(cvssSeverity('CVSS_V3', vector), { score, level, method: vector.slice(0, 8) });
  t.match(cvssSeverity('CVSS_V2', 'AV:N/AC:L/Au:N/C:P/I:P/A:P'), { score: 7.5, level: 'high' });
  t.match(cvssSeverity('CVSS_V4', 'CVSS:4.0/AV:N'), { level: undefined });
  for (const odd of ['CVSS:3.1/AV:X', 'CVSS:3.1/', 'x', 'CVSS:3.1/AV:constructor/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H'])
    t.equal(cvssSeverity('CVSS_V3', odd), undefined, odd);
});

t.test('what counts, on the command line', async (t) => {
  t.throws(() => parseFailOn('hihg'), { code: 'usage.fail-on', hint: /Did you mean high/ });
  t.same(parseFailOn('fixable, high'), { severity: 'high', fixable: true });
});

t.test('a rebuild in one sentence', async (t) => {
  const updates = [UPDATE, { ...UPDATE, name: 'b' }, { ...UPDATE, name: 'c', isSecurity: false }];
  const known = { ...NONE, updates, changelogs: [{ source: 'a', cves: ['CVE-2026-1', 'CVE-2026-2'] }] };
  const made = Date.now();
  const told = { made, ...toldUpdates(known) };
  t.match(told, { updates: [{ name: 'a' }, { name: 'b' }, { name: 'c', isSecurity: false }], cves: { length: 2 } });
  t.match(
    updatesText(told),
    /^updates +a rebuild today takes 2 security updates \(2 CVEs\) and 1 other, compared with the image made/,
  );
  const kept = { asOf: '2026-11-02T00:00:00Z', because: 'the mirror cannot be reached' };
  t.match(
    updatesText({ made, ...toldUpdates({ ...NONE, kept }) }),
    /by the indexes of 2026-11-02, the last that came, a rebuild takes no updates/,
  );
  t.match(updatesText({ made, ...toldUpdates(NONE) }), /a rebuild today takes no updates/);
  t.match(updatesText({ made, unknown: 'nobody answers' }), /is not known: nobody answers/);
});
