/** The implanted sum against implantisomd5 and checkisomd5, byte for byte. */
import { copyFile, open, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { run } from '../../src/host/run.ts';
import { checkIsoMd5, formatIsoMd5, type IsoMd5, isoMd5Sum } from '../../src/media/checks/isomd5.ts';
import { sumOfFile, writeApplicationUse } from '../../src/media/checks/whole-medium.ts';

/** Bytes that look like nothing, and are the same every time. */
const noise = (length: number): Buffer => {
  const bytes = Buffer.alloc(length);
  let state = 1;
  for (let at = 0; at + 4 <= length; at += 4) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes.writeUInt32LE(state, at);
  }
  return bytes;
};

const implantIsoMd5 = async (iso: string, isSupported: boolean, signal?: AbortSignal): Promise<IsoMd5> => {
  await using file = await open(iso);
  const { size } = await file.stat();
  const sums = await sumOfFile(file, size, await isoMd5Sum(file, isSupported), signal);
  await writeApplicationUse(iso, formatIsoMd5(sums));
  return sums;
};

t.test('what is implanted is what implantisomd5 implants', async (t) => {
  const folder = t.testdir({ tree: {} });
  // The fragments of the smallest are shorter than what is read at a time; the largest crosses several buffers.
  for (const size of [300_000, 700_000, 1_000_001, 9_000_000, 21_000_000]) {
    const [theirs, ours] = [join(folder, 'theirs.iso'), join(folder, 'ours.iso')];
    await writeFile(join(folder, 'tree/file'), noise(size));
    await run('xorriso', ['-no_rc', '-as', 'mkisofs', '-quiet', '-o', theirs, join(folder, 'tree')]);
    await copyFile(theirs, ours);
    t.equal(await checkIsoMd5(ours), undefined, 'nothing is implanted yet');
    await run('implantisomd5', size > 9_000_000 ? ['--supported-iso', theirs] : [theirs]);
    const sums = await implantIsoMd5(ours, size > 9_000_000);
    t.ok((await readFile(ours)).equals(await readFile(theirs)), `${size} bytes`);
    t.strictSame((await checkIsoMd5(theirs))?.implanted, sums);
    t.match(await checkIsoMd5(theirs), { holds: true });
    if (size >= 700_000) t.equal((await run('checkisomd5', [ours])).exitCode, 0);
  }
});

t.test('a changed byte is seen, but in the sectors that are left out', async (t) => {
  const folder = t.testdir({ tree: { file: noise(800_000) } });
  const iso = join(folder, 'x.iso');
  await run('xorriso', ['-no_rc', '-as', 'mkisofs', '-quiet', '-o', iso, join(folder, 'tree')]);
  await implantIsoMd5(iso, false);
  await using file = await open(iso, 'r+');
  const size = (await file.stat()).size;
  await file.write('X', size - 100);
  t.match(await checkIsoMd5(iso), { holds: true });
  await file.write('X', 500_000);
  const check = await checkIsoMd5(iso);
  t.match(check, { holds: false });
  t.not(check?.computed.fragmentSums, check?.implanted.fragmentSums);
  t.equal((await run('checkisomd5', [iso], { allow: [1] })).exitCode, 1);
});

t.test('an interruption ends it, a tiny file has no room', async (t) => {
  const folder = t.testdir({ 'tiny.iso': Buffer.alloc(40_000) });
  await t.rejects(implantIsoMd5(join(folder, 'tiny.iso'), false), { code: 'media.too-small' });
  const iso = '/usr/lib/ipxe/ipxe.iso';
  const copy = join(folder, 'copy.iso');
  await copyFile(iso, copy);
  await t.rejects(implantIsoMd5(copy, false, AbortSignal.abort()), { code: 'interrupted' });
  t.ok((await readFile(copy)).equals(await readFile(iso)), 'nothing was written');
});
