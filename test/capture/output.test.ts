import { execFileSync } from 'node:child_process';
import { chown, mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import t from 'tap';
import { checkImage, convert, describeImage } from '../../src/capture/convert.ts';
import { openOutput } from '../../src/capture/output.ts';
import { patternSearch } from '../../src/capture/pattern-search.ts';
import { type Needle, searchDisk } from '../../src/capture/search.ts';
import { fileOf, sha256 } from '../../src/host/files.ts';
import { run } from '../../src/host/run.ts';
import { silentReporter } from '../../src/report.ts';

const folder = await mkdtemp(join(tmpdir(), 'ingot-output-'));
t.teardown(() => rm(folder, { recursive: true, force: true }));
const options = { reporter: silentReporter };
const MIB = 2 ** 20;

t.test('layers become flat images with the same content, compressed or sparse', async (t) => {
  const base = join(folder, 'base.qcow2');
  const overlay = join(folder, 'overlay.qcow2');
  await run('qemu-img', ['create', '-q', '-f', 'qcow2', base, '64M']);
  await run('qemu-io', ['-f', 'qcow2', '-c', 'write -P 0x41 1M 3M', base]);
  await run('qemu-img', ['create', '-q', '-f', 'qcow2', '-b', base, '-F', 'qcow2', overlay]);
  await run('qemu-io', ['-f', 'qcow2', '-c', 'write -P 0x42 2M 1M', '-c', 'write -z 3M 1M', overlay]);
  const percents: number[] = [];
  const reporter = { ...silentReporter, progress: (done: number) => void percents.push(done) };

  const raw = await convert(
    { path: overlay, format: 'qcow2' },
    { path: join(folder, 'a.raw'), format: 'raw' },
    { reporter },
  );
  t.match(raw, { virtualSize: 64 * MIB, fileSize: 64 * MIB });
  t.ok(raw.diskSize <= 3 * MIB, `holes are kept: ${raw.diskSize}`);
  t.equal(percents.at(-1), 100);
  const content = await readFile(raw.path);
  t.equal(content[1.5 * MIB], 0x41);
  t.equal(content[2.5 * MIB], 0x42);
  t.equal(content[3.5 * MIB], 0);

  const qcow2 = await convert(
    { path: raw.path, format: 'raw' },
    { path: join(folder, 'a.qcow2'), format: 'qcow2' },
    options,
  );
  t.ok(qcow2.diskSize < 8 * MIB);
  const { stdout } = await run('qemu-img', ['info', '--output=json', qcow2.path]);
  t.match(JSON.parse(stdout), { 'format-specific': { data: { 'compression-type': 'zstd' } } });
  await run('qemu-img', ['compare', '-f', 'raw', '-F', 'qcow2', raw.path, qcow2.path]);
  t.same(
    (await readdir(folder)).filter((name) => name.endsWith('.tmp')),
    [],
  );
});

t.test('a damaged image, one that needs another, and a source that is not there are errors', async (t) => {
  const path = join(folder, 'a.qcow2');
  await t.rejects(describeImage(join(folder, 'overlay.qcow2'), 'qcow2'), {
    code: 'capture.image-damaged',
    message: /base/,
  });
  const image = await readFile(path);
  const broken = join(folder, 'broken.qcow2');
  // The refcount table offset (docs/interop/qcow2.txt, bytes 48 to 55) is led astray.
  image.writeBigUInt64BE(BigInt(MIB * 512), 48);
  await writeFile(broken, image);
  await t.rejects(checkImage(broken, 'qcow2'), { code: 'capture.image-damaged' });
  const missing = convert(
    { path: join(folder, 'none'), format: 'raw' },
    { path: join(folder, 'x'), format: 'qcow2' },
    options,
  );
  await t.rejects(missing, { code: 'host.command-failed' });
  t.notOk((await readdir(folder)).some((name) => name === 'x' || name.endsWith('.tmp')));
});

t.test('a secret on the border of two reads, and after a hole, is found once', async (t) => {
  const image = join(folder, 'data.raw');
  const data = Buffer.alloc(13 * MIB, 'noise ');
  const secret = 'a-secret-of-the-build';
  const places = [0, 4 * MIB - 3, 8 * MIB - secret.length, 13 * MIB - secret.length];
  for (const at of places) data.write(secret, at);
  await writeFile(image, data);
  await run('truncate', ['-s', '40M', image]);
  await run('qemu-io', ['-f', 'raw', '-c', 'write -P 0x7a 32M 1M', image]);
  const needles: Needle[] = [
    { label: 'it', value: secret },
    { label: 'short', value: 'zzz' },
    { label: 'longer than all', value: `${secret}${'?'.repeat(50)}` },
  ];
  const table = { label: 'gpt' as const, partitions: [] };
  const none = async () => undefined;
  const files = {
    image,
    table,
    mounts: [],
    find: none,
    link: none,
    place: none,
    read: none,
    text: none,
    list: async () => [],
  };
  t.same(
    await searchDisk(files, needles, options),
    places.map((offset) => ({ label: 'it', offset })),
  );
});

t.test('many patterns are found where each alone is', (t) => {
  const pattern = fc.array(fc.constantFrom(0, 1, 97, 98, 255), { minLength: 2, maxLength: 16 });
  fc.assert(
    fc.property(
      fc.uniqueArray(pattern, { minLength: 1, maxLength: 20, selector: String }),
      fc.array(fc.constantFrom(0, 1, 97, 98, 255), { maxLength: 300 }),
      fc.array(fc.nat(19), { maxLength: 8 }),
      (patterns, noise, placed) => {
        const all = patterns.map((bytes) => Buffer.from(bytes));
        const data = Buffer.concat([...placed.map((nth) => all[nth] ?? Buffer.alloc(1)), Buffer.from(noise)]);
        const found: string[] = [];
        patternSearch(all)(data, (nth, at) => found.push(`${nth} ${at}`));
        const expected = all.flatMap((bytes, nth) =>
          Array.from({ length: data.length }, (_, at) => at)
            .filter((at) => data.subarray(at, at + bytes.length).equals(bytes))
            .map((at) => `${nth} ${at}`),
        );
        return found.sort().join() === expected.sort().join();
      },
    ),
    { numRuns: 2000 },
  );
  t.end();
});

t.test('a disk full of a secret is told, not counted', async (t) => {
  const image = join(folder, 'full.raw');
  await writeFile(image, 'a-secret-of-the-build '.repeat(200_000));
  const table = { label: 'gpt' as const, partitions: [] };
  const none = async () => undefined;
  const files = {
    image,
    table,
    mounts: [],
    find: none,
    link: none,
    place: none,
    read: none,
    text: none,
    list: async () => [],
  };
  const hits = await searchDisk(files, [{ label: 'it', value: 'a-secret-of-the-build' }], options);
  t.match(hits.at(-1), { label: 'it, in more than 2000 places' });
  t.equal(hits.length, 6);
});

t.test('the output folder appears whole, with sums that sha256sum accepts, and replaces an earlier one', async (t) => {
  const parent = join(folder, 'out');
  const build = async (content: string): Promise<string> => {
    await using output = await openOutput({ parent, name: 'image' });
    await writeFile(join(output.folder, 'image.raw'), content);
    await writeFile(join(output.folder, 'manifest.json'), '{}');
    const known = fileOf({ path: join(output.folder, 'image.raw'), size: content.length, sha256: sha256(content) });
    return await output.publish([known]);
  };
  const final = await build('one');
  t.equal(final, join(parent, 'image'));
  execFileSync('sha256sum', ['--check', '--strict', 'SHA256SUMS'], { cwd: final, stdio: 'ignore' });
  await build('two');
  t.equal(await readFile(join(final, 'image.raw'), 'utf8'), 'two');
  t.same(await readdir(parent), ['image']);

  const failed = async () => {
    await using output = await openOutput({ parent, name: 'image' });
    await writeFile(join(output.folder, 'image.raw'), 'half');
    throw new Error('the build failed');
  };
  await t.rejects(failed(), { message: 'the build failed' });
  t.equal(await readFile(join(final, 'image.raw'), 'utf8'), 'two', 'a failed build takes nothing away');
  t.same(await readdir(parent), ['image']);
});

t.test('what a killed build has left is put right; busy and foreign folders are named', async (t) => {
  const parent = join(folder, 'out');
  // Killed between the two renames, with half a folder of an even earlier one.
  await rename(join(parent, 'image'), join(parent, '.image.previous'));
  await mkdir(join(parent, '.image.new-99999999-AAAAAA'));
  {
    await using _first = await openOutput({ parent, name: 'image' });
    t.equal(await readFile(join(parent, 'image', 'image.raw'), 'utf8'), 'two');
    t.notOk((await readdir(parent)).includes('.image.new-99999999-AAAAAA'));
    await t.rejects(openOutput({ parent, name: 'image' }), { code: 'capture.output-busy' });
  }
  await mkdir(join(parent, 'mine'));
  await writeFile(join(parent, 'mine', 'thesis.tex'), 'years of work');
  await t.rejects(openOutput({ parent, name: 'mine' }), { code: 'capture.output-foreign' });
  t.same(await readdir(join(parent, 'mine')), ['thesis.tex']);

  // Where others can write, a name says nothing about who made what is there.
  const planted = join(parent, '.image.previous');
  await symlink(join(parent, 'mine'), planted);
  await t.rejects(openOutput({ parent, name: 'image' }), { code: 'capture.output-foreign', where: planted });
  await rm(planted);
  await writeFile(join(parent, 'mine', 'manifest.json'), '{}');
  await rm(join(parent, 'image'), { recursive: true });
  await symlink(join(parent, 'mine'), join(parent, 'image'));
  {
    await using output = await openOutput({ parent, name: 'image' });
    await writeFile(join(output.folder, 'manifest.json'), '{}');
    await output.publish();
  }
  t.same(await readdir(join(parent, 'mine')), ['manifest.json', 'thesis.tex'], 'the end of a link stays');
  t.same((await readdir(parent)).sort(), ['image', 'mine']);
  if (process.getuid?.() !== 0) return t.pass('folders of another user', { skip: 'only root can make them' });
  for (const name of ['.image.previous', '.image.new-99999999-abcdef']) {
    await mkdir(join(parent, name));
    await chown(join(parent, name), 12345, 12345);
  }
  await t.rejects(openOutput({ parent, name: 'image' }), { code: 'capture.output-foreign', where: planted });
  await rm(planted, { recursive: true });
  await using _output = await openOutput({ parent, name: 'image' });
  t.ok((await readdir(parent)).includes('.image.new-99999999-abcdef'), "another user's folder stays");
});
