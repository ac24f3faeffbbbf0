/** One command, timed with the page cache cold or warm, to the point at which its bytes are on the disk. */
import { open, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../../src/host/run.ts';

export interface Measured {
  readonly seconds: number;
  /** Peak of resident memory, in bytes: of the largest process that the command started, itself included. */
  readonly memory: number;
}

interface Options {
  readonly cache: 'cold' | 'warm';
  readonly iso: string;
}

const DROP = '/proc/sys/vm/drop_caches';

export const canDropCaches = async (): Promise<boolean> =>
  writeFile(DROP, '1').then(
    () => true,
    () => false,
  );

export const measure = async (command: readonly string[], { cache, iso }: Options): Promise<Measured> => {
  await run('sync', []);
  if (cache === 'cold') await writeFile(DROP, '3');
  else await readThrough(iso);
  const started = performance.now();
  const [file = '', ...args] = command;
  const { stderr } = await run('python3', ['-c', PEAK, file, ...args]);
  await run('sync', ['--file-system', iso]);
  return { seconds: (performance.now() - started) / 1000, memory: Number(stderr.split('\n').at(-1)) * 1024 };
};

/** getrusage(2) has the children's peak in KiB; Node has only its own. */
const PEAK = `import resource, subprocess, sys
status = subprocess.run(sys.argv[1:]).returncode
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)
sys.exit(status)`;

const readThrough = async (path: string): Promise<void> => {
  await using file = await open(path);
  const buffer = Buffer.alloc(1 << 20);
  while ((await file.read(buffer, 0, buffer.length, null)).bytesRead > 0);
};

/** Whether a copy can be a reflink there. */
export const sharesBlocks = async (folder: string): Promise<boolean> => {
  const [one, other] = [join(folder, 'reflink.one'), join(folder, 'reflink.other')];
  await writeFile(one, await readFile(process.execPath).then((bytes) => bytes.subarray(0, 1 << 20)));
  const { exitCode } = await run('cp', ['--reflink=always', one, other], { allow: [0, 1] });
  await rm(one);
  await rm(other, { force: true });
  return exitCode === 0;
};
