/** What is measured of a stock image, one function a part; each gives the figures of one sample. */
import { copyFile, mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256File } from '../../src/host/files.ts';
import { projectFolder } from '../../src/host/project.ts';
import { run } from '../../src/host/run.ts';
import { phaseTimes } from '../lib/phase-times.ts';
import { packerOutput, runPacker } from '../packer/measure.ts';
import type { Figures } from '../packer/results.ts';
import { INGOT } from '../packer/setup.ts';
import { watch } from '../packer/watched.ts';
import { writeSeed } from './seed.ts';
import { stockTemplate } from './stock-template.ts';

export interface StockBench {
  readonly work: string;
  /** A private key; its public one is beside it. */
  readonly key: string;
  readonly accelerator: 'kvm' | 'tcg';
  /** A qcow2. */
  readonly image: string;
}

const HERE = join(projectFolder, 'bench', 'stock-image');
const MOTD = 'Made in a bench.';

const storeOf = ({ work }: StockBench, round: number): string => join(work, `store-${round}`);
const outOf = ({ work }: StockBench, round: number): string => join(work, `out-${round}`);

export const forgetRound = async (bench: StockBench, round: number): Promise<void> => {
  for (const path of [storeOf(bench, round), outOf(bench, round)]) await rm(path, { recursive: true, force: true });
};

/** Of the stock image; the second time nothing has changed. */
export const ingotBuild = async (bench: StockBench, round: number): Promise<Figures> => {
  const { work, key, image } = bench;
  await copyFile(join(HERE, 'work.sh'), join(work, 'work.sh'));
  const path = join(work, 'stock.yaml');
  await writeFile(
    path,
    `name: stock
os: {family: debian, release: "12"}
origin: {image: ${JSON.stringify(image)}, format: qcow2}
answers: {users: [{name: admin-user, sudo: nopasswd, sshKeys: [{file: ${JSON.stringify(`${key}.pub`)}}]}]}
configure: [{run: {file: work.sh, env: {MOTD: ${JSON.stringify(MOTD)}}}}]
`,
  );
  const built = await build(bench, round, path);
  return { ...built, image: (await stat(join(outOf(bench, round), 'stock', 'stock.qcow2'))).size };
};

/** One more recipe over the image that was made. */
export const ingotNext = async (bench: StockBench, round: number, number: number): Promise<Figures> => {
  const path = join(bench.work, `next-${number}.yaml`);
  await writeFile(
    path,
    `name: next-${number}
os: {family: debian, release: "12"}
origin: {image: {recipe: stock.yaml}}
configure: [{run: {script: "echo ${number} > /srv/www/number.txt"}}]
`,
  );
  return build(bench, round, path);
};

const build = async (bench: StockBench, round: number, recipe: string): Promise<Figures> => {
  const folders = ['--store', storeOf(bench, round), '--out', outOf(bench, round)];
  const log = join(bench.work, 'logs', `${recipe.replace(/^.*\/|\.yaml$/g, '')}-${round}-${Date.now()}.ndjson`);
  const { seconds, lines } = await watch(INGOT, ['build', recipe, '--json', ...folders], { log });
  const configuring = lines.find(({ text }) => isMachine(text))?.at;
  return {
    seconds,
    host: seconds - machineTime(phaseTimes(lines.map(({ text }) => text))),
    ...(configuring === undefined ? {} : { configuring }),
  };
};

const isMachine = (line: string): boolean => /"stage\.phase"/.test(line) && /"phase":"(first boot|restore)"/.test(line);

/** All phases of *configure* but the last: while they last a machine runs. */
const machineTime = (times: ReadonlyMap<string, number>): number =>
  [...times]
    .filter(([name]) => name.startsWith('configure/') && name !== 'configure/join layers')
    .reduce((sum, [, time]) => sum + time, 0);

export const packerCold = async ({ work, key, accelerator, image }: StockBench, round: number): Promise<Figures> => {
  const seed = join(work, 'seed.iso');
  await writeSeed(seed, `${key}.pub`);
  const tools = join(work, 'tools');
  await mkdir(tools, { recursive: true });
  await copyFile(join(HERE, 'qemu-img.sh'), join(tools, 'qemu-img'));
  const { stdout } = await run('qemu-img', ['info', '--output=json', '-f', 'qcow2', image]);
  const name = `packer-${round}`;
  const template = stockTemplate({
    ...{ accelerator, key, seed, source: image, sha256: await sha256File(image), output: packerOutput(work) },
    serialLog: join(work, 'logs', `${name}-serial.log`),
    size: JSON.parse(stdout)['virtual-size'],
    scripts: [
      { path: join(HERE, 'work.sh'), variables: { MOTD } },
      { path: join(HERE, 'clean.sh'), variables: {} },
    ],
  });
  const { machine = 0, seconds = 0, ...figures } = await runPacker(work, name, template, tools);
  return { ...figures, seconds, host: seconds - machine };
};
