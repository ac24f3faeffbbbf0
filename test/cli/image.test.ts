import { cp, mkdir, open, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import t from 'tap';
import { testOnce } from '../../src/cli/image/test-session.ts';
import { type BuildsImage, madeAgain, type Once } from '../../src/cli/made-again.ts';
import { IngotError, none } from '../../src/errors.ts';
import { fileRef, sha256, sha256File, temporaryFolder } from '../../src/host/files.ts';
import { run } from '../../src/host/run.ts';
import { lockFileText } from '../../src/lock/lock-text.ts';
import { lockedBuild, lockFileOf } from '../../src/lock/make-lock.ts';
import { resultText } from '../../src/pipeline/result-text.ts';
import { loadRecipe } from '../../src/recipe/load.ts';
import { makeDisk } from '../capture/small-disk.ts';
import { SMALL_DEBIAN } from '../inspect/small-system.ts';

const MAIN = join(import.meta.dirname, '..', '..', 'src', 'cli', 'main.ts');

const ingot = (args: readonly string[], cwd: string) =>
  run(process.execPath, [MAIN, ...args], { cwd, allow: [0, 1, 2, 130] });

t.test('an image is looked into: inspect, why, diff', async (t) => {
  await using folder = await temporaryFolder();
  const cwd = folder.path;
  await makeDisk({ folder: cwd, files: SMALL_DEBIAN });
  await run('qemu-img', ['convert', '-O', 'qcow2', join(cwd, 'disk.raw'), join(cwd, 'disk.qcow2')]);
  const inspected = await ingot(['inspect', 'disk.qcow2'], cwd);
  const lines = [
    /^system {4}Small Debian, x86_64$/m,
    /guest +EMPTY PASSWORD, 1 key, \/bin\/sh$/m,
    /ada +password \(yescrypt\), 1 key, sudo without a password$/m,
    /sockets +web\.socket \(ListenStream=8080\)$/m,
    /setgid +\/opt\/own \(of no package\)$/m,
    /not known \d+\n(.*\n)* {4}\/etc\/ssl\/certs\/own\.pem$/m,
  ];
  for (const line of lines) t.match(inspected, { exitCode: 0, stdout: line });
  for (const line of inspected.stdout.split('\n')) t.ok(line.length <= 100 || /SHA256:/.test(line), line);
  t.match(JSON.parse((await ingot(['inspect', 'disk.raw', '--json'], cwd)).stdout), {
    version: 1,
    disk: { format: 'raw' },
  });
  t.match(await ingot(['why', 'disk.raw', 'libc6', '--most', '1'], cwd), {
    exitCode: 0,
    stdout: /essential {2}mawk \(depends\) → libc6\n {2}… and 1 reason more \(--most 2\)/,
  });
  t.match(await ingot(['why', 'disk.raw', 'libc7'], cwd), { exitCode: 2, stderr: /Did you mean libc6/ });
  t.match(await ingot(['inspect', 'missing.qcow2'], cwd), { exitCode: 1, stderr: /host\.no-such-file/ });
  t.match(await ingot(['diff', 'disk.raw', 'disk.qcow2'], cwd), { exitCode: 0, stdout: /nothing differs but times/ });
  t.match(await ingot(['diff', 'disk.raw'], cwd), { exitCode: 2, stderr: /usage\.two-images/ });
  t.match(await ingot(['diff', '--run', '--store', 'store'], cwd), { exitCode: 2, stderr: /usage\.no-such-run/ });
  // A run whose stages are in the store, as the engine leaves them.
  const [run1, entries] = [join(cwd, 'store/runs/20260101T000000-web-1'), join(cwd, 'store/stages')];
  await mkdir(run1, { recursive: true });
  const events = ['install', 'configure'].map((stage, nth) => ({
    type: nth === 0 ? 'stage.cached' : 'stage.done',
    stage,
    key: `${nth}`,
    at: '',
  }));
  await writeFile(join(run1, 'events.ndjson'), events.map((event) => `${JSON.stringify(event)}\n`).join(''));
  t.match(await ingot(['diff', '--run', 'web', '--store', 'store'], cwd), { exitCode: 1, stderr: /store\.no-disk/ });
  await run('debugfs', ['-w', '-R', 'rm /opt/own', `${join(cwd, 'disk.raw')}?offset=${14 * 2 ** 20}`]);
  for (const [nth, name] of [
    ['0', 'disk.qcow2'],
    ['1', 'disk.raw'],
  ] as const) {
    const entry = join(entries, nth === '0' ? 'install' : 'configure', nth);
    await mkdir(entry, { recursive: true });
    await cp(join(cwd, name), join(entry, name));
    const disk = await fileRef(join(entry, name));
    await writeFile(join(entry, 'result.json'), resultText({ disk: { ...disk, path: name } }));
  }
  t.match(await ingot(['diff', '--run', 'web', '--store', 'store'], cwd), {
    exitCode: 1,
    stdout: /nobody's files: 1\n {2}- \/opt\/own$/,
  });
});

t.test('two finished images are held against each other: packages, files, bits', async (t) => {
  await using folder = await temporaryFolder();
  const cwd = folder.path;
  const at = (...parts: string[]) => join(cwd, ...parts);
  const finish = async (name: string, images: readonly string[]): Promise<void> => {
    const stated = images.map(async (file) => ({
      file,
      format: file.split('.').at(-1),
      size: 1,
      virtualSize: 1,
      sha256: await sha256File(at(name, file)),
    }));
    const manifest = { manifestVersion: 1, name: 'small', version: '1', images: await Promise.all(stated) };
    await writeFile(at(name, 'manifest.json'), JSON.stringify({ ...manifest, recipe: { file: 'x', digest: 'y' } }));
  };
  for (const name of ['one', 'same', 'boxed', 'other']) await mkdir(at(name));
  await mkdir(at('made'));
  await makeDisk({ folder: at('made'), files: SMALL_DEBIAN });
  for (const name of ['one', 'same', 'boxed', 'other']) await cp(at('made', 'disk.raw'), at(name, 'disk.raw'));
  const change = { input: `rm /etc/hostname\nwrite ${at('one', 'text')} /etc/hostname\n` };
  await writeFile(at('one', 'text'), 'another-name\n');
  await run('debugfs', ['-w', '-f', '-', `${at('other', 'disk.raw')}?offset=${14 * 2 ** 20}`], change);
  const convert = ['convert', '-O', 'qcow2', at('made', 'disk.raw')];
  await run('qemu-img', [...convert, at('one', 'disk.qcow2')]);
  await run('qemu-img', [...convert, '-o', 'cluster_size=2M', at('boxed', 'disk.qcow2')]);
  await finish('one', ['disk.raw', 'disk.qcow2']);
  for (const name of ['same', 'other']) await finish(name, ['disk.raw']);
  await finish('boxed', ['disk.qcow2']);
  const held = (other: string) => ingot(['reproduce', 'one', '--with', other], cwd);

  t.match(await held('same'), {
    exitCode: 0,
    stdout:
      /holds +packages[\s\S]*holds +files[\s\S]*holds +bits +raw is the same, sha256 [0-9a-f]{64}[\s\S]*one holds/,
  });
  t.match(await held('boxed'), { exitCode: 1, stdout: /the disk is the same, but not the format\s+around it/ });
  const { exitCode, stdout } = await held('other');
  t.equal(exitCode, 1);
  t.match(stdout, /holds +packages/);
  t.match(stdout, /FAILS +files +1 of \d+ files differ/);
  t.match(stdout, /at \/etc\/hostname/);
  t.match(stdout, /differs from byte \d+ of the disk on\n {2}at partition 4/);
  for (const [name, text] of Object.entries({ odd: 'no disk', 'odd-too': 'no disk', odder: 'no disk either' })) {
    await mkdir(at(name));
    await writeFile(at(name, 'disk.qcow2'), text);
    await finish(name, ['disk.qcow2']);
  }
  const odd = (other: string) => ingot(['reproduce', 'odd', '--with', other], cwd);
  t.match(await odd('odd-too'), { exitCode: 0, stdout: /this is not a disk image \(capture\.image-unknown\)/ });
  t.match(await odd('odder'), { exitCode: 1, stdout: /not judged +files +this is not a disk image/ });
  t.match(await odd('same'), { exitCode: 2, stdout: /not judged +bits +they have no format in common/ });
  t.match(await held('made'), { exitCode: 2, stderr: /usage\.no-image-folder/ });
  t.match(await ingot(['reproduce', 'one'], cwd), { exitCode: 2, stderr: /usage\.no-recipe-named/ });
});

t.test('an image that has not changed is not tested again', async (t) => {
  await using folder = await temporaryFolder();
  const path = await makeDisk({ folder: folder.path, files: SMALL_DEBIAN });
  await using image = await open(path, 'a');
  // What changed a moment ago is digested again.
  await delay(2_100);
  const options = { var: {}, machines: [], static: true, format: 'json', keepDisks: false, cache: true, plain: true };
  const once = () => testOnce(path, { ...options, store: join(folder.path, 'store') });
  const results = () => readdir(join(folder.path, 'store/stages/test'));
  const first = await once();
  const tested = await results();
  const again = await once();
  t.same(again.report, first.report);
  t.same(await results(), tested, 'the result is the one that was there');
  await image.write('x');
  await once();
  t.equal((await results()).length, tested.length + 1, 'changed: tested again');
});

t.test('an image is made again from its recipe and its lock, in a store that has the same choices', async (t) => {
  await using folder = await temporaryFolder();
  const at = (...parts: string[]) => join(folder.path, ...parts);
  const image = 'a disk';
  const recipe = at('web.yaml');
  await writeFile(at('disk.raw'), image);
  await writeFile(
    recipe,
    `name: web\nos: {family: debian, release: "12"}\norigin: {image: disk.raw, sha256: ${sha256(image)}}\nconfigure:\n  - copy: {content: words, to: /etc/motd}\n`,
  );
  await mkdir(at('store', 'stages', 'obtain'), { recursive: true });
  await mkdir(at('store', 'stages', 'install'), { recursive: true });
  const loaded = await loadRecipe(recipe);
  const made = {
    lock: undefined,
    file: { sha256: sha256(image), proof: undefined },
    added: undefined,
    below: undefined,
  };
  const text = lockFileText(await lockFileOf({ web: await lockedBuild(loaded, made) }), 'web.yaml');
  await writeFile(`${recipe}.lock`, text);

  const manifest = { name: 'web', recipe: { file: 'web.yaml', digest: loaded.digest } };
  const locked = { ...manifest, lock: { file: 'web.yaml.lock', sha256: sha256(text) } };
  const options = { recipe, var: {}, store: at('store'), json: true, plain: true };
  const built: { readonly frozen: string | undefined; readonly out: string }[] = [];
  const builds: BuildsImage = async ({ frozen }, { out }) => {
    built.push({ frozen: frozen?.sha256, out });
    return { output: join(out, 'web') };
  };
  // With the slash that a shell completes.
  const again = (once: Once['manifest'], build = builds) =>
    madeAgain({ folder: at('out/web/'), manifest: once }, options, build);
  const out = at('out/web.again/out');
  t.equal(await again(locked), join(out, 'web'));
  t.equal(await again(manifest), join(out, 'web'), 'one that was built without a lock');
  t.same(built, [
    { frozen: sha256(text), out },
    { frozen: undefined, out },
  ]);
  t.same(await readdir(at('out/web.again/store/stages')), ['obtain'], 'choices, and nothing that a machine made');
  const failed = again(manifest, () =>
    Promise.reject(new IngotError('guest.step-failed', 'x', { hint: none('of a test') })),
  );
  t.equal(await failed, undefined, 'the screen has told why');

  await t.rejects(again({ ...manifest, recipe: { digest: 'y' } }), { code: 'usage.other-recipe', hint: /--var/ });
  await t.rejects(again({ ...manifest, name: 'other' }), { code: 'usage.other-recipe', hint: /It makes web/ });
  const other = { ...locked, lock: { file: 'web.yaml.lock', sha256: 'x' } };
  await t.rejects(again(other), { code: 'usage.other-lock', hint: /web\.yaml\.lock as it was/ });
  await rm(`${recipe}.lock`);
  await t.rejects(again(locked), { code: 'lock.missing' });
});
