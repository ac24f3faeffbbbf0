/**
 * The package sets of test/images, configured by the installer's own root without a machine: every script of every package ends
 * well in what an installer is (no network, no service, a chroot). Quicker than an image, and it says which script does not.
 * INGOT_IMAGES=`mail,router` tries those only.
 */
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { packageFailure, toldOf } from '../../src/diagnosis/package-failure.ts';
import { ingot, root, testStore, userKey } from '../e2e/support.ts';
import { inSystem, installBase, installerRoot, noNamespaces } from './installer-root.ts';

t.setTimeout(4 * 60 * 60_000);

const images = join(root, 'test', 'images');
const wanted = (process.env['INGOT_IMAGES'] ?? '').split(',').filter((name) => name !== '');
const work = join(testStore, 'packages');
await mkdir(work, { recursive: true });
const key = await userKey();
const missing = await noNamespaces();

for (const name of (await readdir(images)).sort()) {
  const skip = missing || (wanted.length > 0 && !wanted.includes(name) && 'not asked for');
  t.test(name, { skip }, async (t) => {
    const began = performance.now();
    const medium = join(work, `${name}.iso`);
    const recipe = join(images, name, 'recipe.yaml');
    const args = ['media', recipe, '--store', testStore, '-o', medium, '--var', `key=${key}.pub`];
    const { code, stderr } = await ingot(args, (text) => t.comment(text)).ended;
    t.equal(code, 0, stderr);
    if (code !== 0) return;
    const folder = join(work, name);
    await installerRoot(medium, folder);
    await rm(medium);
    const failed = await installBase(folder, (line) => t.comment(line)).then(
      () => undefined,
      async (error: unknown) => {
        // What dpkg says is kept there.
        const log = await readFile(join(folder, 'target/debootstrap/debootstrap.log'), 'utf8').catch(() => '');
        const lines = log.trimEnd().split('\n');
        const failure = packageFailure(lines);
        return failure ? toldOf(failure) : [String(error), ...lines.slice(-20)].join('\n');
      },
    );
    t.equal(failed, undefined, 'all scripts end well');
    if (failed === undefined) t.equal((await inSystem(folder, name, 'dpkg --audit')).stdout.trim(), '');
    await rm(folder, { recursive: true, force: true });
    t.comment(`${name}: ${((performance.now() - began) / 60_000).toFixed(1)} min`);
  });
}
