/**
 * The tests of an image on a real one: the clean image passes on three machines, and each planted fault is named by the right
 * result. `INGOT_TESTED_IMAGE` names an image of examples/debian-12-minimal.yaml; one is built when it is absent.
 */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { convert } from '../../src/capture/convert.ts';
import type { TestReport } from '../../src/checks/report/report.ts';
import { sha256File } from '../../src/host/files.ts';
import { run } from '../../src/host/run.ts';
import { silentReporter } from '../../src/report.ts';
import { exampleRecipe, ingot, machinesOf, root, testStore, userKey } from '../e2e/support.ts';
import { FAULTS, SUITE, TESTS } from './planted/faults.ts';
import { plantInto } from './planted/plant.ts';

t.setTimeout(120 * 60_000);

const work = join(testStore, 'image-tests');
await rm(work, { recursive: true, force: true });
await mkdir(work, { recursive: true });

const builtImage = async (): Promise<string> => {
  const key = await userKey();
  const out = join(work, 'out');
  const built = ingot([
    'build',
    exampleRecipe,
    '--var',
    `key=${key}.pub`,
    '--store',
    testStore,
    '--out',
    out,
    '--deliver-failed',
  ]);
  const { code, stderr } = await built.ended;
  if (code !== 0) throw new Error(stderr);
  return join(out, 'debian-12-minimal', 'debian-12-minimal.qcow2');
};

const image = process.env['INGOT_TESTED_IMAGE'] ?? (await builtImage());

const test = async (of: string, tests: string, ...more: string[]) => {
  const file = join(work, 'tests.yaml');
  const output = join(work, 'report.json');
  await writeFile(file, tests);
  await writeFile(join(work, 'suite.sh'), SUITE);
  const args = ['test', of, '-f', file, '--store', testStore, '--format', 'json', '-o', output, ...more];
  const began = performance.now();
  const { exitCode, stderr } = await run(process.execPath, [join(root, 'src', 'cli', 'main.ts'), ...args], {
    allow: [1, 2],
  });
  t.comment(`${stderr.split('\n').slice(-3).join(' ')} (${Math.round((performance.now() - began) / 1000)} s)`);
  const report: TestReport = JSON.parse(await readFile(output, 'utf8'));
  return { exitCode, report, seconds: (performance.now() - began) / 1000 };
};

const MACHINES = `machines:
  - {name: default, disk: 6G}
  - {name: bios-ide, firmware: bios, bus: ide, card: e1000e}
  - {name: uefi-nvme, firmware: uefi, bus: nvme}
`;

t.test('the clean image passes on three machines, and as two clones', async (t) => {
  const digest = await sha256File(image);
  const { exitCode, report } = await test(image, `${MACHINES}${TESTS}  - reboot: {}\nclones: 2\n`);
  const wrong = report.results.filter(({ verdict }) => verdict !== 'holds');
  t.same(wrong, []);
  t.equal(exitCode, 0);
  t.same(
    report.machines.map(({ name, firmware, bus }) => `${name} ${firmware} ${bus}`),
    ['default bios virtio', 'default-clone-2 bios virtio', 'bios-ide bios ide', 'uefi-nvme uefi nvme'],
  );
  t.equal(new Set(report.results.map(({ name }) => name)).size, report.results.length, 'names are unique');
  t.equal(await sha256File(image), digest, 'the image is as it was');
  t.same(await machinesOf(testStore), [], 'no machine is left');
  const again = await test(image, `${MACHINES}${TESTS}  - reboot: {}\nclones: 2\n`);
  t.same(again.report, report, 'unchanged, it comes from the store');
  t.ok(again.seconds < 20, `${again.seconds} s`);
});

t.test('each planted fault is named', async (t) => {
  const bad = join(work, 'bad.raw');
  await convert({ path: image, format: 'qcow2' }, { path: bad, format: 'raw' }, { reporter: silentReporter });
  const key = join(work, 'shared');
  await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'shared', '-f', key]);
  const shared = [
    { write: '/etc/ssh/ssh_host_ed25519_key', text: await readFile(key, 'utf8'), mode: '0100600' },
    { write: '/etc/ssh/ssh_host_ed25519_key.pub', text: await readFile(`${key}.pub`, 'utf8') },
  ];
  await plantInto(bad, [...shared, ...FAULTS.flatMap(({ plant }) => plant)]);
  const { exitCode, report } = await test(bad, `machines: [{name: default, disk: 6G}]\n${TESTS}clones: {count: 2}\n`);
  t.equal(exitCode, 1);
  const failing = report.results.filter(({ verdict }) => verdict === 'fails');
  for (const { name, message } of failing) t.comment(`${name}: ${message}`);
  for (const { fault, named } of FAULTS)
    t.ok(
      failing.some(({ name }) => named.test(name)),
      fault,
    );
  const unexpected = failing.filter(({ name }) => !FAULTS.some(({ named }) => named.test(name)));
  t.same(
    unexpected.map(({ name }) => name).filter((name) => !ALSO.some((known) => known.test(name))),
    [],
  );
  await rm(bad);
});

/** What the faults bring about besides. */
const ALSO = [
  /^image: file \/etc\/ssh\/ssh_host_ed25519_key is not there$/,
  /^default-clone-2: /,
  /^image: service cron is enabled$/,
  /^clones: D-Bus machine id differs/,
];
