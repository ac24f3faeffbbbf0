import t from 'tap';
import { compareVersions, isVersion, type VersionScheme } from '../../src/formats/packages/versions/versions.ts';
import { aptOrders, dpkgProgramOrders, type Pair, randomPairs, rpmOrders } from './version-pairs.ts';

const SEED = 20261130;
const COUNT = 100_000;

const differing = (scheme: VersionScheme, pairs: readonly Pair[], orders: readonly number[]) =>
  pairs.flatMap(([one, other], at) => {
    const [ours, theirs] = [compareVersions(scheme, one, other), orders[at]];
    return ours === theirs && compareVersions(scheme, other, one) === -ours + 0 ? [] : [{ one, other, ours, theirs }];
  });

t.test("dpkg's order", async (t) => {
  const pairs = randomPairs('dpkg', COUNT, SEED).filter((pair) => pair.every((one) => isVersion('dpkg', one)));
  t.ok(pairs.length > 0.9 * COUNT, String(pairs.length));
  const orders = await aptOrders(pairs);
  t.equal(orders.length, pairs.length);
  t.same(differing('dpkg', pairs, orders).slice(0, 5), []);
  const few = pairs.slice(0, 500);
  t.same(
    await dpkgProgramOrders(few),
    few.map(([one, other]) => compareVersions('dpkg', one, other)),
  );
});

t.test("rpm's order", async (t) => {
  const pairs = randomPairs('rpm', COUNT, SEED).filter((pair) => pair.every((one) => isVersion('rpm', one)));
  t.ok(pairs.length > 0.9 * COUNT, String(pairs.length));
  const orders = await rpmOrders(pairs);
  t.equal(orders.length, pairs.length);
  t.same(differing('rpm', pairs, orders).slice(0, 5), []);
});

/** Oldest first: each one is before all that follow it. */
const ROWS: readonly (readonly [VersionScheme, readonly string[]])[] = [
  ['dpkg', ['1.0~~', '1.0~rc1-1', '1.0-1', '1.0-1+b1', '1.0-1+deb12u1', '1.0a', '1.0+x', '1.1', '1.10', '1:0.1']],
  ['dpkg', ['1.18446744073709551616', '1.18446744073709551617', '1.99999999999999999999999999']],
  ['dpkg', ['2.2', '1:5.0.20', '2:9.0']],
  ['rpm', ['1.0~rc1-1', '1.0-1', '1.0^git1-1', '1.0.1-1', '1.1-1', '1:0.1-1']],
  ['rpm', ['0:8.3.2-1', '2:9.0-1']],
  ['rpm', ['1-1.el9', '1-1.el9_2', '1-2.el9']],
  ['apk', ['1.2.3_alpha', '1.2.3_alpha2', '1.2.3_beta', '1.2.3_pre1', '1.2.3_rc1', '1.2.3', '1.2.3-r1', '1.2.3-r10']],
  [
    'apk',
    ['1.2.3', '1.2.3_cvs1', '1.2.3_svn1', '1.2.3_git20', '1.2.3_p1', '1.2.3_p1_p2', '1.2.3a', '1.2.3b', '1.2.3.1'],
  ],
  ['apk', ['0.1', '0.9', '0.10', '1.01', '1.1', '1.10', '3.1.4-r0', '3.1.4-r5', '3.1.5-r0']],
  ['apk', ['1.99999999999999999999', '1.100000000000000000000']],
];

t.test('rows of versions', async (t) => {
  for (const [scheme, row] of ROWS)
    for (const [nth, one] of row.entries()) {
      t.ok(isVersion(scheme, one), one);
      for (const [other, text] of row.entries())
        t.equal(compareVersions(scheme, one, text), Math.sign(nth - other), `${scheme} ${one} ${text}`);
    }
});

t.test('equal, though not the same text', async (t) => {
  for (const [scheme, one, other] of [
    ['dpkg', '0:1.0-1', '1.0-1'],
    ['dpkg', '1.0-0', '1.0'],
    ['dpkg', '1.007-1', '1.7-1'],
    ['rpm', '0:1.0-1', '1.0-1'],
    ['rpm', '1.007-1', '1.7-1'],
    ['rpm', '1.0-1', '1_0-1'],
    ['rpm', '1.0', '1.0-5'],
    ['apk', '1.2-r0', '1.2'],
  ] as const)
    t.equal(compareVersions(scheme, one, other), 0, `${scheme} ${one} ${other}`);
});

t.test('what is no version, and what is long', async (t) => {
  for (const [scheme, text] of [
    ['dpkg', ''],
    ['dpkg', 'abc'],
    ['dpkg', '1 0'],
    ['dpkg', 'a:1'],
    ['dpkg', `1${'0'.repeat(2000)}`],
    ['rpm', '-1'],
    ['rpm', '1/2'],
    ['apk', '1.2.x'],
    ['apk', '1.2-1'],
    ['apk', '1.2_omega'],
  ] as const)
    t.notOk(isVersion(scheme, text), text);
  const started = performance.now();
  for (const scheme of ['dpkg', 'rpm', 'apk'] as const)
    compareVersions(scheme, `1.${'0'.repeat(200_000)}1`, `1.${'0'.repeat(200_001)}`);
  t.ok(performance.now() - started < 1000);
});
