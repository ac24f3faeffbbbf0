/** What is measured, one function a part; each gives the figures of one sample. */
import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256File } from '../../src/host/files.ts';
import { phaseTimes } from '../lib/phase-times.ts';
import { packerTimes } from './packer-times.ts';
import type { Figures } from './results.ts';
import { type Bench, exists, HERE, INGOT, writeRecipe } from './setup.ts';
import { packerTemplate } from './template.ts';
import { type Watched, watch } from './watched.ts';

const MOTD = 'Made in a bench.';

const storeOf = ({ work }: Bench, round: number): string => join(work, `store-${round}`);
const outOf = ({ work }: Bench, round: number): string => join(work, `out-${round}`);

const build = async (bench: Bench, round: number, name: string, motd = MOTD): Promise<Watched> => {
  const recipe = await writeRecipe(bench.work, motd);
  const folders = ['--store', storeOf(bench, round), '--out', outOf(bench, round)];
  const log = join(bench.work, 'logs', `ingot-${name}-${round}.ndjson`);
  return watch(INGOT, ['build', recipe, '--json', ...bench.variables, ...folders], { log });
};

/** Into an empty store: packages are fetched, the medium is made, all of it counts. */
export const ingotCold = async (bench: Bench, round: number): Promise<Figures> => {
  await forgetRound(bench, round);
  const { seconds, ownCpu, childrenCpu, peakMemory, lines } = await build(bench, round, 'cold');
  const times = phaseTimes(lines.map(({ text }) => text));
  const of = (name: string) => times.get(name) ?? 0;
  const image = await stat(imageOf(bench, round));
  return {
    seconds,
    medium: of('resolve') + of('assemble') + of('medium'),
    convert: of('capture/flatten') + of('capture/qcow2'),
    capture: of('capture'),
    image: image.size,
    ownShare: ownCpu / (ownCpu + childrenCpu),
    memory: peakMemory,
  };
};

const imageOf = (bench: Bench, round: number): string =>
  join(outOf(bench, round), 'debian-12-minimal', 'debian-12-minimal.qcow2');

/** Whether the cold build of this round is still there to go on from. */
export const isBuilt = async (bench: Bench, round: number): Promise<boolean> => exists(imageOf(bench, round));

/** The same again. */
export const ingotUnchanged = async (bench: Bench, round: number): Promise<Figures> => {
  const { seconds } = await build(bench, round, 'unchanged');
  return { seconds };
};

/** With another text in the last configure step. */
export const ingotChanged = async (bench: Bench, round: number): Promise<Figures> => {
  const motd = `${MOTD} ${new Date().toISOString()}`;
  const { seconds, lines } = await build(bench, round, 'changed', motd);
  const times = phaseTimes(lines.map(({ text }) => text));
  const restore = times.get('configure/restore');
  if (restore === undefined || times.has('configure/first boot'))
    throw new Error('the rebuild did not go on from a checkpoint');
  return { seconds, ssh: restore };
};

/** The store of a round is large, and another cold build needs none. */
export const forgetRound = async (bench: Bench, round: number): Promise<void> => {
  for (const path of [storeOf(bench, round), outOf(bench, round)]) await rm(path, { recursive: true, force: true });
};

export const packerCold = async (bench: Bench, medium: 'plain' | 'tuned', round: number): Promise<Figures> =>
  packerBuild(bench, { iso: bench.media[medium], name: `packer-${medium}-${round}` });

/** Packer from a ready medium to its image, which is removed. */
export const packerBuild = async (
  { work, accelerator, key }: Pick<Bench, 'work' | 'accelerator' | 'key'>,
  { iso, name }: { readonly iso: string; readonly name: string },
): Promise<Figures> => {
  const template = packerTemplate({
    accelerator,
    source: iso,
    sha256: await sha256File(iso),
    key,
    output: packerOutput(work),
    serialLog: join(work, 'logs', `${name}-serial.log`),
    script: join(HERE, 'provision.sh'),
    motd: MOTD,
  });
  return runPacker(work, name, template);
};

export const packerOutput = (work: string): string => join(work, 'packer-out');

/** Builds a template whose output is `packerOutput`; the image is removed. `path` goes before the folders of the commands. */
export const runPacker = async (work: string, name: string, template: object, path?: string): Promise<Figures> => {
  const output = packerOutput(work);
  await rm(output, { recursive: true, force: true });
  const file = join(work, `${name}.json`);
  await writeFile(file, JSON.stringify(template, null, 2));
  const env = {
    CHECKPOINT_DISABLE: '1',
    PACKER_CACHE_DIR: join(work, 'packer-cache'),
    PACKER_CONFIG: join(work, 'none'),
    ...(path === undefined ? {} : { PATH: `${path}:${process.env['PATH']}` }),
  };
  const args = ['build', '-color=false', '-timestamp-ui', file];
  const { seconds, lines } = await watch('packer', args, { cwd: work, env, log: join(work, 'logs', `${name}.log`) });
  const image = await stat(join(output, 'bench.qcow2'));
  await rm(output, { recursive: true });
  return { seconds, ...packerTimes(lines), image: image.size };
};

/** A medium with another host name from a warm store, against a copy of it. */
export const remastered = async (bench: Bench, round: number): Promise<Figures> => {
  const { work, variables, store } = bench;
  const text = await readFile(join(HERE, 'tuned.yaml'), 'utf8');
  const recipe = join(work, 'remaster.yaml');
  const named = text.replace('hostname: minimal', `hostname: minimal-${Date.now()}`);
  await writeFile(recipe, named.replace('file: tuned.cfg.ejs', `file: ${join(HERE, 'tuned.cfg.ejs')}`));
  const output = join(work, 'remaster.iso');
  const args = ['media', recipe, ...variables, '--store', store, '--output', output, '--json'];
  const { seconds, lines } = await watch(INGOT, args, { log: join(work, 'logs', `remaster-${round}.ndjson`) });
  const times = phaseTimes(lines.map(({ text }) => text));
  const copied = join(work, 'copied.iso');
  const copy = await watch('cp', ['--reflink=never', output, copied], { log: join(work, 'logs', 'cp.log') });
  for (const path of [output, copied]) await rm(path);
  return { seconds, stage: times.get('delivery') ?? 0, write: times.get('delivery/write') ?? 0, copy: copy.seconds };
};

export const help = async ({ work }: Bench): Promise<Figures> => {
  const { seconds, peakMemory } = await watch(INGOT, ['--help'], { log: join(work, 'logs', 'help.log') });
  return { seconds, memory: peakMemory };
};
