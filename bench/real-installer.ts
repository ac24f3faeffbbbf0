/**
 * A whole build with Debian's own components, one with Ingot's stand-ins, and Packer with the medium of the former, from
 * the same archive: phase by phase, each round one of each. Nothing else should run meanwhile.
 *
 *     node bench/real-installer.ts [--release 12|13] [--rounds N] [--folder CACHE] [--no-packer]
 *
 * The archive is the complete one of test/real-installer; what the mirror lacks today is named. Packer gets a medium for
 * nothing that Ingot makes within its time, with everything in it that makes an emulated installer quick.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { run } from '../src/host/run.ts';
import { type CompleteArchive, completeArchive } from '../test/real-installer/archive.ts';
import { type ServedArchive, serveArchive } from '../test/real-installer/serve.ts';
import { phaseTimes, WHOLE_BUILD } from './lib/phase-times.ts';
import { packerBuild } from './packer/measure.ts';
import { HERE, INGOT, setUpPacker } from './packer/setup.ts';
import { watch } from './packer/watched.ts';

const root = join(import.meta.dirname, '..');
const { values } = parseArgs({
  options: {
    release: { type: 'string', default: '13' },
    rounds: { type: 'string', default: '1' },
    folder: { type: 'string', default: join(root, '.test-store', 'real-installer') },
    packer: { type: 'boolean', default: true },
  },
  allowNegative: true,
});
const release = values.release === '12' ? '12' : '13';
const CHOICES = ['never', 'always'] as const;
type Choice = (typeof CHOICES)[number];

const say = (text: string): void => console.error(`${new Date().toISOString().slice(11, 19)} ${text}`);
const complete: CompleteArchive = await completeArchive(release, { folder: values.folder, tell: say });
await using archive: ServedArchive = await serveArchive(complete);
const work = await mkdtemp(join(tmpdir(), 'ingot-bench-'));
const logs = join(work, 'logs');
await run('mkdir', [logs]);
const key = join(work, 'key');
await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'bench', '-f', key]);
const variables = ['--var', `key=${key}.pub`];

/** `text` with components as `choice` says, from this archive. */
const from = (text: string, choice: Choice): string => {
  const origin = `mirror: ${archive.mirror}\n  securityMirror: ${archive.securityMirror}\n  keyring: ${archive.keyring}`;
  if (!text.includes('  standIns: where-missing\n')) throw new Error('the recipe is not as it was');
  return text.replace('standIns: where-missing', `standIns: ${choice}\n  ${origin}`);
};

/** From an empty store to the image. */
const build = async (choice: Choice, round: number): Promise<Map<string, number>> => {
  say(`round ${round}: ${choice === 'never' ? "Debian's own components" : 'stand-ins'}`);
  const example = await readFile(join(root, 'examples', `debian-${release}-minimal.yaml`), 'utf8');
  const recipe = join(work, `${choice}.yaml`);
  await writeFile(recipe, from(example, choice).replace('formats: [qcow2, raw]', 'formats: [qcow2]'));
  const folders = ['--store', join(work, 'store'), '--out', join(work, 'out')];
  const log = join(logs, `${choice}-${round}.ndjson`);
  const { seconds, lines } = await watch(INGOT, ['build', recipe, '--json', ...variables, ...folders], { log });
  say(`  ${seconds.toFixed(0)} s`);
  for (const folder of ['store', 'out']) await rm(join(work, folder), { recursive: true, force: true });
  return phaseTimes(lines.map(({ text }) => text));
};

/** The tuned medium of the bench against Packer, of this archive and release, with Debian's own components. */
const packerMedium = async (): Promise<string> => {
  say("makes Packer's medium");
  const text = from(await readFile(join(HERE, 'tuned.yaml'), 'utf8'), 'never')
    .replace('release: "12"', `release: "${release}"`)
    .replace('file: tuned.cfg.ejs', `file: ${join(HERE, 'tuned.cfg.ejs')}`);
  const recipe = join(work, 'packer.yaml');
  await writeFile(recipe, text);
  const iso = join(work, 'packer.iso');
  const args = ['media', recipe, ...variables, '--store', join(work, 'store'), '--output', iso, '--json'];
  await watch(INGOT, args, { log: join(logs, 'medium.ndjson') });
  await rm(join(work, 'store'), { recursive: true });
  return iso;
};

const median = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;

const bench = values.packer ? await setUpPacker(work, say) : undefined;
const iso = bench && (await packerMedium());
const runs: Record<Choice, Map<string, number>[]> = { never: [], always: [] };
const packed: number[] = [];
for (let round = 1; round <= Number(values.rounds); round++) {
  for (const choice of CHOICES) runs[choice].push(await build(choice, round));
  if (!bench || iso === undefined) continue;
  say(`round ${round}: Packer`);
  const figures = await packerBuild(bench, { iso, name: `packer-${round}` });
  packed.push(figures['seconds'] ?? Number.NaN);
  say(`  ${packed.at(-1)?.toFixed(0)} s`);
}

const names = [...new Set(CHOICES.flatMap((choice) => runs[choice].flatMap((times) => [...times.keys()])))];
console.log(`| seconds, Debian ${release} | Debian's own | stand-ins | ratio | Packer, Debian's own |`);
console.log('| --- | --- | --- | --- | --- |');
for (const name of names.filter((one) => /^(assemble|unpack|install)(\/|$)/.test(one) || one === WHOLE_BUILD)) {
  const [own = Number.NaN, standing = Number.NaN] = CHOICES.map((choice) =>
    median(runs[choice].map((times) => times.get(name) ?? 0)),
  );
  const ratio = standing > 0 ? (own / standing).toFixed(2) : '';
  const packer = name === WHOLE_BUILD && packed.length > 0 ? median(packed).toFixed(1) : '';
  console.log(`| ${name} | ${own.toFixed(1)} | ${standing.toFixed(1)} | ${ratio} | ${packer} |`);
}
await rm(work, { recursive: true, force: true });
