/**
 * The whole chain on a real Debian installer: killed in the middle, built, built again, and the image booted in
 * machines it was not made for. What is installed is kept in the test store; a fresh checkout installs once.
 */
import { spawn } from 'node:child_process';
import { access, mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { z } from 'zod';
import { openGuestFiles } from '../../../src/capture/guest-files.ts';
import type { Manifest } from '../../../src/capture/manifest.ts';
import type { TestReport } from '../../../src/checks/report/report.ts';
import { inspectDisk } from '../../../src/distributions/debian/system/facts.ts';
import { checkPortability } from '../../../src/distributions/debian/system/portability.ts';
import type { Session } from '../../../src/guest/session.ts';
import { commandLine } from '../../../src/host/command-line.ts';
import { run } from '../../../src/host/run.ts';
import { loadRecipe } from '../../../src/recipe/load.ts';
import { until } from '../../machine/guest.ts';
import { cycloneDxFaults } from '../../sbom/valid.ts';
import {
  bootFresh,
  check,
  exampleRecipe,
  healthy,
  ingot,
  overlay,
  root,
  storeMachines,
  testStore,
  userKey,
} from '../support.ts';

t.setTimeout(60 * 60_000);

const key = await userKey();
const work = join(testStore, 'work');
await rm(work, { recursive: true, force: true });
await mkdir(work, { recursive: true });
const out = join(work, 'out');
const arguments_ = ['build', exampleRecipe, '--store', testStore, '--out', out, '--var', `key=${key}.pub`];
const tell = (text: string) => t.comment(text);
const output = join(out, 'debian-12-minimal');
const image = join(output, 'debian-12-minimal.qcow2');
const raw = join(output, 'debian-12-minimal.raw');

const isThere = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );
const isInstalled = async () =>
  (await readdir(join(testStore, 'stages', 'install')).catch(() => [])).some((name) => /^[0-9a-f]{64}$/.test(name));

t.test(
  'kill -9 in the middle of an installation leaves nothing behind',
  { skip: (await isInstalled()) && 'is installed already' },
  async (t) => {
    const build = ingot(arguments_, tell);
    await build.until(
      ({ type, ...event }) => type === 'stage.phase' && 'phase' in event && event.phase === 'base system',
    );
    t.equal((await storeMachines()).length, 1, 'one machine runs');
    build.child.kill('SIGKILL');
    t.match(await build.ended, { signal: 'SIGKILL' });
    t.ok(await until(async () => (await storeMachines()).length === 0), 'no QEMU outlives its build');
    t.notOk(await isThere(output), 'there is no half output');
    t.notOk(await isInstalled(), 'there is no half disk in the store');
    const [folder = ''] = (await readdir(join(testStore, 'runs'))).slice(-1);
    const evidence = await readdir(join(testStore, 'runs', folder, 'install'));
    for (const name of ['answers', 'installer.log', 'launch.sh', 'serial.log']) t.ok(evidence.includes(name), name);
    t.ok(await isThere(join(testStore, 'runs', folder, 'install', 'answers', 'preseed.cfg')));
  },
);

t.test('Ctrl-C ends a build cleanly', { skip: (await isInstalled()) && 'is installed already' }, async (t) => {
  const build = ingot(arguments_, tell);
  await build.until(({ type, ...event }) => type === 'stage.start' && 'stage' in event && event.stage === 'install');
  build.child.kill('SIGINT');
  t.match(await build.ended, { code: 130 });
  t.same(await storeMachines(), []);
  t.match(build.events.at(-1), { type: 'build.failed', error: { code: 'interrupted' } });
  t.ok(
    build.events.some(({ type }) => type === 'stage.cached'),
    'what was done before was not done again',
  );
});

t.test('a recipe becomes a golden image', async (t) => {
  const build = ingot(arguments_, tell);
  const { code, stderr } = await build.ended;
  t.equal(code, 0, stderr);
  t.match(build.events.at(-1), { type: 'build.done', output });
  t.same((await readdir(output)).sort(), [
    'SHA256SUMS',
    'debian-12-minimal.cdx.intoto.json',
    'debian-12-minimal.cdx.json',
    'debian-12-minimal.qcow2',
    'debian-12-minimal.raw',
    'manifest.json',
    'packages.txt',
    'provenance.json',
    'tests.intoto.json',
    'tests.json',
    'tests.tap',
    'tests.xml',
    'trust.json',
  ]);
  t.match((await run('sha256sum', ['--check', '--quiet', 'SHA256SUMS'], { cwd: output })).stdout, '');
  const manifest: Manifest = JSON.parse(await readFile(join(output, 'manifest.json'), 'utf8'));
  t.match(manifest, { name: 'debian-12-minimal', origin: { kind: 'assembled', suites: [{}, {}, {}] } });
  const report: TestReport = JSON.parse(await readFile(join(output, 'tests.json'), 'utf8'));
  t.same(
    report.results.filter(({ verdict }) => verdict !== 'holds'),
    [],
  );
  t.same(
    report.machines.map(({ name }) => name),
    ['default', 'default-clone-2'],
  );
  for (const rule of ['tests/boot', 'tests/only-ports', 'tests/user', 'tests/clones-differ', 'tests/clones-files'])
    t.ok(
      report.results.some((one) => one.rule === rule),
      rule,
    );
  t.match(manifest.tests, { verdict: 'holds', results: report.results.length });
  const packages = await readFile(join(output, 'packages.txt'), 'utf8');
  for (const name of ['openssh-server', 'linux-image-amd64', 'grub-cloud-amd64', 'jq'])
    t.match(packages, new RegExp(`^${name} `, 'm'));
  t.equal(packages.trim().split('\n').length, manifest.packages.length);
  const bill = JSON.parse(await readFile(join(output, 'debian-12-minimal.cdx.json'), 'utf8'));
  t.same(await cycloneDxFaults(bill), []);
  const libraries = z
    .array(z.looseObject({ type: z.string(), hashes: z.array(z.unknown()).optional() }))
    .parse(bill.components);
  const packaged = libraries.filter(({ type }) => type === 'library');
  t.equal(packaged.length, manifest.packages.length);
  t.same(
    packaged.filter(({ hashes }) => hashes === undefined),
    [],
    'each package has the digest of its .deb, from the lock',
  );
  t.match(JSON.parse((await run('qemu-img', ['info', '--output=json', image])).stdout), {
    'format-specific': { data: { 'compression-type': 'zstd' } },
  });
  t.ok((await stat(raw)).blocks * 512 < (await stat(raw)).size / 2, 'the raw image is sparse');
  t.same(await storeMachines(), []);
  const start = build.events.find((event) => event.type === 'build.start');
  if (!build.events.some((event) => event.type === 'stage.done' && event.stage === 'configure'))
    return t.pass('what was told of the guest', { skip: 'an earlier run has configured it' });
  const units = await readFile(join(start?.runFolder ?? '', 'configure/guest/units.txt'), 'utf8');
  t.match(units, /^Startup finished in .*\(kernel\).*\(userspace\)/m, 'where the time of its boot went');
  t.same(
    build.events.filter((event) => event.type === 'stage.note' && event.text.startsWith('failed in the guest')),
    [],
    'no unit fails',
  );
});

t.test('an unchanged build runs nothing and changes nothing', async (t) => {
  const before = await stat(output);
  const build = ingot(arguments_, tell);
  t.equal((await build.ended).code, 0);
  t.same(
    build.events.filter(({ type }) => type === 'stage.start'),
    [],
  );
  t.equal((await stat(output)).ino, before.ino, 'the folder is the same one');
});

t.test('a terminal shows the stages as a list', async (t) => {
  const words = [process.execPath, join(root, 'src', 'cli', 'main.ts'), ...arguments_];
  const line = `stty cols 120 rows 40; ${commandLine(words[0] ?? '', words.slice(1))}`;
  const { stdout } = await run('script', ['--quiet', '--return', '--command', line, '/dev/null']);
  for (const stage of ['resolve', 'install', 'capture']) t.match(stdout, new RegExp(`✔ ${stage} +unchanged, made`));
  t.match(stdout, /stages: resolve unchanged/);
  t.match(stdout, /boot it: ingot boot/);
});

for (const signal of ['SIGKILL', 'SIGINT'] as const)
  t.test(`${signal} in the middle of a test leaves nothing behind`, async (t) => {
    const words = ['test', image, '--no-cache', '--store', testStore];
    const child = spawn(process.execPath, [join(root, 'src', 'cli', 'main.ts'), ...words], { stdio: 'ignore' });
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    t.ok(await until(async () => (await storeMachines()).length === 1, 300_000), 'a machine runs');
    child.kill(signal);
    t.equal(await ended, signal === 'SIGINT' ? 130 : null);
    t.ok(await until(async () => (await storeMachines()).length === 0), 'and ends');
    await run(
      process.execPath,
      [join(root, 'src', 'cli', 'main.ts'), 'test', image, '--static', '--store', testStore],
      {
        allow: [2],
      },
    );
    const left = await readdir(join(testStore, 'runs'), { recursive: true });
    t.same(
      left.filter((path) => path.includes('-test-') && path.endsWith('.qcow2')),
      [],
      'no disk is left',
    );
  });

t.test('the disk is portable and right, seen from outside', async (t) => {
  const facts = await inspectDisk(await openGuestFiles(raw));
  const { recipe } = await loadRecipe(exampleRecipe, { variables: { key: `${key}.pub` }, env: process.env });
  t.same(checkPortability(facts, recipe.answers), []);
  t.match(facts, { label: 'gpt', hasBootCode: true });
});

const identityOf = async (session: Session) => ({
  machineId: await check(session, 'cat /etc/machine-id'),
  hostKey: await check(session, 'cat /etc/ssh/ssh_host_ed25519_key.pub'),
});

const BOOT_ID = 'cat /proc/sys/kernel/random/boot_id';

/** Asks for a reboot and comes back when the kernel is another one: sshd may still answer while it goes down. */
const rebooted = async (session: Session): Promise<void> => {
  const before = await check(session, BOOT_ID);
  await session.exec('sudo systemctl reboot').catch(() => undefined);
  const isAnother = async () => {
    await session.reconnect(600_000);
    return (await check(session, BOOT_ID)) !== before;
  };
  if (!(await until(() => isAnother().catch(() => false), 600_000))) throw new Error('the machine did not reboot');
};

const user = async () => ({ privateKey: await readFile(key, 'utf8'), publicKey: await readFile(`${key}.pub`, 'utf8') });
const identities: { machineId: string; hostKey: string }[] = [];

t.test('boots with BIOS from virtio-blk; root grows on a doubled disk; a reboot keeps the identity', async (t) => {
  const doubled = 2 * (await stat(raw)).size;
  const disk = await overlay(image, 'qcow2', join(work, 'bios.qcow2'), doubled);
  const { machine, session } = await bootFresh(
    join(work, 'bios'),
    {
      firmware: 'bios',
      disks: [{ path: disk, format: 'qcow2', bus: 'virtio' }],
      network: { mode: 'isolated', model: 'virtio', forwardSsh: true },
    },
    await user(),
  );
  await using _machine = machine;
  await using _session = session;
  await healthy(t, session);
  const rootSize = Number(await check(session, 'df --output=size -B1 / | tail -1'));
  t.ok(rootSize > doubled * 0.8, `root has ${rootSize} of ${doubled} bytes`);
  const first = await identityOf(session);
  identities.push(first);
  await rebooted(session);
  t.same(await identityOf(session), first);
  await healthy(t, session);
});

t.test('boots with UEFI and fresh variables from virtio-scsi, another slot and MAC', async (t) => {
  const disk = await overlay(image, 'qcow2', join(work, 'uefi.qcow2'));
  const { machine, session } = await bootFresh(
    join(work, 'uefi'),
    {
      firmware: 'uefi',
      disks: [{ path: disk, format: 'qcow2', bus: 'scsi' }],
      network: { mode: 'isolated', model: 'virtio', forwardSsh: true, slot: 17, mac: '52:54:00:ab:cd:17' },
    },
    await user(),
  );
  await using _machine = machine;
  await using _session = session;
  await healthy(t, session);
  await check(session, 'test -d /sys/firmware/efi');
  identities.push(await identityOf(session));
});

t.test('boots from AHCI with an e1000e card and no virtio device', async (t) => {
  const disk = await overlay(raw, 'raw', join(work, 'ahci.qcow2'));
  const { machine, session } = await bootFresh(
    join(work, 'ahci'),
    {
      firmware: 'bios',
      paravirtual: false,
      disks: [{ path: disk, format: 'qcow2', bus: 'ahci' }],
      network: { mode: 'isolated', model: 'e1000e', forwardSsh: true },
    },
    await user(),
  );
  await using _machine = machine;
  await using _session = session;
  await healthy(t, session);
  identities.push(await identityOf(session));
});

t.test('no two clones are alike', async (t) => {
  t.equal(identities.length, 3);
  t.equal(new Set(identities.map(({ machineId }) => machineId)).size, 3);
  t.equal(new Set(identities.map(({ hostKey }) => hostKey)).size, 3);
});
