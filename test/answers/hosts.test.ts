/** One medium for many hosts: what is rendered, and the chooser, run by the shells that the installers have. */
import { createReadStream } from 'node:fs';
import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import t, { type Test } from 'tap';
import { hostTable } from '../../src/answers/hosts.ts';
import { cardDrivers } from '../../src/distributions/debian/medium/card-drivers.ts';
import { type CpioEntry, cpioArchive, withParents } from '../../src/formats/archives/cpio.ts';
import { readCpio } from '../../src/formats/archives/cpio-reader.ts';
import { bytesOf } from '../../src/formats/byte-source.ts';
import { gzip } from '../../src/formats/compression/compression.ts';
import { run } from '../../src/host/run.ts';
import { lintFile } from '../../src/lint/lint.ts';
import { sourceFile } from '../../src/lint/source-file.ts';
import { loadRecipe } from '../../src/recipe/load.ts';
import type { HostMatch } from '../../src/recipe/schema/hosts-schema.ts';
import { uuidForms } from '../../src/recipe/values/uuid-forms.ts';
import { renderEachHost, renderLoaded } from '../../src/stages/answers/answers-stage.ts';
import { statedChanges } from '../../src/stages/medium/medium-content.ts';
import { buildPackage } from '../distributions/debian/tiny-archive.ts';
import { masterFixture, rebuilt } from '../media/fixture.ts';
import { HASH, HEAD, recipeFolder } from '../recipe/helpers.ts';

const UUID = '4c4c4544-0043-3010-8052-b4c04f564231';
const HOSTS = `hosts:
  web1:
    match: {mac: ["52:54:00:00:00:01", "52-54-00-AA-00-01"]}
    answers: {hostname: web1, network: {address: 192.0.2.11/24, gateway: 192.0.2.1}}
  web2:
    match: {serial: CZ 1234  X}
    answers: {hostname: web2, users: [{name: eva, password: {hash: "${HASH}"}}]}
  web3:
    match: {uuid: ${UUID.toUpperCase()}}
    answers: {hostname: web3}
  blade1:
    match: {serial: CHASSIS1, mac: 52:54:00:00:00:b1}
    answers: {hostname: blade1}
  blade2:
    match: {serial: CHASSIS1, mac: 5254.0000.00b2}
    answers: {hostname: blade2}
`;
const ANACONDA = HEAD.replace('family: debian, release: "12"', 'family: redhat, release: "9"').replace(
  'assemble: debian',
  `iso: some.iso, sha256: ${'a'.repeat(64)}`,
);

const rendered = async (t: Test, yaml: string) => {
  const folder = await recipeFolder(t, yaml, { 'some.iso': 'x' });
  return renderLoaded({ loaded: await loadRecipe(join(folder, 'recipe.yaml'), { env: {} }), purpose: 'delivery' });
};

const OWN = t.testdir({ busybox: {}, modules: {} });

/** Shells by name, each with a folder of commands that a machine's PATH shall be. */
const shells = async (): Promise<ReadonlyMap<string, { readonly shell: string; readonly path: string }>> => {
  const applets = join(OWN, 'busybox');
  await run('busybox', ['--install', '-s', applets]);
  return new Map([
    ['busybox', { shell: join(applets, 'sh'), path: applets }],
    ['dash', { shell: '/bin/dash', path: '/usr/bin:/bin' }],
    ['bash', { shell: '/bin/bash', path: '/usr/bin:/bin' }],
  ]);
};
const SHELLS = await shells();

interface Machine {
  readonly macs?: readonly string[];
  readonly serial?: string;
  readonly uuid?: string;
  readonly commandLine?: string;
}

/** The root of an installer on a machine: the rendered files, and a /sys that says what the machine is. */
const rootOf = async (t: Test, files: readonly { path: string; mode: number; content: string }[], machine: Machine) => {
  const root = t.testdir({ dev: { ttyS0: '', tty0: '', kmsg: '' }, proc: {}, tmp: {} });
  const put = async (path: string, content: string, mode = 0o644) => {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content);
    await chmod(join(root, path), mode);
  };
  for (const { path, content, mode } of files) await put(path, content, mode);
  await put('proc/cmdline', `quiet ${machine.commandLine ?? ''} * ---\n`);
  await put('sys/class/tty/console/active', 'ttyS0 tty0\n');
  await put('sys/class/net/lo/address', '00:00:00:00:00:00\n');
  for (const [nth, mac] of (machine.macs ?? []).entries()) await put(`sys/class/net/ens${nth}/address`, `${mac}\n`);
  if (machine.serial !== undefined) await put('sys/class/dmi/id/product_serial', `${machine.serial}\n`);
  if (machine.uuid !== undefined) await put('sys/class/dmi/id/product_uuid', `${machine.uuid}\n`);
  return root;
};

const MACHINES: Readonly<Record<string, readonly [Machine, string | RegExp]>> = {
  'one of its cards': [{ macs: ['52:54:00:99:99:99', '52:54:00:aa:00:01'], serial: 'other' }, 'web1'],
  'a serial number with blanks, and some around it': [{ serial: '  CZ 1234  X ' }, 'web2'],
  'a UUID': [{ uuid: UUID }, 'web3'],
  'a UUID in capital letters, as old kernels write it': [{ uuid: UUID.toUpperCase() }, 'web3'],
  'a UUID in the other order of bytes': [{ uuid: '44454c4c-4300-1030-8052-b4c04f564231' }, 'web3'],
  'both of two kinds': [{ serial: 'CHASSIS1', macs: ['52:54:00:00:00:b2'] }, 'blade2'],
  'one of two kinds': [{ serial: 'CHASSIS1', macs: ['52:54:00:00:00:b3'] }, /none of the hosts[\s\S]*CHASSIS1/],
  'nothing at all': [{}, /none of the hosts[\s\S]*\(none\)[\s\S]*none has a driver/],
  'another machine': [
    { serial: 'S-9', uuid: UUID.replace('4c', '5d'), macs: ['52:54:00:00:00:99'] },
    /none of the hosts[\s\S]*Nothing was changed[\s\S]*serial number {2}S-9\n[\s\S]*5d4c4544-[\s\S]*52:54:00:00:00:99 \(ens0\)/,
  ],
  'a part of a serial number': [{ serial: 'CZ 1234' }, /none of the hosts/],
  'a pattern in the place of a serial number': [{ serial: '*' }, /none of the hosts/],
  'two hosts at once': [{ serial: 'CZ 1234  X', uuid: UUID }, /several hosts: web2 web3/],
  'told which one it is': [{ serial: 'new board', commandLine: 'ingot.host=web3' }, 'web3'],
  'told against its ids': [{ serial: 'CZ 1234  X', commandLine: 'ingot.host=web1' }, 'web1'],
  'told one that there is not': [
    { serial: 'CZ 1234  X', commandLine: 'ingot.host=web' },
    /ingot\.host=web: there is no/,
  ],
};

t.test('a machine finds its host', async (t) => {
  const { initrd } = await rendered(t, `${HEAD}${HOSTS}`);
  for (const [name, [machine, expected]] of Object.entries(MACHINES)) {
    const root = await rootOf(t, initrd, machine);
    for (const [shell, { shell: command, path }] of SHELLS) {
      const { exitCode, stdout, stderr } = await run(command, [join(root, 'ingot/choose-host'), root], {
        env: { PATH: path },
        allow: [0, 1, 2],
      });
      if (typeof expected === 'string')
        t.strictSame([exitCode, stdout, stderr], [0, expected, ''], `${name}, ${shell}`);
      else {
        t.equal(exitCode, /none of the hosts/.test(String(expected)) ? 1 : 2, `${name}, ${shell}`);
        t.equal(stdout, '');
        t.match(stderr, expected, `${name}, ${shell}`);
      }
    }
  }
});

const taken = async (root: string, shell = 'busybox') => {
  const { shell: command = 'sh', path = '' } = SHELLS.get(shell) ?? {};
  const { exitCode, stderr } = await run(command, [join(root, 'ingot/take-host'), root, '0'], {
    env: { PATH: path },
    allow: [0, 1],
  });
  return { exitCode, stderr, console: await readFile(join(root, 'dev/ttyS0'), 'utf8') };
};

t.test('its answers are put into their places, and those of the others are gone', async (t) => {
  for (const shell of SHELLS.keys()) {
    const { initrd } = await rendered(t, `${HEAD}${HOSTS}`);
    t.notOk(
      initrd.some(({ path }) => /^(preseed\.cfg|ingot\/settings)$/.test(path)),
      'nothing answers before',
    );
    const root = await rootOf(t, initrd, { serial: 'CZ 1234  X' });
    t.match(await taken(root, shell), { exitCode: 0, stderr: '', console: '' }, shell);
    t.match(await readFile(join(root, 'preseed.cfg'), 'utf8'), /netcfg\/get_hostname string web2/);
    t.match(await readFile(join(root, 'ingot/users'), 'utf8'), /^eva:/m);
    t.equal((await run('stat', ['-c', '%a', join(root, 'preseed.cfg')])).stdout.trim(), '600');
    t.notOk((await readdir(join(root, 'ingot'))).includes('hosts'));
    t.match(await readFile(join(root, 'dev/kmsg'), 'utf8'), /this machine is the host web2/);
  }
});

t.test('a machine that is none of them is not touched, unless the recipe says so', async (t) => {
  const stopped = await rendered(t, `${HEAD}${HOSTS}`);
  const root = await rootOf(t, stopped.initrd, { serial: 'S-9' });
  t.match(await taken(root), { exitCode: 1, console: /none of the hosts[\s\S]*S-9/ });
  t.match(await readFile(join(root, 'dev/tty0'), 'utf8'), /S-9/, 'on every console');
  t.notOk((await readdir(root)).includes('preseed.cfg'));

  const open = await rendered(t, `${HEAD}answers: {hostname: spare}\nmedia: {unknownHost: recipe}\n${HOSTS}`);
  const other = await rootOf(t, open.initrd, { serial: 'S-9' });
  t.match(await taken(other), { exitCode: 0, console: '' });
  t.match(await readFile(join(other, 'preseed.cfg'), 'utf8'), /netcfg\/get_hostname string spare/);
  const both = await rootOf(t, open.initrd, { serial: 'CZ 1234  X', uuid: UUID });
  t.match(await taken(both), { exitCode: 1, console: /several hosts/ }, 'what fits several is not just unknown');
  const wrong = await rootOf(t, open.initrd, { commandLine: 'ingot.host=nobody' });
  t.match(await taken(wrong), { exitCode: 1, console: /no such host/ });
  const without = open.initrd.filter(({ path }) => path !== 'ingot/hosts.table');
  t.match(await taken(await rootOf(t, without, {})), { exitCode: 1, console: /no table of hosts/ });
});

t.test('answers of one host alone are for this machine only', async (t) => {
  for (const [yaml, name] of [
    [HEAD, 'preseed.cfg'],
    [ANACONDA, 'ks.cfg'],
  ] as const) {
    const folder = await recipeFolder(t, `${yaml}media: {unknownHost: recipe}\n${HOSTS}`, { 'some.iso': 'x' });
    const each = await renderEachHost(await loadRecipe(join(folder, 'recipe.yaml'), { env: {} }));
    t.strictSame(
      each.map((host) => host.name),
      ['web1', 'web2', 'web3', 'blade1', 'blade2'],
    );
    const alone = each.find((host) => host.name === 'blade1')?.initrd ?? [];
    t.notOk(
      alone.some(({ path, content }) => /web\d|blade2|unknown-host\//.test(path) || /web\d|blade2/.test(content)),
    );
    const right = await rootOf(t, alone, { serial: 'CHASSIS1', macs: ['52:54:00:00:00:b1'] });
    t.match(await taken(right), { exitCode: 0, console: '' });
    t.match(await readFile(join(right, name), 'utf8'), /hostname[ =](string )?blade1/);
    for (const machine of [{ serial: 'CHASSIS1' }, { serial: 'CHASSIS1', macs: ['52:54:00:00:00:b2'] }]) {
      const wrong = await rootOf(t, alone, machine);
      t.match(await taken(wrong), { exitCode: 1, console: /none of the hosts/ });
      const there = await readFile(join(wrong, name), 'utf8').catch(() => '');
      t.notMatch(there, /blade1|clearpart/, 'and nothing that would erase a disk is in its place');
    }
    const told = await rootOf(t, alone, { commandLine: 'ingot.host=blade1' });
    t.match(await taken(told), { exitCode: 0 }, 'whoever stands in front of it may still say so');
  }
});

t.test('what calls it waits until the host is known, and goes on then', async (t) => {
  for (const [yaml, name] of [
    [HEAD, 'lib/debian-installer-startup.d/S11ingot-host'],
    [ANACONDA, 'lib/dracut/hooks/pre-pivot/40-ingot-host.sh'],
  ] as const) {
    const { initrd } = await rendered(t, `${yaml}${HOSTS}`);
    const hook = initrd.find(({ path }) => path === name);
    t.equal(hook?.mode, 0o755);
    const bin = t.testdir({ sleep: '#!/bin/sh\necho slept >> "$LOG"\n', udevadm: '#!/bin/sh\n', sh: '' });
    // The second look finds it.
    await writeFile(join(bin, 'sh'), '#!/bin/dash\necho "$*" >> "$LOG"\n[ "$(grep -c take-host "$LOG")" -gt 1 ]\n');
    for (const command of ['sleep', 'udevadm', 'sh']) await chmod(join(bin, command), 0o755);
    await writeFile(join(bin, 'hook'), hook?.content ?? '');
    const env = { PATH: `${bin}:/usr/bin:/bin`, LOG: join(bin, 'log') };
    t.equal((await run('/bin/dash', [join(bin, 'hook')], { env })).exitCode, 0);
    t.equal(await readFile(join(bin, 'log'), 'utf8'), '/ingot/take-host\nslept\n/ingot/take-host\n', name);
  }
});

t.test('Anaconda: the kickstart stops until the host is known', async (t) => {
  const { initrd, medium } = await rendered(t, `${ANACONDA}${HOSTS}`);
  const paths = initrd.map(({ path }) => path);
  t.ok(paths.includes('lib/dracut/hooks/pre-pivot/40-ingot-host.sh'));
  t.strictSame(
    paths.filter((path) => !path.includes('/')),
    ['ingot.ks', 'ks.cfg'],
  );
  const stop = initrd.find(({ path }) => path === 'ks.cfg')?.content ?? '';
  t.notMatch(stop, /clearpart|part |ignoredisk/);
  const findings = await lintFile(sourceFile('ks.cfg', stop), { kind: 'kickstart', release: 'rhel-9', ignore: [] });
  t.strictSame(
    findings.filter(({ severity }) => severity === 'error'),
    [],
  );
  const root = await rootOf(t, initrd, { uuid: UUID });
  t.match(await taken(root, 'bash'), { exitCode: 0 });
  t.match(await readFile(join(root, 'ks.cfg'), 'utf8'), /network --hostname=web3[\s\S]*clearpart/);
  t.strictSame(medium.map(({ path }) => path).slice(0, 2), ['ingot/hosts/web1/ks.cfg', 'ingot/hosts/web2/ks.cfg']);
  t.notMatch(medium.map(({ content }) => content).join(''), HASH, 'the copies for people have no hashes');
});

t.test('the table', (t) => {
  const match: HostMatch = { uuid: ['00112233-4455-6677-8899-aabbccddeeff'], mac: ['52:54:00:00:00:01'] };
  t.equal(
    hostTable([{ name: 'a', match }]),
    `host a\nmac 52:54:00:00:00:01\n${['00112233-4455-6677-8899-aabbccddeeff', '33221100-5544-7766-8899-aabbccddeeff']
      .flatMap((form) => [form, form.toUpperCase()])
      .sort((one, other) => Number(/[A-F]/.test(one)) - Number(/[A-F]/.test(other)))
      .map((form) => `uuid ${form}\n`)
      .join('')}`,
  );
  t.strictSame(uuidForms('11111111-1111-1111-1111-111111111111'), ['11111111-1111-1111-1111-111111111111']);
  t.end();
});

t.test('the build and the image are for none of the hosts', async (t) => {
  const folder = await recipeFolder(t, `${HEAD}${HOSTS}`);
  const loaded = await loadRecipe(join(folder, 'recipe.yaml'), { env: {} });
  const { initrd } = await renderLoaded({ loaded, purpose: 'build' });
  t.notOk(initrd.some(({ path }) => path.includes('hosts.table')));
  t.ok(initrd.some(({ path }) => path === 'preseed.cfg'));
});

const RELEASE = '6.1.0-50-amd64';
const NET = `lib/modules/${RELEASE}/kernel`;

/** A medium whose initrd has these modules of Debian's, beside components with others. */
const mediumWith = async (t: Test, inInitrd: readonly string[], udebs: Readonly<Record<string, readonly string[]>>) => {
  const folder = t.testdir({});
  const module = (path: string) => readFile(join(modulesFolder, path));
  const iso = await masterFixture(join(folder, 'medium'));
  const entries: CpioEntry[] = [{ type: 'symlink', path: 'lib', target: 'usr/lib' }];
  for (const path of inInitrd)
    entries.push({ type: 'file', path: `usr/${path}`, mode: 0o644, content: await module(path) });
  const initrd = await bytesOf(gzip(cpioArchive(withParents(entries))));
  const made = await rebuilt(iso, folder, async (tree) => {
    await writeFile(join(tree, 'install.amd/initrd.gz'), initrd);
    for (const [name, paths] of Object.entries(udebs)) {
      const needs =
        name === 'nic-modules' ? { Depends: `kernel-image-${RELEASE}-di, nic-shared-modules-${RELEASE}-di` } : {};
      const files = Object.fromEntries(
        await Promise.all(paths.map(async (path) => [path, await module(path)] as const)),
      );
      await buildPackage(tree, 'pool', { name: `${name}-${RELEASE}-di`, extension: 'udeb', fields: needs, files });
    }
  });
  return { iso: made, folder };
};

const modulesFolder = join(OWN, 'modules');
const INSTALLER = '/usr/lib/debian-installer/images/12/amd64/text/debian-installer/amd64/initrd.gz';
const VIRTIO = `${NET}/drivers/net/virtio_net.ko`;
const FAILOVER = `${NET}/drivers/net/net_failover.ko`;
const CORE = `${NET}/net/core/failover.ko`;
const OTHER = `${NET}/arch/x86/crypto/crc32-pclmul.ko`;
t.before(async () => {
  for await (const entry of readCpio(createReadStream(INSTALLER), (path) =>
    [VIRTIO, FAILOVER, CORE, OTHER].includes(path),
  )) {
    if (entry.type !== 'file' || entry.content === undefined) continue;
    await mkdir(dirname(join(modulesFolder, entry.path)), { recursive: true });
    await writeFile(join(modulesFolder, entry.path), entry.content);
  }
});

t.test('an installer that knows no cards when it looks gets the drivers of its own medium', async (t) => {
  const { signal } = new AbortController();
  const udebs = { 'nic-modules': [VIRTIO], 'nic-shared-modules': [FAILOVER, CORE], 'nic-wireless-modules': [OTHER] };
  const { iso, folder } = await mediumWith(t, [OTHER, CORE], udebs);
  const entries = await cardDrivers(iso, { folder, signal });
  const paths = entries.map(({ path }) => path);
  t.strictSame(
    paths.filter((path) => path.endsWith('.ko')),
    [VIRTIO, FAILOVER],
    'with what they need, and without what is there',
  );
  const indexes = entries.find(({ path }) => path === `lib/modules/${RELEASE}/modules.dep.bin`);
  const text = indexes?.type === 'file' ? Buffer.from(indexes.content).toString('latin1') : '';
  for (const name of ['virtio_net', 'net_failover', 'crc32-pclmul.ko'])
    t.match(text, name, 'the index has the old and the new');
  t.strictSame(
    (await readdir(folder)).filter((name) => name.startsWith('.drivers')),
    [],
  );
});

t.test('drivers that are there already, and a medium that has none', async (t) => {
  const { signal } = new AbortController();
  const has = await mediumWith(t, [VIRTIO], { 'nic-modules': [VIRTIO] });
  t.strictSame(await cardDrivers(has.iso, { folder: has.folder, signal }), []);
  const none = await mediumWith(t, [OTHER], { 'nic-shared-modules': [FAILOVER] });
  await t.rejects(cardDrivers(none.iso, { folder: none.folder, signal }), {
    code: 'media.no-network-drivers',
    detail: /no nic-modules-6\.1\.0-50-amd64-di/,
    hint: /serial number or UUID/,
  });
});

t.test('the manifest says where the answers are', async (t) => {
  const folder = await recipeFolder(t, `${HEAD}${HOSTS}`);
  const { recipe } = await loadRecipe(join(folder, 'recipe.yaml'), { env: {} });
  t.match((await statedChanges(recipe)).answers, {
    file: '/ingot/hosts/NAME/preseed.cfg',
    hosts: ['web1', 'web2', 'web3', 'blade1', 'blade2'],
  });
});
