/** Two media side by side: every byte belongs to something that has a name. */
import { open, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { run } from '../../src/host/run.ts';
import { compareMedia } from '../../src/media/compare/compare.ts';
import { firstDifference } from '../../src/media/compare/difference.ts';
import { readTree } from '../../src/media/iso/iso-tree.ts';
import { BLOCK_SIZE } from '../../src/media/iso/iso9660.ts';
import { copyOf, masterFixture, rebuilt } from './fixture.ts';

const MAIN = join(import.meta.dirname, '../../src/cli/main.ts');
const ingot = (...args: readonly string[]) => run(process.execPath, [MAIN, 'media', ...args], { allow: [0, 1, 2] });
const folder = t.testdir({});
const original = await masterFixture(folder);
const nodes = await readTree(original);
const placeOf = (path: string): number => (nodes.find((node) => node.path === path)?.lba ?? 0) * BLOCK_SIZE;

t.test('one byte, wherever it is, is one difference with a name', async (t) => {
  const size = (await readFile(original)).length;
  for (const [at, kind, where] of [
    [100, 'raw', /^system area/],
    [16 * BLOCK_SIZE + 40, 'volume', /^primary volume descriptor, volume id/],
    [16 * BLOCK_SIZE + 900, 'volume', /application use/],
    [17 * BLOCK_SIZE + 200, 'volume', /^boot record/],
    [placeOf('/isolinux') + 18, 'raw', /^directory \/isolinux/],
    [placeOf('/install.amd/vmlinuz') + 3, 'content', /^\/install\.amd\/vmlinuz/],
    [placeOf('/install.amd/vmlinuz') + 1000, 'raw', /^between files/],
    [size - 1, 'raw', /^(after the file system|between files)/],
  ] as const) {
    const copy = await copyOf(original, join(folder, 'copy.iso'));
    await using file = await open(copy, 'r+');
    const byte = Buffer.alloc(1);
    await file.read(byte, 0, 1, at);
    await file.write(Buffer.from([(byte[0] ?? 0) ^ 1]), 0, 1, at);
    const { isEqual, differences } = await compareMedia(original, copy);
    t.notOk(isEqual);
    t.match(
      differences.find((one) => one.kind === kind),
      { where },
      `byte ${at}`,
    );
  }
});

t.test('files, attributes and boot structures of another build', async (t) => {
  const bios = ['-b', 'isolinux/isolinux.bin', '-c', 'isolinux/boot.cat', '-no-emul-boot', '-boot-load-size', '4'];
  const other = await rebuilt(
    original,
    t.testdir({}),
    async (tree) => {
      await writeFile(join(tree, 'new file'), 'x');
      await run('sh', ['-c', 'rm pool/empty.deb; chmod +x .disk/info; echo longer >> md5sum.txt'], { cwd: tree });
    },
    bios,
  );
  const { differences, counts } = await compareMedia(original, other);
  const lines = differences.map(({ kind, where, detail }) => `${kind} ${where}: ${detail}`);
  for (const wanted of [
    /^volume primary volume descriptor, volume id: FIXTURE \/ REBUILT$/,
    /^boot El Torito entry 2: UEFI.*\/boot\/grub\/efi\.img.* \/ \(nothing\)$/,
    /^tree \/new file: only in B$/,
    /^tree \/pool\/empty\.deb: only in A$/,
    /^attributes \/\.disk\/info, mode: 100444 \/ 100555$/,
    /^content \/md5sum\.txt: \d+ bytes \/ \d+ bytes$/,
    /^raw system area/,
  ])
    t.ok(
      lines.some((line) => wanted.test(line)),
      `${wanted}`,
    );
  t.ok((counts['tree'] ?? 0) >= 2);
});

t.test('the command: equal is 0, different is 1', async (t) => {
  t.match(await ingot('compare', original, await copyOf(original, join(folder, 'same.iso'))), {
    exitCode: 0,
    stdout: 'equal, byte for byte',
  });
  const longer = await copyOf(original, join(folder, 'longer.iso'));
  await writeFile(longer, 'tail', { flag: 'a' });
  const { exitCode, stdout } = await ingot('compare', '--json', original, longer);
  t.equal(exitCode, 1);
  t.match(JSON.parse(stdout), { isEqual: false, differences: [{ kind: 'volume', where: 'size of the file' }] });
  t.match(await ingot('compare', original, MAIN), { exitCode: 1, stderr: /media\.not-an-iso/ });
  t.equal((await ingot('compare', original)).exitCode, 2);
});

t.test('runs of several buffers, and of different lengths', async (t) => {
  const path = join(folder, 'bytes');
  await writeFile(path, Buffer.alloc(5 * 2 ** 20));
  await using file = await open(path, 'r+');
  await file.write('x', 2 ** 22 + 5);
  const run = (at: number, length: number) => ({ file, at, length });
  t.equal(await firstDifference(run(0, 2 ** 22), run(2 ** 20, 2 ** 21)), 2 ** 21);
  t.equal(await firstDifference(run(0, 2 ** 21), run(2 ** 21, 2 ** 21)), undefined);
  t.equal(await firstDifference(run(0, 3 * 2 ** 20), run(2 ** 21, 3 * 2 ** 20)), 2 ** 21 + 5);
  const ignored = [[2 ** 21 + 5, 2 ** 21 + 6]] as const;
  t.equal(await firstDifference(run(0, 3 * 2 ** 20), run(2 ** 21, 3 * 2 ** 20), undefined, ignored), undefined);
});
