/** The rules of the matcher, a row each; most are faults that other scanners had. */
import { gzipSync } from 'node:zlib';
import t from 'tap';
import type { Installed, SystemId } from '../../src/vulns/inventory.ts';
import { DEBIAN, type FeedFile, findingsOf, installed, inventoryOf, shortly } from './feed-folder.ts';
import { csaf, debsecan, nestedCsaf, osv, osvZip, oval, secdb, tracker, updateinfo } from './records.ts';

interface Row {
  readonly name: string;
  readonly feeds: readonly FeedFile[];
  readonly system?: SystemId;
  readonly packages: readonly Installed[];
  readonly found: readonly string[];
}

const UBUNTU: SystemId = { id: 'ubuntu', version: '24.04', codename: 'noble' };
const ALPINE: SystemId = { id: 'alpine', version: '3.21.2' };
const ALMALINUX: SystemId = { id: 'almalinux', version: '9.4' };
const ALMA = { related: ['CVE-2026-1', 'CVE-2026-2'] };
const ROCKY: SystemId = { id: 'rocky', version: '9.4' };
const RHEL: SystemId = { id: 'rhel', version: '9.4', cpe: 'cpe:/o:redhat:enterprise_linux:9::baseos' };

const osvFeed = (...records: readonly Readonly<Record<string, unknown>>[]): FeedFile => ({
  kind: 'osv',
  content: osvZip(records),
});
const trackerFeed = (sources: Parameters<typeof tracker>[0], codename?: string): FeedFile => ({
  kind: 'debian-tracker',
  content: tracker(sources, codename),
});
const debsecanFeed = (...rows: Parameters<typeof debsecan>[0]): FeedFile => ({
  kind: 'debsecan',
  scope: 'bookworm',
  content: debsecan(rows),
});
const updates = (...rows: Parameters<typeof updateinfo>[0]): FeedFile => ({
  kind: 'updateinfo',
  scope: 'rocky:9',
  content: updateinfo(rows),
});
const csafFeed = (...rows: Parameters<typeof csaf>): FeedFile => ({
  kind: 'csaf-vex',
  content: JSON.stringify(csaf(...rows)),
});

const libssl = (version: string, more: Partial<Installed> = {}) =>
  installed('libssl3', version, { source: 'openssl', ...more });
const rpm = (name: string, version: string, more: Partial<Installed> = {}) =>
  installed(name, version, { architecture: 'x86_64', ...more });
const FIXED = [{ introduced: '0' }, { fixed: '2.0-1' }];

const NODE = 'pkg:rpm/redhat/nodejs@18.2-1.module%2Bel9?arch=x86_64&epoch=1';
const MODULE = 'pkg:rpmmod/redhat/nodejs@18:9020020230801083157:rhel9';
const RHEL_9 = 'cpe:/a:redhat:enterprise_linux:9::appstream';
const ALL = 'all:nodejs-1:18.2-1.el9.x86_64';
const FOUND = 'CVE-2026-1 nodejs affected 1:18.2-1.module+el9';

/** A package in a module on a platform, in the ways in which documents say so, and in ways that lead nowhere. */
const NESTED: readonly (readonly [string, Parameters<typeof nestedCsaf>[0], readonly string[]])[] = [
  [
    'a package of what is a module of a platform',
    [
      [ALL, NODE, 'part'],
      ['part', MODULE, RHEL_9],
    ],
    [FOUND],
  ],
  [
    'what is a package of a module, of a platform',
    [
      ['part', NODE, MODULE],
      [ALL, 'part', RHEL_9],
    ],
    [FOUND],
  ],
  ['a package of nothing', [[ALL, NODE, 'nowhere']], ['CVE-2026-1 nodejs unsure']],
  ['a package that is nowhere told of', [], ['CVE-2026-1 nodejs unsure']],
  [
    'relationships in a circle',
    [
      [ALL, 'part', RHEL_9],
      ['part', ALL, RHEL_9],
    ],
    ['CVE-2026-1 nodejs unsure'],
  ],
];

const ROWS: readonly Row[] = [
  {
    name: 'the source counts, not the name of the package',
    feeds: [
      trackerFeed({ openssl: { 'CVE-2026-1': { status: 'resolved', fixed_version: '3.0.12-1', urgency: 'high' } } }),
    ],
    packages: [libssl('3.0.11-1', { sourceVersion: '3.0.11-1' })],
    found: ['CVE-2026-1 openssl affected 3.0.12-1'],
  },
  {
    name: 'a package of the name of another source is not that source',
    feeds: [trackerFeed({ libssl3: { 'CVE-2026-1': { status: 'open', urgency: 'high' } } })],
    packages: [libssl('3.0.11-1')],
    found: [],
  },
  {
    name: 'the version of the source counts where it differs from the package’s',
    feeds: [trackerFeed({ gcc: { 'CVE-2026-1': { status: 'resolved', fixed_version: '12.2.0-14', urgency: 'low' } } })],
    packages: [installed('cpp', '4:12.2.0-3', { source: 'gcc', sourceVersion: '12.2.0-3' })],
    found: ['CVE-2026-1 gcc affected 12.2.0-14'],
  },
  {
    name: 'a rebuild without changes is no newer source',
    feeds: [trackerFeed({ bash: { 'CVE-2026-1': { status: 'resolved', fixed_version: '5.2.15-2', urgency: 'low' } } })],
    packages: [installed('bash', '5.2.15-2+b7', { sourceVersion: '5.2.15-2+b7' })],
    found: [],
  },
  {
    name: 'a rebuild of what is affected is still affected',
    feeds: [trackerFeed({ bash: { 'CVE-2026-1': { status: 'resolved', fixed_version: '5.2.15-3', urgency: 'low' } } })],
    packages: [installed('bash', '5.2.15-2+b7', { sourceVersion: '5.2.15-2' })],
    found: ['CVE-2026-1 bash affected 5.2.15-3'],
  },
  {
    name: 'an epoch makes a version newer than any without (1:5.0.20 and 2.2)',
    feeds: [trackerFeed({ redis: { 'CVE-2026-1': { status: 'resolved', fixed_version: '2.2', urgency: 'low' } } })],
    packages: [installed('redis', '1:5.0.20')],
    found: [],
  },
  {
    name: 'an epoch in the fix makes it newer than any without (2:9.0 and 8.3.2)',
    feeds: [trackerFeed({ vim: { 'CVE-2026-1': { status: 'resolved', fixed_version: '2:9.0', urgency: 'low' } } })],
    packages: [installed('vim', '8.3.2')],
    found: ['CVE-2026-1 vim affected 2:9.0'],
  },
  {
    name: 'a missing epoch is zero on both sides',
    feeds: [osvFeed(osv('CVE-2026-1', 'a', [{ introduced: '0' }, { fixed: '0:1.0-1' }]))],
    packages: [installed('a', '1.0-1')],
    found: [],
  },
  {
    name: 'a tilde sorts before the end',
    feeds: [trackerFeed({ a: { 'CVE-2026-1': { status: 'resolved', fixed_version: '1.0-1', urgency: 'low' } } })],
    packages: [installed('a', '1.0~rc1-1')],
    found: ['CVE-2026-1 a affected 1.0-1'],
  },
  {
    name: 'the installed fix of a stable release is newer than what it fixes',
    feeds: [
      trackerFeed({ a: { 'CVE-2026-1': { status: 'resolved', fixed_version: '1.0-1+deb12u2', urgency: 'low' } } }),
    ],
    packages: [installed('a', '1.0-1+deb12u3')],
    found: [],
  },
  {
    name: 'numbers of any length',
    feeds: [
      trackerFeed({
        a: { 'CVE-2026-1': { status: 'resolved', fixed_version: '1.18446744073709551617', urgency: 'low' } },
      }),
    ],
    packages: [installed('a', '1.18446744073709551616')],
    found: ['CVE-2026-1 a affected 1.18446744073709551617'],
  },
  {
    name: 'fixed_version 0: this release never had it',
    feeds: [trackerFeed({ a: { 'CVE-2026-1': { status: 'resolved', fixed_version: '0', urgency: 'low' } } })],
    packages: [installed('a', '1.0-1')],
    found: ['CVE-2026-1 a not-affected'],
  },
  {
    name: 'undetermined is neither affected nor clean',
    feeds: [trackerFeed({ a: { 'CVE-2026-1': { status: 'undetermined', urgency: 'not yet assigned' } } })],
    packages: [installed('a', '1.0-1')],
    found: ['CVE-2026-1 a unsure'],
  },
  {
    name: 'what the tracker says of another release is not about this one',
    feeds: [trackerFeed({ a: { 'CVE-2026-1': { status: 'open', urgency: 'low' } } }, 'trixie')],
    packages: [installed('a', '1.0-1')],
    found: [],
  },
  {
    name: 'a release under the name of a method of objects',
    feeds: [trackerFeed({ constructor: { 'CVE-2026-1': { status: 'open', urgency: 'low' } } })],
    packages: [installed('constructor', '1.0-1')],
    found: ['CVE-2026-1 constructor affected'],
  },
  {
    name: 'a source whose name is escaped',
    feeds: [
      {
        kind: 'debian-tracker',
        content: tracker({ 'libsigc++': { 'CVE-2026-1': { status: 'open' } } }).replace('libsigc++', 'libsigc\\u002b+'),
      },
    ],
    packages: [installed('x', '1.0-1', { source: 'libsigc++' })],
    found: ['CVE-2026-1 libsigc++ affected'],
  },
  {
    name: 'the tracker is the truth where OSV differs',
    feeds: [
      osvFeed(osv('DEBIAN-CVE-2026-1', 'a', FIXED, { upstream: ['CVE-2026-1'] })),
      trackerFeed({ a: { 'CVE-2026-1': { status: 'resolved', fixed_version: '0' } } }),
    ],
    packages: [installed('a', '1.0-1')],
    found: ['CVE-2026-1 a not-affected'],
  },
  {
    name: 'signed kernels are linux, in its version',
    feeds: [
      trackerFeed({ linux: { 'CVE-2026-1': { status: 'resolved', fixed_version: '6.1.192-1', urgency: 'high' } } }),
    ],
    packages: [
      installed('linux-image-6.1.0-50-amd64', '6.1.176-1', {
        source: 'linux-signed-amd64',
        sourceVersion: '6.1.176+1',
      }),
    ],
    found: ['CVE-2026-1 linux affected 6.1.192-1'],
  },
  {
    name: 'a signed kernel with the fix',
    feeds: [
      trackerFeed({ linux: { 'CVE-2026-1': { status: 'resolved', fixed_version: '6.1.192-3', urgency: 'high' } } }),
    ],
    packages: [
      installed('linux-image-amd64', '6.1.192-3', { source: 'linux-signed-amd64', sourceVersion: '6.1.192+3' }),
    ],
    found: [],
  },
  {
    name: 'an old kernel that was left in the image counts for itself',
    feeds: [
      trackerFeed({ linux: { 'CVE-2026-1': { status: 'resolved', fixed_version: '6.1.192-1', urgency: 'high' } } }),
    ],
    packages: [
      installed('linux-image-6.1.0-50-amd64', '6.1.176-1', {
        source: 'linux-signed-amd64',
        sourceVersion: '6.1.176+1',
      }),
      installed('linux-image-6.1.0-57-amd64', '6.1.192-3', {
        source: 'linux-signed-amd64',
        sourceVersion: '6.1.192+3',
      }),
    ],
    found: ['CVE-2026-1 linux affected 6.1.192-1'],
  },
  {
    name: 'signed GRUB is grub2',
    feeds: [trackerFeed({ grub2: { 'CVE-2026-1': { status: 'resolved', fixed_version: '2.06-13+deb12u2' } } })],
    packages: [installed('grub-efi-amd64-signed', '1+2.06+13+deb12u1', { sourceVersion: '1+2.06+13+deb12u1' })],
    found: ['CVE-2026-1 grub2 affected 2.06-13+deb12u2'],
  },
  {
    name: 'signed shim is shim, in the version that its package has',
    feeds: [trackerFeed({ shim: { 'CVE-2026-1': { status: 'resolved', fixed_version: '16.1-2~deb12u1' } } })],
    packages: [installed('shim-signed', '1.44~1+deb12u1+15.8-1~deb12u1', { sourceVersion: '1.44~1+deb12u1' })],
    found: ['CVE-2026-1 shim affected 16.1-2~deb12u1'],
  },
  {
    name: 'signed fwupd is fwupd-efi',
    feeds: [trackerFeed({ 'fwupd-efi': { 'CVE-2026-1': { status: 'resolved', fixed_version: '1:1.4-1' } } })],
    packages: [installed('fwupd-amd64-signed', '1:1.4+1', { sourceVersion: '1:1.4+1' })],
    found: [],
  },
  {
    name: 'what is not the vendor’s is not judged by its feed',
    feeds: [trackerFeed({ a: { 'CVE-2026-1': { status: 'open' } } })],
    packages: [installed('a', '9.9-1own1', { origin: 'third-party' })],
    found: [],
  },
  {
    name: 'withdrawn records say nothing',
    feeds: [osvFeed(osv('CVE-2026-1', 'a', FIXED, { withdrawn: '2026-11-02T00:00:00Z' }))],
    packages: [installed('a', '1.0-1')],
    found: [],
  },
  {
    name: 'introduced 0 is from the beginning',
    feeds: [osvFeed(osv('CVE-2026-1', 'a', FIXED))],
    packages: [installed('a', '0~~1-1')],
    found: ['CVE-2026-1 a affected 2.0-1'],
  },
  {
    name: 'before it was introduced',
    feeds: [osvFeed(osv('CVE-2026-1', 'a', [{ introduced: '1.5-1' }, { fixed: '2.0-1' }]))],
    packages: [installed('a', '1.0-1')],
    found: [],
  },
  {
    name: 'last_affected is affected',
    feeds: [osvFeed(osv('CVE-2026-1', 'a', [{ introduced: '0' }, { last_affected: '1.0-1' }]))],
    packages: [installed('a', '1.0-1')],
    found: ['CVE-2026-1 a affected'],
  },
  {
    name: 'after last_affected',
    feeds: [osvFeed(osv('CVE-2026-1', 'a', [{ introduced: '0' }, { last_affected: '1.0-1' }]))],
    packages: [installed('a', '1.0-2')],
    found: [],
  },
  {
    name: 'events in any order',
    feeds: [
      osvFeed(
        osv('CVE-2026-1', 'a', [{ fixed: '3.0-1' }, { introduced: '2.0-1' }, { fixed: '1.0-1' }, { introduced: '0' }]),
      ),
    ],
    packages: [installed('a', '2.5-1')],
    found: ['CVE-2026-1 a affected 3.0-1'],
  },
  {
    name: 'between two ranges',
    feeds: [
      osvFeed(
        osv('CVE-2026-1', 'a', [{ introduced: '0' }, { fixed: '1.0-1' }, { introduced: '2.0-1' }, { fixed: '3.0-1' }]),
      ),
    ],
    packages: [installed('a', '1.5-1')],
    found: [],
  },
  {
    name: 'a limit ends the range',
    feeds: [osvFeed(osv('CVE-2026-1', 'a', [{ introduced: '0' }, { limit: '2.0-1' }]))],
    packages: [installed('a', '2.0-1')],
    found: [],
  },
  {
    name: 'listed versions count beside ranges',
    feeds: [osvFeed(osv('CVE-2026-1', 'a', FIXED, {}, { versions: ['2.5-1'] }))],
    packages: [installed('a', '2.5-1')],
    found: ['CVE-2026-1 a affected'],
  },
  {
    name: 'a record without versions cannot be judged',
    feeds: [osvFeed(osv('CVE-2026-1', 'a', [], {}, { ranges: [] }))],
    packages: [installed('a', '2.5-1')],
    found: ['CVE-2026-1 a unsure'],
  },
  {
    name: 'a range of commits says nothing of versions',
    feeds: [osvFeed(osv('CVE-2026-1', 'a', [], {}, { ranges: [{ type: 'GIT', events: [{ introduced: '0' }] }] }))],
    packages: [installed('a', '2.5-1')],
    found: ['CVE-2026-1 a unsure'],
  },
  {
    name: 'a version that is none makes the record worthless, not the image clean',
    feeds: [osvFeed(osv('CVE-2026-1', 'a', [{ introduced: '0' }, { fixed: 'soon' }]))],
    packages: [installed('a', '2.5-1')],
    found: ['CVE-2026-1 a unsure'],
  },
  {
    name: 'another release of the same vendor, and the vendor without a release',
    feeds: [
      osvFeed(
        osv('CVE-2026-1', 'a', FIXED, {}, {}, 'Debian:13'),
        osv('CVE-2026-2', 'a', FIXED, {}, {}, 'Debian'),
        osv('CVE-2026-3', 'a', FIXED, {}, {}, 'Debian:1'),
      ),
    ],
    packages: [installed('a', '1.0-1')],
    found: [],
  },
  {
    name: 'another vendor’s record of the same name',
    feeds: [
      osvFeed(osv('CVE-2026-1', 'a', FIXED, {}, {}, 'Ubuntu:24.04:LTS'), osv('CVE-2026-2', 'a', FIXED, {}, {}, 'npm')),
    ],
    packages: [installed('a', '1.0-1')],
    found: [],
  },
  {
    name: 'DEBIAN-CVE and CVE are one finding',
    feeds: [osvFeed(osv('DEBIAN-CVE-2026-1', 'a', FIXED, { upstream: ['CVE-2026-1'] }), osv('CVE-2026-1', 'a', FIXED))],
    packages: [installed('a', '1.0-1')],
    found: ['CVE-2026-1 a affected 2.0-1'],
  },
  {
    name: 'an advisory tells of each of its CVEs',
    feeds: [osvFeed(osv('DSA-1-1', 'a', FIXED, { upstream: ['CVE-2026-1', 'CVE-2026-2'] }))],
    packages: [installed('a', '1.0-1')],
    found: ['CVE-2026-1 a affected 2.0-1', 'CVE-2026-2 a affected 2.0-1'],
  },
  {
    name: 'a record about one CVE is more exact than the advisory',
    feeds: [
      osvFeed(
        osv('DSA-1-1', 'a', FIXED, { upstream: ['CVE-2026-1', 'CVE-2026-2'] }),
        osv('DEBIAN-CVE-2026-2', 'a', [{ introduced: '1.5-1' }, { fixed: '2.0-1' }], { upstream: ['CVE-2026-2'] }),
      ),
    ],
    packages: [installed('a', '1.0-1')],
    found: ['CVE-2026-1 a affected 2.0-1'],
  },
  {
    name: 'a GHSA that is an alias of a CVE elsewhere is that CVE',
    feeds: [osvFeed(osv('GHSA-xxxx', 'a', FIXED), osv('CVE-2026-1', 'a', FIXED, { aliases: ['GHSA-xxxx'] }))],
    packages: [installed('a', '1.0-1')],
    found: ['CVE-2026-1 a affected 2.0-1'],
  },
  {
    name: 'a name that is escaped in the record',
    feeds: [
      {
        kind: 'osv',
        content: JSON.stringify(osv('CVE-2026-1', 'libsigc++', FIXED)).replace('libsigc++', 'libsigc\\u002b+'),
      },
    ],
    packages: [installed('libsigc++', '1.0-1')],
    found: ['CVE-2026-1 libsigc++ affected 2.0-1'],
  },
  {
    name: 'Ubuntu’s LTS is part of the name; Pro is for others',
    feeds: [
      osvFeed(
        osv('UBUNTU-CVE-2026-1', 'a', FIXED, { upstream: ['CVE-2026-1'] }, {}, 'Ubuntu:24.04:LTS'),
        osv('UBUNTU-CVE-2026-2', 'a', FIXED, { upstream: ['CVE-2026-2'] }, {}, 'Ubuntu:Pro:24.04:LTS'),
      ),
    ],
    system: UBUNTU,
    packages: [installed('a', '1.0-1')],
    found: ['CVE-2026-1 a affected 2.0-1'],
  },
  {
    name: 'AlmaLinux: by package, with the CVEs that are related',
    feeds: [
      osvFeed(
        osv('ALSA-2026:1', 'openssl-libs', [{ introduced: '0' }, { fixed: '1:3.0.7-27.el9' }], ALMA, {}, 'AlmaLinux:9'),
        osv('ALSA-2026:2', 'openssl', [{ introduced: '0' }, { fixed: '1:3.0.7-27.el9' }], {}, {}, 'AlmaLinux:9'),
        osv('ALBA-2026:3', 'openssl-libs', [{ introduced: '0' }, { fixed: '1:3.0.7-30.el9' }], {}, {}, 'AlmaLinux:9'),
      ),
    ],
    system: ALMALINUX,
    packages: [rpm('openssl-libs', '1:3.0.7-24.el9', { source: 'openssl', sourceVersion: '1:3.0.7-24.el9' })],
    found: ['CVE-2026-1 openssl affected 1:3.0.7-27.el9', 'CVE-2026-2 openssl affected 1:3.0.7-27.el9'],
  },
  {
    name: 'AlmaLinux: the version of the package counts, not that of its source',
    feeds: [osvFeed(osv('ALSA-2026:1', 'a', [{ introduced: '0' }, { fixed: '5-1' }], ALMA, {}, 'AlmaLinux:9'))],
    system: ALMALINUX,
    packages: [rpm('a', '6-1', { sourceVersion: '1-1' })],
    found: [],
  },
  {
    name: 'AlmaLinux: of a module that the title names, of another, and of one that nobody names',
    feeds: [
      osvFeed(
        ...['nodejs:20 security update', 'nodejs:18 security update', 'nodejs security update'].map((title, nth) =>
          osv(
            `ALSA-2026:${nth}`,
            'nodejs',
            [{ introduced: '0' }, { fixed: '1:20.9-1.module_el9.4.0+1+a' }],
            { summary: `Important: ${title}`, related: [`CVE-2026-${nth}`] },
            {},
            'AlmaLinux:9',
          ),
        ),
      ),
    ],
    system: ALMALINUX,
    packages: [rpm('nodejs', '1:20.1-1.module_el9.3.0+1+a', { module: 'nodejs:20' })],
    found: ['CVE-2026-0 nodejs affected 1:20.9-1.module_el9.4.0+1+a', 'CVE-2026-2 nodejs unsure'],
  },
  {
    name: 'what is related elsewhere is another vulnerability',
    feeds: [osvFeed(osv('CVE-2026-1', 'a', FIXED, { related: ['CVE-2026-2'] }))],
    packages: [installed('a', '1.0-1')],
    found: ['CVE-2026-1 a affected 2.0-1'],
  },
  {
    name: 'OVAL: every package of the variable, older than the state',
    feeds: [
      {
        kind: 'ubuntu-oval',
        content: oval([{ cve: 'CVE-2026-1', packages: ['libssl3', 'openssl'], fixed: '3.0.13-0ubuntu3.1' }]),
      },
    ],
    system: UBUNTU,
    packages: [libssl('3.0.13-0ubuntu3'), installed('openssl', '3.0.13-0ubuntu3.1', { source: 'openssl' })],
    found: ['CVE-2026-1 openssl affected 3.0.13-0ubuntu3.1'],
  },
  {
    name: 'OVAL: a test without a version is open; a negated one is none',
    feeds: [
      {
        kind: 'ubuntu-oval',
        content: oval([
          { cve: 'CVE-2026-1', packages: ['a'] },
          { cve: 'CVE-2026-2', packages: ['a'], negate: true },
        ]),
      },
    ],
    system: UBUNTU,
    packages: [installed('a', '1')],
    found: ['CVE-2026-1 a affected'],
  },
  {
    name: 'OVAL of another release',
    feeds: [{ kind: 'ubuntu-oval', content: oval([{ cve: 'CVE-2026-1', packages: ['a'] }], 'Ubuntu 22.04 LTS') }],
    system: UBUNTU,
    packages: [installed('a', '1')],
    found: [],
  },
  {
    name: 'debsecan: the fixed versions of other suites',
    feeds: [debsecanFeed(['CVE-2026-1', 'a', 'SH F', '2.0-1', '1.0-1+deb12u1 1.0-1+deb12u2'])],
    packages: [installed('a', '1.0-1+deb12u2')],
    found: [],
  },
  {
    name: 'debsecan: older than unstable’s, and not among the fixed',
    feeds: [debsecanFeed(['CVE-2026-1', 'a', 'SHRF', '2.0-1', '1.0-1+deb12u2'])],
    packages: [installed('a', '1.0-1+deb12u1')],
    found: ['CVE-2026-1 a affected 1.0-1+deb12u2'],
  },
  {
    name: 'debsecan: no version of unstable has the fix',
    feeds: [debsecanFeed(['CVE-2026-1', 'a', 'SM  ', '', ''])],
    packages: [installed('a', '1:9-1')],
    found: ['CVE-2026-1 a affected'],
  },
  {
    name: 'debsecan: a binary package by its own version',
    feeds: [debsecanFeed(['CVE-2026-1', 'libssl3', 'BL  ', '3.0.12-1', ''])],
    packages: [libssl('3.0.11-1')],
    found: ['CVE-2026-1 openssl affected 3.0.12-1'],
  },
  {
    name: 'updateinfo: by package and its own version, epoch included',
    feeds: [
      updates({ id: 'RLSA-1', cves: ['CVE-2026-1'], packages: [['openssl-libs', '1', '3.0.7', '27.el9', 'x86_64']] }),
    ],
    system: ROCKY,
    packages: [rpm('openssl-libs', '1:3.0.7-24.el9', { source: 'openssl' }), rpm('bash', '5.1-1.el9')],
    found: ['CVE-2026-1 openssl affected 1:3.0.7-27.el9'],
  },
  {
    name: 'updateinfo: installed as fixed, with and without its epoch of zero',
    feeds: [updates({ id: 'RLSA-1', cves: ['CVE-2026-1'], packages: [['a', '0', '1.0', '2.el9', 'x86_64']] })],
    system: ROCKY,
    packages: [rpm('a', '1.0-2.el9')],
    found: [],
  },
  {
    name: 'updateinfo: a caret is newer than the end, a tilde older',
    feeds: [
      updates({
        id: 'RLSA-1',
        cves: ['CVE-2026-1'],
        packages: [
          ['a', '0', '1.0', '1.el9', 'x86_64'],
          ['b', '0', '1.0', '1.el9', 'x86_64'],
        ],
      }),
    ],
    system: ROCKY,
    packages: [rpm('a', '1.0^git1-1.el9'), rpm('b', '1.0~rc1-1.el9')],
    found: ['CVE-2026-1 b affected 0:1.0-1.el9'],
  },
  {
    name: 'updateinfo: other architectures, sources and bug fixes are not meant; noarch is',
    feeds: [
      updates(
        {
          id: 'RLSA-1',
          cves: ['CVE-2026-1'],
          packages: [
            ['a', '0', '2', '1', 'aarch64'],
            ['a', '0', '2', '1', 'src'],
          ],
        },
        { id: 'RLBA-2', type: 'bugfix', cves: ['CVE-2026-2'], packages: [['a', '0', '2', '1', 'x86_64']] },
        { id: 'RLSA-3', packages: [['a', '0', '2', '1', 'noarch']] },
      ),
    ],
    system: ROCKY,
    packages: [rpm('a', '1-1')],
    found: ['RLSA-3 a affected 0:2-1'],
  },
  {
    name: 'updateinfo: a module’s packages are meant by that module and stream alone',
    feeds: [
      updates({
        id: 'RLSA-1',
        cves: ['CVE-2026-1'],
        module: ['nodejs', '20'],
        packages: [['nodejs', '1', '20.9', '1.module+el9', 'x86_64']],
      }),
    ],
    system: ROCKY,
    packages: [rpm('nodejs', '1:20.1-1.module+el9', { module: 'nodejs:18' })],
    found: [],
  },
  {
    name: 'updateinfo: of the module and stream',
    feeds: [
      updates({
        id: 'RLSA-1',
        cves: ['CVE-2026-1'],
        module: ['nodejs', '20'],
        packages: [['nodejs', '1', '20.9', '1.module+el9', 'x86_64']],
      }),
    ],
    system: ROCKY,
    packages: [rpm('nodejs', '1:20.1-1.module+el9', { module: 'nodejs:20' })],
    found: ['CVE-2026-1 nodejs affected 1:20.9-1.module+el9'],
  },
  {
    name: 'updateinfo: of a module that nobody has named',
    feeds: [
      updates({
        id: 'RLSA-1',
        cves: ['CVE-2026-1'],
        module: ['nodejs', '20'],
        packages: [['nodejs', '1', '20.9', '1.module+el9', 'x86_64']],
      }),
    ],
    system: ROCKY,
    packages: [rpm('nodejs', '1:20.1-1.module+el9')],
    found: ['CVE-2026-1 nodejs unsure'],
  },
  {
    name: 'updateinfo of another system’s repository',
    feeds: [
      {
        kind: 'updateinfo',
        scope: 'almalinux:9',
        content: updateinfo([{ id: 'X', packages: [['a', '0', '2', '1', 'x86_64']] }]),
      },
    ],
    system: ROCKY,
    packages: [rpm('a', '1-1')],
    found: [],
  },
  {
    name: 'CSAF: fixed in the version of the package',
    feeds: [
      csafFeed({
        cve: 'CVE-2026-1',
        status: 'fixed',
        component: 'pkg:rpm/redhat/openssl-libs@3.0.7-27.el9?arch=x86_64&epoch=1',
      }),
    ],
    system: RHEL,
    packages: [rpm('openssl-libs', '1:3.0.7-24.el9', { source: 'openssl' })],
    found: ['CVE-2026-1 openssl affected 1:3.0.7-27.el9'],
  },
  {
    name: 'CSAF: a component without a version is open, by its source',
    feeds: [
      csafFeed({
        cve: 'CVE-2026-1',
        status: 'known_affected',
        component: 'openssl',
        cpe: 'cpe:/o:redhat:enterprise_linux:9',
      }),
    ],
    system: RHEL,
    packages: [rpm('openssl-libs', '1:3.0.7-24.el9', { source: 'openssl' })],
    found: ['CVE-2026-1 openssl affected'],
  },
  {
    name: 'CSAF: not affected, and not yet known',
    feeds: [
      csafFeed({ cve: 'CVE-2026-1', status: 'known_not_affected', component: 'openssl' }),
      csafFeed({ cve: 'CVE-2026-2', status: 'under_investigation', component: 'openssl' }),
    ],
    system: RHEL,
    packages: [rpm('openssl-libs', '1:3.0.7-24.el9', { source: 'openssl' })],
    found: ['CVE-2026-1 openssl not-affected', 'CVE-2026-2 openssl unsure'],
  },
  {
    name: 'CSAF: of another major release, or a stream with longer support',
    feeds: [
      csafFeed({
        cve: 'CVE-2026-1',
        status: 'known_affected',
        component: 'openssl',
        cpe: 'cpe:/o:redhat:enterprise_linux:8',
      }),
      csafFeed({
        cve: 'CVE-2026-2',
        status: 'known_affected',
        component: 'openssl',
        cpe: 'cpe:/o:redhat:rhel_eus:9.2::baseos',
      }),
    ],
    system: RHEL,
    packages: [rpm('openssl-libs', '1:3.0.7-24.el9', { source: 'openssl' })],
    found: [],
  },
  ...NESTED.map(
    ([name, relationships, found]): Row => ({
      name: `CSAF: ${name}`,
      feeds: [
        {
          kind: 'csaf-vex',
          content: JSON.stringify(nestedCsaf(relationships, [NODE, MODULE, RHEL_9], { fixed: [ALL] })),
        },
      ],
      system: RHEL,
      packages: [rpm('nodejs', '1:18.1-1.module+el9', { module: 'nodejs:18' })],
      found,
    }),
  ),
  {
    name: 'secdb: by origin, and 0 is never',
    feeds: [{ kind: 'secdb', content: secdb({ openssl: { '3.3.2-r1': ['CVE-2026-1 GHSA-x'], '0': ['CVE-2026-2'] } }) }],
    system: ALPINE,
    packages: [installed('libcrypto3', '3.3.2-r0', { source: 'openssl' })],
    found: ['CVE-2026-1 openssl affected 3.3.2-r1', 'CVE-2026-2 openssl not-affected'],
  },
  {
    name: 'secdb: _rc is before, _p after; packed with gzip',
    feeds: [
      { kind: 'secdb', content: gzipSync(secdb({ a: { '1.0-r0': ['CVE-2026-1'] }, b: { '1.0-r0': ['CVE-2026-2'] } })) },
    ],
    system: ALPINE,
    packages: [installed('a', '1.0_rc1-r5'), installed('b', '1.0_p1-r0')],
    found: ['CVE-2026-1 a affected 1.0-r0'],
  },
  {
    name: 'secdb of another release',
    feeds: [{ kind: 'secdb', content: secdb({ a: { '2-r0': ['CVE-2026-1'] } }, 'v3.20') }],
    system: ALPINE,
    packages: [installed('a', '1-r0')],
    found: [],
  },
];

for (const { name, feeds, system = DEBIAN, packages, found } of ROWS)
  t.test(name, async (t) => {
    t.same(shortly(await findingsOf(feeds, inventoryOf(system, packages))), found);
  });

t.test('fixes that only subscribers get are not fixable', async (t) => {
  const feed: FeedFile = {
    kind: 'ubuntu-oval',
    content: oval([{ cve: 'CVE-2026-1', packages: ['a'], fixed: '1.2-3ubuntu0.1~esm1' }]),
  };
  const [finding] = await findingsOf([feed], inventoryOf(UBUNTU, [installed('a', '1.2-3')]));
  t.match(finding, { isFixable: false, notes: ['the fix is in Ubuntu Pro alone'] });
});

t.test('severities keep their method, and the vendor’s counts', async (t) => {
  const vector = 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H';
  const scored = osv('CVE-2026-1', 'a', FIXED, { severity: [{ type: 'CVSS_V3', score: vector }] });
  const [byScore] = await findingsOf([osvFeed(scored)], inventoryOf(DEBIAN, [installed('a', '1.0-1')]));
  t.match(byScore?.severity, { level: 'critical', method: 'CVSS:3.1', score: 9.8, said: vector });
  const feeds = [osvFeed(scored), trackerFeed({ a: { 'CVE-2026-1': { status: 'open', urgency: 'low' } } })];
  const [byVendor] = await findingsOf(feeds, inventoryOf(DEBIAN, [installed('a', '1.0-1')]));
  t.match(byVendor, { severity: { level: 'low', method: 'vendor: Debian urgency' }, feeds: ['osv', 'debian-tracker'] });
});

t.test('Debian’s own words are shown', async (t) => {
  const sources = {
    a: { 'CVE-2026-1': { status: 'open', urgency: 'unimportant', nodsa: 'Minor issue', nodsa_reason: 'ignored' } },
  };
  const [finding] = await findingsOf([trackerFeed(sources)], inventoryOf(DEBIAN, [installed('a', '1')]));
  t.match(finding, {
    severity: { level: 'negligible' },
    notes: ['unimportant', 'ignored, no DSA', 'Minor issue'],
    isFixable: false,
  });
});
