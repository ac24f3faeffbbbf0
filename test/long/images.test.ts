/**
 * Images that people really make, and what they do to them: servers by their usual package sets, and hardenings. Each
 * folder of test/images is a recipe with what is expected of its machines. It is built, sealed, captured, and started as a
 * copy on another machine. INGOT_IMAGES=`mail,router` makes those only; the hardenings share one installation.
 */
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { bootFresh, ingot, machinesOf, overlay, root, testStore, userKey } from '../e2e/support.ts';
import { expectationOf, keepsTo } from './expectation.ts';

t.setTimeout(12 * 60 * 60_000);

const FOLDER = join(root, 'test', 'images');
const names = (await readdir(FOLDER)).sort();
const wanted = (process.env['INGOT_IMAGES'] ?? '').split(',').filter((name) => name !== '');
const strange = wanted.filter((name) => !names.includes(name));
if (strange.length > 0) throw new Error(`no such image: ${strange.join(', ')}`);

const work = join(testStore, 'images');
await mkdir(work, { recursive: true });
const keyFile = await userKey();
const key = { privateKey: await readFile(keyFile, 'utf8'), publicKey: await readFile(`${keyFile}.pub`, 'utf8') };

/** What dpkg and apt would say where the image's locale, German, were the build's. */
const GERMAN =
  /Paketlisten werden gelesen|wird eingerichtet|wird entpackt|Vormals nicht ausgewähltes Paket|Trigger für/;
/** What a mirror lacks is no fault of an image. */
const LACKING = /^origin\.(no-such-package|not-on-mirror)$/;

/** The image, or why the mirror has not what it takes. */
const built = async (t: Test, name: string): Promise<{ image: string } | { lacking: string }> => {
  const out = join(work, 'out');
  const recipe = join(FOLDER, name, 'recipe.yaml');
  const build = ingot(['build', recipe, '--store', testStore, '--out', out, '--var', `key=${keyFile}.pub`], (text) =>
    t.comment(text),
  );
  const { code, stderr } = await build.ended;
  const failed = build.events.find((event) => event.type === 'stage.failed');
  if (failed?.type === 'stage.failed' && LACKING.test(failed.error.code)) return { lacking: failed.error.message };
  t.equal(code, 0, stderr);
  const lines = build.events.flatMap((event) => (event.type === 'stage.line' ? [event.line] : []));
  t.same(
    lines.filter((line) => GERMAN.test(line)),
    [],
    'the logs are in C',
  );
  return { image: join(out, name, `${name}.qcow2`) };
};

for (const name of names) {
  const skip = wanted.length > 0 && !wanted.includes(name) && 'not asked for';
  t.test(name, { skip }, async (t) => {
    const began = performance.now();
    const minutes = () => ((performance.now() - began) / 60_000).toFixed(1);
    const result = await built(t, name);
    if ('lacking' in result) {
      t.pass('the mirror has all packages', { skip: result.lacking });
      return;
    }
    t.comment(`built in ${minutes()} min`);
    const folder = join(work, name);
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    const disk = await overlay(result.image, 'qcow2', join(folder, 'copy.qcow2'), 10 * 2 ** 30);
    const { machine, session } = await bootFresh(
      join(folder, 'boot'),
      {
        firmware: 'uefi',
        memory: 2 * 2 ** 30,
        disks: [{ path: disk, format: 'qcow2', bus: 'virtio' }],
        network: { mode: 'isolated', model: 'virtio', forwardSsh: true },
      },
      key,
    );
    {
      await using _machine = machine;
      await using _session = session;
      await keepsTo(t, session, await expectationOf(join(FOLDER, name)));
      await machine.powerOff(180_000);
    }
    t.same(await machinesOf(testStore), []);
    await rm(folder, { recursive: true, force: true });
    await rm(join(work, 'out', name), { recursive: true, force: true });
    t.comment(`tried in ${minutes()} min`);
  });
}
