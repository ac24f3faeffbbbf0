/**
 * An installation with Debian's own components beside one with Ingot's stand-ins, from the same archive: phase by phase,
 * each round one of both, and the ratio. Nothing else should run meanwhile.
 *
 *     node bench/real-installer.ts [--release 12|13] [--rounds N] [--folder CACHE]
 *
 * The archive is the complete one of test/real-installer; what the mirror lacks today is named.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { run } from '../src/host/run.ts';
import { completeArchive } from '../test/real-installer/archive.ts';
import { serveArchive } from '../test/real-installer/serve.ts';
import { phaseTimes } from './lib/phase-times.ts';

const root = join(import.meta.dirname, '..');
const { values } = parseArgs({
  options: {
    release: { type: 'string', default: '13' },
    rounds: { type: 'string', default: '1' },
    folder: { type: 'string', default: join(root, '.test-store', 'real-installer') },
  },
});
const release = values.release === '12' ? '12' : '13';
const CHOICES = ['never', 'always'] as const;

await using archive = await serveArchive(
  await completeArchive(release, { folder: values.folder, tell: (line) => console.error(line) }),
);
const work = await mkdtemp(join(tmpdir(), 'ingot-bench-'));

const key = join(work, 'key');
await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);

const recipeOf = async (choice: (typeof CHOICES)[number]): Promise<string> => {
  const example = await readFile(join(root, 'examples', `debian-${release}-minimal.yaml`), 'utf8');
  const path = join(work, `${choice}.yaml`);
  const origin = `mirror: ${archive.mirror}\n  securityMirror: ${archive.securityMirror}\n  keyring: ${archive.keyring}`;
  await writeFile(path, example.replace('standIns: where-missing', `standIns: ${choice}\n  ${origin}`));
  return path;
};

/** Up to the installed disk, into an empty store but for what was fetched. */
const install = async (choice: (typeof CHOICES)[number], round: number): Promise<Map<string, number>> => {
  const store = join(work, `${choice}-${round}`);
  const args = [
    'build',
    await recipeOf(choice),
    '--json',
    '--store',
    store,
    '--until',
    'install',
    '--var',
    `key=${key}.pub`,
  ];
  const child = spawn(process.execPath, [join(root, 'src', 'cli', 'main.ts'), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<number>((resolve) => child.on('close', (code) => resolve(code ?? 1)));
  const lines = await Array.fromAsync(createInterface({ input: child.stdout }));
  const code = await ended;
  if (code !== 0) throw new Error(`the build ended with ${code}; its folders are kept: ${store}`);
  await rm(store, { recursive: true, force: true });
  return phaseTimes(lines);
};

const median = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;

const runs: Record<(typeof CHOICES)[number], Map<string, number>[]> = { never: [], always: [] };
for (let round = 1; round <= Number(values.rounds); round++)
  for (const choice of CHOICES) runs[choice].push(await install(choice, round));

const names = [...new Set(CHOICES.flatMap((choice) => runs[choice].flatMap((times) => [...times.keys()])))];
console.log(`| seconds, Debian ${release} | Debian's own | stand-ins | ratio |`);
console.log('| --- | --- | --- | --- |');
for (const name of names.filter((one) => /^(assemble|unpack|install)(\/|$)/.test(one))) {
  const [own, standing] = CHOICES.map((choice) => median(runs[choice].map((times) => times.get(name) ?? 0)));
  const ratio = own !== undefined && standing !== undefined && standing > 0 ? (own / standing).toFixed(2) : '';
  console.log(`| ${name} | ${own?.toFixed(1)} | ${standing?.toFixed(1)} | ${ratio} |`);
}
await rm(work, { recursive: true, force: true });
