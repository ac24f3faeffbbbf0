/**
 * Three hardenings of test/images at once, over the image of Debian 13 that debian-13.test.ts has made: a firewall, a hardened
 * kernel with auditd, hardened accounts. All steps of their recipes run, and a copy does what each of them must.
 */
import { access, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { expectationOf, keepsTo } from '../../long/expectation.ts';
import { bootFresh, check, ingot, overlay, root, storeOf13, userKey } from '../support.ts';

t.setTimeout(30 * 60_000);

const key = await userKey();
const base = join(storeOf13, 'out', 'debian-13-real', 'debian-13-real.qcow2');
const skip = await access(base).then(
  () => false,
  () => 'debian-13.test.ts has made no image',
);
t.teardown(async () => {
  if (t.passing()) await rm(storeOf13, { recursive: true, force: true });
});

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

t.test('hardened, sealed, and started as a copy', { skip }, async (t) => {
  const recipe = join(storeOf13, 'hardened.yaml');
  const steps = (await Promise.all(NAMES.map(stepsOf))).flat();
  t.equal(steps.length, 3);
  const text = {
    name: 'hardened',
    os: { family: 'debian', release: '13' },
    origin: { image: base, access: 'credential' },
    answers: { hostname: 'hardened', kernelArguments: ['audit=1'], packages: PACKAGES },
    configure: [...steps, { reboot: {} }],
    capture: { formats: ['qcow2'] },
  };
  await writeFile(recipe, stringify(text));
  const folders = ['--store', join(storeOf13, 'store'), '--out', join(storeOf13, 'out')];
  const build = ingot(['build', recipe, ...folders], (line) => t.comment(line));
  const { code, stderr } = await build.ended;
  const failed = build.events.find((event) => event.type === 'stage.failed');
  if (failed?.type === 'stage.failed' && LACKING.test(failed.error.code)) {
    t.pass('the mirror has all packages', { skip: failed.error.message });
    return;
  }
  t.equal(code, 0, stderr);

  const image = join(storeOf13, 'out', 'hardened', 'hardened.qcow2');
  const { machine, session } = await bootFresh(
    join(storeOf13, 'hardened'),
    {
      firmware: 'uefi',
      disks: [
        { path: await overlay(image, 'qcow2', join(storeOf13, 'hardened.qcow2')), format: 'qcow2', bus: 'virtio' },
      ],
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
