/** Media of a wanted size: those of the tests, with a file of random bytes in the middle. */
import { mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '../../src/host/files.ts';
import { run } from '../../src/host/run.ts';
import { masterIso } from '../../src/media/master.ts';
import { DATE, writeTree } from '../../test/media/fixture.ts';

export type MediumKind = 'md5sum.txt' | 'isomd5';

const PIECE = 64_000_000;

/** With a list of sums as on Debian's media, or with isomd5 as on those of the RHEL family, by its own tool. */
export const makeMedium = async (work: string, kind: MediumKind, size: number): Promise<string> => {
  await using folder = await temporaryFolder('.medium-', work);
  const tree = await writeTree(join(folder.path, 'tree'));
  await mkdir(join(tree, 'pool', 'filler'), { recursive: true });
  for (let number = 0; number * PIECE < size; number++)
    await writeRandom(join(tree, 'pool', 'filler', `part-${number}`), Math.min(PIECE, size - number * PIECE));
  const iso = join(work, 'original.iso');
  await masterIso({ tree, output: iso, volumeId: 'BENCH', date: DATE, parts: '/' });
  if (kind === 'isomd5') await withoutSums(iso, folder.path);
  return iso;
};

const writeRandom = async (path: string, size: number): Promise<void> => {
  await using source = await open('/dev/urandom');
  await using target = await open(path, 'w');
  const buffer = Buffer.alloc(1 << 20);
  for (let done = 0; done < size; done += buffer.length) {
    await source.read(buffer, 0, buffer.length, null);
    await target.write(buffer, 0, Math.min(buffer.length, size - done));
  }
};

/** The list of sums goes, as media with isomd5 have none, and the sum of the whole comes. */
const withoutSums = async (iso: string, folder: string): Promise<void> => {
  const other = join(folder, 'other.iso');
  const args = ['-no_rc', '-indev', iso, '-outdev', other, '-boot_image', 'any', 'replay', '-rm', '/md5sum.txt', '--'];
  await run('xorriso', [...args, '-commit']);
  await run('mv', [other, iso]);
  await run('implantisomd5', [iso]);
};
