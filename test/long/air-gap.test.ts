/**
 * A rebuild where no network is: the minimal example is locked and packed with Ingot itself, and the packed Ingot builds the whole
 * image from the bundle alone, with an empty store, in a network namespace that has nothing in it.
 */
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import t from 'tap';
import { run } from '../../src/host/run.ts';
import { parseLockFile } from '../../src/lock/lock-text.ts';
import { exampleRecipe, ingot, testStore, userKey } from '../e2e/support.ts';

t.setTimeout(3 * 60 * 60_000);

const ALONE = process.getuid?.() === 0 ? ['-n'] : ['-rn'];

const without = await run('unshare', [...ALONE, 'cat', '/proc/net/dev', '/proc/net/route'], { allow: [0, 1] });
const skip = without.exitCode !== 0 && 'this host lets nobody make a network namespace';

t.test('a whole image from a bundle alone', { skip }, async (t) => {
  const interfaces = without.stdout.split('\n').flatMap((line) => /^\s*(\w+):/.exec(line)?.[1] ?? []);
  t.same(interfaces, ['lo'], 'nothing leads out of the namespace');

  await mkdir(testStore, { recursive: true });
  const work = await mkdtemp(join(testStore, 'air-gap-'));
  t.teardown(() => rm(work, { recursive: true, force: true }));
  const home = join(work, 'home');
  const recipe = join(home, 'minimal.yaml');
  await mkdir(home);
  await cp(`${await userKey()}.pub`, join(home, 'key.pub'));
  const text = await readFile(exampleRecipe, 'utf8');
  await writeFile(recipe, text.replace('key: ~/.ssh/id_ed25519.pub', 'key: key.pub'));
  const verb = async (...args: string[]) => {
    const { code, stderr } = await ingot([...args, '--store', testStore], (line) => t.comment(line)).ended;
    t.equal(code, 0, `${args.slice(0, 2).join(' ')} ${stderr}`);
  };
  await verb('lock', recipe);
  const bundle = join(work, 'minimal.bundle');
  await verb('bundle', 'export', recipe, '-o', bundle, '--with-ingot');
  const lock = parseLockFile(await readFile(`${recipe}.lock`, 'utf8'), recipe);
  // What the other host does not have: the recipe, the key, the store.
  await rm(home, { recursive: true });

  await run('sh', ['-c', 'tar -xOf "$1" ingot.tar | tar -x -C "$2"', 'sh', bundle, work]);
  const store = join(work, 'store');
  const args = ['build', '--bundle', bundle, '--store', store, '--out', join(work, 'out'), '--plain'];
  const built = await run('unshare', [...ALONE, join(work, 'ingot', 'bin', 'ingot'), ...args], {
    allow: [0, 1, 2],
    env: { HOME: home, PATH: process.env['PATH'] ?? '' },
    onLine: (line) => t.comment(line),
  });
  t.equal(built.exitCode, 0, built.stderr);
  if (built.exitCode !== 0) return;
  const [name = ''] = Object.keys(lock.builds);
  const out = join(work, 'out', name);
  await run('sha256sum', ['--check', '--quiet', 'SHA256SUMS'], { cwd: out });
  const manifest = JSON.parse(await readFile(join(out, 'manifest.json'), 'utf8'));
  const archive = lock.builds[name]?.archive;
  t.same(
    manifest.origin.suites.map((suite: { inRelease: string }) => suite.inRelease),
    archive?.suites.map(({ inRelease }) => inRelease.sha256),
    'from the indexes of the lock',
  );
  const known = new Set(archive?.packages.map((one) => `${one.name} ${one.version}`));
  const installed = (await readFile(join(out, 'packages.txt'), 'utf8')).trim().split('\n');
  const named = installed.map((line) => line.split(/\s+/).slice(0, 2).join(' ').replace(/:\w+ /, ' '));
  t.ok(named.length > 150, `${named.length} packages are installed`);
  t.same(
    named.filter((one) => !known.has(one)),
    [],
    'each in the version of the lock',
  );
  const image = manifest.images.find(({ format }: { format: string }) => format === 'qcow2');
  await run('qemu-img', ['check', join(out, basename(image.file))]);
});
