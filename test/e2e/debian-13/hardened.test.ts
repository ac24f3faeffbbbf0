/**
 * A stock image of Debian 13 with cloud-init, entered by a systemd credential, and three hardenings of test/images over it: a firewall,
 * a hardened kernel with auditd, hardened accounts. All steps of their recipes run, and a copy does what each of them must.
 */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { expectationOf, keepsTo } from '../../long/expectation.ts';
import { skipReason } from '../../stock-images/not-made.ts';
import { stockImage } from '../../stock-images/stock-image.ts';
import { bootFresh, check, ingot, overlay, ownStore, root, testStore, userKey } from '../support.ts';

t.setTimeout(30 * 60_000);

const key = await userKey();
const work = ownStore('hardened');
await rm(work, { recursive: true, force: true });
await mkdir(work, { recursive: true });
t.teardown(async () => {
  if (t.passing()) await rm(work, { recursive: true, force: true });
});
const tell = (line: string) => t.comment(line);
const { signal } = new AbortController();
const made = await stockImage('mmdebstrap-trixie-cloud', { folder: join(testStore, 'stock'), signal, tell }).then(
  (image) => ({ image, skip: false as const }),
  (error: unknown) => {
    const skip = skipReason(error);
    if (skip === undefined) throw error;
    return { image: '', skip };
  },
);

const NAMES = ['firewall-nftables', 'hardened-accounts', 'hardened-kernel'] as const;
const PACKAGES = ['auditd', 'libpam-pwquality', 'nftables'];

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

/** What the mirror lacks is no fault of an image. */
const LACKING = /^origin\.(no-such-package|not-on-mirror|mirror-|unsolvable|digest-mismatch|index-expired)/;

t.test('hardened, sealed, and started as a copy', { skip: made.skip }, async (t) => {
  const recipe = join(work, 'hardened.yaml');
  const steps = (await Promise.all(NAMES.map(stepsOf))).flat();
  t.equal(steps.length, 3);
  const text = {
    name: 'hardened',
    os: { family: 'debian', release: '13' },
    origin: { image: made.image, access: 'credential' },
    answers: {
      hostname: 'hardened',
      kernelArguments: ['audit=1'],
      packages: PACKAGES,
      users: [{ name: 'admin-user', sudo: 'nopasswd', sshKeys: [{ file: `${key}.pub` }] }],
    },
    machine: { checkpoints: false },
    configure: [...steps, { reboot: {} }],
    capture: { formats: ['qcow2'] },
  };
  await writeFile(recipe, stringify(text));
  const folders = ['--store', join(work, 'store'), '--out', join(work, 'out')];
  const build = ingot(['build', recipe, ...folders], tell);
  const { code, stderr } = await build.ended;
  const failed = build.events.find((event) => event.type === 'stage.failed');
  if (failed?.type === 'stage.failed' && LACKING.test(failed.error.code)) {
    t.pass('the mirror has all packages', { skip: failed.error.message });
    return;
  }
  t.equal(code, 0, stderr);

  const image = join(work, 'out', 'hardened', 'hardened.qcow2');
  const { machine, session } = await bootFresh(
    join(work, 'copy'),
    {
      firmware: 'uefi',
      disks: [{ path: await overlay(image, 'qcow2', join(work, 'copy.qcow2')), format: 'qcow2', bus: 'virtio' }],
      network: { mode: 'isolated', model: 'virtio', forwardSsh: true },
    },
    { privateKey: await readFile(key, 'utf8'), publicKey: await readFile(`${key}.pub`, 'utf8') },
  );
  await using _machine = machine;
  await using _session = session;
  for (const name of NAMES)
    await t.test(name, async (t) => keepsTo(t, session, await expectationOf(join(root, 'test', 'images', name))));
  t.equal(await check(session, 'ls /etc/systemd/system | grep ingot || true'), '', 'the way in is gone');
});
