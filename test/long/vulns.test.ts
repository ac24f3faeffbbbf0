/**
 * The same facts as a feed of debsecan, as the tracker's JSON and as OSV: what is found in the same packages is the same, and what
 * debsecan itself finds. In each round 50 sources; 1,000 cases of a source, a version and what is known of it in all.
 */
import t from 'tap';
import { compareVersions } from '../../src/formats/packages/versions/versions.ts';
import { temporaryFolder } from '../../src/host/files.ts';
import type { Finding } from '../../src/vulns/finding.ts';
import type { Installed } from '../../src/vulns/inventory.ts';
import { randomOf } from '../formats/version-pairs.ts';
import { debsecanFinds } from '../vulns/debsecan-oracle.ts';
import { DEBIAN, findingsOf, installed, inventoryOf } from '../vulns/feed-folder.ts';
import { debsecan, osv, osvZip, tracker } from '../vulns/records.ts';

const ROUNDS = 20;
const SOURCES = 50;

/** Of one source: an upstream version with revisions, oldest first; unstable's is the last. */
const versionsOf = (random: (below: number) => number): string[] => {
  const epoch = ['', '', '1:', '2:'][random(4)] ?? '';
  const upstream = `${random(3)}.${random(20)}${['', '~rc1', '+dfsg', 'a', '.99999999999999999999'][random(5)]}`;
  const row = ['-1~deb12u1', '-1', '-1+deb12u1', '-1+deb12u2', '-1+deb12u10', '-2', '-10'].map(
    (revision) => `${epoch}${upstream}${revision}`,
  );
  return row.toSorted((one, other) => compareVersions('dpkg', one, other));
};

interface Case {
  readonly source: string;
  readonly cve: string;
  readonly packages: readonly Installed[];
  /** First version with the fix; undefined: none has it; `0`: never affected. */
  readonly fixed: string | undefined;
  readonly versions: readonly string[];
}

const caseOf = (nth: number, random: (below: number) => number): Case => {
  const versions = versionsOf(random);
  const at = versions[random(versions.length)] ?? '1';
  const source = `source${nth}`;
  const rebuilt = random(3) === 0 ? `${at}+b${1 + random(9)}` : at;
  const names = [source, `lib${nth}`].slice(0, 1 + random(2));
  const kind = random(10);
  return {
    source,
    cve: `CVE-2026-${10_000 + nth}`,
    packages: names.map((name) => installed(name, rebuilt, { source, sourceVersion: at })),
    fixed: kind === 0 ? undefined : kind === 1 ? '0' : versions[random(versions.length)],
    versions,
  };
};

/** debsecan knows what has the fix, version by version: those that are not older than the first one. */
const asDebsecan = (cases: readonly Case[]): Buffer =>
  debsecan(
    cases.flatMap(({ source, cve, fixed, versions }): Parameters<typeof debsecan>[0] => {
      if (fixed === '0') return [];
      if (fixed === undefined) return [[cve, source, 'SM  ', '', '']];
      const having = versions.filter((one) => compareVersions('dpkg', one, fixed) >= 0);
      return [[cve, source, 'SM F', having.at(-1) ?? '', having.slice(0, -1).join(' ')]];
    }),
  );

const asTracker = (cases: readonly Case[]): string =>
  tracker(
    Object.fromEntries(
      cases.map(({ source, cve, fixed }) => [
        source,
        {
          [cve]:
            fixed === undefined
              ? { status: 'open', urgency: 'medium' }
              : { status: 'resolved', fixed_version: fixed, urgency: 'medium' },
        },
      ]),
    ),
  );

const asOsv = (cases: readonly Case[]): Buffer =>
  osvZip(
    cases.flatMap(({ source, cve, fixed }) =>
      fixed === '0'
        ? []
        : [
            osv(`DEBIAN-${cve}`, source, [{ introduced: '0' }, ...(fixed === undefined ? [] : [{ fixed }])], {
              upstream: [cve],
            }),
          ],
    ),
  );

const lines = (findings: readonly Finding[]): string[] =>
  findings
    .flatMap(({ id, state, packages }) => (state === 'affected' ? packages.map(({ name }) => `${id} ${name}`) : []))
    .sort();

t.test('1,000 random cases, four ways', { timeout: 600_000 }, async (t) => {
  let [compared, affected] = [0, 0];
  for (let round = 0; round < ROUNDS; round++) {
    const random = randomOf(7000 + round);
    const cases = Array.from({ length: SOURCES }, (_, nth) => caseOf(round * SOURCES + nth, random));
    const packages = cases.flatMap((one) => one.packages);
    const inventory = inventoryOf(DEBIAN, packages);
    await using folder = await temporaryFolder();
    const oracle = await debsecanFinds(folder.path, asDebsecan(cases), packages);
    const ours = {
      debsecan: lines(
        await findingsOf([{ kind: 'debsecan', scope: 'bookworm', content: asDebsecan(cases) }], inventory),
      ),
      tracker: lines(await findingsOf([{ kind: 'debian-tracker', content: asTracker(cases) }], inventory)),
      osv: lines(await findingsOf([{ kind: 'osv', content: asOsv(cases) }], inventory)),
    };
    for (const [name, found] of Object.entries(ours)) t.same(found, oracle, `${name}, round ${round}`);
    compared += cases.length;
    affected += oracle.length;
  }
  t.equal(compared, 1000);
  t.ok(affected > 300 && affected < 1500, `${affected} affected`);
});
