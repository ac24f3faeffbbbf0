/**
 * How soon `ingot test` answers for an image that it has tested before: `node bench/cached-test.ts [GIB]`. The image is a small system on
 * a disk with so many GiB of random data; it is read from outside alone, since what is cached is found in the same way for a boot.
 */
import { randomBytes } from 'node:crypto';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { temporaryFolder } from '../src/host/files.ts';
import { run } from '../src/host/run.ts';
import { makeDisk } from '../test/capture/small-disk.ts';
import { SMALL_DEBIAN } from '../test/inspect/small-system.ts';

const MAIN = join(import.meta.dirname, '..', 'src', 'cli', 'main.ts');
const gib = Number(process.argv[2] ?? 1);

await using folder = await temporaryFolder('ingot-bench-');
const path = await makeDisk({ folder: folder.path, files: SMALL_DEBIAN });
await using image = await open(path, 'a');
for (let nth = 0; nth < gib * 16; nth++) await image.write(randomBytes(2 ** 26));
// What has just changed is not remembered.
await delay(2_500);

const test = async (): Promise<string> => {
  const started = performance.now();
  const { cpu } = await timed([
    process.execPath,
    MAIN,
    'test',
    path,
    '--static',
    '--store',
    join(folder.path, 'store'),
  ]);
  return `${((performance.now() - started) / 1000).toFixed(2)} s, ${cpu} s of processor time`;
};

/** By the shell's own clock, which counts children. */
const timed = async (command: readonly string[]): Promise<{ readonly cpu: string }> => {
  const script = 'TIMEFORMAT="%U %S"; { time "$@" >/dev/null 2>&1; } 2>&1';
  // Nothing is asked of this image, so nothing is judged: status 2.
  const { stdout } = await run('bash', ['-c', script, 'bash', ...command], { allow: [2] });
  const [user = 0, system = 0] = stdout.trim().split(' ').map(Number);
  return { cpu: (user + system).toFixed(2) };
};

for (const what of ['first', 'again', 'once more']) console.log(`${what}: ${await test()}`);
