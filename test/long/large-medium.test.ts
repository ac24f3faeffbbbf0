/**
 * Media with a file above 4 GiB, which ISO 9660 has in several extents: remastered and verified, and read by other
 * readers.
 */
import { mkdir, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { run } from '../../src/host/run.ts';
import { BLOCK_SIZE } from '../../src/media/iso/iso9660.ts';
import { readMedium } from '../../src/media/iso/medium.ts';
import { masterIso } from '../../src/media/master.ts';
import { remaster } from '../../src/media/remaster.ts';
import { checkKept } from '../../src/media/verify/kept-files.ts';
import { checkSoundness } from '../../src/media/verify/soundness.ts';
import { silentReporter } from '../../src/report.ts';
import { DATE, writeTree } from '../media/fixture.ts';
import { makeDistribution } from '../media/make-distribution.ts';

t.setTimeout(60 * 60_000);

const GIB = 2 ** 30;
const SIZE = 4.5 * GIB;
/** Where words stand in it: at both ends, and on both sides of what 32 bits can count. */
const MARKS = [0, 4 * GIB - 2048 - 8, 4 * GIB + 2048, SIZE - 8].map((at) => ({
  at,
  word: `<${at}>`.slice(0, 8).padEnd(8),
}));

const folder = t.testdir({});

const remastered = (iso: string, output: string) =>
  remaster({
    iso,
    output,
    initrdEntries: [{ type: 'file', path: 'answers', mode: 0o600, content: 'answers' }],
    mediumFiles: [],
    kernelArguments: { installer: ['unattended=yes'], target: [] },
    menu: { start: 'ask', title: 'Large' },
    date: DATE,
    reporter: silentReporter,
  });

t.test('a file above 4 GiB keeps its bytes', async (t) => {
  const tree = await writeTree(join(folder, 'tree'));
  await writeLarge(join(tree, 'pool', 'large.bin'));
  const original = join(folder, 'original.iso');
  await masterIso({ tree, output: original, volumeId: 'LARGE', date: DATE, parts: '/' });
  const iso = join(folder, 'large.iso');
  const before = process.resourceUsage().maxRSS;
  await remastered(original, iso);
  t.ok(process.resourceUsage().maxRSS - before < 150 * 2 ** 10, 'its peak of memory does not follow the size');
  const extents = (await readMedium(iso)).files.get('/pool/large.bin') ?? [];
  t.ok(extents.length > 1, `${extents.length} extents`);
  t.equal(
    extents.reduce((sum, { size }) => sum + size, 0),
    SIZE,
  );
  const list = join(folder, 'md5sum.txt');
  await run('xorriso', ['-no_rc', '-osirrox', 'on', '-indev', iso, '-extract', '/md5sum.txt', list]);
  const [, sum] = /^([0-9a-f]{32}) {2}\.\/pool\/large\.bin$/m.exec(await readFile(list, 'utf8')) ?? [];
  // GRUB's reader shares no code with xorriso; pycdlib and isoinfo know of one extent only.
  const read = `grub-fstest "$1" cat '(loop0)/pool/large.bin' | md5sum`;
  const { stdout } = await run('sh', ['-c', read, 'sh', iso]);
  t.equal(stdout.split(' ')[0], sum, 'another reader has the bytes that md5sum.txt is about');
  await using medium = await open(iso);
  for (const { at, word } of MARKS) {
    const bytes = Buffer.alloc(word.length);
    await medium.read(bytes, 0, bytes.length, placeOf(extents, at));
    t.equal(bytes.toString(), word, `at ${at}`);
  }
});

for (const name of ['rhel-9', 'fedora'] as const)
  t.test(`${name}: isomd5, Joliet, and an EFI image in or after the file system`, async (t) => {
    const tree = join(folder, `${name}.tree`);
    await mkdir(join(tree, 'Packages'), { recursive: true });
    await writeLarge(join(tree, 'Packages', 'large.bin'));
    const original = await makeDistribution(folder, name);
    await rm(tree, { recursive: true });
    const iso = join(folder, `large-${name}.iso`);
    await remastered(original, iso);
    t.equal((await run('checkisomd5', [iso])).exitCode, 0);
    const [before, after] = [await readMedium(original), await readMedium(iso)];
    const { unchanged, changed } = await checkKept(before, after, {});
    t.ok(changed.includes('/EFI/BOOT/grub.cfg'));
    t.equal(unchanged, before.files.size - changed.length);
    t.strictSame((await checkSoundness(after)).problems, []);
    t.ok(after.volume.hasJoliet);
    // isoinfo reads by Joliet's own tree, which is above 4 GiB.
    const menu = await run('isoinfo', ['-J', '-i', iso, '-x', '/EFI/BOOT/grub.cfg']);
    t.match(menu.stdout, /--id ingot/);
    await rm(original);
    await rm(iso);
  });

async function writeLarge(path: string): Promise<void> {
  await using file = await open(path, 'w');
  await file.truncate(SIZE);
  for (const { at, word } of MARKS) await file.write(word, at);
}

/** Of a byte of the file, in the medium. */
function placeOf(extents: readonly { readonly lba: number; readonly size: number }[], at: number): number {
  let before = 0;
  for (const { lba, size } of extents) {
    if (at < before + size) return lba * BLOCK_SIZE + at - before;
    before += size;
  }
  return Number.NaN;
}
