/** What the bench needs before anything is measured: tools, a key, the example's recipe, Packer's media. */
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { projectFolder } from '../../src/host/project.ts';
import { run } from '../../src/host/run.ts';
import { toolVersion } from '../../src/host/tools.ts';
import { probeAccelerator } from '../../src/machine/accelerator.ts';
import { makePlain } from './plain-medium.ts';
import { watch } from './watched.ts';

export interface Bench {
  readonly work: string;
  readonly accelerator: 'kvm' | 'tcg';
  readonly key: string;
  /** Arguments that every command of Ingot takes. */
  readonly variables: readonly string[];
  /** A store for all that is not measured cold. */
  readonly store: string;
  readonly media: { readonly plain: string; readonly tuned: string };
}

export const HERE = join(projectFolder, 'bench', 'packer');
export const INGOT = join(projectFolder, 'bin', 'ingot');

export const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

/** Goes on with what an earlier run has made in `work`. */
export const setUp = async (work: string, say: (text: string) => void): Promise<Bench> => {
  const { key, accelerator } = await setUpPacker(work, say);
  const variables = ['--var', `key=${key}.pub`];
  const store = join(work, 'store');
  const media = { plain: join(work, 'plain.iso'), tuned: join(work, 'tuned.iso') };
  const bench = { work, accelerator, key, variables, store, media };
  for (const name of ['plain', 'tuned'] as const) {
    if (await exists(media[name])) continue;
    say(`makes the ${name} medium`);
    await makeMedium(bench, name);
  }
  await writeHostFacts(work, accelerator);
  return bench;
};

/** What Packer needs beside a medium: folders, a key, the accelerator that works here. */
export const setUpPacker = async (
  work: string,
  say: (text: string) => void,
): Promise<Pick<Bench, 'work' | 'key' | 'accelerator'>> => {
  await mkdir(join(work, 'logs'), { recursive: true });
  await requirePacker();
  const key = join(work, 'key');
  if (!(await exists(key))) await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'bench', '-f', key]);
  const cacheFolder = join(work, 'host');
  await mkdir(cacheFolder, { recursive: true });
  const reporter = { line: () => {}, progress: () => {}, phase: () => {}, note: say };
  const { accelerator } = await probeAccelerator('auto', { cacheFolder, reporter });
  return { work, key, accelerator };
};

const requirePacker = async (): Promise<void> => {
  const { stdout } = await run('packer', ['version'], { hint: 'Install Debian’s packer: apt-get install packer' });
  if (!stdout.includes('Packer v1.6.6')) throw new Error(`Packer 1.6.6 is what is measured against, not: ${stdout}`);
};

const makeMedium = async ({ work, variables, store, media }: Bench, name: 'plain' | 'tuned'): Promise<void> => {
  const made = join(work, `${name}-made.iso`);
  const args = ['media', join(HERE, `${name}.yaml`), ...variables, '--store', store, '--output', made, '--json'];
  await watch(INGOT, args, { log: join(work, 'logs', `medium-${name}.log`) });
  const temporary = `${media[name]}.tmp`;
  await rm(temporary, { force: true });
  if (name === 'plain') await makePlain(made, temporary);
  else await run('cp', [made, temporary]);
  await run('mv', [temporary, media[name]]);
  await rm(made);
};

/** The minimal example with one image format, as Packer makes one, and with `motd` in its last step. */
export const writeRecipe = async (work: string, motd: string): Promise<string> => {
  const example = await readFile(join(projectFolder, 'examples', 'debian-12-minimal.yaml'), 'utf8');
  const text = example.replace('formats: [qcow2, raw]', 'formats: [qcow2]').replace('Made with Ingot.', motd);
  if (!text.includes('formats: [qcow2]') || !text.includes(motd)) throw new Error('the example is not as it was');
  const path = join(work, 'debian-12-minimal.yaml');
  await writeFile(path, text);
  return path;
};

export interface HostFacts {
  readonly processors: string;
  readonly memory: string;
  readonly accelerator: string;
  readonly linux: string;
  readonly qemu: string;
  readonly node: string;
}

export const writeHostFacts = async (work: string, accelerator: string): Promise<void> =>
  writeFile(join(work, 'host.json'), `${JSON.stringify(await hostFacts(accelerator), null, 2)}\n`);

const hostFacts = async (accelerator: string): Promise<HostFacts> => ({
  processors: `${cpus().length} × ${cpus()[0]?.model ?? 'unknown processor'}`,
  memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
  accelerator,
  linux: release().split('.', 2).join('.'),
  qemu: await toolVersion('qemu-system-x86_64'),
  node: process.version,
});
