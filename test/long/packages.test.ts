/**
 * The package sets of test/images, configured by the installer's own root without a machine: every script of every package ends
 * well in what an installer is (no network, no service, a chroot). Then the servers start as containers, and answer as expected of
 * their machines. Quicker than an image, and it says which script or service does not.
 * INGOT_IMAGES=`mail,router` tries those only.
 */
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import t, { type Test } from 'tap';
import { packageFailure, toldOf } from '../../src/diagnosis/package-failure.ts';
import { shellQuote } from '../../src/host/command-line.ts';
import { loadRecipe } from '../../src/recipe/load.ts';
import { ingot, root, testStore, userKey } from '../e2e/support.ts';
import { expectationOf } from './expectation.ts';
import { inContainer, noContainers } from './in-container.ts';
import { inSystem, installBase, installerRoot, noNamespaces } from './installer-root.ts';

t.setTimeout(4 * 60 * 60_000);

const images = join(root, 'test', 'images');
const wanted = (process.env['INGOT_IMAGES'] ?? '').split(',').filter((name) => name !== '');
const work = join(testStore, 'packages');
await mkdir(work, { recursive: true });
const key = await userKey();
const missing = await noNamespaces();

/** What the recipe's steps do, and what is expected of its machines as far as a container can do it. */
const tryServices = async (t: Test, name: string, target: string): Promise<void> => {
  const { recipe } = await loadRecipe(join(images, name, 'recipe.yaml'), { env: {}, variables: { key: `${key}.pub` } });
  const { failed, commands } = await expectationOf(join(images, name));
  const looks = commands.filter(({ machine }) => machine === undefined);
  const none = await noContainers();
  if (none !== false || /^(hardened|firewall|cloud)/.test(name)) {
    t.pass('its services', { skip: none === false ? 'it changes the kernel: only in a machine' : none });
    return;
  }
  for (const step of recipe.configure) {
    if (!('copy' in step)) continue;
    const { from, content, to } = step.copy;
    await mkdir(dirname(join(target, to)), { recursive: true });
    if (from !== undefined) await cp(join(images, name, from), join(target, to), { recursive: true });
    if (typeof content === 'string') await writeFile(join(target, to), content);
  }
  const tried = await inContainer(target, {
    hostname: recipe.answers.hostname,
    user: 'admin-user',
    setup: recipe.configure.map((step) => ('run' in step ? (step.run.script ?? '') : '')).join('\n'),
    commands: looks.map(({ run, shell }) => `${shell} -c ${shellQuote(run)}`),
  });
  t.same(
    tried.failed.filter((unit) => !(unit in failed)),
    [],
    'no unit fails in a container',
  );
  for (const [nth, { run, says }] of looks.entries()) t.match(tried.said[nth], new RegExp(says, 'm'), run);
};

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
    if (failed === undefined) {
      t.equal((await inSystem(folder, name, 'dpkg --audit')).stdout.trim(), '');
      await tryServices(t, name, join(folder, 'target'));
    }
    await rm(folder, { recursive: true, force: true });
    t.comment(`${name}: ${((performance.now() - began) / 60_000).toFixed(1)} min`);
  });
}
