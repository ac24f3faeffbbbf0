/**
 * A disk image that somebody else has made becomes a golden image, and that one the ground of another: entered, told what the
 * recipe says, configured, sealed, captured, and started as a copy. The steps of the upper layer are three hardenings of
 * test/images: a firewall, a hardened kernel with auditd, hardened accounts; the copy does what each of them must.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import t from 'tap';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import type { Manifest } from '../../../src/capture/manifest.ts';
import { sha256File } from '../../../src/host/files.ts';
import { expectationOf, keepsTo } from '../../long/expectation.ts';
import { bootFresh, check, ingot, machinesOf, overlay, ownStore, root, stockOrSkip, userKey } from '../support.ts';

t.setTimeout(60 * 60_000);

const tell = (text: string) => t.comment(text);
const key = await userKey();
const work = await ownStore(t, 'image-origin');
const store = join(work, 'store');
const out = join(work, 'out');
const made = await stockOrSkip('mmdebstrap-nocloud', tell);
const { image } = made;

const HARDENINGS = ['firewall-nftables', 'hardened-accounts', 'hardened-kernel'] as const;

const hardening = z.looseObject({
  configure: z.array(z.looseObject({ run: z.looseObject({ file: z.string().optional() }).optional() })),
});

/** Those of a recipe of test/images, with the paths of its scripts; without its restart. */
const stepsOf = async (name: string) => {
  const folder = join(root, 'test', 'images', name);
  const { configure } = hardening.parse(parse(await readFile(join(folder, 'recipe.yaml'), 'utf8')));
  return configure
    .filter(({ run }) => run !== undefined)
    .map((step) => (step.run?.file === undefined ? step : { ...step, run: { file: join(folder, step.run.file) } }));
};

const sshKeys = [{ file: `${key}.pub` }];
const recipes = {
  base: {
    name: 'base',
    os: { family: 'debian', release: '12' },
    origin: { image, format: 'raw' },
    machine: { disk: '4G' },
    answers: {
      hostname: 'based',
      packages: ['tree', 'auditd', 'libpam-pwquality', 'nftables'],
      users: [{ name: 'tester', sudo: 'none', sshKeys }],
    },
    configure: [{ run: { script: 'echo base > /srv/base' } }],
  },
  top: {
    name: 'top',
    os: { family: 'debian', release: '12' },
    origin: { image: { recipe: 'base.yaml' } },
    answers: {
      timezone: 'Europe/Berlin',
      kernelArguments: ['audit=1'],
      users: [{ name: 'admin-user', sudo: 'nopasswd', sshKeys }],
    },
    configure: [
      { run: { script: 'echo top > /srv/top; test -e /srv/base' } },
      ...(await Promise.all(HARDENINGS.map(stepsOf))).flat(),
      { reboot: {} },
    ],
  },
};
for (const [name, recipe] of Object.entries(recipes)) await writeFile(join(work, `${name}.yaml`), stringify(recipe));

/** What the mirror lacks is no fault of an image. */
const LACKING = /^origin\.(no-such-package|not-on-mirror|mirror-|unsolvable|digest-mismatch|index-expired)/;

const build = async (name: string) => {
  const run = ingot(['build', join(work, `${name}.yaml`), '--store', store, '--out', out], tell);
  const { code, stderr } = await run.ended;
  const stages = run.events.flatMap((event) => (event.type === 'stage.done' ? [event.stage] : []));
  const failed = run.events.find((event) => event.type === 'stage.failed');
  const error = failed?.type === 'stage.failed' ? failed.error : undefined;
  return { code, stderr, stages, lacks: error && LACKING.test(error.code) ? error.message : undefined };
};

const manifestOf = async (name: string): Promise<Manifest> =>
  JSON.parse(await readFile(join(out, name, 'manifest.json'), 'utf8'));

t.test('a stock image, and a layer over what was made of it', { skip: made.skip }, async (t) => {
  const digest = await sha256File(image);
  const first = await build('top');
  if (first.lacks !== undefined) {
    t.pass('the mirror has all packages', { skip: first.lacks });
    return;
  }
  t.equal(first.code, 0, first.stderr);
  t.same(first.stages, [
    ...['obtain', 'packages', 'packages-medium', 'prepare', 'configure', 'capture'].map((stage) => `base: ${stage}`),
    // sudo, which its user needs.
    'packages',
    'packages-medium',
    'prepare',
    'configure',
    'capture',
    'trust',
  ]);
  t.equal(await sha256File(image), digest, 'the image is as it was');
  t.same(await machinesOf(`${work}/`), []);
  const base = await build('base');
  t.equal(base.code, 0, base.stderr);
  t.same(base.stages, ['trust'], 'the layer below is there already, and now it is delivered by itself');
  t.match((await manifestOf('base')).origin, { kind: 'image', source: basename(image), sha256: digest });
  const below = (await manifestOf('base')).images[0];
  t.match((await manifestOf('top')).origin, { kind: 'image', source: 'base.yaml', sha256: below?.sha256 });

  const disk = await overlay(join(out, 'top', 'top.qcow2'), 'qcow2', join(work, 'copy.qcow2'), 6 * 2 ** 30);
  const privateKey = { privateKey: await readFile(key, 'utf8'), publicKey: await readFile(`${key}.pub`, 'utf8') };
  const { machine, session } = await bootFresh(
    join(work, 'copy'),
    {
      disks: [{ path: disk, format: 'qcow2', bus: 'virtio' }],
      firmware: 'bios',
      network: { mode: 'isolated', model: 'virtio', forwardSsh: true },
    },
    privateKey,
    'admin-user',
  );
  await using _machine = machine;
  await using _session = session;
  t.equal(await check(session, 'cat /srv/base /srv/top'), 'base\ntop');
  t.equal(await check(session, 'hostname'), 'based');
  t.equal(await check(session, 'command -v tree'), '/usr/bin/tree', 'a package, without a network');
  t.equal(
    await check(session, 'ls /etc/apt/sources.list.d | grep ingot || true'),
    '',
    'the medium is no source any more',
  );
  t.equal(await check(session, 'readlink /etc/localtime'), '/usr/share/zoneinfo/Europe/Berlin');
  t.equal(await check(session, 'systemctl is-system-running --wait || systemctl --failed --no-legend'), 'running');
  t.equal(await check(session, 'ls /etc/systemd/system | grep ingot || true'), '', 'the way in is gone');
  t.match(
    await check(session, 'df --output=size --block-size=1M / | tail -n 1'),
    /^\s*[34]\d{3}$/,
    'root has grown to 4G',
  );
  t.notMatch(await check(session, 'cat /etc/machine-id'), /^$/);
  for (const name of HARDENINGS)
    await t.test(name, async (t) => keepsTo(t, session, await expectationOf(join(root, 'test', 'images', name))));
});
